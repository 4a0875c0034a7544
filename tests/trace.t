#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Traces on the command line: made, described, checked, re-encoded; what is wrong with one, and that nothing was touched then.
top=${top_srcdir:-.}
casebook=${CASEBOOK:-./casebook}
if [ ! -x "$casebook" ]; then
	echo "1..0 # SKIP casebook is not built"
	exit 0
fi
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
case $casebook in /*) ;; *) casebook=$PWD/$casebook ;; esac
case $top in /*) ;; *) top=$PWD/$top ;; esac
traces=${CASEBOOK_TRACES:-$top/../shared/traces}
cd "$scratch" || exit 99
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
	return "$1"
}

# tell: what the last command said.
tell() {
	sed 's/^/# /' err | head -n 5
}

# gives CODE TEXT COMMAND...: the exit code, and, unless it is 0, a message that holds TEXT; standard output goes to `out`.
gives() {
	code=$1 text=$2
	shift 2
	"$casebook" "$@" >out 2>err </dev/null
	[ $? = "$code" ] && { [ "$code" = 0 ] || grep -q -F -e "$text" err; }
}

check() {
	name=$1
	shift
	gives "$@"
	ok $? "$name" || tell
}

# ---- made from a recipe ----

sample=$top/traces/discord-sample.csv
"$casebook" trace gen discord --recipe "$top/traces/discord.yaml" --share '0.118 %' >again.csv 2>err
cmp -s again.csv "$sample"
ok $? 'the sample is what its recipe makes, byte for byte' ||
	echo '# casebook trace gen discord --recipe traces/discord.yaml --share "0.118 %" -o traces/discord-sample.csv'
sed '$d' "$sample" >shorter.csv
! cmp -s again.csv shorter.csv
ok $? 'canary: a row less is another file'
[ "$(wc -c <"$sample")" -lt 100000 ]
ok $? 'the sample is small'
"$casebook" trace gen discord --recipe "$top/traces/discord.yaml" --share '0.118 %' --seed 2 2>err | cmp -s - "$sample"
[ $? = 1 ]
ok $? 'another seed makes other rows'
"$casebook" trace gen station --recipe "$top/traces/station.yaml" --rows 1000 2>err | awk 'END { exit NR != 1001 }'
ok $? 'so many rows and no more'
for end in gz zst xz; do
	check "gen writes .$end" 0 '' trace gen discord --recipe "$top/traces/discord.yaml" --share '0.118 %' -o x.csv.$end
	check "convert reads .$end" 0 '' trace convert x.csv.$end -o back.csv
	cmp -s back.csv "$sample"
	ok $? ".$end and back: the same bytes"
done
check 'the recipe of a case needs no file' 0 '' trace gen station --rows 10
check 'a sample passes its own case' 0 '' trace check "$sample" --map discord
grep -q " $(($(wc -l <"$sample") - 1)) rows over" out
ok $? 'and is counted'

# ---- described ----

check 'info' 0 '' trace info "$sample" --key channel
grep -q 'Zipf exponent' out && grep -q 'dispersion' out && grep -q 'p99' out
ok $? 'info tells dispersion, Zipf exponent, percentiles'
check 'info --json' 0 '' trace info "$sample" --key channel --json
grep -q '"rate_per_second"' out && grep -q '"zipf_estimator"' out
ok $? 'info --json has the numbers'
if [ -r "$traces/chat_gitter_3rooms.csv" ]; then
	check 'info of chat' 0 '' trace info "$traces/chat_gitter_3rooms.csv" --partition room,10d
	grep -q '440, largest 1315 rows, median 104' out
	ok $? 'chat: 440 partitions, largest 1315, median 104'
	grep -q '5717 different.*Zipf exponent 0.90' out
	ok $? 'chat: 5717 users, Zipf exponent 0.90'
	check 'info of requests' 0 '' trace info "$traces/requests_azure_llm_conv.csv"
	grep -q 'rate 5.53 /s, time between rows has cv 1.09' out && grep -q 'p50 1020, p90 2735, p99 4142, max 14050' out
	ok $? 'requests: rate, clustering, sizes'
	check 'info of pickups' 0 '' trace info "$traces/uber_pickups_2014-04-07_week.csv"
	grep -q '1 h  *167  *737.1  *2191  *2.97  *306' out
	ok $? 'pickups: peak and dispersion an hour'
	check 'info of web requests' 0 '' trace info "$traces/web_nasa_1995-07-01.csv"
	grep -q '1165 different, 55.2 % of them once; the top 1 % have 38 % of the rows; Zipf exponent 1.00' out
	ok $? 'web: keys'
	check 'a month of pickups, compressed' 0 '' trace check "$traces/uber_pickups_2014-04_month.csv.gz"
	grep -q '564516 rows' out
	ok $? 'pickups: the rows of a month'
else
	for name in chat requests pickups web month; do
		count=$((count + 1))
		echo "ok $count - $name # SKIP the real traces are not here"
	done
fi

# ---- wrong ----

cat >station.yaml <<'END'
case: station
about: customers of a file
trace: {file: good.csv, columns: {service: 1 ms * size}}
model: {service_from: trace}
END
printf 't_s,size\n0,1\n1,2\n2,3\n' >good.csv
check 'a good trace passes' 0 '' trace check good.csv --map ./station.yaml
check 'and runs' 0 '' run ./station.yaml --no-figures --set run.warmup=0s --set run.series=100ms -o good

# bad NAME TEXT: bad.csv fails with 4 and that text in check and convert, and the output that was there stays.
bad() {
	printf old >kept.csv
	gives 4 "$2" trace check bad.csv --map ./station.yaml
	one=$?
	tell >said
	gives 4 "$2" trace convert bad.csv --map ./station.yaml -o kept.csv
	two=$?
	[ $one = 0 ] && [ $two = 0 ] && [ "$(cat kept.csv)" = old ] && [ "$(ls -A | grep -c 'casebook.*tmp')" = 0 ]
	ok $? "bad trace: $1" || { cat said; tell; }
}

: >bad.csv
bad 'empty' 'is empty'
printf 't_s,size\n' >bad.csv
bad 'header only' 'no rows'
printf 't_s,size\n0,1\n1\n' >bad.csv
bad 'too few fields' 'bad.csv:3:1: '
printf 't_s,size\n0,1\n1,2,3\n' >bad.csv
bad 'too many fields' 'bad.csv:3:5: '
printf 't_s,size,size\n0,1,1\n' >bad.csv
bad 'a name twice' 'two columns called "size"'
printf 't_s,size\n0,1\n1,x\n' >bad.csv
bad 'not a number' 'bad.csv:3:3: '
printf 't_s,size\n0,1\n1,nan\n' >bad.csv
bad 'NaN' 'is not a number'
printf 't_s,size\n0,1\n-1,2\n' >bad.csv
bad 'negative time' 'negative time'
printf 't_s,size\n0,1\n5,2\n4,2\n' >bad.csv
bad 'time goes back' 'bad.csv:4:1: '
printf 't_s,size\n0,1\n99999999999999,2\n' >bad.csv
bad 'time overflows' 'too large'
printf 't_s,size\n0,1\n1,999999999999999999\n' >bad.csv
bad 'a value overflows' 'too large'
printf 't_s,size\n0,1\n1,"2\n' >bad.csv
bad 'a quote is not closed' 'bad.csv:3:3: '
printf 't_s,size\n0,1\n1,2"3\n' >bad.csv
bad 'a quote inside' 'bad.csv:3:4: '
printf 't_s,size\n0,1\n1,\0002\n' >bad.csv
bad 'a NUL byte' 'a NUL byte'
printf 't_s,size\r0,1\r' >bad.csv
bad 'carriage returns alone' 'carriage return'
{ printf 't_s,size\n0,1\n1,'; head -c 10000000 /dev/zero | tr '\0' 7; echo; } >bad.csv
bad 'a line of 10 MB' 'longer than'
printf 't_s,length\n0,1\n' >bad.csv
bad 'a column that the map needs' 'has no column "size"'
printf 'when,size\n0,1\n' >bad.csv
bad 'no time' 'no column is known to be the time'
rm bad.csv
bad 'missing' 'No such file'
mkdir bad.csv
bad 'a directory' 'is a directory'
rmdir bad.csv
{ echo t_s,size; seq 1 3000 | sed 's/$/,7/'; } >long.csv
"$casebook" trace convert long.csv -o whole.csv.gz 2>err
head -c 2000 whole.csv.gz >bad.csv
bad 'a truncated gzip' 'decompressed'
"$casebook" trace gen station --rows 2000 -o whole.csv.zst 2>err
head -c 2000 whole.csv.zst >bad.csv
bad 'a truncated zst' 'decompressed'

# ---- packed ----

check 'a trace is packed' 0 '' trace convert "$sample" packed.cbt
cp packed.cbt other.name
check 'and is known by its content' 0 '' trace convert other.name -o unpacked.csv
cmp -s unpacked.csv "$sample"
ok $? 'packed and back: the same bytes'
[ "$(wc -c <packed.cbt)" -lt $(($(wc -c <"$sample") / 2)) ]
ok $? 'it is less than half as large'
"$casebook" trace gen discord --recipe "$top/traces/discord.yaml" --share '0.118 %' -o made.cbt 2>err
cmp -s made.cbt packed.cbt
ok $? 'gen writes the same'
gzip -c packed.cbt >packed.gz
check 'it may be compressed again' 0 '' trace convert packed.gz -o unpacked.csv
cmp -s unpacked.csv "$sample"
ok $? 'and is the same'
"$casebook" trace check - <packed.cbt >out 2>err
ok $? 'from standard input'
"$casebook" trace info "$sample" --key channel --json 2>err | grep -v '"file"\|"map"' >one
"$casebook" trace info packed.cbt --key channel --json 2>err | grep -v '"file"\|"map"' >two
[ -s one ] && cmp -s one two
ok $? 'info says the same of both'
printf 'when,size,method\n2014-04-07 00:00:01,1.50,a\n2014-04-07 00:00:02,,"b,c"\n2014-04-07 00:00:01,7,\\N\n' >dates.csv
check 'dates are packed, sorted' 0 '' trace convert dates.csv dates.cbt --time when:date --sort
check 'the time is known without being told' 0 '' trace check dates.cbt
grep -q '3 rows over 1 s, time from when in date' out
ok $? 'and its unit'
"$casebook" trace convert dates.cbt - >back.csv 2>err
printf 'when,size,method\n2014-04-07 00:00:01,1.50,a\n2014-04-07 00:00:01,7,\\N\n2014-04-07 00:00:02,,"b,c"\n' | cmp -s - back.csv
ok $? 'and back'

# digest MODEL TRACE: what a run of it gives.
digest() {
	"$casebook" run "$1" --trace "$2" --reps 1 --no-figures -o run 2>err | sed -n 's/.*digest //p'
}
[ -n "$(digest discord "$sample")" ] && [ "$(digest discord "$sample")" = "$(digest discord packed.cbt)" ]
ok $? 'a run gives the same results'
sed '$d' "$sample" >shorter.csv
"$casebook" trace convert shorter.csv shorter.cbt 2>err
[ "$(digest discord shorter.cbt)" != "$(digest discord packed.cbt)" ]
ok $? 'canary: a row less gives others'
check 'a map is applied when packing' 0 '' trace convert good.csv mapped.cbt --map ./station.yaml
"$casebook" trace convert good.csv mapped.csv --map ./station.yaml 2>err
"$casebook" trace convert mapped.cbt back.csv 2>err
cmp -s back.csv mapped.csv
ok $? 'as it is when writing a CSV'
if [ -r "$traces/chat_gitter_3rooms.csv" ]; then
	for pair in station-azure:requests_azure_llm_conv.csv station-uber:uber_pickups_2014-04-07_week.csv \
		discord-chat:chat_gitter_3rooms.csv uber-week:uber_pickups_2014-04-07_week.csv; do
		model=${pair%%:*} file=$traces/${pair##*:}
		"$casebook" trace convert "$file" real.cbt 2>err
		[ -n "$(digest "$model" "$file")" ] && [ "$(digest "$model" "$file")" = "$(digest "$model" real.cbt)" ]
		ok $? "$model gives the same results"
	done
	"$casebook" trace convert "$traces/uber_pickups_2014-04_month.csv.gz" real.cbt 2>err
	"$casebook" trace convert real.cbt - 2>err >real.csv
	gzip -dc "$traces/uber_pickups_2014-04_month.csv.gz" | cmp -s - real.csv
	ok $? 'a month of pickups, packed and back: the same bytes'
else
	for model in station-azure station-uber discord-chat uber-week month; do
		count=$((count + 1))
		echo "ok $count - $model # SKIP the real traces are not here"
	done
fi

"$casebook" trace convert good.csv good.cbt 2>err
length=$(wc -c <good.cbt)
head -c $((length - 1)) good.cbt >bad.csv
bad 'packed, and cut' 'it was cut'
head -c $((length / 2)) good.cbt >bad.csv
bad 'packed, and cut in the middle' 'it was cut'
{ cat good.cbt; echo; } >bad.csv
bad 'packed, with something behind it' 'follows its end'
{ head -c 8 good.cbt; printf '\002'; tail -c +10 good.cbt; } >bad.csv
bad 'packed in another version' 'of version 2'
{ head -c $((length / 2)) good.cbt; printf '\377\000\377'; tail -c +$((length / 2 + 4)) good.cbt; } >bad.csv
bad 'packed, and damaged' 'packed trace, block 1: its checksum'
printf 't_s,size\n0,1\n1,x\n' >bad.csv
"$casebook" trace convert bad.csv bad.cbt 2>err
mv bad.cbt bad.csv
printf old >kept.csv
check 'a record of a packed trace that the map does not allow' 4 'bad.csv:3: error: size: "x" is not a number' \
	trace convert bad.csv kept.csv --map ./station.yaml
[ "$(cat kept.csv)" = old ]
ok $? 'and what was there stays'
check 'two outputs' 2 'OUTPUT and -o FILE cannot be combined' trace convert good.csv kept.csv -o other.csv
check 'a full disk under a packed trace' 6 'No space left' trace convert "$sample" -o /dev/full

# ---- files that are none, or do not stay what they are ----

check 'a device' 4 'is a device' trace check /dev/zero
awk 'BEGIN { print "t_us,service"; for (i = 0; i < 400000; i++) print i * 10 ",5" }' >grow.csv
"$casebook" run station --variant one-server --trace grow.csv --reps 50 --jobs 1 --no-figures -o grow --set run.warmup=0s >out 2>err &
running=$!
sleep 0.3
echo 99999999,5 >>grow.csv
wait $running
status=$?
[ $status = 4 ] && grep -q 'grow.csv: error: was changed while it was read' err
ok $? 'a file that changes while it is read' || tell

printf 't_s\n0\n5000000000\n' >far.csv
check 'a trace that no run takes' 4 'far.csv:3:1: error: the trace lasts longer than 146 years' trace check far.csv
check 'nor does a run' 4 'lasts longer than 146 years' run station --trace far.csv --no-figures -o far
printf 't_s\n5\n6\n' >early.csv
printf 'case: station\ntrace: {file: early.csv, sort: true, columns: {time: {from: t_s, unit: s, origin: 5.5}}}\n' >early.yaml
check 'a time before the origin, and its line' 4 'early.csv:2: error: a time before the origin' run early.yaml --no-figures -o far

# ---- described: numbers, and what is none after all ----

awk 'BEGIN { print "t_s,late,code"; for (i = 0; i < 3000; i++) print i "," (i < 2000 ? i % 5 : "word") "," i % 7 }' >late.csv
check 'a column that is no number after all' 0 '' trace info late.csv --key code
grep -A2 '^late' out | grep -q '6 different' && grep -A2 '^late' out | grep -q 'word 33.3 %, 0 13.3 %' &&
	grep -A2 '^code' out | grep -q '7 different'
ok $? 'is counted from its beginning' || sed 's/^/# /' out

# ---- columns ----

printf 't_s,x\n0,1\n1,2\n' >bad.csv
check 'a column that the model is told to read' 4 'no column "service", which service_from: trace reads' run station \
	--set service_from=trace --trace bad.csv --no-figures -o columns
check 'of a recipe too' 3 'the recipe does not make the column service' run station --set service_from=trace
printf 't_s,service\n0,1\n1,\n' >bad.csv
check 'and fields that are empty' 4 'bad.csv:3:3: error: service: "" is missing' run station --set service_from=trace \
	--trace bad.csv --no-figures -o columns
check 'columns that are not used are told' 0 '' run station --trace bad.csv --no-figures -o columns --set run.warmup=0s
grep -q 'column service not used without service_from: trace' out
ok $? 'and why'
cat >map.yaml <<'END'
case: station
trace: {file: map.csv, time_scale: 10, columns: {time: {from: arrived, unit: s}, service: {from: took, unit: ms}}}
model: {service_from: trace}
run: {warmup: 0 s, reps: 1}
END
printf 'arrived,took,colour\n0,100,red\n1,200,red\n5,300,blue\n' >map.csv
"$casebook" run map.yaml --no-figures -o columns 2>err | sed '/^data/d; s/^trace:.*not used: colour.*/told/' >one
"$casebook" trace convert map.csv map.cbt --map map.yaml 2>err
"$casebook" run map.yaml --trace map.cbt --no-figures -o columns 2>err | sed '/^data/d; s/^trace:.*which the map has made.*/told/' >two
grep -q told one && cmp -s one two
ok $? 'what a map has made of a file is not mapped again' || diff one two | sed 's/^/# /'

