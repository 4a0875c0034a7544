/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which writes of a log have been answered: what was promised, when a copy that has less of the log takes over. It
 * watches only. Writes are at positions 1, 2, ...; those that every copy has need not be remembered.
 */
#ifndef MODEL_ANSWERS_H
#define MODEL_ANSWERS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

struct answers {
	bool *answered;  /* ring: the write at [position % room] */
	int64_t room;    /* a power of two */
	int64_t safe, last; /* up to here every copy has the writes; the last position */
	struct arena *arena;
};

void answers_init(struct answers *answers, struct arena *arena);

/* The position of the next write, not answered yet. Every copy has all up to `safe`, which does not go back. */
int64_t answers_append(struct answers *answers, int64_t safe);

/* The write at a position of the log has been answered. */
void answers_give(struct answers *answers, int64_t position);

/* How many of the writes after `kept` have been answered; kept is not before what is safe. */
int64_t answers_beyond(const struct answers *answers, int64_t kept);

/* A new log begins, without writes. */
void answers_clear(struct answers *answers);

#endif
