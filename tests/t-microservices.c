/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Graphs of services against what is known of them: `station`, to the nanosecond; queueing theory, over five seeds; and
 * what model/graph.h says of threads, pools, retries, second copies, fallbacks and what is given up, counted exactly.
 */
#include "param/param_walk.h"
#include "texts.h"

#include <float.h>

enum { SEEDS = 5 };

#define HEAD(rate, lasts) "case: microservices\n" \
			  "trace: {windows: {rate: " rate ", for: " lasts "}}\n"
#define WARM(lasts) "run: {warmup: " lasts "}\n"

/* ---- one service is a station ---- */

static void check_station(void)
{
	static const char *const statistics[] = {"count", "mean", "p50", "p99", "max"};
	static const char *const of[][2] = {{"{servers: 1}", "{}"}, {"{servers: 3, service: exp(24 ms)}",
								     "{threads: 3, work: exp(24 ms)}"}};
	for (size_t k = 0; k < 2; k++) {
		const char *trace = "trace: {windows: {rate: 100 /s, for: 100 s}}\n";
		const struct setup *station = setup_of(arena_format(&arena, "case: station\n%smodel: %s\n", trace,
								    of[k][0]), NULL);
		const struct setup *graph = setup_of(arena_format(&arena, "case: microservices\n%smodel: {classes: "
			"{all: {enter: web}}, services: {web: {work: exp(8 ms)}}}\n", trace),
			arena_format(&arena, "model: {services: {web: %s}}", of[k][1]));
		struct replay *a = replay_run(station, NULL, 0, 0, NULL), *b = replay_run(graph, NULL, 0, 0, NULL);
		for (size_t i = 0; i < sizeof statistics / sizeof *statistics; i++) {
			ok(term_of(a, station, statistics[i], "response") ==
				   term_of(b, graph, statistics[i], "response"),
			   "%s(response) of one service is that of a station", statistics[i]);
			ok(term_of(a, station, statistics[i], "wait") == term_of(b, graph, statistics[i], "web.wait"),
			   "%s(wait) as well", statistics[i]);
		}
		ok(fabs(term_of(a, station, "mean", "busy") - term_of(b, graph, "mean", "web.busy")) < 1e-12,
		   "and as many are busy");
		near_to((double)b->sim->events / (double)a->sim->events, 1, 1e-9, "with as many events");
		replay_free(a);
		replay_free(b);
	}
}

/* ---- queueing theory ---- */

/* Within 4 standard errors over five seeds, of which a canary says that they are small enough to tell `apart`. */
static void by_theory(const struct setup *setup, const char *statistic, const char *metric, double expected,
		      double apart, const char *what)
{
	double error, mean = over_seeds(setup, SEEDS, statistic, metric, &error);
	ok(fabs(mean - expected) < 4 * error, "%s: %s(%s) is %.5g, by theory %.5g (error %.2g)", what, statistic,
	   metric, mean, expected, error);
	ok(fabs(mean - expected * (1 + apart)) > 4 * error, "canary: %g %% more is told apart", apart * 100);
}

/* Erlang's: the share of customers that find all c servers taken, in a loss system; and who must wait. */
static double erlang_b(int c, double a)
{
	double b = 1;
	for (int i = 1; i <= c; i++)
		b = a * b / (i + a * b);
	return b;
}

static double erlang_c(int c, double a)
{
	double b = erlang_b(c, a);
	return c * b / (c - a * (1 - b));
}

static void check_erlang(void)
{
	const struct setup *loss = setup_of(HEAD("8 /s", "4000 s") WARM("20 s") "model: {classes: {all: {enter: web}}, "
					    "services: {web: {threads: 10, queue: 0, work: exp(1 s)}}}\n", NULL);
	near_to(erlang_b(10, 8), .1217, 5e-5, "Erlang B of 10 servers and 8 erlangs");
	by_theory(loss, "rate", "web.refused", 8 * erlang_b(10, 8), .1, "Erlang B");
	const struct setup *wait = setup_of(HEAD("8 /s", "6000 s") WARM("20 s") "model: {classes: {all: {enter: web}}, "
					    "services: {web: {threads: 10, work: exp(1 s)}}}\n", NULL);
	near_to(erlang_c(10, 8), .4092, 5e-5, "Erlang C of 10 servers and 8 erlangs");
	by_theory(wait, "mean", "web.wait", erlang_c(10, 8) / 2, .2, "Erlang C");

	/* M/M/2/5: two servers, three waiting places. */
	double p[6] = {1}, sum = 1, inside = 0, a = 1.5;
	for (int n = 1; n <= 5; n++) {
		p[n] = p[n - 1] * a / (n < 2 ? n : 2);
		sum += p[n];
	}
	for (int n = 1; n <= 5; n++)
		inside += n * p[n] / sum;
	const struct setup *places = setup_of(
		HEAD("15 /s", "2000 s") WARM("10 s") "model: {classes: {all: {enter: web}}, "
						     "services: {web: {threads: 2, queue: 3, work: exp(100 ms)}}}\n",
		NULL);
	by_theory(places, "rate", "web.refused", 15 * p[5] / sum, .1, "M/M/2/5");
	by_theory(places, "mean", "web.response", inside / (15 * (1 - p[5] / sum)), .05, "M/M/2/5");
}

