/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presets, sliders, choices and switches: they show the settings, and change them. Each is made once, and has a `place`
 * that shows what the settings say now.
 */
import {$, el} from './dom.js';
import {linesOf, page} from './state.js';

let widgets = []; /* {box, place} of each slider, preset, and switch */
let yours = null; /* the last settings that no preset made */
let moved; /* called while a slider moves */

const valueOf = (slider) => page.settings.get(slider.key) ?? slider.fallback;

/* A distribution may be given another form, of the same mean: "const(8 ms)" is {form: "const", mean: "8 ms"}. */
function formOf(value) {
	const match = /^(const|exp)\((.*)\)$/.exec(value);
	return match ? {form: match[1], mean: match[2]} : {form: '', mean: value};
}

function setting(key, value, fallback) {
	const settings = new Map(page.settings);
	if (value === fallback) settings.delete(key);
	else settings.set(key, value);
	return settings;
}

function moveTo(slider, mean) {
	const {form} = slider.of && page.settings.has(slider.key) ? formOf(valueOf(slider)) : {form: ''};
	page.settings = setting(slider.key, form ? `${form}(${mean})` : mean, slider.fallback);
	placeAll();
	moved();
}

function rangeOf(slider, index) {
	const texts = page.values[index],
		home = texts.indexOf(slider.fallback);
	const input = el('input', {type: 'range', min: 0, max: texts.length - 1, step: 1, id: `slider-${index}`});
	const output = el('output', {htmlFor: `slider-${index}`});
	const track = el('div', {className: 'track'}, input);
	const share = home >= 0 ? home / (texts.length - 1) : slider.position;
	if (share !== null && share !== undefined) {
		const tick = el('span', {className: 'tick', title: `default: ${slider.fallback}`});
		/* the thumb's middle goes from half of its width to the same before the end */
		tick.style.left = `calc(10px + ${share} * (100% - 20px))`;
		track.append(tick);
	}
	track.append(
		el(
			'span',
			{className: 'ends', ariaHidden: 'true'},
			el('span', {}, texts[0]),
			el('span', {}, texts[texts.length - 1])
		)
	);
	input.addEventListener('input', () => moveTo(slider, texts[input.value]));
	const box = el(
		'div',
		{className: 'slider', title: slider.help || ''},
		el('label', {className: 'name', htmlFor: `slider-${index}`}, el('span', {}, slider.label), output),
		track
	);
	const place = () => {
		const value =
			slider.of && !texts.includes(valueOf(slider)) ? formOf(valueOf(slider)).mean : valueOf(slider);
		const at = texts.indexOf(value),
			position = page.positions[index]?.position;
		if (at >= 0) input.value = at;
		else if (position !== null && position !== undefined)
			input.value = Math.round(position * (texts.length - 1));
		output.textContent = value;
		const standing = value === slider.fallback ? `${value}, the default` : value;
		if (input.getAttribute('aria-valuetext') !== standing) input.setAttribute('aria-valuetext', standing);
		box.classList.toggle('moved', valueOf(slider) !== slider.fallback);
	};
	return {box, place};
}

function choiceOf(slider, index) {
	const radios = slider.choices.map((choice) => {
		const input = el('input', {type: 'radio', name: `slider-${index}`, value: choice});
		input.addEventListener('change', () => moveTo(slider, choice));
		return {
			input,
			label: el(
				'label',
				{className: 'choice'},
				input,
				el(
					'span',
					{},
					choice,
					choice === slider.fallback
						? el('span', {className: 'by-default'}, ' default')
						: null
				)
			),
		};
	});
	const box = el(
		'fieldset',
		{className: 'slider', title: slider.help || ''},
		el('legend', {className: 'name'}, slider.label),
		el('div', {className: 'choices'}, ...radios.map((radio) => radio.label))
	);
	const place = () => {
		const value = valueOf(slider);
		radios.forEach(({input}) => {
			input.checked = input.value === value;
		});
		box.classList.toggle('moved', value !== slider.fallback);
	};
	return {box, place};
}

