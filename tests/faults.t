#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Results that were wrong without a word once, each by the smallest input that showed it, with what is right.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# told PATTERN: a line of what the last call said.
told() {
	grep -q -e "$1" out
}

# ---- windows of a file ----

awk 'BEGIN { print "t_s,day"; for (i = 0; i < 10000; i++) print i "," i }' >days.csv
head -n 514 days.csv >many.csv
cat >many.yaml <<'END'
case: station
format: 2
trace: {file: many.csv, columns: {time: {from: t_s, unit: s}, window: day}}
model: {service: const(1 ms)}
run: {reps: 1, warmup: 0 s}
END
call run many.yaml --no-figures -o many
[ $status = 0 ] && [ "$(grep -c '^ *"[0-9]*": {' many/summary.json)" = 513 ]
ok $? '513 windows of a file, each is told'
sed 's/many.csv/days.csv/' many.yaml >days.yaml
call run days.yaml --no-figures -o days
[ $status = 4 ] && grep -q 'days.csv:4098: error: the windows change more than 4096 times' err
ok $? 'ten thousand are refused, with the line'
sed 's/trace: .*/trace: {windows: {from: 1 \/s, to: 2 \/s, steps: 513, for: 2 s}}/' many.yaml >steps.yaml
call run steps.yaml --no-figures -o steps
[ $status = 0 ] && [ "$(grep -c '^ *"[0-9]*": {' steps/summary.json)" = 513 ]
ok $? 'and as many steps of a recipe'

# A gap between windows is part of neither, and what comes after the last row is drain.
cat >two.yaml <<'END'
case: station
format: 2
trace: {windows: [{rate: 10 /s, for: 10 s}, {rate: 10 /s, for: 10 s}], gap: 20 s, clustering: {cv: 0}}
model: {servers: 1, service: const(50 ms)}
variants: {v: {}}
run: {reps: 1, warmup: 0 s, drain: 60 s}
END
call trace gen two.yaml -o two.csv
for measure in 'offered()' 'mean(busy)'; do
	call compare two.yaml v v --window 1 --metric "$measure"
	sed -n '/^station/,/^$/p' out >recipe.told
	call compare two.yaml v v --window 1 --metric "$measure" --trace two.csv
	sed -n '/^station/,/^$/p' out | cut -c1-48 >file.told
	cut -c1-48 recipe.told | cmp -s - file.told && grep -q '0.495\|9.9' file.told
	ok $? "$measure of a window is that of the recipe"
done
printf 't_s,s_s\n' >ten.csv
for i in 0 1 2 3 4 5 6 7 8 9; do echo "$i,100"; done >>ten.csv
cat >ten.yaml <<'END'
case: station
format: 2
trace: {file: ten.csv, columns: {time: {from: t_s, unit: s, origin: 0}, service: {from: s_s, unit: s}}}
model: {service_from: trace}
variants: {one: {model: {servers: 1}}, ten: {model: {servers: 10}}}
run: {reps: 1, warmup: 0 s, drain: 1 h}
claims:
  - {id: load, kind: derived, says: "the same load", expect: ["offered()[one] in 1/s..1.2/s", "offered()[ten] in 1/s..1.2/s"],
     without: {servers: 1}, evidence: derived}
END
call verify ten.yaml
told '^load *yes'
ok $? 'offered load belongs to the trace, not to the design'
call compare ten.yaml one ten --metric 'rate(arrived)'
told '^rate(arrived) .* equal$'
ok $? 'and so do arrivals'

# ---- one replication ----

printf 't_s\n' >eight.csv
for i in 0 1 2 3 4 5 6 7; do echo $i; done >>eight.csv
cat >random.yaml <<'END'
case: station
format: 2
trace: {file: eight.csv, columns: {time: {from: t_s, unit: s, origin: 0}}}
model: {service: exp(2 s)}
variants: {one: {model: {servers: 1}}, two: {model: {servers: 2}}}
run: {reps: 1, warmup: 0 s, drain: 1 h}
claims:
  - {id: short, kind: derived, says: "they wait less than 3 s", expect: "mean(wait)[one] < 3 s", without: {service: const(9 s)},
     evidence: derived}
