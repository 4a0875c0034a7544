/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The claims, as they are judged in the present state, and the switch that takes a claim's mechanism away. */
import {$, el, renew, tableOf} from './dom.js';
import {changesOf, toggleWithout} from './controls.js';
import {page} from './state.js';

const HOLDS = {yes: '✓ holds', no: '✗ does not hold', inconclusive: '? not settled'};

function expectations(claim) {
	const withouts = claim.expect.some((expect) => expect.without !== null);
	const rows = claim.expect.map((expect) => [
		el('code', {}, expect.text),
		el('span', {className: expect.holds}, expect.measured ?? '-'),
		...(withouts ? [expect.without ?? '-'] : []),
	]);
	const heads = ['expected', 'measured', ...(withouts ? ['without its mechanism'] : [])];
	return el('div', {className: 'expect-scroll'}, tableOf('expect', heads, rows));
}

export function showClaims() {
	const without = page.settings.get('without');
	$('claims-live').hidden = $('claims-lead').hidden = false;
	$('claims-finished').hidden = true;
	const focused = document.activeElement?.dataset?.claim;
	renew($('claims-live'), [judged(), without], () =>
		judged().map((claim) => {
			const told = page.about.claims.find((entry) => entry.id === claim.id) || {},
				away = without === claim.id;
			const facts = [
				claim.kind,
				told.mechanism ? `mechanism: ${told.mechanism}` : null,
				told.source ? (page.about.sources[told.source] ?? told.source) : null,
			];
			const earned =
				claim.without_holds === null
					? null
					: claim.without_holds === 'yes'
						? 'It holds without its mechanism, too: that does not explain it here.'
						: claim.holds === 'yes'
							? 'Without its mechanism it does not hold.'
							: null;
			return el(
				'article',
				{className: `claim ${claim.holds}`},
				el(
					'div',
					{className: 'claim-top'},
					el('span', {className: 'verdict'}, HOLDS[claim.holds]),
					el('span', {}, claim.says)
				),
				el('p', {className: 'about-it'}, facts.filter(Boolean).join(' · ')),
				expectations(claim),
				earned ? el('p', {className: 'about-it'}, earned) : null,
				told.without
					? el('button', {
							type: 'button',
							ariaPressed: String(away),
							textContent: away
								? 'Put its mechanism back'
								: 'Take its mechanism away',
							title: changesOf(told),
							onclick: () => toggleWithout(claim.id),
						})
					: null
			);
		})
	);
	$('claims-live')
		.querySelectorAll('.claim button')
		.forEach((button, i) => {
			button.dataset.claim = i;
			if (String(i) === focused && document.activeElement !== button) button.focus();
		});
}

/* What the small setup must show at its defaults (the section's own `expect`) says nothing elsewhere. */
const judged = () => page.results.claims.filter((claim) => claim.id !== 'explore' || page.results.state === '');

/* One line a claim below the figure, where it is seen while a slider moves. */
export function showChips() {
	const claims = page.results.claims.filter((claim) => claim.id !== 'explore');
	$('chips').hidden = claims.length === 0;
	const line = (claim) =>
		el(
			'li',
			{className: claim.holds},
			el('span', {className: 'verdict'}, HOLDS[claim.holds]),
			el('span', {}, claim.says)
		);
	renew(
		$('chips'),
		claims.map((claim) => claim.holds),
		() => claims.map(line)
	);
}
