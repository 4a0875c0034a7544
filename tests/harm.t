#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What strangers hand us does no harm: damaged databases, links, scripts, texts that a terminal would obey, directories that
# belong to others, closed descriptors, signals.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# check NAME CODE TEXT COMMAND...: the exit code, and what is said on standard error.
check() {
	name=$1 code=$2 text=$3
	shift 3
	"$casebook" "$@" >out 2>err </dev/null
	[ $? = "$code" ] && { [ "$code" = 0 ] || grep -q -F -e "$text" err; }
	ok $? "$name"
}

cat >small.yaml <<'END'
case: station
trace: {windows: {rate: 100 /s, for: 2 s}}
run: {reps: 2}
figures: [{kind: percentiles, metric: response, title: "A title"}]
END

# ---- descriptors ----

"$casebook" run small.yaml --no-figures -o closed >&- 2>err
[ $? = 6 ] && ! grep -q station closed/samples.csv.x 2>/dev/null && head -n 1 closed/samples.csv | grep -q '^variant,rep' &&
	! grep -q 'digest' closed/samples.csv && grep -q 'standard output' err
ok $? 'standard output is closed: exit 6, and nothing of it goes into a file'
"$casebook" run small.yaml --no-figures -o closed >out 2>&- <&-
[ $? = 0 ] && grep -q digest out
ok $? 'standard input and error are closed'
"$casebook" trace check - <&- >out 2>err
[ $? = 4 ]
ok $? 'a trace from a standard input that is closed'

# ---- texts ----

printf 'case: station\nabout: "red \\e[31m"\ntrace: {windows: {rate: 1/s, for: 1 s}}\n' >text.yaml
check 'an escape in a model' 3 'control character 0x1b' show text.yaml
printf 'case: station\nabout: "\302\233 31m"\ntrace: {windows: {rate: 1/s, for: 1 s}}\n' >text.yaml
check 'a control character of the second kind' 3 'control character U+009B' show text.yaml
printf 'case: station\nabout: "\\u202e evil"\ntrace: {windows: {rate: 1/s, for: 1 s}}\n' >text.yaml
check 'a mark of direction' 3 'control character U+202E' verify text.yaml
printf 't_s,na\033[31mme,b\377d\n0,1,\033]0;x\007\n1,2,\302\233\n' >text.csv
"$casebook" trace info text.csv >out 2>err
[ $? = 0 ] && ! LC_ALL=C grep -q "$(printf '[\033\007\302\233\377]')" out
ok $? 'names and values of a trace' || cat -v out | sed 's/^/# /'
"$casebook" trace info text.csv --json >out 2>err
[ "$(grep -c "\"name\"" out)" = 2 ] && grep -q '"b?d"' out
ok $? 'bytes that are no UTF-8 are told in JSON, and no column is lost'
"$casebook" run small.yaml --trace text.csv --no-figures -o text --set run.warmup=0s >out 2>err
[ $? = 0 ] && ! grep -q "$(printf '[\033\007]')" out && grep -q '"trace_file"' text/run.json
ok $? 'and a run tells its columns'
odd=$(printf 'm\377x.yaml')
cp small.yaml "$odd"
"$casebook" run "./$odd" -o odd --no-figures --json >out 2>err && grep -q '"model_file": "./m?x.yaml"' odd/run.json &&
	"$casebook" show "./$odd" --json >out 2>err && "$casebook" sweep "./$odd" --grid servers=1,2 -o oddly --no-figures >out 2>err
ok $? 'a model whose name is no UTF-8'
awk 'BEGIN { for (i = 0; i < 80000; i++) printf "%%"; print "" }' >percent.yaml
check 'a directive of YAML' 3 'a line that begins with %' show percent.yaml

awk 'BEGIN { printf "case: station\ntrace: {windows: {rate: 1/s, for: 1 s}}\nfigures: [{kind: percentiles, metric: response, title: \""
	for (i = 0; i < 12000; i++) printf "word "; print "\"}]" }' >title.yaml
check 'a title of 60 kB' 3 'title: a text of 60000 bytes; at most 1000 fit' run title.yaml -o title
if command -v gnuplot >/dev/null; then
	sed 's/A title/A ]]> title/' small.yaml >marks.yaml
	"$casebook" run marks.yaml -o marks >out 2>err
	grep -q 'A \]\]&gt; title' marks/percentiles.svg && ! grep -q '\]\]>' marks/percentiles.svg
	ok $? 'a text that XML does not allow'