END
settled=0
for seed in 1 2 3 4 5 6; do
	call verify random.yaml --seed $seed
	[ $status = 5 ] || settled=$((settled + 1))
	call compare random.yaml one one --independent --seed $seed --metric 'mean(wait)' --fail-if 'mean(wait) > +5%'
	[ $status = 5 ] || settled=$((settled + 1))
done
[ $settled = 0 ]
ok $? 'where something was drawn one replication settles nothing, at six seeds'
call compare random.yaml one two --reps 8 --fail-if 'max(wait) > +5%'
exits 0 'a greatest value that is lower in every replication'
sed 's/exp(2 s)/const(5 s), limited: on, places: 0, servers: 3/; s/{model: {servers: [12]}}/{}/g; /^claims/,$d' random.yaml >exact.yaml
call compare exact.yaml one one:servers=4 --metric 'count(blocked)' --fail-if 'count(blocked) > +5%' --within 60%
exits 0 'where nothing was drawn, one replication is exact'
told '^count(blocked) *2 *1 .* lower$' && told 'in every replication' && told 'are the same within 60 %'
ok $? 'and its difference is clear'
call compare exact.yaml one one:servers=2 --metric 'count(blocked)' --fail-if 'count(blocked) > +5%'
exits 1 'also where it is too large'
call sensitivity exact.yaml 'count(blocked)' --variant one --param servers=1..8 --no-figures
told 'servers matters most to count(blocked): 6 at 1, 0 at 8'
ok $? 'sensitivity shows it'

# ---- what was measured, and what was not ----

cat >queue.yaml <<'END'
case: station
format: 2
trace: {windows: [{rate: 20 /s, for: 100 s}, {rate: 115 /s, for: 20 s}]}
model: {service: exp(8 ms)}
variants: {v: {}}
run: {reps: 3, warmup: 0 s}
claims:
  - {id: few, kind: derived, says: a percentile of few, expect: "p999(wait)[v @ 1] < 1 h", without: {servers: 5}, evidence: derived}
  - {id: first, kind: derived, says: a short queue, expect: "max(queue)[v @ 1] < max(queue)[v @ 2]", without: {servers: 30},
     evidence: derived}
END
call verify queue.yaml
[ $status = 5 ] && told '^few *inconclusive' && told 'something in it was not measured'
ok $? 'what was not measured is not judged'
told '^first *yes'
ok $? 'the greatest level is that of the window'
call run queue.yaml --no-figures -o queue
hgrm=queue/percentiles-v-response.hgrm
most=$(awk '/"response": {/ { of = 1 } of && /"max": {/ { is = 1 } is && /"value"/ { gsub(/[^0-9.]/, ""); print; exit }' queue/summary.json)
[ -n "$most" ] && awk -v most="$most" '/^ / && $2 == "1.000000000000" { last = $1 / 1000 }
	END { exit !(last > most * 0.9999999 && last < most * 1.0000001) }' $hgrm
ok $? "the last row of .hgrm is the greatest value ($most)"
awk '$1 + 0 > 0 && $2 != "" && $1 !~ /^[#V]/ { if ($1 < before) wrong = 1; before = $1 } END { exit wrong }' $hgrm
ok $? 'and its rows rise'

# ---- faults ----

call run station --variant one-server --reps 1 --set servers=10 --set trace.windows.rate=1/s --fault '0 s for 600 s slow by 10' \
	--no-figures -o slow