/* Cobham 1954, Operations Research 2(1): priorities that interrupt nobody. Work left: rho / mu; loads .3 and .5. */
static void check_priorities(void)
{
	static const char text[] =
		HEAD("80 /s", "1500 s") WARM("20 s")
		"model: {classes: {low: {enter: web, priority: 2}, high: {enter: web}}, "
		"services: {web: {order: priority, work: exp(10 ms)}}}\n";
	const struct setup *setup = setup_of(text, "trace: {columns: {class: {mix: {high: 37.5 %, low: 62.5 %}}}}");
	const struct setup *arrival = setup_of(text, "trace: {columns: {class: {mix: {high: 37.5 %, low: 62.5 %}}}}\n"
						     "model: {services: {web: {order: arrival}}}");
	double left = .8 * .01;
	by_theory(setup, "mean", "high.response", left / (1 - .3) + .01, .1, "the class that is served first");
	by_theory(setup, "mean", "low.response", left / ((1 - .3) * (1 - .8)) + .01, .15, "and the other one");
	by_theory(setup, "mean", "web.wait", left / (1 - .8), .15, "of both, the mean is as without priorities");
	by_theory(arrival, "mean", "high.response", .05, .15, "without, both are alike");
}

/* Burke 1956, Jackson 1957: each station as if alone. */
static void check_jackson(void)
{
	const struct setup *setup = setup_of(
		HEAD("100 /s", "150 s") WARM("5 s")
		"model:\n"
		"  classes: {all: {enter: front}}\n"
		"  services:\n"
		"    front: {async: on, threads: 2, work: exp(12 ms), steps: [a, b], calls: {b: {chance: 40 %}}}\n"
		"    a: {work: exp(5 ms)}\n"
		"    b: {threads: 3, work: exp(50 ms), steps: [c], async: on}\n"
		"    c: {work: exp(10 ms)}\n", NULL);
	by_theory(setup, "mean", "front.wait", erlang_c(2, 1.2) / (2 / .012 - 100), .3, "M/M/2");
	by_theory(setup, "mean", "a.response", 1 / (200. - 100), .2, "a tandem");
	by_theory(setup, "mean", "b.wait", erlang_c(3, 2) / (3 / .05 - 40), .4, "a part of them, M/M/3");
	by_theory(setup, "mean", "c.response", 1 / (100. - 40), .2, "and the next one");
}

/* Flatto and Hahn 1984, Nelson and Tantawi 1988. */
static void check_fork_join(void)
{
	const struct setup *setup = setup_of(
		HEAD("50 /s", "300 s") WARM("10 s") "model: {classes: {all: {enter: front}}, services: {front: {work: "
						    "const(0 ns), threads: 1 M, steps: [a and b]}, "
						    "a: {work: exp(10 ms)}, b: {work: exp(10 ms)}}}\n",
		NULL);
	by_theory(setup, "mean", "response", (12 - .5) / 8 / 50, .1, "fork-join of two");
}

/* Mitzenmacher 2001: for infinitely many queues. */
static void check_supermarket(void)
{
	static const struct {
		double load, apart;
		const char *lasts;
	} of[] = {{.8, .1, "400 s"}, {.9, .1, "120 s"}, {.9, .1, "120 s"}};
	for (int d = 1; d <= 3; d++) {
		double lambda = of[d - 1].load, expected = 0, power = 0;
		for (int i = 1; i <= 400 && power < 2000; i++) {
			double term = 1;
			for (int k = 0; k < power; k++)
				term *= lambda;
			expected += term;
			power = power * d + d; /* (d^i - d) / (d - 1) of the next i */
		}
		const struct setup *setup = setup_of(
			arena_format(&arena,
				     HEAD("%g /s", "%s") WARM(
					     "%s") "model: {classes: {all: {enter: web}}, services: {web: {instances: "
						   "1000, balance: choices, choices: %d, work: exp(1 s)}}}\n",
				     1000 * lambda, of[d - 1].lasts, d == 1 ? "200 s" : "60 s", d),
			NULL);
		double error, mean = over_seeds(setup, SEEDS, "mean", "response", &error);
		ok(fabs(mean - expected) < 4 * error + .01 * expected,
		   "supermarket with d = %d: %.4g, by theory %.4g (%.2g)", d, mean, expected, error);
		ok(fabs(mean - expected * (1 + of[d - 1].apart)) > 4 * error + .01 * expected,
		   "canary: %g %% more is told apart", 100 * of[d - 1].apart);
	}
}

