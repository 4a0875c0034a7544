#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep by 1, 2 and 4 ranks of MPI gives the bytes that threads give.
# shellcheck source=calls.sh disable=SC2154
. "${top_srcdir:-.}/tests/calls.sh"

[ "${WITH_MPI:-no}" != no ] || { echo "1..0 # SKIP built without MPI"; exit 0; }
command -v mpirun >/dev/null || { echo "1..0 # SKIP no mpirun"; exit 0; }
[ "${SANITIZERS:-no}" = no ] || { echo "1..0 # SKIP MPI keeps memory to its end"; exit 0; }

# Many ranks on few processors, perhaps as root, on this machine only.
OMPI_ALLOW_RUN_AS_ROOT=1
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1
OMPI_MCA_mpi_yield_when_idle=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe OMPI_MCA_mpi_yield_when_idle

cat >"$scratch/model.yaml" <<'YAML'
case: station
trace: {windows: {rate: 100 /s, for: 60 s}}
model: {servers: 1, service: exp(8 ms)}
variants: {plain: {}, slow: {model: {service: exp(9 ms)}}}
run: {reps: 3, warmup: 0 s}
sweep: {grid: {servers: [1, 2], trace.windows.rate: 50 /s:100 /s:3}}
YAML

# ranks COUNT ARGUMENT...: a sweep by that many ranks.
ranks() {
	number=$1
	shift
	timeout 120 mpirun -n "$number" --oversubscribe "$casebook" sweep "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

same() {
	cmp -s "$1/points.csv" "$2/points.csv" && cmp -s "$1/samples.csv" "$2/samples.csv"
}

call sweep "$scratch/model.yaml" --no-figures -o "$scratch/threads"
exits 0 "threads"
for number in 1 2 4; do
	ranks $number "$scratch/model.yaml" --no-figures -o "$scratch/ranks-$number"
	exits 0 "$number ranks"
	same "$scratch/threads" "$scratch/ranks-$number"
	ok $? "$number ranks give the bytes of threads"
	[ "$(grep -c '^data:' "$scratch/out")" = 1 ]
	ok $? "and speak once"
done
sed '2s/$/0/' "$scratch/ranks-4/samples.csv" >"$scratch/changed" && mv "$scratch/changed" "$scratch/ranks-4/samples.csv"
! same "$scratch/threads" "$scratch/ranks-4"
ok $? "canary: other bytes are seen"

# What threads began, ranks end.
"$casebook" sweep "$scratch/model.yaml" --set 'trace.windows.for=600 s' --reps 20 --jobs 1 --no-figures -o "$scratch/begun" \
	>/dev/null 2>&1 </dev/null &
sweeps=$!
tries=0
while [ ! -s "$scratch/begun/results.sqlite-wal" ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
kill -KILL $sweeps
wait $sweeps 2>/dev/null
ranks 4 "$scratch/model.yaml" --set 'trace.windows.for=600 s' --reps 20 --resume --no-figures -o "$scratch/begun"
exits 0 "ranks resume what threads began"
call sweep "$scratch/model.yaml" --set 'trace.windows.for=600 s' --reps 20 --no-figures -o "$scratch/whole"
same "$scratch/whole" "$scratch/begun"
ok $? "and end with the same bytes"

ranks 3 "$scratch/model.yaml" --grid servers=0 -o "$scratch/wrong"
[ $status != 0 ] && [ "$(grep -c 'point 0 (servers=0)' "$scratch/err")" = 1 ]
ok $? "a mistake is told once"
ranks 3 "$scratch/model.yaml" --dry-run -o "$scratch/dry"
exits 0 "a dry run"

# A rank that falls silent is given up, what it had is done by another, and the results are the same.
impatient=${top_builddir:-.}/tests/impatient
set -- "$scratch/model.yaml" --set 'trace.windows.for=3000 s' --reps 20 --no-figures
call sweep "$@" -o "$scratch/awake"
mpirun -n 3 --oversubscribe "$impatient" sweep "$@" -o "$scratch/silent" >"$scratch/out" 2>"$scratch/err" </dev/null &
job=$!
silent=
tries=0
while [ -z "$silent" ] && [ $tries -lt 200 ]; do
	sleep 0.1
	tries=$((tries + 1))
	[ -s "$scratch/silent/results.sqlite-wal" ] || continue
	for process in $(cat "/proc/$job/task/$job/children" 2>/dev/null); do
		if tr '\0' '\n' <"/proc/$process/environ" | grep -qx OMPI_COMM_WORLD_RANK=2; then
			silent=$process
		fi
	done
done
if [ -n "$silent" ]; then
	sleep 1
	kill -STOP "$silent"
	(sleep 110; kill -KILL "$job" "$silent") >/dev/null 2>&1 & # its sleep outlives it, and must not hold our output
	guard=$!
	wait "$job"
	same "$scratch/awake" "$scratch/silent"
	ok $? "a rank that is stopped is given up, and the sweep ends with the same bytes"
	grep -q '1 rank fell silent' "$scratch/err"
	ok $? "it is said"
	kill "$guard" 2>/dev/null
	kill -KILL "$silent" 2>/dev/null
else
	skip "a rank that is stopped" "no process of it was found"
	skip "it is said" "no process of it was found"
fi

echo "1..$count"
