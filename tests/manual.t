#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Manuals, completions and the schema of model files: they are whole, readers of them accept them, and shells complete.
. "${top_srcdir:-.}/tests/calls.sh"
enter
call help --as man -o man
exits 0 "all pages of the manual"
ls man | sort >pages
sed -n '/^manuals = /,/[^\\]$/p' "$top/Makefile.am" | tr -s ' \t\\' '\n' | sed -n 's|^man/||p' | sort >listed
cmp -s pages listed
ok $? "Makefile.am installs each page"
printf 'casebook.1\n' | cmp -s pages -
ok $((!$?)) "canary: a page that is not installed"
call list --help
for command in $("$casebook" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	[ -s "man/casebook-$command.1" ]
	ok $? "a page of $command"
done
grep -q 'second server takes' man/casebook-model.5 && grep -q '^.B services$' man/casebook-cases.7
ok $? "pages of files hold examples and parameters"

if command -v groff >/dev/null; then
	warnings() { groff -ww -man -Tutf8 -z "$@" 2>&1; }
	[ -z "$(warnings man/*)" ]
	ok $? "groff has nothing against a page"
	printf '.TH A 1\n.SH NAME\na \\- \\fQb\n.XX\n' >wrong.1
	[ -n "$(warnings wrong.1)" ]
	ok $? "canary: a page with a request that there is not"
else
	skip "groff has nothing against a page" "no groff"
fi

# wide: lines that a terminal of 80 columns breaks
wide() { awk 'length > 80' | grep -q .; }
for command in $("$casebook" help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	"$casebook" "$command" --help
done >told
for command in $("$casebook" trace --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	"$casebook" trace "$command" --help
done >>told
[ "$(grep -c '^usage: ' told)" -gt 15 ] && ! wide <told
ok $? "help has room on 80 columns"
sed 's/^usage: casebook sweep/& and so on, and so on, and so on, and so on, and so on, and so on/' told | wide
ok $? "canary: a longer line"

call help model
exits 0 "help model"
grep -q 'must be given' out && grep -q 'figures: -' out
ok $? "help model tells every section"
call help --as troff
exits 2 "an unknown form"
grep -q 'known: man' err
ok $? "the forms are told"

# ---- the schema ----
call help --as schema -o schema.json
exits 0 "the schema"
if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
	cat >check.py <<'PYTHON'
import json, sys, yaml, jsonschema
class Loader(yaml.SafeLoader):
    pass
# Dates stay texts, as in casebook.
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != 'tag:yaml.org,2002:timestamp']
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()}
schema = json.load(open('schema.json'))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
for path in sys.argv[1:]:
    for error in list(validator.iter_errors(yaml.load(open(path), Loader)))[:3]:
        print(path, '/'.join(map(str, error.absolute_path)), error.message[:200])
PYTHON
	python3 check.py "$top"/models/*.yaml >found 2>&1
	[ ! -s found ]
	ok $? "the schema accepts every model"
	head -n 10 found | sed 's/^/# /'
	printf 'case: station\nmodel: {servrs: 1}\n' >slip.yaml
	printf 'case: station\nfigures: [{kind: lines, titel: a}]\n' >slip2.yaml
	printf 'case: stations\n' >slip3.yaml
	[ "$(python3 check.py slip.yaml slip2.yaml slip3.yaml | sed 's/ .*//' | sort -u | wc -l)" = 3 ]
	ok $? "canary: slips are not accepted"
else
	skip "the schema accepts every model" "no python3-jsonschema and python3-yaml"
fi

# ---- completions ----
cat >my.yaml <<'EOF2'
case: station
format: 2
trace: {windows: {rate: 100 /s, for: 5 s}}
variants: {old: {}, new: {model: {servers: 2}}}
EOF2
# completes WORD LINE...: a completion of the line.
completes() {
	want=$1
	shift
	"$casebook" --complete "$@" >out 2>err
	cut -f 1 out | grep -q -x -F -e "$want"
	ok $? "completes $*: $want"
}
completes run r
completes station run ''
completes :files run ''
completes --variant run station --v
completes new run my.yaml --variant ''
completes old run my.yaml --variant o
completes --variant=new run my.yaml --variant=n
completes servers= run my.yaml --set s
completes limited=on run my.yaml --set limited=
completes mm1 verify station --claim ''
completes 'p99(wait)' sensitivity station ''
completes one-server compare station two-servers ''
completes gen trace g
completes 'model' help mo
completes site export station --as ''
! grep -q -w zsh out
ok $? "export offers no form of help"
completes zsh help --as ''
! grep -q -w site out
ok $? "help offers no kind of export"
"$casebook" --complete run my.yaml --variant x >out
[ ! -s out ]
ok $? "canary: nothing begins with x"
"$casebook" --complete run none.yaml --variant '' >out 2>err
[ ! -s out ] && [ ! -s err ]
ok $? "a file that is not there completes to nothing, silently"

mkdir bin
printf '#!/bin/sh\nexec "%s" "$@"\n' "$casebook" >bin/casebook
chmod +x bin/casebook
PATH=$PWD/bin:$PATH
for shell in bash zsh fish; do
	call help --as $shell -o "completion.$shell"
	exits 0 "completions of $shell"
done
if command -v bash >/dev/null; then
	cat >try.bash <<'EOF2'
. ./completion.bash
try() {
	COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
	_casebook 2>/dev/null
	printf '%s|' "${COMPREPLY[@]}"
	echo
}
try 'casebook ver'
try 'casebook run my.yaml --variant n'
try 'casebook run my.yaml --set limited=o'
try 'casebook sensitivity my.yaml p99(r'
try 'casebook run my.y'
EOF2
	bash try.bash >found 2>&1
	printf '%s\n' 'verify|version|' 'new|' 'off|on|' 'p99\(response\)|' 'my.yaml|' | cmp -s - found
	ok $? "bash completes"
	sed 's/^/# /' found
else
	skip "bash completes" "no bash"
fi
if command -v fish >/dev/null; then
	HOME=$PWD fish -N -c 'source completion.fish; complete -C "casebook run my.yaml --variant n"; complete -C "casebook ver"' 2>/dev/null |
		cut -f 1 >found
	printf 'new\nverify\nversion\n' | cmp -s - found
	ok $? "fish completes"
	sed 's/^/# /' found
else
	skip "fish completes" "no fish"
fi
if command -v zsh >/dev/null; then
	cat >try.zsh <<'EOF2'
autoload -Uz compinit; compinit -u -d .dump
source ./completion.zsh
# What it would offer, without a terminal.
compadd() { local -a all; while [[ $1 == -* ]]; do case $1 in -a) all=("${(@P)2}"); print -l -- "${all[@]}"; return ;; -d | -S) shift ;; esac; shift; done }
_files() { print files }
try() { local -a words; words=("$@"); local CURRENT=$#words; _casebook }
try casebook ver
try casebook run my.yaml --variant n
EOF2
	HOME=$PWD zsh -f try.zsh >found 2>err
	printf 'verify\nversion\nnew\n' | cmp -s - found
	ok $? "zsh completes"
	sed 's/^/# /' found err
else
	skip "zsh completes" "no zsh"
fi
echo "1..$count"
