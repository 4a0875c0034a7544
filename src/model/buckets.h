/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row of messages that goes on for ever, cut into partitions of equal time: buckets. Who reads the newest page walks
 * them, newest first, until it is full. Messages come evenly, so that how many a bucket holds is known.
 */
#ifndef MODEL_BUCKETS_H
#define MODEL_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

struct buckets {
	int64_t length;     /* ns of a bucket; 0: one for all */
	int64_t launch;     /* ns: when the first message was written; with length 0 */
	int64_t page;       /* messages that a reader wants */
	int64_t walk_limit; /* buckets that are read at most */
	bool skip_empty;    /* buckets known to be empty are not read */
};

struct buckets_walk {
	int steps;          /* buckets to be read */
	double newest;      /* messages in the newest one */
};

/* What a reader at instant `at` meets where `rate` messages come in a year of 365 days; `emptied`: all were deleted. */
struct buckets_walk buckets_walk(const struct buckets *buckets, double rate, int64_t at, bool emptied);

/* The partition of a channel's bucket, `step` buckets before the one of instant `at`. */
uint64_t buckets_key(const struct buckets *buckets, uint64_t channel, int64_t at, int step);

#endif
