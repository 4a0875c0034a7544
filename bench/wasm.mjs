// SPDX-License-Identifier: GPL-3.0-or-later
// The engine of a page against the same functions compiled natively (bench/settle): node bench/wasm.mjs CASE..., from
// the build directory, with modules pages/CASE.wasm and studies pages/studies/CASE; "make bench-wasm" makes these.
// The two take turns, state after state, each of another seed: all replications of it, what they are compared with, and
// ablations. Times are those of the processor.
//
//   first    the first state that the module works out over the first of the native program: V8 begins with its
//            quick compiler, and compiles what is called often once more on other threads, whose time counts
//   warm     the median of the ratios of ROUNDS states, after WARM states, and after as many more as it takes until
//            the last five are no faster than the five before: then nothing is left to compile
//
// `node --no-liftoff` compiles everything by the optimizing compiler before it is called first: warm is the same then.
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';

const ROUNDS = Number(process.env.ROUNDS || 9);
const WARM = Number(process.env.WARM || 10);
const TARGET = 1.25;
const PAGES = process.env.PAGES || 'pages';
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

function spent() {
	const {user, system} = process.cpuUsage();
	return (user + system) / 1000;
}

async function load(name, study) {
	const module = await WebAssembly.compile(readFileSync(`${PAGES}/${name}.wasm`));
	const core = (await WebAssembly.instantiate(module, {})).exports;
	core._initialize();
	const web = core.web_new();
	const give = (bytes) => {
		const at = core.web_input(web, bytes.length) >>> 0; // the memory may grow here
		new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
		return bytes.length;
	};
	const check = (well, what) => {
		if (!well) throw new Error(`${name}: ${what} is refused`);
	};
	check(core.web_load(web, give(study)), 'the study');
	return (state) => {
		check(core.web_state(web, give(new TextEncoder().encode(state))), state);
		const from = spent();
		core.web_start(web, 1);
		while (core.web_step(web, 65536) !== 2) {
			// goes on
		}
		return spent() - from;
	};
}

function native(path) {
	const child = spawn('bench/settle', [path], {stdio: ['pipe', 'pipe', 'inherit']});
	const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
	const run = async (state) => {
		child.stdin.write(`${state}\n`);
		const {value, done} = await lines.next();
		if (done) throw new Error(`bench/settle fails at ${path}`);
		return Number(value) / 1e6;
	};
	return {run, end: () => child.stdin.end()};
}

async function measure(name, path) {
	const other = native(path);
	const run = await load(name, readFileSync(path));
	const took = [];
	let seed = 2;
	const once = async () => {
		const state = `run.seed=${seed++}`;
		const by = await other.run(state);
		took.push([run(state), by]);
		return took.at(-1);
	};
	const five = (from, to) => median(took.slice(from, to).map(([wasm, by]) => wasm / by));
	const [first, firstNative] = await once();
	while (took.length < WARM || (took.length < 4 * WARM && five(-5) < 0.97 * five(-10, -5))) await once();
	const warm = [];
	for (let i = 0; i < ROUNDS; i++) warm.push(await once());
	other.end();
	const ratio = median(warm.map(([wasm, by]) => wasm / by));
	const ms = [0, 1].map((which) => median(warm.map((times) => times[which])).toFixed(1));
	const met = ratio <= TARGET ? 'yes' : 'no';
	const began = (first / firstNative).toFixed(1);
	console.log(`| ${name} | ${ms.join(' | ')} | ${ratio.toFixed(2)} | ${met} | ${began} |`);
}

console.log('| case | wasm, ms | native, ms | warm | at most 1.25 | first |\n|---|---|---|---|---|---|');
for (const name of process.argv.slice(2)) await measure(name, `${PAGES}/studies/${name}`);
