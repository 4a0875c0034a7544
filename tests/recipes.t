#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A recipe, and the file that `trace gen` makes of it: the same tables, summary.json and verdicts, for every recipe that ships.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# told FILE: what a run said, without the lines that name its trace and its directory.
told() {
	grep -v -e '^trace: ' -e '^next: ' -e '^data: ' "$1"
}

# both MODEL VARIANT FILE: one replication of the recipe, and of the file made of it.
both() {
	"$casebook" trace gen "$1" --variant "$2" -o "$3" 2>err &&
		"$casebook" run "$1" --variant "$2" --reps 1 --slice "${4:-1}" --no-figures -o recipe >recipe.out 2>recipe.err &&
		"$casebook" run "$1" --variant "$2" --reps 1 --slice "${4:-1}" --no-figures -o file --trace "$3" >file.out 2>file.err
}

same() {
	cmp -s recipe/summary.json file/summary.json && told recipe.out >recipe.told && told file.out >file.told &&
		cmp -s recipe.told file.told && cmp -s recipe.err file.err && cmp -s recipe/samples.csv file/samples.csv
}

# Small windows of each recipe, laid over a model that ships, without what names windows of its own.
shipped=$(ls "$top"/traces/*.yaml | sed 's,.*/,,; s,\.yaml,,' | tr '\n' ' ')
for name in $shipped; do
	awk '/^[a-z]/ { out = /^(claims|figures|explore):/ } !out' "$top/models/$name.yaml" >base-$name.yaml
done
cat >discord.yaml <<-END
	extends: base-discord.yaml
	variants:
	  cassandra-2017: {run: {warmup: 50 ms}, trace: {windows: [{dates: [2016-07-01, 2017-01-15], at: 14 h, for: 300 ms}], gap: 200 ms}}
	  mongodb: {run: {warmup: 0 s}, trace: {windows: [{dates: [2015-08-01, 2015-11-01], at: 14 h, for: 20 s}]}}
END
cat >uber.yaml <<-END
	extends: base-uber.yaml
	trace: {windows: {date: 2014-04-11, at: 8 h, for: 40 min}}
END
cat >netflix.yaml <<-END
	extends: base-netflix.yaml
	trace: {windows: [{date: 2018-05-09, at: 22 h, rate: 200/s, for: 5 s}, {date: 2018-05-09, at: 23 h, rate: 300/s, for: 4 s}], gap: 1 s}
END
cat >locks.yaml <<-END
	extends: base-locks.yaml
	trace: {windows: {date: 2024-03-05, at: 19 h, for: 3 min}}
END
cat >microservices.yaml <<-END
	extends: base-microservices.yaml
	trace: {recipe: $top/traces/microservices.yaml, windows: [{rate: 1400 /s, for: 2 s}]}
	run: {warmup: 500 ms}
END
cat >replication.yaml <<-END
	extends: base-replication.yaml
	trace: {windows: {date: 2024-03-05, at: 19 h, for: 10 s}}
	run: {warmup: 1 s}
END
cat >station.yaml <<-END
	extends: base-station.yaml
	trace: {recipe: $top/traces/station.yaml, windows: [{from: 25 /s, to: 118.75 /s, steps: 4, for: 9 s}]}
	run: {warmup: 1 s}
END
# Any other recipe: two steps with dates, and the first variant.
first_of() {
	"$casebook" show "$1" 2>err | sed -n '/^Variants/,$s/^  \([^ ]*\).*/\1/p' | head -n 1
}
for name in $shipped; do
	[ -e $name.yaml ] && continue
	first=$(first_of base-$name.yaml)
	cat >$name.yaml <<-END
		extends: base-$name.yaml
		run: {warmup: 100 ms}
		variants:
		  $first:
		    run: {warmup: 100 ms}
		    trace: {windows: [{date: 2024-03-05, rate: 400 /s, for: 2 s}, {date: 2024-03-06, rate: 300 /s, for: 2 s}], gap: 1 s}
	END
done
tried=
for name in $shipped; do
	tried="$tried$name "
	case $name in
	discord) variants='cassandra-2017 mongodb' ;;
	uber) variants=greedy ;;
	netflix) variants='single-region active-active' ;;
	microservices) variants='monolith thirty' ;;
	locks) variants=one-day ;;
	replication) variants=one-evening ;;
	twophase) variants=one-day ;;
	station) variants=two-servers ;;
	*) variants=$(first_of base-$name.yaml) ;;
	esac
	for variant in $variants; do
		for suffix in csv cbt; do
			both $name.yaml "$variant" $name.$suffix && same
			ok $? "$name $variant: the recipe and its rows in a .$suffix give the same" || {
				sed 's/^/# /' err recipe.err file.err | head -n 5
				diff recipe.out file.out | sed 's/^/# /' | head -n 10
				diff recipe/summary.json file/summary.json | sed 's/^/# /' | head -n 10
			}
		done
	done
done
[ "$(echo $shipped | tr ' ' '\n' | sort)" = "$(echo $tried | tr ' ' '\n' | sort)" ]
ok $? "every recipe that ships is tried: $shipped"
sed -i '$d' station.csv
"$casebook" run station.yaml --variant two-servers --reps 1 --no-figures -o file --trace station.csv >file.out 2>file.err
"$casebook" run station.yaml --variant two-servers --reps 1 --no-figures -o recipe >recipe.out 2>recipe.err
! same
ok $? 'canary: a row less is told'

# ---- verdicts ----

cat >claims.yaml <<-END
	case: station
	trace: {windows: [{rate: 50 /s, for: 20 s}, {rate: 90 /s, for: 20 s}], gap: 5 s}
	model: {service: exp(8 ms)}
	variants: {v: {model: {servers: 1}}, w: {model: {servers: 2}}}
	run: {reps: 1, warmup: 1 s}
	claims:
	  - {id: load, says: as asked for, expect: ["offered()[v @ 1] in 45 /s..55 /s", "offered()[w @ 2] in 80 /s..100 /s"], kind: derived, no_ablation: none, evidence: derived}
	  - {id: worse, says: more load waits more, expect: "mean(wait)[v @ 2] > 2 * mean(wait)[v @ 1]", kind: derived, without: {servers: 8}, evidence: derived}
END
"$casebook" trace gen claims.yaml -o claims.csv 2>err
"$casebook" verify claims.yaml --json >recipe.out 2>recipe.err
recipe=$?
"$casebook" verify claims.yaml --json --trace claims.csv >file.out 2>file.err
[ $? = $recipe ] && grep -v '"trace"' recipe.out >recipe.told && grep -v '"trace"' file.out | cmp -s - recipe.told
ok $? 'verify: the same verdicts, with windows' || diff recipe.out file.out | sed 's/^/# /' | head

echo "1..$count"
