/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page. What it shows is what the engine says (web.h): nothing is computed here. The settings are a map from keys
 * to texts, empty by default; every change goes to the Worker through `ask`, every answer comes in at `heard`. Texts
 * come from models and links: they become text nodes, never markup.
 *
 *   a slider moves -> ask -> a coarse result -> the exact one, the comparison, the ablations
 *
 * While a coarse result is under way, further moves wait for it, so that something is seen while the hand moves; all
 * else gives way at once.
 */
import {$, bytesOf, copy, notice, renew, say} from './dom.js';
import {makeControls, placeAll, stateOf} from './controls.js';
import {bet, share, showTable, sources} from './drawers.js';
import {journeys, play, redraw, stepBy, walks} from './journey.js';
import {picture} from './picture.js';
import {showChips, showClaims} from './claims.js';
import {showFigure, shownFigure, showResults} from './show.js';
import {fragment, fromAddress, linesOf, page, textOf, toAddress} from './state.js';

const root = document.documentElement;
let worker;
let run = 0; /* the number of the last question; answers to others are old */
let dragging = false,
	moved = false; /* a coarse result is under way; the settings have changed since it was asked for */
let settled = true,
	waiting = [], /* who waits for the end */
	setting = []; /* who set something, and is told when it cannot be */
let last = new Map(); /* the last settings that have been shown to the end */

/* ---- asking ---- */

function ask() {
	run++;
	settled = false;
	moved = false;
	dragging = true;
	for (const name of ['plot', 'final', 'all']) performance.clearMarks(name);
	worker.postMessage({run, state: textOf(page.settings)});
}

function askSoon() {
	settled = false;
	if (dragging) moved = true;
	else ask();
}

page.change = (settings) => {
	notice('');
	page.settings = settings;
	placeAll();
	ask();
};

const reset = () => page.change(new Map());

function heard({data}) {
	if (data.failed !== undefined) broken(`The simulator stopped: ${data.failed}. Load the page again to go on.`);
	else if (data.ready) ready(data.ready);
	else if (data.run !== run) return;
	else if (data.refused !== undefined) refused(JSON.parse(data.refused));
	else if (data.state !== undefined) taken(data);
	else result(JSON.parse(data.results), data.done);
}

/* The first time since something was asked for; bench/pages.mjs reads it. */
function mark(name) {
	if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

function taken({state, positions}) {
	page.canonical = state;
	page.positions = positions;
	if (!moved) {
		page.settings = linesOf(state);
		placeAll();
	}
}

function result(results, done) {
	page.results = results;
	const coarse = results.job === 'drag';
	showResults(done && !coarse);
	mark('plot');
	if (results.replications === results.of && !(coarse && results.budget)) mark('final');
	showChips();
	showClaims();
	if (!done) return;
	if (moved) {
		ask();
	} else if (coarse) {
		dragging = false;
	} else {
		last = new Map(page.settings);
		journeys();
		toAddress();
		$('whole').firstChild.href = location.href.split('#')[0].split('?')[0] + fragment();
		if ($('share').open) share();
		say([results.sentence, results.differences[0]?.text].filter(Boolean).join('. '));
		mark('all');
		finish();
	}
}

/* The engine has not taken the state: what stood before stands again, and the reason is told. */
function refused(mistakes) {
	const back = textOf(page.settings) === textOf(last) ? new Map() : last;
	if (textOf(page.settings) !== textOf(back)) page.change(new Map(back));
	const why = mistakes.map((mistake) => mistake.text).join(' · ');
	notice(why, true);
	setting.splice(0).forEach((reject) => reject(new Error(why)));
}

function finish() {
	settled = true;
	setting = [];
	waiting.splice(0).forEach((resolve) => resolve(page.results));
}

/* What there is without a simulator stays, with the reason. */
function broken(why) {
	root.classList.remove('ready');
	$('live').hidden = true;
	$('finished').hidden = false;
	notice(`This is the finished figure. ${why}`, true);
	finish();
}

/* ---- beginning ---- */

function keys(event) {
	const at = event.target,
		tag = at.tagName;
	if (
		event.ctrlKey ||
		event.metaKey ||
		event.altKey ||
		event.defaultPrevented ||
		(tag === 'INPUT' && at.type === 'text')
	)
		return;
	const steps = walks() && tag !== 'INPUT' && !at.closest?.('.scroll, pre');
	if (event.key === 'r' || event.key === 'R') {
		reset();
	} else if (event.key === '?') {
		$('keys').open = !$('keys').open;
		if ($('keys').open) {
			$('keys').scrollIntoView({block: 'nearest'});
			say($('keys').querySelector('dl').textContent.replace(/\s+/g, ' '));
		}
	} else if (event.key === ' ' && steps && !['BUTTON', 'SUMMARY', 'A'].includes(tag)) {
		play();
	} else if (event.key === 'ArrowRight' && steps) {
		stepBy(1);
	} else if (event.key === 'ArrowLeft' && steps) {
		stepBy(-1);
	} else {
		return;
	}
	event.preventDefault();
}

/* Paper is light, and has a width of its own. */
function print() {
	if (!page.results) return;
	const svg = picture(...shownFigure(), {
		height: 380,
		paper: false,
	});
	$('live').replaceChildren(
		document.importNode(new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement, true)
	);
}

function watch() {
	const whenOpen = (id, act) => $(id).addEventListener('toggle', () => $(id).open && page.results && act());
	whenOpen('table', showTable);
	whenOpen('share', share);
	whenOpen('sources', () => renew($('sources-inside'), 1, sources));
	$('reset').onclick = reset;
	$('again').onclick = () =>
		page.change(
			new Map(page.settings).set('run.seed', String((page.results?.seed ?? page.about.seed) + 1))
		);
	$('copy').onclick = () => copy($('command').textContent, $('copy'));
	document.addEventListener('keydown', keys);
	addEventListener('hashchange', () => location.hash !== fragment() && page.change(fromAddress()));
	addEventListener('beforeprint', print);
	addEventListener('afterprint', () => page.results && showFigure());
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => page.results && showFigure());
	let width = 0;
	new ResizeObserver(() => {
		if (!page.results || $('plot').clientWidth === width) return;
		width = $('plot').clientWidth;
		showFigure();
		redraw();
	}).observe($('plot'));
}

