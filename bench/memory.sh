#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Peak memory of a run, in kB, against the number of rows in the CSV that it replays: what is told is that of 10^7 rows,
# and of 10^8 when MOST=100000000, against that of 10^6. The lines are those of bench.h. 10^8 rows are 2.5 GB, for which
# the directory for temporary files must have room, and take a minute.
#
# Results have a series over time. Its bins, up to 512 of them, take memory while they fill, however many rows fall into
# one. So that rows alone make a difference the series has one bin; then it is measured, without a target, with the bins
# of 1 s that it has when nothing is said.
casebook=${CASEBOOK:-./casebook}
top=$(dirname "$0")/..
most=${MOST:-10000000}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# A station that is busy nine tenths of the time; ten rows in 95 us.
rows() {
	awk -v rows="$1" 'BEGIN {
		srand(1)
		print "time_us,key,op,service_us"
		for (; rows > 0; rows--) {
			time += int(rand() * 20)
			printf "%d,%d,%s,%d\n", time, rand() * 1000000, rand() < 0.5 ? "read" : "write", rand() * 18
		}
	}' >"$scratch/rows.csv"
}

# What `casebook run` needs at most for them, with a series of bins of that width, in $kilobytes.
measure() {
	cat >"$scratch/model.yaml" <<-YAML
	case: station
	trace: {file: rows.csv, columns: {time: {from: time_us, unit: us}, service: {from: service_us, unit: us}}}
	model: {service_from: trace}
	run: {reps: 1, warmup: 0 s, series: $1}
	YAML
	used=$("$top/build-aux/usage" "$casebook" run "$scratch/model.yaml" --no-figures --quiet -o "$scratch/out") ||
		exit 1
	kilobytes=${used##* }
	rm -rf "$scratch/out"
}

# tell WHAT BOUND TARGET: the line of what was measured last.
tell() {
	echo "$kilobytes $2 $3" | awk -v name="peak memory of a run, kB: $1" '{
		ratio = $1 / $2
		met = $3 ? (ratio <= $3 ? "yes" : "no") : "-"
		printf "%s\t%d\t%d\t%.3f\t%s\t%s\n", name, $1, $2, ratio, $3, met
	}'
}

rows 1000000
measure '1 h'
least=$kilobytes
for power in 7 8; do
	count=1$(printf "%0${power}d" 0)
	[ "$count" -le "$most" ] || break
	rows "$count"
	measure '1 h'
	tell "10^$power rows against 10^6" "$least" 1.05
	without=$kilobytes
	measure '1 s'
	tell "10^$power rows, with a series against without" "$without" 0
done
