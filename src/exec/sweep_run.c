/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world of setups is made when its first run is taken, and given up with its last one, so that no more of them live
 * than there are threads. A finished run is stored by the thread that finished it, before it takes another: what a kill
 * can cost are the runs that were under way.
 */
#include "exec/sweep_run.h"
#include "exec/exec.h"
#include "io/memory.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double trial_seconds = 1.5;

struct worker {
	struct sweeping *sweeping;
	pthread_t thread;
	_Atomic uint64_t rows;
	double weight; /* of the run that it is at; under the lock */
	int64_t run;   /* -1: none */
	struct record record;
};

struct sweeping {
	const struct sweep *sweep;
	struct store *store;
	unsigned char *done;
	const volatile sig_atomic_t *stop;
	struct err *err;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int64_t next, finished; /* the next to look at; finished of all */
	double weight_done;
	struct shared *now; /* the world that runs are taken from; it counts as a user of it */
	int running;
	bool failed;
	_Atomic bool give_up;
	struct worker *worker;
	int workers;
};

/* A world and how many runs of it are under way. */
struct shared {
	struct world *world;
	int users;
};

static struct shared *share(struct world *world)
{
	struct shared *shared = world ? malloc(sizeof *shared) : NULL;
	if (world && !shared)
		check_out_of_memory(sizeof *shared);
	if (shared)
		*shared = (struct shared){world, 1};
	return shared;
}

static bool is_done(const unsigned char *done, int64_t run)
{
	return done[run / 8] >> run % 8 & 1;
}

static void leave(struct shared *shared)
{
	if (!shared || --shared->users > 0)
		return;
	world_free(shared->world);
	free(shared);
}

static void fail(struct sweeping *sweeping)
{
	sweeping->failed = true;
	sweeping->give_up = true;
}

/* Under the lock. The world of the run, of which the caller becomes a user; NULL: there is none, or it failed. */
static struct shared *take(struct sweeping *sweeping, int64_t *run)
{
	const struct sweep *sweep = sweeping->sweep;
	while (sweeping->next < sweep->runs && is_done(sweeping->done, sweeping->next))
		sweeping->next++;
	if (sweeping->next == sweep->runs || exec_stopped(sweeping->stop) || sweeping->failed)
		return NULL;
	*run = sweeping->next;
	int64_t point = sweep_place(sweep, *run).point;
	if (!sweeping->now || world_point(sweeping->now->world) != point) {
		leave(sweeping->now);
		sweeping->now = share(sweep_world(sweep, point, sweeping->err));
		if (!sweeping->now) {
			fail(sweeping);
			return NULL;
		}
	}
	sweeping->next++;
	sweeping->now->users++;
	return sweeping->now;
}

static bool report(void *self, int64_t now, uint64_t rows, uint64_t events)
{
	struct worker *worker = self;
	(void)now;
	(void)events;
	atomic_store_explicit(&worker->rows, rows, memory_order_relaxed);
	return !exec_stopped(worker->sweeping->stop) && !worker->sweeping->give_up;
}

static void *work(void *self)
{
	struct worker *worker = self;
	struct sweeping *sweeping = worker->sweeping;
	struct sim_progress progress = {.report = report, .host = worker};
	struct shared *shared;
	struct err *err = memory_zeroed(1, sizeof *err);
	pthread_mutex_lock(&sweeping->lock);
	int64_t run;
	while ((shared = take(sweeping, &run))) {
		worker->rows = 0;
		worker->run = run;
		worker->weight = world_weight(shared->world, sweep_place(sweeping->sweep, run).variant);
		pthread_mutex_unlock(&sweeping->lock);
		err_init(err);
		bool good = sweep_replay(sweeping->sweep, shared->world, run, &progress, &worker->record, err);
		pthread_mutex_lock(&sweeping->lock);
		worker->run = -1;
		if (good && !sweeping->failed)
			good = store_add(sweeping->store, worker->record.byte, worker->record.length, err);
		if (good) {
			sweeping->done[run / 8] |= (unsigned char)(1 << run % 8);
			sweeping->finished++;
			sweeping->weight_done += worker->weight;
		} else if (err_any(err)) {
			if (!sweeping->failed)
				*sweeping->err = *err;
			fail(sweeping);
		}
		leave(shared);
	}
	sweeping->running--;
	pthread_cond_signal(&sweeping->changed);
	pthread_mutex_unlock(&sweeping->lock);
	record_free(&worker->record);
	free(err);
	return NULL;
}

static double seconds_since(const struct timespec *begun)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) * 1e-9;
}

/* Of all weight, that which has been done by earlier sweeps. */
static double weight_marked(const struct sweep *sweep, const unsigned char *done)
{
	int64_t marked = 0;
	for (int64_t r = 0; r < sweep->runs; r++)
		marked += is_done(done, r);
	return sweep->runs > 0 ? sweep->weight * (double)marked / (double)sweep->runs : 0;
}