# ---- windows ----

cat >windows.yaml <<'END'
case: station
trace: {file: windows.csv, columns: {window: day}}
model: {service_from: trace}
variants: {one: {}, ten: {model: {servers: 10}}}
run: {reps: 1, warmup: 0 s, series: 1 s}
END
# Three days, of which the first comes again; ten rows a second in each stretch, and gaps of a hundred seconds.
awk 'BEGIN { print "time_ns,day,service"; split("2020-01-01 2020-01-02 2020-01-01", day)
	for (w = 1; w <= 3; w++) for (i = 0; i < 50; i++) printf "%d00000000,%s,50000000\n", (w - 1) * 1050 + i, day[w] }' >windows.csv
check 'a file with windows' 0 '' run windows.yaml --no-figures --json -o windows
grep -A99 '"2020-01-02"' windows/summary.json | grep -q '"count"' && grep -q '"2020-01-01"' windows/summary.json
ok $? 'windows: results of each, under its date'
grep -q 'at 2020-01-02' windows.out 2>/dev/null || "$casebook" run windows.yaml --no-figures -o windows >windows.out 2>err
"$casebook" compare windows.yaml one one --window 2020-01-01 --metric 'count(response)' --metric 'offered()' \
	--metric 'mean(busy)' >out 2>err
