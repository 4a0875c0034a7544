#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Very many rows through the case station, made as they are replayed: memory stays what a hundredth of them needs, and
# nothing is lost: all that came was served, and `trace gen` writes as many. `make soak-rows ROWS=100000000` takes a
# minute; without ROWS it is 10^9.
casebook=${CASEBOOK:-./casebook}
rows=${ROWS:-1000000000}
top=${top_srcdir:-$(dirname "$0")/..}
. "$top/tests/ok.sh"

# 10^6 rows a second, for four servers that are busy three quarters of the time. The series has one bin, as in
# bench/memory.sh.
model() {
	cat >"$scratch/model.yaml" <<-YAML
	case: station
	trace: {windows: {rate: 1 M/s, for: $(($1 / 1000)) ms}}
	model: {servers: 4, service: exp(3 us)}
	run: {reps: 1, warmup: 0 s, series: 1 h}
	YAML
}

# measure ROWS: what a run of so many needs and counts, in $kilobytes, $replayed, $arrived, $served, $unfinished.
measure() {
	model "$1"
	used=$("$top/build-aux/usage" "$casebook" run "$scratch/model.yaml" --no-figures --quiet -o "$scratch/out") ||
		exit 99
	kilobytes=${used##* }
	counts=$(python3 -c '
import json, sys
told = json.load(open(sys.argv[1]))["variants"]["station"]
count = lambda metric: int(told["metrics"][metric]["count"]["value"])
print(told["rows"], count("arrived"), count("response"), told["unfinished"])' "$scratch/out/summary.json") || exit 99
	rm -rf "$scratch/out"
	# shellcheck disable=SC2086 # four numbers
	set -- $counts
	replayed=$1 arrived=$2 served=$3 unfinished=$4
}

# Rows that the same recipe writes, with a seed.
written() {
	echo $(($("$casebook" trace gen "$scratch/model.yaml" --seed "$1" 2>/dev/null | wc -l) - 1))
}

measure $((rows / 100))
few=$kilobytes
measure "$rows"
[ $((kilobytes * 100)) -le $((few * 105)) ]
ok $? "memory: $kilobytes kB for $replayed rows, $few kB for a hundredth of them"
[ "$arrived" = "$replayed" ] && [ $((served + unfinished)) = "$replayed" ]
ok $? "of $replayed rows $arrived arrived, $served were served, and $unfinished were not by the end"
echo "$replayed $rows" | awk '{ off = ($1 - $2) / sqrt($2); exit !(off > -5 && off < 5) }'
ok $? "as many as a Poisson process has"
model "$rows"
of_one=$(written 1)
[ "$of_one" = "$replayed" ]
ok $? "trace gen writes $of_one"
model $((rows / 100))
[ "$(written 1)" != "$(written 2)" ]
ok $? "canary: of another seed they are not as many"
echo "1..$count"
exit "$failed"
