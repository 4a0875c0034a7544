#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Sweeps as users meet them: what is written, that it hangs neither on threads nor on interruptions, what is refused.
. "${top_srcdir:-.}/tests/calls.sh"
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$scratch"' EXIT

# says TEXT: standard error has it.
says() {
	grep -q -F -e "$1" "$scratch/err"
	ok $? "it says: $1"
}

same() {
	cmp -s "$1/points.csv" "$2/points.csv" && cmp -s "$1/samples.csv" "$2/samples.csv"
}

# refused CODE TEXT ARGUMENTS...: with this exit code, this message, and nothing written.
refused() {
	code=$1
	text=$2
	shift 2
	call sweep "$@" -o "$scratch/refused"
	[ "$status" = "$code" ] && grep -q -F -e "$text" "$scratch/err" && [ ! -e "$scratch/refused" ]
	ok $? "$*: $text"
}

cat >"$scratch/model.yaml" <<'YAML'
case: station
trace: {windows: {rate: 100 /s, for: 60 s}}
model: {servers: 1, service: exp(8 ms)}
variants: {plain: {}, slow: {model: {service: exp(9 ms)}}}
run: {reps: 2, warmup: 0 s}
sweep:
  grid: {servers: [1, 2], trace.windows.rate: 50 /s:100 /s:2}
YAML
model=$scratch/model.yaml

# ---- what a sweep writes ----
call sweep "$model" --jobs 1 -o "$scratch/one"
exits 0 "a sweep of a model file, on one thread"
for file in results.sqlite points.csv samples.csv sweep-plain.svg sweep-plain.tsv sweep-slow.svg heat-plain.svg heat-slow.tsv; do
	[ -s "$scratch/one/$file" ]
	ok $? "it wrote $file"
done
[ ! -e "$scratch/one/results.sqlite-wal" ]
ok $? "no journal is left"
[ "$(wc -l <"$scratch/one/samples.csv")" = $((1 + 4 * 2 * 2 * $(grep -c '^0,1,50 /s,plain,,' "$scratch/one/points.csv"))) ]
ok $? "samples.csv has a line for each replication"
grep -q '^3,2,100 /s,slow,,wait,mean,0\.[0-9]*,[0-9.]*,0\.[0-9]*,s,2,,$' "$scratch/one/points.csv"
ok $? "points.csv has an estimate with its interval"
call sweep "$model" --jobs 4 -o "$scratch/four"
exits 0 "the same on four threads"
same "$scratch/one" "$scratch/four"
ok $? "gives the same bytes"
sed '3s/$/0/' "$scratch/four/samples.csv" >"$scratch/changed" && mv "$scratch/changed" "$scratch/four/samples.csv"
! same "$scratch/one" "$scratch/four"
ok $? "canary: other bytes are seen"

# A point is what a run with its values gives.
call run "$model" --variant slow --set servers=2 --set 'trace.windows.rate=50 /s' --no-figures -o "$scratch/run"
value=$(sed -n 's/^slow,1,,wait,mean,0,\(.*\),s$/\1/p' "$scratch/run/samples.csv")
grep -q "^2,2,50 /s,slow,1,,wait,mean,$value,s\$" "$scratch/one/samples.csv" && [ -n "$value" ]
ok $? "a replication has the value that run gives it"

call sweep "$model" --dry-run -o "$scratch/dry"
exits 0 "a dry run"
[ ! -e "$scratch/dry" ] && grep -q '^3	servers=2, trace.windows.rate=100 /s$' "$scratch/out" &&
	grep -q '^4 points, 2 variants, 16 runs; about .* on .* of disk$' "$scratch/out"
ok $? "it lists points, runs, time and disk, and writes nothing"
call sweep "$model" --grid 'servers=1:4:4' --zip 'places=1,2' --zip 'limited=on,off' --where 'servers > 2 and places < 2' \
	--variant plain --show 'mean(response)' --no-figures -o "$scratch/zip"
