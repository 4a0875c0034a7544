#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the commands make of tables of a model, with a program whose only case has nothing else (tests/toy.c).

CASEBOOK=${top_builddir:-.}/tests/toy
. "${top_srcdir:-.}/tests/calls.sh"
model=${top_srcdir:-.}/tests/toy.yaml

# out TEXT: the last call printed it; err TEXT: complained of it.
out() {
	grep -qF -- "$1" "$scratch/out"
	ok $? "prints: $1"
}
err() {
	grep -qF -- "$1" "$scratch/err"
	ok $? "complains: $1"
}

call show "$model"
exits 0 "show"
out "services = gateway, auth, catalogue, shelf"
out "in no-shelf: gateway, auth, catalogue"
out "services.*.calls.*.latency"
out "services.gateway.steps = [auth, catalogue and stock]"
out "plausible range: 1 ms..4 ms"
out "evidence: published [T]: its authors measured it"
out "*.*.response            from the call to its answer; of each of the calls"
! grep -q "services.auth.servers" "$scratch/out"
ok $? "a field that has its default is not told for each row"
call show "$model" services.auth.servers
exits 0 "show PATH"
out "services.auth.servers = 1   (default)"
call show "$model" services.auth
out "services.auth.measured = none   (default)"
call show "$model" services.auht.servers
exits 2 "show of a slip"
err 'unknown key "services.auht.servers" in toy; did you mean "services.auth.servers"?'
call show --json "$model"
exits 0 "show --json"
out '"name": "services.gateway.calls.auth.latency"'
out '"name": "gateway.auth.response"'
out '"key": "services.auth.work"'

call run "$model" --reps 2 --slowest 1 -o "$scratch/run"
exits 0 "run"
out "auth served"
out "| auth, "
grep -qF '"services.gateway.calls.auth.latency": "1 ms"' "$scratch/run/run.json"
ok $? "run.json has every field by its path"
grep -qF '"services": "gateway, auth, catalogue, shelf"' "$scratch/run/run.json"
ok $? "and the order of rows"
grep -q '^shop,0,,gateway.auth.response,p99,' "$scratch/run/samples.csv"
ok $? "samples.csv has metrics of rows of rows"
test -s "$scratch/run/percentiles-shop-gateway.auth.response.hgrm" && test -s "$scratch/run/calls.svg"
ok $? "so have the percentiles and figures"
grep -q '"kind": "catalogue"' "$scratch/run/summary.json" && grep -q '"spans"' "$scratch/run/summary.json"
ok $? "summary.json has the spans of the slowest"

call run "$model" --reps 1 --set services.gateway.servers=9 -o "$scratch/set"
exits 0 "run --set"
grep -qF '"services.gateway.servers": "9"' "$scratch/set/run.json"
ok $? "--set reaches a field of a row"
call run "$model" --reps 1 --set 'services.gateway.steps=[auth]' --set services.gateway.calls.catalogue.latency='3 ms' \
	-o "$scratch/set"
exits 0 "a list, and a call that had no settings"
grep -qF '"services.gateway.steps": "[auth]"' "$scratch/set/run.json"
ok $? "a list is replaced"
call run "$model" --set services.gatway.servers=9
exits 2 "a slip in the name of a row"
err 'unknown name "gatway" in services; did you mean "gateway"?'
call run "$model" --set services.gateway.sevrers=9
err 'unknown key "sevrers" in services.gateway; did you mean "servers"?'
call run "$model" --set services.gateway.servers=0
err 'services.gateway.servers: 0 is out of range; allowed: 1 .. 1 M'
call run "$model" --set services.gateway.calls.stock.to=shlef
err 'services.gateway.calls.stock.to: "shlef" is not one of the services; did you mean "shelf"?'

call sweep "$model" --grid services.auth.work='exp(1 ms),exp(2 ms)' --grid services.gateway.servers=2:8:3 \
	--where 'services.gateway.servers > 4' --dry-run
exits 0 "sweep --dry-run"
out "services.auth.work=exp(2 ms), services.gateway.servers=8"
out "4 points"
call sweep "$model" --grid services.auth.work='exp(1 ms),exp(2 ms)' --reps 1 --show 'p99(auth.response)' \
	-o "$scratch/sweep"