/* Machines that break after Z on average, and two who repair them: a birth-death chain. */
static void check_repairman(void)
{
	enum { MACHINES = 10, MEN = 2 };
	double p[MACHINES + 1] = {1}, sum = 1, busy = 0, think = 3, repair = 1;
	for (int n = 1; n <= MACHINES; n++) {
		p[n] = p[n - 1] * (MACHINES - n + 1) / think / ((n < MEN ? n : MEN) / repair);
		sum += p[n];
	}
	for (int n = 1; n <= MACHINES; n++)
		busy += (n < MEN ? n : MEN) * p[n] / sum;
	const struct setup *setup =
		setup_of("case: microservices\n"
			 "trace: {windows: {rate: 1 /s, for: 4000 s}}\n" WARM(
				 "50 s") "model: {classes: {rare: {enter: nobody}, machines: {enter: men, clients: 10, "
					 "think: exp(3 s)}}, services: {nobody: {}, "
					 "men: {threads: 2, work: exp(1 s)}}}\n",
			 NULL);
	by_theory(setup, "rate", "machines.ok", busy / repair, .05, "machine repairmen");
	by_theory(setup, "mean", "machines.response", MACHINES / (busy / repair) - think, .05, "machine repairmen");
}

/* ---- retries ---- */

/* Failures that are independent, f each, and k retries: 1 - f^(k + 1) succeed, for (1 - f^(k + 1)) / (1 - f) attempts.
 */
static void check_retries(void)
{
	static const struct {
		const char *errors;
		double f;
	} of[] = {{"50 %", .5}, {"75 %", .75}};
	for (size_t i = 0; i < 2; i++) {
		double good = 1 - pow(of[i].f, 4);
		const struct setup *setup = setup_of(
			arena_format(&arena,
				     HEAD("1000 /s", "20 s") "model: {classes: {all: {enter: web, attempts: 4, "
							     "backoff: none}}, services: {web: {threads: 1 M, "
							     "work: const(1 us), errors: %s}}}\n",
				     of[i].errors),
			NULL);
		by_theory(setup, "rate", "ok", 1000 * good, .05, "what succeeds with three retries");
		by_theory(setup, "rate", "web.response", 1000 * good / (1 - of[i].f), .05, "and what is sent for it");
	}
}

static double term_in(const char *text, const char *over, const char *statistic, const char *metric)
{
	const struct setup *setup = setup_of(text, over);
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	double value = term_of(replay, setup, statistic, metric);
	replay_free(replay);
	return value;
}

static double count_of(const char *text, const char *over, const char *metric)
{
	double count = term_in(text, over, "count", metric);
	return isnan(count) ? 0 : count;
}

/* Three layers that try again, above one that fails. */
static void check_amplification(void)
{
	static const char text[] =
		HEAD("20 /s", "100 s")
		"model:\n"
		"  services:\n"
		"    a: {threads: 1 M, work: const(1 us), steps: [b], calls: {b: {attempts: 4, backoff: none}}}\n"
		"    b: {threads: 1 M, work: const(1 us), steps: [c], calls: {c: {attempts: 4, backoff: none}}}\n"
		"    c: {threads: 1 M, work: const(1 us), steps: [d], calls: {d: {attempts: 4, backoff: none}}}\n"
		"    d: {threads: 1 M, work: const(1 us), errors: 100 %}\n"
		"  classes: {all: {enter: a}}\n";
	static const char budget[] =
		"model: {services: {a: {calls: {b: {budget: 10 %}}}, b: {calls: {c: {budget: 10 %}}}, "
		"c: {calls: {d: {budget: 10 %}}}}}";
	double arrived = count_of(text, NULL, "arrived");
	ok(count_of(text, NULL, "d.response") == 64 * arrived, "three layers of four attempts: 64 times, exactly");
	near_to(count_of(text, budget, "d.response") / arrived, 1.331, .005, "with budgets of a tenth 1.1^3 times");
}

/* ---- what model/graph.h says ---- */

