# SPDX-License-Identifier: GPL-3.0-or-later
# M/M/1 at load 0.9 for SimPy 3 and later: a process puts the times of arrivals into a store, another takes them out and holds the
# time of service. A process for each customer would cost more.
#
#   simpy3.py CUSTOMERS     prints ns a customer of processor time, the mean time in the system, the version
import random
import sys
import time

import simpy

customers = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
draw = random.Random(1).expovariate
total = 0.0


def source(env, waiting):
    for _ in range(customers):
        yield env.timeout(draw(1))
        waiting.put(env.now)


def server(env, waiting):
    global total
    for _ in range(customers):
        arrival = yield waiting.get()
        yield env.timeout(draw(1 / 0.9))
        total += env.now - arrival


env = simpy.Environment()
store = simpy.Store(env)
env.process(source(env, store))
env.process(server(env, store))
begun = time.process_time()
env.run()
took = time.process_time() - begun
print("%.2f\t%.4f\t%s" % (took * 1e9 / customers, total / customers, simpy.__version__))
