// SPDX-License-Identifier: GPL-3.0-or-later
// What a reader does with a page, in a browser: node tests/page.mjs BROWSER DIRECTORY, where DIRECTORY has station.html
// and hostile.html as tests/page.t exports them. Prints lines of TAP without numbers. CASEBOOK is the native program.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {launch, moduleFile, serve} from './browser.mjs';

const [name, directory] = process.argv.slice(2);
const chromium = name === 'chromium';
const scratch = mkdtempSync(join(tmpdir(), 'page-'));
const axe = moduleFile('axe-core/axe.min.js');
let browser,
	server,
	wrong = 0;

function ok(held, text, why = '') {
	wrong += !held;
	console.log(`${held ? 'ok' : 'not ok'} ${name}: ${text}`);
	if (!held && why)
		console.log(
			String(why)
				.split('\n')
				.slice(0, 12)
				.map((line) => `# ${line}`)
				.join('\n')
		);
}

// A page with a list of all that it said or asked for beside itself.
async function open(address, {width = 1280, height = 900, media = [], before = null, script = true} = {}) {
	const page = await browser.newPage();
	page.heard = [];
	page.on('console', (message) => page.heard.push(`console: ${message.text()}`));
	page.on('pageerror', (error) => page.heard.push(`error: ${error.message}`));
	page.on(
		'request',
		(request) =>
			/^(blob|data):/.test(request.url()) ||
			request.isNavigationRequest() ||
			page.heard.push(`request: ${request.url()}`)
	);
	await page.setViewport({width, height});
	if (media.length) await page.emulateMediaFeatures(media);
	if (!script) await page.setJavaScriptEnabled(false);
	if (before) await page.evaluateOnNewDocument(before);
	await page.goto(address);
	if (script && !before) await page.evaluate(() => window.casebook.settled().then(() => 0));
	return page;
}

const settle = (page) => page.evaluate(() => window.casebook.settled().then(() => 0));
const digest = (page) => page.evaluate(() => window.casebook.digest());
const state = (page) => page.evaluate(() => window.casebook.state());
const text = (page, selector) => page.$eval(selector, (element) => element.textContent);
const set = (page, key, value) => page.evaluate((k, v) => window.casebook.set(k, v).then(() => 0), key, value);
const visible = (page, selector) => page.$eval(selector, (element) => element.checkVisibility());
const settings = (lines) =>
	new Map(
		lines
			.split('\n')
			.filter(Boolean)
			.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
	);

// The digest of the command that the page hands out, run by the native program.
async function native(page) {
	const command = await page.evaluate(() => window.casebook.command());
	const out = join(scratch, 'run');
	rmSync(out, {recursive: true, force: true});
	execFileSync(
		'sh',
		[
			'-c',
			`cd "$1" && ${command.replace(/^casebook /, '"$2" ')} --quiet -o "$3"`,
			'sh',
			directory,
			process.env.CASEBOOK,
			out,
		],
		{stdio: ['ignore', 'ignore', 'pipe']}
	);
	return JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
}

async function serious(page) {
	await page.evaluate(axe);
	const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
	return violations
		.filter((each) => ['serious', 'critical'].includes(each.impact))
		.map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(' ')).join(', ')}`)
		.join('\n');
}

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function withoutScript(address) {
	/* Firefox cannot be driven without scripts */
	if (chromium) {
		const page = await open(address, {script: false});
		const [said, drawn, controls] = [
			await text(page, '#sentence'),
			await text(page, '#finished desc'),
			await visible(page, '#controls'),
		];
		ok(
			/\d/.test(said) && /\d/.test(drawn) && !controls,
			'without scripts there is the sentence with its number, and the figure',
			said
		);
		await page.close();
	}
	const old = await open(address, {
		before: () => {
			delete window.WebAssembly;
		},
	});
	ok(
		/no WebAssembly/.test(await text(old, '#notice')) &&
			(await visible(old, '#finished')) &&
			!(await visible(old, '#controls')),
		'a browser without WebAssembly keeps the figure and says so',
		await text(old, '#notice')
	);
	await old.close();
}

async function drag(page) {
	const before = await page.evaluate(() => window.casebook.results().sentence);
	const box = await (await page.$('#slider-0')).boundingBox();
	const at = (share) => [box.x + 10 + share * (box.width - 20), box.y + box.height / 2];
	await page.mouse.move(...at(0.5));
	await page.mouse.down();
	for (let share = 0.5; share < 0.93; share += 0.05) await page.mouse.move(...at(share));
	await page.mouse.up();
	await settle(page);
	const after = await page.evaluate(() => window.casebook.results());
	ok(
		after.sentence !== before && after.done && after.differences.length > 0 && after.ghosts[0],
		'a slider that is dragged changes the sentence, and the default stays as a ghost',
		after.sentence
	);
	const told = await text(page, '#differences');
	ok(
		told.includes(after.differences[0].value) && /default \(.* \.\. .*\)/.test(told),
		'the paired difference is told with its interval',
		told
	);
}

async function presets(page) {
	const buttons = await page.$$('#presets button');
	const told = [];
	for (let i = 0; i < 4; i++) {
		await (await page.$$('#presets button'))[i].click();
		await settle(page);
		told.push(await digest(page));
		ok(
			(await page.$eval(`#presets button:nth-child(${i + 1})`, (button) =>
				button.getAttribute('aria-pressed')
			)) === 'true',
			`preset ${i + 1} is pressed when it has been chosen`
		);
	}
	ok(
		buttons.length >= 4 && new Set(told).size === told.length,
		'presets give results of their own',
		told.join(' ')
	);
}

