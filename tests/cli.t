#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line as users meet it: help, mistakes and their exit codes, what is printed where, what is written.
. "${top_srcdir:-.}/tests/calls.sh"

# says out|err WORDS: the last call printed them there.
says() {
	grep -q -F -e "$2" "$scratch/$1"
	ok $? "says on $1: $2"
}

# silent out|err: the last call printed nothing there.
silent() {
	[ ! -s "$scratch/$1" ]
	ok $? "nothing on $1"
}

# The checks themselves.
status=3
printf 'one\n' >"$scratch/out"
: >"$scratch/err"
canary() { if "$@" | grep -q '^not ok'; then ok 0 "canary: $*"; else ok 1 "canary: $*"; fi; }
canary exits 2 "another code"
canary says out two
canary silent out

# ---- help ----
call
exits 2 "no command"
silent out
says err 'usage: casebook COMMAND'
call --help
exits 0 "--help"
silent err
for command in list show init help version; do
	grep -q "^  $command " "$scratch/out"
	ok $? "the overview lists $command"
done
call help
exits 0 "help"
says out '0                       done, and what was expected held'
for command in $(sed -n 's/^  \([a-z]*\) .*/\1/p' "$scratch/out"); do
	call "$command" --help
	exits 0 "$command --help"
	says out "usage: casebook $command"
	silent err
	call help "$command"
	says out "usage: casebook $command"
done
call show --help
says out '--set KEY=VALUE'
call show -h
says out '--json'
call version
exits 0 version
says out 'casebook 0'
call --version
says out 'casebook 0'

# ---- slips ----
call shwo
exits 2 "a command misspelt"
says err 'unknown command "shwo"; did you mean "show"?'
silent out
call elephant
says err 'unknown command "elephant"; known: '
call help shwo
exits 2 "help about a command misspelt"
call --json list
exits 2 "an option before the command"
call show station --jsn
exits 2 "an option misspelt"
says err 'unknown option --jsn; did you mean --json?'
silent out
call show station --json=yes
exits 2 "a value for a flag"
call show station --seed
exits 2 "no value"
says err -- '--seed needs a value: N'
call show station --seed x
exits 2 "a word for a number"
call show station --reps 0
says err 'allowed: 1 .. 10000'
call show
exits 2 "no operand"
says err 'usage: casebook show CASE|FILE'
call list station
exits 2 "an operand too many"
call show staton
exits 2 "a case misspelt"
says err 'unknown case "staton"; did you mean "station"?'
call show station sevice
exits 2 "a parameter misspelt"
says err 'did you mean "service"?'
call show station --set servers
exits 2 "--set without a value"
call show station --set sevice=3ms
exits 2 "--set of a parameter misspelt"
says err -- '--set sevice=3ms: error: unknown key "sevice" in model; did you mean "service"?'
call show station --set servers=0
exits 2 "--set out of range"
says err 'servers: 0 is out of range; allowed: 1 .. 1 M'
call show station --variant one-servr
exits 2 "a variant misspelt"
says err 'did you mean "one-server"?'
call show station --fault 'kill node 3'
exits 2 "a fault that is none"
call show netflix --fault '120 s for 30 s lose region virgina'
exits 2 "the target of a fault misspelt"
says err 'there is no region "virgina"; did you mean "Virginia"?'
call show netflix --variant blackout --fault '120 s for 30 s lose region virginia'
exits 0 "the target of a fault by its name"
says out 'lose Virginia, at 2 min for 30 s'
says out 'Virginia, Oregon, Ireland, Ohio'
call show netflix --variant blackout --fault '1 min for 5 s cut link Virginia - Oregon'
exits 0 "a fault at what the ablation of a claim takes away"
call show netflix --variant blackout --fault '1 min for 5 s cut link Virginia - Ireland'
exits 2 "canary: a fault at what is not there"