/* A request every second, far apart: times are exact. */
#define ALONE "case: microservices\n" \
	      "trace: {windows: {rate: 1 /s, for: 20 s}, clustering: {cv: 0}}\n"
#define PAIR "model:\n" \
	     "  classes: {all: {enter: a}}\n" \
	     "  services:\n" \
	     "    a: {work: const(1 ms), steps: [b], calls: {b: {}}}\n" \
	     "    b: {work: const(10 ms)}\n"

static void check_steps(void)
{
	static const struct {
		const char *steps;
		double takes, calls; /* ms; of b, for each request */
	} of[] = {
		{"[]", 1, 0},
		{"[b]", 11, 1},
		{"[b, b]", 21, 2},
		{"[3 b]", 11, 3},
		{"[b 3 times]", 31, 3},
		{"[b and c]", 31, 1},
		{"[first of b and c]", 11, 1},
		{"[2 of c and 2 b]", 11, 2},
		{"[3 of c and 2 b]", 31, 2},
		{"[later c]", 1, 0},
		{"[each b, b]", 21, 5},
		{"[later b, b]", 11, 2},
	};
	for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
		const struct setup *setup = setup_of(arena_format(&arena, ALONE
			"model:\n"
			"  classes: {all: {enter: a}, beside: {enter: b}, below: {enter: c}}\n"
			"  services:\n"
			"    a: {work: const(1 ms), steps: %s}\n"
			"    b: {threads: 9, work: const(10 ms)}\n"
			"    c: {threads: 9, work: const(30 ms)}\n", of[i].steps), "trace: {columns: {items: 4}}");
		struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
		double requests = term_of(replay, setup, "count", "arrived");
		near_to(term_of(replay, setup, "max", "response"), of[i].takes * 1e-3, 1e-9, of[i].steps);
		double calls = term_of(replay, setup, "count", "b.response");
		ok((isnan(calls) ? 0 : calls) == of[i].calls * requests, "%s: %g calls of b", of[i].steps, of[i].calls);
		replay_free(replay);
	}
}

/* Calls that are only named in a step. */
static void check_named(void)
{
	static const char named[] = ALONE
		"model: {classes: {all: {enter: a}}, services: {a: {work: const(1 ms), steps: [b, b, c]}, "
		"b: {work: const(10 ms)}, c: {errors: 100 %}}}\n";
	const struct setup *setup = setup_of(named, NULL);
	const struct setup *written = setup_of(named, "model: {services: {a: {calls: {b: {}}}}}");
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	double requests = term_of(replay, setup, "count", "arrived");
	ok(term_of(replay, setup, "count", "a.b.response") == 2 * requests &&
		   term_of(replay, setup, "count", "a.c.failed") == requests,
	   "a call that is only named in a step is measured");
	near_to(term_of(replay, setup, "max", "a.b.response"), .01, 1e-9, "from the call to its answer");
	replay_free(replay);
	struct param_walk walk;
	int listed = 0, of_calls = 0, of_calls_written = 0;
	for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk); listed++)
		of_calls += strncmp(walk.path, "services.a.calls.", 17) == 0;
	for (param_walk_begin(&walk, written->of->params, written->params); param_walk_next(&walk);)
		of_calls_written += strncmp(walk.path, "services.a.calls.", 17) == 0;
	ok(listed > 0 && of_calls == 0 && of_calls_written > 10, "it is not listed with what the model says");
	ok(param_walk_find(&walk, setup->of->params, setup->params, "services.a.calls.b.attempts") &&
		   param_number(walk.row, walk.in) == 1,
	   "but is found by its path, with the defaults");
	const char *same = "model: {services: {a: {steps: [b, b, c]}}}";
	ok(setup->digest != written->digest && setup->digest == setup_of(named, same)->digest,
	   "and is no part of the model's digest");
}

static void check_threads(void)
{
	static const char text[] =
		HEAD("50 /s", "100 s") PAIR;
	/* One thread of a, held for 11 ms: 55 % of the time; async 5 %. */
	double held = term_in(text, NULL, "mean", "a.busy"),
	       async = term_in(text, "model: {services: {a: {async: on}}}", "mean", "a.busy");
	ok(held > .5 && async < .06, "a thread is held while others are called (%.2f), unless async (%.2f)", held,
	   async);
	near_to(term_in(text, NULL, "mean", "b.busy"), .5, .03, "the callee's is busy either way");
	ok(count_of(text, "model: {services: {b: {queue: 0}}}", "b.refused") == 0,
	   "one thread that is held sends one call at a time");
	ok(count_of(text, "model: {services: {a: {async: on}, b: {queue: 0}}}", "b.refused") > 100,
	   "a free one sends more");
}

