/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journey of a request (web.h, JOURNEY) as a space-time diagram: time goes to the right, a row is a place: the
 * request itself and every span within it, or where there are no spans every part that it has met. One steps through
 * it; nothing moves by itself until somebody says so.
 *
 * A step is told at one instant. What was served, or has been done, took the time before it, "served in 24.6 ms"; what
 * stops or answers later takes the time after it, "paused for 56 ms"; a wait lasts until something else begins in its
 * row; all else is a moment.
 */
const SVG = 'http://www.w3.org/2000/svg';
const ROW = 30,
	ROWS_MAX = 24;
const UNITS = {ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9};

function lasts(what) {
	const match = /([\d.]+) (ns|us|ms|s|min|h)\)?$/.exec(what);
	return match ? Number(match[1]) * UNITS[match[2]] : 0;
}

const isOver = (what) => /^(served|granted|has )/.test(what);
const isWait = (what) => /^(waits|follows|stalls|lets|is fetching)/.test(what);

/* Fills {from, until} of the steps of one row, which are in order of time, of a row that ends at `end`. */
function stretch(steps, end) {
	for (const step of steps) {
		const took = lasts(step.what);
		step.from = isOver(step.what) ? Math.max(0, step.at - took) : step.at;
		step.until = isOver(step.what) ? step.at : step.at + took;
	}
	steps.forEach((step, i) => {
		if (isWait(step.what)) step.until = Math.max(step.at, i + 1 < steps.length ? steps[i + 1].from : end);
	});
}

/* Rows, {name, depth, from, to}, and the steps in order of time, {at, from, until, row, part, what, at_text}. */
export function unfold(journey) {
	const rows = [],
		steps = [];
	const add = (span, depth, name) => {
		const row = rows.length,
			from = depth ? span.begin : 0;
		rows.push({name, depth, from, to: from + span.took});
		for (const step of span.steps) steps.push({...step, row});
		for (const inner of span.spans || []) add(inner, depth + 1, inner.kind);
	};
	add(journey, 0, journey.kind);
	const parts = [...new Set(steps.map((step) => step.part))];
	if (rows.length === 1 && parts.length > 1) {
		rows.push(...parts.map((name) => ({name, depth: 1, from: 0, to: 0, end: journey.took})));
		for (const step of steps) step.row = 1 + parts.indexOf(step.part);
	}
	rows.forEach((row, i) =>
		stretch(
			steps.filter((step) => step.row === i),
			row.end ?? row.to
		)
	);
	steps.sort((a, b) => a.at - b.at || a.row - b.row);
	return {
		rows: rows.slice(0, ROWS_MAX),
		steps: steps.filter((step) => step.row < ROWS_MAX),
		hidden: rows.length > ROWS_MAX,
	};
}

function node(name, attributes = {}, text = null) {
	const element = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	if (text !== null) element.textContent = text;
	return element;
}

const shorten = (text, letters) => (text.length > letters ? text.slice(0, Math.floor(letters) - 2) + '…' : text);

/* How a step is drawn: the present one, the longest of all, those that are past, those to come. */
function paint(isNow, isLongest, isPast) {
	if (isNow) return {fill: 'var(--blue-soft)', stroke: 'var(--blue)', text: 'var(--blue)', width: 2.5};
	if (isLongest) return {fill: 'var(--no-soft)', stroke: 'var(--no)', text: 'var(--no)', width: 1.5};
	return {fill: isPast ? 'var(--shade)' : 'var(--paper)', stroke: 'var(--edge)', text: 'var(--muted)', width: 1};
}

function drawRow(svg, row, top, left, right, x) {
	const letters = (left - 8 * row.depth) / 6.8;
	svg.append(node('text', {x: 4 + 8 * row.depth, y: top + 15, fill: 'var(--ink)'}, shorten(row.name, letters)));
	svg.append(node('path', {d: `M${left} ${top + 11}H${right}`, stroke: 'var(--grid)'}));
	if (row.to > row.from) {
		const width = Math.max(2, x(row.to) - x(row.from));
		svg.append(node('rect', {x: x(row.from), y: top + 1, width, height: 20, rx: 3, fill: 'var(--shade)'}));
	}
}

function drawStep(svg, step, top, x, {fill, stroke, text, width}) {
	const from = x(step.from),
		to = x(step.until),
		words = `${step.at_text}: ${step.part} ${step.what}`;
	const moment = {d: `M${to} ${top + 3}l5 8l-5 8l-5 -8z`};
	const stretch = {x: from, y: top + 3, width: Math.max(3, to - from), height: 16, rx: 2};
	const shape = step.until > step.from ? node('rect', stretch) : node('path', moment);
	for (const [key, value] of Object.entries({fill, stroke, 'stroke-width': width}))
		shape.setAttribute(key, value);
	shape.append(node('title', {}, words));
	svg.append(shape);
	if (step.what.length * 6.6 + 10 < to - from)
		svg.append(node('text', {x: from + 6, y: top + 15, 'font-size': 11, fill: text}, step.what));
}

/* The diagram after `current` steps (0: nothing has happened yet). */
export function scene(journey, {rows, steps}, current, width) {
	const longestName = Math.max(...rows.map((row) => row.name.length + row.depth));
	const left = Math.min(width < 520 ? 120 : 170, 20 + 7.2 * longestName),
		right = width - 14;
	const height = 12 + rows.length * ROW + 26,
		span = Math.max(journey.took, 1);
	const x = (ns) => left + (right - left) * Math.min(1, Math.max(0, ns / span));
	const top = (row) => 10 + row * ROW;
	const svg = node('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'font-size': 12});
	svg.append(node('title', {}, `${journey.kind} of ${journey.label}, ${journey.took_text}`));
	rows.forEach((row, i) => drawRow(svg, row, top(i), left, right, x));
	const length = (step) => step.until - step.from;
	const longest = steps.reduce((best, step) => (length(step) > length(best) ? step : best), {from: 0, until: 0});
	steps.forEach((step, i) => {
		const before = steps[i - 1];
		if (before && before.row !== step.row && i < current) {
			const d = `M${x(step.at)} ${top(before.row) + 11}V${top(step.row) + 11}`;
			svg.append(
				node('path', {
					d,
					stroke: i === current - 1 ? 'var(--blue)' : 'var(--ghost)',
					fill: 'none',
				})
			);
		}
		drawStep(svg, step, top(step.row), x, paint(i === current - 1, step === longest, i < current));
	});
	if (current > 0) {
		const d = `M${x(steps[current - 1].at)} 4V${height - 22}`;
		svg.append(node('path', {d, stroke: 'var(--blue)', 'stroke-dasharray': '2 3'}));
	}
	svg.append(node('text', {x: left, y: height - 6, fill: 'var(--muted)'}, '0'));
	svg.append(
		node('text', {x: right, y: height - 6, fill: 'var(--muted)', 'text-anchor': 'end'}, journey.took_text)
	);
	return svg;
}
