#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the targets for libFuzzer with clang and its sanitizers, and runs each, one after the other:
#
#   tests/fuzz.sh DIRECTORY [SECONDS [TARGET...]]
#
# in a tree that has been built. Objects, corpora and what was found are in DIRECTORY; SECONDS for each target (default:
# 600); TARGET is bundle, cbt, fault, lines, model, store or trace (default: all). At the end, how many runs each had. Exits
# with 1 when one of them found something.
[ $# -gt 0 ] || { sed -n '3,9s/^# \{0,1\}//p' "$0"; exit 2; }
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1" && work=$(cd "$1" && pwd) || exit 6
seconds=${2:-600}
shift; [ $# -eq 0 ] || shift
targets=${*:-bundle cbt fault lines model store trace}
flags="-g -O1 -std=c11 -D_GNU_SOURCE -I$top/src -I$top/tests"
libraries="-lfyaml -lcsv -lz -lbz2 -llzma -llz4 -lzstd -ljansson -lxxhash -lsqlite3 -lgsl -lgslcblas -lm -lpthread"
export ASAN_OPTIONS="allocator_may_return_null=1:detect_leaks=1"

cd "$top" || exit 6
mkdir -p "$work/objects"
# A header that has changed makes all objects old.
[ -z "$(find src -name '*.h' -newer "$work/objects.a" 2>/dev/null)" ] || rm -f "$work"/objects/*.o
make -s tests/t-bundle >/dev/null || exit 1
for source in src/base/*.c src/engine/*.c src/param/*.c src/model/*.c src/trace/*.c src/cases/*.c src/run/*.c src/stats/*.c \
	src/io/*.c; do
	object=$work/objects/$(echo "${source%.c}" | tr / -).o
	[ "$object" -nt "$source" ] && continue
	clang $flags -fsanitize=fuzzer-no-link,address,undefined -c "$source" -o "$object" || exit 1
done
rm -f "$work/objects.a"
ar rcs "$work/objects.a" "$work"/objects/*.o

# What a target begins with.
seed()
{
	corpus=$work/corpus-$1
	mkdir -p "$corpus"
	case $1 in
	bundle)
		for model in models/station.yaml models/locks.yaml models/metastable.yaml models/discord-chat.yaml; do
			top_srcdir=$top tests/t-bundle $model >"$corpus/$(basename $model)"
		done;;
	cbt)
		head -n 300 traces/discord-sample.csv >"$work/x.csv"
		./casebook trace convert "$work/x.csv" "$work/x.cbt" 2>"$work/convert.log" || return 1
		for map in 0 1 2 3 4 5; do
			(printf %s $map; cat "$work/x.cbt") >"$corpus/$map"
		done;;
	fault)
		echo '120 s for 30 s kill node 3' >"$corpus/a"
		echo 'at 10 s for 5 s slow disk 7 by 10' >"$corpus/b"
		echo '10 s for 5 s hot channel 1 at 5k/s' >"$corpus/c";;
	lines)
		# The first byte chooses what is read.
		printf '\000{"t": 1, "a": "x", "b": {"c": [1, "\\n"]}}\n{"t": 2.5e3, "a": null, "b": {"c": 7}}\n' >"$corpus/json"
		printf '\001; c\n 1 2\n 3\t4\n' >"$corpus/blanks"
		printf '\002192.0.2.1 - - [05/Jan/2026:08:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"\n' >"$corpus/combined"
		printf '\0031 [a] "b\\"" GET / HTTP/1.1\n' >"$corpus/log"
		printf '\0045;1;2\n# c\n7;"3";x\n' >"$corpus/semicolons"
		printf '\006not (a b in (2.5, "x y") or t-1 < 2020-05-01) and a begins 1' >"$corpus/condition"
		printf '\0072020-05-05T10:00:00.5+02:00' >"$corpus/iso"
		printf '\0074/7/2014 11:30:05 PM' >"$corpus/american"
		printf '\007[07/Apr/2014:18:30:05 +0200]' >"$corpus/web"
		printf '\010%%h %%{X-Y}i \\"%%r\\" %%>s' >"$corpus/pattern";;
	model)
		cp models/[a-z]*.yaml "$corpus";;
	store)
		./casebook sweep station --variant one-server --grid servers=1,2 --set trace.windows.for=2s \
			--set run.warmup=0s --reps 2 --no-figures -o "$work/swept" >"$work/sweep.log" 2>&1 || return 1
		STORE=$work/swept/results.sqlite
		export STORE;;
	trace)
		cp traces/discord-sample.csv traces/station-* "$corpus"
		# The first byte chooses the map: those behind the seventh are of other forms than CSV.
		printf '\007{"t": 1, "a": "x", "b": {"c": [1, "\\n"]}}\n{"t": 2.5, "a": null, "b": {"c": 7}}\n' >"$corpus/json"
		printf '\0111 [a] "b\\"" GET / HTTP/1.1\n' >"$corpus/log"
		printf '\012192.0.2.1 - - [05/Jan/2026:08:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x"\n' >"$corpus/combined"
		printf '\013; c\n 1 2\n 3\t4\n' >"$corpus/blanks"
		printf '\0145;1;2\n# c\n7;"3";x\n' >"$corpus/semicolons";;
	esac
}

failed=0
for target in $targets; do
	case $target in
	bundle) most=20000;; cbt) most=20000;; fault) most=200;; lines) most=4000;; store) most=400;; trace) most=100000;; *) most=30000;;
	esac
	clang $flags -fsanitize=fuzzer,address,undefined "tests/fuzz-$target.c" "$work/objects.a" $libraries \
		-o "$work/fuzz-$target" || exit 1
	seed "$target" || { echo "$target: no corpus"; exit 1; }
	mkdir -p "$work/found-$target"
	"$work/fuzz-$target" -max_total_time="$seconds" -max_len="$most" -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="$work/found-$target/" "$work/corpus-$target" >"$work/$target.log" 2>&1
	[ $? -eq 0 ] || failed=1
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")
	echo "$target: ${runs:-?} runs, found $(ls "$work/found-$target" | wc -l)"
done
exit $failed
