#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Peak memory of a run, in kB, of a graph of a thousand services through which requests go that visit ten of them each: what
# 10^6 requests need, against 200 MB and against 10^5 requests. The lines are those of bench.h.
#
# In a hundred chains of ten each service, and each call, is measured by itself. Both runs have as many bins in their series; more
# requests meet rarer values, for which histograms take a little more.
casebook=${CASEBOOK:-./casebook}
top=$(dirname "$0")/..
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# $kilobytes of a run with so many requests, in so many seconds.
measure() {
	awk -v requests="$1" -v seconds="$2" 'BEGIN {
		print "case: microservices\nformat: 2\ntrace:"
		printf "  windows: {rate: %d /s, for: %d s}\n  columns: {class: {mix: {", requests / seconds, seconds
		for (chain = 0; chain < 100; chain++)
			printf "%sc%d: 1 %%", chain ? ", " : "", chain
		print "}}}\nmodel:\n  classes:"
		for (chain = 0; chain < 100; chain++)
			printf "    c%d: {enter: s%d-0}\n", chain, chain
		print "  services:"
		for (chain = 0; chain < 100; chain++)
			for (link = 0; link < 10; link++)
				printf "    s%d-%d: {threads: 100, work: exp(%d us)%s}\n", chain, link, 1000 + 200 * link,
					link < 9 ? sprintf(", steps: [s%d-%d]", chain, link + 1) : ""
		print "run: {reps: 1, warmup: 1 s}"
	}' >"$scratch/model.yaml"
	used=$("$top/build-aux/usage" "$casebook" run "$scratch/model.yaml" --no-figures --quiet -o "$scratch/out") ||
		exit 1
	kilobytes=${used##* }
	rm -rf "$scratch/out"
}

# tell WHAT BOUND TARGET: the line of what was measured last.
tell() {
	echo "$kilobytes $2 $3" | awk -v name="peak memory of a thousand services, kB: $1" '{
		ratio = $1 / $2
		printf "%s\t%d\t%d\t%.3f\t%s\t%s\n", name, $1, $2, ratio, $3, (ratio <= $3 ? "yes" : "no")
	}'
}

measure 100000 500
few=$kilobytes
measure 1000000 500
tell "10^6 requests against 200 MB" 200000 1
tell "10^6 requests against 10^5" "$few" 1.1
