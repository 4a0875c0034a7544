/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An observer of a replicated store: knows of every key which versions have been committed, and when, and so how old
 * what a read returned was. It watches only. Versions of a key are numbers > 0; a greater one is newer; 0 is what was
 * there before all writes. They may be committed in another order.
 *
 * A read that began at time t may return the newest version committed until then, or a newer one. What it missed is
 * told in versions (how many newer ones were committed by t) and in time (how long the oldest of these had been
 * committed). Of each key the VERSIONS_KEPT greatest committed versions are kept; who returns something older missed at
 * least so many.
 */
#ifndef MODEL_VERSIONS_H
#define MODEL_VERSIONS_H

#include "base/arena.h"

#include <stdint.h>

enum { VERSIONS_KEPT = 16 };

struct versions_commit {
	uint64_t version;
	int64_t at;
};

struct versions_key {
	int count;
	struct versions_commit commit[VERSIONS_KEPT]; /* newest version first */
};

struct versions {
	struct versions_key **key; /* NULL: nothing has been committed */
	int64_t keys;
	struct arena *arena;
	uint64_t commits, reads, stale;
};

/* What a read missed: nothing when versions is 0. */
struct versions_missed {
	int versions;
	int64_t time; /* ns */
};

void versions_init(struct versions *versions, struct arena *arena, int64_t keys);

/* A version of a key has been committed now; times do not go back. A version is committed once. */
void versions_committed(struct versions *versions, int64_t key, uint64_t version, int64_t now);

/* The newest version committed by `at` (not before the VERSIONS_KEPT commits last made); 0: none. */
uint64_t versions_newest(const struct versions *versions, int64_t key, int64_t at);

/* A read that began at `began` has returned `version`. What it missed. */
struct versions_missed versions_read(struct versions *versions, int64_t key, uint64_t version, int64_t began);

#endif
