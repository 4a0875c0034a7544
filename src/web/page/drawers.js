/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in drawers below the figure: its table, link and picture, a bet, parameters and their sources. */
import {$, copy, el, renew, tableOf} from './dom.js';
import {picture} from './picture.js';
import {alike} from './figure.js';
import {fragment, labelOf, link, page} from './state.js';

/* ---- the plot as a table ---- */

export function showTable() {
	const table = page.results.figures[page.chosen]?.table;
	if (table) renew($('table-inside'), table, () => [tableOf('data', table.columns, table.rows)]);
}

/* ---- link, picture, embedding ---- */

function save(blob, name) {
	const anchor = el('a', {href: URL.createObjectURL(blob), download: name});
	anchor.click();
	setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
}

/* The present state as a picture with its link printed in it. */
function drawn() {
	const {results, about, chosen} = page;
	const made = [
		about.case,
		`seed ${results.seed}`,
		`${results.replications} replications`,
		`casebook ${about.version}`,
		results.digest,
	];
	const address = link();
	return picture(...alike(results.figures[chosen], results.ghosts[chosen] ?? null), {
		height: 450,
		title: results.sentence,
		footer: [made.join(' · '), address.length > 140 ? `${address.slice(0, 139)}…` : address],
	});
}

function saveSvg() {
	save(new Blob([drawn()], {type: 'image/svg+xml'}), `${page.about.case}.svg`);
}

/* Twice as many pixels as it has points, for dense screens. */
function savePng() {
	const image = new Image();
	const address = URL.createObjectURL(new Blob([drawn()], {type: 'image/svg+xml'}));
	image.onload = () => {
		const canvas = el('canvas', {width: image.width * 2, height: image.height * 2});
		canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
		URL.revokeObjectURL(address);
		canvas.toBlob((blob) => save(blob, `${page.about.case}.png`), 'image/png');
	};
	image.src = address;
}

function frameOf() {
	const attribute = (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
	const address = location.href.split('#')[0].split('?')[0] + '?embed' + fragment();
	const title = attribute(page.about.case);
	return (
		`<iframe src="${attribute(address)}" title="${title}" ` +
		'width="100%" height="720" style="border:0" loading="lazy"></iframe>'
	);
}

function copied(label, value, id) {
	const input = el('input', {type: 'text', readOnly: true, value, id});
	const button = el('button', {type: 'button', textContent: 'Copy', ariaLabel: `Copy: ${label}`});
	button.addEventListener('click', () => copy(input.value, button));
	return el(
		'div',
		{},
		el('label', {htmlFor: id, className: 'small-head'}, label),
		el('div', {className: 'row'}, input, button)
	);
}

export function share() {
	const button = (id, textContent, onclick) => el('button', {type: 'button', id, textContent, onclick});
	renew($('share-inside'), [link()], () => [
		copied('Link to what is shown', link(), 'share-link'),
		el(
			'div',
			{className: 'row'},
			button('share-svg', 'Picture as SVG', saveSvg),
			button('share-png', 'Picture as PNG', savePng)
		),
		copied('For a post, as HTML; the page tells its height by postMessage', frameOf(), 'share-frame'),
	]);
}

/* ---- a bet ---- */

/* What is guessed: a p99 that the sentence tells of, as it is by default; or any. */
function asked() {
	const all = page.results.variants.flatMap((variant) =>
		variant.metrics
			.filter((metric) => metric.kind === 'time')
			.map(({metric, terms}) => ({
				metric,
				variant: variant.label,
				term: terms.find((term) => term.statistic === 'p99' && term.value !== null),
			}))
	);
	const told = (entry) => entry.term && page.about.sentence.includes(`(${entry.metric})`);
	return all.find(told) || all.find((entry) => entry.term);
}

/* While the drawer is open and nothing has been said, the style sheet covers what would give it away. */
export function bet() {
	const what = asked();
	$('bet').hidden = !what;
	if (!what) return;
	const input = el('input', {type: 'text', id: 'bet-guess', inputMode: 'decimal', placeholder: 'e.g. 30 ms'});
	const answer = el('p', {role: 'status'});
	const form = el('form', {className: 'row'}, input, el('button', {type: 'submit', textContent: 'Show me'}));
	const cover = () => document.documentElement.classList.toggle('betting', $('bet').open && !answer.textContent);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		answer.textContent = `You said ${input.value.trim() || 'nothing'}. It is ${what.term.text}.`;
		cover();
	});
	$('bet').addEventListener('toggle', () => {
		cover();
		if ($('bet').open) input.focus({preventScroll: true});
	});
	$('bet-inside').replaceChildren(
		el(
			'label',
			{htmlFor: 'bet-guess'},
			`One in a hundred takes longer than what (p99 of ${what.metric}, ${what.variant})? `,
			'The numbers are covered until you have said it.'
		),
		form,
		answer
	);
}

/* ---- parameters and their sources ---- */

const badge = (kind, text) => el('span', {className: `badge ${kind}`}, text);

/* "published [DT23]: 177 nodes", with its first word as a badge. */
function evidence({kind, evidence: text}) {
	if (!kind) return el('span', {}, text || '');
	const rest = (text || '').startsWith(kind) ? text.slice(kind.length).replace(/^:/, '') : ` ${text || ''}`;
	return el('span', {}, badge(kind, kind), rest);
}

/* What a reader can change here, and what claims and the page's setup change. */
function touchedKeys() {
	const {sliders, presets, claims, setup} = page.about;
	const pairs = [setup, ...presets.map((preset) => preset.set), ...claims.map((claim) => claim.without || [])];
	const keys = pairs.flat().map(([key]) => key);
	return new Set([...sliders.map((slider) => slider.key), ...keys, ...page.settings.keys()]);
}

export function sources() {
	const {parameters, sources: titles, setup} = page.about;
	const counts = ['published', 'calibrated', 'derived', 'assumption']
		.map((kind) => [kind, parameters.filter((parameter) => parameter.kind === kind).length])
		.filter(([, count]) => count > 0);
	const row = (parameter) => [
		el('span', {className: 'key'}, parameter.key),
		parameter.value,
		evidence(parameter),
		labelOf(parameter.key) === parameter.key
			? parameter.help || ''
			: `${labelOf(parameter.key)}: ${parameter.help || ''}`,
	];
	const table = (list) =>
		el(
			'div',
			{className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: 'Parameters'},
			tableOf(
				'data',
				['parameter', 'value', 'known from', 'what it is'],
				list.map(row)
			)
		);
	const touched = touchedKeys(),
		first = parameters.filter((parameter) => touched.has(parameter.key)),
		others = parameters.filter((parameter) => !touched.has(parameter.key));
	const named = Object.entries(titles),
		rest = `${first.length ? 'The other' : 'All'} ${others.length} parameters`;
	const laid = setup.map(([key, value]) => `${key} = ${value}`).join(', ');
	return [
		el('p', {}, ...counts.flatMap(([kind, count]) => [badge(kind, `${kind}: ${count}`), ' '])),
		first.length ? table(first) : '',
		others.length
			? el(
					'details',
					{open: first.length === 0},
					el('summary', {}, rest),
					table(others)
				)
			: '',
		named.length
			? el('ul', {}, ...named.map(([key, title]) => el('li', {}, el('b', {}, key), ` ${title}`)))
			: '',
		laid
			? el(
					'p',
					{className: 'footing'},
					`So that it answers at once, the page runs a smaller setup: ${laid}.`
				)
			: '',
	];
}
