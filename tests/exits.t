#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The exit codes that the README tells, each provoked in several ways; and that the README tells all of them.
. "${top_srcdir:-.}/tests/calls.sh"
enter

cat >model.yaml <<'END'
case: station
trace: {windows: {rate: 50 /s, for: 20 s}}
model: {service: exp(8 ms)}
variants: {one: {}, two: {model: {servers: 2}}}
run: {reps: 3, warmup: 1 s}
claims:
  - {id: right, says: it holds, kind: derived, expect: "mean(wait)[two] < mean(wait)[one]", without: {servers: 1},
     evidence: derived}
END
sed 's/mean(wait)\[two\] < mean(wait)\[one\]/mean(wait)[two] > mean(wait)[one]/' model.yaml >wrong.yaml
printf 't_s,service\n0,1\n1,1\n' >good.csv
printf 't_s,service\n0,1\nx,1\n' >bad.csv
printf 't_s,service\n1,1\n0,1\n' >back.csv
printf 'case: station\ntrace: {windows: {rate: 1/s, for: 1 s}}\nmodel: {sevrers: 1}\n' >slip.yaml
sed 's/warmup: 1 s/warmup: 20 s/' model.yaml >warm.yaml
printf 'case: station\ntrace: {\n' >broken.yaml
: >empty.yaml
sed 's/"mean(wait)\[two\] < mean(wait)\[one\]"/"mean(wait)[two] in 1 s..0 s"/' model.yaml >band.yaml

# Each line: the code, then the command. `tried` counts codes.
tried=
while read -r code line; do
	[ -n "$code" ] || continue
	tried="$tried $code"
	eval "\"$casebook\" $line" >out 2>err </dev/null
	status=$?
	[ $status = "$code" ]
	ok $? "$code: $line"
done <<'END'
0 --version
0 list
0 show model.yaml
0 run model.yaml --no-figures -o run
0 trace check good.csv
0 verify model.yaml
1 verify wrong.yaml
1 compare model.yaml one two --reps 20 --metric 'mean(busy)' --fail-if 'mean(busy) < 1000'
2
2 rnu model.yaml
2 run
2 run model.yaml --reps 0
2 run model.yaml --set servers=many
2 run model.yaml --variant three
2 run nothing
2 trace check good.csv --time t_s:sec
2 compare model.yaml one two --metric 'mean(waiting)'
2 plot nowhere
3 run slip.yaml
3 run broken.yaml
3 show empty.yaml
3 show band.yaml
3 run ./missing.yaml
3 run warm.yaml --no-figures -o run
4 trace check bad.csv
4 trace check back.csv
4 trace check missing.csv
4 trace info /dev/zero
4 run model.yaml --trace bad.csv --no-figures -o run
4 run model.yaml --trace missing.csv --no-figures -o run
4 trace convert bad.csv -o copy.csv
5 run model.yaml --precision 0.001% --reps 4 --no-figures -o run
6 run model.yaml --no-figures -o model.yaml
6 run model.yaml --no-figures -o ''
6 trace gen model.yaml -o /dev/full
6 trace gen model.yaml -o none/rows.csv
6 list >/dev/full
6 list >&-
END
"$casebook" run model.yaml --reps 10000 --set trace.windows.for=200s --no-figures -o long >out 2>err &
running=$!
tries=0
while [ ! -d long ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
sleep 0.5
kill -INT $running 2>/dev/null
kill -TERM $running
wait $running
[ $? = 130 ]
ok $? '130: a run that is interrupted'
tried="$tried 130 70"
told=$(sed -n '/^Exit codes:/,/^$/p' "$top/README.md" | tr '·\n' '\n ' | grep -oE '(^|[ :])[0-9]+ [a-z]' | grep -oE '[0-9]+' | sort -un | tr '\n' ' ')
[ "$told" = "$(echo $tried | tr ' ' '\n' | sort -un | tr '\n' ' ')" ]
ok $? "the README tells these codes and no others: $told"

echo "1..$count"
