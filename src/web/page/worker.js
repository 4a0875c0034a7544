/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Worker: the engine (web.h), and nothing else. It runs a state as while a slider moves, and goes on to settle it.
 * A job is done in slices of a few milliseconds, between which it looks whether the page wants something newer; a
 * MessageChannel wakes it up at once, where a timer would wait.
 *
 * To it     {load: {wasm, study}}             packed bytes, once
 *           {run: N, state: TEXT}             in place of whatever runs
 * From it   {ready: {about, values}}          what web_describe says; of each slider the texts at its positions
 *           {run: N, state, positions}        the state in its shortest form, and where each slider stands in it
 *           {run: N, results: TEXT, done}     JSON of web_results, whenever there is news; done: with the job it tells
 *           {run: N, refused: TEXT}           JSON of mistakes; nothing has changed
 *           {failed: TEXT}                    and nothing works any more
 */
import {unpack} from './unpack.js';

const EVENTS = 32768,
	NEWS_MS = 50,
	POSITIONS = 200;
const DRAG = 0,
	SETTLE = 1;
const RUNNING = 0,
	DONE = 2,
	WHOLE = 3;
const wake = new MessageChannel();
let core,
	web,
	current = null,
	job = DRAG,
	awake = false /* a message to go on is under way */,
	quiet = 0 /* nothing is told before that time but the plots that are waited for */,
	news = false;

/* The room is asked for first: memory may grow, and then its old view is gone. */
function put(bytes) {
	const at = core.web_input(web, bytes.length) >>> 0;
	new Uint8Array(core.memory.buffer, at, bytes.length).set(bytes);
	return bytes.length;
}

const give = (text) => put(new TextEncoder().encode(text));

function text() {
	return new TextDecoder().decode(
		new Uint8Array(core.memory.buffer, core.web_text(web) >>> 0, core.web_length(web) >>> 0)
	);
}

async function load({wasm, study}) {
	const {instance} = await WebAssembly.instantiate(unpack(wasm), {});
	core = instance.exports;
	core._initialize();
	web = core.web_new();
	if (!core.web_load(web, put(unpack(study)))) throw new Error(text());
	core.web_describe(web);
	const about = JSON.parse(text());
	const values = about.sliders.map((slider, index) => {
		const count = slider.steps || POSITIONS,
			list = [];
		for (let i = 0; i <= count; i++) {
			core.web_slider(web, index, i / count);
			const value = text();
			if (value !== list[list.length - 1]) list.push(value);
		}
		return list;
	});
	postMessage({ready: {about, values}});
	return about;
}

function run({run: number, state}, sliders) {
	current = null;
	if (!core.web_state(web, give(state))) {
		postMessage({run: number, refused: text()});
		return;
	}
	const short = text();
	const lines = new Map(
		short
			.split('\n')
			.filter(Boolean)
			.map((line) => {
				const at = line.indexOf('=');
				return [line.slice(0, at), line.slice(at + 1)];
			})
	);
	const positions = sliders.map((slider, index) => {
		const value = lines.get(slider.key) ?? slider.fallback ?? '';
		const position = core.web_position(web, index, give(value));
		return {value, position: Number.isNaN(position) ? null : position};
	});
	postMessage({run: number, state: short, positions});
	current = number;
	quiet = 0;
	start(DRAG);
}

function goOn() {
	if (!awake) wake.port2.postMessage(null);
	awake = true;
}

function start(what) {
	job = what;
	news = false;
	core.web_start(web, job);
	goOn();
}

/* To tell takes longer the more there is: most of the time is for running. */
function tell(done) {
	const from = performance.now();
	core.web_results(web);
	postMessage({run: current, results: text(), done});
	const now = performance.now();
	quiet = now + Math.max(NEWS_MS, 8 * (now - from));
	news = false;
}

wake.port1.onmessage = () => {
	awake = false;
	if (current === null) return;
	try {
		const until = performance.now() + 8;
		let progress, now;
		do {
			progress = core.web_step(web, EVENTS);
			now = performance.now();
			news = news || progress !== RUNNING;
		} while (progress !== DONE && progress !== WHOLE && now < until && !(news && now >= quiet));
		if (progress === DONE) {
			tell(true);
			if (job === DRAG) start(SETTLE);
			else current = null;
			return;
		}
		if (progress === WHOLE || (news && now >= quiet)) tell(false);
		goOn();
	} catch (error) {
		failed(error);
	}
};

function failed(error) {
	let where = '';
	try {
		if (core && core.web_failure) {
			const memory = new Uint8Array(core.memory.buffer),
				at = core.web_failure() >>> 0;
			where = new TextDecoder().decode(memory.subarray(at, memory.indexOf(0, at)));
		}
	} catch {
		/* the error itself is told */
	}
	current = null;
	core = null;
	postMessage({failed: where || String((error && error.message) || error)});
}

let loaded;
onmessage = ({data}) => {
	if (data.load) loaded = load(data.load);
	loaded.then((about) => {
		if (data.run && core) run(data, about.sliders);
	}).catch(failed);
};
