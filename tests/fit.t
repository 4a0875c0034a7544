#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Recipes that `trace fit` finds: the rows that they make are measured as the trace was, and must be alike within the bounds
# that are said here. Of made traces what went in is known.
. "${top_srcdir:-.}/tests/calls.sh"
enter
traces=${CASEBOOK_TRACES:-$top/../shared/traces}

# facts FILE [ARGUMENT...]: what info tells, a fact and its number a line.
facts() {
	"$casebook" trace info "$@" 2>err | awk '
	/^ +[0-9]+ (s|h|d) / { if ($3 >= 30) print "dispersion/" $1 $2, $NF; next }
	/^span/ { if (match($0, /rate [0-9.e+-]+/)) print "rate", substr($0, RSTART + 5, RLENGTH - 5) }
	/^[a-z_]+/ { name = $1 }
	/ different/ { print name "/different", $1 }
	/Zipf exponent/ { match($0, /exponent [0-9.]+/); print name "/exponent", substr($0, RSTART + 9, RLENGTH - 9) }
	/ mean .* p50/ { gsub(",", ""); print name "/mean", $2; print name "/p50", $6; print name "/p90", $8; print name "/p99", $10 }'
}

# near WHAT BOUND: one and two have this fact, and the second is within this part of the first.
near() {
	awk -v what="$1" -v bound="$2" '$1 == what { n[FILENAME]++; v[FILENAME] = $2 } END {
		x = v["one"]; y = v["two"]; d = x > y ? x - y : y - x
		if (n["one"] != 1 || n["two"] != 1 || d > bound * x) { print "# " what ": " x " and " y; exit 1 }
	}' one two
}

# alike NAME FACT:BOUND...
alike() {
	name=$1
	shift
	bad=0
	for fact; do
		near "${fact%%=*}" "${fact##*=}" || bad=1
	done
	ok $bad "$name"
}

# again NAME: rows of the recipe that is fitted to x through m.yaml.
again() {
	"$casebook" trace convert x mapped.csv --map ./m.yaml 2>err && "$casebook" trace fit x --map ./m.yaml -o fitted.yaml 2>err &&
		"$casebook" trace gen discord --recipe fitted.yaml -o made.csv 2>err
	ok $? "$1: a recipe is fitted, and makes rows" || sed 's/^/# /' err fitted.yaml
	facts mapped.csv --key channel >one
	facts made.csv --key channel >two
}

# map LINES: m.yaml, the columns of a message store from x.
map() {
	printf 'case: discord\nformat: 2\nabout: a map\ntrace:\n  file: x\n  columns: {op: write, class: private, stored: 1 G, %s}\n' "$1" >m.yaml
}

# ---- made: what went in is found ----

cat >r.yaml <<'END'
growth: [{date: 2020-01-06, rate: 20 k/d}]
daily: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5]
weekly: [1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5]
windows: {date: 2020-01-06, for: 14 d}
modulation:
  - {every: 1 min, cv: 0.5}
  - {every: 1 h, cv: 0.3}
columns: {op: {mix: {read: 25 %, write: 75 %}}, class: private, stored: 1 G, sent: calendar, channel: {zipf: {keys: 2 k, exponent: 0.8}},
  bytes: "gamma(mean=2 kB, cv=0.5)"}
END
"$casebook" trace gen discord --recipe r.yaml -o x 2>err
printf 'case: discord\nformat: 2\nabout: a map\ntrace: {file: x, columns: {time: {from: sent, unit: ns}}}\n' >m.yaml
again 'made'
alike 'made: the same to see' rate=0.05 dispersion/60s=0.1 dispersion/1h=0.2 channel/different=0.02 channel/exponent=0.03 \
	bytes/mean=0.02 bytes/p50=0.02 bytes/p99=0.03
