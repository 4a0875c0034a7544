/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slowest request, to step through. It stands still until somebody says otherwise. */
import {$, el} from './dom.js';
import {page} from './state.js';
import {scene, unfold} from './scene.js';

const STEP_MS = 1200;

export const player = {which: 0, step: 0, timer: 0, told: '', unfolded: null};

export function journeys() {
	const list = page.results.journeys.filter(Boolean);
	$('why').hidden = list.length === 0;
	const told = JSON.stringify(list);
	if (told === player.told) return;
	player.told = told;
	player.which = Math.min(player.which, Math.max(0, list.length - 1));
	player.step = 0;
	stop();
	showJourney();
}

function showJourney() {
	const list = page.results.journeys.filter(Boolean),
		journey = list[player.which];
	if (!journey) return;
	player.unfolded = unfold(journey);
	const {steps, hidden} = player.unfolded,
		button = (name, textContent, ariaLabel, onclick) =>
			el('button', {type: 'button', id: name, textContent, ariaLabel, onclick});
	$('journey').replaceChildren(
		list.length > 1
			? el(
					'div',
					{className: 'tabs', role: 'group', ariaLabel: 'Of which variant'},
					...list.map((each, i) =>
						el('button', {
							type: 'button',
							ariaPressed: String(i === player.which),
							textContent: each.variant,
							onclick: () => {
								player.which = i;
								player.step = 0;
								stop();
								showJourney();
								$('journey')
									.querySelectorAll('.tabs button')
									[i].focus();
							},
						})
					)
				)
			: '',
		el(
			'p',
			{className: 'told'},
			`A ${journey.kind} of ${journey.variant} took ${journey.took_text}, longest of all. Step by step:`
		),
		el('div', {className: 'scene', id: 'scene'}),
		el(
			'div',
			{className: 'player', role: 'group', ariaLabel: 'Step through'},
			button('journey-first', '❘◀', 'back to the start', () => stepTo(0)),
			button('journey-back', '◀', 'one step back', () => stepTo(player.step - 1)),
			button('journey-play', '▶ Play', 'play', play),
			button('journey-forward', '▶❘', 'one step forward', () => stepTo(player.step + 1)),
			el('span', {className: 'where', id: 'where'})
		),
		el('p', {className: 'now', id: 'now', ariaLive: 'polite'}),
		journey.dropped || hidden
			? el('p', {className: 'about-it footing'}, 'The shortest steps are left out.')
			: ''
	);
	$('journey-forward').disabled = steps.length === 0;
	stepTo(player.step);
}

export function stepTo(step) {
	const journey = page.results.journeys.filter(Boolean)[player.which],
		{steps} = player.unfolded;
	player.step = Math.max(0, Math.min(steps.length, step));
	$('scene').replaceChildren(
		scene(journey, player.unfolded, player.step, Math.max(300, $('scene').clientWidth - 18))
	);
	const now = steps[player.step - 1];
	$('now').replaceChildren(
		...(now
			? [el('b', {}, `After ${now.at_text}: `), [now.part, now.what].filter(Boolean).join(' ')]
			: [el('b', {}, 'It arrives.')])
	);
	$('where').textContent = `step ${player.step} of ${steps.length}`;
	$('journey-back').disabled = $('journey-first').disabled = player.step === 0;
	$('journey-forward').disabled = player.step === steps.length;
	if (player.step === steps.length) stop();
}

export function play() {
	if (player.timer) return stop();
	if (player.step === player.unfolded.steps.length) stepTo(0);
	player.timer = setInterval(() => stepTo(player.step + 1), STEP_MS);
	$('journey-play').textContent = '❚❚ Pause';
	$('journey-play').setAttribute('aria-label', 'pause');
	return undefined;
}

function stop() {
	clearInterval(player.timer);
	player.timer = 0;
	if ($('journey-play')) {
		$('journey-play').textContent = '▶ Play';
		$('journey-play').setAttribute('aria-label', 'play');
	}
}