# ---- list and show ----
call list
exits 0 list
silent err
says out '  station '
call show station
exits 0 show
silent err
for part in Variants Parameters Metrics Columns 'What can break' Claims Sources Modelled 'Left out'; do
	grep -q "^$part" "$scratch/out"
	ok $? "show has $part"
done
says out 'models/station.yaml:'
says out 'evidence: assumption'
says out 'p99 36.8 ms'
call show station --set servers=7 servers
says out 'servers = 7   (--set servers=7)'
[ "$(wc -l <"$scratch/out")" -lt 8 ]
ok $? "only the parameter that was asked for"
call show station --variant half-speed --set run.reps=9 --seed 4 --json
exits 0 "show with options"
says out '"reps": 9'
says out '"seed": 4'
grep -q '"name": "two-servers"' "$scratch/out"
[ $? = 1 ]
ok $? "only the variant that was asked for"
call show station -- servers
says out 'equal servers'

# ---- init ----
call init station "$scratch/new/copy"
exits 0 init
says out "casebook run $scratch/new/copy/station.yaml"
says err "wrote $scratch/new/copy/station.yaml"
grep -q '^# ' "$scratch/new/copy/station.yaml"
ok $? "the copy has its comments"
call show "$scratch/new/copy/station.yaml" servers
exits 0 "the copy is a model"
says out "$scratch/new/copy/station.yaml:"
echo '# mine' >>"$scratch/new/copy/station.yaml"
call init station "$scratch/new/copy"
exits 6 "init where a file is"
says err 'already exists, and was left'
tail -n 1 "$scratch/new/copy/station.yaml" | grep -q mine
ok $? "the file stays as it was"
call init staton "$scratch/none"
exits 2 "init of a case misspelt"
[ ! -e "$scratch/none" ]
ok $? "and nothing is made"
: >"$scratch/file"
call init station "$scratch/file/below"
exits 6 "init below a file"
call init -q station "$scratch/quiet"
exits 0 "init -q"
silent err
"$casebook" list --json | sed -n 's/.*"name": "\([^"]*\)".*/\1/p' | while read -r model; do
	"$casebook" init "$model" "$scratch/all-$model" >"$scratch/out" 2>&1 || echo "$model"
	"$casebook" show "$scratch/all-$model/$model.yaml" >"$scratch/out" 2>&1 || echo "$model"
done >"$scratch/failed"
[ ! -s "$scratch/failed" ]
ok $? "every model can be copied, and the copy understood"

# ---- export ----
call export station --as study -o "$scratch/station.study"
exits 0 "export --as study"
silent out
head -n 1 "$scratch/station.study" | grep -q -x 'casebook study 2'
ok $? "the text of a study"
! grep -q -F -e "$(cd "${top_srcdir:-.}" && pwd)" "$scratch/station.study"
ok $? "names no directory of this machine"
call export station --as stduy
exits 2 "export as something unknown"
says err 'did you mean "study"?'
printf 'case: station\nformat: 2\ntrace: {windows: {rate: 50 /s, for: 10 s}}\n' >"$scratch/plain.yaml"
call export "$scratch/plain.yaml" -o "$scratch/plain.html"
exits 3 "export of what has nothing to explore"
says err 'has no explore: section'
[ ! -e "$scratch/plain.html" ]
ok $? "nothing is written"
call run "$scratch/plain.yaml" --reps 1 --no-figures -o "$scratch/plain"
exits 0 "a plain model"
call run twophase --variant 2pc --set coordinators=9
exits 2 "a value that is out of range"
[ "$(grep -c error: "$scratch/err")" = 1 ]
ok $? "is told once, and no claim takes the parameter for unknown"
call run "$scratch/plain.yaml" --explore
exits 3 "run --explore of the same"
call run station --explore --no-figures -q -o "$scratch/explored" --set servers=2 --reps 2
exits 0 "run --explore"
says out '2 replications'
call run station --explore --no-figures -q -o "$scratch/explored" --variant two-servers
exits 2 "of a variant that is not explored"
says err 'not among those that are explored'
mkdir -p "$scratch/bare/models"
cp "$casebook" "$scratch/bare/casebook"
cp "${top_srcdir:-.}/models/station.yaml" "$scratch/bare/models"
cp -R "${top_srcdir:-.}/traces" "${top_srcdir:-.}/plots" "$scratch/bare"
"$scratch/bare/casebook" export station -o "$scratch/bare/station.html" 2>"$scratch/err"
[ $? = 6 ] && grep -q 'bootstrap pages' "$scratch/err" && [ ! -e "$scratch/bare/station.html" ]
ok $? "where pages have not been built, it tells how they are"
mkdir "$scratch/bare/pages"
printf '%s\n' '<p>{{sentence}}|{{about}}|{{style}}{{script}}{{worker}}{{wasm}}{{study}}</p>' '{{figure}}' '{{claims}}' \
	'{{command}} {{digest}}' >"$scratch/bare/pages/page.html"
