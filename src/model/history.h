/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a history of reads and writes linearizable: is there an order of the operations, each at some instant between its
 * call and its return, in which every read returns what was written last? Each key is a register; no value is written
 * to a key twice. A watcher records operations as they return and asks at the end.
 *
 * With unique values every read tells whose write it saw, and the question is one of intervals (P. Gibbons, E. Korach,
 * Testing shared memories, SIAM J. Comput. 26, 1997). A write and its reads make a cluster. Let f be the first return
 * in it, s the last call. If f < s, the value was in the register from f to s at least: a forward zone. Otherwise all
 * of the cluster can be put at one instant between s and f: a backward zone. A history is linearizable exactly when no
 * read returns before its write is called, or returns what nobody wrote, no two forward zones of a key overlap, and no
 * backward zone lies within a forward one. That takes a sort, n log n for n operations.
 */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_PENDING INT64_MAX

struct history_operation {
	bool write;
	uint64_t key, value;    /* written or read; value 0 is there at the beginning and is never written */
	int64_t called, returned; /* HISTORY_PENDING: has not returned, and perhaps never will */
	uint64_t who;           /* for people */
};

enum { HISTORY_BLOCK = 256 };

struct history_block {
	struct history_block *next;
	int count;
	struct history_operation operation[HISTORY_BLOCK];
};

struct history {
	struct history_block *first, *last;
	uint64_t count;
	struct arena *arena;
};

/* What is wrong: the operations that cannot both be explained. `why` is a constant; NULL: nothing is. */
struct history_verdict {
	const char *why;
	struct history_operation one, other;
	uint64_t keys, wrong;   /* keys seen; keys whose history is not linearizable */
};

void history_init(struct history *history, struct arena *arena);

/*
 * Records an operation: called <= returned. Reads that have not returned need not be recorded. A write that has not may
 * have taken effect or not; if somebody read it, it has.
 */
void history_add(struct history *history, const struct history_operation *operation);

/*
 * What shows that something is wrong, of a verdict with a `why`: the two operations that it names, and those of their
 * key and values that overlap the time from the first call of the two, or of the write that `other` is of, to the last
 * return; at most `most`, in the order of their calls. Returns how many.
 */
int history_witness(const struct history *history, const struct history_verdict *verdict, int most,
		    struct history_operation *shown);

/* Judges all that has been recorded. What it names was found at the smallest key. Takes memory from the arena. */
struct history_verdict history_judge(const struct history *history);

#endif
