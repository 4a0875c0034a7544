#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# M/M/1 at load 0.9 by other simulators, ns a customer, against casebook's parts; and the hold model of ns-3. Their
# reference programs are in bench/peers. Every round runs casebook's and then each of theirs, and a ratio is the median
# of the ratios within a round. All count the processor time of the simulation, without start and end.
#
# A peer that is not installed is told as skipped: ./bootstrap bench installs them. One whose customers do not spend the
# time in the system that theory tells simulates something else, and is an error.
#
# CXX and PYTHON name other programs than g++ and python3. Run from the build directory, as "make bench" does: simjs is
# looked for in bench-peers/node_modules there.
set -u
top=${top_srcdir:-$(dirname "$0")/..}
peers=$top/bench/peers
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
rounds=3
NODE_PATH=$PWD/bench-peers/node_modules
export NODE_PATH

die() {
	echo "bench/peers.sh: $*" >&2
	exit 1
}

# compiled NAME PACKAGE: makes $scratch/NAME from NAME.cc. What fails is a peer that is not there, but it says why.
compiled() {
	version=$(pkg-config --modversion "$2" 2>"$scratch/log") || return
	command -v "${CXX:-g++}" >"$scratch/log" || return
	# shellcheck disable=SC2046 # flags are words
	"${CXX:-g++}" -O2 -DNS3_VERSION="\"$version\"" -o "$scratch/$1" "$peers/$1.cc" \
		$(pkg-config --cflags --libs "$2") 2>"$scratch/log" || {
		head -n 20 "$scratch/log" >&2
		die "$1.cc does not compile"
	}
}

# interpreted NAME INTERPRETER FILE: makes $scratch/NAME.
interpreted() {
	printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$2" "$peers/$3" >"$scratch/$1"
	chmod +x "$scratch/$1"
}

# python NAME MODULE FILE
python() {
	for interpreter in ${PYTHON:-/usr/bin/python3 python3}; do
		"$interpreter" -c "import $2" 2>"$scratch/log" && interpreted "$1" "$interpreter" "$3" && return
	done
	return 1
}

node_has_simjs() {
	node -e "global.window = {}; require('simjs')" 2>"$scratch/log" && interpreted simjs node simjs.js
}

# Name, customers, target of casebook's time over theirs, what it is.
list='simgrid 1000000 0.02 SimGrid %s, actors
simpy3 200000 0.00666667 SimPy %s, processes
simpy2 200000 0.00666667 SimPy %s, processes
ns3 1000000 0 ns-3 %s, events
simjs 1000000 0 simjs %s, entities'

compiled simgrid simgrid
python simpy3 simpy simpy3.py
python simpy2 SimPy.Simulation simpy2.py
compiled ns3 ns3-core
node_has_simjs

: >"$scratch/measured"
round=0
while [ $round -lt $rounds ]; do
	bench/mm1 >"$scratch/mm1" || die "bench/mm1 fails"
	awk -F '\t' '/^M\/M\/1, a customer: parts/ { print "casebook\t" $2 "\t" $3 }' "$scratch/mm1" >"$scratch/line"
	[ -s "$scratch/line" ] || die "bench/mm1 does not tell what a customer costs by the parts"
	cat "$scratch/line" >>"$scratch/measured"
	echo "$list" | while read -r name customers _; do
		[ -x "$scratch/$name" ] || continue
		line=$("$scratch/$name" "$customers") || die "$name fails"
		printf '%s\t%s\t%s\n' "$name" "$line" "$customers"
	done >>"$scratch/measured" || exit 1
	round=$((round + 1))
done

# The mean time in the system is 1 / (mu - lambda) = 9. Its estimate from n customers has a variance of about 29080 / n:
# rho (2 + 5 rho - 4 rho^2 + rho^3) / (1 - rho)^4 times the square of the mean time of service.
echo "$list" | awk -F '\t' -v measured="$scratch/measured" '
	function median(value, count,    i, j, swap) {
		for (i = 2; i <= count; i++)
			for (j = i; j > 1 && value[j - 1] > value[j]; j--) {
				swap = value[j]
				value[j] = value[j - 1]
				value[j - 1] = swap
			}
		return value[int((count + 1) / 2)]
	}
	function tell(name, ns, bound, ratio, target) {
		printf "%s\t%.2f\t%.2f\t%.5f\t%g\t%s", name, ns, bound, ratio, target, \
			target <= 0 ? "-" : ratio <= target ? "yes" : "no"
	}
	BEGIN {
		number = "^[0-9]+\\.?[0-9]*$"
		while ((getline line <measured) > 0) {
			split(line, field, "\t")
			name = field[1]
			n = ++count[name]
			ns[name, n] = field[2]
			if (name == "casebook") {
				bound[n] = field[3]
				continue
			}
			mean[name] = field[3]
			version[name] = field[4]
			off = field[3] - 9
			if (field[2] !~ number || field[3] !~ number || !(off * off <= 16 * 29080 / field[5])) {
				printf "bench/peers.sh: the customers of %s spend %s instead of 9 in the system\n", name, \
					field[3] >"/dev/stderr"
				wrong = 1
				exit 1
			}
		}
		for (i = 1; i <= count["casebook"]; i++) {
			own[i] = ns["casebook", i]
			cimba[i] = 2.5 * bound[i]
			ratio[i] = own[i] / cimba[i]
		}
		tell("M/M/1, a customer: against 2.5 x the bound (Cimba as published)", median(own, i - 1), \
			median(cimba, i - 1), median(ratio, i - 1), 0.5)
		print ""
	}
	{
		split($0, word, " ")
		name = word[1]
		what = $0
		sub(/^[^ ]* [^ ]* [^ ]* /, "", what)
		if (!(name in count)) {
			sub(/ %s/, "", what)
			printf "M/M/1, a customer: against %s\t-\t-\t-\t%s\tskip\twhy not installed\n", what, word[3]
			next
		}
		for (i = 1; i <= count[name]; i++) {
			own[i] = ns["casebook", i]
			theirs[i] = ns[name, i]
			ratio[i] = own[i] / theirs[i]
		}
		tell("M/M/1, a customer: against " sprintf(what, version[name]), median(own, i - 1), median(theirs, i - 1), \
			median(ratio, i - 1), word[3])
		printf "\tmean_in_system %s\n", mean[name]
	}
	END { exit wrong }' || exit 1

hold() {
	printf 'hold, %s pending: against ns-3, events\t' "$1"
	if [ ! -x "$scratch/ns3" ]; then
		printf '%s\n' "-	-	-	0	skip	why not installed"
		return
	fi
	own=$(awk -F '\t' -v start="hold, $1 pending: sim_after" 'index($1, start) == 1 { print $2 }' "$scratch/hold")
	[ -n "$own" ] || die "bench/hold does not tell what a hold costs with $1 pending"
	theirs=$("$scratch/ns3" hold "$2") || die "the hold model of ns-3 fails"
	echo "$own	$theirs" | awk -F '\t' '
		$2 !~ /^[0-9.]+$/ || !($3 > 0.97 && $3 < 1.03) {
			print "bench/peers.sh: the holds of ns-3 advance by " $3 " instead of 1" >"/dev/stderr"
			exit 1
		}
		{ printf "%.2f\t%.2f\t%.5f\t0\t-\n", $1, $2, $1 / $2 }'
}

[ ! -x "$scratch/ns3" ] || bench/hold >"$scratch/hold" || die "bench/hold fails"
hold 16 16 && hold 1k 1000 && hold 100k 100000 && hold 1M 1000000
