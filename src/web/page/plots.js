/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plot that moves: uPlot draws lines, axes and cursor on a canvas; bands of faults, published ranges, error bars
 * and the names at the ends of lines are drawn around it by its hooks. A figure that is no plot is drawn as a picture.
 *
 * All series share one table of x, as uPlot wants it: null breaks a line there, undefined is passed over.
 */
import uPlot from 'uplot';
import {colours, dark, extent, isPlot, looks, say, spread} from './figure.js';
import {picture} from './picture.js';

const FONT = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
const RETAIN = 1; /* uPlot.join: nulls stay gaps */

let plot = null,
	shown = null,
	signature = '',
	ends = [],
	onCursor = () => {};

const finite = (value) => value === null || Number.isFinite(value);

/* Columns for uPlot, and what each column is: {series, of: 1 y, 2 low, 3 high, ghost}. */
function columns(figure, ghost) {
	const column = [];
	if (ghost)
		ghost.series.forEach((series) => series.role === 'normal' && column.push({series, of: 1, ghost: true}));
	figure.series.forEach((series, index) => {
		if (
			series.points.some((point) => point[2] !== null && point[3] !== null) &&
			looks(figure, colours(false))[index].line
		)
			column.push({series, index, of: 3, edge: true}, {series, index, of: 2, edge: true});
		column.push({series, index, of: 1});
	});
	return column;
}

function data(column) {
	const tables = column.map(({series, of}) => {
		const points = series.points.filter((point) => finite(point[0]) && point[0] !== null);
		return [points.map((point) => point[0]), points.map((point) => (finite(point[of]) ? point[of] : null))];
	});
	if (tables.length === 0) return [[0], [null]];
	return tables.length === 1
		? tables[0]
		: uPlot.join(
				tables,
				tables.map(() => [RETAIN, RETAIN])
			);
}

/* The longest name decides how much room the plot leaves at its right; a narrow one names its lines below. */
function room(width, figure) {
	const context = document.createElement('canvas').getContext('2d');
	context.font = FONT;
	const longest = Math.max(0, ...figure.series.map((series) => context.measureText(series.label).width));
	return width >= 560 && longest < width / 3 ? longest + 22 : 0;
}

function pixels(context, draw) {
	const ratio = devicePixelRatio || 1;
	context.save();
	context.scale(ratio, ratio);
	draw(ratio);
	context.restore();
}

/* Bands of faults and published ranges lie below everything. */
function below(u) {
	const {figure, scheme} = shown;
	pixels(u.ctx, (ratio) => {
		const c = u.ctx,
			top = u.bbox.top / ratio,
			height = u.bbox.height / ratio,
			left = u.bbox.left / ratio,
			right = left + u.bbox.width / ratio;
		const x = (value) => Math.max(left, Math.min(right, u.valToPos(value, 'x', true) / ratio));
		const y = (value) => u.valToPos(value, 'y', true) / ratio;
		c.font = FONT.replace('12px', '11px');
		c.textBaseline = 'alphabetic';
		let last = {right: -1, row: 0};
		for (const band of figure.bands) {
			const from = x(band.from),
				to = x(band.to),
				middle = (from + to) / 2,
				half = c.measureText(band.label).width / 2;
			if (to <= from) continue;
			c.globalAlpha = 0.15;
			c.fillStyle = scheme.shade;
			c.fillRect(from, top, to - from, height);
			c.globalAlpha = 1;
			c.fillStyle = scheme.muted;
			c.textAlign = 'center';
			const at = Math.max(left + half, Math.min(right - half, middle)),
				row = at - half < last.right + 4 ? last.row + 1 : 0;
			c.fillText(band.label, at, top + 12 + 13 * row);
			last = {right: at + half, row};
		}
		for (const range of figure.ranges) {
			const from = range.from === null ? left : x(range.from) - 4,
				to = range.to === null ? right : Math.max(x(range.to), from + 8);
			c.globalAlpha = 0.2;
			c.fillStyle = scheme.ink;
			c.fillRect(from, y(range.high), to - from, y(range.low) - y(range.high));
			c.globalAlpha = 1;
			c.textAlign = 'right';
			c.fillText(
				range.label,
				from - 4 < left + 60 ? to + 60 : from - 4,
				(y(range.low) + y(range.high)) / 2 + 4
			);
		}
	});
}