/* A preset's state without what is so by default. */
export function stateOf(preset) {
	const map = linesOf(preset.state);
	for (const slider of page.about.sliders) if (map.get(slider.key) === slider.fallback) map.delete(slider.key);
	return map;
}

const same = (a, b) => a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

/* What a preset is compared with: other random numbers, or a mechanism taken away, leave it the same. */
function bare() {
	const settings = new Map(page.settings);
	settings.delete('run.seed');
	settings.delete('without');
	return settings;
}

function press(button, pressed) {
	button.setAttribute('aria-pressed', String(pressed));
}

function presetOf(preset) {
	const state = stateOf(preset);
	const box = el('button', {
		type: 'button',
		textContent: preset.name,
		onclick: () => page.change(new Map(state)),
	});
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
		const settings = bare(),
			own = settings.size > 0 && !presets.some((preset) => same(preset.state, settings));
		if (own) yours = settings;
		box.hidden = yours === null;
		press(box, own);
	};
	return {box, place};
}

/* The mechanism of a claim, which can be taken away. */
function mechanismOf(claim) {
	const box = el('button', {
		type: 'button',
		textContent: claim.mechanism || `what ${claim.id} rests on`,
		title: claim.without.map(([key, value]) => `${key} = ${value}`).join(', '),
		onclick: () => toggleWithout(claim.id),
	});
	return {box, place: () => press(box, page.settings.get('without') === claim.id)};
}

export function toggleWithout(id) {
	page.change(setting('without', page.settings.get('without') === id ? '' : id, ''));
}

/* One of several values of a key, or none of them: as the model says. */
function assumptionOf(label, key, options, read) {
	const select = el('select', {}, ...options.map(([value, name]) => el('option', {value}, name)));
	select.addEventListener('change', () => page.change(read.write(select.value)));
	const box = el('label', {className: 'assumption'}, el('span', {}, label), select);
	return {
		box,
		place: () => {
			select.value = read.now();
		},
	};
}

const CLUSTERING = 'trace.clustering.cv';

function assumptions() {
	const arrivals = assumptionOf(
		'requests come',
		CLUSTERING,
		[
			['', 'as the model says'],
			['0.1', 'evenly'],
			['1', 'at random'],
			['3', 'in clumps'],
		],
		{
			now: () => page.settings.get(CLUSTERING) ?? '',
			write: (value) => setting(CLUSTERING, value, ''),
		}
	);
	const forms = page.about.sliders
		.filter((slider) => slider.of)
		.map((slider) =>
			assumptionOf(
				slider.label,
				slider.key,
				[
					['', 'varies as the model says'],
					['const', 'always the same'],
					['exp', 'exponential'],
				],
				{
					now: () => (page.settings.has(slider.key) ? formOf(valueOf(slider)).form : ''),
					write: (form) => {
						const {mean} = formOf(valueOf(slider));
						return setting(
							slider.key,
							form ? `${form}(${mean})` : mean,
							slider.fallback
						);
					},
				}
			)
		);
	return [arrivals, ...forms];
}

/* Shows the settings as they are now. */
export function placeAll() {
	$('says').textContent = '';
	widgets.forEach((widget) => widget.place());
	$('reset').disabled = page.settings.size === 0;
}

/* Makes them; `onMove` is called when a slider has changed the settings, which happens many times a second. */
export function makeControls(onMove) {
	moved = onMove;
	const put = (id, list) => {
		$(id).replaceChildren(...list.map((widget) => widget.box));
		widgets.push(...list);
	};
	const presets = page.about.presets.map(presetOf);
	put('presets', [...presets, yoursOf(presets)]);
	put(
		'sliders',
		page.about.sliders.map((slider, index) =>
			(slider.scale === 'choice' ? choiceOf : rangeOf)(slider, index)
		)
	);
	const claims = page.about.claims.filter((claim) => claim.without);
	put('mechanisms', claims.map(mechanismOf));
	$('mechanisms-box').hidden = claims.length === 0;
	put('assumptions', assumptions());
	$('controls').hidden = false;
}
