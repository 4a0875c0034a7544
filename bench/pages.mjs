// SPDX-License-Identifier: GPL-3.0-or-later
// Weight and speed of pages in Chromium: node bench/pages.mjs FILE.html..., from the build directory. Of 20 loads, and
// of 20 moves of the first slider to places where it has not been, the median:
//
//   ready    from the beginning of navigation until the sliders can be moved, ms
//   first    from a move until the first plot of it, ms
//   final    from a move until the plot of all replications of the page's setup, ms
//   all      from a move until everything has been told, with comparison and ablations, ms
//   KB       of the file, gzipped
import {gzipSync} from 'node:zlib';
import {readFileSync} from 'node:fs';
import {basename, resolve} from 'node:path';
import {launch} from '../tests/browser.mjs';

const LOADS = Number(process.env.LOADS || 20);
const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function measure(browser, file) {
	const ready = [],
		first = [],
		final = [],
		all = [];
	for (let load = 0; load < LOADS; load++) {
		const page = await browser.newPage();
		await page.setViewport({width: 1280, height: 900});
		await page.goto(`file://${resolve(file)}`);
		await page.evaluate(() => window.casebook.settled().then(() => 0));
		ready.push(await page.evaluate(() => performance.getEntriesByName('ready')[0].startTime));
		const moved = await page.evaluate(
			async (share) => {
				const slider = document.querySelector('#sliders input[type=range]');
				const from = performance.now();
				slider.value = Math.round(slider.max * share);
				slider.dispatchEvent(new Event('input'));
				await window.casebook.settled();
				const at = (name) =>
					performance
						.getEntriesByName(name)
						.map((mark) => mark.startTime)
						.find((time) => time > from) - from;
				return {first: at('plot'), final: at('final'), all: at('all')};
			},
			(load + 0.5) / LOADS
		);
		first.push(moved.first);
		final.push(moved.final);
		all.push(moved.all);
		await page.close();
	}
	return [median(ready), median(first), median(final), median(all)].map(Math.round);
}

const browser = await launch('chromium');
try {
	console.log('| page | ready | first | final | all | KB |\n|---|---|---|---|---|---|');
	for (const file of process.argv.slice(2)) {
		const times = await measure(browser, file);
		const weight = Math.round(gzipSync(readFileSync(file), {level: 9}).length / 1000);
		console.log(`| ${basename(file, '.html')} | ${times.join(' | ')} | ${weight} |`);
	}
} finally {
	await browser.close();
}