static void check_pools(void)
{
	static const char text[] =
		HEAD("50 /s", "100 s")
		"model:\n"
		"  classes: {all: {enter: a}}\n"
		"  services:\n"
		"    a: {threads: 1 k, work: const(1 ms), pools: {p: 2}, steps: [b], calls: {b: {pool: p}}}\n"
		"    b: {threads: 1 k, work: const(30 ms)}\n";
	ok(term_in(text, NULL, "max", "b.busy") == 2, "as many calls are under way as a pool has places");
	ok(term_in(text, "model: {services: {a: {pools: {p: 1 k}}}}", "max", "b.busy") > 2, "canary: with more, more");
	ok(count_of(text, "model: {services: {a: {pool_queue: 0}}}", "failed") > 100,
	   "without waiting the others fail");
	/* Given up after 20 of 30 ms: the place is held to the end, unless the callee is told. */
	const char *left = "model: {services: {a: {calls: {b: {timeout: 20 ms}}}}}";
	const char *told = "model: {abandon: cancel, services: {a: {calls: {b: {timeout: 20 ms}}}}}";
	ok(count_of(text, left, "failed") > 100 && term_in(text, left, "max", "b.busy") == 2,
	   "what was given up holds its place until it is done");
	ok(term_in(text, told, "max", "b.busy") > 2, "and when it is cancelled, until it is given up");
}

static void check_given_up(void)
{
	/* For ten seconds 100 a second, for a thread that can do 50; then there is time. Patience is 100 ms. */
	static const char text[] = "case: microservices\n"
				   "trace: {windows: [{rate: 100 /s, for: 10 s}, {rate: 1 /s, for: 30 s}], gap: 0 s}\n"
				   "model: {classes: {all: {enter: a, timeout: 100 ms}}, services: {a: {work: const(1 "
				   "us), threads: 1 M, steps: [b]}, "
				   "b: {work: const(20 ms), steps: [c]}, c: {work: const(1 us)}}}\n";
	double left = term_in(text, NULL, "sum", "b.work"), arrived = count_of(text, NULL, "arrived");
	near_to(left, .02 * arrived, 1e-3, "work whose client has gone goes on");
	ok(count_of(text, NULL, "c.response") == arrived, "and calls on");
	ok(term_in(text, NULL, "sum", "b.wasted") > .8 * left && count_of(text, NULL, "failed") > .8 * arrived,
	   "in vain");
	double told = term_in(text, "model: {abandon: cancel}", "sum", "b.work");
	ok(told < .6 * left, "with cancel what has not begun is dropped: %.1f s of %.1f s", told, left);
	ok(count_of(text, "model: {abandon: cancel}", "c.response") < .6 * arrived, "and does not call on");
}

static void check_copies(void)
{
	static const char text[] = ALONE
		"model:\n"
		"  classes: {all: {enter: a}}\n"
		"  services:\n"
		"    a: {work: const(1 ms), steps: [b], calls: {b: {hedge: 4 ms}}}\n"
		"    b: {instances: 2, balance: least, work: const(10 ms)}\n";
	double requests = count_of(text, NULL, "arrived");
	ok(count_of(text, NULL, "a.b.hedged") == requests && count_of(text, NULL, "b.response") == 2 * requests - 1,
	   "a second copy is work like any other");
	near_to(term_in(text, NULL, "sum", "b.work"), .02 * requests - .01, 1e-9,
		"of full length, but for the last, which ends later");
	near_to(term_in(text, NULL, "max", "response"), .011, 1e-9, "and the first answer counts");
	near_to(term_in(text, "faults: [{at: 0 s, for: 60 s, kind: slow-link, target: a - b, factor: 2}]", "max",
			"response"),
		.011, 1e-9, "a link that takes no time takes none when slow");
	const char *tied =
		"model: {services: {a: {calls: {b: {hedge: 4 ms, tied: on}}}, b: {instances: 1, threads: 1}}}";
	near_to(term_in(text, tied, "sum", "b.work"), .01 * requests, 1e-9, "of tied copies one is worked on");
	const char *budget = "model: {services: {a: {calls: {b: {budget: 10 %}}}}}";
	near_to(count_of(text, budget, "a.b.hedged"), floor(.1 * requests), .1, "copies are kept to a budget");
}

