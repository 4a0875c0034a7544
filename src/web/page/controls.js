/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presets, sliders, choices and switches: they show the settings, and change them. Each is made once, as {box, place}:
 * an element, and what shows in it what the settings say now.
 *
 * A slider of a distribution says "exp(8 ms)" or "lognormal(mean=8 ms, cv=1)": people are told the mean. It may be
 * given another form of the same mean, where a reader objects to the model's.
 */
import {$, el} from './dom.js';
import {labelOf, page} from './state.js';

let widgets = [];
let yours = null; /* the last settings that no preset made */
let moved; /* called while a slider moves */

const valueOf = (slider) => page.settings.get(slider.key) ?? slider.fallback ?? '';
const formOf = (value) => /^(const|exp)\(/.exec(value)?.[1] ?? '';

/* The mean; of a form that is given otherwise, its median or first number. */
function meanOf(value) {
	const match = /^\w+\((?:[^)]*\bmean=)?(?:\w+=)?([^,)=]+)[,)]/.exec(value);
	return match ? match[1].trim().replace(/^[\d.]+/, (number) => Number(Number(number).toPrecision(3))) : value;
}

const said = (slider, value) => (slider.of ? meanOf(value) : value);

/* The form that was chosen in place of the model's own; '' when none was. */
function chosenForm(slider) {
	const form = slider.of ? formOf(valueOf(slider)) : '';
	return form === formOf(slider.fallback ?? '') ? '' : form;
}

/* The settings with another value of a key. */
function setting(key, value, fallback) {
	const settings = new Map(page.settings);
	if (value === fallback) settings.delete(key);
	else settings.set(key, value);
	return settings;
}

/* ---- sliders and choices ---- */

function moveTo(slider, value) {
	const form = chosenForm(slider);
	page.settings = setting(slider.key, form ? `${form}(${meanOf(value)})` : value, slider.fallback);
	placeAll();
	moved();
}

/* Where the default is on the track: the thumb's middle goes from half of its width to as much before the end. */
function tickAt(share, title) {
	const tick = el('span', {className: 'tick', title});
	tick.style.left = `calc(10px + ${share} * (100% - 20px))`;
	return tick;
}

function rangeOf(slider, index) {
	const texts = page.values[index];
	const means = texts.map((text) => said(slider, text));
	const last = texts.length - 1;
	const home = texts.indexOf(slider.fallback);
	const share = home >= 0 ? home / last : slider.position;
	const input = el('input', {type: 'range', min: 0, max: last, step: 1, id: `slider-${index}`});
	const output = el('output', {htmlFor: input.id});
	const ends = el(
		'span',
		{className: 'ends', ariaHidden: 'true'},
		el('span', {}, means[0]),
		el('span', {}, means[last])
	);
	const tick = typeof share === 'number' ? tickAt(share, `default: ${said(slider, slider.fallback)}`) : null;
	const box = el(
		'div',
		{className: 'slider', title: slider.help || ''},
		el('label', {className: 'name', htmlFor: input.id}, el('span', {}, slider.label), output),
		el('div', {className: 'track'}, input, tick, ends)
	);
	input.addEventListener('input', () => moveTo(slider, texts[input.value]));
	const place = () => {
		const value = valueOf(slider);
		const mean = said(slider, value);
		const position = page.positions[index]?.position;
		const at = texts.includes(value) ? texts.indexOf(value) : means.indexOf(mean);
		if (at >= 0) input.value = at;
		else if (typeof position === 'number') input.value = Math.round(position * last);
		output.textContent = mean || 'as the model says';
		input.setAttribute('aria-valuetext', value === slider.fallback ? `${mean}, the default` : mean);
		box.classList.toggle('moved', value !== slider.fallback);
	};
	return {box, place};
}

function choiceOf(slider, index) {
	const radios = slider.choices.map((choice) => {
		const input = el('input', {type: 'radio', name: `slider-${index}`, value: choice});
		input.addEventListener('change', () => moveTo(slider, choice));
		return input;
	});
	const labels = radios.map((input) => {
		const note = input.value === slider.fallback ? el('span', {className: 'by-default'}, ' default') : null;
		return el('label', {className: 'choice'}, input, el('span', {}, input.value, note));
	});
	const box = el(
		'fieldset',
		{className: 'slider', title: slider.help || ''},
		el('legend', {className: 'name'}, slider.label),
		el('div', {className: 'choices'}, ...labels)
	);
	const place = () => {
		for (const input of radios) input.checked = input.value === valueOf(slider);
		box.classList.toggle('moved', valueOf(slider) !== slider.fallback);
	};
	return {box, place};
}

/* ---- presets and mechanisms ---- */

