#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures whose points are variants: a line for each window of the trace, or one for the whole run. And maps.
build=${top_builddir:-.}
casebook=${CASEBOOK:-$build/casebook}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# model ACROSS: three stations at two loads.
model() {
	cat >"$scratch/model.yaml" <<END
case: station
about: servers
trace: {windows: [{rate: 50/s, for: 20 s}, {rate: 100/s, for: 20 s}]}
run: {reps: 2, warmup: 1 s}
variants:
  one: {about: one server, model: {servers: 1}}
  two: {about: two servers, model: {servers: 2}}
  four: {about: four servers, model: {servers: 4}}
figures:
  - {kind: lines, name: loads, across: $1, labels: [low, high], x: param(servers), y: mean(busy)}
END
	"$casebook" run "$scratch/model.yaml" -q -f svg -o "$scratch/out" >"$scratch/log" 2>&1
}

# near FILE X LABEL LOW HIGH: the point at X of the line called LABEL has a y between.
near() {
	awk -F '\t' -v x="$2" -v label="$3" -v low="$4" -v high="$5" '
	$1 == x && $NF == label { found++; good += $2 >= low && $2 <= high }
	END { exit !(found == 1 && good == 1) }' "$1"
}

model windows
ok $? "a line for each window"
data=$scratch/out/loads.tsv
near "$data" 1 low 0.3 0.5 && near "$data" 2 low 0.3 0.5 && near "$data" 4 low 0.3 0.5
ok $? "a point for each variant: busy servers at the low load are 0.4"
near "$data" 1 high 0.7 0.9 && near "$data" 4 high 0.7 0.9
ok $? "and 0.8 at the high one"
near "$data" 1 low 0.7 0.9
[ $? = 1 ]
ok $? "canary: a wrong value is caught"
[ -s "$scratch/out/loads.svg" ]
ok $? "it is drawn"

model whole
ok $? "one line for the whole run"
near "$data" 1 low 0.5 0.7 && near "$data" 4 low 0.5 0.7
ok $? "with the mean of both loads"
grep -q 'high$' "$data"
[ $? = 1 ]
ok $? "and no other line"

model sideways
[ $? = 3 ] && grep -q 'across: expected' "$scratch/log"
ok $? "anything else is a mistake, which is told"

# joined LINES: the same stations, each a point for each load, on lines of several stations.
joined() {
	model windows
	sed "s/across: windows, labels: .low, high./joined: $1/" "$scratch/model.yaml" >"$scratch/joined.yaml"
	"$casebook" run "$scratch/joined.yaml" -q -f svg -o "$scratch/lines" >"$scratch/log" 2>&1
}

joined '{odd: [one], even: [two, four]}'
ok $? "lines that are made of several variants"
[ "$(grep -c 'even$' "$scratch/lines/loads.tsv")" = 4 ] && [ "$(grep -c 'odd$' "$scratch/lines/loads.tsv")" = 2 ]
ok $? "have the points of theirs"
joined '{odd: [one], even: [two]}'
[ "$(grep -c 'even$' "$scratch/lines/loads.tsv")" = 2 ] && [ "$(grep -c 'four$' "$scratch/lines/loads.tsv")" = 2 ]
ok $? "what is in none has its own"
joined all && [ "$(grep -c 'all$' "$scratch/lines/loads.tsv")" = 6 ]
ok $? "one name joins all"
joined '{odd: [three]}'
[ $? = 3 ] && grep -q 'unknown variant "three"' "$scratch/log"
ok $? "an unknown variant is told"

# map MOMENTS: a city of seven cells with a price.
map() {
	cat >"$scratch/map.yaml" <<END
case: uber
about: a town
trace: {windows: [{rate: 0.1/s, for: 20 min}], columns: {place: 0}}
run: {reps: 1, warmup: 1 s}
model: {city_radius: 1, drivers: 1, surge: on, surge_rings: 0, surge_gain: 10, surge_balance: 0}
figures:
  - {kind: map, name: town, moments: $1}
END
	"$casebook" run "$scratch/map.yaml" -q -f svg -o "$scratch/out" >"$scratch/log" 2>&1
}

map "[1 min, 15 min]"
ok $? "maps at two moments"
grep -q '^after 1 min: 7 cells 1,' "$scratch/out/town.alt.txt"
ok $? "a minute is too early for a price"
grep -q '^after 15 min: 6 cells 1,.* 1 cells more' "$scratch/out/town.alt.txt"
ok $? "later the middle has one"
corners=$(awk -F '\t' '$1 ~ /^[-0-9]/ && $2 != "NaN" { corners[/watched/]++ }
	END { print corners[0], corners[1] }' "$scratch/out/town.tsv")
[ "$corners" = "84 12" ]
ok $? "fourteen hexagons have 84 corners, a mark on each map six"
[ -s "$scratch/out/town.svg" ]
ok $? "they are drawn"
map "[yesterday]"
[ $? = 3 ] && grep -q 'moments needs times' "$scratch/log"
ok $? "moments are times"
map '[1 min], shows: pricse'
[ $? = 3 ] && grep -q 'unknown view "pricse"; did you mean "prices"' "$scratch/log"
ok $? "what a map shows must be something"
map "[]"
[ $? = 3 ] && grep -q 'a map needs' "$scratch/log"
ok $? "a map without moments is a mistake"
sed -i 's/^case: uber/case: station/; /^model/d; s/columns: {place: 0}//' "$scratch/map.yaml"
"$casebook" run "$scratch/map.yaml" -q -o "$scratch/out" >"$scratch/log" 2>&1
[ $? = 3 ] && grep -q 'map' "$scratch/log"
ok $? "and one of a case that has none"
# history CASE: what a case tells at the end.
history() {
	cat >"$scratch/history.yaml" <<END
case: $1
about: two quorums that meet
trace: {windows: [{rate: 1 k/s, for: 5 s}], columns: {op: {mix: {read: 60 %, write: 40 %}}, key: 0}}
run: {reps: 1, warmup: 0 s}
model: {read_quorum: 2, write_quorum: 2, write_way: exp(10 ms), judged: 10 k}
figures:
  - {kind: history, name: told}
END
	"$casebook" run "$scratch/history.yaml" -q -f svg -o "$scratch/out" >"$scratch/log" 2>&1
}

history cap
ok $? "a history"
grep -q '^node [0-9] reads old (the old value), from .* to .*\.$' "$scratch/out/told.alt.txt" &&
	grep -q '^node [0-9] reads new (the new value), from .* to .*\.$' "$scratch/out/told.alt.txt"
ok $? "its bars are told one by one"
awk -F '\t' '/^[0-9]/ { if ($3 > $4 || $4 != $1) bad = 1; rows[$2]++ } END { for (row in rows) n += rows[row] == 1
	exit bad || n < 3 }' "$scratch/out/told.tsv" && [ -s "$scratch/out/told.svg" ]
ok $? "each lies in a row of its own, and they are drawn"
history station
[ $? = 3 ] && grep -q 'no history to tell' "$scratch/log"
ok $? "and one of a case that has none is a mistake"
echo "1..$count"
