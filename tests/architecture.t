#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/traces.md, docs/architecture.md and docs/explore.md teach: their model files are understood, and their examples print what they show.
# A first model of one's own runs.
. "${top_srcdir:-.}/tests/calls.sh"
documents=${top_srcdir:-.}/docs

# models FILE DIRECTORY: every block of YAML that begins with "# NAME.yaml" becomes that file.
models() {
	mkdir -p "$2"
	awk -v into="$2/" '/^```yaml/ { first = 1; next } /^```/ { file = "" }
		first { file = into substr($0, 3); first = 0 }
		file != "" { print > file }' "$1"
}

# same DIRECTORY NUMBER: what an example printed is what the document tells.
same() {
	cmp -s "$1/$2.told" "$1/$2.printed"
}

examples=0
for document in "$documents"/traces.md "$documents"/architecture.md "$documents"/explore.md; do
	run=$scratch/run-$(basename "$document" .md)
	sh "${top_srcdir:-.}/tests/examples.sh" run "$document" "$run" 'casebook'
	for printed in "$run"/*.printed; do
		number=${printed%.printed}
		number=${number##*/}
		examples=$((examples + 1))
		same "$run" "$number"
		status=$?
		diff "$run/$number.told" "$printed" >"$scratch/out"
		ok $status "$(head -n 1 "$run/$number.command")"
	done
done
[ $examples -ge 7 ]
ok $? "there are examples ($examples)"
sed 's/measured/measures/' "$run/1.told" >"$run/1.told.new" && mv "$run/1.told.new" "$run/1.told"
! same "$run" 1
ok $? "canary: a number that is not what is printed is seen"

models "${top_srcdir:-.}/docs/architecture.md" "$scratch/own"
awk 'BEGIN { print "when,kind,cart_ms"; for (i = 0; i < 500; i++) printf "%.3f,%s,%.3f\n", i / 100, i % 9 ? "browse" : "buy", i % 7 + 0.25 }' \
	>"$scratch/own/my.csv"
"$casebook" run "$scratch/own/own.yaml" --no-figures -o "$scratch/out-own" >"$scratch/out" 2>&1 && grep -q '^  cart  *1  *3\.[0-9]* ms' "$scratch/out"
ok $? "a trace of one's own runs as the document says"
"$casebook" init microservices "$scratch/my" --services web,auth,db >"$scratch/next" 2>/dev/null &&
	"$casebook" run "$scratch/my/microservices.yaml" --reps 1 --no-figures -q -o "$scratch/out-my" >"$scratch/out" 2>&1 &&
	grep -q '^db-slow' "$scratch/out" && grep -q '^200-a-second' "$scratch/out" && grep -q 'run.*my/microservices.yaml' "$scratch/next"
ok $? "init --services writes a model that runs, and tells how"
"$casebook" run "$scratch/my/microservices.yaml" --reps 1 --no-figures -q -o "$scratch/out-my" --markdown 2>"$scratch/err" |
	awk '/^```$/ { fenced = !fenced; fences++ } /^ *db  / && !fenced { bare = 1 } END { exit bare || fences != 2 }'
ok $? "in Markdown its second table is fenced"
! "$casebook" init microservices "$scratch/my" --services web,auth,db >/dev/null 2>"$scratch/err" && grep -q "already exists" "$scratch/err"
ok $? "and leaves one that is there"
for wrong in web,web web, ,web 'we b' station; do
	case=microservices
	[ "$wrong" != station ] || case=station
	! "$casebook" init $case "$scratch/other" --services "$wrong" >/dev/null 2>"$scratch/err" && [ ! -e "$scratch/other" ] &&
		grep -q -e '--services' "$scratch/err"
	ok $? "--services '$wrong' for $case is refused"
done
"$casebook" run "${top_srcdir:-.}/models/shop.yaml" --variant no-cache --reps 1 --no-figures -o "$scratch/out-shop" >"$scratch/out" 2>"$scratch/err"
grep -q 'no-cache: at 120/s database saturates first: it is offered 12[0-9] %' "$scratch/err"
ok $? "a load that a service cannot bear is told, with the service"
grep -q '^    database  *0\.[0-9]' "$scratch/out"
ok $? "the tree of services is shown, below who calls"
"$casebook" run "${top_srcdir:-.}/models/shop.yaml" --variant as-it-is --variant slow-bank --reps 1 --no-figures -o "$scratch/out-two" >"$scratch/out" 2>&1
grep -q '^where the time goes  *as-it-is  *slow-bank$' "$scratch/out" && grep -q '^    payment  *[0-9.]* ms  *[0-9.]* %  *[0-9.]* ms  *[0-9.]* %$' "$scratch/out"
ok $? "and of two variants side by side"
"$casebook" run "${top_srcdir:-.}/models/shop.yaml" --variant as-it-is --reps 1 --no-figures -o "$scratch/out-shop2" >"$scratch/out" 2>"$scratch/err"
! grep -q saturates "$scratch/err"
ok $? "canary: nothing is said of one that they can"
echo "1..$count"
