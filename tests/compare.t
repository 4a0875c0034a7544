#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Studies as users meet them: run --precision, compare, flip, sensitivity; their answers, exit codes and mistakes.
. "${top_srcdir:-.}/tests/calls.sh"

# says out|err PATTERN
says() {
	grep -q -e "$2" "$scratch/$1"
	ok $? "says on $1: $2"
}

same() {
	for file in summary.json samples.csv; do
		cmp -s "$1/$file" "$2/$file" || return 1
	done
	for side in "$1" "$2"; do
		sed -e '/"command"/d' -e '/"arguments"/,/\]/d' "$side/run.json" >"$scratch/of-${side##*/}"
	done
	cmp -s "$scratch/of-${1##*/}" "$scratch/of-${2##*/}"
}

# number KEY: the first number under that key in the JSON on out.
number() {
	sed -n "s/^ *\"$1\": \(-\{0,1\}[0-9.e+-]*\),\{0,1\}$/\1/p" "$scratch/out" | head -n 1
}

# between LOW VALUE HIGH
between() {
	awk -v low="$1" -v value="$2" -v high="$3" 'BEGIN { exit !(value != "" && low <= value + 0 && value + 0 <= high) }'
}

# A station that is quick to run.
cat >"$scratch/small.yaml" <<'END'
case: station
trace: {windows: {rate: 100 /s, for: 100 s}}
model: {servers: 1, service: exp(8 ms)}
variants:
  one: {}
  two: {model: {servers: 2}}
  slower: {model: {service: exp(8.4 ms)}}
run: {reps: 8, seed: 1, warmup: 10 s, series: 1 s}
claims:
  - {id: waits, says: customers wait, kind: derived, expect: "mean(wait)[one] in 10 ms..60 ms", no_ablation: a test, evidence: assumption}
  - {id: short, says: a second server helps, kind: derived, expect: "mean(wait)[two] < mean(wait)[one] / 2", without: {servers: 1}, evidence: assumption}
  - {id: never, says: nobody waits for an hour, kind: derived, expect: "max(wait)[two] < 1 h", no_ablation: a test, evidence: assumption}
END
small=$scratch/small.yaml

for command in compare flip sensitivity; do
	call "$command" --help
	exits 0 "$command --help"
	says out "^usage: casebook $command"
done

# ---- run --precision ----
call run "$small" --precision 12% --no-figures -o "$scratch/precise"
exits 0 "a precision that can be met"
says err 'settled within 12 % by'
reps=$(sed -n 's/^seed 1, \([0-9]*\) replications.*/\1/p' "$scratch/out")
between 6 "$reps" 199
ok $? "it took more than the first five replications, and less than 200 ($reps)"
call run "$small" --reps "$reps" --no-figures -o "$scratch/plain"
same "$scratch/precise" "$scratch/plain"
ok $? "results are those of --reps $reps, byte for byte"
call run "$small" --reps $((reps + 1)) --no-figures -o "$scratch/plain"
! same "$scratch/precise" "$scratch/plain"
ok $? "canary: and not of one more"
call run "$small" --precision 12% --no-figures --jobs 1 -o "$scratch/plain"
same "$scratch/precise" "$scratch/plain"
ok $? "on one thread too"
call run "$small" --precision 0.1% --reps 9 --no-figures -o "$scratch/plain"
exits 5 "a precision that cannot be met"
says err 'not settled within 0.1 % by 9 replications: .*(wait)\[[a-z]*\] is known to'
says err 'about [0-9]* replications would settle it\|more than 10000 would be needed'
[ -s "$scratch/plain/summary.json" ]
ok $? "what was run is written all the same"
sed '/^claims/,$d' "$small" >"$scratch/unclaimed.yaml"
call run "$scratch/unclaimed.yaml" --precision 0.1% --reps 5 --no-figures -o "$scratch/plain"
exits 5 "without claims the table's metrics count"
says err 'p[0-9]*(\(wait\|response\))'
for wrong in 0 100% -2% much 2ms; do
	call run "$small" --precision=$wrong --no-figures -o "$scratch/none"
	exits 2 "--precision $wrong"
done
[ ! -e "$scratch/none" ]
ok $? "and nothing was written"

# ---- warm-up ----
call run "$small" --set run.warmup=auto --no-figures -o "$scratch/plain"
exits 0 "warmup: auto"
says out '^warm-up of one: .* of 99 s, .* are not counted'
grep -q '"warmup_found"' "$scratch/plain/run.json"
ok $? "run.json has it"
call run "$small" --set run.warmup=auto --set 'service=exp(30 ms)' --variant one --no-figures -o "$scratch/plain"
says err 'there is no steady state'
call run "$small" --set run.warmup=auto --set run.series='5 s' --no-figures -o "$scratch/none"
exits 2 "auto with too few bins"
says err 'needs a series of 50 bins'
call run "$small" --set run.warmup=aut --no-figures -o "$scratch/none"
exits 2 "auto misspelt"