async function links(page, address) {
	await set(page, 'servers', '3');
	const told = await digest(page),
		link = page.url();
	ok(/#.*servers=3/.test(link) && /seed=1/.test(link), 'the address tells the state', link);
	const other = await open(link);
	ok(
		(await digest(other)) === told && (await state(other)).includes('servers=3'),
		'a link opened again gives the same digest'
	);
	await other.close();
	const old = await open(`${address}#servers=3&seed=1&v=0.0.1`);
	ok(/0\.0\.1/.test(await text(old, '#notice')), 'a link of another version says so', await text(old, '#notice'));
	await old.close();
	const odd = await open(`${address}#servers=-5&nonsense=%zz%3Cimg`);
	ok(
		(await visible(odd, '#notice')) && (await digest(odd)),
		'a link that says nonsense is told, and the page works',
		await text(odd, '#notice')
	);
	await odd.close();
}

async function claims(page) {
	await set(page, 'preset', await text(page, '#presets button'));
	const holds = () => page.evaluate(() => window.casebook.results().claims[0].holds);
	const first = await holds();
	const why = await page.evaluate(() => window.casebook.set('servres', '4').catch((error) => error.message));
	ok(/unknown key "servres"/.test(why), `what cannot be set is told: ${why}`);
	await set(page, 'servers', '4');
	const turned = await holds();
	ok(
		first === 'yes' &&
			turned === 'no' &&
			(await page.$eval('.claim', (element) => element.classList.contains('no'))),
		'a claim turns from true to false',
		`${first}, then ${turned}`
	);
	await page.click('#reset');
	await settle(page);
	ok((await holds()) === 'yes', 'and back');
	await page.click('.claim button');
	await settle(page);
	ok(
		(await holds()) !== 'yes' && (await state(page)).includes('without='),
		'without its mechanism it does not hold'
	);
	await page.click('.claim button');
	await settle(page);
	ok((await holds()) === 'yes' && !(await state(page)).includes('without='), 'with its mechanism it does again');
}

async function assumptions(page) {
	const before = await digest(page);
	await page.$eval('.objections', (details) => {
		details.open = true;
	});
	const choose = async (value) => {
		await page.select('#assumptions label:nth-child(2) select', value);
		await settle(page);
	};
	await choose('const');
	ok(
		/service=const\(/.test(await state(page)) && (await digest(page)) !== before,
		'who objects to exponential services makes all of them alike',
		await state(page)
	);
	await choose('');
	ok((await digest(page)) === before, 'and goes back');
}

async function keyboard(page) {
	await page.evaluate(() => document.activeElement.blur());
	let reached = false;
	for (let i = 0; i < 20 && !reached; i++) {
		await page.keyboard.press('Tab');
		reached = await page.evaluate(() => document.activeElement.id === 'slider-0');
	}
	ok(reached, 'a slider is reached by the keyboard');
	const before = await digest(page);
	await page.keyboard.press('ArrowRight');
	await settle(page);
	ok((await digest(page)) !== before, 'an arrow moves it');
	const spoken = await page.$eval(
		'#slider-0',
		(input) => `${input.labels[0].textContent} ${input.getAttribute('aria-valuetext')}`
	);
	const value = await text(page, '#sliders output');
	ok(spoken.includes(value) && /\w/.test(spoken), 'it says its name and its value with a unit', spoken);
	await new Promise((resolve) => setTimeout(resolve, 700));
	const sentence = await page.evaluate(() => window.casebook.results().sentence);
	ok(
		(await text(page, '#spoken')).includes(sentence),
		'the live region says the sentence',
		await text(page, '#spoken')
	);
	await page.keyboard.press('r');
	await settle(page);
	ok((await digest(page)) === before, 'R goes back to the default');
	await page.keyboard.press('?');
	ok(await page.$eval('#keys', (details) => details.open), '? shows the keys');
	await page.evaluate(() => document.activeElement.blur());
	ok(
		await text(page, '#where').then((where) => where.startsWith('step 0')),
		'the slowest request stands still at first'
	);
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowLeft');
	ok(/^step 1 /.test(await text(page, '#where')), 'arrows step through it', await text(page, '#where'));
	await page.keyboard.press(' ');
	ok(await text(page, '#journey-play').then((word) => /Pause/.test(word)), 'space plays');
	await page.keyboard.press(' ');
	ok(await text(page, '#journey-play').then((word) => /Play/.test(word)), 'and pauses');
}

async function twins(page) {
	await page.$eval('#table', (details) => {
		details.open = true;
	});
	await page.waitForSelector('#table-inside td');
	const rows = await page.$$eval('#table-inside tbody tr', (list) => list.length);
	const label = await page.$eval('#live', (element) => element.getAttribute('aria-label'));
	ok(rows > 3 && /\d/.test(label), 'the plot has a table, and a description with numbers', `${rows}: ${label}`);
	for (const id of ['sources', 'share'])
		await page.$eval(`#${id}`, (details) => {
			details.open = true;
		});
	await page.waitForSelector('#share-link');
	ok((await text(page, '#sources-inside')).includes('servers'), 'parameters are listed with their evidence');
	const picture = await page.evaluate(async () => {
		let made = null;
		const kept = URL.createObjectURL;
		URL.createObjectURL = (blob) => {
			made = blob;
			return kept.call(URL, blob);
		};
		document.getElementById('share-svg').click();
		URL.createObjectURL = kept;
		return made && made.text();
	});
	const parsed = await page.evaluate(
		(svg) => new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror') === null,
		picture
	);
	ok(
		parsed && picture.includes('seed=1') && picture.includes('<desc>'),
		'the picture is an SVG that has the link in it'
	);
	const pixels = await page.evaluate(
		() =>
			new Promise((resolve) => {
				const kept = URL.createObjectURL;
				URL.createObjectURL = (blob) => {
					if (blob.type !== 'image/png') return kept.call(URL, blob);
					URL.createObjectURL = kept;
					createImageBitmap(blob).then(({width, height}) => resolve([width, height]));
					return kept.call(URL, blob);
				};
				document.getElementById('share-png').click();
			})
	);
	ok(
		pixels[0] >= 1440 && pixels[1] >= 800,
		'and a PNG of as many pixels as dense screens have',
		pixels.join(' x ')
	);
}

async function bet(page) {
	await page.$eval('#bet', (details) => {
		details.open = true;
	});
	await page.waitForSelector('.betting #bet-guess');
	const covered = await page.$eval('#live', (element) => getComputedStyle(element).filter);
	await page.type('#bet-guess', '30 ms');
	await page.keyboard.press('Enter');
	const told = await text(page, '#bet-inside p');
	const shown = await page.$eval('#live', (element) => getComputedStyle(element).filter);
	ok(
		covered !== 'none' && shown === 'none' && /You said 30 ms\. It is .* m?s/.test(told),
		'a bet covers the numbers until it has been made, then tells them',
		`${covered}, ${shown}, ${told}`
	);
}

async function darkness(address) {
	const dark = await open(address, {
		media: [
			{name: 'prefers-color-scheme', value: 'dark'},
			{name: 'prefers-reduced-motion', value: 'reduce'},
		],
	});
	ok(
		(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor)) === 'rgb(13, 17, 23)',
		'dark where the reader wants it dark'
	);
	const dim = await serious(dark);
	ok(dim === '', 'axe finds nothing serious in the dark', dim);
	await dark.close();
}

async function looks(address) {
	/* Firefox cannot be told what the reader wants */
	if (chromium) await darkness(address);
	const narrow = await open(address, {width: 360, height: 740});
	ok((await wide(narrow)) <= 0, 'nothing is wider than 360 pixels');
	const found = await serious(narrow);
	ok(found === '', 'axe finds nothing serious at 360 pixels', found);
	await narrow.evaluate(() => {
		const box = document.createElement('div');
		box.style.cssText = 'width: 400px; height: 1px';
		const image = document.createElement('img');
		image.src = 'data:,';
		document.body.append(box, image);
	});
	ok((await wide(narrow)) > 0, 'canary: what is too wide is noticed');
	ok((await serious(narrow)).includes('image-alt'), 'canary: axe finds an image without words');
	await narrow.close();
}

async function frame() {
	const page = await browser.newPage();
	page.on('pageerror', (error) => ok(false, 'no error in a frame', error.message));
	await page.goto(`${server.address}/frame.html`);
	await page.waitForFunction(() => document.querySelector('iframe').contentWindow.casebook?.results()?.done, {
		timeout: 30000,
	});
	await new Promise((resolve) => setTimeout(resolve, 300));
	const [told, body] = await page.evaluate(() => [
		window.told,
		document.querySelector('iframe').contentDocument.body.getBoundingClientRect().height,
	]);
	ok(Math.abs(told - body) <= 2, 'in a frame the page tells its height', `${told}, ${body}`);
	await page.close();
}

async function hostile() {
	const page = await open(`${server.address}/hostile.html`);
	await page.$$eval('details', (list) =>
		list.forEach((details) => {
			details.open = true;
		})
	);
	await new Promise((resolve) => setTimeout(resolve, 200));
	const [hit, images] = await page.evaluate(() => [window.hit, document.images.length]);
	ok(
		hit == null && images === 0 && (await text(page, 'body')).includes('<img'),
		'texts of a model stay texts',
		`${hit} ${images}`
	);
	ok(page.heard.length === 0, 'and nothing is asked for', page.heard.join('\n'));
	await page.evaluate(() => {
		document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.hit = 1">');
	});
	await page.waitForFunction(() => window.hit === 1, {timeout: 5000}).catch(() => null);
	ok((await page.evaluate(() => window.hit)) === 1, 'canary: markup would be noticed');
	await page.close();
}

async function equal(page) {
	const positions = JSON.parse(process.env.POSITIONS || '[]');
	await set(page, 'preset', await text(page, '#presets button'));
	const seen = [];
	for (const [key, value] of [['servers', '1'], ...positions]) {
		await set(page, key, value);
		const run = await native(page),
			told = await digest(page);
		seen.push(told);
		ok(
			run.digest === told,
			`the native program agrees bit for bit: ${(await state(page)).replaceAll('\n', ' ')}`,
			`${told} ${run.digest}`
		);
	}
	await set(page, 'run.seed', '2');
	ok(!seen.includes(await digest(page)), 'canary: another seed gives another digest');
}

async function paper(page) {
	const pdf = await page.pdf({format: 'A4'});
	ok(pdf.length > 10000 && Buffer.from(pdf.subarray(0, 4)).toString() === '%PDF', 'it prints');
}

try {
	browser = await launch(name);
	server = await serve(directory);
	const file = `file://${join(directory, 'station.html')}`,
		http = `${server.address}/station.html`;
	const first = chromium ? file : http,
		second = chromium ? http : file;
	await withoutScript(first);
	const page = await open(first);
	await drag(page);
	await presets(page);
	await claims(page);
	await assumptions(page);
	await keyboard(page);
	await twins(page);
	await bet(page);
	await links(page, first);
	await equal(page);
	if (chromium) await paper(page);
	ok(page.heard.length === 0, 'nothing was said on the console, nothing asked for', page.heard.join('\n'));
	await page.evaluate(() => {
		console.log('heard');
		return fetch('/x').catch(() => 0);
	});
	await new Promise((resolve) => setTimeout(resolve, 300));
	ok(
		page.heard.some((line) => line.includes('heard')),
		'canary: what is said is noticed',
		page.heard.join('\n')
	);
	await page.close();
	const other = await open(second);
	ok((await digest(other)) !== null, `it runs from ${chromium ? 'a server' : 'a file'} too`);
	await other.close();
	await looks(first);
	await frame();
	await hostile();
	const strange = server.asked.filter(
		(path) => !['/station.html', '/frame.html', '/hostile.html'].includes(path)
	);
	ok(strange.length === 0, 'the server was asked for nothing but pages', strange.join(' '));
} catch (error) {
	ok(false, 'to the end', error.stack);
} finally {
	await browser?.close();
	server?.close();
	rmSync(scratch, {recursive: true, force: true});
}
process.exitCode = wrong ? 1 : 0;
