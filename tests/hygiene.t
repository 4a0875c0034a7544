#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How sources are written: licence line, width of lines, blanks. Every rule is shown to catch a file that breaks it.
top=${top_srcdir:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
# The law is in HACKING.md.
width=$(sed -n 's/.*[Ll]ines up to \([0-9]*\).*/\1/p' "$top/HACKING.md" | head -n 1)
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# nothing TEXT COMMAND...: a check that holds when the command prints nothing; what it prints, is shown in part.
nothing() {
	text=$1
	shift
	found=$("$@")
	[ -z "$found" ]
	ok $? "$text"
	[ -z "$found" ] || echo "$found" | awk 'NR <= 40 { print "# " $0 } END { if (NR > 40) print "# ... " NR " in all" }'
}

caught() {
	grep -q -F -e "$2" "$scratch/found"
	ok $? "canary: $1"
}

# sources DIRECTORY: what people write, one name a line.
sources() {
	(cd "$1" && find src tests bench plots build-aux/*.py build-aux/*.mjs bootstrap .ci configure.ac Makefile.am -type f 2>/dev/null) |
		grep -E '\.([chp]|def|t|sh|gp|py|ac|am|js|mjs|css)$|^bootstrap$|^\.ci/run$' | sort
}

# Tables made by build-aux/tables.py.
generated() {
	head -n 3 "$1" | grep -q 'Made by build-aux/'
}

without_licence() {
	sources "$1" | while read -r file; do
		head -n 2 "$1/$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file: no SPDX line"
	done
}

too_wide() {
	sources "$1" | grep -E '\.([ch]|m?js)$' | while read -r file; do
		generated "$1/$file" || expand -t 8 "$1/$file" | awk -v file="$file" -v width="$width" '
		{
			gsub(/[\200-\277]/, "") # a character of UTF-8 counts once
			if (length($0) > width)
				print file ":" NR ": " length($0) " columns"
		}'
	done
}

blanks_at_end() {
	sources "$1" | while read -r file; do
		grep -n -E '[[:blank:]]+$|'"$(printf '\r')" "$1/$file" | sed "s,^\([0-9]*\):.*,$file:\1: blanks at the end,"
		[ -z "$(tail -c 1 "$1/$file")" ] || echo "$file: no newline at the end"
	done
}

# Tests are run by their names.
not_executable() {
	for file in "$1"/tests/*.t; do
		[ -x "$file" ] || echo "tests/${file##*/}: cannot be executed"
	done
}

# One version, wherever one is told.
versions() {
	version=$(sed -n 's/^AC_INIT(\[casebook\], \[\(.*\)\])$/\1/p' "$1/configure.ac")
	head -n 1 "$1/NEWS" | grep -q "^casebook $version\b" || echo "NEWS does not begin with $version"
	head -n 1 "$1/debian/changelog" | grep -q "^casebook ($version)" || echo "debian/changelog does not begin with $version"
}

sources "$top" >"$scratch/sources"
grep -q '^src/engine/sim.c$' "$scratch/sources" && grep -q '^tests/hygiene.t$' "$scratch/sources"
ok $? "sources are found"
nothing "every source says its licence" without_licence "$top"
nothing "no line is wider than $width columns" too_wide "$top"
nothing "lines end without blanks, files with a newline" blanks_at_end "$top"

nothing "the version is the same everywhere" versions "$top"
nothing "tests can be executed" not_executable "$top"

# What the program tells of model files stands in the tree, for the web.
casebook=${CASEBOOK:-${top_builddir:-.}/casebook}
stale() {
	"$casebook" help --as markdown -o "$scratch/models.md" && cmp -s "$scratch/models.md" "$1" ||
		echo "$1 is not what casebook tells: make docs"
}
nothing "docs/models.md is what the program tells" stale "$top/docs/models.md"
sed 's/default/defect/' "$top/docs/models.md" >"$scratch/stale.md"
stale "$scratch/stale.md" >"$scratch/found"
caught "a stale docs/models.md" "make docs"

wrong=$scratch/wrong
mkdir -p "$wrong/src/base" "$wrong/tests" "$wrong/debian"
echo 'AC_INIT([casebook], [1.2.3])' >"$wrong/configure.ac"
echo 'casebook 1.2.2' >"$wrong/NEWS"
echo 'casebook (1.2.3) unstable; urgency=medium' >"$wrong/debian/changelog"
versions "$wrong" >"$scratch/found"
caught "another version in NEWS" "NEWS does not begin with 1.2.3"
nothing "the right one is none" grep changelog "$scratch/found"
licence='/* SPDX-License-Identifier: GPL-3.0-or-later */'
echo 'int x;' >"$wrong/src/base/free.c"
printf '%s\n\t\t/* %0*d */\n' "$licence" $((width - 20)) 0 >"$wrong/src/base/wide.c"
printf '%s\n/* %0*d */\n/* %0*däöü */\n' "$licence" $((width - 6)) 0 $((width - 9)) 0 >"$wrong/src/base/full.c"
printf '%s\nint x; \n' "$licence" >"$wrong/src/base/blank.c"
printf '%s\nint x;\r\n' "$licence" >"$wrong/src/base/return.c"
printf '%s\nint x;' "$licence" >"$wrong/src/base/open.h"
echo 'echo 1..0' >"$wrong/tests/plain.t"
not_executable "$wrong" >"$scratch/found"
caught "a test that cannot be executed" "tests/plain.t: cannot"
without_licence "$wrong" >"$scratch/found"
caught "a source without licence" "src/base/free.c: no SPDX"
too_wide "$wrong" >"$scratch/found"
caught "a line of $((width + 2)) columns" "src/base/wide.c:2: $((width + 2)) columns"
nothing "$width columns are not too wide" grep full.c "$scratch/found"
blanks_at_end "$wrong" >"$scratch/found"
caught "a blank at the end" "src/base/blank.c:2: blanks"
caught "a carriage return" "src/base/return.c:2: blanks"
caught "no newline at the end" "src/base/open.h: no newline"

echo "1..$count"