grep -q '^  bytes: gamma(mean=\(2[.0-9]*\|199[0-9.]*\|200[0-9.]*\) B, cv=0.\(49\|5\)' fitted.yaml
ok $? 'a gamma distribution is known as one' || grep bytes fitted.yaml
awk '/^  op: / { sub(/.*read: /, ""); exit !($1 > 24.5 && $1 < 25.5) }' fitted.yaml
ok $? 'and the shares of words'
awk -F'cv: ' '/every: 1 min,/ { m = $2 + 0 } /every: 1 h,/ { h = $2 + 0 } END { exit !(m > 0.42 && m < 0.58 && h > 0.2 && h < 0.4) }' fitted.yaml
ok $? 'and the factors of the rate' || grep every fitted.yaml
awk -F'[][, ]+' '/^weekly/ { exit !($2 > 1.05 && $2 < 1.35 && $7 < 0.65) }' fitted.yaml
ok $? 'and the week' || grep weekly fitted.yaml
# Without the factors rows are a Poisson process through day and week.
sed '/^modulation/d; /every:/d' fitted.yaml >calm.yaml
"$casebook" trace gen discord --recipe calm.yaml -o made.csv 2>err
facts made.csv >two
! near dispersion/60s 0.2 >said && near rate 0.05
ok $? 'canary: without them the counts vary less' || cat said

# ---- real ----

if [ -r "$traces/chat_gitter_3rooms.csv" ]; then
	ln -s "$traces/chat_gitter_3rooms.csv" x.chat
	rm x && ln -s "$traces/chat_gitter_3rooms.csv" x
	map 'time: {from: t_unix_s, unit: s}, channel: user, bytes: bytes, sent: {from: t_unix_s, unit: s}'
	again chat
	alike 'chat: rate, dispersion at a minute, an hour, a day' rate=0.05 dispersion/60s=0.15 dispersion/1h=0.2 dispersion/1d=0.2
	alike 'chat: users and sizes' channel/different=0.02 channel/exponent=0.03 bytes/mean=0.06 bytes/p50=0.03 bytes/p90=0.03 bytes/p99=0.06
	rm x && ln -s "$traces/web_nasa_1995-07-01.csv" x
	map 'time: {from: t_unix_s, unit: s}, channel: key, bytes: {from: bytes, unit: B}, sent: calendar'
	again web
	alike 'web: rate, dispersion at 1 s, 10 s, a minute' rate=0.1 dispersion/1s=0.1 dispersion/10s=0.15 dispersion/60s=0.35
	alike 'web: keys and sizes' channel/different=0.05 channel/exponent=0.03 bytes/p50=0.05 bytes/p90=0.05 bytes/p99=0.1
	rm x && ln -s "$traces/requests_azure_llm_conv.csv" x
	map 'time: {from: t_us, unit: us}, channel: {constant: 1}, bytes: {from: context_tokens, unit: B}, sent: calendar'
	again requests
	alike 'requests: rate, dispersion at 1 s, 10 s, a minute' rate=0.1 dispersion/1s=0.1 dispersion/10s=0.15 dispersion/60s=0.35
	alike 'requests: sizes' bytes/mean=0.03 bytes/p50=0.03 bytes/p90=0.03 bytes/p99=0.03
	rm x && ln -s "$traces/uber_pickups_2014-04-07_week.csv" x
	map 'time: {from: t_s, unit: s}, channel: base, bytes: 1 B, sent: calendar'
	again pickups
	alike 'pickups: rate, dispersion at a minute and an hour' rate=0.05 dispersion/60s=0.15 dispersion/1h=0.2
	alike 'pickups: bases' channel/different=0
else
	for name in chat web requests pickups; do
		skip "$name" "the real traces are not here"
	done
fi

# ---- without a model ----

printf 't_s,user,took_ms,size,note,code\n' >x.csv
awk 'BEGIN { for (i = 0; i < 500; i++) printf "%d,u%d,%d.5,%d,%s,%s\n", i * 3, i * 7 % 97, i % 40, 100 + i % 13, i % 2 ? "a" : "b", i % 5 ? -1 : 2 }' >>x.csv
"$casebook" trace fit x.csv -o r.yaml 2>err && grep -q '^  user: {zipf:' r.yaml && grep -q '^  note: {mix: {b: 50 %, a: 50 %}}' r.yaml &&
	grep -q '^  took_ms: .* ms' r.yaml && grep -q '^  size: mix(.* const(100 B)' r.yaml && grep -q '^# code: numbers below 0 are not told' r.yaml
ok $? 'columns of a file are guessed' || sed 's/^/# /' err r.yaml
printf 't_s\n0\n1\n' >few.csv
printf old >r.yaml
"$casebook" trace fit few.csv -o r.yaml 2>err
[ $? = 4 ] && grep -q 'too few rows' err && [ "$(cat r.yaml)" = old ]
ok $? 'too few rows, and the file that was there stays'

echo "1..$count"
