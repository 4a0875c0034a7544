/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Graphs of services against what is known of them: `station`, to the nanosecond; queueing theory, over five seeds; and
 * what model/graph.h says of threads, pools, retries, second copies, fallbacks and what is given up, counted exactly.
 */
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
			ok(term_of(a, station, statistics[i], "response") == term_of(b, graph, statistics[i], "response"),
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
static void by_theory(const struct setup *setup, const char *statistic, const char *metric, double expected, double apart,
		      const char *what)
{
	double error, mean = over_seeds(setup, SEEDS, statistic, metric, &error);
	ok(fabs(mean - expected) < 4 * error, "%s: %s(%s) is %.5g, by theory %.5g (error %.2g)", what, statistic, metric,
	   mean, expected, error);
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
	const struct setup *places = setup_of(HEAD("15 /s", "2000 s") WARM("10 s") "model: {classes: {all: {enter: web}}, "
					      "services: {web: {threads: 2, queue: 3, work: exp(100 ms)}}}\n", NULL);
	by_theory(places, "rate", "web.refused", 15 * p[5] / sum, .1, "M/M/2/5");
	by_theory(places, "mean", "web.response", inside / (15 * (1 - p[5] / sum)), .05, "M/M/2/5");
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
		HEAD("50 /s", "300 s") WARM("10 s")
		"model: {classes: {all: {enter: front}}, services: {front: {work: const(0 ns), threads: 1 M, steps: [a and b]}, "
		"a: {work: exp(10 ms)}, b: {work: exp(10 ms)}}}\n", NULL);
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
		const struct setup *setup = setup_of(arena_format(&arena,
			HEAD("%g /s", "%s") WARM("%s") "model: {classes: {all: {enter: web}}, services: {web: {instances: "
			"1000, balance: choices, choices: %d, work: exp(1 s)}}}\n", 1000 * lambda, of[d - 1].lasts,
			d == 1 ? "200 s" : "60 s", d), NULL);
		double error, mean = over_seeds(setup, SEEDS, "mean", "response", &error);
		ok(fabs(mean - expected) < 4 * error + .01 * expected, "supermarket with d = %d: %.4g, by theory %.4g (%.2g)", d,
		   mean, expected, error);
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
	const struct setup *setup = setup_of(
		"case: microservices\n"
		"trace: {windows: {rate: 1 /s, for: 4000 s}}\n" WARM("50 s")
		"model: {classes: {rare: {enter: nobody}, machines: {enter: men, clients: 10, think: exp(3 s)}}, services: {nobody: {}, "
		"men: {threads: 2, work: exp(1 s)}}}\n", NULL);
	by_theory(setup, "rate", "machines.ok", busy / repair, .05, "machine repairmen");
	by_theory(setup, "mean", "machines.response", MACHINES / (busy / repair) - think, .05, "machine repairmen");
}

int main(void)
{
	arena_init(&arena);
	check_station();
	check_erlang();
	check_jackson();
	check_fork_join();
	check_supermarket();
	check_repairman();
	arena_free(&arena);
	return done_testing();
}