static void check_failures(void)
{
	static const char text[] = ALONE PAIR;
	const char *bad = "model: {services: {b: {errors: 100 %}}}";
	double requests = count_of(text, NULL, "arrived");
	ok(count_of(text, bad, "failed") == requests, "a step that fails fails the request");
	const char *fallback = "model: {services: {a: {calls: {b: {fallback: 2 ms}}}, b: {errors: 100 %}}}";
	ok(count_of(text, fallback, "ok") == requests && count_of(text, fallback, "a.b.fell_back") == requests,
	   "with a fallback it does not");
	near_to(term_in(text, fallback, "max", "response"), .013, 1e-9, "after the call, and what the fallback takes");
	ok(count_of(text, "model: {services: {a: {steps: [later b]}, b: {errors: 100 %}}}", "ok") == requests,
	   "what is sent later fails nobody");
	ok(count_of(text, "model: {services: {a: {steps: [2 of 3 b]}, b: {errors: 100 %}}}", "failed") == requests,
	   "two answers of three must come");
	ok(count_of(text, "model: {services: {a: {calls: {b: {chance: 0 %}}}, b: {errors: 100 %}}}", "ok") == requests,
	   "a call that is not made cannot fail");
	near_to(count_of(HEAD("100 /s", "100 s") PAIR, "model: {services: {a: {calls: {b: {chance: 30 %}}}}}",
			 "b.response") /
			count_of(HEAD("100 /s", "100 s") PAIR, NULL, "b.response"),
		.3, .02, "calls have a chance");
	const char *network = "model: {network: const(3 ms)}";
	near_to(term_in(text, network, "max", "response"), .023, 1e-9, "two messages there, two back");
	near_to(term_in(text, "model: {services: {a: {calls: {b: {distance: const(5 ms)}}}}}", "max", "response"), .021,
		1e-9, "a link of its own length");
	const char *hits = "model: {services: {a: {cache: ratio, cache_hits: 100 %, cache_work: const(2 ms)}}}";
	near_to(term_in(text, hits, "max", "response"), .002, 1e-9, "a hit takes no steps");
}

static void check_faults(void)
{
	static const char text[] =
		HEAD("100 /s",
		     "30 s") "model: {classes: {all: {enter: a}}, services: {a: {instances: 2, threads: 5, async: on, "
			     "work: const(20 ms), steps: [b], calls: {b: {timeout: 100 ms}}}, b: {threads: 9}}}\n";
	double requests = count_of(text, NULL, "arrived");
	const char *kill = "faults: [{at: 10 s, for: 10 s, kind: kill, target: a}]";
	near_to(count_of(text, kill, "failed") / requests, 11. / 30, .03,
		"a service that is gone for a third of the time, and a second");
	const char *crash = "faults: [{at: 10 s, for: 10 s, kind: crash, target: a 1}]";
	near_to(count_of(text, crash, "failed"), 50 + 1, 15, "one of two instances, until it is noticed");
	const char *cut = "faults: [{at: 10 s, for: 10 s, kind: cut, target: a - b}]";
	near_to(count_of(text, cut, "a.b.timed_out") / requests, 1. / 3, .03, "a link that is cut");
	const char *slow = "faults: [{at: 0 s, for: 60 s, kind: slow, target: a, factor: 2}]";
	near_to(term_in(text, slow, "min", "a.response") - term_in(text, NULL, "min", "a.response"), .02, 1e-3,
		"work that takes twice as long");
	ok(term_in(text, "faults: [{at: 10 s, for: 2 s, kind: pause, target: a}]", "max", "response") > 1.9,
	   "a service that stands still");
	static const char one[] =
		HEAD("10 /s", "60 s") "model: {classes: {all: {enter: a}}, services: {a: {instances: 2, threads: 9, "
				      "balance: round-robin, work: const(20 ms)}}}\n";
	const char *slower = "faults: [{at: 0 s, for: 90 s, kind: slow, target: a, factor: 2}, "
			     "{at: 0 s, for: 90 s, kind: slow-instance, target: a 1, factor: 3}]";
	near_to(term_in(one, slower, "min", "a.response"), .04, 1e-9, "an instance is as slow as all");
	near_to(term_in(one, slower, "max", "a.response"), .12, 1e-9, "and one that is slow by itself as well more so");
	near_to(term_in(one, slower, "sum", "a.work"), .08 * count_of(one, NULL, "arrived"), .05, "every second time");
	const char *still = "faults: [{at: 10 s, for: 9 s, kind: pause-instance, target: a 0}]";
	near_to(count_of(one, still, "a.response"), count_of(one, NULL, "arrived"), .5,
		"an instance that stands still");
	ok(term_in(one, still, "max", "a.response") > 8 && term_in(one, still, "p50", "a.response") < .021,
	   "holds up what comes to it, and no more");
}