function ready({about, values}) {
	Object.assign(page, {about, values});
	about.version = root.dataset.version; /* what made the page, and its engine with it */
	makeControls(askSoon);
	root.classList.add('ready');
	for (const id of ['table', 'share', 'sources', 'keys', 'copy', 'skip']) $(id).hidden = false;
	$('scope').open = false;
	notice('');
	watch();
	page.settings = fromAddress();
	placeAll();
	mark('ready');
	waiting.push(bet);
	ask();
}

/* A frame that holds the page is told how high it is: {casebook: "height", height: pixels}. */
function embed() {
	root.classList.add('embed');
	$('whole').hidden = false;
	let told = 0;
	new ResizeObserver(() => {
		const height = Math.ceil(document.body.getBoundingClientRect().height);
		if (height !== told && parent !== window) parent.postMessage({casebook: 'height', height}, '*');
		told = height;
	}).observe(document.body);
}

/*
 * For scripts and tests. `set` takes what a link takes, and "preset" with a name; it is settled when all has run, and
 * rejected with the reason when that cannot be set.
 */
window.casebook = {
	set(key, value) {
		const preset = key === 'preset' && page.about.presets.find((each) => each.name === value);
		page.change(preset ? stateOf(preset) : new Map(page.settings).set(key, String(value)));
		return new Promise((resolve, reject) => {
			setting.push(reject);
			window.casebook.settled().then(resolve);
		});
	},
	settled: () =>
		settled && page.results
			? Promise.resolve(page.results)
			: new Promise((resolve) => waiting.push(resolve)),
	state: () => page.canonical,
	results: () => page.results,
	digest: () => page.results && page.results.digest,
	command: () => page.results && page.results.command,
};

function begin() {
	if (new URLSearchParams(location.search).has('embed')) embed();
	const missing = ['WebAssembly', 'Worker', 'ResizeObserver'].filter(
		(name) => !(name in window)
	);
	if (missing.length) {
		broken(`This browser cannot run the simulator: it has no ${missing.join(', no ')}.`);
		return;
	}
	try {
		worker = new Worker(
			URL.createObjectURL(new Blob([$('worker').textContent], {type: 'text/javascript'}))
		);
		worker.onmessage = heard;
		worker.onerror = (event) =>
			broken(`The simulator could not be started: ${event.message || 'workers are blocked here'}.`);
		const wasm = bytesOf('wasm'),
			study = bytesOf('study');
		worker.postMessage({load: {wasm, study}}, [wasm.buffer, study.buffer]);
	} catch (error) {
		broken(`The simulator could not be started: ${error.message}.`);
	}
}

begin();
