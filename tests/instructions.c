/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What tests/instructions.t counts the instructions of: a short replay of M/M/1 through the parts that cases are made
 * of, and one of the case discord. Prints how many events and rows it was.
 *
 *   instructions mm1|discord
 *
 * Built with -DSLOWER=N, every row costs N turns of an empty loop more: the guard must notice.
 */
#include "flow.h"

#include "model/pool.h"
#include "run/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SLOWER
#define SLOWER 0
#endif

enum { CUSTOMERS = 50000, SERVICE = 900, GAP = 1000 };

_Noreturn void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: CHECK failed: %s\n", file, line, what);
	exit(70);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "no memory for %zu bytes\n", bytes);
	exit(70);
}

static void loiter(void)
{
	for (int i = 0; i < SLOWER; i++)
		__asm__ volatile("");
}

/* ---- M/M/1 ---- */

struct arrivals {
	struct row_source source;
	struct rng gaps;
	int64_t time;
	uint64_t given;
};

static size_t fill(struct row_source *of, struct row *rows, size_t capacity)
{
	struct arrivals *arrivals = (struct arrivals *)of;
	size_t count = 0;
	for (; count < capacity && arrivals->given < CUSTOMERS; count++) {
		arrivals->time += (int64_t)(rng_exp(&arrivals->gaps) * GAP);
		rows[count].time = arrivals->time;
		rows[count].id = arrivals->given++;
		rows[count].window = 0;
	}
	return count;
}

struct station {
	struct meters meters;
	struct pool pool;
	struct rng services;
};

#define METRICS(METRIC) METRIC(RESPONSE, response, TIME, NULL, "time from arrival to departure")
METRIC_TABLE(metrics, METRICS);

static void leaves(struct sim *sim, void *self, uint64_t arrival)
{
	struct station *station = self;
	meter_record(&station->meters, RESPONSE, (int64_t)arrival, sim->now - (int64_t)arrival);
	sim_close(sim);
}

static void arrives(struct sim *sim, void *self, const struct row *row)
{
	struct station *station = self;
	(void)row;
	loiter();
	sim_open(sim);
	pool_enter(&station->pool, (int64_t)(rng_exp(&station->services) * SERVICE), leaves, station,
		   (uint64_t)sim->now, NULL);
}

static uint64_t mm1(void)
{
	struct sim *sim = sim_new(1, 0);
	struct station *station = ARENA_NEW(&sim->arena, struct station);
	struct arrivals arrivals = {{fill}, rng_seed(1), 0, 0};
	station->services = rng_seed(2);
	meters_init(&station->meters, &sim->arena, metrics, 0, 1000000);
	meters_window(&station->meters, 0, 0);
	pool_init(&station->pool, sim, "server", -1, 1, -1);
	uint64_t count = sim_replay(sim, &arrivals.source, arrives, station, INT64_MAX / 2, NULL) + sim->events;
	meters_end(&station->meters, sim->now);
	CHECK(station->meters.meter[RESPONSE].whole.count == CUSTOMERS);
	sim_free(sim);
	return count;
}

/* ---- discord ---- */

static const struct case_study *the_case;

static void arrives_slower(struct sim *sim, void *world, const struct row *row)
{
	loiter();
	the_case->arrive(sim, world, row);
}

static uint64_t discord(void)
{
	struct arena arena;
	struct err err;
	arena_init(&arena);
	err_init(&err);
	const struct param_reader reader = {.arena = &arena};
	the_case = case_find("discord");
	CHECK(the_case);
	struct case_study slower = *the_case;
	slower.arrive = arrives_slower;
	struct setup setup = {.of = SLOWER > 0 ? &slower : the_case, .name = "instructions", .slice = 1, .share = 1,
			      .metrics = the_case->metrics, .columns = the_case->columns};
	setup.run = (struct setup_run){.reps = 1, .seed = 1, .series = 10000000, .drain = 10000000000};
	setup.params = arena_get(&arena, the_case->params_size);
	param_defaults(the_case->params, setup.params, &reader);
	param_load(the_case->params, setup.params, flow(&arena, "{nodes: 12}"), "model", &reader, &err);
	if (the_case->check)
		the_case->check(setup.params, &err);
	setup.trace.recipe =
		recipe_load(&arena,
			    flow(&arena, "{windows: {rate: 2k/s, for: 5 s, date: 2017-01-01}, columns: {"
					 "op: {mix: {read: 50 %, write: 50 %}}, "
					 "channel: {zipf: {keys: 10 k, exponent: 1.1, hot: 1 %, churn: 5 %, "
					 "every: 1 min}}, bytes: lognormal(median=54 B, p99=575 B), sent: calendar}}"),
			    the_case->columns, &reader, &err);
	CHECK(!err_any(&err));
	struct replay *replay = replay_run(&setup, NULL, 0, 0, NULL);
	uint64_t count = replay->rows + replay->events;
	replay_free(replay);
	arena_free(&arena);
	return count;
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	CHECK(strcmp(argv[1], "mm1") == 0 || strcmp(argv[1], "discord") == 0);
	printf("%" PRIu64 "\n", strcmp(argv[1], "mm1") == 0 ? mm1() : discord());
	return 0;
}
