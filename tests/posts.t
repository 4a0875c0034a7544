#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Posts: what they say is computed, and what does not hold is refused with its line. One of those that come with casebook
# is made as a page of a site, a different one when sources change; POSTS=all makes all of them.
. "${top_srcdir:-.}/tests/calls.sh"
enter

# ---- a small model and its post ----
mkdir my
cat >my/shop.yaml <<'END'
case: station
format: 2
trace: {windows: {rate: 50 /s, for: 40 s}}
model: {service: exp(8 ms)}
run: {reps: 3, warmup: 2 s, series: 1 s}
variants: {one: {}, two: {model: {servers: 2}}}
sources: {EK: "A. K. Erlang, 1909"}
claims:
  - {id: second, says: it helps, kind: derived, expect: "mean(wait)[two] < mean(wait)[one]", without: {servers: 1}, fails: {servers: 3}, evidence: derived}
figures:
  - {kind: percentiles, name: response, metric: response, title: "p99 is {p99(response)[one]}"}
END
head='---
title: "Two are better"
summary: "Waiting is {mean(wait)[one]} with one"
group: mine
date: 2026-01-02
---
'
post() {
	printf '%s%s\n' "$head" "$1" >my/shop.md
}

post 'One server makes people wait {mean(wait)[one]}, two {mean(wait)[two]}.
<!-- {check mean(wait)[two] < mean(wait)[one]} -->

![Who waits](response)

Erlang knew that in 1909.[^EK] In code, `{100}` is left alone.'
call export my/shop.yaml --as post -o plain
exits 0 "a post"
value=$("$casebook" run my/shop.yaml --json --no-figures -q -o run | sed -n '/"one"/,/"two"/p' |
	sed -n '/"wait"/,/"p50"/p' |
	sed -n '/"mean"/,/"low"/s/.*"value": \([0-9.e-]*\),*/\1/p' | head -n 1)
said=$(sed -n 's/^One server makes people wait \([0-9.]*\) ms, .*/\1/p' plain/shop.md)
[ -n "$said" ] && echo "$value $said" | awk '{ d = $1 * 1000 - $2; exit !(d < .01 && d > -.01) }'
ok $? "what it says is what the run measured: $said ms, $value s"
grep -q '^!\[p99 is [0-9.]* ms\](response.svg)$' plain/shop.md && [ -s plain/response.svg ] && [ -s plain/response-card.png ]
ok $? "figures are beside it"
grep -q '^| it helps | derived | `mean(wait)\[two\]`: [^|]*, against `mean(wait)\[one\]`: [^|]* | `servers` (equal servers): 3 |$' plain/shop.md &&
	grep -q 'Claims are \*derived\* (.*The claim holds\. The last column' plain/shop.md && grep -q '^\[^EK\]: A. K. Erlang' plain/shop.md &&
	! grep -q '{check' plain/shop.md && grep -q '`{100}`' plain/shop.md
ok $? "so are claims and sources, and checks are not"
grep -q ', two [0-9.]* µs\.$' plain/shop.md && ! grep '[0-9] us' plain/shop.md
ok $? "microseconds are set as such"
sed 's/mean(wait)\[two\] < mean(wait)\[one\]/mean(wait)[two] in 5 us..6 us/; s/it helps/it hurts/' my/shop.yaml >my/hurt.yaml
cp my/shop.md my/hurt.md
call export my/hurt.yaml --as post -o hurt
grep -q ' 0 of 1 hold\.' hurt/hurt.md && grep -q '^| it hurts | derived | .* | no | ' hurt/hurt.md
ok $? "canary: a claim that does not hold is told as such"
same=$("$casebook" run my/shop.yaml -q -o again >/dev/null && sed -n 's/.*"digest": "\([0-9a-f]*\)",*$/\1/p' again/run.json | head -n 1)
grep -q -F "\`$same\`" plain/shop.md
ok $? "the digest is that of the run"
grep -q ' and 1 comparison in it was checked' plain/shop.md && ! grep -q 'casebook init' plain/shop.md
ok $? "one is told as one, and what does not come with casebook is not copied by its name"

