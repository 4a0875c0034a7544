/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A figure as an SVG that stands by itself: for sharing, for printing, and for the kinds that are no plots. Everything
 * that is written goes through `add`, which escapes it.
 */
import {colours, extent, heat, isPlot, looks, spread} from './figure.js';

const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

export function escape(value) {
	return String(value)
		.replace(/[&<>"']/g, (c) => '&#' + c.charCodeAt(0) + ';')
		.replace(/[\u0000-\u0008\u000b-\u001f]/g, ' ');
}

const round = (value) => Math.round(value * 100) / 100;

function wrap(value, columns) {
	const lines = [''];
	for (const word of String(value).split(/\s+/)) {
		const last = lines[lines.length - 1];
		if (last && last.length + 1 + word.length > columns) lines.push(word);
		else lines[lines.length - 1] = last ? last + ' ' + word : word;
	}
	return lines;
}

class Canvas {
	constructor(scheme) {
		this.parts = [];
		this.scheme = scheme;
	}

	add(name, attributes, text) {
		const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
		this.parts.push(`<${name}${list.join('')}${text === undefined ? '/>' : `>${escape(text)}</${name}>`}`);
	}

	text(value, x, y, {size = 12, color = this.scheme.muted, align = 'start', bold = false} = {}) {
		const look = {
			'font-size': size,
			fill: color,
			'text-anchor': align,
			...(bold ? {'font-weight': 650} : {}),
		};
		this.add('text', {x: round(x), y: round(y), ...look}, value);
	}

	path(d, color, width, dash = []) {
		const dashes = dash.length ? {'stroke-dasharray': dash.join(' ')} : {};
		this.add('path', {
			d,
			fill: 'none',
			stroke: color,
			'stroke-width': width,
			'stroke-linejoin': 'round',
			...dashes,
		});
	}

	line(x0, y0, x1, y1, color, width = 1, dash = []) {
		this.path(`M${round(x0)} ${round(y0)}L${round(x1)} ${round(y1)}`, color, width, dash);
	}

	area(d, color, opacity) {
		this.add('path', {d, fill: color, 'fill-opacity': opacity});
	}

	box(x, y, width, height, color, opacity = 1) {
		const sides = {width: round(Math.max(width, 0)), height: round(Math.max(height, 0))};
		this.add('rect', {x: round(x), y: round(y), ...sides, fill: color, 'fill-opacity': opacity});
	}

	dot(x, y, color) {
		this.add('circle', {cx: round(x), cy: round(y), r: 3, fill: color});
	}
}

/* From values to pixels. */
function scale({min, max, log}, from, to) {
	const share = log ? (v) => Math.log(v / min) / Math.log(max / min) : (v) => (v - min) / (max - min);
	return (value) => from + Math.max(-0.05, Math.min(1.05, share(value))) * (to - from);
}

/* The runs of points that no null divides, in pixels. */
function runs(points, x, y, of = 1) {
	const all = [[]];
	for (const point of points)
		if (point[of] === null) all.push([]);
		else all[all.length - 1].push([round(x(point[0])), round(y(point[of]))]);
	return all.filter((run) => run.length);
}

const lineOf = (all, steps) =>
	all
		.map((run) =>
			run
				.map(([px, py], i) =>
					i === 0 ? `M${px} ${py}` : steps ? `H${px}V${py}` : `L${px} ${py}`
				)
				.join('')
		)
		.join('');

/* From what x and y say to where it is drawn. */
const scales = (figure, box) => [
	scale(extent(figure.x), box.left, box.right),
	scale(extent(figure.y), box.bottom, box.top),
];

/* Names of bands stand in rows, the second where it would touch the first. */
function drawBands(canvas, figure, box, x) {
	let last = {right: -1, row: 0};
	for (const band of figure.bands) {
		const from = Math.max(x(band.from), box.left),
			to = Math.min(x(band.to), box.right),
			half = band.label.length * 2.9;
		if (to <= from) continue;
		canvas.box(from, box.top, to - from, box.bottom - box.top, canvas.scheme.shade, 0.15);
		const at = Math.max(box.left + half, Math.min(box.right - half, (from + to) / 2)),
			row = at - half < last.right + 4 ? last.row + 1 : 0;
		canvas.text(band.label, at, box.top + 13 + 13 * row, {size: 11, align: 'middle'});
		last = {right: at + half, row};
	}
}

function drawRanges(canvas, figure, box, x, y) {
	for (const range of figure.ranges) {
		const from = range.from === null ? box.left : x(range.from) - 4,
			to = range.to === null ? box.right : Math.max(x(range.to), from + 8),
			right = from - box.left < range.label.length * 5.8 + 8;
		canvas.box(from, y(range.high), to - from, y(range.low) - y(range.high), canvas.scheme.ink, 0.18);
		canvas.text(range.label, right ? to + 4 : from - 4, (y(range.low) + y(range.high)) / 2 + 4, {
			size: 11,
			align: right ? 'start' : 'end',
		});
	}
}

function drawPlot(canvas, figure, ghost, box, names) {
	const {scheme} = canvas,
		look = looks(figure, scheme);
	const ex = extent(figure.x),
		ey = extent(figure.y),
		[x, y] = scales(figure, box);
	drawBands(canvas, figure, box, x);
	for (const tick of ey.ticks) {
		canvas.line(box.left, y(tick.at), box.right, y(tick.at), scheme.grid);
		canvas.text(tick.label, box.left - 6, y(tick.at) + 4, {align: 'end'});
	}
	drawRanges(canvas, figure, box, x, y);
	for (const tick of ex.ticks) {
		canvas.line(x(tick.at), box.bottom, x(tick.at), box.bottom - 4, scheme.muted);
		canvas.text(tick.label, x(tick.at), box.bottom + 16, {align: 'middle'});
	}
	canvas.line(box.left, box.bottom, box.right, box.bottom, scheme.muted, 1.25);
	for (const mark of figure.marks) {
		if (mark.on === 'x') canvas.line(x(mark.at), box.top, x(mark.at), box.bottom, scheme.muted, 1, [2, 3]);
		else canvas.line(box.left, y(mark.at), box.right, y(mark.at), scheme.muted, 1, [2, 3]);
		canvas.text(
			mark.label,
			mark.on === 'x' ? x(mark.at) + 4 : box.left + 4,
			mark.on === 'x' ? box.top + 12 : y(mark.at) - 4,
			{size: 11}
		);
	}
	if (ghost)
		for (const series of ghost.series) {
			if (series.role !== 'normal') continue;
			const all = runs(series.points, x, y);
			canvas.path(lineOf(all, series.style === 'steps'), scheme.ghost, 1.5, [2, 3]);
			const ring = {r: 5, fill: 'none', stroke: scheme.ghost, 'stroke-width': 1.5};
			for (const [[cx, cy]] of all.filter((run) => run.length === 1))
				canvas.add('circle', {cx, cy, ...ring});
		}
	figure.series.forEach((series, i) => {
		const {color, width, dash, points, line} = look[i];
		if (line) {
			const upper = runs(series.points, x, y, 3),
				lower = runs(series.points, x, y, 2);
			upper.forEach(
				(run, k) =>
					lower[k] &&
					canvas.area(
						lineOf([run]) +
							lower[k]
								.slice()
								.reverse()
								.map(([px, py]) => `L${px} ${py}`)
								.join('') +
							'Z',
						color,
						0.15
					)
			);
			canvas.path(lineOf(runs(series.points, x, y), series.style === 'steps'), color, width, dash);
		}
		if (points)
			for (const [px, py, low, high] of series.points) {
				if (py === null) continue;
				if (!line && low !== null && high !== null)
					canvas.line(x(px), y(low), x(px), y(high), color, 1.5);
				canvas.dot(x(px), y(py), color);
			}
	});
	if (!names) return;
	const named = figure.series
		.map((series, i) => ({
			label: series.label,
			look: look[i],
			last: series.points.filter((point) => point[1] !== null).pop(),
		}))
		.filter((entry) => entry.last && entry.label);
	const place = spread(
		named.map((entry) => y(entry.last[1])),
		15,
		box.top + 4,
		box.bottom - 4
	);
	named.forEach((entry, i) => {
		canvas.line(x(entry.last[0]) + 3, y(entry.last[1]), box.right + 12, place[i], entry.look.text, 1);
		canvas.text(entry.label, box.right + 15, place[i] + 4, {color: entry.look.text});
	});
}

function drawBars(canvas, figure, ghost, box, named) {
	const {scheme} = canvas,
		look = looks(figure, scheme),
		ey = extent(figure.y);
	const y = scale(ey, box.bottom, box.top),
		groups = figure.x.categories.length,
		unit = (box.right - box.left) / groups;
	for (const tick of ey.ticks) {
		canvas.line(box.left, y(tick.at), box.right, y(tick.at), scheme.grid);
		canvas.text(tick.label, box.left - 6, y(tick.at) + 4, {align: 'end'});
	}
	const width = (unit * 0.8) / figure.series.length;
	figure.series.forEach((series, s) =>
		series.points.forEach(([group, value, low, high]) => {
			const left = box.left + group * unit + unit * 0.1 + s * width;
			if (value === null) return;
			canvas.box(left, y(value), width - 2, box.bottom - y(value), look[s].color);
			if (low !== null && high !== null)
				canvas.line(left + width / 2, y(low), left + width / 2, y(high), scheme.ink, 1.5);
		})
	);
	ghost?.series.forEach((series, s) =>
		series.points.forEach(([group, value]) => {
			const left = box.left + group * unit + unit * 0.1 + s * width;
			const up = `M${round(left)} ${box.bottom}V${round(y(value ?? 0))}`;
			if (value !== null)
				canvas.path(`${up}h${round(width - 2)}V${box.bottom}`, scheme.ghost, 1.5, [2, 3]);
		})
	);
	figure.x.categories.forEach((name, i) =>
		canvas.text(name, box.left + (i + 0.5) * unit, box.bottom + 16, {
			align: 'middle',
			size: unit < 90 ? 10 : 12,
		})
	);
	canvas.line(box.left, box.bottom, box.right, box.bottom, scheme.muted, 1.25);
	if (!named) return;
	figure.series.forEach((series, i) => {
		canvas.box(box.right + 12, box.top + i * 18, 12, 12, look[i].color);
		canvas.text(series.label, box.right + 30, box.top + i * 18 + 11, {color: look[i].text});
	});
}

function drawHeat(canvas, figure, box) {
	const rows = figure.series.length,
		columns = figure.x.categories.length;
	const left = box.left + 90,
		width = (box.right + 100 - left) / columns,
		height = (box.bottom - box.top) / rows;
	figure.series.forEach((series, row) => {
		const top = box.bottom - (row + 1) * height;
		canvas.text(series.label, left - 8, top + height / 2 + 4, {align: 'end'});
		series.points.forEach(([column, value]) => {
			if (value === null) return;
			const {fill, text} = heat(figure, value);
			canvas.box(left + column * width + 1, top + 1, width - 2, height - 2, fill);
			canvas.text(Number(value.toPrecision(3)), left + (column + 0.5) * width, top + height / 2 + 4, {
				align: 'middle',
				color: text,
			});
		});
	});
	figure.x.categories.forEach((name, i) =>
		canvas.text(name, left + (i + 0.5) * width, box.bottom + 16, {align: 'middle', size: 11})
	);
}

function drawMap(canvas, figure, box) {
	const maps = Math.max(figure.x.categories.length, 1);
	const unit = Math.min((box.right + 100 - box.left) / maps, box.bottom - box.top);
	const look = looks(figure, canvas.scheme);
	const at = ([x, y]) => `${round(box.left + (x + 0.5) * unit)} ${round((box.top + box.bottom) / 2 - y * unit)}`;
	figure.series.forEach((series, s) => {
		let d = '',
			first = true;
		for (const point of series.points) {
			d += point[1] === null ? 'Z' : (first ? 'M' : 'L') + at(point);
			first = point[1] === null;
		}
		canvas.add('path', {d, fill: look[s].color, stroke: canvas.scheme.paper, 'stroke-width': 0.5});
	});
	figure.x.categories.forEach((name, i) =>
		canvas.text(name, box.left + (i + 0.5) * unit, box.bottom + 16, {align: 'middle', size: 11})
	);
	figure.series.forEach((series, i) => {
		canvas.box(box.left + i * 120, box.top - 16, 12, 12, look[i].color);
		canvas.text(series.label, box.left + i * 120 + 18, box.top - 6, {size: 11});
	});
}

/* Points are [end, row from below, begin, end]. */
function drawHistory(canvas, figure, box) {
	const {scheme} = canvas,
		look = looks(figure, scheme),
		rows = figure.y.categories.length,
		left = box.left + Math.max(0, ...figure.y.categories.map((name) => name.length * 6.6)),
		right = box.right + 100,
		height = (box.bottom - box.top) / rows,
		x = scale(figure.x, left, right);
	for (const tick of figure.x.ticks) {
		canvas.line(x(tick.at), box.top, x(tick.at), box.bottom, scheme.grid);
		canvas.text(tick.label, x(tick.at), box.bottom + 16, {align: 'middle', size: 11});
	}
	figure.y.categories.forEach((name, row) =>
		canvas.text(name, left - 8, box.bottom - (row + 0.5) * height + 4, {align: 'end'})
	);
	figure.series.forEach((series, s) => {
		for (const [, row, begin, end] of series.points)
			canvas.box(
				x(begin),
				box.bottom - (row + 0.82) * height,
				Math.max(x(end) - x(begin), 1),
				0.64 * height,
				look[s].color
			);
		canvas.box(box.left + s * 140, box.top - 16, 12, 12, look[s].color);
		canvas.text(series.label, box.left + s * 140 + 18, box.top - 6, {size: 11});
	});
}

/*
 * Where a figure without words around it is drawn in a picture; what is above and below it is in pixels. `lines` say
 * what the x axis is, as many as a picture of this width needs.
 */
function boxOf(figure, {width, height, named}, above, below) {
	const longest = (list) => Math.max(0, ...list.map(({label}) => label.length));
	const values = figure.kind === 'bars' || isPlot(figure);
	const lines = isPlot(figure) && figure.x.title ? wrap(figure.x.title, (width - 24) / 6.4) : [];
	return {
		lines,
		left: values ? Math.max(32, 14 + 7.2 * longest(extent(figure.y).ticks)) : 16,
		right: width - (named ? Math.min(width / 3, 30 + 6.6 * longest(figure.series)) : 12),
		top: above + 14,
		bottom: height - 26 - below - lines.length * 15 - (lines.length ? 3 : 0),
	};
}

/* Whether the names of lines have room at their ends. */
export const named = (figure, width) =>
	width >= 560 && Math.max(0, ...figure.series.map((series) => series.label.length)) * 6.6 < width / 3 - 30;

/*
 * What stands at `at`, in pixels from the left, of a plot drawn alone: {x, top, bottom, points}, of every series its
 * point that is nearest, [x, y, pixels, pixels], or null. The x is that of the nearest of all.
 */
export function under(figure, size, at) {
	const box = boxOf(figure, size, 6, 0),
		[x, y] = scales(figure, box);
	const nearest = (points, to) => {
		let best = null;
		for (const point of points)
			if (point[1] !== null && (!best || Math.abs(x(point[0]) - to) < Math.abs(best[2] - to)))
				best = [point[0], point[1], x(point[0]), y(point[1])];
		return best;
	};
	const first = nearest(figure.series.flatMap((series) => series.points), at);
	if (!first) return null;
	const points = figure.series.map((series) => nearest(series.points, first[2]));
	return {x: first[0], at: first[2], top: box.top, bottom: box.bottom, points};
}

/*
 * The whole picture. `options`: dark, width, height; title; footer lines; whether names are written.
 * Without a title only the plot; `alone`, without the title of its axis, too.
 */
export function picture(
	figure,
	ghost,
	{
		isDark = false,
		width = 720,
		height = 405,
		title = '',
		footer = [],
		paper = true,
		alone = false,
		named = true,
	} = {}
) {
	const scheme = colours(isDark),
		canvas = new Canvas(scheme);
	if (paper) canvas.box(0, 0, width, height, scheme.paper);
	let top = title ? 14 : 6;
	for (const line of title ? wrap(title, width / 10.4) : []) {
		top += 20;
		canvas.text(line, 16, top, {size: 16, bold: true, color: scheme.ink});
	}
	if ((figure.kind === 'bars' || isPlot(figure)) && !alone && figure.y.title) {
		top += 24;
		canvas.text(figure.y.title, 16, top);
	}
	const box = boxOf(figure, {width, height, named}, top, 16 * footer.length);
	if (figure.kind === 'bars') drawBars(canvas, figure, ghost, box, named);
	else if (figure.kind === 'heat') drawHeat(canvas, figure, box);
	else if (figure.kind === 'map') drawMap(canvas, figure, box);
	else if (figure.kind === 'history') drawHistory(canvas, figure, box);
	else if (isPlot(figure)) drawPlot(canvas, figure, ghost, box, named);
	else canvas.text('what this figure shows is told in the table below', 16, top + 30);
	const middle = box.lines.length > 1 ? width / 2 : (box.left + box.right) / 2;
	box.lines.forEach((line, i) => canvas.text(line, middle, box.bottom + 36 + 15 * i, {align: 'middle'}));
	footer.forEach((line, i) => canvas.text(line, 16, height - 10 - 15 * (footer.length - 1 - i), {size: 10}));
	const words = new Canvas(scheme);
	words.add('title', {}, title || figure.title);
	words.add('desc', {}, figure.description || '');
	const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size} font-family="${FONT}" ` +
		`style="font-variant-numeric:tabular-nums">${words.parts.join('')}${canvas.parts.join('')}</svg>`
	);
}
