#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs as users meet them: what is written, that it does not hang on threads, what an interruption and a full disk leave.
. "${top_srcdir:-.}/tests/calls.sh"
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$scratch"' EXIT

# same DIRECTORY DIRECTORY: their results are the same bytes; run.json may differ in the command line and nothing else.
same() {
	for file in summary.json samples.csv; do
		cmp -s "$1/$file" "$2/$file" || return 1
	done
	grep -v '"command"' "$1/run.json" >"$scratch/a"
	grep -v '"command"' "$2/run.json" >"$scratch/b"
	cmp -s "$scratch/a" "$scratch/b"
}

# ---- what a run writes ----
call run station --reps 2 --no-figures -o "$scratch/one" --jobs 1
exits 0 "a run on one thread"
for file in run.json summary.json samples.csv percentiles-one-server-wait.hgrm; do
	[ -s "$scratch/one/$file" ]
	ok $? "it wrote $file"
done
grep -q '"p999"' "$scratch/one/summary.json" && grep -q '"low"' "$scratch/one/summary.json"
ok $? "the summary has percentiles and intervals"
[ "$(head -n 1 "$scratch/one/samples.csv")" = "variant,rep,window,metric,statistic,t,value,unit" ]
ok $? "the samples have their header"
call run station --reps 2 --no-figures -o "$scratch/two" --jobs 3
same "$scratch/one" "$scratch/two"
ok $? "three threads give the same bytes"
call run station --reps 2 --no-figures -o "$scratch/three" --seed 2
! same "$scratch/one" "$scratch/three"
ok $? "canary: another seed does not"
call run station --reps 2 --no-figures --json -o "$scratch/two"
cmp -s "$scratch/out" "$scratch/two/summary.json"
ok $? "--json prints what summary.json holds"
call run station --reps 2 --no-figures --slowest 2 --variant one-server -o "$scratch/two"
[ "$(grep -c '^one-server: customer' "$scratch/out")" = 2 ] && grep -q '"slowest"' "$scratch/two/summary.json"
ok $? "--slowest tells two journeys, and summary.json has them"
grep -q 'waits behind' "$scratch/out"
ok $? "and why they were slow"
call run station --set service='exp(11 ms)' --reps 2 --no-figures --variant one-server -o "$scratch/two"
grep -q saturated "$scratch/err"
ok $? "an overload is called by its name"
call run station --set service='const(9.9 ms)' --reps 2 --no-figures --variant one-server -o "$scratch/two"
grep -q 'nearly full (99 % in use)' "$scratch/err" && ! grep -q 'no steady state' "$scratch/err"
ok $? "a server that is busy 99 % of the time is no overload"

# ---- figures ----
if command -v gnuplot >/dev/null; then
	call run station --reps 2 -o "$scratch/figures" -f svg,png
	[ -s "$scratch/figures/response.svg" ] && [ -s "$scratch/figures/response.png" ]
	ok $? "figures are drawn"
	call run station --reps 1 -o "$scratch/png" -f png
	grep -q '^figures: .*/response\.png' "$scratch/out" && [ -s "$scratch/png/response.png" ]
	ok $? "and announced in the format that was asked for"
	cp "$scratch/figures/response.svg" "$scratch/before.svg"
	call plot "$scratch/figures" -f svg
	exits 0 "drawing again"
	cmp -s "$scratch/before.svg" "$scratch/figures/response.svg"
	ok $? "gives the same figure"
	grep -q 'servers=' "$scratch/figures/response.svg"
	ok $((! $?)) "canary: nothing was changed, and no footer says so"
	call run station --reps 1 --set servers=2 --fault '1 s for 2 s slow by 2' -o "$scratch/changed" -f svg
	grep -q 'servers=2, 1 s for 2 s slow by 2 ' "$scratch/changed/response.svg"
	ok $? "a footer tells what the command line changed"
	call plot "$scratch/figures" --fig respons
	exits 2 "a figure that is not there"
	grep -q 'did you mean "response"' "$scratch/err"
	ok $? "the nearest name is suggested"
else
	skip figures "no gnuplot"
fi
call plot "$scratch/nowhere"
exits 2 "plot without a directory"

# ---- verify ----
call verify station --json
exits 0 "claims that hold"
for key in predicted case claim says kind expect value without_mechanism standing holds without ablated_holds evidence source; do
	grep -q "\"$key\"" "$scratch/out" || missing="$missing $key"