static void check_caches(void)
{
	static const char text[] = ALONE
		"model:\n"
		"  classes: {all: {enter: a}}\n"
		"  services:\n"
		"    a: {cache: lru, work: const(1 ms), cache_work: const(1 ms), steps: [b]}\n"
		"    b: {work: const(10 ms)}\n";
	const char *one = "trace: {columns: {key: 7}}";
	double requests = count_of(text, one, "arrived");
	ok(count_of(text, one, "a.misses") == 1 && count_of(text, one, "a.hits") == requests - 1 &&
		   count_of(text, one, "b.response") == 1,
	   "what was answered once is in the cache, and a hit calls nobody");
	ok(count_of(text, NULL, "a.hits") == 0, "canary: requests about different things do not hit");
	/* Put in 11 ms after a request: of those that come each second the sixth is the first to come too late. */
	ok(count_of(text, "trace: {columns: {key: 7}}\nmodel: {services: {a: {cache_lifetime: 5 s}}}", "a.misses") ==
		   ceil(requests / 6),
	   "until its entry expires");
	ok(count_of(text, "trace: {columns: {key: 7}}\nfaults: [{at: 5.5 s, for: 1 ms, kind: crash, target: a 0}]",
		    "a.misses") == 2,
	   "an instance that comes back has an empty cache");
	const char *few = "trace: {columns: {key: {zipf: {keys: 4, exponent: 0}}}}";
	const char *fewer = "trace: {columns: {key: {zipf: {keys: 4, exponent: 0}}}}\n"
			    "model: {services: {a: {cache_entries: 2}}}";
	ok(count_of(text, few, "a.misses") <= 4 && count_of(text, fewer, "a.misses") > 4,
	   "it keeps as many as it has entries");
}

/* A law of its own for each link. */
static void check_distance(void)
{
	static const char text[] = ALONE PAIR;
	const char *of[][2] = {
		{"model: {network: const(5 ms)}", "near"},
		{"model: {network: const(5 ms), classes: {all: {near: on}}}", "near for the client"},
		{"model: {network: const(5 ms), classes: {all: {near: on}}, services: {a: {calls: {b: {near: on, "
		 "distance: const(2 ms)}}}}}", "a distance instead of the network"},
		{"model: {network: const(5 ms), classes: {all: {near: on}}, services: {a: {calls: {b: "
		 "{distance: const(2 ms)}}}}}", "and on top of it"},
	};
	const double takes[] = {.031, .021, .015, .025};
	for (int i = 0; i < 4; i++)
		near_to(term_in(text, of[i][0], "max", "response"), takes[i], 1e-9, of[i][1]);
}

static void check_depth(void)
{
	static const char text[] =
		ALONE "model: {depth: 5, classes: {all: {enter: a}}, services: {a: {async: on, work: const(1 ms), "
		      "steps: [b]}, b: {async: on, work: const(1 ms), steps: [a]}}}\n";
	near_to(term_in(text, NULL, "max", "response"), .005, 1e-9, "a circle has an end at its depth");
}

/* ---- mistakes ---- */