exits 0 "grid, zip and where on the command line"
grep -q 'servers=3, places=1, limited=on ' "$scratch/out" && grep -q '^2 points' "$scratch/out"
ok $? "the points that are wanted"
! grep -q 'applies to all variants' "$scratch/err"
ok $? "no word of other variants where one was chosen"
call sweep "$model" --grid servers=1,2 --dry-run
[ "$(grep -c 'what is swept applies to all variants' "$scratch/err")" = 1 ]
ok $? "that a grid replaces values of the variants is told once"

# ---- to go on ----
call sweep "$model" -o "$scratch/one"
exits 6 "a sweep over another"
says "already exists; --resume continues it"
cp -r "$scratch/one" "$scratch/kept"
call sweep "$model" --resume -o "$scratch/one"
exits 0 "what is finished is not run again"
same "$scratch/one" "$scratch/kept"
ok $? "and its tables are the same"
sed 's/exp(9 ms)/exp(10 ms)/' "$model" >"$scratch/other.yaml"
call sweep "$scratch/other.yaml" --resume -o "$scratch/one"
exits 6 "another model"
says 'variants.slow.model.service was "exp(9 ms)", is "exp(10 ms)"'
call sweep "$model" --set 'trace.windows.for=30 s' --resume -o "$scratch/one"
exits 6 "another trace"
says 'trace.windows.for was "60 s", is "30 s"'
call sweep "$model" --grid servers=1,2,3 --resume -o "$scratch/one"
exits 6 "other points"
says 'cannot be resumed: sweep was'
cat >"$scratch/traced.yaml" <<'YAML'
case: station
trace: {file: trace.csv, columns: {service: {from: service, unit: us}}}
model: {servers: 1, service_from: trace}
run: {reps: 1}
sweep: {grid: {servers: [1, 2]}}
YAML
printf 'time_us,service\n0,900\n1000,2000\n2000,100\n' >"$scratch/trace.csv"
call sweep "$scratch/traced.yaml" --no-figures -o "$scratch/traced"
exits 0 "a sweep of a trace's file"
printf 'time_us,service\n0,900\n1000,2000\n2000,200\n' >"$scratch/trace.csv"
call sweep "$scratch/traced.yaml" --no-figures --resume -o "$scratch/traced"
exits 6 "another trace's file"
says "the trace's file changed"
printf 'time_us,service\n0,900\n' >"$scratch/trace.csv"
printf 'time_us,service\n0,900\n' >"$scratch/second.csv"
call sweep "$scratch/traced.yaml" --grid trace.file=trace.csv,second.csv --grid trace.time_scale=1,2 --no-figures -o "$scratch/files"
exits 0 "files of traces can be swept"
call sweep "$scratch/traced.yaml" --trace - --no-figures -o "$scratch/refused"
exits 2 "standard input cannot"

