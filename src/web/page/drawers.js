/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in drawers below the figure: its table, link and picture, a bet, parameters and their sources. */
import {$, copy, el, renew} from './dom.js';
import {picture} from './picture.js';
import {fragment, link, page} from './state.js';

const root = document.documentElement;

export function showTable() {
	const table = page.results.figures[page.chosen]?.table;
	if (table)
		renew($('table-inside'), table, () => [
			el(
				'table',
				{className: 'data'},
				el(
					'thead',
					{},
					el('tr', {}, ...table.columns.map((name) => el('th', {scope: 'col'}, name)))
				),
				el(
					'tbody',
					{},
					...table.rows.map((row) =>
						el(
							'tr',
							{},
							...row.map((cell, i) =>
								el(i ? 'td' : 'th', i ? {} : {scope: 'row'}, cell)
							)
						)
					)
				)
			),
		]);
}

function save(blob, name) {
	const anchor = el('a', {href: URL.createObjectURL(blob), download: name});
	anchor.click();
	setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
}

/* The present state as a picture with its link printed in it. */
function drawn(isDark = false) {
	const figure = page.results.figures[page.chosen];
	return picture(figure, page.results.ghosts[page.chosen], {
		isDark,
		height: 450,
		title: page.results.sentence,
		footer: [
			`${page.about.case} · seed ${page.results.seed} · ${page.results.replications} replications · casebook ${page.about.version} · ${page.results.digest}`,
			link().slice(0, 140),
		],
	});
}

const toSvg = () => save(new Blob([drawn()], {type: 'image/svg+xml'}), `${page.about.case}.svg`);

function toPng() {
	const image = new Image(),
		url = URL.createObjectURL(new Blob([drawn()], {type: 'image/svg+xml'}));
	image.onload = () => {
		const canvas = el('canvas', {width: image.width * 2, height: image.height * 2});
		canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
		URL.revokeObjectURL(url);
		canvas.toBlob((blob) => save(blob, `${page.about.case}.png`), 'image/png');
	};
	image.src = url;
}

function frameOf() {
	const address = location.href.split('#')[0].split('?')[0] + '?embed' + fragment();
	return `<iframe src="${address.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}" title="${page.about.case}" width="100%" height="720" style="border:0" loading="lazy"></iframe>`;
}

export function share() {
	const row = (label, value, name) => {
		const input = el('input', {type: 'text', readOnly: true, value, id: name});
		const button = el('button', {type: 'button', textContent: 'Copy'});
		button.addEventListener('click', () => copy(input.value, button));
		return el(
			'div',
			{},
			el('label', {htmlFor: name, className: 'small-head'}, label),
			el('div', {className: 'row'}, input, button)
		);
	};
	renew($('share-inside'), [link()], () => [
		row('Link to what is shown', link(), 'share-link'),
		el(
			'div',
			{className: 'row'},
			el('button', {type: 'button', id: 'share-svg', textContent: 'Picture as SVG', onclick: toSvg}),
			el('button', {type: 'button', id: 'share-png', textContent: 'Picture as PNG', onclick: toPng})
		),
		row(
			'For a post (HTML, also in Hugo and Jekyll); the page tells its height by postMessage',
			frameOf(),
			'share-frame'
		),
	]);
}

/* What is guessed: the first time that the sentence tells, as it is measured by default. */
export function bet() {
	const all = page.results.variants.flatMap((variant) =>
		variant.metrics
			.filter((metric) => metric.kind === 'time')
			.map((metric) => ({
				variant: variant.name,
				metric: metric.metric,
				term: metric.terms.find((term) => term.statistic === 'p99' && term.value !== null),
			}))
	);
	const asked =
		all.find((entry) => entry.term && page.about.sentence.includes(`(${entry.metric})`)) ||
		all.find((entry) => entry.term);
	$('bet').hidden = !asked;
	if (!asked) return;
	const input = el('input', {type: 'text', id: 'bet-guess', inputMode: 'decimal', placeholder: 'e.g. 30 ms'}),
		answer = el('p', {role: 'status'});
	const button = el('button', {type: 'submit', textContent: 'Show me'});
	const form = el('form', {className: 'row'}, input, button);
	const over = () => root.classList.remove('betting');
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		over();
		answer.textContent = `You said ${input.value.trim() || 'nothing'}. It is ${asked.term.text}.`;
	});
	$('bet').addEventListener('toggle', () => {
		root.classList.toggle('betting', $('bet').open && !answer.textContent);
		if ($('bet').open) input.focus({preventScroll: true});
	});
	$('bet-inside').replaceChildren(
		el(
			'label',
			{htmlFor: 'bet-guess'},
			`One in a hundred takes longer than what (p99 of ${asked.metric}, ${asked.variant})? The numbers are covered until you have said it.`
		),
		form,
		answer
	);
}

export function sources() {
	const kinds = ['published', 'calibrated', 'derived', 'assumption'];
	const counts = kinds
		.map((kind) => [kind, page.about.parameters.filter((parameter) => parameter.kind === kind).length])
		.filter(([, count]) => count);
	const cited = Object.entries(page.about.sources);
	return [
		el(
			'p',
			{},
			...counts.flatMap(([kind, count]) => [
				el('span', {className: `badge ${kind}`}, `${kind}: ${count}`),
				' ',
			])
		),
		el(
			'div',
			{className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: 'Parameters'},
			el(
				'table',
				{className: 'data'},
				el(
					'thead',
					{},
					el(
						'tr',
						{},
						...['parameter', 'value', 'known from', 'what it is'].map((head) =>
							el('th', {scope: 'col'}, head)
						)
					)
				),
				el(
					'tbody',
					{},
					...page.about.parameters.map((parameter) =>
						el(
							'tr',
							{},
							el('th', {scope: 'row', className: 'key'}, parameter.key),
							el('td', {}, parameter.value),
							el(
								'td',
								{},
								parameter.kind
									? el(
											'span',
											{
												className: `badge ${parameter.kind}`,
											},
											parameter.kind
										)
									: '',
								parameter.evidence
									? ' ' +
											parameter.evidence.replace(
												new RegExp(
													`^${parameter.kind}:? ?`
												),
												''
											)
									: ''
							),
							el('td', {}, parameter.help || '')
						)
					)
				)
			)
		),
		...(cited.length
			? [el('ul', {}, ...cited.map(([key, text]) => el('li', {}, el('b', {}, key), ` ${text}`)))]
			: []),
		el(
			'p',
			{className: 'about-it footing'},
			`A smaller setup than that of the command line answers here: ${page.about.setup.map(([key, value]) => `${key} = ${value}`).join(', ') || 'none'}.`
		),
	];
}
