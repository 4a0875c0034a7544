#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pages in real browsers: tests/page.mjs does with the page of `station` what a reader does, in Chromium and in Firefox,
# from a file and from a server. Needs what `make pages` builds with (npm, clang), and a browser that page-modules can
# drive; CHROMIUM and FIREFOX name others than Debian's.
top=${top_srcdir:-.}
build=${top_builddir:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C top_builddir="$build"

none() {
	echo "1..0 # SKIP $1"
	exit 0
}

command -v node >/dev/null || none "there is no node"
[ -f "$build/page-modules/installed" ] || none "npm has fetched nothing here: make page-modules"
browsers=
for browser in chromium firefox; do
	node -e "import('$(cd "$top" && pwd)/tests/browser.mjs').then((m) => process.exit(m.found('$browser') ? 0 : 1))" &&
		browsers="$browsers $browser"
done
[ -n "$browsers" ] || none "there is neither Chromium nor Firefox"
make -C "$build" page-parts pages/station.wasm >"$scratch/log" 2>&1 || {
	grep -q '^wasm: there is no\|^wasm: clang has no' "$scratch/log" && none "the engine of a page cannot be built here"
	sed 's/^/# /' "$scratch/log"
	exit 99
}

# A study whose every text is markup.
mkdir "$scratch/site"
sed 's@EVIL@"<img src=x onerror=hit=1></script><script>hit=2</script>"@g' >"$scratch/site/hostile.yaml" <<'END'
case: station
format: 2
about: "<img src=x onerror=hit=1>"
trace: {windows: {rate: 50 /s, for: 20 s}}
model: {servers: 1, service: exp(8 ms)}
run: {reps: 3, warmup: 1 s, series: 1 s}
sources: {KEY: EVIL}
evidence: {service: "published [KEY]: <img src=x onerror=hit=1>"}
scope: {models: [EVIL], leaves_out: [EVIL]}
figures:
  - {kind: percentiles, name: response, title: EVIL, subtitle: EVIL, metrics: [response, wait], y_label: EVIL, labels: [EVIL, EVIL]}
explore:
  sentence: "</script><img src=x onerror=hit=1> {p99(response)[station]}"
  sliders: [{key: servers, from: 1, to: 3, step: 1, label: EVIL}]
  presets: [{name: EVIL, says: EVIL, set: {servers: 2}}]
  figures: [response]
  claims:
    - {id: evil, says: EVIL, kind: derived, expect: "mean(wait)[station] > 0 s", without: {service: const(1 ms)},
       mechanism: EVIL, evidence: derived, source: KEY}
  budget: {drag: 2 k, settle: 5 k}
END
"$CASEBOOK" export station -o "$scratch/site/station.html" >"$scratch/log" 2>&1 &&
	"$CASEBOOK" export "$scratch/site/hostile.yaml" -o "$scratch/site/hostile.html" >>"$scratch/log" 2>&1 || {
	echo "not ok 1 - pages are exported"
	sed 's/^/# /' "$scratch/log"
	echo 1..1
	exit 1
}
cat >"$scratch/site/frame.html" <<'END'
<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>a post</title>
<iframe src="station.html?embed" width="720" height="100"></iframe>
<script>addEventListener('message', (event) => { if (event.data.casebook === 'height') window.told = event.data.height; });</script>
END

# Positions that change with the sources, so that in time all are tried.
positions=$(cat "$top"/src/engine/*.c "$top"/src/cases/station.c | cksum | awk '{
	printf "[[\"servers\",\"%d\"],[\"service\",\"%d ms\"]]", 1 + $1 % 3, 2 + int($1 / 3) % 6 }')
POSITIONS=$positions
export POSITIONS

for browser in $browsers; do
	nice node "$top/tests/page.mjs" "$browser" "$scratch/site" 2>"$scratch/$browser.log"
	sed 's/^/# /' "$scratch/$browser.log" | head -n 20
done | awk '
	/^(not )?ok/ { count++; sub(/^not ok/, "not ok " count " -") || sub(/^ok/, "ok " count " -"); failed = failed || /^not/ }
	{ print; fflush() }
	END { print "1.." count + 0; exit failed || count < 30 }'
