#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Very many points of a sweep, of the cheapest model there is: a point costs as much time and space as in a sweep of
# a tenth of them; what was killed half-way is resumed, in seconds, and ends with the same bytes. POINTS is 10^5 when
# nothing is said, for which `make soak-points` takes some minutes.
casebook=${CASEBOOK:-./casebook}
points=${POINTS:-100000}
top=${top_srcdir:-$(dirname "$0")/..}
. "$top/tests/ok.sh"

cat >"$scratch/model.yaml" <<-YAML
	case: station
	trace: {windows: {rate: 10 /s, for: 1 s}}
	model: {servers: 10, service: exp(8 ms)}
	run: {reps: 1, warmup: 0 s}
YAML

# sweep DIRECTORY POINTS [OPTION...]: its milliseconds of the processor and its memory, in $took and $kilobytes. What
# others do on the machine is not in them.
sweep() {
	directory=$scratch/$1 number=$2
	shift 2
	used=$("$top/build-aux/usage" "$casebook" sweep "$scratch/model.yaml" --grid "service=6 ms:9 ms:$number" \
		--no-figures -o "$directory" "$@") || exit 99
	used=${used#* }
	took=${used% *} kilobytes=${used#* }
}

# linear WHAT FEW MANY MOST: so much for a tenth of the points, so much for all; at most MOST per cent more a point.
linear() {
	[ $(($3 * 1000)) -le $(($2 * 10 * (1000 + 10 * $4))) ]
	ok $? "$1: $3 for $points points, $2 for a tenth of them"
}

size() {
	wc -c <"$scratch/$1"
}

sweep few $((points / 10))
few_took=$took few_kilobytes=$kilobytes
sweep whole "$points"
linear 'ms of the processor' "$few_took" "$took" 20
[ $(((kilobytes - few_kilobytes) * 1024)) -le $((points * 256)) ]
ok $? "memory: $kilobytes kB for $points points, $few_kilobytes for a tenth of them: at most 256 bytes a point"
whole_took=$took
for file in results.sqlite points.csv samples.csv; do # numbers of points get longer
	linear "bytes of $file" "$(size few/$file)" "$(size whole/$file)" 5
done

# Killed when half of it is stored.
python3 - "$scratch/killed" "$points" "$casebook" sweep "$scratch/model.yaml" --grid "service=6 ms:9 ms:$points" \
	--no-figures -o "$scratch/killed" <<'PYTHON' >"$scratch/stored" || exit 99
import sqlite3, subprocess, sys, time
directory, points, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
stored = 0
while stored < points / 2 and running.poll() is None:
    time.sleep(0.05)
    try:
        reader = sqlite3.connect("file:%s/results.sqlite?mode=ro" % directory, uri=True)
        stored = reader.execute("SELECT count(*) FROM run").fetchone()[0]
        reader.close()
    except sqlite3.Error:
        pass
running.kill()
running.wait()
reader = sqlite3.connect("file:%s/results.sqlite" % directory, uri=True)
print(reader.execute("SELECT count(*) FROM run").fetchone()[0])
PYTHON
stored=$(cat "$scratch/stored")
[ "$stored" -ge $((points / 2)) ] && [ "$stored" -lt "$points" ]
ok $? "killed when $stored of $points were stored"
sweep killed "$points" --resume
rest_took=$took
sweep killed "$points" --resume
[ $(((took - 1000) * 20)) -le $((points * 3)) ]
ok $? "resumed with nothing to do: $took ms, at most 1 s and 15 s for 10^5 points"
[ $(((rest_took - took) * 10)) -le $(((whole_took - took) * 8)) ]
ok $? "resumed half-way: $rest_took ms, $whole_took for all"
for file in points.csv samples.csv; do
	cmp -s "$scratch/whole/$file" "$scratch/killed/$file"
	ok $? "the same $file in the end"
done
cmp -s "$scratch/whole/points.csv" "$scratch/few/points.csv"
[ $? = 1 ]
ok $? "canary: other points are other bytes"
echo "1..$count"
exit "$failed"
