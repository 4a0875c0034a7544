/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads take the next job of the list. A result that is ready before those in front of it waits in its slot; whoever
 * puts the missing one in place hands over all that are in order then.
 */
#include "exec/exec.h"
#include "io/memory.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct slot {
	_Atomic int64_t now;
	_Atomic uint64_t rows, events;
	struct replay *replay;
	struct row_records records;
	double weight;
	bool ready;
};

struct exec {
	const struct exec_job *jobs;
	int count;
	const struct exec_host *host;
	const volatile sig_atomic_t *stop;
	struct err *err;
	struct slot *slot;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int next, running;
	_Atomic int handed; /* jobs handed over: all of these are in front of it */
	_Atomic bool failed;
};

struct worker {
	struct exec *exec;
	struct slot *slot;
};

static bool report(void *self, int64_t now, uint64_t rows, uint64_t events)
{
	struct worker *worker = self;
	atomic_store_explicit(&worker->slot->now, now, memory_order_relaxed);
	atomic_store_explicit(&worker->slot->rows, rows, memory_order_relaxed);
	atomic_store_explicit(&worker->slot->events, events, memory_order_relaxed);
	return !exec_stopped(worker->exec->stop) && !worker->exec->failed;
}

static void hand_over(struct exec *exec)
{
	while (exec->handed < exec->count && exec->slot[exec->handed].ready) {
		struct slot *slot = &exec->slot[exec->handed];
		exec->host->finished(exec->host->host, &exec->jobs[exec->handed], slot->replay, &slot->records);
		replay_free(slot->replay);
		slot->replay = NULL;
		exec->handed++;
	}
}

static void failed(struct exec *exec, const struct err *mine)
{
	pthread_mutex_lock(&exec->lock);
	if (!exec->failed)
		*exec->err = *mine;
	exec->failed = true;
	pthread_mutex_unlock(&exec->lock);
}

bool exec_measured(const struct setup *setup, const struct replay *replay, struct err *err)
{
	char lasts[QUANTITY_TEXT];
	if (setup->run.warmup <= 0 || replay->meters.counted > 0 || replay->stopped)
		return true;
	return err_add(err, ERR_MODEL, &setup->trace.file_place, "warmup leaves nothing of the trace, which lasts %s",
		       quantity_print_time(replay->meters.window[0].lasts, lasts));
}

/* False when nothing can be handed over. */
static bool run_job(struct exec *exec, int number)
{
	const struct exec_job *job = &exec->jobs[number];
	struct slot *slot = &exec->slot[number];
	struct worker worker = {exec, slot};
	struct sim_progress progress = {.report = report, .host = &worker};
	const struct setup *setup = job->setup;
	struct trace_rows *rows = NULL;
	struct err err;
	err_init(&err);
	if (job->file) {
		rows = trace_rows_open(job->file, (uint64_t)setup->run.seed, (uint64_t)job->replication, setup->share,
				       &err);
		if (!rows) {
			failed(exec, &err);
			return false;
		}
	}
	struct replay *replay =
		replay_run(setup, rows ? trace_rows_source(rows) : NULL, job->replication, job->slowest, &progress);
	bool good = !replay->stopped;
	if (rows) {
		slot->records = trace_rows_counts(rows).records;
		if (trace_rows_failed(rows, &err) || !exec_measured(setup, replay, &err)) {
			failed(exec, &err);
			good = false;
		}
		trace_rows_close(rows);
	}
	if (!good) {
		replay_free(replay);
		return false;
	}
	report(&worker, replay->end, replay->rows, replay->events);
	slot->replay = replay;
	return true;
}

static void *work(void *self)
{
	struct exec *exec = self;
	pthread_mutex_lock(&exec->lock);
	while (exec->next < exec->count && !exec_stopped(exec->stop) && !exec->failed) {
		int number = exec->next++;
		pthread_mutex_unlock(&exec->lock);
		bool good = run_job(exec, number);
		pthread_mutex_lock(&exec->lock);
		if (good) {
			exec->slot[number].ready = true;
			hand_over(exec);
		}
	}
	exec->running--;
	pthread_cond_signal(&exec->changed);
	pthread_mutex_unlock(&exec->lock);
	return NULL;
}

/* Rows that a job is expected to replay; 1 where that is not known. */
static double weight_of(const struct exec_job *job)
{
	if (job->file)
		return 1;
	double rows = 1;
	const struct trace_window *window = job->setup->trace.window;
	for (int w = 0; w < job->setup->trace.windows; w++)
		rows += window[w].rate * job->setup->share * (double)window[w].lasts * 1e-9;
	return rows;
}

static void tell(const struct exec *exec, const struct timespec *begun)
{
	struct exec_progress progress = {.done = exec->handed, .jobs = exec->count};
	double all = 0, done = 0;
	for (int i = 0; i < exec->count; i++) {
		const struct slot *slot = &exec->slot[i];
		uint64_t rows = slot->rows;
		progress.rows += rows;
		progress.events += slot->events;
		all += slot->weight;
		if (i < progress.done)
			done += slot->weight;
		else if (!exec->jobs[i].file)
			done += (double)rows < slot->weight ? (double)rows : slot->weight;
	}
	if (progress.done < exec->count) {
		progress.job = &exec->jobs[progress.done];
		progress.now = exec->slot[progress.done].now;
	}
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	progress.seconds = (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) * 1e-9;
	progress.part = all > 0 ? done / all : 1;
	exec->host->progress(exec->host->host, &progress);
}

/* Waits until no thread runs, and tells of the progress meanwhile. */
static void watch(struct exec *exec)
{
	struct timespec begun, until;
	clock_gettime(CLOCK_MONOTONIC, &begun);
	pthread_mutex_lock(&exec->lock);
	while (exec->running > 0) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 100000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&exec->changed, &exec->lock, &until);
		pthread_mutex_unlock(&exec->lock);
		if (exec->host->progress)
			tell(exec, &begun);
		pthread_mutex_lock(&exec->lock);
	}
	pthread_mutex_unlock(&exec->lock);
}

enum exec_end exec_run(const struct exec_job *jobs, int count, int threads, const struct exec_host *host,
		       const volatile sig_atomic_t *stop, struct err *err)
{
	struct exec exec = {.jobs = jobs, .count = count, .host = host, .stop = stop, .err = err,
			    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	threads = threads > count ? count : threads;
	exec.slot = memory_zeroed((size_t)count, sizeof *exec.slot);
	pthread_t *thread = memory_zeroed((size_t)threads, sizeof *thread);
	for (int i = 0; i < count; i++)
		exec.slot[i].weight = weight_of(&jobs[i]);
	/* The main thread keeps the signals, so that a handler finds it waiting. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int started = 0;
	pthread_mutex_lock(&exec.lock);
	while (started < threads && pthread_create(&thread[started], NULL, work, &exec) == 0)
		started++;
	exec.running = started;
	pthread_mutex_unlock(&exec.lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started == 0 && count > 0) {
		exec.running = 1;
		work(&exec);
	}
	watch(&exec);
	for (int i = 0; i < started; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < count; i++)
		replay_free(exec.slot[i].replay);
	bool all_done = exec.handed == count;
	free(thread);
	free(exec.slot);
	pthread_mutex_destroy(&exec.lock);
	pthread_cond_destroy(&exec.changed);
	return exec.failed ? EXEC_FAILED : all_done ? EXEC_DONE : EXEC_INTERRUPTED;
}

int exec_processors(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return CPU_COUNT(&set);
	return 1;
}

int exec_threads(int64_t jobs)
{
	return jobs > 0 ? (int)jobs : exec_processors();
}
