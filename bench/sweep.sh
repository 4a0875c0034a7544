#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What sweeps cost: two threads against one, what storing adds to a run, memory against points, ranks of MPI. On a machine
# that does nothing else; prints one line a measurement. CUSTOMERS=1000000 POINTS=64 is the long form.
casebook=${CASEBOOK:-./casebook}
customers=${CUSTOMERS:-1000000}
points=${POINTS:-64}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/model.yaml" <<YAML
case: station
trace: {windows: {rate: 1 k/s, for: $((customers / 1000)) s}}
model: {servers: 10, service: exp(8 ms)}
run: {reps: 1, warmup: 0 s}
YAML
cat >"$scratch/tiny.yaml" <<YAML
case: station
trace: {windows: {rate: 1 k/s, for: 1 s}}
model: {servers: 10, service: exp(8 ms)}
run: {reps: 1, warmup: 0 s}
YAML

# seconds COMMAND...: the wall-clock time of a command, in $took; its largest memory in $kilobytes.
seconds() {
	rm -rf "$scratch/out"
	took=$(python3 -c '
import resource, subprocess, sys, time
begun = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("%.2f %d" % (time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))' "$@") || exit 1
	kilobytes=${took#* }
	took=${took% *}
}

sweep() {
	seconds "$casebook" sweep "$@" --no-figures -o "$scratch/out"
}

sweep "$scratch/model.yaml" --grid "service=6 ms:9 ms:$points" --jobs 1
one=$took
sweep "$scratch/model.yaml" --grid "service=6 ms:9 ms:$points" --jobs 2
echo "$points points of $customers customers: one thread $one s, two threads $took s, $(echo "$took $one" |
	awk '{ printf "%.2f", $1 / $2 }') of it"
for number in 10 1000 10000; do
	sweep "$scratch/tiny.yaml" --grid "service=6 ms:9 ms:$number" --jobs 1
	echo "$number points of 1000 customers: $took s, $kilobytes kB of memory, $(echo "$took $number" |
		awk '{ printf "%.2f", $1 / $2 * 1000 }') ms a run with everything"
done
command -v mpirun >/dev/null || exit 0
for ranks in 2 3; do
	seconds mpirun -n $ranks --oversubscribe --allow-run-as-root "$casebook" sweep "$scratch/model.yaml" \
		--grid "service=6 ms:9 ms:$points" --no-figures -o "$scratch/out"
	echo "$points points of $customers customers: $ranks ranks $took s"
done
