/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figure that moves: the picture of it, drawn anew with whatever comes in, and what is read off at the cursor. */
import {colours, dark, isPlot, looks, say} from './figure.js';
import {named, picture, under} from './picture.js';

let shown = null; /* {figure, size, svg, cursor} */

const NS = 'http://www.w3.org/2000/svg';
function add(name, attributes) {
	const element = document.createElementNS(NS, name);
	for (const [key, value] of Object.entries({class: 'cursor', ...attributes})) element.setAttribute(key, value);
	shown.svg.append(element);
}

function leave() {
	shown.svg.querySelectorAll('.cursor').forEach((element) => element.remove());
}

/* What every line says at the cursor; of a line without a point there, its nearest. */
function point(event) {
	const {figure, size, svg, cursor} = shown,
		place = svg.getBoundingClientRect();
	const found = under(figure, size, ((event.clientX - place.left) * size.width) / place.width);
	leave();
	if (!found) return;
	const look = looks(figure, colours(dark()));
	const d = `M${found.at} ${found.top}V${found.bottom}`;
	add('path', {d, stroke: 'var(--muted)', 'stroke-dasharray': '4 3'});
	found.points.forEach((each, i) => {
		if (each) add('circle', {cx: each[2], cy: each[3], r: 3.5, fill: look[i].color});
	});
	cursor({
		x: say(figure.x, found.x),
		series: figure.series.map(({label}, i) => ({
			label,
			text: found.points[i] ? say(figure.y, found.points[i][1]) : '-',
		})),
	});
}

/*
 * Draws a figure into `element`, which is `width` wide. `ghost` (may be null) is the same figure by default, on the
 * same axes. `cursor` is told what is read off, or null.
 */
export function draw(element, figure, ghost, width, height, cursor) {
	const size = {
		width: Math.max(width, 320),
		height,
		named: isPlot(figure) ? named(figure, width) : figure.kind !== 'bars',
	};
	const text = picture(figure, ghost, {...size, isDark: dark(), paper: false, alone: true});
	const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
	const svg = document.importNode(parsed.documentElement, true);
	element.replaceChildren(svg);
	shown = {figure, size, svg, cursor};
	if (!isPlot(figure)) return;
	svg.addEventListener('pointermove', point);
	svg.addEventListener('pointerleave', () => {
		leave();
		cursor(null);
	});
}
