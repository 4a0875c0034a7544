#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A list of metrics that is wrong does not compile: each mistake is put into a list that does.

top=${top_srcdir:-$(dirname "$0")/..}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

cat >"$scratch/right.c" <<END
#include "engine/meter.h"
#define METRICS(METRIC) \\
	METRIC(WAIT, wait, TIME, NULL, "how long one waits") \\
	METRIC(BUSY, busy, LEVEL, "servers", "servers at work", .scale = 0.5)
METRIC_TABLE(metrics, METRICS);
const char *name(void);
const char *name(void) { return metrics[WAIT].name; }
END

compiles() {
	# shellcheck disable=SC2086 # CC may have flags
	${CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$top/src" -c -o "$scratch/out.o" "$1" >"$scratch/log" 2>&1
}

# refused TEXT COMMAND: what sed's command makes of the list.
refused() {
	sed "$2" "$scratch/right.c" >"$scratch/wrong.c"
	if cmp -s "$scratch/right.c" "$scratch/wrong.c" || compiles "$scratch/wrong.c"; then false; else true; fi
	ok $? "$1"
}

compiles "$scratch/right.c"
ok $? "a list of metrics compiles"
sed 's/^/# /' "$scratch/log"
refused "canary: a constant that has no row" '/METRIC(WAIT/d'
refused "canary: a constant that has two rows" 's/METRIC(BUSY,/METRIC(WAIT,/'
refused "canary: a name that has two rows" 's/ busy,/ wait,/'
refused "canary: a kind that there is not" 's/LEVEL/LEVLE/'
refused "canary: a row without a word about it" 's/, "how long one waits"//'
echo "1..$count"