grep -q '^count(response)  *100  ' out && grep -q '^offered()  *10\.2/s' out && grep -q '^mean(busy)  *0.5' out
ok $? 'windows: one that comes again is one, and gaps count for nothing' || { sed 's/^/# /' out; tell; }
check 'windows: one that is not there' 2 'no such window' compare windows.yaml one one --window 2020-01-03
cat >claim.yaml <<'END'
extends: windows.yaml
claims: [{id: there, says: a window, expect: "count(response)[one @ 2020-01-03] > 1", kind: derived, no_ablation: none, evidence: derived}]
END
check 'windows: a claim of one that is not there' 3 'has no such window; it has 2020-01-01, 2020-01-02' verify claim.yaml
check 'windows: a warm-up that leaves nothing of one' 3 'warmup leaves nothing of the trace' run windows.yaml \
	--set run.warmup=6s --no-figures -o windows
printf 'time_ns,service\n0,5\n1000000000,5\n' >short.csv
check 'a warm-up that swallows a trace' 3 'warmup leaves nothing of the trace, which lasts 1 s' run station --trace short.csv \
	--variant one-server --set run.warmup=2s --no-figures -o windows
awk 'BEGIN { print "time_ns,window,service"; for (i = 0; i < 2922; i++) printf "%d000000000,%d,5\n%d500000000,%d,5\n", i, i, i, i }' >many.csv
check 'windows: thousands' 0 '' run station --trace many.csv --variant one-server --reps 1 --no-figures -o windows \
	--set run.warmup=0s
