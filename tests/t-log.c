/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log and its applier, beside recursions that do the same without events, on random instances: forces one by one
 * and in groups; serial application (Lindley), parallel without conflicts (Kiefer and Wolfowitz), conflicts with
 * workers enough for all, and what can be seen in order only.
 */
#include "model/applier.h"
#include "model/log.h"
#include "tap.h"

enum { ENTRIES = 2000 };

struct instance {
	int64_t at[ENTRIES], service[ENTRIES], end[ENTRIES], want[ENTRIES];
	uint64_t key[ENTRIES];
	struct log log;
	struct applier applier;
	int waits_wrong, order_wrong, last_wait;
};

static struct instance it;

static void run(struct sim *sim)
{
	sim_open(sim);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
	sim_close(sim);
}

static int differences(void)
{
	int count = 0;
	for (int i = 0; i < ENTRIES; i++)
		count += it.end[i] != it.want[i];
	return count;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Arrivals at even instants, services that are odd numbers: so nothing arrives when something ends. */
static void draw(struct sim *sim, double load, uint64_t keys)
{
	struct rng rng = rng_start(sim_stream(sim, "instance"));
	int64_t now = 0;
	for (int i = 0; i < ENTRIES; i++) {
		now += 2 * (int64_t)(rng_exp(&rng) * 1000 / load / 2 + 1);
		it.at[i] = now;
		it.service[i] = 2 * (int64_t)(rng_exp(&rng) * 500) + 1;
		it.key[i] = rng_below(&rng, keys);
	}
}

/* ---- forces ---- */

static void durable(struct sim *sim, void *subject, uint64_t number)
{
	(void)subject;
	it.end[number] = sim->now;
	it.order_wrong += it.log.forced < (int64_t)number + 1;
}

static void append(struct sim *sim, void *subject, uint64_t number)
{
	(void)sim;
	(void)subject;
	log_force(&it.log, log_append(&it.log), durable, NULL, number);
}

static void force_all(struct sim *sim, const struct dist *takes, bool grouped)
{
	log_init(&it.log, sim, takes, grouped, sim_stream(sim, "force"), 0);
	it.order_wrong = 0;
	for (int i = 0; i < ENTRIES; i++)
		sim_at(sim, it.at[i], append, NULL, (uint64_t)i);
	run(sim);
}

static void test_forces(void)
{
	struct dist takes = dist_const(1001);
	struct sim *sim = sim_new(1, 0);
	draw(sim, .8, 1);
	force_all(sim, &takes, false);
	for (int i = 0; i < ENTRIES; i++)
		it.want[i] = later(it.at[i], i > 0 ? it.want[i - 1] : 0) + 1001;
	is_int(differences(), 0, "forces of one's own queue for the disk");
	ok(it.log.forces == ENTRIES && it.log.forced == ENTRIES && it.order_wrong == 0, "one each");
	sim_free(sim);

	sim = sim_new(1, 0);
	draw(sim, 5, 1);
	force_all(sim, &takes, true);
	uint64_t forces = 0;
	for (int i = 0; i < ENTRIES;) {
		int64_t begins = later(it.at[i], i > 0 ? it.want[i - 1] : 0);
		for (forces++; i < ENTRIES && it.at[i] <= begins; i++)
			it.want[i] = begins + 1001;
	}
	is_int(differences(), 0, "at five times what the disk can do one by one, groups keep up");
	is_int((long long)it.log.forces, (long long)forces, "with as many forces as groups");
	ok(it.order_wrong == 0, "nobody is told before what he wrote is on disk");

	int64_t appended = it.log.appended;
	log_append(&it.log);
	it.end[0] = 0;
	log_force(&it.log, log_append(&it.log), durable, NULL, 0);
	is_int(log_crash(&it.log), 2, "a crash loses what is not on disk");
	run(sim);
	ok(it.end[0] == 0 && it.log.appended == appended, "and nobody is told that it is");
	log_append(&it.log);
	it.order_wrong = 0;
	log_force(&it.log, it.log.appended, durable, NULL, 0);
	run(sim);
	ok(it.end[0] > 0 && it.log.forced == appended + 1, "after it the log goes on");
	sim_free(sim);
}

/* ---- application ---- */

static void waited(struct sim *sim, void *subject, uint64_t number)
{
	(void)subject;
	/* All up to this position can be seen: not a moment later than the last of them. */
	it.waits_wrong += it.applier.applied < (int64_t)number + 1;
	it.want[number] = sim->now;
	it.last_wait++;
}

static void applied(struct sim *sim, void *subject, uint64_t number)
{
	(void)subject;
	it.end[number] = sim->now;
}

static void receive(struct sim *sim, void *subject, uint64_t number)
{
	(void)sim;
	(void)subject;
	applier_receive(&it.applier, it.key[number], it.service[number], applied, NULL, number);
}

static void apply_all(struct sim *sim, int64_t workers, bool in_order)
{
	applier_init(&it.applier, sim, workers, in_order, 0);
	for (int i = 0; i < ENTRIES; i++)
		sim_at(sim, it.at[i], receive, NULL, (uint64_t)i);
	run(sim);
	CHECK(it.applier.applied == ENTRIES && it.applier.keys == 0);
}

static void test_application(void)
{
	struct sim *sim = sim_new(2, 0);
	draw(sim, .9, 50);
	apply_all(sim, 1, false);
	for (int i = 0; i < ENTRIES; i++)
		it.want[i] = later(it.at[i], i > 0 ? it.want[i - 1] : 0) + it.service[i];
	int serial = 0;
	for (int i = 1; i < ENTRIES; i++)
		serial += it.end[i] < it.end[i - 1];
	ok(serial == 0 && it.end[ENTRIES - 1] == it.want[ENTRIES - 1] && differences() == 0,
	   "one worker applies in order, as Lindley's recursion says");
	sim_free(sim);

	sim = sim_new(3, 0);
	draw(sim, 2.7, 1);
	for (int i = 0; i < ENTRIES; i++)
		it.key[i] = (uint64_t)i;
	apply_all(sim, 3, false);
	int64_t free_at[3] = {0};
	for (int i = 0; i < ENTRIES; i++) {
		int first = free_at[1] < free_at[0];
		first = free_at[2] < free_at[first] ? 2 : first;
		free_at[first] = it.want[i] = later(it.at[i], free_at[first]) + it.service[i];
	}
	is_int(differences(), 0, "three workers without conflicts, as Kiefer and Wolfowitz say");
	sim_free(sim);

	for (int in_order = 0; in_order < 2; in_order++) {
		sim = sim_new(4, 0);
		draw(sim, 4, 7);
		apply_all(sim, ENTRIES, in_order);
		int64_t last[7] = {0}, shown = 0;
		for (int i = 0; i < ENTRIES; i++) {
			int64_t end = later(it.at[i], last[it.key[i]]) + it.service[i];
			shown = later(shown, end);
			last[it.key[i]] = it.want[i] = in_order ? shown : end;
		}
		is_int(differences(), 0, "with workers enough an entry waits for its key only%s",
		       in_order ? ", and is seen in order" : "");
		it.want[ENTRIES / 2]++;
		is_int(differences(), 1, "canary: a difference of an ns is seen");
		sim_free(sim);
	}

	sim = sim_new(5, 0);
	draw(sim, 2, 9);
	applier_init(&it.applier, sim, 4, false, 0);
	it.waits_wrong = it.last_wait = 0;
	for (int i = ENTRIES - 1; i >= 0; i--)
		applier_wait(&it.applier, i + 1, waited, NULL, (uint64_t)i);
	for (int i = 0; i < ENTRIES; i++)
		sim_at(sim, it.at[i], receive, NULL, (uint64_t)i);
	run(sim);
	int64_t all = 0;
	int late = 0;
	for (int i = 0; i < ENTRIES; i++) {
		all = later(all, it.end[i]);
		late += it.want[i] != all;
	}
	ok(it.waits_wrong == 0 && it.last_wait == ENTRIES && late == 0,
	   "who waits for a position goes on when all up to it can be seen");
	sim_free(sim);

	sim = sim_new(6, 0);
	applier_init(&it.applier, sim, 2, false, 41);
	it.service[0] = 10;
	it.key[0] = 5;
	applier_pause(&it.applier, 100);
	ok(applier_receive(&it.applier, 5, 10, applied, NULL, 0) == 42, "positions go on from where the copy began");
	run(sim);
	is_int(it.end[0], 110, "nothing is applied while it is locked");
	sim_free(sim);
}

static void note(struct sim *sim, void *subject, uint64_t number)
{
	(void)sim;
	*(uint64_t *)subject = number;
}

/* A force that takes no time is over before it is asked for again; a crash takes what was not forced. */
static void test_at_once(void)
{
	for (int at_once = 0; at_once <= 1; at_once++) {
		struct sim *sim = sim_new(1, 0);
		struct dist none = dist_const(0);
		struct log log;
		uint64_t seen = 0;
		log_init(&log, sim, &none, false, sim_stream(sim, "force"), 0);
		log.at_once = at_once;
		log_force(&log, log_append(&log), note, &seen, 7);
		is_int((int64_t)seen, at_once ? 7 : 0, "a force that takes no time %s",
		       at_once ? "is no event" : "is an event, unless told otherwise");
		run(sim);
		log_append(&log);
		ok(seen == 7 && log.forces == 1 && log_crash(&log) == 1, "it forces what was appended, and no more");
		sim_free(sim);
	}
}

int main(void)
{
	test_forces();
	test_at_once();
	test_application();
	return done_testing();
}
