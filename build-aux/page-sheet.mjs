// SPDX-License-Identifier: GPL-3.0-or-later
// Contact sheets of pages, to be looked at: node build-aux/page-sheet.mjs DIRECTORY FILE.html..., from the build
// directory. DIRECTORY/NAME.png shows a page 1280 and 360 pixels wide, light and dark, with its second preset, or what
// MOVE=KEY=VALUE says, and with the journey some steps on its way; an index or a post of the site as it is.
import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {launch} from '../tests/browser.mjs';

const [directory, ...files] = process.argv.slice(2);
const [key, value] = (process.env.MOVE || '').split('=');

async function shot(browser, file, width, scheme) {
	const page = await browser.newPage();
	await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
	await page.setViewport({width, height: 900});
	page.on('console', (message) => console.error(`${file}: ${message.text()}`));
	page.on('pageerror', (error) => console.error(`${file}: ${error.message}`));
	await page.goto(`file://${resolve(file)}`);
	await page.evaluate(
		async (k, v) => {
			for (const image of document.querySelectorAll('[loading=lazy]')) image.loading = 'eager';
			if (!window.casebook) return;
			await window.casebook.settled();
			if (k) await window.casebook.set(k, v);
			else document.querySelector('#presets button:nth-child(2)').click();
			await window.casebook.settled();
			for (let i = 0; i < 3; i++) document.getElementById('journey-forward')?.click();
		},
		key,
		value
	);
	await new Promise((done) => setTimeout(done, 500));
	const png = Buffer.from(await page.screenshot({fullPage: true})).toString('base64');
	await page.close();
	return `<img width="${width}" src="data:image/png;base64,${png}">`;
}

mkdirSync(directory, {recursive: true});
const browser = await launch('chromium');
try {
	for (const file of files) {
		const shots = [];
		for (const scheme of ['light', 'dark'])
			for (const width of [1280, 360]) shots.push(await shot(browser, file, width, scheme));
		const sheet = await browser.newPage();
		await sheet.setViewport({width: 3360, height: 100});
		await sheet.setContent(
			`<body style="margin:0;display:flex;gap:20px;align-items:start">${shots.join('')}`
		);
		writeFileSync(
			join(directory, `${basename(file, '.html')}.png`),
			await sheet.screenshot({fullPage: true})
		);
		await sheet.close();
	}
} finally {
	await browser.close();
}
