#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A number on a page is that of the command line, bit for bit: for every model that is explored, the default, presets
# and some random positions of its sliders give the same results as WebAssembly in node, and natively, to the last byte
# of all that a page can show; and what the command line says of the default and of a preset has the same digest, and the
# same table of claims. Positions change with the sources, so that in time all are tried; POSITIONS says how many
# (default: 5; with more, all presets are tried). MODELS names some, or all (default: station and two others, which change
# with the sources too); WHOLE=1 runs all replications of everything.
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
casebook=${CASEBOOK:-$build/casebook}
. "$top/tests/ok.sh"

none() {
	echo "1..0 # SKIP $1"
	exit 0
}

[ "${SANITIZERS:-no}" = no ] || none "it takes too long with sanitizers; tests/t-web runs the same functions"
[ -z "${CASEBOOK_ONCE-}" ] || none "it ran in the plain suite"
command -v node >/dev/null || none "there is no node"
[ -f "$build/libcore.a" ] || none "libcore is not built"
${CC:-cc} -std=c11 -D_GNU_SOURCE -ffp-contract=off -O2 -w -I"$top/src" -o "$scratch/equal" "$top/tests/equal.c" \
	"$build/libcore.a" -lm || exit 99

seed=$(cat "$top"/src/*/*.c | cksum | awk '{ printf "%x", $1 }')
all=$(grep -l '^explore:' "$top"/models/*.yaml | sed 's,.*/,,; s,\.yaml$,,')
models=${MODELS:-$(printf '%s\n' $all | awk -v seed="$((0x$seed))" '
	$0 != "station" { name[count++] = $0 }
	END { print "station", name[seed % count], name[(seed + 1 + seed % 5) % count] }')}
[ "$models" != all ] || models=$all
# shellcheck disable=SC2046 # a list of words
"$top/build-aux/wasm" "$build/pages" $(for model in $models; do
	sed -n 's/^case: *//p' "$top/models/$model.yaml"
done | sort -u) >"$scratch/log" 2>&1 || {
	grep -q '^wasm: there is no\|^wasm: clang has no' "$scratch/log" && none "$(tail -n 1 "$scratch/log")"
	sed 's/^/# /' "$scratch/log"
	exit 99
}

# digest_of STATE-LINE: what the command line says of the state, by the command that the page hands out.
digest_of() {
	command=$(printf '%s\n' "$1" | cut -f 4)
	eval "set -- $command"
	shift
	"$casebook" "$@" --no-figures -q -o "$scratch/out" 2>&1 | sed -n 's/.*digest \([0-9a-f]*\).*/\1/p'
}

echo "# positions of sliders are drawn from the seed $seed"
for model in $models; do
	name=$(sed -n 's/^case: *//p' "$top/models/$model.yaml")
	"$casebook" export "$model" --as study -o "$scratch/study" 2>"$scratch/log" &&
		"$scratch/equal" states "$scratch/study" "${POSITIONS:-5}" "$seed" >"$scratch/states" 2>>"$scratch/log"
	ok $? "$model: there is something to explore"
	# The default and presets have two replications, as many as intervals need;
	# positions are run as while a slider moves.
	[ -n "${WHOLE-}" ] || awk -v positions="${POSITIONS:-5}" -v all="$(wc -l <"$scratch/states")" '
		NR == 1 { print "run.reps=2"; next }
		NR > all - positions { print "~" $0; next }
		NR <= 3 || positions > 5 { print $0 "|run.reps=2" }' "$scratch/states" >"$scratch/fewer"
	[ -n "${WHOLE-}" ] || mv "$scratch/fewer" "$scratch/states"
	"$scratch/equal" run "$scratch/study" 65536 <"$scratch/states" >"$scratch/native" 2>>"$scratch/log"
	node "$top/tests/equal.mjs" "$build/pages/$name.wasm" "$scratch/study" 20000 <"$scratch/states" \
		>"$scratch/wasm" 2>>"$scratch/log"
	states=$(wc -l <"$scratch/states")
	[ "$(wc -l <"$scratch/native")" = "$states" ] && ! grep -q '^refused' "$scratch/native"
	ok $? "$model: $states states run natively"
	cmp -s "$scratch/native" "$scratch/wasm"
	ok $? "$model: they give the same bytes in WebAssembly, in other steps"
	diff "$scratch/native" "$scratch/wasm" | cut -c 1-300 | head -n 8 | sed 's/^/# /'
	head -n 5 "$scratch/log" | sed 's/^/# /'
	for line in 1 3; do
		state=$(sed -n "${line}p" "$scratch/native")
		[ -n "$state" ] || continue
		said=$(digest_of "$state")
		[ "$said" = "$(printf '%s\n' "$state" | cut -f 2)" ]
		ok $? "$model: $(printf '%s\n' "$state" | cut -f 4) gives the digest of the page"
		[ "$said" = "$(printf '%s\n' "$state" | cut -f 2)" ] || echo "# $said, not $(printf '%s\n' "$state" | cut -f 2)"
	done
done

# What a page shows of claims, for the first model, is what `verify` prints.
first=${models%% *}
first=$(printf '%s\n' $models | grep -x station || echo "$first")
"$casebook" export "$first" --as study -o "$scratch/study" 2>/dev/null
"$scratch/equal" results "$scratch/study" "" >"$scratch/results"
node -e '
const found = JSON.parse(require("fs").readFileSync(0));
process.stdout.write(found.claims_table);
if (found.figures.length < 1 || found.variants.length < 1 || !found.done) process.exit(1);' <"$scratch/results" >"$scratch/table"
status=$?
"$casebook" verify "$first" --explore >"$scratch/said" 2>/dev/null
[ $status = 0 ] && [ -s "$scratch/table" ] && cmp -s "$scratch/table" "$scratch/said"
ok $? "$first: the table of claims is that of verify --explore, to the byte"
diff "$scratch/table" "$scratch/said" | head -n 8 | sed 's/^/# /'

# Canaries: another seed is noticed, and so is a text that was changed.
name=$(sed -n 's/^case: *//p' "$top/models/$first.yaml")
echo "run.reps=2" >"$scratch/states"
echo "run.reps=2|run.seed=2" >"$scratch/other"
"$scratch/equal" run "$scratch/study" 65536 <"$scratch/states" >"$scratch/native"
node "$top/tests/equal.mjs" "$build/pages/$name.wasm" "$scratch/study" 65536 <"$scratch/other" >"$scratch/wasm" 2>/dev/null
[ "$(wc -l <"$scratch/wasm")" = 1 ] && [ "$(cut -f 2 "$scratch/native")" != "$(cut -f 2 "$scratch/wasm")" ] &&
	[ "$(cut -f 3 "$scratch/native")" != "$(cut -f 3 "$scratch/wasm")" ]
ok $? "canary: another seed is noticed"
sed 's/5/6/' "$scratch/study" >"$scratch/damaged"
! node "$top/tests/equal.mjs" "$build/pages/$name.wasm" "$scratch/damaged" 65536 <"$scratch/states" >"$scratch/wasm" \
	2>"$scratch/log" && grep -q damaged "$scratch/log"
ok $? "canary: a text that was changed is refused"
echo "1..$count"
exit $failed
