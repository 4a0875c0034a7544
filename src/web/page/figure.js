/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a figure of the engine (web.h, FIGURE) looks like, for whoever draws it: colours, dashes, the extent of its
 * axes. The same as src/plot/layout.c, so that what moves and what is printed are of one piece.
 */
const LIGHT = {
	ink: '#1f2328',
	muted: '#59636e',
	grid: '#d9dee3',
	shade: '#6e7781',
	ghost: '#868e97',
	paper: '#ffffff',
	line: ['#578dff', '#c91f16', '#228833', '#cc79a7', '#656364'],
	text: ['#2a62d0', '#bd1c13', '#1d742c', '#a3447a', '#5d5b5c'],
	heat: ['#d9dee3', '#fdcc8a', '#fc8d59', '#e34a33', '#990000'],
};
const DARK = {
	...LIGHT,
	ink: '#e6edf3',
	muted: '#9aa4af',
	grid: '#2d333b',
	shade: '#8b949e',
	ghost: '#7d8590',
	paper: '#0d1117',
	text: ['#82aaff', '#ff8078', '#4fbf65', '#e39ac4', '#a3a1a2'],
	heat: ['#2d333b', '#fdcc8a', '#fc8d59', '#e34a33', '#990000'],
};
const DASHES = [[], [7, 3], [2, 4], [8, 3, 2, 3], [12, 4]],
	FORMULA_DASH = [5, 4];
const COLORS = 4,
	GREY = 4,
	SPARSE = 24;
const BLUES = ['#e3edfe', '#c3d9fd', '#9dc0fb', '#74a3f2', '#4d85e0', '#2f68c4', '#1b4d9f', '#0c3474'];

export const dark = () => matchMedia('(prefers-color-scheme: dark)').matches;
export const colours = (isDark) => (isDark ? DARK : LIGHT);

/* The kinds that have lines or points along an x axis. */
export const isPlot = (figure) => ['percentiles', 'timeline', 'load', 'years', 'lines'].includes(figure.kind);

/* How each series looks: {color, text, dash, width, points}. */
export function looks(figure, scheme) {
	let normal = 0,
		index = 0;
	return figure.series.map((series) => {
		const sparse = series.points.length <= SPARSE,
			alone = series.points.filter((point) => point[1] !== null).length === 1,
			points = series.style === 'points';
		if (series.role === 'published')
			return {
				color: scheme.ink,
				text: scheme.ink,
				dash: [],
				width: 2,
				points: points || sparse,
				line: !points,
			};
		const grey = series.role !== 'normal';
		const color = figure.kind === 'map' ? null : grey ? GREY : normal % COLORS;
		const look = {
			color:
				color === null
					? scheme.heat[Math.min(index, scheme.heat.length - 1)]
					: scheme.line[color],
			text: color === null ? scheme.muted : scheme.text[color],
			dash:
				series.role === 'formula'
					? FORMULA_DASH
					: points || sparse
						? []
						: DASHES[index % DASHES.length],
			width: series.role === 'formula' ? 1.5 : 2,
			points: points || alone || (sparse && series.style === 'line'),
			line: !points,
		};
		normal += series.role === 'normal';
		index += series.role !== 'formula';
		return look;
	});
}

/*
 * Nanoseconds in the unit that an axis is drawn in: from the end of its title, "response (ms)", or where that tells
 * none from a tick, "10 ms"; 1 of anything else.
 */
const UNITS = {ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9, d: 86400e9};
function unit(axis) {
	if (axis.values !== 'duration') return 1;
	const word = /\((ns|us|ms|s|min|h|d)[,)]/.exec(axis.title || '');
	if (word) return UNITS[word[1]];
	for (const {at, label} of axis.ticks) {
		const tick = /^([\d.]+) (ns|us|ms|s|min|h|d)$/.exec(label);
		if (tick && at > 0) return (Number(tick[1]) * UNITS[tick[2]]) / at;
	}
	return 1;
}

const scaled = (value, factor) => (value === null || value === undefined ? null : value * factor);