# refused CODE LINE WORDS TEXT: a post that is not made, and why.
refused() {
	rm -rf out-bad
	call export my/shop.yaml --as post -o out-bad
	[ "$status" = "$1" ] && grep -q -F "my/shop.md:$2:" err && grep -q -F -e "$3" err && [ ! -e out-bad ]
	ok $? "canary: $4 is refused, at its line"
}
post '<!-- {check mean(wait)[two] > mean(wait)[one]} -->'
refused 1 7 'does not hold' "a comparison that is false"
post '<!-- {check max(wait)[two] in 1 ms..2 ms} -->'
refused 1 7 'does not hold' "an extreme that is elsewhere"
post '
It is {p99(wiat)[one]}.'
refused 3 8 'did you mean "wait"?' "an unknown metric"
post 'It is {p99(wait)[three]}.'
refused 3 7 'unknown variant' "an unknown variant"
post 'It is {mean(wait)}.'
refused 3 7 'must name a variant' "a value of no variant"
post 'It waits for 12.5 ms. Erlang said so.[^EK]'
refused 3 7 '"12.5" is typed' "a number that was typed"
post 'Erlang said so.[^EK]
It waits
for a thousand seconds.'
refused 3 9 '"thousand" is typed' "a number in a word"
post '![waits 9 ms](response)'
refused 3 7 '"9" is typed' "one in a caption"
post '<!-- {chek mean(wait)[two] < mean(wait)[one]} -->'
refused 3 7 'is a check' "a check that is misspelt"
post 'It <!-- {check mean(wait)[two] > mean(wait)[one]} --> waits.'
refused 3 7 'is a check' "a check inside of a line"
post '<!-- {check mean(wait)[two] < mean(wait)[one]} --> It waits.'
refused 3 7 'a check is one line' "a check with words after it"
post '<!--
{check mean(wait)[two] < mean(wait)[one]} -->'
refused 3 8 'is a check' "a check in two lines"
post 'It ![waits](response) long.'
refused 3 7 'line of its own' "a figure inside of a line"
post '![waits](respnse)'
refused 3 7 'did you mean "response"?' "an unknown figure"
post 'Somebody said so.[^NN]'
refused 3 7 'source "NN"' "an unknown source"
post 'It is {mean(wait)[one].'
refused 3 7 'must end with }' "a brace that stays open"
kept=$head
head='---
title: It is 7
summary: one
group: mine
date: tomorrow
---
'
post x
refused 3 5 'expected YYYY-MM-DD' "a date that is none"
refused 3 2 '"7" is typed' "a number in a title"
head=
post 'No head.'
refused 3 1 'begins with ---' "a post without a head"
head=$kept
rm my/shop.md
call export my/shop.yaml --as post -o out-bad
exits 2 "a model without a post"
grep -q -F 'write my/shop.md' err
ok $? "says where one would be"

# ---- again ----
call repro again
exits 0 "repro of a directory"
call repro again/response.png
exits 0 "of a PNG"
cp -R again changed
sed 's/stroke/Stroke/' again/response.svg >changed/response.svg
call repro changed/response.svg
exits 1 "canary: of a figure that was changed"
grep -q 'first in its bytes' out
ok $? "which says where"
call repro changed
exits 1 "canary: of its directory"
cp again/* changed/
sed 's/"seed": [0-9]*/"seed": 99/' again/run.json >changed/run.json
call repro changed
exits 1 "canary: of a run.json that was changed"
grep -q 'variants.one.seed: it was 99, and is' out
ok $? "which says what of it"
sed 's/8 ms/9 ms/' my/shop.yaml >t && mv t my/shop.yaml
call repro again/response.svg
exits 1 "canary: of a model that was changed"
grep -q 'first in the model' out
ok $? "which says so"
mkdir -p none && echo "{" >none/run.json
call repro none
exits 6 "of a directory whose run.json is broken"
call repro my/shop.yaml
exits 6 "of what says nothing of who made it"
sed 's/"arguments":\["run"/"arguments":["sweep"/' again/response.svg >changed/response.svg
call repro changed/response.svg
exits 6 "canary: other commands are not run"

sed 's/trace: .*/trace: {file: t.csv, columns: {time: {from: t_s, unit: s, origin: 0}}}/; s/warmup: 2 s/warmup: 1 s/' my/shop.yaml >my/read.yaml
{ echo t_s; seq 0 .05 20; } >my/t.csv
call run my/read.yaml -q -o read
call repro read
exits 0 "repro of what read a file"
sed 's/^7.05/7.06/' my/t.csv >t && mv t my/t.csv
for of in read read/response.svg; do
	call repro $of
	[ "$status" = 1 ] && grep -q 'first in the trace: ' out
	ok $? "canary: of $of, whose trace has changed"
done

# ---- for Hugo and Jekyll ----
post 'Two wait {mean(wait)[two]}.

![Who waits](response)'
for flavour in hugo jekyll; do
	call export my/shop.yaml --as post --for $flavour -o $flavour
	exits 0 "for $flavour"
done
[ -s hugo/content/posts/shop/index.md ] && [ -s hugo/content/posts/shop/response.svg ] &&
	[ -s jekyll/_posts/2026-01-02-shop.md ] && [ -s jekyll/assets/casebook/shop/response.svg ]