/* Waits until no thread runs, and tells of the progress meanwhile. */
static void watch(struct sweeping *sweeping, void (*tell)(void *host, const struct sweep_progress *progress),
		  void *host)
{
	struct timespec begun, until;
	double left = sweeping->sweep->weight - weight_marked(sweeping->sweep, sweeping->done);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	pthread_mutex_lock(&sweeping->lock);
	while (sweeping->running > 0) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&sweeping->changed, &sweeping->lock, &until);
		struct sweep_progress progress = {
			.done = sweeping->finished, .runs = sweeping->sweep->runs, .point = -1};
		double weight = sweeping->weight_done;
		for (int i = 0; i < sweeping->workers; i++) {
			struct worker *worker = &sweeping->worker[i];
			double rows = (double)worker->rows;
			if (worker->run < 0)
				continue;
			weight += rows < worker->weight ? rows : worker->weight;
			progress.point = sweep_place(sweeping->sweep, worker->run).point;
		}
		progress.part = left > 0 && weight < left ? weight / left : 1;
		progress.seconds = seconds_since(&begun);
		pthread_mutex_unlock(&sweeping->lock);
		if (tell)
			tell(host, &progress);
		pthread_mutex_lock(&sweeping->lock);
	}
	pthread_mutex_unlock(&sweeping->lock);
}

enum sweep_end sweep_run(const struct sweep *sweep, struct store *store, unsigned char *done, int threads,
			 void (*progress)(void *host, const struct sweep_progress *progress), void *host,
			 const volatile sig_atomic_t *stop, struct err *err)
{
	struct sweeping sweeping = {.sweep = sweep,
				    .store = store,
				    .done = done,
				    .stop = stop,
				    .err = err,
				    .lock = PTHREAD_MUTEX_INITIALIZER,
				    .changed = PTHREAD_COND_INITIALIZER};
	for (int64_t r = 0; r < sweep->runs; r++)
		sweeping.finished += is_done(done, r);
	threads = threads > sweep->runs ? (int)sweep->runs : threads;
	sweeping.worker = memory_zeroed((size_t)threads + 1, sizeof *sweeping.worker);
	sweeping.workers = threads;
	for (int i = 0; i <= threads; i++) {
		sweeping.worker[i].sweeping = &sweeping;
		sweeping.worker[i].run = -1;
	}
	/* The main thread keeps the signals, so that a handler finds it waiting. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int started = 0;
	pthread_mutex_lock(&sweeping.lock);
	while (started < threads &&
	       pthread_create(&sweeping.worker[started].thread, NULL, work, &sweeping.worker[started]) == 0)
		started++;
	sweeping.running = started;
	pthread_mutex_unlock(&sweeping.lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started == 0 && sweep->runs > 0) {
		sweeping.running = 1;
		work(&sweeping.worker[0]);
	}
	watch(&sweeping, progress, host);
	for (int i = 0; i < started; i++)
		pthread_join(sweeping.worker[i].thread, NULL);
	leave(sweeping.now);
	free(sweeping.worker);
	pthread_mutex_destroy(&sweeping.lock);
	pthread_cond_destroy(&sweeping.changed);
	return sweeping.failed ? SWEEP_FAILED : sweeping.finished == sweep->runs ? SWEEP_DONE : SWEEP_INTERRUPTED;
}

/* ---- what it would take ---- */

struct trying {
	struct timespec begun;
	uint64_t rows;
};

static bool report_trial(void *self, int64_t now, uint64_t rows, uint64_t events)
{
	struct trying *trying = self;
	(void)now;
	(void)events;
	trying->rows = rows;
	return seconds_since(&trying->begun) < trial_seconds;
}

struct sweep_cost sweep_cost(const struct sweep *sweep, const unsigned char *done, struct err *err)
{
	struct sweep_cost cost = {0, 0};
	int64_t run = 0, left = 0;
	for (int64_t r = sweep->runs - 1; r >= 0; r--)
		if (!is_done(done, r)) {
			run = r;
			left++;
		}
	if (left == 0)
		return cost;
	struct sweep_place place = sweep_place(sweep, run);
	struct world *world = sweep_world(sweep, place.point, err);
	if (!world)
		return cost;
	struct trying trying = {.rows = 0};
	struct sim_progress progress = {.report = report_trial, .host = &trying};
	struct record record = {0};
	clock_gettime(CLOCK_MONOTONIC, &trying.begun);
	bool whole = sweep_replay(sweep, world, run, &progress, &record, err);
	double seconds = seconds_since(&trying.begun), weight = world_weight(world, place.variant);
	double part = sweep->weight - weight_marked(sweep, done);
	if (whole)
		cost.seconds = seconds / weight * part;
	else if (world_setup(world, place.variant)->trace.recipe && trying.rows > 0)
		cost.seconds = seconds / (double)trying.rows * part;
	else
		cost.seconds = NAN;
	cost.bytes = (double)record.length * (double)left;
	record_free(&record);
	world_free(world);
	return cost;
}