fi

# ---- databases ----

if sqlite3 -version >/dev/null 2>&1; then
	sql() {
		sqlite3 copy/results.sqlite "$1"
	}
	again() {
		rm -rf copy
		cp -r swept copy
		sql "$2" || echo "# sqlite3 failed"
		check "$1" 6 'is damaged' sweep small.yaml --grid servers=1,2 --no-figures -o copy --resume
	}
	"$casebook" sweep small.yaml --grid servers=1,2 --no-figures -o swept >out 2>err
	cp -r swept copy
	touch copy/.casebook-99-1.tmp
	check 'a database as it was' 0 '' sweep small.yaml --grid servers=1,2 --no-figures -o copy --resume
	[ ! -e copy/.casebook-99-1.tmp ]
	ok $? 'and what a killed sweep has left is gone'
	again 'a number that is no index' 'UPDATE metric SET number = -50 WHERE run = 1 AND number = 0'
	again 'a number beyond all' 'UPDATE metric SET number = 2000000000 WHERE run = 1 AND number = 0'
	again 'a value that is another' 'UPDATE metric SET value = value + 1 WHERE run = 2 AND number = 3'
	again 'a value that is gone' 'DELETE FROM metric WHERE run = 0 AND number = 5'
	again 'a run of another sweep' 'PRAGMA foreign_keys = OFF; UPDATE run SET point = 1 - point WHERE run = 0'
	again 'a run beyond all' "PRAGMA foreign_keys = OFF; INSERT INTO run SELECT 99, point, variant, replication, digest, rows,
		events, skipped, end_ns, unfinished, checksum FROM run WHERE run = 0"
	again 'a variant that is another' "UPDATE run SET variant = 'x' WHERE run = 3"
	again 'a name that is another' "UPDATE metric SET metric = 'waiting' WHERE run = 1 AND number = 0"
	again 'a histogram that is another' "UPDATE histogram SET bins = x'ffffffff' WHERE run = 1 AND number = 0"
	again 'values of no run' "PRAGMA foreign_keys = OFF; INSERT INTO metric VALUES (77, 0, '', 'wait', 'mean', 1)"
else
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		ok 0 "databases # SKIP sqlite3 is not installed"
	done
fi

# ---- programs ----

mkdir bin drawn
printf '#!/bin/sh\ntouch %s/harm\n' "$scratch" >drawn/gnuplot
chmod +x drawn/gnuplot
PATH=.:$PATH "$casebook" run small.yaml -o drawn >out 2>err
[ ! -e harm ]
ok $? 'gnuplot is not looked for in the directory of figures'

# ---- directories ----

"$casebook" run small.yaml -o first >out 2>err
mkdir target
printf keep >target/kept
rm -f first/summary.json first/percentiles.svg first/.percentiles.svg.drawn
ln -s ../target/kept first/summary.json
ln -s ../target/kept first/percentiles.svg
ln -s ../target/kept first/.percentiles.svg.drawn
ln -s ../target/kept first/.percentiles.svg.log
ln -s ../target/kept first/samples.csv.x
"$casebook" run small.yaml -o first >out 2>err
[ "$(cat target/kept)" = keep ] && [ ! -L first/summary.json ] && [ -s first/summary.json ] && [ ! -L first/percentiles.svg ]
ok $? 'results replace links'
rm first/run.json
mkfifo first/run.json
check 'what is no file' 6 'run.json: error: cannot be written' run small.yaml -o first --no-figures
rm first/run.json

"$casebook" run small.yaml -o again >out 2>err
ls again >before
touch again/notes.txt again/.casebook-99-1.tmp
sed 's/percentiles, metric/percentiles, name: other, metric/; s/station$/station/' small.yaml >small2.yaml
cp small2.yaml small.yaml
"$casebook" run small.yaml -o again -f svg >out 2>err
[ ! -e again/percentiles.svg ] && [ ! -e again/percentiles.gp ] && [ -e again/other.svg ] && [ ! -e again/other.png ] &&
	[ -e again/notes.txt ] && [ ! -e again/.casebook-99-1.tmp ]
