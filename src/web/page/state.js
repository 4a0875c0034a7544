/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the page knows, shared by its files, and its form in the address. The state itself is `page.settings`, a map
 * from keys to texts (web.h, web_state), empty by default; it is changed by `page.change` and by sliders only.
 */
import {notice} from './dom.js';

export const page = {
	about: null /* what there is to explore: web_describe */,
	values: null /* of each slider the texts at its positions */,
	settings: new Map(),
	canonical: '' /* the state in its shortest form, as the engine told it */,
	positions: [] /* where each slider stands in it */,
	results: null /* web_results */,
	chosen: 0 /* which figure */,
	change: null /* takes a new map of settings */,
};

/* What people are told of a key: the label of its slider. */
export const labelOf = (key) => page.about.sliders.find((slider) => slider.key === key)?.label ?? key;

export const linesOf = (text) =>
	new Map(
		text
			.split('\n')
			.filter(Boolean)
			.map((line) => {
				const at = line.indexOf('=');
				return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
			})
	);
export const textOf = (map) => [...map].map(([key, value]) => `${key}=${value}`).join('\n');

const SHORT = {'run.seed': 'seed', 'run.reps': 'reps'},
	LONG = {seed: 'run.seed', reps: 'run.reps'};
const encode = (text) => text.replace(/[%&+#="<>`\\^{}|]/g, encodeURIComponent).replace(/ /g, '+');

function decode(text) {
	try {
		return decodeURIComponent(text.replace(/\+/g, ' '));
	} catch {
		return text;
	}
}

/* A link says the seed and the version even where they are the default: they make the numbers. */
export function fragment() {
	const all = new Map(page.settings);
	if (!all.has('run.seed')) all.set('run.seed', String(page.about.seed));
	const parts = [...all].map(([key, value]) => `${encode(SHORT[key] || key)}=${encode(value)}`);
	return '#' + parts.join('&') + (page.about.version ? `&v=${encode(page.about.version)}` : '');
}

export function fromAddress() {
	const map = new Map(
		location.hash
			.slice(1)
			.split('&')
			.filter((part) => part.includes('='))
			.map((part) => {
				const at = part.indexOf('='),
					key = decode(part.slice(0, at));
				return [LONG[key] || key, decode(part.slice(at + 1))];
			})
	);
	const version = map.get('v');
	map.delete('v');
	if (map.get('run.seed') === String(page.about.seed)) map.delete('run.seed');
	const preset = page.about.presets.find((each) => each.name === map.get('preset'));
	if (version && page.about.version && version !== page.about.version)
		notice(`A link of casebook ${version} in a page of ${page.about.version}: its numbers may differ.`);
	if (!preset) return map;
	map.delete('preset');
	return new Map([...preset.set, ...map]);
}

export const link = () => location.href.split('#')[0] + fragment();

export function toAddress() {
	const hash = page.settings.size || location.hash ? fragment() : '';
	if (hash === location.hash) return;
	try {
		history.replaceState(null, '', hash || location.pathname + location.search);
	} catch {
		/* a frame without an address */
	}
}