done
[ -z "$missing" ]
ok $? "verify --json has all its keys$missing"
call verify station --set servers=4
exits 1 "claims that do not hold"
printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 1 s}}\nmodel: {service: const(1 ms)}\nvariants: {one: {}}\n' >"$scratch/bare.yaml"
call verify "$scratch/bare.yaml"
[ "$status" = 0 ] && [ ! -s "$scratch/out" ] && grep -q 'bare.yaml has no claims' "$scratch/err"
ok $? "a model without claims is told"
call verify station --claim nothing
exits 2 "a claim that there is not"
# fails VALUES: a claim that is said to fail there.
fails() {
	cat >"$scratch/fails.yaml" <<-EOF
		case: station
		format: 2
		trace: {windows: {rate: 100 /s, for: 60 s}}
		run: {warmup: 1 s, reps: 3}
		model: {servers: 1, service: exp(6 ms)}
		claims:
		  - id: waits
		    says: one server makes customers wait
		    kind: predicted
		    expect: mean(wait) > 2 ms
		    without: {servers: 10}
		    $1
		    evidence: derived
	EOF
	call verify "$scratch/fails.yaml" --fails
}
fails 'fails: {servers: 3}'
exits 0 "a claim that fails where it says"
grep -q 'with {servers: 3}: it no longer holds' "$scratch/out" && grep -q '1 of 1 fails at the values' "$scratch/out"
ok $? "and is told"
fails 'fails: {service: exp(5 ms)}'
exits 1 "canary: one that does not"
grep -q 'LOOK *with {service: exp(5 ms)}: it still holds' "$scratch/out"
ok $? "is pointed at"
fails ''
grep -q '1 predicted claim names no value at which it fails' "$scratch/out"
ok $? "one that names no such value"

# ---- outputs that cannot be ----
call run station --reps 1 --no-figures -o /dev/full
exits 6 "results where there is no directory"
echo mine >"$scratch/file"
call run station --reps 1 --no-figures -o "$scratch/file"
exits 6 "results under the name of a file"
[ "$(cat "$scratch/file")" = mine ]
ok $? "the file is as it was"
mkdir "$scratch/small"
if mount -t tmpfs -o size=32k none "$scratch/small" 2>/dev/null; then
	mounted=$scratch/small
	echo old >"$scratch/small/run.json"
	head -c 24000 /dev/zero >"$scratch/small/ballast"
	call run station --reps 2 --no-figures -o "$scratch/small"
	exits 6 "a disk that is full"
	[ "$(cat "$scratch/small/run.json")" = old ] && [ "$(ls -A "$scratch/small" | wc -l)" = 2 ]
	ok $? "what was there is as it was, and nothing else is"
else
	skip "a disk that is full" "no tmpfs can be mounted"
fi

# ---- interruption ----
cat >"$scratch/long.yaml" <<'YAML'
case: station
trace: {windows: {rate: 1 k/s, for: 5 s}}
model: {servers: 10}
run: {reps: 10000, warmup: 0 s}
YAML
cp -r "$scratch/one" "$scratch/kept"
"$casebook" run "$scratch/long.yaml" --no-figures -o "$scratch/kept" >"$scratch/out" 2>"$scratch/err" </dev/null &
runs=$!
sleep 2
kill -KILL $runs
wait $runs 2>/dev/null
same "$scratch/one" "$scratch/kept" && [ "$(ls "$scratch/kept" | sort)" = "$(ls "$scratch/one" | sort)" ]
ok $? "a killed run leaves the results before it as they were"
"$casebook" run "$scratch/long.yaml" --no-figures -o "$scratch/kept" >"$scratch/out" 2>"$scratch/err" </dev/null &
runs=$!
sleep 2
kill -TERM $runs
wait $runs
status=$?
exits 130 "an interrupted run"
grep -q '"interrupted": true' "$scratch/kept/summary.json" && grep -q '"replications": [1-9]' "$scratch/kept/summary.json"
ok $? "keeps the replications that were finished, and says so"

# ---- the figures of the README are what the program draws ----
if [ "${SANITIZERS-}" = yes ]; then
	skip "the figures of the README" "too slow under sanitizers"
else
	for picture in discord-years uber-surge-map netflix-evacuation ratelimit-flood hashing-storm locks-lease metastable-goodput \
		replication-loss idempotency-contest indexes-selectivity lsm-trade mvcc-report cap-freshness twophase-pile-up; do
		name=${picture%%-*}
		call run $name -f svg -o "$scratch/$name"
		exits 0 "$name"
		digest=$(sed -n 's/^ "digest": "\([0-9a-f]*\)".*/\1/p' "$scratch/$name/run.json")
		[ -n "$digest" ] && grep -q "$digest" "${top_srcdir:-.}/plots/gallery/$picture.svg"
		ok $? "$picture.svg has the digest of this run, $digest"
	done
fi
echo "1..$count"
