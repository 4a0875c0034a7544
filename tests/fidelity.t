#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/fidelity.md, and what makes it: judged once, kept when killed, told with what does not hold; and the document is of the
# claims that the models make now.
. "${top_srcdir:-.}/tests/calls.sh"
command -v jq >/dev/null || { echo "1..0 # SKIP no jq"; exit 0; }
enter
mkdir study
sed 's/^claims:/claims:\
  - id: wrong\
    says: nobody waits\
    kind: predicted\
    expect: "mean(wait)[one-server] < 1 ms"\
    without: {servers: 2}\
    caveat: they do,\
      all of them\
    evidence: derived/' "$top/models/station.yaml" >study/queue.yaml
# A casebook that notes how often it judged, is killed where it is told, and has too few nodes in a sixth of a fleet.
cat >noting <<END
#!/bin/sh
[ "\$1" != verify ] || echo "\$@" >>"$scratch/calls"
case " \$* " in *" --seed \${KILL_AT:-none} "*) kill -9 \$PPID; exit 130 ;; esac
case " \$* " in *" --slice 6 "*) echo "x.yaml:1:1: error: kill: there is no node 3 in this slice of the fleet" >&2; exit 3 ;; esac
exec "$casebook" "\$@"
END
chmod +x noting

# made SEEDS SLICES CASE...: makes the document; how many judgements that took is in $calls.
made() {
	: >calls
	seeds=$1 slices=$2
	shift 2
	(top_srcdir=$top CASEBOOK=$scratch/noting FIDELITY=$scratch/kept SEEDS=$seeds SLICES=$slices \
		exec sh "$top/build-aux/fidelity" "$scratch/made.md" "$@") >out 2>err
	status=$?
	calls=$(wc -l <calls)
}

made '1 2' '1 3' study/queue.yaml
[ $status = 0 ] && [ "$calls" = 8 ] && grep -q '^| mm1 | derived | yes | yes | · .* | yes | whole | · |$' made.md
ok $? "each claim at each seed and slice, and where there is no slice"
grep -q '^- \*\*wrong\*\*: nobody waits. Does not hold at seed 1, seed 2, slice 1. They do, all of them\.$' made.md
ok $? "what does not hold is told with its sentence"
made '1 2' '6' study/queue.yaml
[ $status = 0 ] && grep -q '^| mm1 | derived | yes | yes | · .* | yes | whole | whole |$' made.md
ok $? "a slice that has not what a fault hits is told as none"
cp made.md before.md
KILL_AT=3 made '1 2 3 4' '' study/queue.yaml
[ $status != 0 ] && [ "$calls" = 1 ] && cmp -s before.md made.md
ok $? "killed: the document stays whole"
made '1 2 3 4' '' study/queue.yaml
[ $status = 0 ] && [ "$calls" = 2 ] && grep -q '^| mm1 | derived | yes | yes | yes | yes | · ' made.md
ok $? "what was finished is not judged again"
cp made.md before.md
made '1' '' "$top/models/station.yaml"
grep -v '^$' before.md >before
[ $status = 0 ] && grep -v '^$' made.md | grep -q -x -F -f before && grep -q "^## $top/models/station.yaml" made.md
ok $? "sections of others stay"
sed -i 's/they do/they do indeed/' study/queue.yaml
made '' '' study/queue.yaml
[ $status = 0 ] && [ "$calls" = 0 ] && grep -q 'They do indeed, all' made.md
ok $? "another caveat is told of what was judged"
sed -i 's/ < 1 ms/ < 2 ms/' study/queue.yaml
made '1' '' study/queue.yaml
[ $status = 0 ] && [ "$calls" = 1 ] && grep -q 'They do indeed, all' made.md
ok $? "a model that has changed is judged anew"
made '1' '' study/none.yaml
[ $status != 0 ] && grep -q "there is no study/none.yaml" err && grep -q "They do indeed, all" made.md
ok $? "what is no model is told, and nothing is written"

# told DOCUMENT CASE: the claims that it tells of a case, with their kinds.
told() {
	awk -v head="## $2" '/^## / { in_it = $0 == head } in_it && /^\| [^|]* \| (predicted|calibrated|derived) \|/ { print $2, $4 }' "$1"
}

for name in discord netflix uber; do
	told "$top/docs/fidelity.md" $name >told
	"$casebook" show $name --json | jq -r '.claims[] | "\(.id) \(.kind)"' >claimed
	[ -s claimed ] && diff claimed told >out
	ok $? "docs/fidelity.md has the claims of $name, with their kinds"
done
sed 's/| predicted |/| derived |/' "$top/docs/fidelity.md" >changed.md
told changed.md uber >told
! cmp -s claimed told
ok $? "canary: a claim of another kind is seen"
echo "1..$count"