for part in page.css page.js worker.js station.wasm; do
	echo "/* $part */" >"$scratch/bare/pages/$part"
done
sed "s|^about: .*|about: '<img src=x onerror=\"hit()\">'|" "${top_srcdir:-.}/models/station.yaml" >"$scratch/bare/evil.yaml"
(cd "$scratch/bare" && ./casebook export ./evil.yaml 2>err)
ok $? "a page is made of its parts"
page=$scratch/bare/evil.html
grep -q -F '&lt;img src=x onerror=&quot;hit()&quot;&gt;' "$page" && ! grep -q '<img' "$page"
ok $? "texts of a model stay texts"
grep -q -F '/* worker.js */' "$page" && grep -q '^<svg ' "$page" && grep -q 'KB gzipped' "$scratch/bare/err"
ok $? "the parts and the figure are in it"
grep -q "^casebook run evil.yaml --explore [0-9a-f]\{16\}$" "$page"
ok $? "and the command that gives the same numbers"
sed 's/{{wasm}}//' "$scratch/bare/pages/page.html" >"$scratch/t" && mv "$scratch/t" "$scratch/bare/pages/page.html"
"$scratch/bare/casebook" export station -o "$scratch/bare/station.html" 2>"$scratch/err"
[ $? = 6 ] && grep -q -F '{{wasm}} is missing' "$scratch/err"
ok $? "a template without the engine is refused"

# ---- bad models ----
model=$scratch/m.yaml
printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}}\nmodel:\n  sevice: 3 ms\n' >"$model"
call show "$model"
exits 3 "an unknown key"
silent out
cat >"$scratch/want" <<END
$model:4:3: error: unknown key "sevice" in model; did you mean "service"?
    4 |   sevice: 3 ms
      |   ^
END
cmp -s "$scratch/want" "$scratch/err"
ok $? "a message with its place, the line and a caret"
printf 'case: station\nmodel:\n\tservers: 3\n' >"$model"
call show "$model"
exits 3 "a tab"
says err "$model:3:1: error: a tab in the indentation"
printf 'case: station\nx: \033[31m\n' >"$model"
call show "$model"
exits 3 "a control character"
grep -q "$(printf '\033')" "$scratch/err"
[ $? = 1 ]
ok $? "control characters do not reach the terminal"
: >"$model"
call show "$model"
exits 3 "an empty file"
says err "$model: error: is empty"
call show "$scratch"/
exits 3 "a directory"
says err 'is a directory'
call show "$scratch/nothing.yaml"
exits 3 "a missing file"
says err 'No such file or directory'
printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}}\n' | "$casebook" show - servers >"$scratch/out" 2>"$scratch/err"
status=$?
exits 0 "a model from standard input"
{
	printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}}\nmodel:\n'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do echo "  unknown$i: 1"; done
} >"$model"
call show "$model"
[ "$(grep -c 'error:' "$scratch/err")" = 20 ]
ok $? "twenty mistakes are shown"
says err 'and 3 more'

