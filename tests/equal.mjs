// SPDX-License-Identifier: GPL-3.0-or-later
// What a page finds out, in node: equal.c with the module in place of the native functions, and how long it takes.
//
//   node equal.mjs MODULE STUDY EVENTS <STATES     as `equal run`
//   node equal.mjs MODULE STUDY time [STATE...]    milliseconds of the processor for: loading, the plot of a drag, the
//                                                  final plot, and all else (default, ablations, journeys); medians
import {readFileSync} from 'node:fs';

const [file, study, how, ...rest] = process.argv.slice(2);
const started = performance.now();
const module = await WebAssembly.compile(readFileSync(file));
if (WebAssembly.Module.imports(module).length > 0) {
	console.error('the module imports something');
	process.exit(1);
}
const core = (await WebAssembly.instantiate(module, {})).exports;
core._initialize();
const web = core.web_new();
const bytes = () => new Uint8Array(core.memory.buffer, core.web_text(web) >>> 0, core.web_length(web) >>> 0);
const text = () => new TextDecoder().decode(bytes());
function give(of) {
	const at = core.web_input(web, of.length) >>> 0; // before the memory is looked at, which may grow here
	new Uint8Array(core.memory.buffer, at, of.length).set(of);
	return of.length;
}
const encode = (of) => new TextEncoder().encode(of);
if (!core.web_load(web, give(readFileSync(study)))) {
	console.error(text());
	process.exit(1);
}
const loaded = performance.now() - started;

// FNV-1a in two halves: a BigInt a byte would take longer than the runs.
function digest(of, [high, low]) {
	for (const byte of of) {
		low = (low ^ byte) >>> 0;
		const product = low * 0x1b3;
		const carry = Math.floor(product / 4294967296);
		high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
		low = product >>> 0;
	}
	return [high, low];
}
const BASIS = [0xcbf29ce4, 0x84222325];

function settle(line, events) {
	const drag = line[0] === '~'; // as while a slider moves
	const state = drag ? line.slice(1) : line;
	if (!core.web_state(web, give(encode(state)))) return false;
	core.web_start(web, drag ? 0 : 1);
	while (core.web_step(web, events) !== 2) {
		// goes on
	}
	return true;
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
if (how === 'time') {
	const times = [[], [], []];
	core.web_describe(web);
	const about = JSON.parse(text());
	const now = () => process.cpuUsage().user / 1000;
	// Goes on until that many replications have come in, or all is done; then what a page would read.
	const run = (job, enough) => {
		const at = now();
		core.web_start(web, job);
		for (let progress = 0; progress !== 2;) {
			progress = core.web_step(web, 65536);
			if (!(progress & 1) || !enough) continue;
			core.web_results(web);
			const found = JSON.parse(text());
			if (found.replications === found.of) break;
		}
		core.web_results(web);
		JSON.parse(text());
		return now() - at;
	};
	for (let i = 0; i < 5; i++) {
		const state = rest[i % Math.max(rest.length, 1)] ?? `run.seed=${i + 2}`;
		if (!core.web_state(web, give(encode(state)))) throw new Error(text());
		[run(0), run(1, true), run(1)].forEach((took, which) => times[which].push(took));
	}
	const shown = times.map((list) => `${median(list).toFixed(0).padStart(6)} ms`);
	console.log(
		`${about.case.padEnd(14)} load ${loaded.toFixed(0).padStart(4)} ms, drag ${shown[0]}, ` +
			`final ${shown[1]}, all else ${shown[2]}`
	);
} else {
	for (const line of readFileSync(0, 'utf8').split('\n').slice(0, -1)) {
		if (!settle(line.replaceAll('|', '\n'), Number(how))) {
			console.log(`refused: ${text()}`);
			continue;
		}
		core.web_describe(web);
		let all = digest(bytes(), BASIS);
		core.web_results(web);
		all = digest(bytes(), all);
		const string = (key) => text().match(new RegExp(`"${key}":"((?:[^"\\\\]|\\\\.)*)"`))?.[1] ?? '';
		const hex = all.map((half) => half.toString(16).padStart(8, '0')).join('');
		console.log([string('state'), string('digest'), hex, string('command'), string('sentence')].join('\t'));
	}
}