# ---- compare ----
call compare "$small" one two
exits 0 "compare"
says out 'two is [0-9.]* % lower at p99 of wait (95 % CI [0-9.]*\.\.[0-9.]* %)'
says out '8 replications, common random numbers'
! grep -q 'different traces' "$scratch/err"
ok $? "no word of different traces when both replay the same"
cp "$scratch/out" "$scratch/first"
call compare "$small" one two --jobs 1
cmp -s "$scratch/first" "$scratch/out"
ok $? "on one thread it says the same"
call compare "$small" one one:servers=1 --within 1% --metric 'mean(wait)' --metric 'max(wait)'
exits 0 "the same design is the same within 1 %"
says out 'the two are the same within 1 % at mean of wait'
says out 'a least or greatest value has no interval'
call compare "$small" one two --within 1% --metric 'mean(wait)'
exits 1 "two servers are not the same as one"
says out 'the two are not the same within 1 % at mean of wait'
call compare "$small" one one:trace.windows.rate='60 /s'
says err 'the sides replay different traces'
for service in 1000 2000; do
	mkdir "$scratch/$service"
	printf 'time_us,service\n0,%s\n5000,%s\n' $service $service >"$scratch/$service/trace.csv"
	cat >"$scratch/$service/model.yaml" <<-END
		case: station
		trace: {file: trace.csv, columns: {service: {from: service, unit: us}}}
		model: {service_from: trace}
		variants: {one: {}}
		run: {reps: 1}
	END
done
call compare "$scratch/1000/model.yaml:one" "$scratch/2000/model.yaml:one" --metric 'mean(response)'
says out '^mean(response)  *1 ms  *2 ms '
says err 'the sides replay different traces'
call compare "$scratch/1000/model.yaml" one one
says err 'both sides are the same setup'
call compare "$small" one two --within 1
exits 2 "--within needs a part"
call compare "$small" one two --seed 2
! cmp -s "$scratch/first" "$scratch/out"
ok $? "canary: with another seed it does not"
call compare "$small" one slower --metric 'mean(response)' --json
exits 0 "--json"
for key in case a b difference relative verdict variance_gain more_replications text digest; do
	grep -q "\"$key\"" "$scratch/out" || missing="$missing $key"
done
[ -z "$missing" ]
ok $? "--json has all its keys$missing"
gain=$(number variance_gain)
between 5 "$gain" 1e9
ok $? "common random numbers make it more than five times easier ($gain)"
grep -q '"verdict": "higher"' "$scratch/out"
ok $? "eight replications see that 5 % longer services are slower"
call compare "$small" one slower --metric 'mean(response)' --json --independent
gain=$(number variance_gain)
between 0.05 "$gain" 5
ok $? "canary: with independent ones it is not ($gain)"
call compare "$small" one one:service='exp(8.4 ms)' --json --metric 'mean(response)'
grep '"value"' "$scratch/out" >"$scratch/first"
call compare "$small" one slower --json --metric 'mean(response)'
grep '"value"' "$scratch/out" | cmp -s - "$scratch/first"
ok $? "changes on the command line are as good as a variant"
sed 's/exp(8 ms)/exp(8.4 ms)/' "$small" >"$scratch/other.yaml"
call compare "$small:one" "$scratch/other.yaml:one" --json --metric 'mean(response)'
grep '"value"' "$scratch/out" | cmp -s - "$scratch/first"
ok $? "and so is another file"
call compare "$small" one one
says out 'no difference at p99 of wait: equal in every replication'
call compare "$small" one one:places=5 --metric 'p99(wait)'
says out 'equal in every replication'
call compare "$small" one one:service='lognormal(median=5 ms,p99=40 ms)',servers=2 --metric 'p99(wait)'
exits 0 "commas inside of values do not divide them"
call compare "$small" one two --markdown
says out '^| p99(wait) | [0-9.]* ms | '
says out '^- two is'
call compare "$small" one two --reps 1 --metric 'p50(response)'
says out 'one replication cannot tell'
call compare "$small" one slower --independent --reps 3 --metric 'p999(wait)'
says out 'no clear difference at p999 of wait.*would settle it\|could not be measured'
call compare "$small" two one --fail-if 'mean(wait) > +5%'
exits 1 "a limit that is clearly passed"
says out 'fail if mean(wait) > +5%: fails'
call compare "$small" two one --fail-if 'mean(wait) > 1 s'
exits 0 "a limit that is clearly kept"
call compare "$small" one two --fail-if 'p99(wait) > +5%' --fail-if 'mean(wait) < -5 ms'
exits 1 "the second of two limits"
call compare "$small" one slower --independent --fail-if 'mean(response) >= +28%'
exits 5 "a limit inside the interval"
call compare "$small" one two --set run.warmup=auto
exits 0 "warm-ups that are found"
[ "$(sed -n 's/^warm-up of [a-z]*: \(.*\) of .*/\1/p' "$scratch/out" | sort -u | wc -l)" = 1 ]
ok $? "are the same for both sides"
call compare "$small" one tow
exits 2 "a variant misspelt"
says err 'did you mean "two"'
call compare "$small" one two:sevice=1
exits 2 "a parameter misspelt"
says err 'did you mean "service"'
call compare "$small" one two --metric 'p99(respone)'
exits 2 "a metric misspelt"
says err 'did you mean "response"'
call compare "$small" one two --metric 'p99(wait)[one]'
exits 2 "a metric of a variant"
call compare "$small" one two --fail-if 'p99(wait) > fast'
exits 2 "a limit that is none"
call compare "$small" one two --fail-if 'p99(wait)'
exits 2 "half a limit"
call compare "$small" one two --window 9
exits 2 "a window that is not there"
call compare "$small" one discord
exits 2 "something that is no variant"
call compare "$small:one" discord
exits 2 "sides of two cases"
says err 'not the same case'
call compare "$small" one
exits 2 "one side" # "one" is then no case
call compare "$scratch/nothing.yaml" one two
exits 3 "a file that is not there"