# ---- values from files ----
mkdir "$scratch/values"
model=$scratch/values/m.yaml
printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}}\nmodel: {service: empirical(v.csv)}\n' >"$model"
printf 'service_ms\n1\n2\n3\n' >"$scratch/values/v.csv"
call show "$model" service
exits 0 "values of a CSV"
says out 'mean 2 ms'
printf '1 ms\n2 ms\n6 ms\n' >"$scratch/values/v.csv"
call show "$model" service
says out 'mean 3 ms'
printf 'service_us,weight\n1000,3\n5000,1\n' >"$scratch/values/v.csv"
call show "$model" service
says out 'mean 2 ms'
printf 'service\n1\n' >"$scratch/values/v.csv"
call show "$model" service
exits 3 "times without a unit"
says err 'v.csv:2:1: error: service: a time without a unit'
rm "$scratch/values/v.csv"
call show "$model" service
exits 3 "values of a missing file"
says err "$model:3:18: error: service: "
sed -i 's/empirical(v.csv)/hist(v.hgrm)/' "$model"
printf '       Value     Percentile TotalCount 1/(1-Percentile)\n\n 1.000 0.5 5 2.00\n 3.000 1.0 10 inf\n#[Mean = 2.0]\n' \
	>"$scratch/values/v.hgrm"
call show "$model" service
exits 0 "a histogram as HdrHistogram writes it"
says out 'mean 2 ms'

# ---- numbers in tables of others ----
table=$scratch/values/rtt.csv
model=$scratch/values/cell.yaml
printf 'src,dst,rtt_ms,note\nEast,West,63,"a, b"\nEast,North,70.5,\nWest,East,-3,\nWest,North,much,\nNorth,East,,\nNorth,West,2 s,\nTwice,East,1,\nTwice,East,2,\n' >"$table"
printf 'case: netflix\nextends: models/netflix.yaml\nmodel:\n  rtt_virginia_oregon: cell(rtt.csv, src=East, dst=West, rtt_ms)\n' >"$model"
call show "$model" rtt_virginia_oregon
exits 0 "a number from a table, named beside the model"
says out "rtt_virginia_oregon = 63 ms   ($model:4, cell(rtt.csv, src=East, dst=West, rtt_ms))"

# cell TEXT: one parameter from the table, with the place of what names it.
cell() {
	sed "4s/:.*/: cell($1)/" "$model" >"$model.yaml"
	call show "$model.yaml" rtt_virginia_oregon
}
cell 'rtt.csv, src=East, dst=North, rtt_ms'
says out 'rtt_virginia_oregon = 70.5 ms'
cell '"rtt.csv" , note="a, b", rtt_ms'
says out 'rtt_virginia_oregon = 63 ms'
cell 'rtx.csv, src=East, rtt_ms'
exits 3 "a table that is not there"
says err "$model.yaml:4:24: error: rtt_virginia_oregon: there is no file rtx.csv"
cell 'rtt.csv, src=East, dst=Wset, rtt_ms'
exits 3 "a row that is not there"
says err "$model.yaml:4:24: error: rtt_virginia_oregon: "
says err 'has no row with src "East" and dst "Wset"'
cell 'rtt.csv, src=Eats, dst=West, rtt_ms'
says err 'has no row with src "Eats"; did you mean "East"?'
cell 'rtt.csv, src=East, dst=West, rtt_mss'
exits 3 "a column that is not there"
says err 'has no column "rtt_mss"; did you mean "rtt_ms"?'
cell 'rtt.csv, from=East, dst=West, rtt_ms'
says err 'has no column "from"; known: src, dst, rtt_ms, note'
cell 'rtt.csv, src=Twice, rtt_ms'
exits 3 "two rows"
says err 'rtt.csv match, on lines 8 and 9; name more columns'
cell 'rtt.csv, src=West, dst=East, rtt_ms'
exits 3 "a negative time"
says err "$table:4:11: error: rtt_virginia_oregon: "
cell 'rtt.csv, src=West, dst=North, rtt_ms'
exits 3 "no number"
says err "$table:5:12: error: rtt_virginia_oregon: \"much\" needs a time"
cell 'rtt.csv, src=North, dst=East, rtt_ms'
says err "$table:6:12: error: rtt_virginia_oregon: the cell is empty"
cell 'rtt.csv, src=North, dst=West, rtt_ms'
exits 3 "out of range"
says err "$table:7:12: error: rtt_virginia_oregon: 2 s is out of range; allowed: 0 s .. 1 s"
for text in 'rtt.csv' 'rtt.csv, rtt_ms' 'rtt.csv, src=East' 'rtt.csv, src=East, rtt_ms) x' ', src=East, rtt_ms' 'rtt.csv, src=, rtt_ms' \
	'"rtt.csv, src=East, rtt_ms'; do
	cell "$text"
	exits 3 "cell($text)"
	says err 'is not a cell; write cell(FILE.csv, COLUMN=VALUE, ..., COLUMN)'
