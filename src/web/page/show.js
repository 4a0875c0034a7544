/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results become what is seen: sentence, figure with its legend, replications, the difference from the default. */
import {$, el, renew} from './dom.js';
import {alike, colours, dark, isPlot, looks} from './figure.js';
import {named} from './picture.js';
import {draw} from './plots.js';
import {showTable} from './drawers.js';
import {page} from './state.js';

/* The sentence with its values in bold: the template tells which parts of it are values. */
function sentence(text) {
	const literal = page.about.sentence
		.split(/\{[^}]*\}/)
		.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	const match = new RegExp(`^(${literal.join(')(.*?)(')})$`, 's').exec(text);
	return match ? match.slice(1).map((part, i) => (i % 2 ? el('b', {}, part) : part)) : [text];
}

function size() {
	const width = Math.floor($('plot').clientWidth);
	return [width, width >= 560 ? Math.round(Math.min(460, Math.max(300, width * 0.54))) : 220];
}

function legend(figure, cursor) {
	const look = looks(figure, colours(dark())),
		[width] = size();
	const ghost = page.results.ghosts[page.chosen],
		swatch = (color, dash, dots) => {
			const NS = 'http://www.w3.org/2000/svg',
				svg = document.createElementNS(NS, 'svg'),
				line = document.createElementNS(NS, 'path');
			svg.setAttribute('aria-hidden', 'true');
			line.setAttribute('d', 'M0 4H24');
			line.setAttribute('stroke', color);
			line.setAttribute('stroke-width', dots ? 4 : 2.5);
			line.setAttribute('stroke-dasharray', dots ? '4 6' : dash.join(' '));
			svg.append(line);
			return svg;
		};
	const atEnds = isPlot(figure) && named(figure, width) && !cursor,
		names = atEnds ? [] : figure.series.map((series, i) => [series.label, look[i]]);
	renew($('legend'), [names, cursor, Boolean(ghost), dark(), figure.kind], () => [
		...names.map(([label, {color, dash, line}], i) =>
			el(
				'span',
				{},
				swatch(color, dash, !line),
				el('span', {}, label),
				cursor
					? el('b', {className: 'values', textContent: cursor.series[i]?.text ?? ''})
					: null
			)
		),
		...(ghost ? [el('span', {}, swatch('var(--ghost)', [2, 3], false), el('span', {}, 'by default'))] : []),
		...(cursor ? [el('span', {className: 'values'}, `at ${cursor.x}`)] : []),
	]);
}

/* What is and what is by default, on the same axes. */
export const shownFigure = () => alike(page.results.figures[page.chosen], page.results.ghosts[page.chosen] ?? null);

export function showFigure() {
	if (!page.results.figures[page.chosen]) return;
	const [figure, ghost] = shownFigure();
	$('finished').hidden = true;
	$('live').hidden = $('legend').hidden = $('figure-head').hidden = false;
	$('live').setAttribute('role', 'img');
	$('live').setAttribute('aria-label', figure.description || figure.title);
	renew($('figure-head'), [figure.y.title, page.about.figures, page.chosen], () => [
		figure.y.title || figure.title,
		...(page.results.figures.length > 1
			? page.results.figures.map((each, i) =>
					el('button', {
						type: 'button',
						ariaPressed: String(i === page.chosen),
						textContent: each.name,
						onclick: () => {
							page.chosen = i;
							showFigure();
						},
					})
				)
			: []),
	]);
	draw($('live'), figure, ghost, ...size(), (cursor) => legend(figure, cursor));
	legend(figure, null);
	if ($('table').open) showTable();
}

const shaded = () =>
	page.results.figures[page.chosen]?.series.some((series) => series.points.some((point) => point[2] !== null));

function showProgress(done) {
	const {replications, of, exact} = page.results;
	$('progress').hidden = false;
	renew($('reps'), [replications, of], () =>
		of > 1 && of <= 40
			? Array.from({length: of}, (_, i) => el('i', {className: i < replications ? 'in' : ''}))
			: []
	);
	const many = `${replications} replication${replications === 1 ? '' : 's'}`;
	const words = [
		exact
			? 'Nothing random was drawn: one run is exact'
			: done
				? many + (shaded() ? ', shaded: 95 % intervals' : '')
				: `${replications} of ${of} replications`,
	];
	if (!exact && page.results.budget) words.push('as many as this page has time for');
	if (!exact && page.results.seed !== page.about.seed) words.push(`seed ${page.results.seed}`);
	for (const variant of page.results.variants)
		if (variant.ways)
			words.push((page.results.variants.length > 1 ? variant.label + ' ' : '') + variant.ways.text);
	$('progress-text').textContent = words.join(' · ');
}

/* "p99(response)[a] is 4 ms, twice the default": the value first, the expression behind it, small. */
function showDifferences() {
	const told = page.results.differences.filter((difference) => difference.text).slice(0, 4);
	const line = ({term, text, value, verdict}) => {
		const head = `${term} is ${value}`;
		const words = text.startsWith(head) ? [el('b', {}, value), text.slice(head.length)] : [text];
		return el('p', {className: verdict}, ...words, ' ', el('code', {}, term));
	};
	$('differences').hidden = told.length === 0;
	renew($('differences'), told, () => told.map(line));
}

/* All of it; `done`: nothing more will come in of this state. */
export function showResults(done) {
	$('sentence').replaceChildren(...sentence(page.results.sentence));
	showFigure();
	showProgress(done);
	showDifferences();
	$('command').textContent = page.results.command;
	const {seed, replications, digest} = page.results;
	$('footing').textContent = `seed ${seed} · replications: ${replications} · digest ${digest}`;
}