awk 'BEGIN { print "time_ns,window,service"; for (i = 0; i < 4097; i++) printf "%d000000000,%d,5\n", i, i }' >many.csv
check 'windows: too many' 4 'many.csv:4098: error: the windows change more than' run station --trace many.csv --no-figures -o windows
printf 'case: station\ntrace: {windows: {from: 1/s, to: 2/s, steps: 4097, for: 1 s}}\n' >steps.yaml
check 'windows: too many of a recipe' 3 'more than 4096 windows' run steps.yaml --no-figures -o windows
sed 's/4097/513/' steps.yaml >some.yaml
check 'windows: 513 of a recipe' 0 '' run some.yaml --reps 1 --no-figures -o windows
printf 'time_ns,window,service\n0,2020-01-01,5\n1,7,5\n' >bad.csv
check 'windows: dates, then numbers' 4 'bad.csv:3:3: error: window: "7" is not a date' run station --trace bad.csv
printf 'time_ns,window,service\n0,1,5\n1,,5\n' >bad.csv
check 'windows: a row without' 4 'is missing; every row needs a window' run station --trace bad.csv
printf 'time_ns,window,window_start_ns,window_lasts_ns,service\n0,1,0,10,5\n11,1,,,5\n' >bad.csv
check 'windows: a row beyond the end' 4 'bad.csv:3: error: window_lasts_ns: a row' run station --trace bad.csv
printf 'time_ns,window,window_start_ns,window_lasts_ns,service\n0,1,0,10,5\n8,2,9,10,5\n' >bad.csv
check 'windows: a row before the beginning' 4 'bad.csv:3: error: window_start_ns' run station --trace bad.csv
check 'windows: the rows that are wanted, and no more of the window' 0 '' trace gen station --variant one-server --rows 10 -o few.csv
awk -F, 'NR == 2 { lasts = $4 } END { exit $1 != lasts }' few.csv
ok $? 'windows: it ends with the last of them'

