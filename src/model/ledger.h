/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which nodes hold the acknowledged writes: a count for every set of holders, so that memory does not grow with the
 * number of writes. It tells how many writes there is no copy left of.
 */
#ifndef MODEL_LEDGER_H
#define MODEL_LEDGER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_HOLDERS = 7 };

struct ledger_entry {
	uint64_t writes;                /* 0: free */
	int count;
	uint16_t holder[LEDGER_HOLDERS]; /* ascending */
};

struct ledger {
	struct ledger_entry *entry;     /* open addressing */
	size_t capacity, used;
	struct arena *arena;
};

void ledger_init(struct ledger *ledger, struct arena *arena);

/* One acknowledged write is held by `count` <= LEDGER_HOLDERS different nodes, in any order. */
void ledger_add(struct ledger *ledger, const uint16_t *holder, int count);

/* A node dies with its data: of all writes so far its copy is gone. What it is given later, it holds. */
void ledger_forget(struct ledger *ledger, uint16_t node);

/* How many of all writes have no holder left. */
uint64_t ledger_lost(const struct ledger *ledger);

/* All writes added. */
uint64_t ledger_writes(const struct ledger *ledger);

#endif