/* A figure on other axes, whose units are fx and fy times smaller. */
function onAxes(figure, {x, y}, fx, fy) {
	const point = ([px, py, low, high]) => [px * fx, scaled(py, fy), scaled(low, fy), scaled(high, fy)];
	const along = (part) => ({from: scaled(part.from, fx), to: scaled(part.to, fx)});
	return {
		...figure,
		x,
		y,
		series: figure.series.map((series) => ({...series, points: series.points.map(point)})),
		bands: figure.bands.map((band) => ({...band, ...along(band)})),
		marks: figure.marks.map((mark) => ({...mark, at: mark.at * (mark.on === 'x' ? fx : fy)})),
		ranges: figure.ranges.map((range) => ({
			...range,
			...along(range),
			low: range.low * fy,
			high: range.high * fy,
		})),
	};
}

/* The axis of two that reaches farther, from where the lower begins. */
function farther(a, b) {
	const [large, small] = b.max * unit(b) > a.max * unit(a) ? [b, a] : [a, b];
	const factor = unit(small) / unit(large);
	const min = Math.min(large.min, small.min * factor);
	if (!large.log) return {...large, min};
	const more = small.ticks.map((tick) => ({...tick, at: tick.at * factor}));
	const isNew = (tick) => !large.ticks.some((other) => Math.abs(Math.log(other.at / tick.at)) < 0.1);
	return {...large, min, ticks: [...more.filter(isNew), ...large.ticks].sort((one, other) => one.at - other.at)};
}

/* Two figures of the same kind on the same axes: what is, and what is by default, which may be null. */
export function alike(figure, ghost) {
	if (!ghost) return [figure, null];
	const axes = {x: farther(figure.x, ghost.x), y: farther(figure.y, ghost.y)};
	return [figure, ghost].map((each) =>
		onAxes(each, axes, unit(each.x) / unit(axes.x), unit(each.y) / unit(axes.y))
	);
}

/* From where to where an axis goes; never nothing. */
export function extent({min, max, ticks, log}) {
	if (max > min) return {min, max, ticks, log};
	const high = Math.max(max || 0, min || 0);
	return log
		? {min: (high || 1) / 2, max: (high || 1) * 10, ticks, log}
		: {min: Math.min(min || 0, high), max: high + 1, ticks, log};
}

function duration(ns) {
	const [name, size] = Object.entries(UNITS)
		.filter(([, each]) => each <= ns)
		.pop() ?? ['ns', 1];
	return `${Number((ns / size).toPrecision(3))} ${name}`;
}

/* What is read off at the cursor: three digits, and the x of percentiles and dates as people say them. */
export function say(axis, value) {
	if (axis.values === 'percentile') return 'p' + Number((100 * (1 - 1 / value)).toPrecision(6));
	if (axis.values === 'date') return new Date(value * 864e5).toISOString().slice(0, 10);
	if (axis.values === 'category') return axis.categories[Math.round(value)] ?? '';
	const word = axis.values === 'duration' ? /\((ns|us|ms|s|min|h|d)[,)]/.exec(axis.title || '') : null;
	if (axis.values === 'duration' && !word) return duration(value * unit(axis));
	return (
		Number(value.toPrecision(3)).toLocaleString('en', {maximumSignificantDigits: 3}) +
		(word ? ` ${word[1]}` : '')
	);
}

/* The blue of a cell, and the colour of what is written in it. */
export function heat(figure, value) {
	const all = figure.series.flatMap((series) => series.points.map((point) => point[1])).filter((y) => y !== null);
	const least = Math.min(...all),
		greatest = Math.max(...all),
		above = Math.min(...all.filter((y) => y > 0));
	let part = 0;
	if (least >= 0 && greatest > 20 * above)
		part = value > 0 ? Math.log(value / above) / Math.log(greatest / above) : 0;
	else if (greatest > least) part = (value - least) / (greatest - least);
	const which = Math.min(Math.floor(Math.max(part, 0) * BLUES.length), BLUES.length - 1);
	return {fill: BLUES[which], text: which < BLUES.length / 2 ? '#101820' : '#ffffff'};
}

/* Places for labels that want to be at `wanted`, in order, at least `gap` apart, within low..high. */
export function spread(wanted, gap, low, high) {
	const order = wanted.map((at, index) => ({at, index})).sort((a, b) => a.at - b.at || a.index - b.index);
	const place = order.map((entry) => entry.at);
	for (let i = 0; i < place.length; i++) place[i] = Math.max(place[i], i ? place[i - 1] + gap : low);
	for (let i = place.length - 1; i >= 0; i--)
		place[i] = Math.min(place[i], i < place.length - 1 ? place[i + 1] - gap : high);
	const placed = [];
	order.forEach((entry, i) => {
		placed[entry.index] = place[i];
	});
	return placed;
}
