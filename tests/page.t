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
	grep -q -E 'clang|wasm' "$scratch/log" && none "the engine of a page cannot be built here"
	sed 's/^/# /' "$scratch/log"
	exit 99
}

# A study whose every text is markup.
mkdir "$scratch/site"
evil='<img src=x onerror=hit=1>'
sed -e "s|^about: .*|about: '$evil'|" -e "s|says: [^,}]*|says: '$evil'|; s|label: [^,}]*|label: '$evil'|; s|{name: [a-z][^,}]*|{name: '$evil'|" \
	-e "s|sentence: \"|sentence: \"$evil |" "$top/models/station.yaml" >"$scratch/site/hostile.yaml"
"$CASEBOOK" export station --as page -o "$scratch/site/station.html" >"$scratch/log" 2>&1 &&
	"$CASEBOOK" export "$scratch/site/hostile.yaml" --as page -o "$scratch/site/hostile.html" >>"$scratch/log" 2>&1 || {
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
