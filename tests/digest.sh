#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same bytes from every compiler and optimisation: tests/digest.c prints digests over everything that libcore computes;
# the tables of all builds are compared with one another, and with tests/digest.expected.
#
#   tests/digest.sh [--update]     --update makes the expected table anew, when all builds agree: after a change that is meant
#                                  to change results

top=${top_srcdir:-$(dirname "$0")/..}
expected=$top/tests/digest.expected
. "$top/tests/ok.sh"

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# All builds are of the same sources, even while somebody edits.
mkdir "$scratch/src"
for layer in base engine param model trace cases run stats; do
	cp -R "$top/src/$layer" "$scratch/src" || exit 99
done
cp "$top/tests/digest.c" "$top/tests/flow.h" "$scratch" || exit 99
chmod -R u+w "$scratch" # a released tree may be read-only

levels="-O0 -O3 -O3,-march=native"

# builds COMPILER: all its tables, as COMPILER-LEVEL.out; what went wrong is in COMPILER-LEVEL.log.
builds() {
	for level in $levels; do
		name=$1$level
		"$1" -std=c11 -ffp-contract=off $(echo "$level" | tr , ' ') -w -I"$scratch/src" -o "$scratch/$name" \
			"$scratch/digest.c" "$scratch"/src/*/*.c -lm >"$scratch/$name.log" 2>&1 &&
			"$scratch/$name" >"$scratch/$name.out" 2>>"$scratch/$name.log"
		echo $? >"$scratch/$name.status"
	done
}

for compiler in gcc clang; do
	command -v $compiler >/dev/null && builds $compiler &
done
wait

if [ "$1" = --update ]; then
	for out in "$scratch"/*.out; do
		cmp "$out" "$scratch/gcc-O0.out" || exit 1
	done
	cp "$scratch/gcc-O0.out" "$expected"
	exit
fi

first=
for compiler in gcc clang; do
	for level in $levels; do
		name=$compiler$level
		text="$compiler $(echo "$level" | tr , ' ') gives the same digests as all others"
		if [ ! -f "$scratch/$name.status" ]; then
			skip "$text" "there is no $compiler"
		elif [ "$(cat "$scratch/$name.status")" != 0 ]; then
			ok 1 "$text"
			head -n 20 "$scratch/$name.log" "$scratch/$name.out" | sed 's/^/# /'
		else
			first=${first:-$scratch/$name}
			cmp -s "$first.out" "$scratch/$name.out"
			ok $? "$text"
			diff "$first.out" "$scratch/$name.out" | sed 's/^/# /'
		fi
	done
done

if [ -z "$first" ]; then
	skip "they are the expected ones" "nothing was built"
	skip "canary: another seed is noticed" "nothing was built"
	skip "digests of functions do not depend on the seed" "nothing was built"
else
	cmp -s "$expected" "$first.out"
	if ! ok $? "they are the expected ones"; then
		diff "$expected" "$first.out" | sed 's/^/# /'
		echo "# When the change of results is meant: tests/digest.sh --update"
	fi
	"$first" 2 >"$scratch/canary"
	same=$(grep -v -e ' dmath ' -e ' quantity ' -e ' dist 5$' "$scratch/canary" | grep -c -x -F -f "$first.out")
	! cmp -s "$first.out" "$scratch/canary" && [ "$same" = 0 ]
	ok $? "canary: another seed is noticed in every digest that depends on it"
	grep -e ' dmath ' -e ' quantity ' "$first.out" >"$scratch/functions"
	grep -e ' dmath ' -e ' quantity ' "$scratch/canary" | cmp -s - "$scratch/functions" && [ -s "$scratch/functions" ]
	ok $? "digests of functions do not depend on the seed"
fi
echo "1..$count"
exit $failed
