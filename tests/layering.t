#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rules of HACKING.md that a machine can check. The list of layers and arrows is read from there. Every rule is shown
# to catch a file that breaks it.
top=${top_srcdir:-.}
build=${top_builddir:-.}
core=$build/libcore.a
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
count=0

# ok STATUS TEXT: a check that holds when STATUS is 0.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# nothing TEXT COMMAND...: a check that holds when the command prints nothing; what it prints, is shown.
nothing() {
	text=$1
	shift
	found=$("$@")
	[ -z "$found" ]
	ok $? "$text"
	[ -z "$found" ] || echo "$found" | sed 's/^/# /'
}

# caught TEXT WANT: a canary; holds when $scratch/found has a line with WANT in it.
caught() {
	grep -q -F -e "$2" "$scratch/found"
	ok $? "canary: $1"
}

# Prints "layer core|host allowed..." for every layer of the table on stdin.
layers() {
	awk '
	/^```/ { inside = !inside; next }
	!inside { next }
	/^----/ { host = 1; next }
	/->/ {
		name = $1
		list = $0
		sub(/.*->[ \t]*/, "", list)
		gsub(/[(),]/, " ", list)
		if (list ~ /^ *nothing/)
			list = ""
		words = split(list, word)
		allowed = ""
		for (i = 1; i <= words; i++) {
			if (word[i] == "everything") {
				allowed = allowed above
			} else if (word[i] == "and" && word[i + 1] == "above") {
				for (k = 1; order[k] != word[i - 1] && k <= layers; k++)
					allowed = allowed " " order[k]
				i++
			} else {
				allowed = allowed " " word[i]
			}
		}
		print name, host ? "host" : "core", allowed
		above = above " " name
		order[++layers] = name
	}'
}

layers <"$top/HACKING.md" >"$scratch/layers"
[ "$(wc -l <"$scratch/layers")" -ge 8 ] && grep -q '^base core *$' "$scratch/layers"
ok $? "HACKING.md has the table of layers"
core_layers=$(awk '$2 == "core" { print $1 }' "$scratch/layers")
host_layers=$(awk '$2 == "host" { print $1 }' "$scratch/layers")

# includes DIRECTORY: what the files below DIRECTORY/src include against the table.
includes() {
	(cd "$1" && find src -name '*.[ch]' -o -name '*.def' | sort) | while read -r file; do
		awk -v file="$file" -v generated=commit.h '
		NR == FNR {
			known[$1] = 1
			for (i = 3; i <= NF; i++)
				arrow[$1, $i] = 1
			next
		}
		FNR == 1 {
			split(file, part, "/")
			layer = part[2]
			if (!(layer in known))
				print file ": " layer " is not a layer of HACKING.md"
		}
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			name = $0
			sub(/^[^"]*"/, "", name)
			sub(/".*/, "", name)
			target = name
			sub(/\/.*/, "", target)
			if (name == generated && layer == "cli")
				next
			if (name !~ /^[a-z]+\/[a-z0-9_-]+\.(h|def)$/)
				print file ":" FNR ": \"" name "\" does not name its layer"
			else if (!(target in known))
				print file ":" FNR ": \"" name "\" is of no layer"
			else if (target != layer && !((layer, target) in arrow))
				print file ":" FNR ": " layer " may not include \"" name "\""
		}' "$scratch/layers" "$1/$file"
	done
}

nothing "files include only what the arrows allow" includes "$top"

wrong=$scratch/wrong
mkdir -p "$wrong/src/base" "$wrong/src/model" "$wrong/src/magic" "$wrong/src/plot"
echo '#include "engine/sim.h"' >"$wrong/src/base/up.c"
echo '  #  include "param/param.h"' >"$wrong/src/model/side.h"
echo '#include "exec/pool.h"' >"$wrong/src/plot/beside.c"
echo '#include "figure.h"' >"$wrong/src/plot/bare.c"
echo '#include "../cli/main.h"' >"$wrong/src/plot/dots.c"
echo 'int x;' >"$wrong/src/magic/new.c"
includes "$wrong" >"$scratch/found"
caught "an include against the arrows" 'src/base/up.c:1: base may not include "engine/sim.h"'
caught "an include of a layer beside" 'src/model/side.h:1: model may not include "param/param.h"'
caught "an include of a host layer beside" 'src/plot/beside.c:1: plot may not'
caught "an include without its layer" 'src/plot/bare.c:1: "figure.h" does not name'
caught "an include through .." 'src/plot/dots.c:1: "../cli/main.h" does not name'
caught "a directory that is no layer" 'magic is not a layer'

# The other direction: what the arrows allow is not refused.
right=$scratch/right
mkdir -p "$right/src/plot" "$right/src/cli"
printf '#include "io/json.h"\n#include "run/study.h"\n#include "base/err.h"\n' >"$right/src/plot/fine.c"
printf '#include "plot/svg.h"\n#include "commit.h"\n' >"$right/src/cli/fine.c"
nothing "what the arrows allow is allowed" includes "$right"

# listed VARIABLE: the words of a variable of Makefile.am.
listed() {
	awk -v name="$1" '
	$1 == name && ($2 == "=" || $2 == "+=") { on = 1; sub(/^[^=]*=/, "") }
	on {
		more = /\\$/
		sub(/\\$/, "")
		for (i = 1; i <= NF; i++)
			print $i
		if (!more)
			on = 0
	}' "$makefile"
}

# in_makefile DIRECTORY: files of DIRECTORY that are not in the list they belong to, and words of lists without a file.
in_makefile() {
	{
		listed libcore_a_SOURCES | sed 's/^/core /'
		listed libhost_a_SOURCES | sed 's/^/host /'
		listed casebook_SOURCES | sed 's/^/main /'
		listed nobase_dist_pkgdata_DATA | sed 's/^/data /'
		listed test_programs | sed 's/^/test /; s/$/.c/'
		listed dist_check_SCRIPTS | sed 's/^/test /'
		listed EXTRA_DIST | sed -n 's,^tests/,extra &,p; s,^plots/gallery/,extra &,p'
	} | sort >"$scratch/listed"
	(
		cd "$1" || exit
		for layer in $core_layers; do find "src/$layer" -name '*.[ch]' -o -name '*.def' 2>/dev/null; done | sed 's/^/core /'
		for layer in $host_layers; do find "src/$layer" -name '*.[ch]' -o -name '*.def' 2>/dev/null; done |
			sed 's/^/host /; s,^host src/cli/main.c$,main src/cli/main.c,'
		find models posts traces plots -type f 2>/dev/null | sed 's/^/data /; s,^data plots/gallery/,extra plots/gallery/,'
		find tests -name 't-*.c' -o -name '*.t' | sed 's/^/test /'
		find tests -type f ! -name 't-*.c' ! -name '*.t' \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name '*.mjs' -o -name '*.yaml' -o -name '*.expected' -o -path 'tests/*/*' \) |
			grep -v -e /.deps/ -e .dirstamp | sed 's/^/extra /'
	) | sort >"$scratch/present"
	comm -13 "$scratch/listed" "$scratch/present" | sed 's/^\([a-z]*\) \(.*\)/\2 is not among the \1 files of Makefile.am/'
	comm -23 "$scratch/listed" "$scratch/present" | sed 's/^\([a-z]*\) \(.*\)/Makefile.am has \2 among the \1 files/'
}

makefile=$top/Makefile.am
nothing "Makefile.am lists every file where it belongs" in_makefile "$top"

mkdir -p "$scratch/tree"
(cd "$top" && find src models posts traces plots tests -type f 2>/dev/null) | while read -r file; do
	mkdir -p "$scratch/tree/${file%/*}"
	: >"$scratch/tree/$file"
done
: >"$scratch/tree/src/engine/forgotten.c"
: >"$scratch/tree/tests/t-forgotten.c"
mkdir -p "$scratch/tree/models"
: >"$scratch/tree/models/forgotten.yaml"
rm "$scratch/tree/src/engine/sim.c"
sed 's,src/base/err.c,,; s,^libhost_a_SOURCES = \\,& \n\tsrc/base/err.c \\,' "$top/Makefile.am" >"$scratch/Makefile.am"
makefile=$scratch/Makefile.am
in_makefile "$scratch/tree" >"$scratch/found"
caught "a source that is not listed" 'src/engine/forgotten.c is not among the core'
caught "a test that is not listed" 'tests/t-forgotten.c is not among the test'
caught "a model that is not listed" 'models/forgotten.yaml is not among the data'
caught "a listed source that is gone" 'Makefile.am has src/engine/sim.c'
caught "a source of libcore listed for the host" 'src/base/err.c is not among the core'

# What libcore may ask of others: memory and text in buffers, arithmetic that IEEE 754 defines to the last bit, and its
# host's two functions. All else is refused: files, clocks, the environment, threads, transcendental functions.
allowed='
check_failed check_out_of_memory
memchr memcmp memcpy memmove memset
strcat strchr strcmp strcpy strcspn strlen strncat strncmp strncpy strnlen strpbrk strrchr strspn strstr
strtod strtol strtoll strtoul strtoull snprintf vsnprintf
bsearch qsort
sqrt floor ceil fabs
'

# asks LIBRARY: "member: symbol" for what its members ask of others and may not have.
asks() {
	${NM:-nm} -A -P "$1" | awk -v allowed="$allowed" '
	BEGIN {
		n = split(allowed, word)
		for (i = 1; i <= n; i++)
			fine[word[i]] = 1
		# The last group is arithmetic on 128-bit integers.
		of_compiler = "^_GLOBAL_OFFSET_TABLE_$|^__stack_chk_|^__(u?(div|mod|divmod)|mul)ti[34]$|" \
			"^__(float(un)?tidf|fix(uns)?dfti)$"
	}
	{
		member = $1
		sub(/:$/, "", member)
		sub(/^.*\[/, "", member)
		sub(/\]$/, "", member)
		if ($3 == "U") {
			asked[$2] = asked[$2] " " member
		} else if ($3 ~ /^[A-Z]$/) {
			defined[$2] = 1
		}
	}
	function plain(symbol) { # as it was written, without what -D_FORTIFY_SOURCE and C23 made of it
		sub(/^__isoc(99|23)_/, "", symbol)
		if (symbol ~ /^__.*_chk$/) {
			sub(/^__/, "", symbol)
			sub(/_chk$/, "", symbol)
		}
		return symbol
	}
	END {
		for (symbol in asked) {
			if (symbol in defined || plain(symbol) in fine || symbol ~ of_compiler)
				continue
			m = split(asked[symbol], member_of)
			for (i = 1; i <= m; i++)
				if (!(member_of[i] ~ /(^|-)arena\.o$/ && symbol ~ /^(malloc|calloc|aligned_alloc|free)$/))
					print member_of[i] ": " symbol
		}
	}' | sort
}

# writable LIBRARY: "member: object" for every object that could be written to.
writable() {
	${OBJDUMP:-objdump} -t "$1" | awk '
	/^[^ ]*:[ \t]+file format/ { member = $1; sub(/:$/, "", member) }
	/^[0-9a-f]+ / {
		name = $NF
		section = ""
		for (i = 2; i <= NF; i++)
			if ($i ~ /^(\.|\*COM\*)/) {
				section = $i
				break
			}
		thread = section ~ /^\.t(data|bss)/ && name != section
		if ($0 !~ /^[0-9a-f]+ ......O/ && section != "*COM*" && !thread)
			next
		if (section ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && section !~ /^\.data\.rel\.ro/)
			print member ": " name
	}'
}

if [ ! -f "$core" ]; then
	skip "libcore asks only for what it may" "no libcore.a"
	skip "libcore has no writable object" "no libcore.a"
elif [ "${SANITIZERS:-no}" = yes ]; then
	skip "libcore asks only for what it may" "sanitizers add their own"
	skip "libcore has no writable object" "sanitizers add their own"
else
	[ "$(${NM:-nm} -A -P "$core" | grep -c ' [Tt] ')" -gt 20 ] && ${NM:-nm} -A -P "$core" | grep -q ' U '
	ok $? "nm reads libcore.a"
	nothing "libcore asks only for what it may" asks "$core"
	nothing "libcore has no writable object" writable "$core"
fi

cat >"$scratch/bad.c" <<'END'
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int counter = 5;
static int hidden;
int tentative;
_Thread_local int own;
const char *pointer = "a pointer that may change";
static const char *const fixed[] = {"a", "b"};
static void *idle(void *of) { return of; }
const char *use(double x, int i)
{
	static long calls;
	pthread_t thread;
	hidden += i + (int)++calls + tentative + own;
	printf("%g %g %g\n", exp(x), pow(x, 0.3), sqrt(x));
	pthread_create(&thread, NULL, idle, malloc((size_t)i));
	FILE *file = fopen(getenv("HOME"), "r");
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return file && time(NULL) ? pointer : fixed[hidden & 1];
}
END
if ${CC:-cc} -O0 -fno-sanitize=all -c -o "$scratch/bad.o" "$scratch/bad.c" 2>"$scratch/errors" &&
	ar rc "$scratch/bad.a" "$scratch/bad.o"; then
	asks "$scratch/bad.a" >"$scratch/found"
	for symbol in printf exp pow malloc getenv fopen time clock_gettime pthread_create; do
		caught "$symbol in libcore" "bad.o: $symbol"
	done
	! grep -q sqrt "$scratch/found"
	ok $? "sqrt is allowed"
	writable "$scratch/bad.a" >"$scratch/found"
	for object in counter hidden tentative own pointer calls; do
		caught "writable object $object" "$object"
	done
	! grep -q fixed "$scratch/found"
	ok $? "a constant table of pointers is allowed"
	cp "$scratch/bad.o" "$scratch/arena.o"
	ar rc "$scratch/arena.a" "$scratch/arena.o"
	asks "$scratch/arena.a" >"$scratch/found"
	caught "the arena may ask for memory, not for files" "arena.o: fopen"
	! grep -q malloc "$scratch/found"
	ok $? "the arena may ask for memory"
else
	sed 's/^/# /' "$scratch/errors"
	ok 1 "the canary of libcore compiles"
fi

echo "1..$count"
