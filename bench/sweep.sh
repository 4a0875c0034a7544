#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What sweeps cost: threads and ranks of MPI by length of run, memory against points. On a machine that does nothing else.
# Prints a table, customers of a run, points, threads or ranks, how many, seconds; and remarks that begin with "#".
# WITH_MPI=yes says that casebook is built with MPI: then ranks are measured too. SHORT=1 takes a tenth of the points.
# bench/ranks.gp draws docs/cluster.tsv, which is what this prints.
casebook=${CASEBOOK:-./casebook}
top=$(dirname "$0")/..
part=${SHORT:+10}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# model CUSTOMERS
model() {
	cat >"$scratch/model.yaml" <<YAML
case: station
trace: {windows: {rate: 1 k/s, for: $(($1 / 1000)) s}}
model: {servers: 10, service: exp(8 ms)}
run: {reps: 1, warmup: 0 s}
YAML
}

# seconds COMMAND...: the wall-clock time of a command, in $took; its largest memory in $kilobytes.
seconds() {
	rm -rf "$scratch/out"
	used=$("$top/build-aux/usage" "$@") || exit 1
	took=${used%% *}
	kilobytes=${used##* }
}

# sweep POINTS COMMAND...: a sweep of the model at so many points, by a command that ends in casebook's name.
sweep() {
	number=$1
	shift
	seconds "$@" sweep "$scratch/model.yaml" --grid "service=6 ms:9 ms:$number" --no-figures -o "$scratch/out" $jobs
}

printf '# customers\tpoints\tby\tcount\tseconds\n'
for size in "1000 20000" "100000 640" "1000000 64"; do
	customers=${size% *}
	points=$((${size#* } / ${part:-1}))
	model "$customers"
	for threads in 1 2; do
		jobs="--jobs $threads"
		sweep $points "$casebook"
		printf '%s\t%s\tthreads\t%s\t%s\n' "$customers" $points $threads "$took"
	done
	jobs=
	[ "${WITH_MPI:-no}" != no ] || continue
	for ranks in 2 3 4; do
		sweep $points mpirun -n $ranks --oversubscribe --allow-run-as-root "$casebook"
		printf '%s\t%s\tranks\t%s\t%s\n' "$customers" $points $ranks "$took"
	done
done
model 1000
jobs="--jobs 1"
for number in 10 1000 10000; do
	sweep $number "$casebook"
	echo "# $number points of 1000 customers: $took s, $kilobytes kB of memory, $(echo "$took $number" |
		awk '{ printf "%.2f", $1 / $2 * 1000 }') ms a run with everything"
done
