#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What the README shows can be typed: its model files load, its files are there.
. "${top_srcdir:-.}/tests/calls.sh"
readme=${top_srcdir:-.}/README.md

# blocks FILE: every block of YAML in it becomes block-N.yaml.
blocks() {
	awk -v scratch="$scratch" '/^```yaml/ { n++; in_block = 1; next } /^```/ { in_block = 0 }
		in_block { print > (scratch "/block-" n ".yaml") }' "$1"
}

# loads MODEL: it is understood whole.
loads() {
	"$casebook" show "$1" >/dev/null 2>"$scratch/err"
}

blocks "$readme"
for model in "$scratch"/block-*.yaml; do
	loads "$model"
	ok $? "a model file of the README is understood: ${model##*/}"
done
[ -e "$scratch/block-3.yaml" ]
ok $? "there are three of them"
"$casebook" run "$scratch/block-1.yaml" --reps 1 --no-figures -o "$scratch/out" >/dev/null 2>"$scratch/err"
ok $? "the first one runs"
sed 's/servers/severs/' "$scratch/block-1.yaml" >"$scratch/bad.yaml"
! loads "$scratch/bad.yaml"
ok $? "canary: a mistake in it would be seen"
for file in $(sed -n 's/.*](\([a-zA-Z/.-]*\)).*/\1/p' "$readme") $(grep -o '`\(models\|src\)/[a-z/.-]*`' "$readme" | tr -d '`'); do
	[ -e "${top_srcdir:-.}/$file" ]
	ok $? "the README's $file is there"
done
echo "1..$count"
