#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Files as people have them: what casebook guesses of them, what maps make of them, and the maps that are shipped.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# rows NAME EXPECTED [ARGUMENT...]: what the map m.yaml makes of x: time and service of each row, in ms.
rows() {
	name=$1 expected=$2
	shift 2
	got=$("$casebook" trace convert x - --map ./m.yaml "$@" 2>err | awk -F, 'NR > 1 { printf "%s%g:%g", (NR > 2) ? " " : "", $1 / 1e6, $3 / 1e6 }')
	[ "$got" = "$expected" ]
	ok $? "$name" || { echo "# got $got"; sed 's/^/# /' err; }
}

# map LINES: m.yaml, with these lines under trace:, and a station that takes services from it.
map() {
	printf 'case: station\nformat: 2\nabout: a map\ntrace:\n  file: x\n%s\nmodel: {service_from: trace}\nrun: {warmup: 0 s, reps: 1}\n' "$1" >m.yaml
}

# guessed NAME EXPECTED [ARGUMENT...]: the line that `trace check` says of x.
guessed() {
	name=$1 expected=$2
	shift 2
	got=$("$casebook" trace check x "$@" 2>&1 | head -n 1)
	[ "$got" = "$expected" ]
	ok $? "$name" || echo "# got $got"
}

# ---- forms of files ----

printf ',t_s,note,note\n0,0,a,b\n1,1,a,b\n' >x
guessed 'a column without a name, one twice' 'x: 2 rows over 1 s, time from t_s in s, 0 skipped'
printf 't_s,lat,\n0,1,\n1,2,\n' >x
guessed 'commas at the ends of lines' 'x: 2 rows over 1 s, time from t_s in s, 0 skipped'
printf 't_s;s\n0;1,5\n1;2,5\n' >x
guessed 'semicolons' 'x: 2 rows over 1 s, time from t_s in s, 0 skipped'
map '  columns: {service: {from: s, unit: ms, lookup: commas.csv}}'
printf 'written;means\n"1,5";1.5\n"2,5";2.5\n' | tr ';' , >commas.csv
printf 'written,means\n"1,5",1.5\n"2,5",2.5\n' >commas.csv
rows 'a second file says what values mean' '0:1.5 1000:2.5'
printf 't_s\ts\n0\t"1"\n1\t\n' >x
map '  columns: {service: {from: s, unit: ms, missing: 7 ms}}'
rows 'tabs, quotes, a missing value' '0:1 1000:7'
printf 'arrived_us,service_us\n0,5\n500000,6\n600000,6\n' >x
guessed 'the end of a name tells its unit' 'x: 3 rows over 600 ms, time from arrived_us in us, 0 skipped'
map '  columns: {time: arrived_us, service: {from: service_us, unit: us}}'
rows 'and of a column that the map calls the time' '0:0.005 500:0.006 600:0.006'
for name in start_ms startMs 'start (ms)' 'start[ms]'; do
	printf '%s,s\n0,5\n5000,6\n6000,6\n' "$name" >x
	guessed "$name" "x: 3 rows over 6 s, time from $name in ms, 0 skipped"
done
printf 'starts,s\n0,5\n5,6\n6,6\n' >x
guessed 'the end of a word is no unit' 'x: 3 rows over 6 s, time from starts in s (guessed; --time COLUMN:UNIT says it), 0 skipped'
printf 'time,service\n0,5\n5,6\n3,6\n' >x
guessed 'a time that goes back is one' 'x:4:1: error: time goes backwards: 3, before line 3; sort the file, or accept it with --sort'
printf '5|1\n6|2\n' >x
map '  delimiter: "|"
  header: none
  columns: {time: {from: 1, unit: s}, service: {from: 2, unit: ms}}'
rows 'no header, columns by number' '0:1 1000:2'
map '  header: [t_s, s]
  columns: {service: 1 ms + 2 ms * s}'
rows 'no header, names that are given, a delimiter that is guessed' '0:3 1000:5'
printf '1600000000000000001,200,1000000,0\n1600000000100000002,200,2000000,0\n' >x
guessed 'numbers of ns, and no header' 'x: 2 rows over 100 ms, time from 1 in ns, 0 skipped'
printf '; UnixStartTime: 0\n; MaxJobs: 2\n 1 0 10 5\n 2 3  1 5\n' >x
guessed 'blanks between numbers, and comments' 'x: 2 rows over 3 s, time from 2 in s, 0 skipped'
map '  where: "4 >= 0"
  columns: {time: {from: 2, unit: s}, service: {from: 3, unit: s}}'