# The offered load is the trace's, whatever replays it.
cat >off.yaml <<'END'
case: station
trace: {file: off.csv, columns: {time: {from: t_s, unit: s, origin: 0}, service: {from: s_s, unit: s}}}
model: {service_from: trace}
variants: {one: {model: {servers: 1}}, ten: {model: {servers: 10}}}
run: {reps: 1, warmup: 0 s, drain: 1 h}
END
{ echo t_s,s_s; seq 0 9 | sed 's/$/,100/'; } >off.csv
"$casebook" compare off.yaml one ten --metric 'offered()' --metric 'rate(arrived)' >out 2>err
grep -q '^offered()  *1.1[0-9]*/s  *1.1[0-9]*/s' out && grep -q '^rate(arrived)  *1.1[0-9]*/s  *1.1[0-9]*/s' out
ok $? 'the offered load does not depend on the design' || { sed 's/^/# /' out; tell; }

# ---- accepted on request ----

printf 't_s,size\r\n0,1\r\nx,1\r\n5,\\N\r\n4,2' >bad.csv
check 'malformed rows beyond the number allowed' 4 'more than 1 malformed' trace check bad.csv --map ./station.yaml --skip-bad 1
check 'malformed rows may be skipped' 4 'time goes back' trace check bad.csv --skip-bad 2
check 'and sorted' 0 '' trace convert bad.csv --skip-bad 1 --sort -o sorted.csv
printf 't_s,size\n0,1\n4,2\n5,\\N\n' | cmp -s - sorted.csv
ok $? 'sorted: as it should be'
"$casebook" trace check - <good.csv >out 2>err
ok $? 'standard input'
printf 'when,size\n2014-04-07 00:00:01,1\n2014-04-07 00:00:02.5,1\n' >dates.csv
check 'dates' 0 '' trace check dates.csv --time when:date
grep -q '2 rows over 1.5 s' out
ok $? 'dates: the span'