/* Marks, error bars, and names at the ends of lines lie above it. */
function above(u) {
	const {figure, look, scheme, right: roomRight} = shown;
	pixels(u.ctx, (ratio) => {
		const c = u.ctx,
			top = u.bbox.top / ratio,
			bottom = top + u.bbox.height / ratio,
			left = u.bbox.left / ratio;
		const right = left + u.bbox.width / ratio;
		const x = (value) => u.valToPos(value, 'x', true) / ratio,
			y = (value) => u.valToPos(value, 'y', true) / ratio;
		c.font = FONT;
		c.lineWidth = 1;
		for (const mark of figure.marks) {
			c.strokeStyle = c.fillStyle = scheme.muted;
			c.setLineDash([2, 3]);
			c.beginPath();
			if (mark.on === 'x') {
				c.moveTo(x(mark.at), top);
				c.lineTo(x(mark.at), bottom);
			} else {
				c.moveTo(left, y(mark.at));
				c.lineTo(right, y(mark.at));
			}
			c.stroke();
			c.textAlign = 'left';
			c.fillText(
				mark.label,
				mark.on === 'x' ? x(mark.at) + 4 : left + 4,
				mark.on === 'x' ? top + 12 : y(mark.at) - 4
			);
		}
		c.setLineDash([]);
		figure.series.forEach((series, i) => {
			if (look[i].line) return;
			c.strokeStyle = look[i].color;
			c.lineWidth = 1.5;
			c.beginPath();
			for (const [px, py, low, high] of series.points)
				if (py !== null && low !== null && high !== null) {
					c.moveTo(x(px), y(low));
					c.lineTo(x(px), y(high));
				}
			c.stroke();
		});
		ends = figure.series
			.map((series, i) => ({
				series,
				look: look[i],
				last: series.points.filter((point) => point[1] !== null).pop(),
			}))
			.filter((end) => end.last && end.series.label);
		if (!roomRight) return;
		const clamp = (value) => Math.max(top, Math.min(bottom, value));
		const place = spread(
			ends.map((end) => clamp(y(end.last[1]))),
			15,
			top + 4,
			bottom - 4
		);
		c.textAlign = 'left';
		c.textBaseline = 'middle';
		ends.forEach((end, i) => {
			c.strokeStyle = c.fillStyle = end.look.text;
			c.lineWidth = 1;
			c.beginPath();
			c.moveTo(x(end.last[0]) + 3, clamp(y(end.last[1])));
			c.lineTo(right + 12, place[i]);
			c.stroke();
			c.fillText(end.series.label, right + 16, place[i]);
		});
	});
}

/* A line of one point is seen as a point. */
const isAlone = (series) => series.points.filter((point) => point[1] !== null).length === 1;

