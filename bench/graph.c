/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an event costs in a graph of services, against one of `station`. Both are whole replays: rows of a recipe,
 * streams, metrics. The station has a thousand servers, so that hundreds of events are to come on either side; a queue
 * with one event in it is another matter.
 *
 * Events are what comes out of the queue, as everywhere, and bear the cost of the rows; then it is told of events and
 * rows together. That favours the station, half of whose events are rows, which never enter the queue: it shows what
 * all else costs. A tree whose messages take time is what graphs are for. One service is the same model as the station,
 * written as a graph. In a chain without a network a visit is a single event.
 */
#include "bench.h"

#include "io/yaml.h"
#include "run/replay.h"
#include "run/study.h"

#define TRACE "trace: {windows: {rate: 90 k/s, for: 2 s}}\n"
#define GRAPH "case: microservices\n" TRACE "model:\n  classes: {all: {enter: a}}\n  services:\n"

static const struct {
	const char *name, *text;
	double target;
} graphs[] = {
	{"a tree of seven over a network", GRAPH "    a: {threads: 1 k, work: exp(10 us), steps: [b and c]}\n"
						 "    b: {threads: 1 k, work: exp(10 us), steps: [d and e]}\n"
						 "    c: {threads: 1 k, work: exp(10 us), steps: [f, g]}\n"
						 "    d: {threads: 10, work: exp(90 us)}\n"
						 "    e: {threads: 10, work: exp(90 us)}\n"
						 "    f: {threads: 10, work: exp(90 us)}\n"
						 "    g: {threads: 10, work: exp(90 us)}\n"
						 "  network: exp(100 us)\n", 1.3},
	{"one service", GRAPH "    a: {threads: 1 k, work: exp(10 ms)}\n", 0},
	{"a chain of five", GRAPH "    a: {threads: 1 k, work: exp(1 ms), steps: [b]}\n"
				  "    b: {threads: 1 k, work: exp(1 ms), steps: [c]}\n"
				  "    c: {threads: 1 k, work: exp(1 ms), steps: [d]}\n"
				  "    d: {threads: 1 k, work: exp(1 ms), steps: [e]}\n"
				  "    e: {threads: 1 k, work: exp(1 ms)}\n", 0},
};

static struct arena arena;

static const struct setup *setup_of(const char *text)
{
	struct err err;
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "model", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "model", tree, NULL, NULL, &err) : NULL;
	if (!study)
		fprintf(stderr, "%s\n", err.message[0].text);
	CHECK(study);
	return study->setup[0];
}

static uint64_t replayed(const struct setup *setup, bool rows)
{
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	uint64_t count = replay->events + (rows ? replay->rows : 0);
	bench_sink += meters_digest(&replay->meters, 0);
	replay_free(replay);
	return count;
}

static uint64_t events(void *setup)
{
	return replayed(setup, false);
}

static uint64_t events_and_rows(void *setup)
{
	return replayed(setup, true);
}

int main(void)
{
	char name[100];
	arena_init(&arena);
	const struct setup *station = setup_of("case: station\n" TRACE "model: {service: exp(10 ms), servers: 1 k}\n");
	for (size_t i = 0; i < sizeof graphs / sizeof *graphs; i++) {
		void *graph = (void *)setup_of(graphs[i].text);
		snprintf(name, sizeof name, "an event: %s, against a station", graphs[i].name);
		bench_compare(name, events, graph, events, (void *)station, graphs[i].target);
		snprintf(name, sizeof name, "an event or row: %s, against a station", graphs[i].name);
		bench_compare(name, events_and_rows, graph, events_and_rows, (void *)station, graphs[i].target);
	}
	arena_free(&arena);
	return 0;
}
