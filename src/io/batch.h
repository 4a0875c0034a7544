/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of many records of a packed trace at once. A rule says how one value comes from a record; what rules do not
 * cover, and every text, is left to a function that reads fields one record at a time and is the law: what comes out is
 * what it would say of each record, or nothing, when it would refuse one of them.
 */
#ifndef IO_BATCH_H
#define IO_BATCH_H

#include "base/err.h"
#include "engine/row.h"
#include "io/cbt.h"

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef __int128 batch_wide;

enum { BATCH_RULES = ROW_VALUES + 2, BATCH_TERMS = 16 };

enum batch_how {
	BATCH_NONE,   /* no value: NULL */
	BATCH_TEXT,   /* only the function knows */
	BATCH_NUMBER, /* number * unit, rounded half away from zero; 0 .. most */
	BATCH_DATE,   /* ns since 1970-01-01 */
	BATCH_KEY,    /* an integer >= 0 stands for itself */
	BATCH_SUM     /* of coefficient / 10^places * number, rounded half away from zero; 0 .. most */
};

struct batch_rule {
	enum batch_how how;
	int source; /* column of the file; not of a SUM */
	int64_t unit, most;
	bool whole; /* a number that is not, is refused */
	struct {
		batch_wide coefficient;
		int places, source; /* places: 0 or more; source: -1 for the number 1 */
	} term[BATCH_TERMS];
	int terms;
};

/* The value of one record by rule `rule`; of `fields` only those of the sources of the rule are set. False: refused. */
typedef bool batch_fn(void *of, int rule, const struct csv_field *fields, int64_t *value);

struct batch;

/* The rules are kept, and must outlive it, as must the reader. */
struct batch *batch_open(struct cbt_reader *reader, const struct batch_rule *rule, int rules, batch_fn *value,
			 void *of);
void batch_close(struct batch *batch);

/*
 * The values of all records of the slice that comes next, value[rule][record]; they stay until the next call. Returns
 * how many records, and cbt_take says that they have been had; 0: the next record is to be had by cbt_next (one of the
 * slice is refused, or there are no more); -1 and a message: the file is broken.
 */
int batch_next(struct batch *batch, const int64_t *value[BATCH_RULES], struct err *err);

#endif