static void check_mistakes(void)
{
	static const struct {
		const char *model, *message;
	} bad[] = {
		{"{services: {a: {steps: [bb]}, b1b: {}}, classes: {all: {enter: a}}}",
		 "unknown service or call \"bb\" in a step"},
		{"{services: {web: {steps: [databse]}, database: {}}, classes: {all: {enter: web}}}",
		 "did you mean \"database\"?"},
		{"{services: {a: {steps: [b]}, b: {steps: [a]}}, classes: {all: {enter: a}}}",
		 "services call one another in a circle (a -> b -> a); it has an end only with depth"},
		{"{depth: 9, services: {a: {steps: [b]}, b: {async: on, steps: [a]}}, classes: {all: {enter: a}}}",
		 "a holds its threads while it waits for itself (a -> b -> a)"},
		{"{services: {a: {}, b: {}}, classes: {all: {enter: a}}}", "b is called by nobody"},
		{"{classes: {}}", "there are no services"},
		{"{services: {a: {}}}", "there are no classes of requests; e.g. classes: {all: {enter: a}}"},
		{"{services: {a: {steps: [2 of b]}, b: {}}, classes: {all: {enter: a}}}",
		 "more answers are needed than calls"},
		{"{services: {a: {steps: [b b]}, b: {}}, classes: {all: {enter: a}}}",
		 "\"and\", a comma or the end is expected"},
		{"{services: {a: {steps: [b 3]}, b: {}}, classes: {all: {enter: a}}}", "\"times\" is expected"},
		{"{services: {a: {steps: [first b]}, b: {}}, classes: {all: {enter: a}}}", "\"of\" is expected"},
		{"{services: {a: {steps: [b and]}, b: {}}, classes: {all: {enter: a}}}", "a name is missing"},
		{"{services: {a: {steps: [b], calls: {b: {tied: on}}}, b: {}}, classes: {all: {enter: a}}}",
		 "tied is about second copies"},
		{"{services: {a: {steps: [b], calls: {b: {hedge: 2 s, timeout: 1 s}}}, b: {}}, classes: {all: {enter: "
		 "a}}}",
		 "a second copy is never sent"},
		{"{services: {a: {steps: [b], calls: {b: {attempts: 2, wait: 2 s}}}, b: {}}, classes: {all: {enter: "
		 "a}}}",
		 "wait is longer than wait_most"},
		{"{services: {a: {steps: [b], calls: {c: {to: b}}}, b: {}}, classes: {all: {enter: a}}}",
		 "c is in no step of a: name it in one, or write `c: off`"},
		{"{services: {a: {steps: [b], pools: {p: 3}}, b: {}}, classes: {all: {enter: a}}}",
		 "no call of a takes a place of a pool: name p as the pool of one, or write `p: off`"},
		{"{services: {a: {}}, classes: {all: {enter: a}}, columns: {ms: {}}}",
		 "no service takes its work from the column ms: name it in `measured` of one, or write `ms: off`"},
		{"{depth: 3, services: {a: {async: on, pools: {p: 3}, steps: [b], calls: {b: {pool: p}}}, b: "
		 "{async: on, steps: [a]}}, classes: {all: {enter: a}}}",
		 "a holds a place of its pool p while it waits for itself (a -> b -> a)"},
		{"{services: {a: {steps: [b], calls: {b: {pool: p}}}, b: {}}, classes: {all: {enter: a}}}",
		 "\"p\" is not one of the pools"},
		{"{services: {a: {}}, classes: {all: {enter: b}}}", "\"b\" is not one of the services"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *text = arena_format(
			&arena, "case: microservices\ntrace: {windows: {rate: 1 /s, for: 1 s}}\nmodel: %s\n",
			bad[i].model);
		bool loaded = load(text, NULL) != NULL, said = false;
		for (int k = 0; k < err.count && k < ERR_MAX; k++)
			said = said || strstr(err.message[k].text, bad[i].message);
		if (!ok(!loaded && said, "%s", bad[i].message))
			diag("%s", err.count ? err.message[0].text : "it is loaded");
	}
}

/* ---- many ---- */

/* A tree of a thousand services, in memory that does not grow with the requests. */
static void check_many(void)
{
	enum { MANY = 1000 };
	char *text = arena_get(&arena, MANY * 60 + 400), *at = text;
	at += sprintf(at, "case: microservices\ntrace: {windows: {rate: 100 /s, for: 2 s}}\nmodel:\n  services:\n");
	for (int i = 0; i < MANY; i++)
		at += i % 10 == 0 && i + 10 < MANY ? sprintf(at, "    s%d: {steps: [s%d and s%d]}\n", i, i + 10, i + 1)
		      : i % 10 < 9		   ? sprintf(at, "    s%d: {steps: [s%d]}\n", i, i + 1)
						   : sprintf(at, "    s%d: {}\n", i);
	sprintf(at, "  classes: {all: {enter: s0}}\n");
	const struct setup *setup = setup_of(text, NULL);
	size_t bytes[2];
	for (int i = 0; i < 2; i++) {
		struct replay *replay = replay_run(
			i ? setup_of(text, "trace: {windows: {rate: 100 /s, for: 20 s}}") : setup, NULL, 0, 0, NULL);
		bytes[i] = replay->sim->arena.bytes;
		replay_free(replay);
	}
	const struct metric *metric = setup->metrics;
	int far = metric_find(metric, "s0.s10.response"), own = metric_find(metric, "response");
	ok(far >= 0 && metric[far].aside && !metric[own].aside, "among so many the metrics of calls are put aside");
	ok(bytes[1] < bytes[0] * 3 / 2,
	   "a thousand services, and ten times as many requests in hardly more memory: %zu kB, %zu kB", bytes[0] >> 10,
	   bytes[1] >> 10);
}

int main(void)
{
	arena_init(&arena);
	check_retries();
	check_amplification();
	check_steps();
	check_named();
	check_threads();
	check_pools();
	check_given_up();
	check_copies();
	check_failures();
	check_faults();
	check_caches();
	check_distance();
	check_depth();
	check_mistakes();
	check_many();
	check_station();
	check_erlang();
	check_priorities();
	check_jackson();
	check_fork_join();
	check_supermarket();
	check_repairman();
	arena_free(&arena);
	return done_testing();
}
