#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What has not ended and what has failed: requests that were open when a run ended took at least as long as they were old, and
# whatever hangs on them says so, in every command; and `served` is what was answered.
. "${top_srcdir:-.}/tests/calls.sh"

# The first window is quiet. In the second, one server gets twice what it can do, and the run ends a second after it.
cat >"$scratch/open.yaml" <<'END'
case: station
format: 2
trace:
  windows: [{rate: 10 /s, for: 60 s}, {rate: 100 /s, for: 30 s}]
model: {servers: 1, service: exp(20 ms)}
variants: {one: {}, nine: {model: {servers: 9}}}
run: {reps: 4, warmup: 0 s, drain: 1 s}
claims:
  - {id: quiet, says: quick at first, kind: derived, evidence: derived, expect: "p50(response)[one @ 1] < 100 ms",
     without: {service: const(1 s)}}
  - {id: slow, says: slow in the end, kind: derived, evidence: derived, expect: "p50(response)[one @ 2] > 1 s",
     without: {servers: 9}}
  - {id: bounded, says: but not forever, kind: derived, evidence: derived, expect: "p50(response)[one @ 2] < 60 s",
     without: {servers: 9}}
END
call run "$scratch/open.yaml" --no-figures -o "$scratch/run"
exits 0 "requests that have not ended"
grep -q '^one .* >=[0-9.]* s.* >=[0-9.]* s' "$scratch/out" && grep -q '^nine ' "$scratch/out" &&
	! grep '^nine ' "$scratch/out" | grep -q '>='
ok $? "run: what hangs on them is at least what is told; the other variant is as it is told"
grep -q 'one: [0-9]* requests had not ended' "$scratch/err"
ok $? "and it is said how many there are"
awk '/"windows"/ { exit } /"at_least": true/ { whole++ } END { exit !(whole > 3) }' "$scratch/run/summary.json"
ok $? "summary.json says so"
grep -q '"at_least"' "$scratch/run/summary.json" &&
	[ "$(grep -c at_least "$scratch/run/summary.json")" -lt "$(grep -c '"value"' "$scratch/run/summary.json")" ]
ok $? "canary: not of everything"

call run "$scratch/open.yaml" --variant one --precision 50% --no-figures -o "$scratch/settled"
exits 5 "--precision"
grep -q 'not settled within 50 % by [1-9] replications: .* depends on requests that had not ended' "$scratch/err"
ok $? "is not reached by more replications, and none are tried"

# band LOW..HIGH VERDICT: of a claim that the slow window's median lies there.
band() {
	sed -e '/id: slow/,$d' "$scratch/open.yaml" >"$scratch/band.yaml"
	cat >>"$scratch/band.yaml" <<-END
		  - {id: band, says: slow, kind: derived, evidence: derived, no_ablation: a test,
		     expect: "p50(response)[one @ 2] in $1"}
	END
	call verify "$scratch/band.yaml" --claim band
	grep -q "^band  *$2" "$scratch/out" && grep -q 'measured at least' "$scratch/out"
	ok $? "at least what is measured, in $1: $2"
}
band '1 ms..2 ms' no
band '1 ms..60 s' inconclusive
band '60 s..70 s' inconclusive
call verify "$scratch/open.yaml"
exits 5 "verify"
grep -q '^quiet  *yes' "$scratch/out"
ok $? "a window in which all have ended is judged as ever"
grep -q '^slow  *yes' "$scratch/out" && grep -q 'measured at least' "$scratch/out"
ok $? "what is large enough already is, too"
grep -q '^bounded  *inconclusive' "$scratch/out" && grep -q 'it depends on requests that had not ended' "$scratch/out"
ok $? "what they could change is not settled"

call compare "$scratch/open.yaml" nine one --metric 'p50(response)' --fail-if 'p50(response) > +5%'
exits 1 "compare: B may be even slower, but is slower"
grep -q '^p50(response) .*>=.*higher' "$scratch/out"
ok $? "and its value is at least what is told"
call compare "$scratch/open.yaml" one one:servers=2,service='exp(41 ms)' --metric 'p50(response)' --fail-if 'p50(response) > +5%'
exits 5 "compare: both may be anything"
grep -q 'p50 of response depends on requests that had not ended' "$scratch/out" && grep -q ' unfinished$' "$scratch/out"
ok $? "and it says why"
call compare "$scratch/open.yaml" one one:servers=2,service='exp(41 ms)' --metric 'p50(response)' --json
grep -q '"verdict": "unfinished"' "$scratch/out" && grep -q '"at_least": true' "$scratch/out"
ok $? "in JSON too"
call compare "$scratch/open.yaml" one nine --metric 'p50(response)' --window 1 --within 90%
! grep -q '>=' "$scratch/out"
ok $? "canary: not in the window in which all have ended"

call sweep "$scratch/open.yaml" --variant one --grid servers=1,9 --show 'p50(response)' --no-figures -o "$scratch/swept"
exits 0 "sweep"
grep -q 'servers=1 .* at least ' "$scratch/out" && grep -q 'servers=9 ' "$scratch/out" &&
	! grep 'servers=9 ' "$scratch/out" | grep -q 'at least'
ok $? "its table says so"
grep -q '^0,1,one,2,response,p50,.*,4,,at least$' "$scratch/swept/points.csv" &&
	grep -q '^0,1,one,1,response,p50,.*,4,,$' "$scratch/swept/points.csv" &&
	grep -q '^1,9,one,2,response,p50,.*,4,,$' "$scratch/swept/points.csv" &&
	grep -q '^0,1,one,2,response,p99,.*,4,too narrow,at least$' "$scratch/swept/points.csv"
ok $? "and points.csv, of each statistic"
value=$(sed -n 's/^0,1,one,2,response,p50,\([0-9.]*\),.*/\1/p' "$scratch/swept/points.csv")
call compare "$scratch/open.yaml" one one --metric 'p50(response)' --json
grep -q "\"value\": $value" "$scratch/out"
ok $? "whose values are those of the other commands"

# ---- what failed ----

cat >"$scratch/fails.yaml" <<'END'
case: microservices
format: 2
trace: {windows: {rate: 100 /s, for: 20 s}}
model:
  classes: {all: {enter: web, timeout: 30 ms}}
  services: {web: {threads: 100, work: const(40 ms)}}
variants: {hopeless: {}, fast: {model: {services: {web: {work: const(10 ms)}}}}}
run: {reps: 2, warmup: 0 s}
END
call run "$scratch/fails.yaml" --no-figures -o "$scratch/fails"
head -n 1 "$scratch/out" | grep -q '^hopeless: most of its requests were not served (failed: 100 for each 100 that came)'
ok $? "a run in which most fail says so first"
grep -q '^hopeless .* 0/s' "$scratch/out" && grep -q '^fast .* \(9[0-9]\|10[0-9]\).*/s' "$scratch/out"
ok $? "nothing is served of it, and all of the other"
grep -q '^  *failed .* of .* 100 %' "$scratch/out"
ok $? "and what failed has a row of its own"

echo "1..$count"
