/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One timed request of a trace, and where rows come from. What `value` holds is declared by the case's columns
 * (trace/column.h); the engine only looks at the time.
 */
#ifndef ENGINE_ROW_H
#define ENGINE_ROW_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum { ROW_VALUES = 8, ROW_BLOCK = 1024 };

struct row {
	int64_t time; /* ns since the start of the trace, never less than the row's before it */
	uint64_t id;  /* 0, 1, 2 ... in file order: the key of all draws that belong to this request */
	int64_t window; /* the stretch of the trace it belongs to: days since 1970-01-01, a step's number, or 0 */
	int64_t value[ROW_VALUES];
};

/* What became of the records of a file: each is one of the three. */
struct row_records {
	int64_t taken;    /* rows */
	int64_t left_out; /* not wanted, as was said */
	int64_t skipped;  /* malformed, and passed over */
};

/*
 * A source fills blocks of rows, in order. Returns how many it filled; 0 is the end, or a failure that the source's
 * owner knows of. After a 0 it is not asked again.
 */
struct row_source {
	size_t (*fill)(struct row_source *source, struct row *rows, size_t capacity);
	bool random; /* something in the rows is drawn, so that another replication may have others */
};

#endif