rows 'the Standard Workload Format' '0:10000 3000:1000'
printf '1767600000123 GET\n1767600000200 PUT\n' >x
guessed 'a number and a word, ms since 1970' 'x: 2 rows over 77 ms, time from 1 in ms, 0 skipped'
printf '{"at": "2020-05-05T10:00:00.5+02:00", "took": {"ms": 1.25}, "tags": [1, "a"]}\n\n{"at": "2020-05-05T08:00:01Z", "took": {"ms": null}, "more": 1}\n' >x
guessed 'JSON lines' 'x: 2 rows over 500 ms, time from at in date, 0 skipped'
map '  columns: {time: {from: at, unit: date}, service: {from: took.ms, unit: ms, missing: 3 ms}}'
rows 'paths in JSON lines' '0:1.25 500:3'
printf '%s\n' '192.0.2.1 - - [07/Apr/2014:18:30:05 +0200] "GET /a?b=\"c d\" HTTP/1.1" 200 12 "-" "x"' \
	'192.0.2.1 - - [07/Apr/2014:16:30:07 +0000] "POST /b HTTP/1.1" 404 - "-" "x y"' >x
guessed 'a log of Apache' 'x: 2 rows over 2 s, time from time_local in date, 0 skipped'
map '  where: request_method = POST
  columns: {time: {from: time_local, unit: date, origin: "2014-04-07T16:30:05"}, service: {from: body_bytes_sent, unit: ms, missing: 4 ms}}'
rows 'the parts of a request, - is missing' '2000:4'
map '  columns: {time: {from: time_local, unit: date}, service: {from: body_bytes_sent, unit: ms}}'
"$casebook" trace check x --map ./m.yaml 2>&1 | grep -q 'is missing; say what that means, {from: body_bytes_sent, missing: VALUE}, or leave such rows out, where: body_bytes_sent != ""$'
ok $? 'a value that is missing: what can be done about it'
map '  where: body_bytes_sent != ""
  columns: {time: {from: time_local, unit: date}, service: {from: body_bytes_sent, unit: ms}}'
rows 'and it helps' '0:12'
"$casebook" trace check x --map ./m.yaml 2>err | grep -q ' 0 skipped, 1 of 2 rows left out (where, from, to), good for station$'
ok $? 'what is left out is told' || sed 's/^/# /' err
"$casebook" run m.yaml -o left-out >out.txt 2>err
grep -q '^trace: 1 of 2 rows left out (where, from, to)$' out.txt && grep -q '"left_out_rows": 1\>' left-out/summary.json
ok $? 'and of a run, also in its results' || sed 's/^/# /' err out.txt
sed '/where:/d; s/unit: ms}/unit: ms, missing: 1 ms}/' m.yaml >all.yaml
"$casebook" run all.yaml -o left-out >out.txt 2>err && ! grep -q 'left out' out.txt && grep -q '"left_out_rows": 0\>' left-out/summary.json
ok $? 'canary: nothing, where nothing is left out' || sed 's/^/# /' err out.txt
map "  format: '\$remote_addr - \$remote_user [\$time_local] \"\$request\" \$status \$body_bytes_sent \"\$http_referer\" \"\$http_user_agent\"'
  where: body_bytes_sent != \"\"
  columns: {time: {from: time_local, unit: date}, service: {from: body_bytes_sent, unit: ms}}"
"$casebook" trace check x --map ./m.yaml 2>err | grep -q -F "\"\$http_referer\" \"\$http_user_agent\"', time from"
ok $? 'a long format is told whole' || sed 's/^/# /' err
printf '%s\n' '1396888205.250 0.050 /img/a.png' '1396888205.500 0.100 /api' >x
map "  format: '\$msec \$request_time \$request_uri'
  columns: {time: {from: msec, unit: s, minus: request_time}, service: {from: request_uri, unit: ms, lookup: {file: class.csv, by: prefix}}}"
printf 'prefix,ms\n/,5\n/img/,6\n/img/b,7\n' >class.csv
rows 'a format line of nginx, arrivals before ends, the longest prefix' '0:6 200:5'
map "  format: '%{usec}t %D %U'
  columns: {time: {from: t_us, unit: us}, service: {from: duration_us, unit: us}}"
