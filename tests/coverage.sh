#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Measures how often intervals hold the truth, and puts the table into docs/statistics.md; some minutes on an idle
# machine. Fewer seeds: make coverage SEEDS=200.
top=${top_srcdir:-$(dirname "$0")/..}
page=$top/docs/statistics.md
scratch=$(mktemp) || exit 99
trap 'rm -f "$scratch" "$scratch".*' EXIT
for load in 0.5 0.8 0.9; do
	"${builddir:-.}/tests/coverage" "${SEEDS:-2000}" $load >"$scratch.$load" &
done
wait
cat "$scratch".0.* >"$scratch"
[ "$(grep -c '^| 0' "$scratch")" = 9 ] || exit 1
awk -v table="$scratch" '
/^<!-- coverage -->$/ { print; print ""; while ((getline line <table) > 0) print line; print ""; inside = 1; next }
/^<!-- end -->$/ { inside = 0 }
!inside' "$page" >"$scratch.page" && cat "$scratch.page" >"$page"
