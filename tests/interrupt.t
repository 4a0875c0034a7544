#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Who asks to stop is heard at once, whatever goes on, and nothing is left behind: every command is begun with work for minutes
# and told to end. Limits are generous, so that a slow machine passes.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# heard NAME COMMAND...: is told to end after a moment, or when there is a file called begun, and ends within 20 seconds: with
# 130, or by the signal (143) where there is nothing that could be kept.
heard() {
	name=$1
	shift
	"$@" >out 2>err &
	running=$!
	sleep 1
	tries=0
	while [ -n "$begins" ] && [ ! -e begun ] && [ $tries -lt 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -TERM $running 2>/dev/null
	tries=0
	while kill -0 $running 2>/dev/null && [ $tries -lt 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -KILL $running 2>/dev/null && echo "# deaf"
	wait $running 2>/dev/null
	status=$?
	[ $status = 130 ] || [ $status = 143 ]
	ok $? "$name ends ($status)"
}
begins=

cat >long.yaml <<'END'
case: station
format: 2
trace: {windows: {rate: 100 /s, for: 30 d}}
model: {service: exp(8 ms)}
variants: {one: {}, two: {model: {servers: 2}}}
claims:
  - {id: quick, says: it is quick, kind: derived, evidence: derived, expect: "mean(wait)[two] < 1 s", without: {servers: 1}}
END
sed 's/30 d/5 s/' long.yaml >short.yaml
heard 'a replication of minutes' "$casebook" run long.yaml --no-figures -o run
grep -q 'nothing was written' err && [ ! -e run/summary.json ]
ok $? 'before anything is finished there are no results'
heard 'verify' "$casebook" verify long.yaml
heard 'compare' "$casebook" compare long.yaml one two
heard 'flip' "$casebook" flip long.yaml quick --by service -o flip
heard 'sensitivity' "$casebook" sensitivity long.yaml 'mean(wait)' -o sensitivity
heard 'a sweep' "$casebook" sweep long.yaml --variant one --grid servers=1,2 -o swept
heard 'trace gen' "$casebook" trace gen long.yaml --variant one -o gen.csv
[ -z "$(ls -A | grep -e '^gen' -e tmp)" ]
ok $? 'and leaves no file'

# A single event that has much to do, and a backlog that nobody can work off.
cat >backlog.yaml <<END
case: discord
format: 2
trace: {recipe: $top/traces/discord.yaml, windows: [{date: 2016-07-01, at: 14 h, for: 10 min}]}
model: {storage: tables, backlog: 100 TB, table_debt: 1000 TB, compaction_chunk: 1 kB, compaction_rate: 100 GB,
  compaction_bandwidth: 100 GB}
END
heard 'a backlog of 100 TB' "$casebook" run backlog.yaml --reps 1 --no-figures -o backlog

# Input that never ends, and input that never begins.
mkfifo pipe
heard 'a pipe that nobody writes to' "$casebook" run short.yaml --variant one --trace pipe --no-figures -o pipe-run
for command in 'trace info' 'trace check' 'trace convert'; do
	output=
	[ "$command" = 'trace convert' ] && output='-o converted.csv'
	mkfifo endless
	{ echo t_s; yes 1; } >endless 2>/dev/null &
	writer=$!
	# shellcheck disable=SC2086
	heard "$command of what does not end" "$casebook" $command endless $output
	kill $writer 2>/dev/null
	wait $writer 2>/dev/null
	rm -f endless
done
[ -z "$(ls -A | grep -e '^converted' -e tmp)" ]
ok $? 'and leaves no file'
call trace info /dev/zero
exits 4 'a device as a trace'
awk 'BEGIN { for (i = 0; i < 40000; i++) printf "- "; print "" }' >dashes.yaml
call show dashes.yaml
exits 3 '80 kB of dashes'
grep -q 'nested too deeply' err
ok $? 'are nested too deeply'
awk 'BEGIN { print "case: station\nformat: 2\nvariants:"; for (i = 0; i < 300000; i++) printf "  v%d: {}\n", i }' >large.yaml
call show large.yaml
exits 3 'a model of 4 MB'
awk 'BEGIN { printf "case: "; for (i = 0; i < 60000; i++) printf "{a: "; print "" }' >deep.yaml
call show deep.yaml
exits 3 'maps in maps in maps'

# ---- what is finished ----

if command -v gnuplot >/dev/null; then
	sed 's/30 d/60 s/' long.yaml >many.yaml
	echo 'figures: [{kind: percentiles, metric: response}]' >>many.yaml
	"$casebook" run many.yaml --reps 10000 -f svg -o many >out 2>err &
	running=$!
	sleep 3
	kill -TERM $running
	wait $running
	status=$?
	[ $status = 130 ] && grep -q 'interrupted' many/percentiles.svg && grep -q '"interrupted": true' many/summary.json
	ok $? 'figures of a run that was interrupted say so'
	call run many.yaml --reps 2 -f svg -o whole
	[ $status = 0 ] && ! grep -q 'interrupted' whole/percentiles.svg
	ok $? 'canary: those of one that was not do not'
	mkdir bin
	printf '#!/bin/sh\ntouch %s/begun\nexec sleep 600\n' "$scratch" >bin/gnuplot
	chmod +x bin/gnuplot
	usual=$PATH
	PATH=$scratch/bin:$PATH
	begins=yes
	heard 'a gnuplot that hangs' "$casebook" run many.yaml --reps 1 -f svg -o hangs
	begins=
	PATH=$usual
	[ -s hangs/summary.json ] && [ ! -e hangs/percentiles.svg ] && [ -z "$(ls -A hangs | grep '^\.')" ]
	ok $? 'and leaves results, and no picture'
else
	skip 'figures' 'no gnuplot'
fi

# ---- what is killed ----

mkdir killed
"$casebook" trace gen long.yaml --variant one -o killed/rows.csv >out 2>err &
running=$!
sleep 1
kill -KILL $running
wait $running 2>/dev/null
# Where files without a name cannot be had, one with a temporary name is left.
left=$(ls -A killed)
[ -z "$left" ] || [ "$(stat -f -c %T killed)" = nfs ]
ok $? "a program that is killed leaves nothing behind${left:+ ($left)}"

echo "1..$count"
