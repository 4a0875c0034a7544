# SPDX-License-Identifier: GPL-3.0-or-later
# M/M/1 at load 0.9 for SimPy 2: a process puts the times of arrivals into a store, another takes them out and holds the
# time of service. A process for each customer would cost more.
#
#   simpy2.py CUSTOMERS     prints ns a customer of processor time, the mean time in the system, the version
import random
import sys
import time

from SimPy import __version__ as version
from SimPy.Simulation import Process, Simulation, Store, get, hold, put

customers = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
draw = random.Random(1).expovariate
total = 0.0


class Source(Process):
    def life(self, waiting):
        for _ in range(customers):
            yield hold, self, draw(1)
            yield put, self, waiting, [self.sim.now()]


class Server(Process):
    def life(self, waiting):
        global total
        for _ in range(customers):
            yield get, self, waiting, 1
            arrival = self.got[0]
            yield hold, self, draw(1 / 0.9)
            total += self.sim.now() - arrival


sim = Simulation()
store = Store(sim=sim, capacity="unbounded")
for process in Source(sim=sim), Server(sim=sim):
    sim.activate(process, process.life(store))
begun = time.process_time()
sim.simulate(until=float("inf"))
took = time.process_time() - begun
print("%.2f\t%.4f\t%s" % (took * 1e9 / customers, total / customers, version))
