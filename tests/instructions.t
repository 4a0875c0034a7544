#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Instructions an event may not grow: those of tests/instructions.c, and of the first world of each case in
# tests/digest.c, inside sim_step, counted by callgrind, at most 3 % more than tests/instructions.expected says. Counts depend on the compiler, so that is compared only when it is the one
# on record; of the flags of this build they do not, because libcore is compiled here anew.
#
#   tests/instructions.t [--update]     --update makes the record anew: in a commit that says why

top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
record=$top/tests/instructions.expected
flags='-std=c11 -O2 -ffp-contract=off'
most=3 # per cent
export LC_ALL=C

nothing() {
	if [ "${1-}" = --update ]; then
		echo "tests/instructions.t: $2" >&2
		exit 1
	fi
	echo "1..0 # SKIP $2"
	exit 0
}

[ "${SANITIZERS:-no}" = no ] || nothing "${1-}" "counted in the suite without sanitizers"
command -v valgrind >/dev/null || nothing "${1-}" "there is no valgrind"
command -v gcc >/dev/null || nothing "${1-}" "there is no gcc"
compiler="gcc $(gcc -dumpfullversion) $(gcc -dumpmachine)"
recorded=$(sed -n 's/^compiler //p' "$record")
[ "${1-}" = --update ] || [ "$compiler" = "$recorded" ] ||
	nothing "${1-}" "counted for $recorded, this is $compiler"

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# The sources of one moment, even while somebody edits.
mkdir "$scratch/src"
for layer in base engine param model trace cases run; do
	cp -R "$top/src/$layer" "$scratch/src" || exit 99
done
cp "$top/tests/instructions.c" "$top/tests/digest.c" "$top/tests/flow.h" "$scratch" || exit 99
chmod -R u+w "$scratch" # a released tree may be read-only
cd "$scratch" || exit 99
export flags
# shellcheck disable=SC2016,SC2086 # expands in the shell that is called; flags are words
ls src/*/*.c | xargs -P 2 -n 4 sh -c 'for file; do
	gcc $flags -w -Isrc -c -o "$(echo "$file" | tr / _).o" "$file" || exit 255
done' compile || exit 99

# counted PROGRAM MODEL: instructions an event inside sim_step.
counted() {
	events=$(valgrind --tool=callgrind --toggle-collect=sim_step --callgrind-out-file=/dev/null "$1" "$2" 2>log) ||
		return
	sed -n 's/,//g; s/.*Collected : *\([0-9]*\)$/\1/p' log | awk -v events="$events" '
		$1 > 0 && events > 0 { printf "%.1f\n", $1 / events }'
}

# built PROGRAM SOURCE FLAG...
built() {
	program=$1
	source=$2
	shift 2
	# shellcheck disable=SC2086 # flags are words
	gcc $flags -w -Isrc "$@" -o "$program" "$source" src_*.o -lm
}

built ./instructions instructions.c && built ./digest digest.c || exit 99
for model in mm1 discord; do
	counted ./instructions $model >"$model.now"
done

# All worlds in one run: what was counted up to the end of each is a file of its own.
valgrind --tool=callgrind --toggle-collect=sim_step --dump-before=replay_free --callgrind-out-file=world ./digest events \
	>events 2>log || exit 99
number=0
while read -r world events; do
	number=$((number + 1))
	awk -v events="$events" '$1 == "summary:" { printf "%.1f\n", $2 / events }' "world.$number" >"$world.now"
done <events
worlds=$(cut -d ' ' -f 1 events)
models="mm1 discord $worlds"

if [ "${1-}" = --update ]; then
	for model in $models; do
		[ -s "$model.now" ] || exit 1
	done
	{
		echo "# Instructions an event (rows count too) inside sim_step, by tests/instructions.t --update."
		echo "compiler $compiler"
		echo "flags $flags"
		for model in $models; do
			echo "$model $(cat "$model.now")"
		done
	} >new
	diff "$record" new
	cp new "$record"
	exit
fi

# within RECORDED NOW
within() {
	[ -n "$1" ] && [ -n "$2" ] && awk -v was="$1" -v now="$2" -v most=$most 'BEGIN { exit !(now <= was * (1 + most / 100)) }'
}

[ "$(sed -n 's/^flags //p' "$record")" = "$flags" ]
ok $? "the record is of these flags"
for model in $models; do
	was=$(sed -n "s/^$model //p" "$record")
	now=$(cat "$model.now")
	within "$was" "$now"
	ok $? "$model: an event costs at most $most % more instructions than recorded"
	echo "# $model: $now instructions an event, recorded $was"
	awk -v was="${was:-0}" -v now="${now:-0}" -v most=$most 'BEGIN { exit !(now < was * (1 - most / 100)) }' &&
		echo "# that is less: tests/instructions.t --update keeps it so"
done

grep -Ev '^(#|compiler |flags )' "$record" | cut -d ' ' -f 1 | sort >recorded
echo "$models" | tr ' ' '\n' | sort | cmp -s - recorded
ok $? "what is on record is what is counted, a world of each case"

# A turn of the empty loop is two instructions. A row of mm1 makes two events, one of discord about eight.
for model in mm1 discord; do
	turns=20
	[ $model = mm1 ] || turns=250
	built ./slower instructions.c -DSLOWER=$turns
	slower=$(counted ./slower $model)
	now=$(cat $model.now)
	! within "$now" "$slower"
	ok $? "canary: $model with a loop in each row is caught"
	echo "# $model: $slower instructions an event with the loop"
done
echo "1..$count"
