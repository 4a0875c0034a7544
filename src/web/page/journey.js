/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slowest request of each variant, to step through. It stands still until somebody says otherwise. */
import {$, el} from './dom.js';
import {page} from './state.js';
import {scene, unfold} from './scene.js';

const STEP_MS = 1200;

let list = [],
	told = ''; /* the journeys, and the same as a text */
let which = 0,
	step = 0,
	timer = 0;
let unfolded = null; /* the one that is shown */

/* Takes those of the results; a journey that is shown already stays where it is. */
export function journeys() {
	const now = JSON.stringify(page.results.journeys);
	if (now === told) return;
	told = now;
	list = page.results.journeys.filter(
		(journey) => journey && journey.took > 0 && (journey.steps.length > 0 || journey.spans.length > 0)
	);
	$('why').hidden = list.length === 0;
	show(Math.max(0, Math.min(which, list.length - 1)));
}

/* Whether there is one to step through. */
export const walks = () => list.length > 0;

function tabs() {
	const tab = (journey, i) =>
		el('button', {
			type: 'button',
			ariaPressed: String(i === which),
			textContent: journey.label,
			onclick: () => {
				show(i);
				$('journey').querySelectorAll('.tabs button')[i].focus();
			},
		});
	return el('div', {className: 'tabs', role: 'group', ariaLabel: 'Of which variant'}, ...list.map(tab));
}

function player() {
	const button = (id, textContent, ariaLabel, onclick) =>
		el('button', {type: 'button', id, textContent, ariaLabel, onclick});
	return el(
		'div',
		{className: 'player', role: 'group', ariaLabel: 'Step through'},
		button('journey-first', '❘◀', 'back to the start', () => stepTo(0)),
		button('journey-back', '◀', 'one step back', () => stepBy(-1)),
		button('journey-play', '▶ Play', 'play', play),
		button('journey-forward', '▶❘', 'one step forward', () => stepBy(1)),
		el('span', {className: 'where', id: 'where'})
	);
}

function show(number) {
	which = number;
	stop();
	if (!walks()) return;
	const {kind, label, took_text: took, dropped} = list[which];
	unfolded = unfold(list[which]);
	const left = dropped || unfolded.hidden ? 'Its shortest steps are left out.' : '';
	$('journey').replaceChildren(
		list.length > 1 ? tabs() : '',
		el('p', {className: 'told'},
			`${label}: the longest ${kind} of the first replication took ${took}. ${left}`),
		el('div', {className: 'scene', id: 'scene'}),
		player(),
		el('p', {className: 'now', id: 'now', ariaLive: 'polite'})
	);
	stepTo(0);
}

export function stepTo(number) {
	const {steps} = unfolded;
	step = Math.max(0, Math.min(steps.length, number));
	$('scene').replaceChildren(scene(list[which], unfolded, step, Math.max(300, $('scene').clientWidth - 18)));
	const now = steps[step - 1];
	const words = now
		? [el('b', {}, `After ${now.at_text}: `), `${now.part} ${now.what}`]
		: [el('b', {}, 'It arrives.')];
	$('now').replaceChildren(...words);
	$('where').textContent = `step ${step} of ${steps.length}`;
	$('journey-back').disabled = $('journey-first').disabled = step === 0;
	$('journey-forward').disabled = step === steps.length;
	if (step === steps.length) stop();
}

export const stepBy = (steps) => stepTo(step + steps);

/* Draws it anew, after the page has become wider or narrower. */
export function redraw() {
	if (walks()) stepTo(step);
}

export function play() {
	if (timer) {
		stop();
		return;
	}
	if (step === unfolded.steps.length) stepTo(0);
	timer = setInterval(() => stepBy(1), STEP_MS);
	$('journey-play').textContent = '❚❚ Pause';
	$('journey-play').setAttribute('aria-label', 'pause');
}

function stop() {
	clearInterval(timer);
	timer = 0;
	$('journey-play')?.replaceChildren('▶ Play');
	$('journey-play')?.setAttribute('aria-label', 'play');
}
