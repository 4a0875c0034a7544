#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A case is its tables and a little behaviour: parts do the rest. Prints lines by kind for every case of cases.def, as
# tests/behaviour.awk counts them (its files are src/cases/CASE.c and src/cases/CASE_*.c), and fails above the limit.
top=${top_srcdir:-.}
limit=300
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# kinds CASE DIRECTORY: "comments tables building behaviour"
kinds() {
	for file in "$2/$1".c "$2/$1"_*.c; do
		[ ! -f "$file" ] || awk -f "$top/tests/behaviour.awk" "$file"
	done | awk '{ for (i = 1; i <= 4; i++) sum[i] += $i } END { print sum[1] + 0, sum[2] + 0, sum[3] + 0, sum[4] + 0 }'
}

cases=$(sed -n 's/^CASE(\(.*\))$/\1/p' "$top/src/cases/cases.def")
[ -n "$cases" ]
ok $? "there are cases"
echo "# lines of                 comments  tables  building  behaviour"
for case in $cases; do
	set -- $(kinds "$case" "$top/src/cases")
	printf '# %-24s %8d %7d %9d %10d\n' "$case" "$1" "$2" "$3" "$4"
	all=$(cat "$top/src/cases/$case.c" "$top/src/cases/$case"_*.c 2>/dev/null | wc -l)
	[ $(($1 + $2 + $3 + $4)) = "$all" ]
	ok $? "$case: every line is counted once"
	[ "$4" -le "$limit" ]
	ok $? "$case: $4 lines of behaviour, at most $limit"
done

# model BEHAVIOUR TABLE: a case with so many lines of behaviour, and a table of so many rows.
model() {
	echo '#include "cases/case.h"'
	echo '/* a comment { that'
	echo ' * opens a brace */'
	echo 'static const struct row rows[] = {'
	awk -v rows="$2" 'BEGIN { for (i = 0; i < rows; i++) print "\t{\"{ \\\" /*\", 1}," }'
	echo '};'
	printf 'static int helper(int x)\n{\n\treturn x; /* one */\n}\n\n'
	printf 'static void leave(void *self)\n{\n\thelper(1);\n}\n\n'
	printf 'static int only_built(int x)\n{\n\treturn helper(x);\n}\n\n'
	printf 'static void *build(const struct case_world *world)\n{\n\tset(world, only_built(1), leave);\n\treturn NULL;\n}\n\n'
	printf 'static void arrive(struct sim *sim,\n\t\t   void *self)\n{\n'
	awk -v lines="$(($1 - 12))" 'BEGIN { for (i = 0; i < lines; i++) print "\tsim->now++;\n\n\t/* why */" }'
	printf '}\n\nconst struct case_study case_toy = {\n\t.build = build,\n\t.arrive = arrive,\n};\n'
}

# What is counted: 4 of helper, which an event calls too, 4 of leave, whose address is taken, 4 around those of arrive.
mkdir "$scratch/cases" || exit 99
for lines in 12 300 301; do
	model $lines 400 >"$scratch/cases/toy.c"
	set -- $(kinds toy "$scratch/cases")
	[ "$4" = $lines ] && [ "$3" = 9 ]
	ok $? "a toy of $lines lines of behaviour ($4) and 9 of building ($3)"
done
[ "$4" -gt "$limit" ]
ok $? "canary: one line too many is caught"
printf 'static void more(void *self)\n{\n}\nvoid *const more_of[] = {more};\n' >"$scratch/cases/toy_more.c"
set -- $(kinds toy "$scratch/cases")
[ "$4" = 304 ]
ok $? "a second file of a case counts too"
echo "1..$count"