ok $? "files are where their sites have them"
sed 's/p99/P99/' jekyll/assets/casebook/shop/response.svg >t && mv t jekyll/assets/casebook/shop/response.svg
call repro jekyll/_posts/2026-01-02-shop.md
exits 1 "canary: of a post with a figure that was changed"
grep -q 'response.svg, byte' out
ok $? "which says which"
if command -v hugo >/dev/null; then
	mkdir -p hugo/layouts/_default
	echo 'title = "x"' >hugo/config.toml
	echo '{{ .Content }}' >hugo/layouts/_default/single.html
	(cd hugo && hugo --quiet) >out 2>err && grep -q 'Two wait [0-9.]* ' hugo/public/posts/shop/index.html &&
		[ -s hugo/public/posts/shop/response.svg ]
	ok $? "hugo makes a page of it"
else
	skip "hugo makes a page of it" "there is no hugo"
fi
if command -v jekyll >/dev/null; then
	(cd jekyll && jekyll build --quiet) >out 2>err && page=$(find jekyll/_site -name 'shop.html') &&
		grep -q 'Two wait [0-9.]* ' "$page" && grep -q 'src="/assets/casebook/shop/response.svg"' "$page"
	ok $? "jekyll makes a page of it"
else
	skip "jekyll makes a page of it" "there is no jekyll"
fi

# ---- a site ----
if ! command -v cmark-gfm >/dev/null; then
	skip "sites" "there is no cmark-gfm"
	echo "1..$count"
	exit
fi
all=$(cd "$top/posts" && ls -- *.md | sed 's/\.md$//')
turn=$(cat "$top"/src/cases/*.c "$top"/posts/*.md | cksum | cut -d ' ' -f 1)
one=$(echo "$all" | sed -n "$((turn % $(echo "$all" | wc -l) + 1))p")
[ "${POSTS-one}" = all ] && one=$all
# With sanitizers it takes minutes, and tries nothing else than the one of our own.
[ "${SANITIZERS:-no}" = no ] || one=
call export my/shop.yaml $one --as site -o site --url https://example.org/x
exits 0 "a site of ${one:-nothing else} and a post of one's own"
[ "$(cat out)" = site/index.html ] && [ -s site/feed.xml ] && grep -q 'https://example.org/x/shop/page.html\|https://example.org/x/shop/' site/sitemap.xml
ok $? "with feed and map"

# links DIRECTORY: what pages in it lead to, and is not there.
links() {
	find "$1" -name '*.html' ! -name page.html | while read -r page; do
		grep -o '\(href\|src\)="[^"]*"' "$page" | sed 's/^[a-z]*="//; s/"$//' | sort -u | while read -r to; do
			case $to in
			data:* | https://example.org/x/*) continue ;;
			*://*) echo "$page: leads outside to $to" ;;
			'#'*) grep -q "id=\"${to#?}\"" "$page" || echo "$page: no $to" ;;
			*) [ -e "$(dirname "$page")/${to%%\?*}" ] || echo "$page: no $to" ;;
			esac
		done
	done
}
links site >found
[ ! -s found ]
ok $? "every link leads to something in it"
cat found
mkdir broken
echo '<a href="none.html">' >broken/a.html
[ -n "$(links broken)" ]
ok $? "canary: a link to nothing is found"
! grep -r -l -F '{' site --include=index.html | xargs -r sed -n '/<script>/,/<\/script>/d; /<!-- casebook/d; /<code>/d; s/<td>[^<]*//g; /{/p' | grep .
ok $? "no expression is left"
call export my/shop.yaml $one --as site -o site --url https://example.org/x
[ "$(grep -c 'as it was' err)" = $(($(echo $one | wc -w) + 1)) ]
ok $? "nothing is made again when nothing has changed"
sed 's/9 ms/7 ms/' my/shop.yaml >t && mv t my/shop.yaml
call export my/shop.yaml $one --as site -o site --url https://example.org/x
grep -q '^shop: made' err && [ "$(grep -c 'as it was' err)" = "$(echo $one | wc -w)" ]
ok $? "a model that has changed makes its own post again"
cp site/shop/response.svg kept.svg
echo x >>site/shop/response.svg
call repro site/shop/index.html
exits 1 "canary: of a post of a site with a figure that was changed"
call export my/shop.yaml $one --as site -o site --url https://example.org/x
grep -q '^shop: made' err && cmp -s kept.svg site/shop/response.svg
ok $? "which is made again by the next export"
call repro site/shop/index.html
exits 0 "repro of a post of a site"
echo "1..$count"