done
call show netflix --set "rtt_virginia_ireland=cell($table, src=East, dst=West, rtt_ms)" rtt_virginia_ireland
exits 0 "a number from a table, named on the command line"
says out 'rtt_virginia_ireland = 63 ms'
azure=${CASEBOOK_TRACES:-${top_srcdir:-.}/../shared/traces}/rtt_azure_regions_p50.csv
if [ -f "$azure" ]; then
	call show netflix --set "rtt_virginia_oregon=cell($azure, src=East_US, dst=West_US_2, rtt_ms)" rtt_virginia_oregon
	says out "rtt_virginia_oregon = $(sed -n 's/^East_US,West_US_2,//p' "$azure") ms"
else
	skip "a round trip of a real table" "no $azure"
fi

call run station --variant one-server --reps 1 --set trace.windows.for=30s --no-figures -o "$scratch/run"
exits 0 "a short run"
call show station --set "service=hist($scratch/run/percentiles-one-server-response.hgrm)" --variant one-server service
exits 0 "its histogram as a distribution"
says out '(--set service=hist('

# ---- bad input leaves what there is ----
before=$(cksum "$scratch"/run/* "$scratch/new/copy/station.yaml")
call run station --set servers=0 --no-figures -o "$scratch/run"
exits 2 "a run that cannot be"
silent out
printf 'case: station\ntrace: {windows: {rate: 100 /s, for: 10}}\n' >"$scratch/values/bad.yaml"
call run "$scratch/values/bad.yaml" --no-figures -o "$scratch/run"
exits 3 "a run of a bad model"
says err "$scratch/values/bad.yaml:2:38: error: for: \"10\" needs a time unit, e.g. 80 ms"
call run station --trace "$scratch/nothing.csv" --no-figures -o "$scratch/run"
exits 4 "a run of a missing trace"
[ "$before" = "$(cksum "$scratch"/run/* "$scratch/new/copy/station.yaml")" ]
ok $? "earlier results stay as they were"
call run "$scratch/values/bad.yaml" --no-figures -o "$scratch/never"
[ ! -e "$scratch/never" ]
ok $? "and no directory is made"

# ---- what is asked for and does not show ----
cat >"$scratch/shown.yaml" <<'EOF'
case: station
format: 2
trace: {windows: {rate: 100 /s, for: 20 s}}
run: {reps: 2}
table: [response, count(arrived) / count(response)]
variants:
  one: {label: One server}
  two: {model: {servers: 2}}
claims:
  - {id: worth, says: it is worth it, kind: predicted, expect: "mean(wait)[two] < mean(wait)[one]", without: {servers: 1}, evidence: derived}
  - {id: waits, says: one waits, kind: predicted, expect: "mean(wait)[one] > 1 ms", without: {service: const(1 ms)}, evidence: derived}
EOF
call run "$scratch/shown.yaml" --no-figures -q -o "$scratch/shown"
exits 0 "a table that the model chooses"
says out 'One server         response'
says out 'count(arrived) / count(response)  1'
! grep -q '^two *wait\|^ *wait ' "$scratch/out"
ok $? "and nothing else"
call run "$scratch/shown.yaml" --no-figures -q -o "$scratch/shown" --markdown
says out '| One server | response |'
says err 'data: '
! grep -q '^seed\|^data:\|^next:' "$scratch/out"
ok $? "nothing else stands beside a table in Markdown"
for wrong in 'table=[nosuch]' 'table=[queue]' 'table=["mean(wait)[one]"]'; do
	sed '/^table/d' "$scratch/shown.yaml" >"$scratch/wrong.yaml"
	echo "$wrong" | sed 's/=/: /' >>"$scratch/wrong.yaml"
	call run "$scratch/wrong.yaml" --no-figures -q -o "$scratch/shown"
	exits 3 "$wrong"
done
call verify "$scratch/shown.yaml" --claim worht
exits 2 "a claim that there is not"
says err 'did you mean "worth"?'
call verify "$scratch/shown.yaml" --variant one
says out 'waits'
says err '1 claim of variants that were not chosen is left out'
! grep -q '^worth' "$scratch/out"
ok $? "claims of other variants are left out"
call verify "$scratch/shown.yaml" --variant two
exits 2 "no claim is of that variant alone"
call verify "$scratch/shown.yaml" --markdown
says out '| worth | '
call compare "$scratch/shown.yaml" one two:servers=x
exits 2 "a value that is none"
! grep -q 'changes nothing' "$scratch/err"
ok $? "and its ablation is not blamed"
call list --color sometimes
exits 2 "--color needs a word it knows"
call show nosuch --color always
says err "$(printf '\033[1;31merror:')"
call show nosuch
! grep -q "$(printf '\033')" "$scratch/err"
ok $? "no colours where there is no terminal"
cat >"$scratch/graph.yaml" <<'EOF'
case: microservices
format: 2
trace: {windows: {rate: 100 /s, for: 2 s}}
run: {reps: 1}
model:
  classes: {all: {enter: web}, rare: {enter: web}}
  services: {web: {choices: 3, balance: random, steps: [db]}, db: {cache: ratio, cache_hits: 10 %}}
EOF
call run "$scratch/graph.yaml" --no-figures -o "$scratch/graph"
says err 'services.web.choices has no effect: it is for balance: choices'
says err 'none is of rare'
! grep -q cache_hits "$scratch/err"
ok $? "what has an effect is not told"
says out '(web)'

# ---- no memory ----
if [ "${SANITIZERS:-no}" = yes ]; then
	skip "out of memory" "sanitizers need more"
	skip "is told" "sanitizers need more"
else
	# Enough to start, too little to read a model.
	limit=8000
	until (ulimit -v $limit && "$casebook" version) >"$scratch/out" 2>"$scratch/err" || [ $limit -gt 1000000 ]; do
		limit=$((limit + 2000))
	done
	(ulimit -v $limit && "$casebook" show station) >"$scratch/out" 2>"$scratch/err"
	status=$?
	exits 6 "out of memory"
	says err 'out of memory'
fi

# ---- output ----
if [ -c /dev/full ] && [ -w /dev/full ]; then
	"$casebook" show station >/dev/full 2>"$scratch/err"
	status=$?
	exits 6 "no space for standard output"
	says err 'cannot write to standard output'
else
	skip "no space for standard output" "no /dev/full"
	skip "is told" "no /dev/full"
fi
"$casebook" list >&- 2>"$scratch/err"
status=$?
exits 6 "standard output closed"
{ "$casebook" show station; echo $? >"$scratch/code"; } 2>"$scratch/err" | head -n 1 >"$scratch/out"
[ "$(cat "$scratch/code")" = 0 ]
ok $? "a reader that goes away is no mistake"
silent err

echo "1..$count"