ok $? 'what the run before has left is replaced as a whole, and nothing else' || ls -A again | sed 's/^/# /'
"$casebook" run small.yaml -o again --no-figures >out 2>err
[ ! -e again/other.svg ]
ok $? 'figures too'
cp small.yaml other.yaml
check 'results of another model give way where the directory is named' 0 '' run other.yaml -o again --no-figures
mkdir a b
cp small.yaml a/one.yaml
cp small.yaml b/one.yaml
check 'results go to a directory called as the model' 0 '' run a/one.yaml --no-figures
check 'of another model of that name they stay' 6 'holds results of a/one.yaml; --replace' run b/one.yaml --no-figures
check 'unless it is asked for' 0 '' run b/one.yaml --no-figures --replace
"$casebook" run small.yaml --no-figures -o held --reps 10000 --set 'trace.windows.for=200 s' >out 2>err &
running=$!
tries=0
while [ ! -d held ] && [ $tries -lt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
check 'two runs into one directory' 6 'another run is writing into it' run small.yaml --no-figures -o held
hangup=HUP
case $(sed -n 's/^SigIgn:.*\(.\)$/\1/p' /proc/$running/status) in
[13579bdf]) hangup=TERM ;; # who began this ignores hangups, and so do we
esac
kill -$hangup $running
wait $running
status=$?
[ $status = 130 ] && [ -s held/summary.json ] && [ "$(ls -A held | grep -c tmp)" = 0 ]
ok $? 'a hangup keeps what is finished' || echo "# $status"
mkdir my
cp "$top/models/station.yaml" my/station.yaml
"$casebook" run my/station.yaml --variant one-server --reps 1 --no-figures >out 2>err
[ -d casebook-my-station ] && [ ! -e casebook-station ]
ok $? 'a model called as a shipped one has a directory of its own'
check 'a directory without a name' 6 'cannot be empty' run small.yaml --no-figures -o ''
long=$(awk 'BEGIN { for (i = 0; i < 300; i++) printf "x" }')
printf 'case: station\ntrace: {windows: {rate: 1/s, for: 1 s}}\nvariants: {%s: {}}\n' "$long" >long.yaml
check 'a name of 300 letters' 3 'at most 100 letters' run long.yaml --no-figures -o long
[ ! -e long ]
ok $? 'before anything is run'
(ulimit -f 8; "$casebook" run small.yaml --no-figures --set 'trace.windows.for=100 s' --reps 30 -o full >out 2>err)
[ $? = 6 ] && grep -q 'File too large' err && [ "$(ls -A full 2>/dev/null | grep -c tmp)" = 0 ]
ok $? 'a file that may not grow'

# ---- scripts ----

if command -v gnuplot >/dev/null; then
	"$casebook" run small.yaml -o scripts >out 2>err
	check 'a script as a run has written it' 0 '' plot scripts -f svg
	cp scripts/other.gp kept.gp
	echo "system 'touch $scratch/harm'" >>scripts/other.gp
	check 'a script that was added to' 2 '--edited' plot scripts -f svg
	[ ! -e harm ]
	ok $? 'is not run'
	sed "s%^set lmargin.*%load '| touch $scratch/harm'%" kept.gp >scripts/other.gp
	check 'nor one that was changed' 2 '--edited' plot scripts -f svg
	sed "s%^series = 1%series = 1; x = system('touch $scratch/harm')%" kept.gp >scripts/other.gp
	check 'nor a call among settings' 2 '--edited' plot scripts -f svg
	sed "s/^set label 'A title'/set label \"\`touch harm\`\"/" kept.gp >scripts/other.gp
	check 'nor one between backquotes' 2 '--edited' plot scripts -f svg
	sed "s/^set label 'A title'/set label 'Another title'/" kept.gp >scripts/other.gp
	check 'other texts are' 0 '' plot scripts -f svg
	grep -q 'Another title' scripts/other.svg
	ok $? 'and drawn'
	{ cat kept.gp; echo "system 'touch $scratch/asked'"; } >scripts/other.gp
	check 'and what one asks for' 0 '' plot scripts -f svg --edited
	[ -e asked ] && [ ! -e harm ]
	ok $? 'is run'
fi

echo "1..$count"