# ---- flip ----
# The mean wait of M/M/1 at 100/s is 60 ms when a service takes 8.718 ms, and 10 ms when it takes 6.180 ms.
call flip "$small" waits --by service --reps 20 --set 'trace.windows.for=400 s' --json --no-figures
exits 0 "flip"
low=$(number low)
high=$(number high)
between 0.0080 "$low" 0.0087182
ok $? "its interval begins below 8.718 ms ($low)"
between 0.0087182 "$high" 0.0096
ok $? "and ends above ($high)"
grep -q '"side": "holds up to"' "$scratch/out"
ok $? "the claim holds below"
call flip "$small" waits --by service --from '2 ms' --to '8 ms' --reps 20 --set 'trace.windows.for=400 s' --json --no-figures
low=$(number low)
high=$(number high)
between 0.0055 "$low" 0.0061803 && between 0.0061803 "$high" 0.0068
ok $? "between 2 and 8 ms the lower end of the band is found ($low .. $high)"
! between "$low" 0.0075 "$high"
ok $? "canary: the interval does not hold everything"
grep -q '"side": "holds from"' "$scratch/out"
ok $? "the claim holds above"
call flip "$small" short --by servers --variant two --from 1 --to 6 --no-figures
exits 0 "flip by a whole number"
says out 'short holds from servers 2 on'
cp "$scratch/out" "$scratch/first"
call flip "$small" short --by servers --variant two --from 1 --to 6 --no-figures --jobs 1
cmp -s "$scratch/first" "$scratch/out"
ok $? "on one thread it says the same"
call flip "$small" waits --by trace.windows.rate --from '20 /s' --to '90 /s' --no-figures
exits 0 "flip by a key of the trace"
call flip "$small" never --by service --no-figures --from '1 ms' --to '9 ms'
exits 5 "a claim that does not flip"
says out 'never holds throughout, from service 1 ms to 9 ms'
call flip "$small" wait --by service
exits 2 "a claim misspelt"
says err 'did you mean "waits"'
call flip "$small" waits --by sevice
exits 2 "a parameter misspelt"
says err 'did you mean "service"'
call flip "$small" waits
exits 2 "without --by"
call flip "$small" waits --by limited
exits 2 "by a switch"
call flip "$small" waits --by service --from '9 ms'
exits 2 "--from without --to"
call flip "$small" waits --by service --from '9 ms' --to '3 ms'
exits 2 "an empty range"
call flip "$small" waits --by service --from '9 ms' --to '31 d'
exits 2 "a value out of range"
says err '1 ns .. 30 d'
call flip "$small" waits --by service --from 9 --to 10
exits 2 "a value without a unit"
call flip "$small" waits --by places
exits 2 "by what is 0"
call flip "$small" waits --by service --variant two
exits 2 "a variant that the claim does not name"
call flip "$small" waits --by service --within 0
exits 2 "a bracket of nothing"