printf '1396888205250000 1500 /a\n1396888205250010 20 /b\n' >x
rows 'a format line of Apache' '0:1.5 0.01:0.02'

# ---- times ----

# instants FORM UNIT TEXT TEXT: two rows, 1.5 s apart.
instants() {
	printf 'when,s\n%s,1\n%s,1\n' "$3" "$4" >x
	map "  columns: {time: {from: when, unit: $2}, service: {from: s, unit: ms}}"
	rows "time: $1" '0:1 1500:1'
}
instants 'with offsets' date 2020-05-05T10:00:00+02:00 2020-05-05T03:30:01.5-0430
instants 'before and after a leap second' date 2016-12-31T23:59:60Z 2017-01-01T00:00:01.5Z
instants 'month, day, year' date '4/7/2014 12:00:00 AM' '4/7/2014 0:00:01.5'
instants 'of web servers' date '[07/Apr/2014:00:00:00 +0000]' '07/Apr/2014:00:00:01.5 +0000'
instants 'a comma before the fraction' date '"2014-04-07 00:00:00,000"' '"2014-04-07 00:00:01,500"'
instants 'ticks of Windows' 100ns 128000000000000000 128000000015000000
instants 'ticks of .NET' '100 ns' 638000000000000000 638000000015000000
instants 'ticks of nothing' 100ns 5 15000005
instants 'days' d 3.0 3.0000173611111111
instants 'ms since 1970' ms 1600000000000 1600000001500
printf 'when\n2014-04-07 12:00:60\n' >x
"$casebook" trace check x --time when:date 2>&1 | grep -q 'x:2:1: error: when: "2014-04-07 12:00:60" is not a date'
ok $? 'canary: no day has a leap second at noon'

printf 'when,s\n03/11/2026 10:00,5\n04/11/2026 10:00,6\n' >x
guessed 'which of two orders of a date was taken' 'x: 2 rows over 31 d, time from when in date, month/day/year (no day is above 12: if they are day/month/year, rewrite them), 0 skipped'
map '  columns: {time: {from: when, unit: date}, service: {from: s, unit: ms}}'
"$casebook" trace check x --map ./m.yaml 2>err | grep -q ', dates are month/day/year: 2 rows'
ok $? 'and of a map' || sed 's/^/# /' err
echo '11/13/2026 10:00,6' >>x
guessed 'a day above 12 leaves no doubt' 'x: 3 rows over 247 d, time from when in date, month/day/year, 0 skipped'
echo '13/12/2026 10:00,6' >>x
guessed 'and a month above 12 is none' 'x:5:1: error: when: "13/12/2026 10:00" is not a date and time, e.g. 2014-04-07 18:30:05 or 4/7/2014 (month/day/year)'
printf 'when,s\n13/11/2026,5\n14/11/2026,6\n' >x
guessed 'nor at once' 'x:2:1: error: when: "13/11/2026" is not a date and time, e.g. 2014-04-07 18:30:05 or 4/7/2014 (month/day/year)'

# ---- maps ----

printf 't_s,kind,a b,start-time,end-time\n0,x,100,0,1\n1,y,200,1,3\n2,"x, y",300,2,5\n3,x,,2,5\n' >x
map '  where: kind = x and "a b" != ""
  columns: {service: 100 ms + 2 ms * a b}'