const same = (a, b) => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
const press = (button, pressed) => button.setAttribute('aria-pressed', String(pressed));

/* A preset's settings without what is so by default. */
export function stateOf(preset) {
	const map = new Map(preset.set);
	for (const slider of page.about.sliders) if (map.get(slider.key) === slider.fallback) map.delete(slider.key);
	return map;
}

/* What a preset is compared with: other random numbers, or a mechanism taken away, leave it the same. */
function bare() {
	const settings = new Map(page.settings);
	settings.delete('run.seed');
	settings.delete('without');
	return settings;
}

function presetOf(preset) {
	const state = stateOf(preset);
	const onclick = () => page.change(new Map(state));
	const box = el('button', {type: 'button', textContent: preset.name, title: preset.says || '', onclick});
	const place = () => {
		const chosen = same(state, bare());
		press(box, chosen);
		if (chosen) $('says').textContent = preset.says || '';
	};
	return {box, place, state};
}

function yoursOf(presets) {
	const box = el('button', {type: 'button', textContent: 'yours', onclick: () => page.change(new Map(yours))});
	const place = () => {
		const settings = bare();
		const own = settings.size > 0 && !presets.some((preset) => same(preset.state, settings));
		if (own) yours = settings;
		box.hidden = yours === null;
		press(box, own);
	};
	return {box, place};
}

export function toggleWithout(id) {
	page.change(setting('without', page.settings.get('without') === id ? '' : id, ''));
}

/* What is changed where the mechanism of a claim is taken away. */
export const changesOf = (claim) => claim.without.map(([key, value]) => `${labelOf(key)}: ${value}`).join(', ');

/* The mechanism of a claim, which can be taken away. */
function mechanismOf(claim) {
	const box = el('button', {
		type: 'button',
		textContent: claim.mechanism || changesOf(claim),
		title: changesOf(claim),
		onclick: () => toggleWithout(claim.id),
	});
	return {box, place: () => press(box, page.settings.get('without') === claim.id)};
}

/* ---- assumptions ---- */

/* One of several answers, [value, words]; the first, '', is the model's own. */
function assumptionOf(label, options, now, write) {
	const select = el('select', {}, ...options.map(([value, words]) => el('option', {value}, words)));
	select.addEventListener('change', () => page.change(write(select.value)));
	const place = () => {
		select.value = now();
	};
	return {box: el('label', {className: 'assumption'}, el('span', {}, label), select), place};
}

/* The coefficient of variation of the time between arrivals (trace/recipe.h). */
const CLUSTERING = 'trace.clustering.cv';
const ARRIVALS = [
	['', 'as the model says'],
	['0.1', 'evenly'],
	['1', 'at random'],
	['3', 'in clumps'],
];
const FORMS = [
	['', 'varies as the model says'],
	['const', 'always the same'],
	['exp', 'exponential'],
];

function arrivals() {
	const now = () => page.settings.get(CLUSTERING) ?? '';
	return assumptionOf('requests come', ARRIVALS, now, (value) => setting(CLUSTERING, value, ''));
}

function formsOf(slider) {
	const own = formOf(slider.fallback ?? '');
	const texts = page.values[page.about.sliders.indexOf(slider)];
	const write = (form) => {
		const mean = meanOf(valueOf(slider));
		const back = [slider.fallback, ...texts].find((text) => meanOf(text) === mean) ?? slider.fallback;
		return setting(slider.key, form ? `${form}(${mean})` : back, slider.fallback);
	};
	return assumptionOf(
		slider.label,
		FORMS.filter(([form]) => form === '' || form !== own),
		() => chosenForm(slider),
		write
	);
}

/* ---- all of them ---- */

/* Shows the settings as they are now. */
export function placeAll() {
	$('says').textContent = '';
	widgets.forEach((widget) => widget.place());
	$('reset').disabled = page.settings.size === 0;
}

/* Makes them; `onMove` is called when a slider has changed the settings, which happens many times a second. */
export function makeControls(onMove) {
	const {presets, sliders, claims} = page.about;
	const put = (id, list) => {
		$(id).replaceChildren(...list.map((widget) => widget.box));
		widgets.push(...list);
	};
	moved = onMove;
	const chosen = presets.map(presetOf);
	put('presets', [...chosen, yoursOf(chosen)]);
	put(
		'sliders',
		sliders.map((slider, index) => (slider.scale === 'choice' ? choiceOf : rangeOf)(slider, index))
	);
	put('mechanisms', claims.filter((claim) => claim.without).map(mechanismOf));
	$('mechanisms-box').hidden = !$('mechanisms').firstChild;
	put('assumptions', [arrivals(), ...sliders.filter((slider) => slider.of).map(formsOf)]);
	$('controls').hidden = false;
}
