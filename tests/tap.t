#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks of tests/tap.h can fail: a program where each fails says so and leaves with 1.
top=${top_srcdir:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# program NAME: compiles the body on stdin as a test program and runs it; its stdout is in $scratch/NAME.
program() {
	{
		printf '#include "tap.h"\nint main(void)\n{\n'
		cat
		printf '\treturn done_testing();\n}\n'
	} >"$scratch/$1.c"
	# shellcheck disable=SC2086 # CC may be several words
	${CC:-cc} -std=c11 -Wall -Wextra -Wshadow -Werror -D_GNU_SOURCE -I"$top/src" -I"$top/tests" \
		-o "$scratch/$1.out" "$scratch/$1.c" -lm 2>&1 | sed 's/^/# /'
	"$scratch/$1.out" >"$scratch/$1"
	status=$?
}

# says NAME LINE: holds when that line is in the output of the program.
says() {
	grep -q -x -F -e "$2" "$scratch/$1"
	ok $? "\"$(echo "$2" | tr -d '#')\" is said"
}

program good <<'END'
	ok(true, "a truth with %d", 1);
	is_int(-3, -3, "integers");
	is_text("a", "a", "texts");
	is_text(NULL, NULL, "no texts");
	near_to(1.0, 1.001, 0.01, "numbers");
	skip(2, "no reason");
	diag("two\nlines");
END
ok $status "a program where all holds leaves with 0"
for line in 'ok 1 - a truth with 1' 'ok 5 - numbers' 'ok 6 # SKIP no reason' 'ok 7 # SKIP no reason' '# two' '# lines' 1..7; do
	says good "$line"
done

program bad <<'END'
	plan(7);
	ok(false, "a lie");
	is_int(1, 2, "integers");
	is_text("a", "b", "texts");
	is_text(NULL, "b", "no text");
	near_to(1.0, 1.1, 0.01, "numbers");
	near_to(NAN, 1.0, 10, "not a number");
	ok(true, "a truth");
END
[ $status = 1 ]
ok $? "canary: a program with failures leaves with 1"
for line in 1..7 'not ok 1 - a lie' 'not ok 2 - integers' 'not ok 3 - texts' 'not ok 4 - no text' 'not ok 5 - numbers' \
	'not ok 6 - not a number' 'ok 7 - a truth' '#      got: 1' '# expected: "b"' '# 6 of 7 checks failed'; do
	says bad "$line"
done

status=0
program short <<'END'
	plan(2);
	ok(true, "one");
END
[ $status = 1 ]
ok $? "canary: fewer checks than planned leave with 1"

status=0
program empty <<'END'
	diag("nothing");
END
[ $status = 1 ]
ok $? "canary: no check at all leaves with 1"

status=0
program broken <<'END'
	CHECK(1 > 2);
END
[ $status != 0 ] && grep -q '^Bail out! .*broken.c:4: CHECK(1 > 2) failed$' "$scratch/broken"
ok $? "a failed CHECK ends the program"

echo "1..$count"
