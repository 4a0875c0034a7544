// SPDX-License-Identifier: GPL-3.0-or-later
// Browsers for scripts that look at pages: puppeteer-core from page-modules drives Debian's Chromium and Firefox, and a
// server of this machine hands out the files of one directory.
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {existsSync, readFileSync} from 'node:fs';
import {join, normalize, resolve} from 'node:path';

const modules = join(process.env.top_builddir || '.', 'page-modules');

// A module of page-modules; null where npm has not been run.
export function module(name) {
	try {
		return createRequire(join(resolve(modules), 'x'))(name);
	} catch {
		return null;
	}
}

// The text of a file in it.
export const moduleFile = (name) => readFileSync(createRequire(join(resolve(modules), 'x')).resolve(name), 'utf8');

const PATHS = {
	chromium: [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
	firefox: [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'],
};

// Where a browser is; undefined when there is none.
export const found = (name) => PATHS[name].find((path) => path && existsSync(path));

export async function launch(name) {
	const puppeteer = module('puppeteer-core');
	const options = {executablePath: found(name), headless: true, protocolTimeout: 120000};
	if (name === 'firefox') return puppeteer.launch({...options, browser: 'firefox'});
	return puppeteer.launch({...options, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']});
}

// Serves a directory on a port of its own; `asked` lists the paths that were wanted.
export function serve(directory) {
	const asked = [];
	const server = createServer((request, response) => {
		const path = decodeURIComponent(request.url.split('?')[0]);
		asked.push(path);
		const file = join(directory, normalize('/' + path));
		if (!existsSync(file)) {
			response.writeHead(404);
			response.end();
			return;
		}
		response.writeHead(200, {'content-type': 'text/html; charset=utf-8'});
		response.end(readFileSync(file));
	});
	return new Promise((resolve) =>
		server.listen(0, '127.0.0.1', () =>
			resolve({
				address: `http://127.0.0.1:${server.address().port}`,
				asked,
				close: () => server.close(),
			})
		)
	);
}