told '^one-server *wait *0 s'
ok $? 'who is served slowly has not waited'
call run station --variant one-server --reps 1 --fault '0 s for 60 s slow by 0.5' --no-figures -o fast
exits 0 'a factor below 1'
cat >nobody.yaml <<'END'
case: microservices
format: 2
trace: {windows: {rate: 10 /s, for: 5 s}}
model: {classes: {all: {enter: web}}, services: {web: {work: const(0 s)}}}
variants: {v: {}}
run: {reps: 1, warmup: 0 s}
END
call run nobody.yaml --fault '1 s for 1 s slow web by 2' --fault '1 s for 1 s slow-link all - web by 2' --no-figures -o nobody
grep -q 'does nothing here: its work takes no time (work)' err && grep -q 'does nothing here: its messages take no time' err
ok $? 'a fault that can do nothing is told'
sed 's/work: const(0 s)/work: const(1 ms)/' nobody.yaml >somebody.yaml
call run somebody.yaml --fault '1 s for 1 s kill web' --fault '1 s for 1 s slow web by 2' --no-figures -o nobody
! grep -q 'does nothing' err
ok $? 'canary: one that can is not'

# ---- keys that did nothing ----

cat >plain.yaml <<'END'
case: station
format: 2
trace: {windows: {rate: 100 /s, for: 2 s}}
variants: {a: {}, b: {model: {servers: 2}}}
run: {reps: 2}
END
# Each line: what is put in place of `variants:` and behind it, and what must be said.
refused() {
	{ cat plain.yaml; printf '%s\n' "$1"; } >refused.yaml
	call show refused.yaml
	[ "$status" = 3 ] && grep -q -e "$2" err
	ok $? "$1"
}
refused 'figures: [{kind: percentiles, metric: response, labels: [x]}]' 'labels'
refused 'figures: [{kind: lines, x: window, y: [mean(wait), p99(wait)], joined: [[a, b]]}]' 'joined'
refused 'figures: [{kind: percentiles, metric: response, title: "{p99(response)[nope]}"}]' 'nope'
refused 'figures: [{kind: percentiles, metric: response, colour: red}]' 'colour'
refused 'claims: [{id: x, kind: derived, says: y, evidence: derived, expect: "mean(wait)[a] in 1 s..0 s", without: {servers: 3}}]' '1 s'
refused 'claims: [{id: x, kind: derived, says: y, evidence: derived, expect: "mean(wait)[a] < 1 s", without: {}}]' 'changes nothing'
sed 's/rate: 100 .s/rate: 100 \/s, to: 200 \/s/' plain.yaml >to.yaml
call show to.yaml
exits 3 'a window of a rate with `to`'
call show plain.yaml
exits 0 'canary: without them'

# ---- keys of windows that are listed ----

cat >listed.yaml <<'END'
case: station
format: 2
trace: {windows: [{rate: 100 /s, for: 41 s}, {rate: 50 /s, for: 20 s}]}
model: {service: const(1 ms)}
run: {reps: 1, warmup: 0 s}
END
for rate in 160 200; do
	call run listed.yaml --no-figures -o listed --set trace.windows.rate=$rate/s
	tr -d ' \n' <listed/run.json |
		grep -q '"windows":\[{"rate":"'$rate'/s","for":"41s"},{"rate":"'$rate'/s","for":"20s"}\]'
	ok $? "a rate for the windows of a list is of each, and they last as long as they did"
done
call run listed.yaml --no-figures -o listed --set trace.windows.rtae=1/s
exits 2 'a key that no window has'
sed 's/^run:.*/&\nvariants: {a: {}, b: {trace: {windows: {rate: 7 \/s, for: 10 s}}}}/' listed.yaml >replaced.yaml
call run replaced.yaml --no-figures -o replaced --variant b
tr -d ' \n' <replaced/run.json | grep -q '"windows":{"rate":"7/s","for":"10s"}'
ok $? 'a window with its length replaces the list'

# ---- replications ----

cat >channels.yaml <<END
case: discord
format: 2
trace: {recipe: $top/traces/discord.yaml, windows: [{date: 2016-07-01, at: 14 h, for: 2 s}], gap: 0 s}
run: {reps: 6, warmup: 0 s}
END
call run channels.yaml --no-figures -o channels
[ "$(grep '^[^,]*,[0-9]*,*partition,max' channels/samples.csv | sed 's/.*partition,max,//' | sort -u | wc -l)" -gt 3 ]
ok $? 'the rates of channels are drawn in each replication'

echo "1..$count"
