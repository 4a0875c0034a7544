#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# docs.sh [RESULTS.json]: writes the table and the figures of docs/performance.md anew, from what "make bench" measures
# now, or from the results of an earlier run. "make bench-docs" calls it from the build directory. The table goes between
# the two comments in the text that say so.
set -u
top=${top_srcdir:-$(dirname "$0")/..}
page=$top/docs/performance.md
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

die() {
	echo "bench/docs.sh: $*" >&2
	exit 1
}

# What others do meanwhile: the load before.
load=$(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null)
if [ $# -gt 0 ]; then
	load=
	cp "$1" "$scratch/results.json" || exit 1
else
	${MAKE:-make} -s bench BENCH_FLAGS=--json >"$scratch/results.json" || die "make bench fails"
fi
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
machine="${processor:-$(uname -m)}, $(nproc) processors, $("${CC:-cc}" --version | head -n 1)"
[ -z "$load" ] || busy=", while others made a load of $load"
bench/report "$scratch/results.json" "$scratch" "$top/plots" "make bench · $machine" >"$scratch/table" || exit 1
awk -v table="$scratch/table" -v machine="$machine${busy-}" '
	/^<!-- measured: / {
		print
		print ""
		print "Measured on: " machine "."
		print ""
		while ((getline line <table) > 0)
			print line
		print ""
		inside = found = 1
	}
	/^<!-- measured until here -->/ { inside = 0 }
	!inside { print }
	END { exit !found || inside }' "$page" >"$scratch/page" || die "$page does not say where the table goes"
cp "$scratch/page" "$page" && cp "$scratch/results.json" "$top/docs/performance.json" &&
	cp "$scratch"/performance-*.svg "$top/docs/"