# ---- interruption ----
for signal in INT TERM; do
	set -- "$model" --set 'trace.windows.for=600 s' --reps 40 --no-figures -o "$scratch/$signal"
	# A shell's background jobs ignore SIGINT; env gives it back where it can.
	env --default-signal=INT "$casebook" sweep "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
	sweeps=$!
	tries=0
	while [ ! -s "$scratch/$signal/results.sqlite-wal" ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	sleep 0.5
	kill -$signal $sweeps
	wait $sweeps
	status=$?
	exits 130 "SIG$signal"
	says "and --resume continues from there"
	[ ! -e "$scratch/$signal/points.csv" ]
	ok $? "there are no tables of a part"
done

# ---- bad input ----
refused 2 "servers has no values" station --grid servers=
refused 2 "nothing is swept" station
refused 2 'unknown key "server"; did you mean "servers"?' station --grid server=1
refused 2 'unknown key "server"; did you mean "servers"?' station --grid servers=1,2 --where 'server > 1'
refused 2 "point 1 (servers=0)" station --grid servers=1,0,2
refused 2 'where leaves no point' station --grid servers=1,2 --where 'servers > 2'
refused 2 "write KEY=A,B,C" station --grid servers
refused 2 'did you mean "wait"' station --grid servers=1 --show 'p99(wayt)'
refused 2 "kept are count, mean" station --grid servers=1 --show 'p42(wait)'

mkdir "$scratch/foreign"
echo "this is not a database, whatever its name says, and it is long enough to be looked at" >"$scratch/foreign/results.sqlite"
call sweep "$model" --resume -o "$scratch/foreign"
exits 6 "a file that is no database"
says "is not a database"
call sweep discord --grid slice=16 --resume -o "$scratch/one"
exits 6 "a database of another study"
says "holds a sweep of station, not of discord"
call sweep "$model" -o "$scratch/model.yaml/below"
exits 6 "a directory that cannot be"
call sweep "$model" -o /proc/nowhere
exits 6 "a directory that cannot be made"
mkdir "$scratch/locked"
chmod 555 "$scratch/locked" "$scratch"
if [ "$(id -u)" != 0 ]; then
	call sweep "$model" -o "$scratch/locked"
	exits 6 "a read-only directory"
	says "cannot be written: Permission denied"
elif setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$casebook" 2>/dev/null; then
	setpriv --reuid=65534 --regid=65534 --clear-groups "$casebook" sweep station --grid servers=1 -o "$scratch/locked" \
		>"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	exits 6 "a read-only directory"
	says "cannot be written: Permission denied"
else
	skip "a read-only directory" "root may write everywhere, and nobody may not read the build"
fi
chmod 755 "$scratch/locked" "$scratch"

"$casebook" sweep "$model" --set 'trace.windows.for=600 s' --reps 400 --no-figures -o "$scratch/two" >/dev/null 2>&1 </dev/null &
sweeps=$!
tries=0
while [ ! -s "$scratch/two/results.sqlite-wal" ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
call sweep "$model" --set 'trace.windows.for=600 s' --reps 400 --no-figures --resume -o "$scratch/two"
exits 6 "two sweeps on one database"
says "another sweep is writing it"
kill -KILL $sweeps
wait $sweeps 2>/dev/null

# ---- several processes that know nothing of each other ----
if [ "${WITH_MPI:-no}" = no ]; then
	OMPI_COMM_WORLD_SIZE=2
	export OMPI_COMM_WORLD_SIZE
	call sweep "$model" --reps 2 --no-figures -o "$scratch/many"
	exits 2 "started by mpirun without MPI"
	says "started as 2 processes of MPI, but built without it"
	OMPI_COMM_WORLD_SIZE=1
	call sweep "$model" --reps 2 --no-figures -o "$scratch/many"
	exits 0 "canary: one process is no mistake"
	unset OMPI_COMM_WORLD_SIZE
fi

# ---- a full disk ----
mkdir "$scratch/small"
if mount -t tmpfs -o size=600k none "$scratch/small" 2>/dev/null; then
	mounted=$scratch/small
	head -c 200000 /dev/zero >"$scratch/small/ballast"
	mkdir "$scratch/small/results"
	set -- "$model" --reps 8 --no-figures
	call sweep "$@" -o "$scratch/small/results"
	exits 6 "a disk that becomes full"
	says "disk is full"
	rm "$scratch/small/ballast"
	mount -o remount,size=8m "$scratch/small"
	call sweep "$@" --resume -o "$scratch/small/results"
	exits 0 "with room it is resumed"
	grep -q ' runs were done before' "$scratch/err"
	ok $? "with what was finished before"
	call sweep "$@" -o "$scratch/roomy"
	same "$scratch/roomy" "$scratch/small/results"
	ok $? "and ends like one that always had room"
else
	for text in "exits" "says" "resumed" "kept" "same"; do
		skip "a disk that becomes full: $text" "no tmpfs can be mounted"
	done
fi

echo "1..$count"
