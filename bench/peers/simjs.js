// SPDX-License-Identifier: GPL-3.0-or-later
// M/M/1 at load 0.9 for simjs: a source whose timer asks a facility for the service of the next customer.
//
//   node simjs.js CUSTOMERS     prints ns a customer of processor time, the mean time in the system, the version
//
// NODE_PATH names the directory in which simjs is installed.
'use strict';
global.window = {}; // the package puts what it exports there, and nowhere else
require('simjs');
const { Sim, Entity, Facility, Random } = global.window.Sim;

const customers = Number(process.argv[2] || 100000);
const random = new Random(1);
const server = new Facility('server');
let left = customers, served = 0, sum = 0;

class Source extends Entity {
	start() {
		this.setTimer(random.exponential(1)).done(this.arrive);
	}

	arrive() {
		this.useFacility(server, random.exponential(1 / 0.9)).done(this.leave, this, this.time());
		if (--left > 0)
			this.setTimer(random.exponential(1)).done(this.arrive);
	}

	leave(arrival) {
		sum += this.time() - arrival;
		served++;
	}
}

const sim = new Sim();
sim.addEntity(Source, 'source');
const begun = process.cpuUsage();
sim.simulate(Infinity);
const took = process.cpuUsage(begun);
const { version } = require('simjs/package.json');
console.log([((took.user + took.system) * 1000 / customers).toFixed(2), (sum / served).toFixed(4), version].join('\t'));
