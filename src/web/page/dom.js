/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements of the page, and what is said to those who listen to it. */
export const $ = (id) => document.getElementById(id);

const SPOKEN_MS = 500;

/* An element with properties (aria... are attributes) and children, of which texts become text nodes. */
export function el(name, properties = {}, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(properties))
		if (key.startsWith('aria') || key === 'role' || key === 'for' || key === 'scope')
			element.setAttribute(
				key.replace(/^aria([A-Z])/, (m, c) => 'aria-' + c.toLowerCase()),
				value
			);
		else element[key] = value;
	element.append(...children.filter((child) => child !== null && child !== undefined));
	return element;
}

/* Replaces a list of elements only when what it says has changed: who reads or has the focus there is left alone. */
export function renew(element, key, make) {
	const said = JSON.stringify(key);
	if (element.dataset.said === said) return;
	element.dataset.said = said;
	element.replaceChildren(...make());
}

/* A table: rows are lists of cells, texts or elements; the first cell of a row is its head. */
export function tableOf(className, heads, rows) {
	const row = (cells) =>
		el('tr', {}, ...cells.map((cell, i) => (i ? el('td', {}, cell) : el('th', {scope: 'row'}, cell))));
	return el(
		'table',
		{className},
		el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', {scope: 'col'}, head)))),
		el('tbody', {}, ...rows.map(row))
	);
}

/* Base64 in an element, as bytes. */
export function bytesOf(id) {
	const text = atob($(id).textContent.trim()),
		bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/* Copies a text, and says so on the button that was pressed. */
export async function copy(text, button) {
	const said = button.textContent;
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		/* files and frames may not use the clipboard: the old way */
		const area = el('textarea', {value: text, className: 'unseen'});
		document.body.append(area);
		area.select();
		document.execCommand('copy');
		area.remove();
		button.focus();
	}
	button.textContent = 'Copied';
	say('Copied');
	setTimeout(() => {
		button.textContent = said;
	}, 1500);
}

let speaking;
/* Says a text to who listens; of several at short intervals, the last. */
export function say(text) {
	clearTimeout(speaking);
	speaking = setTimeout(() => {
		$('spoken').textContent = text;
	}, SPOKEN_MS);
}

/* One line of plain words below the figure; empty: nothing. */
export function notice(text, wrong = false) {
	$('notice').textContent = text;
	$('notice').className = wrong ? 'notice wrong' : 'notice';
	$('notice').hidden = !text;
}