function options(width, height) {
	const {figure, column, look, scheme, right} = shown;
	const axis = (which, side) => ({
		label: which === 'x' && figure.x.title ? figure.x.title : undefined,
		labelFont: FONT,
		labelSize: 20,
		labelGap: 0,
		side,
		font: FONT,
		stroke: scheme.muted,
		size:
			side === 3
				? (u, values) => 14 + 7.2 * Math.max(1, ...(values || []).map((v) => String(v).length))
				: 26,
		gap: 5,
		grid: {show: which === 'y', stroke: scheme.grid, width: 1},
		ticks: {show: which === 'x', stroke: scheme.muted, width: 1, size: 4},
		border: {show: which === 'x', stroke: scheme.muted, width: 1.25},
		splits: () =>
			shown[which].ticks
				.map((tick) => tick.at)
				.filter((at) => at >= shown[which].min && at <= shown[which].max),
		values: (u, splits) =>
			splits.map((at) => shown[which].ticks.find((tick) => tick.at === at)?.label ?? ''),
		filter: (u, splits) => splits,
	});
	const bands = [];
	column.forEach((entry, i) => {
		if (entry.edge && entry.of === 3)
			bands.push({series: [i + 1, i + 2], fill: look[entry.index].color + '26'});
	});
	return {
		width,
		height,
		padding: [8, right || 18, 0, 0],
		legend: {show: false},
		bands,
		cursor: {y: false, drag: {x: false, y: false}, points: {size: 7}},
		scales: {
			x: {time: false, distr: figure.x.log ? 3 : 1, range: () => [shown.x.min, shown.x.max]},
			y: {distr: figure.y.log ? 3 : 1, range: () => [shown.y.min, shown.y.max]},
		},
		axes: [axis('x', 2), axis('y', 3)],
		series: [{}].concat(
			column.map((entry) => {
				if (entry.edge) return {stroke: 'transparent', width: 0, points: {show: false}};
				const of = entry.ghost
					? {color: scheme.ghost, dash: [2, 3], width: 1.5, line: true}
					: look[entry.index];
				return {
					stroke: of.color,
					width: of.line ? of.width : 0,
					dash: of.dash,
					spanGaps: false,
					paths: !of.line
						? () => null
						: entry.series.style === 'steps'
							? uPlot.paths.stepped({align: 1})
							: undefined,
					points: {
						show: Boolean(of.points) || isAlone(entry.series),
						size: 7,
						fill: entry.ghost ? scheme.paper : of.color,
						stroke: of.color,
					},
				};
			})
		),
		hooks: {
			drawClear: [below],
			draw: [above],
			setCursor: [(u) => onCursor(u.cursor.idx === null || u.cursor.left < 0 ? null : values(u))],
		},
	};
}

/* What every line says at the cursor; of a line without a point there, its nearest. */
function values(u) {
	const {figure, column} = shown,
		at = u.cursor.idx;
	const read = column
		.map((entry, i) => {
			if (entry.edge || entry.ghost) return null;
			const list = u.data[i + 1];
			for (let off = 0; off < list.length; off++)
				for (const index of [at - off, at + off])
					if (list[index] !== undefined && list[index] !== null)
						return {label: entry.series.label, text: say(figure.y, list[index])};
			return {label: entry.series.label, text: '-'};
		})
		.filter(Boolean);
	return {x: say(figure.x, u.data[0][at]), series: read};
}

/*
 * Draws a figure into `element`, which is `width` wide. `ghost` (may be null) is the same figure by default, on the
 * same axes. Called again and again; what is only data is only data to uPlot too. `cursor` is told what is read off,
 * or null.
 */
export function draw(element, figure, ghost, width, height, cursor) {
	const scheme = colours(dark());
	onCursor = cursor;
	if (!isPlot(figure)) {
		const look = {
			isDark: dark(),
			width: Math.max(width, 320),
			height,
			paper: false,
			named: figure.kind !== 'bars',
		};
		drop();
		const parsed = new DOMParser().parseFromString(picture(figure, ghost, look), 'image/svg+xml');
		element.replaceChildren(document.importNode(parsed.documentElement, true));
		return;
	}
	const column = columns(figure, ghost);
	shown = {
		figure,
		column,
		scheme,
		look: looks(figure, scheme),
		right: room(width, figure),
		x: extent(figure.x),
		y: extent(figure.y),
	};
	const now = JSON.stringify([
		figure.name,
		column.map((entry) => [entry.series.label, entry.series.style, entry.of, !!entry.ghost]),
		figure.x.log,
		figure.y.log,
		shown.look,
		shown.right,
		scheme.paper,
	]);
	if (!plot || now !== signature || plot.root.parentNode !== element) {
		drop();
		signature = now;
		element.replaceChildren();
		plot = new uPlot(options(width, height), data(column), element);
		return;
	}
	if (plot.width !== width || plot.height !== height) plot.setSize({width, height});
	plot.setData(data(column));
}

function drop() {
	if (plot) plot.destroy();
	plot = null;
}

/* The names of lines, for where there is no room at their ends. */
export const named = (figure, width) => isPlot(figure) && room(width, figure) > 0;
