#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/studies.md shows what the program prints and draws: its examples of station are run again and compared.
. "${top_srcdir:-.}/tests/calls.sh"
document=${top_srcdir:-.}/docs/studies.md
gallery=${top_srcdir:-.}/plots/gallery

# said FILE.svg: the title and the description of a figure, which tell its numbers.
said() {
	sed -n '/<title>/,/<\/desc>/p' "$1"
}

# same DIRECTORY NUMBER: what an example printed is what the document tells.
same() {
	cmp -s "$1/$2.told" "$1/$2.printed"
}

# Without gnuplot there are no figures to be named.
command -v gnuplot >/dev/null || { echo "1..0 # SKIP no gnuplot"; exit 0; }
sh "${top_srcdir:-.}/tests/examples.sh" run "$document" "$scratch/run" 'casebook [a-z]* station'
examples=0
for printed in "$scratch/run"/*.printed; do
	number=${printed%.printed}
	number=${number##*/}
	examples=$((examples + 1))
	same "$scratch/run" "$number"
	status=$?
	diff "$scratch/run/$number.told" "$printed" >"$scratch/out"
	ok $status "$(head -n 1 "$scratch/run/$number.command")"
done
[ $examples -ge 10 ]
ok $? "there are examples ($examples)"
for picture in flip-mm1 tornado sweep heat; do
	said "$scratch/run/work/station/$picture.svg" >"$scratch/new"
	said "$gallery/station-$picture.svg" >"$scratch/old"
	[ -s "$scratch/old" ] && cmp -s "$scratch/old" "$scratch/new"
	ok $? "station-$picture.svg tells what is drawn now"
done

sed '/^one-server  *wait/s/ ms/ us/' "$document" >"$scratch/stale.md"
sh "${top_srcdir:-.}/tests/examples.sh" run "$scratch/stale.md" "$scratch/stale" 'casebook run station --variant one-server --precision 5%'
[ -s "$scratch/stale/1.printed" ] && ! same "$scratch/stale" 1
ok $? "canary: a number that is not what is printed is seen"
said "$gallery/station-heat.svg" | sed 's/ ms/ us/' >"$scratch/changed"
[ -s "$scratch/changed" ] && ! cmp -s "$scratch/changed" "$scratch/new"
ok $? "canary: and one in a figure"
for file in $(sed -n 's/.*](\.\.\/\([a-zA-Z0-9/.-]*\)).*/\1/p' "$document"); do
	[ -e "${top_srcdir:-.}/$file" ]
	ok $? "$file is there"
done
echo "1..$count"
