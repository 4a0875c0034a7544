#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The same bytes from the browser's machine: libcore and tests/digest.c as WebAssembly, run by node, must print
# tests/digest.expected. Needs clang, lld, wasi-libc, libclang-rt-*-dev-wasm32 and nodejs (18.17 or later).

top=${top_srcdir:-$(dirname "$0")/..}
expected=$top/tests/digest.expected
build=${top_builddir:-.}
. "$top/tests/ok.sh"

show() {
	head -n 20 "$@" | sed 's/^/# /'
}

none() {
	echo "1..0 # SKIP $1"
	exit 0
}

for program in clang wasm-ld node; do
	command -v $program >/dev/null || none "there is no $program"
done

# Both builds are of the same sources, even while somebody edits.
mkdir "$scratch/src"
for layer in base engine param model trace cases run stats figure web; do
	cp -R "$top/src/$layer" "$scratch/src" || exit 99
done
cp "$top/tests/digest.c" "$top/tests/flow.h" "$scratch" || exit 99
chmod -R u+w "$scratch" # a released tree may be read-only

# Where Debian's wasi-libc is; WASI_SYSROOT for others.
sysroot=${WASI_SYSROOT:-/usr}
[ -f "$sysroot/lib/wasm32-wasi/libc.a" ] || none "there is no wasi-libc"
builtins=$(clang --target=wasm32-wasi -print-libgcc-file-name 2>/dev/null)
[ -f "$builtins" ] || none "clang has no library of its own for wasm32 (libclang-rt-*-dev-wasm32)"

cat >"$scratch/run.mjs" <<'END'
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
const [file, ...rest] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['digest', ...rest], env: {} });
const module = await WebAssembly.compile(readFileSync(file));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
END

# Before 18.17, node wants to be asked for it.
node="node --no-warnings"
echo "import 'node:wasi'" >"$scratch/probe.mjs"
if ! $node "$scratch/probe.mjs" 2>/dev/null; then
	node="$node --experimental-wasi-unstable-preview1"
	$node "$scratch/probe.mjs" 2>/dev/null || none "$(node --version) has no WASI"
fi

# Debian's builtins were compiled with the stack protector, which its wasi-libc does not support.
cat >"$scratch/guard.c" <<'END'
unsigned long __stack_chk_guard = 0x3d0cb3a7;
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	__builtin_trap();
}
END

# What a page does: a study loaded from text, run, its claims judged, and the table that the command line prints.
cat >"$scratch/small.yaml" <<END
case: discord
format: 2
extends: $top/models/discord.yaml
model: {network: "empirical(hops.csv)"}
claims:
  - {id: D8, says: coalescing, kind: derived, evidence: derived, without: {data_services: off},
     expect: ['p99(read)[coalescing-on @ 3] < 10 ms', 'rate(queries)[coalescing-on @ 7] < 100 /s',
              'mean(read)[coalescing-on @ 3] = mean(read)[coalescing-on @ 4] within 5 %']}
explore: off
figures: []
END
printf 'hop_ms\n0.1\n0.2\n0.4\n' >"$scratch/hops.csv"
cp "$top/tests/judge.c" "$scratch"
judged() { # MODEL-FILE NAME
	"$build/casebook" verify "$1" >"$scratch/expected" 2>"$scratch/log"
	[ -s "$scratch/expected" ] && "$build/tests/t-bundle" "$1" >"$scratch/study.txt" 2>>"$scratch/log" &&
		$node "$scratch/run.mjs" "$scratch/judge.wasm" <"$scratch/study.txt" >"$scratch/out" \
			2>>"$scratch/log" &&
		cmp -s "$scratch/expected" "$scratch/out"
	ok $? "WebAssembly judges the claims of $2 from text as the command line does, to the byte"
	diff "$scratch/expected" "$scratch/out" | show
	show "$scratch/log"
}
if [ ! -x "$build/tests/t-bundle" ]; then
	echo "# tests/t-bundle is not built: a study is not loaded from text"
elif clang --target=wasm32-wasi --sysroot="$sysroot" -std=c11 -ffp-contract=off -O2 -w -I"$scratch/src" \
	-Wl,-z,stack-size=1048576 -o "$scratch/judge.wasm" "$scratch/judge.c" "$scratch/guard.c" \
	"$scratch"/src/*/*.c -lm >"$scratch/log" 2>&1; then
	judged "$top/models/station.yaml" station
	judged "$scratch/small.yaml" "a part of discord"
	sed 's/100/101/' "$scratch/study.txt" |
		$node "$scratch/run.mjs" "$scratch/judge.wasm" >"$scratch/out" 2>"$scratch/log"
	[ $? = 3 ] && grep -q damaged "$scratch/log"
	ok $? "canary: a text that was changed is refused"
else
	ok 1 "libcore with a study from text compiles to WebAssembly"
	show "$scratch/log"
fi

for level in -O1 -O3; do
	text="WebAssembly by clang $level gives the expected digests"
	# The stack is as large as a thread's elsewhere; a mixture of mixtures needs more than the usual 64 KiB.
	if ! clang --target=wasm32-wasi --sysroot="$sysroot" -std=c11 -ffp-contract=off $level -w -I"$scratch/src" \
		-Wl,-z,stack-size=1048576 -o "$scratch/digest.wasm" "$scratch/digest.c" "$scratch/guard.c" \
		"$scratch"/src/*/*.c -lm >"$scratch/log" 2>&1; then
		ok 1 "$text"
		show "$scratch/log"
		continue
	fi
	$node "$scratch/run.mjs" "$scratch/digest.wasm" >"$scratch/out" 2>"$scratch/log" && cmp -s "$expected" "$scratch/out"
	ok $? "$text"
	diff "$expected" "$scratch/out" | show
	show "$scratch/log"
done
$node "$scratch/run.mjs" "$scratch/digest.wasm" 2 >"$scratch/out" 2>/dev/null
! cmp -s "$expected" "$scratch/out" && [ "$(wc -l <"$scratch/out")" = "$(wc -l <"$expected")" ]
ok $? "canary: another seed is noticed"
echo "1..$count"
exit $failed
