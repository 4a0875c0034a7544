#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench/peers.sh on a machine of small scripts instead of compilers and simulators: what it makes of what they tell.
# Nothing is timed.
top=$(cd "${top_srcdir:-.}" && pwd) || exit 99
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
unset CXX
PYTHON=none
export PYTHON
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$scratch/out" "$scratch/err"
	fi
}

# program FILE: makes a command from the script on stdin.
program() {
	{
		echo '#!/bin/sh'
		cat
	} >"$1"
	chmod +x "$1"
}

machine=$scratch/machine
mkdir "$machine" "$scratch/bench"
for name in sh dirname cat rm mkdir chmod mktemp head awk env; do
	ln -s "$(command -v $name)" "$machine/$name"
done
printf 'M/M/1, a customer: parts (pool)\t30.00\t20.00\t1.5\t1.3\tno\n' >"$scratch/mm1"
for pending in 16 1k 100k 1M; do
	printf 'hold, %s pending: sim_after and sim_replay\t25.00\t20.00\t1.25\t1.25\tyes\n' $pending
done >"$scratch/hold"
echo "cat '$scratch/mm1'" | program "$scratch/bench/mm1"
echo "cat '$scratch/hold'" | program "$scratch/bench/hold"

peers() {
	(cd "$scratch" && PATH=$machine top_srcdir=$top "$machine/sh" "$top/bench/peers.sh") \
		>"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

# A compiler of simulators: they tell what is in $scratch/mean, and of holds what is in $scratch/advance.
program "$machine/pkg-config" <<'END'
[ "$1" != --modversion ] || echo 9.9
END
program "$machine/g++" <<END
while [ "\$1" != -o ]; do shift; done
printf '#!/bin/sh\nif [ "\$1" = hold ]; then cat "$scratch/advance"; else cat "$scratch/mean"; fi\n' >"\$2"
chmod +x "\$2"
END
printf '1600.00\t9.1\t9.9\n' >"$scratch/mean"
printf '100.00\t1.01\t9.9\n' >"$scratch/advance"

peers
[ $status = 0 ] && grep -q "^M/M/1, a customer: against SimGrid 9.9, actors	30.00	1600.00	0.01875	0.02	yes" "$scratch/out"
ok $? "a peer is told with the ratio and whether the target is met"
grep -q '^M/M/1, a customer: against 2.5 x the bound[^	]*	30.00	50.00	0.60000	0.5	no$' "$scratch/out"
ok $? "Cimba's published design is 2.5 times the bound"
grep -q '^hold, 1k pending: against ns-3, events	25.00	100.00	0.25000	0	-$' "$scratch/out"
ok $? "a hold is told beside casebook's"
grep -q '^M/M/1, a customer: against simjs, entities	-	-	-	0	skip	why not installed$' "$scratch/out"
ok $? "one that is not there is skipped"

printf '1400.00\t9.1\t9.9\n' >"$scratch/mean"
peers
[ $status = 0 ] && grep -q "against SimGrid 9.9, actors	.*	0.02	no" "$scratch/out"
ok $? "canary: a target that is missed is told"
printf '1600.00\t9.8\t9.9\n' >"$scratch/mean"
peers
[ $status != 0 ] && grep -q '9.8 instead of 9' "$scratch/err"
ok $? "canary: a peer that simulates something else is refused"
printf '1600.00\tnan\t9.9\n' >"$scratch/mean"
peers
[ $status != 0 ]
ok $? "canary: and one that tells no number"
printf '1600.00\t9.1\t9.9\n' >"$scratch/mean"
printf '100.00\t0.5\t9.9\n' >"$scratch/advance"
peers
[ $status != 0 ] && grep -q 'advance by 0.5' "$scratch/err"
ok $? "canary: holds that do not advance as they should are refused"
: >"$scratch/mm1"
peers
[ $status != 0 ] && grep -q 'bench/mm1 does not tell' "$scratch/err"
ok $? "canary: without casebook's own time there is no ratio"

# What the lines become.
printf 'printf "a\\t1.5\\t3\\t0.5\\t1\\tyes\\nb\\t-\\t-\\t-\\t0\\tskip\\twhy gone\\nc\\t2\\t-\\t-\\t0\\t-\\trows 7\\n"\n' |
	program "$scratch/three"
sh "$top/bench/table" --json "$scratch/three" >"$scratch/out" 2>"$scratch/err"
tr -d '\n ' <"$scratch/out" >"$scratch/json"
wanted='[{"name":"a","ns":1.5,"bound_ns":3,"ratio":0.5,"target":1,"met":true}'
wanted="$wanted"',{"name":"b","ns":null,"bound_ns":null,"ratio":null,"target":null,"met":null,"why":"gone"}'
wanted="$wanted"',{"name":"c","ns":2,"bound_ns":null,"ratio":null,"target":null,"met":null,"rows":7}]'
[ "$(cat "$scratch/json")" = "$wanted" ]
ok $? "the table as JSON"
sh "$top/bench/table" "$scratch/three" >"$scratch/out" 2>"$scratch/err"
grep -q '^a  *1.50  *3.00  *0.5  *1 yes$' "$scratch/out" && grep -q '^b  *-  *-  *-  *- skip  gone$' "$scratch/out" &&
	grep -q '^c  *2.00  *-  *-  *- -  rows 7$' "$scratch/out"
ok $? "the table as text"
echo "1..$count"
