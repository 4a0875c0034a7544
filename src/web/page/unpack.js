/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inverse of liblzma's lzma_alone_encoder, for bytes of unknown length that end with their mark. What a page holds
 * is a sixth smaller this way than gzipped, for which browsers have a decoder of their own; the libraries of npm that
 * were tried take 170 to 310 ms for a module, this takes 40.
 *
 * Every decision is a bit of an adaptive model. After a few of them, by the state of what came before: a literal byte,
 * or `run` bytes again from `back` bytes before, where one of the last four distances is cheaper than a new one.
 */
const HALF = 1024, /* of 2048: a bit of which nothing is known */
	HEAD = 13,
	LONGEST = 273,
	END = 2 ** 32;

const models = (count) => new Uint16Array(count).fill(HALF);
const lengths = () => ({choice: models(2), low: models(128), middle: models(128), high: models(256)});

class Coder {
	/* Unsigned numbers of 32 bits: as fields of the object each would be made anew on every change. */
	constructor(bytes) {
		this.bytes = bytes;
		this.at = HEAD;
		this.code = new Uint32Array(2); /* and the range beside it */
		this.code[1] = END - 1;
		for (let i = 0; i < 5; i++) this.shift();
	}
	shift() {
		if (this.at === this.bytes.length) throw new Error('What this page holds is cut short.');
		this.code[0] = (this.code[0] << 8) | this.bytes[this.at++];
	}
	narrow() {
		if (this.code[1] >= 2 ** 24) return;
		this.code[1] <<= 8;
		this.shift();
	}
	bit(model, index) {
		const code = this.code,
			half = model[index],
			bound = (code[1] >>> 11) * half,
			one = code[0] >= bound ? 1 : 0;
		if (one) {
			code[0] -= bound;
			code[1] -= bound;
			model[index] = half - (half >> 5);
		} else {
			code[1] = bound;
			model[index] = half + ((2048 - half) >> 5);
		}
		this.narrow();
		return one;
	}
	/* Of `depth` bits, the highest first; below it, the lowest first. */
	tree(model, from, depth) {
		let node = 1;
		for (let i = 0; i < depth; i++) node = (node << 1) | this.bit(model, from + node);
		return node - (1 << depth);
	}
	reversed(model, from, depth) {
		let node = 1,
			value = 0;
		for (let i = 0; i < depth; i++) {
			const bit = this.bit(model, from + node);
			node = (node << 1) | bit;
			value |= bit << i;
		}
		return value;
	}
	/* Bits of which nothing is known. */
	plain(count) {
		let value = 0;
		for (; count > 0; count--) {
			this.code[1] >>>= 1;
			const one = this.code[0] >= this.code[1] ? 1 : 0;
			if (one) this.code[0] -= this.code[1];
			value = value * 2 + one;
			this.narrow();
		}
		return value;
	}
	run(of, place) {
		if (!this.bit(of.choice, 0)) return 2 + this.tree(of.low, place << 3, 3);
		if (!this.bit(of.choice, 1)) return 10 + this.tree(of.middle, place << 3, 3);
		return 18 + this.tree(of.high, 0, 8);
	}
}

export function unpack(packed) {
	const contextBits = packed[0] % 9,
		literalPlaces = (1 << (Math.floor(packed[0] / 9) % 5)) - 1,
		places = (1 << Math.floor(packed[0] / 45)) - 1;
	const literal = models((0x300 * (literalPlaces + 1)) << contextBits),
		match = models(192),
		short = models(192),
		again = [models(12), models(12), models(12), models(12)],
		slots = models(256),
		far = models(128),
		align = models(16),
		fresh = lengths(),
		repeated = lengths();
	const coder = new Coder(packed);
	let out = new Uint8Array(packed.length * 4),
		length = 0,
		state = 0,
		back = [1, 1, 1, 1];

	function byte() {
		const before = length ? out[length - 1] : 0,
			from = 0x300 * (((length & literalPlaces) << contextBits) + (before >> (8 - contextBits)));
		let node = 1;
		if (state >= 7) {
			/* Probably not what would have come next in a match. */
			let like = out[length - back[0]],
				offset = 256;
			while (node < 256) {
				like <<= 1;
				const expected = like & offset,
					bit = coder.bit(literal, from + offset + expected + node);
				node = (node << 1) | bit;
				offset &= bit ? expected : ~expected;
			}
		}
		while (node < 256) node = (node << 1) | coder.bit(literal, from + node);
		return node;
	}
	function distance(run) {
		const slot = coder.tree(slots, Math.min(run - 2, 3) << 6, 6);
		if (slot < 4) return slot + 1;
		const low = (slot >> 1) - 1,
			base = (2 | (slot & 1)) * 2 ** low;
		if (slot < 14) return 1 + base + coder.reversed(far, base - slot, low);
		const high = coder.plain(low - 4) * 16;
		return 1 + base + high + coder.reversed(align, 0, 4);
	}
	/* Which of the last four; -1: one byte from the last. */
	function which(index) {
		if (!coder.bit(again[1], state)) return coder.bit(short, index) - 1;
		return coder.bit(again[2], state) ? 2 + coder.bit(again[3], state) : 1;
	}

	for (;;) {
		const place = length & places,
			index = (state << 4) + place;
		let run;
		if (length + LONGEST > out.length) {
			const more = new Uint8Array(out.length * 2);
			more.set(out);
			out = more;
		}
		if (!coder.bit(match, index)) {
			out[length] = byte();
			length++;
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
			continue;
		}
		if (!coder.bit(again[0], state)) {
			run = coder.run(fresh, place);
			back = [distance(run), back[0], back[1], back[2]];
			state = state < 7 ? 7 : 10;
			if (back[0] === END) return out.subarray(0, length);
		} else {
			const last = which(index);
			if (last < 0) {
				run = 1;
				state = state < 7 ? 9 : 11;
			} else {
				back.unshift(back.splice(last, 1)[0]);
				run = coder.run(repeated, place);
				state = state < 7 ? 8 : 11;
			}
		}
		if (back[0] > length) throw new Error('What this page holds is damaged.');
		for (const end = length + run; length < end; length++) out[length] = out[length - back[0]];
	}
}