# ---- sensitivity ----
call sensitivity "$small" 'p99(response)' --no-figures
exits 0 "sensitivity"
says out '^service  *6.4 ms: .* 9.6 ms: '
says out 'service matters most to p99(response)'
says out '  places  *it is 0'
cp "$scratch/out" "$scratch/first"
call sensitivity "$small" 'p99(response)' --no-figures --jobs 1
cmp -s "$scratch/first" "$scratch/out"
ok $? "on one thread it says the same"
call sensitivity "$small" response --no-figures --json --param service='6 ms..8 ms'
grep -q '"metric": "p99(response)"' "$scratch/out" && grep -q '"set": "6 ms"' "$scratch/out"
ok $? "a metric by its name, a parameter in its range"
call sensitivity "$small" 'mean(wait)' --morris 6 --param service --param servers=1..3 --no-figures --json
exits 0 "--morris"
grep -q '"method": "morris"' "$scratch/out" && grep -q '"mean_size"' "$scratch/out"
ok $? "it has mean sizes"
sed '$a ranges: {service: 6 ms..9 ms, servers: 1..4}' "$small" >"$scratch/declared.yaml"
call sensitivity "$scratch/declared.yaml" wait --by declared --no-figures
exits 0 "over declared ranges"
says out '^service  *6 ms: .*9 ms: '
says out '^servers  *4: '
! grep -q limited "$scratch/out"
ok $? "and of nothing else"
call sensitivity "$scratch/declared.yaml" wait --by declared --param places --no-figures
exits 2 "a parameter that has no declared range"
call sensitivity "$small" wait --by declared --no-figures
exits 2 "a model file that declares none"
says err 'ranges: {servers: LOW..HIGH}'
sed '$a ranges: {servise: 6 ms..9 ms}' "$small" >"$scratch/wrong.yaml"
call sensitivity "$scratch/wrong.yaml" wait --by declared --no-figures
exits 3 "a range of what there is not"
says err 'did you mean "service"'
sed '$a ranges: {service: 9 ms..6 ms}' "$small" >"$scratch/wrong.yaml"
call sensitivity "$scratch/wrong.yaml" wait --by declared --no-figures
exits 3 "an empty range"
call sensitivity discord 'p50(read)' --variant cassandra-2017 --param storage --reps 2 --no-figures
exits 0 "a choice is gone through"
says out '^storage  *pages: '
call sensitivity station wait --reps 2 --param service_from --no-figures
says out 'service_from  *the recipe makes no columns'
call sensitivity "$small" 'mean(wait)' --param servise --no-figures
exits 2 "a parameter misspelt"
says err 'did you mean "service"'
call sensitivity "$small" 'mean(wiat)' --no-figures
exits 2 "a metric misspelt"
says err 'did you mean "wait"'
call sensitivity "$small" wait --variant tow --no-figures
exits 2 "a variant misspelt"
call sensitivity "$small" wait --param service='8 ms' --no-figures
exits 2 "a range that is none"
call sensitivity "$small" wait --param service='8 ms..7 ms' --no-figures
exits 2 "an empty range"
call sensitivity "$small" wait --by 0% --no-figures
exits 2 "--by nothing"
call sensitivity "$small" wait --morris 5 --param limited --no-figures
exits 2 "--morris with a switch"

# What is not measured is no place where a claim stops being true: at few customers there is no p99.9.
cat >"$scratch/rare.yaml" <<'END'
case: station
format: 2
trace: {windows: {rate: 300 /s, for: 100 s}}
run: {warmup: 0 s, reps: 3}
model: {service: const(1 ms)}
claims:
  - {id: quick, says: it is quick, kind: derived, evidence: derived, expect: p99.9(response) < 100 ms, without: {service: const(1 s)}}
END
call flip "$scratch/rare.yaml" quick --by trace.windows.rate --from '5 /s' --to '300 /s' --no-figures
exits 5 "flip into what is not measured"
says out 'quick is not known between trace.windows.rate .* there not all that it names is measured'
call flip "$scratch/rare.yaml" quick --by trace.windows.rate --from '5 /s' --to '300 /s' --no-figures --json
grep -q '"found": false' "$scratch/out"
ok $? "nor in JSON"

# ---- figures ----
if command -v gnuplot >/dev/null; then
	call flip "$small" waits --by service -o "$scratch/figures" -f svg
	[ -s "$scratch/figures/flip-waits.svg" ] && grep -q 'flips at' "$scratch/figures/flip-waits.svg"
	ok $? "flip draws its figure"
	call sensitivity "$small" 'p99(response)' -o "$scratch/figures" -f svg
	[ -s "$scratch/figures/tornado.svg" ] && grep -q 'as it is' "$scratch/figures/tornado.svg"
	ok $? "sensitivity draws a tornado"
	cp "$scratch/figures/tornado.svg" "$scratch/before.svg"
	call plot "$scratch/figures" -f svg
	cmp -s "$scratch/before.svg" "$scratch/figures/tornado.svg"
	ok $? "which can be drawn again"
	mkdir "$scratch/closed" && : >"$scratch/closed/file"
	call flip "$small" waits --by service -o "$scratch/closed/file"
	exits 6 "a directory that is a file"
else
	skip figures "no gnuplot"
fi

echo "1..$count"