rows 'a condition; names with blanks in sums' '0:300'
map "  where: not (kind in (y, 'x, y')) or t_s >= 2 and start-time < 2.5
  columns: {service: 1 ms * end-time - 1 ms * \"start-time\"}"
rows 'a longer one; names with hyphens, in quotes' '0:1 2000:3 3000:3'
map '  from: 1
  to: 3
  columns: {service: {from: end-time, unit: s, minus: start-time}}'
rows 'a stretch of time; a difference' '0:2000 1000:3000'
map '  from: 2 s
  columns: {time: {from: t_s, unit: s, origin: 0}, service: {from: 3, unit: ms, missing: 0 s}}'
rows 'from a time after the first row on; a column by its number' '2000:300 3000:0'
printf 'start,end\n2014-04-07 10:00:00,2014-04-07 10:00:01.5\n2014-04-08 10:00:00,2014-04-08 10:00:02\n' >x
map '  to: 2014-04-08
  columns: {time: {from: start, unit: date}, service: {from: end, unit: date, minus: start}}'
rows 'until a date; the difference of two dates' '0:1500'
printf 't_s,s\n1,0.2\n1,0.2\n1,0.2\n1,0.2\n2,0.2\n2,0.2\n2,0.2\n2,0.2\n' >x
map '  columns: {time: {from: t_s, unit: s, resolution: 1 s, spread: evenly}, service: {from: s, unit: s}}'
rows 'spread evenly' '125:200 375:200 625:200 875:200 1125:200 1375:200 1625:200 1875:200'
map '  columns: {time: {from: t_s, unit: s, resolution: 1 s}, service: {from: s, unit: s}}'
"$casebook" trace convert x one.csv --map ./m.yaml 2>err
"$casebook" trace convert x two.csv --map ./m.yaml 2>err
awk -F, 'NR > 1 { n++; if ($1 <= last || int($1 / 1e9) != (n > 4)) bad = 1; last = $1 } END { exit bad || n != 8 }' one.csv && cmp -s one.csv two.csv
ok $? 'spread at random within the second, in order, the same each time'
sed -i 's/reps: 1/reps: 1, seed: 2/' m.yaml
"$casebook" trace convert x two.csv --map ./m.yaml 2>err
! cmp -s one.csv two.csv
ok $? 'another seed spreads them otherwise'
"$casebook" run ./m.yaml --no-figures -o ran >out.txt 2>&1 && ! grep -q '±0%' out.txt && grep -q 'spread at random over 1 s' out.txt
ok $? 'what is spread at random is random'
"$casebook" trace convert x x.cbt --time t_s:s 2>err && sed 's/x$/x.cbt/' m.yaml >packed.yaml &&
	"$casebook" trace convert x.cbt three.csv --map ./packed.yaml 2>err && cmp -s two.csv three.csv
ok $? 'a packed trace gives the same'
map '  where: s = 0.2
  from: 0
  columns: {service: {from: s, unit: s}}'
"$casebook" trace convert x one.csv --map ./m.yaml 2>err
"$casebook" trace convert x.cbt two.csv --map ./m.yaml 2>err && cmp -s one.csv two.csv && [ "$(wc -l <one.csv)" = 9 ]
ok $? 'under conditions, too'

# ---- the maps that are shipped, and their samples ----

CASEBOOK=$casebook sh "$top/tests/samples.sh" "$scratch" 2>err
same=0
for file in station-nginx.log station-jmeter.csv station-k6.csv station-vegeta.csv station-msr.csv; do
	cmp -s "$file" "$top/traces/$file" || { echo "# traces/$file"; same=1; }
done
ok $same 'the samples are what tests/samples.sh makes'
for tool in nginx jmeter k6 vegeta msr; do
	"$casebook" run "$top/models/station-$tool.yaml" --no-figures -o "out-$tool" >"$tool.txt" 2>&1
	ok $? "station-$tool runs" || sed 's/^/# /' "$tool.txt"
	"$casebook" trace info "$top"/traces/station-$tool.* >info.txt 2>&1 && grep -q '^written by ' info.txt && grep -q "run station-$tool " info.txt
	ok $? "and its sample is known" || sed 's/^/# /' info.txt
	# What info says a model file must say, is read by one.
	{ printf 'case: station\nformat: 2\nabout: a map\n'; sed -n '/^trace:/,$p' info.txt; } >guess.yaml
	"$casebook" trace check "$top"/traces/station-$tool.* --map ./guess.yaml >out.txt 2>&1
	ok $? "and the map that info prints is one" || sed 's/^/# /' out.txt guess.yaml
done
# digest TOOL: what its replay gives. The three that tell times exactly are the same requests.
digest() {
	sed -n 's/.*digest //p' "$1.txt"
}
[ -n "$(digest jmeter)" ] && [ "$(digest jmeter)" = "$(digest vegeta)" ] && [ "$(digest jmeter)" = "$(digest msr)" ]
ok $? 'the same requests, written by JMeter, vegeta and as block requests, give the same to the bit'
[ "$(digest jmeter)" != "$(digest k6)" ] && [ "$(digest k6)" = "$(digest nginx)" ]
ok $? 'canary: whole seconds do not; those of k6 and nginx are the same'

echo "1..$count"
