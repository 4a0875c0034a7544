/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A concurrency limiter says no before the work begins: a request is admitted while fewer than the limit are in
 * progress. Of several classes each may fill a share of the limit: one is admitted while all in progress are fewer than
 * its class's share, so that the lower class is shed first.
 *
 *   off        admits all
 *   fixed      the limit stays as it is
 *   adaptive   the limit follows the time that requests take
 *
 * (Limits of how many come in a time are model/ratelimit.h.) To add a kind: one file that defines
 * `const struct limiter_kind limiter_NAME`, one line in limiter.def, one in Makefile.am.
 */
#ifndef MODEL_LIMITER_H
#define MODEL_LIMITER_H

#include "base/arena.h"
#include "base/check.h"

#include <stdbool.h>
#include <stdint.h>

struct limiter;

/* Functions that a kind has no use for are NULL. */
struct limiter_kind {
	const char *name; /* as a model file writes it */
	size_t size;      /* of its state, zeros at first */

	/* Whether one more is admitted whose class may fill `share` of the limit. NULL: always. */
	bool (*admits)(const struct limiter *limiter, double share);

	/* One that was worked on has ended, `took` ns after it was admitted. */
	void (*ended)(struct limiter *limiter, int64_t took);

	/* What is limited has changed its size: `limit` would be the one to begin with. */
	void (*resized)(struct limiter *limiter, double limit);
};

#define LIMITER(name) extern const struct limiter_kind limiter_##name;
#include "model/limiter.def"
#undef LIMITER

/* What they are, in the order of limiter.def, for who is asked to choose. */
#define LIMITER_KINDS "any number, a fixed one, or one that follows the time they take"

/* All kinds, and their names, in the order of limiter.def; both end with NULL. */
extern const struct limiter_kind *const limiter_kinds[];
extern const char *const limiter_names[];

struct limiter {
	const struct limiter_kind *kind;
	double limit, most;
	int64_t flying; /* in progress */
	void *state;
};

/* The limit begins at `limit` and stays within 1 and `most`. */
void limiter_init(struct limiter *limiter, struct arena *arena, const struct limiter_kind *kind, double limit,
		  double most);

/* True: admitted, and limiter_leave must be called. 0 <= share <= 1. */
static inline bool limiter_enter(struct limiter *limiter, double share)
{
	if (limiter->kind->admits && !limiter->kind->admits(limiter, share))
		return false;
	limiter->flying++;
	return true;
}

/* The request has ended, `took` ns after it was admitted; -1: it was not worked on, which says nothing about time. */
static inline void limiter_leave(struct limiter *limiter, int64_t took)
{
	CHECK(limiter->flying > 0);
	limiter->flying--;
	if (limiter->kind->ended && took >= 0)
		limiter->kind->ended(limiter, took);
}

/* As `resized` above; limit >= 1. */
void limiter_resize(struct limiter *limiter, double limit);

/* Whether share * limit has room for one more: what `admits` is for most kinds. */
bool limiter_has_room(const struct limiter *limiter, double share);

#endif