# ---- outputs ----

check 'a full disk' 6 'No space left' trace gen station -o /dev/full
check 'a full disk under a filter' 6 'No space left' trace convert good.csv -o /dev/full
"$casebook" trace gen station >/dev/full 2>err
[ $? = 6 ]
ok $? 'a full standard output'
check 'no directory' 6 'No such file' trace gen station --rows 10 -o none/x.csv
mkdir dir.csv
check 'a directory as output' 6 'irectory' trace gen station --rows 10 -o dir.csv
check 'no output' 2 'needs -o' trace convert good.csv
check 'a share above one' 2 'out of range' trace gen station --share 2
check 'a wrong unit of time' 2 'needs a unit' trace check good.csv --time t_s:sec
check 'a slip in a column' 2 'did you mean "size"' trace info good.csv --partition sise,1d
check 'a slip in a command' 2 'did you mean "convert"' trace covert good.csv
check 'a recipe that is none' 3 'windows' trace gen station --recipe station.yaml
[ "$(ls -A | grep -c 'casebook.*tmp')" = 0 ]
ok $? 'no temporary file is left'
printf old >kept.csv
"$casebook" trace gen station --set 'trace.windows={rate: 1M/s, for: 100000 s}' -o kept.csv 2>err &
running=$!
sleep 1
# It has no name at all, or one of its own where the file system wants it to have one.
[ "$(cat kept.csv)" = old ] && [ "$(ls -A | grep -c 'casebook.*tmp')" -le 1 ]
ok $? 'while it is written, a trace does not have its name yet'
kill -TERM $running
wait $running
[ $? -ge 128 ] && [ "$(cat kept.csv)" = old ] && [ "$(ls -A | grep -c 'casebook.*tmp')" = 0 ]
ok $? 'ended by a signal: the old file stays, and no other'

echo "1..$count"
