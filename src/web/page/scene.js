/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journey of a request (web.h, JOURNEY) as a space-time diagram: time goes to the right, a row is a place: the
 * request itself and every span within it, or where there are no spans every part that it has met. A step is drawn from
 * when it began until the next one of its row. One steps through it; nothing moves by itself until somebody says so.
 */
const SVG = 'http://www.w3.org/2000/svg',
	ROW = 30,
	ROWS_MAX = 24;

function node(name, attributes = {}, text = null) {
	const element = document.createElementNS(SVG, name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	if (text !== null) element.textContent = text;
	return element;
}

/* Rows, {name, depth, from, to}, and the steps in order of time, {at, until, row, part, what, at_text}. */
export function unfold(journey) {
	const rows = [],
		steps = [];
	const add = (span, depth, start, name) => {
		const row = rows.length;
		rows.push({name, depth, from: start, to: start + span.took, took: span.took_text});
		span.steps.forEach((step, i) =>
			steps.push({
				...step,
				row,
				until: i + 1 < span.steps.length ? span.steps[i + 1].at : start + span.took,
			})
		);
		for (const inner of span.spans || []) add(inner, depth + 1, inner.begin, inner.kind);
	};
	add(journey, 0, 0, journey.kind);
	if (rows.length === 1 && new Set(steps.map((step) => step.part)).size > 1) {
		const parts = [...new Set(steps.map((step) => step.part))];
		for (const part of parts) rows.push({name: part, depth: 1, from: Infinity, to: 0, took: ''});
		for (const step of steps) {
			step.row = 1 + parts.indexOf(step.part);
			rows[step.row].from = Math.min(rows[step.row].from, step.at);
			rows[step.row].to = Math.max(rows[step.row].to, step.until);
		}
	}
	steps.sort((a, b) => a.at - b.at || a.row - b.row);
	return {
		rows: rows.slice(0, ROWS_MAX),
		steps: steps.filter((step) => step.row < ROWS_MAX),
		hidden: Math.max(0, rows.length - ROWS_MAX),
	};
}

const shorten = (text, letters) => (text.length > letters ? text.slice(0, Math.floor(letters) - 2) + '…' : text);

/* The diagram after `current` steps (0: nothing has happened yet). */
export function scene(journey, unfolded, current, width) {
	const {rows, steps} = unfolded,
		narrow = width < 520;
	const left = Math.min(
			narrow ? 96 : 170,
			20 + 7.2 * Math.max(...rows.map((row) => row.name.length + row.depth))
		),
		right = 14;
	const height = 12 + rows.length * ROW + 26,
		span = Math.max(journey.took, 1);
	const x = (ns) => left + (width - left - right) * Math.min(1, Math.max(0, ns / span));
	const y = (row) => 10 + row * ROW;
	const svg = node('svg', {
		viewBox: `0 0 ${width} ${height}`,
		role: 'img',
		'font-size': 12,
		'font-family': 'inherit',
	});
	svg.append(node('title', {}, `${journey.kind} of ${journey.variant}, ${journey.took_text}`));
	rows.forEach((row, i) => {
		const label = shorten(row.name, left / 7);
		svg.append(node('text', {x: 4 + 8 * row.depth, y: y(i) + 15, fill: 'var(--ink)'}, label));
		svg.append(
			node('line', {x1: left, x2: width - right, y1: y(i) + 11, y2: y(i) + 11, stroke: 'var(--grid)'})
		);
		if (row.to > row.from)
			svg.append(
				node('rect', {
					x: x(row.from),
					y: y(i) + 1,
					width: Math.max(2, x(row.to) - x(row.from)),
					height: 20,
					rx: 3,
					fill: 'var(--shade)',
				})
			);
	});
	const longest = steps.reduce(
		(best, step, i) =>
			step.until - step.at > (best < 0 ? 0 : steps[best].until - steps[best].at) ? i : best,
		-1
	);
	steps.forEach((step, i) => {
		const past = i < current - 1,
			now = i === current - 1;
		const from = x(step.at),
			to = Math.max(from + 3, x(step.until));
		const rect = node('rect', {
			x: from,
			y: y(step.row) + 3,
			width: to - from,
			height: 16,
			rx: 2,
			fill: now
				? 'var(--blue-soft)'
				: i === longest
					? 'var(--no-soft)'
					: past
						? 'var(--shade)'
						: 'var(--paper)',
			stroke: now ? 'var(--blue)' : i === longest ? 'var(--no)' : 'var(--edge)',
			'stroke-width': now ? 2.5 : i === longest ? 1.5 : 1,
		});
		rect.append(node('title', {}, `${step.at_text}: ${step.part} ${step.what}`));
		svg.append(rect);
		if (step.what.length * 6.6 + 10 < to - from)
			svg.append(
				node(
					'text',
					{
						x: from + 6,
						y: y(step.row) + 15,
						'font-size': 11,
						fill: now
							? 'var(--blue)'
							: i === longest
								? 'var(--no)'
								: 'var(--muted)',
					},
					step.what
				)
			);
		if (i > 0 && steps[i - 1].row !== step.row && i < current)
			svg.append(
				node('path', {
					d: `M${x(step.at)} ${y(steps[i - 1].row) + 11}L${x(step.at)} ${y(step.row) + 11}`,
					stroke: now ? 'var(--blue)' : 'var(--ghost)',
					'stroke-width': now ? 2 : 1,
					fill: 'none',
				})
			);
	});
	if (current > 0) {
		const at = x(steps[current - 1].at);
		svg.append(
			node('line', {
				x1: at,
				x2: at,
				y1: 4,
				y2: height - 22,
				stroke: 'var(--blue)',
				'stroke-dasharray': '2 3',
			})
		);
	}
	svg.append(node('text', {x: left, y: height - 6, fill: 'var(--muted)'}, '0'));
	svg.append(
		node(
			'text',
			{x: width - right, y: height - 6, fill: 'var(--muted)', 'text-anchor': 'end'},
			journey.took_text
		)
	);
	return svg;
}