exits 0 "sweep"
grep -q '^1,exp(2 ms),shop,,auth.response,mean,0.00' "$scratch/sweep/points.csv"
ok $? "points have the metrics of rows"
call sweep "$model" --grid services.auth.wrok=1 --dry-run
exits 2 "sweep of a slip"
err 'unknown key "services.auth.wrok"; did you mean "services.auth.work"?'

call flip "$model" auth-is-a-queue --by services.auth.work --reps 2 -o "$scratch/flip"
exits 0 "flip --by"
out "auth-is-a-queue holds up to services.auth.work"
call flip "$model" auth-is-a-queue --by services.auth.wrok -o "$scratch/flip"
err 'unknown parameter "services.auth.wrok"; did you mean "services.auth.work"?'
call sensitivity "$model" 'mean(auth.response)' --variant shop --reps 2 --param 'services.*.work' -o "$scratch/tornado"
exits 0 "sensitivity of a pattern"
out "services.auth.work matters most to mean(auth.response)"
grep -q services.gateway.servers "$scratch/out"
[ $? = 1 ]
ok $? "of nothing else"
call sensitivity "$model" 'mean(auth.response)' --variant shop --reps 2 --by declared -o "$scratch/tornado"
exits 0 "sensitivity by declared ranges"
grep -q 'services.auth.work *1 ms: .* 4 ms: ' "$scratch/out"
ok $? "the range that says most of a parameter counts"
call compare "$model" shop no-shelf --metric 'p99(gateway.response)' --reps 2
exits 0 "compare"
out "p99(gateway.response)"
call verify "$model"
exits 0 "verify"
out "2 of 2 predicted claims hold"
call verify --explore "$model"
exits 0 "verify --explore"

# A trace whose classes are rows, and whose columns are.
cat >"$scratch/trace.csv" <<END
at_ms,what,took_us
0,buy,100
1000,browse,200
2000,buy,300
END
cat >"$scratch/traced.yaml" <<END
case: toy
trace: {file: trace.csv, columns: {time: {from: at_ms, unit: ms}, class: what, took: {from: took_us, unit: us}}}
model:
  services: {a: {measured: took}, b: {measured: took}}
  classes: {browse: {enter: a}, buy: {enter: b}}
  columns: {took: 100 %}
run: {reps: 1}
END
call run "$scratch/traced.yaml" -o "$scratch/traced"
exits 0 "a trace's own columns"
grep -q '^toy,0,,b.response,max,0,0.0003,s' "$scratch/traced/samples.csv" &&
	grep -q '^toy,0,,a.response,max,0,0.0002,s' "$scratch/traced/samples.csv"
ok $? "rows go where their class says, and take what they say"
sed -i s/2000,buy/2000,by/ "$scratch/trace.csv"
call run "$scratch/traced.yaml" -o "$scratch/traced"
exits 4 "a class that there is not"
err 'trace.csv:4:6'

printf 'windows: {rate: 10 /s, for: 1 s}\n' >"$scratch/recipe.yaml"
call trace gen --recipe "$scratch/recipe.yaml" toy -o "$scratch/gen.csv"
exits 0 "a recipe without a model"
call trace gen "$model" --variant shop -o "$scratch/gen.csv"
exits 0 "a trace with words of a table"
grep -q ',buy$' "$scratch/gen.csv"
ok $? "which are written"

# More metrics than belong into files.
awk 'BEGIN { print "case: toy\ntrace: {windows: {rate: 10 /s, for: 1 s}}\nmodel:\n  services:"
	for (i = 0; i < 400; i++) print "    s" i ": {}"
	print "  classes: {all: {enter: s0}}" }' >"$scratch/many.yaml"
call run "$scratch/many.yaml" --reps 1 -o "$scratch/many"
exits 0 "many services"
err "toy has 802 metrics; 2 are in files"
[ "$(grep -c . "$scratch/many/samples.csv")" -lt 20 ]
ok $? "files stay small"
call run "$scratch/many.yaml" --reps 1 --set 'run.keep=[s0.response]' -o "$scratch/many"
test -s "$scratch/many/percentiles-toy-s0.response.hgrm"
ok $? "what is asked for is written"

echo "1..$count"
