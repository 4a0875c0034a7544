/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Presets, sliders and choices: they show the settings, and change them. */
import {$, el, renew} from './dom.js';
import {linesOf, page} from './state.js';

let widgets = []; /* of each slider: {box, place} */
let yours = null; /* the last settings that no preset made */
let moved; /* called while a slider moves */

const valueOf = (slider) => page.settings.get(slider.key) ?? slider.fallback;

function moveTo(index, value) {
	const slider = page.about.sliders[index];
	page.settings = new Map(page.settings);
	if (value === slider.fallback) page.settings.delete(slider.key);
	else page.settings.set(slider.key, value);
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
	input.addEventListener('input', () => moveTo(index, texts[input.value]));
	const box = el(
		'div',
		{className: 'slider', title: slider.help || ''},
		el('label', {className: 'name', htmlFor: `slider-${index}`}, el('span', {}, slider.label), output),
		track
	);
	const place = () => {
		const value = valueOf(slider),
			at = texts.indexOf(value),
			position = page.positions[index]?.position;
		if (at >= 0) input.value = at;
		else if (position !== null && position !== undefined)
			input.value = Math.round(position * (texts.length - 1));
		output.textContent = value;
		const standing = value === slider.fallback ? `${value}, the default` : value;
		if (input.getAttribute('aria-valuetext') !== standing) input.setAttribute('aria-valuetext', standing);
		box.classList.toggle('moved', value !== slider.fallback);
	};
	return {box, place};
}

function choiceOf(slider, index) {
	const radios = slider.choices.map((choice) => {
		const input = el('input', {type: 'radio', name: `slider-${index}`, value: choice});
		input.addEventListener('change', () => moveTo(index, choice));
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

/* Shows the settings as they are now. */
export function placeAll() {
	widgets.forEach((widget) => widget.place());
	const bare = new Map(page.settings);
	bare.delete('run.seed');
	const which = page.about.presets.findIndex((preset) => same(stateOf(preset), bare));
	if (which < 0 && bare.size) yours = new Map(page.settings);
	renew($('presets'), [which, yours !== null], () => [
		...page.about.presets.map((preset, i) =>
			el('button', {
				type: 'button',
				ariaPressed: String(i === which),
				textContent: preset.name,
				onclick: () => {
					page.change(stateOf(preset));
					$('presets').children[i]?.focus();
				},
			})
		),
		...(yours
			? [
					el('button', {
						type: 'button',
						ariaPressed: String(which < 0 && bare.size > 0),
						textContent: 'yours',
						onclick: () => page.change(new Map(yours)),
					}),
				]
			: []),
	]);
	$('says').textContent = page.about.presets[which]?.says || '';
	$('reset').disabled = page.settings.size === 0;
}

/* Makes them; `onMove` is called when a slider has changed the settings, which happens many times a second. */
export function makeControls(onMove) {
	moved = onMove;
	widgets = page.about.sliders.map((slider, index) =>
		slider.scale === 'choice' ? choiceOf(slider, index) : rangeOf(slider, index)
	);
	$('sliders').replaceChildren(...widgets.map((widget) => widget.box));
	$('controls').hidden = false;
}
