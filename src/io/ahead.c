/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A ring of blocks between one thread that fills and one that takes. A block belongs to the one or to the other; the
 * lock is held only while it changes hands. The source is asked for whole blocks, so waking is rare next to the work.
 */
#include "io/ahead.h"
#include "io/memory.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 4 };

struct block {
	struct row row[ROW_BLOCK];
	size_t count; /* 0: the end */
	struct row_records note;
};

struct ahead {
	struct row_source *source;
	const struct row_records *note;
	pthread_t thread;
	pthread_mutex_t lock; /* around the next three */
	pthread_cond_t changed;
	uint64_t filled, taken; /* blocks so far */
	bool stop;
	bool ended;   /* seen by the one who takes */
	size_t at;    /* rows given of the block that is being taken */
	struct block block[BLOCKS];
};

static void *work(void *self)
{
	struct ahead *ahead = self;
	for (bool more = true; more;) {
		pthread_mutex_lock(&ahead->lock);
		while (ahead->filled - ahead->taken == BLOCKS && !ahead->stop)
			pthread_cond_wait(&ahead->changed, &ahead->lock);
		struct block *block = &ahead->block[ahead->filled % BLOCKS];
		more = !ahead->stop;
		pthread_mutex_unlock(&ahead->lock);
		if (!more)
			break;
		block->count = ahead->source->fill(ahead->source, block->row, ROW_BLOCK);
		block->note = *ahead->note;
		more = block->count > 0;
		pthread_mutex_lock(&ahead->lock);
		if (++ahead->filled - ahead->taken == 1) /* there was none: somebody may wait for it */
			pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

static bool one_processor(void)
{
	cpu_set_t allowed;
	return sched_getaffinity(0, sizeof allowed, &allowed) == 0 && CPU_COUNT(&allowed) < 2;
}

struct ahead *ahead_start(struct row_source *source, const struct row_records *note)
{
	if (one_processor())
		return NULL;
	struct ahead *ahead = memory_zeroed(1, sizeof *ahead);
	ahead->source = source;
	ahead->note = note;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->changed, NULL);
	/* Signals are for the threads that have been there before. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(&ahead->thread, NULL, work, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		pthread_cond_destroy(&ahead->changed);
		pthread_mutex_destroy(&ahead->lock);
		free(ahead);
		return NULL;
	}
	return ahead;
}

size_t ahead_fill(struct ahead *ahead, struct row *rows, size_t capacity, struct row_records *note)
{
	if (ahead->ended || capacity == 0)
		return 0;
	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled == ahead->taken)
		pthread_cond_wait(&ahead->changed, &ahead->lock);
	struct block *block = &ahead->block[ahead->taken % BLOCKS];
	pthread_mutex_unlock(&ahead->lock);
	size_t left = block->count - ahead->at, count = left < capacity ? left : capacity;
	memcpy(rows, block->row + ahead->at, count * sizeof *rows);
	*note = block->note;
	ahead->at += count;
	ahead->ended = block->count == 0;
	if (ahead->at == block->count) {
		ahead->at = 0;
		pthread_mutex_lock(&ahead->lock);
		/* A thread that waits since all were full has half of them to do at once: waking up takes long. */
		if (ahead->filled - ++ahead->taken == BLOCKS / 2)
			pthread_cond_signal(&ahead->changed);
		pthread_mutex_unlock(&ahead->lock);
	}
	return count;
}

void ahead_stop(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->stop = true;
	pthread_cond_signal(&ahead->changed);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->changed);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}
