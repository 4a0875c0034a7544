/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the `trace:` section of a model file says of a file: where time and each of the case's columns come from, and
 * what is done with the rows. io/tracefile.h tells the keys; io/tracefile.c reads records by the map.
 */
#ifndef IO_COLUMNMAP_H
#define IO_COLUMNMAP_H

#include "base/err.h"
#include "base/tree.h"
#include "engine/row.h"
#include "io/condition.h"
#include "io/decimal.h"
#include "io/format.h"
#include "io/lookup.h"
#include "param/param.h"
#include "trace/column.h"
#include "trace/maker.h"

enum { COLUMNMAP_TERMS = 16, COLUMNMAP_SHOWN = 64, COLUMNMAP_TEXT = 2048, COLUMNMAP_COPIES = 10000,
       COLUMNMAP_SKIP = 1000000000 };

enum columnmap_kind { COLUMNMAP_COLUMN, COLUMNMAP_SUM, COLUMNMAP_MADE };

/* coefficient / 10^places * the source column (1 without one) */
struct columnmap_term {
	decimal_wide coefficient;
	int places, source; /* -1: none */
};

struct columnmap_word {
	const char *from;
	size_t length;
	int64_t to;
};

/* A column whose value, in a unit of its own, is subtracted from another. */
struct columnmap_minus {
	int source; /* -1: none */
	int64_t unit;
	bool dates;
};

/* Where one of the case's columns comes from. */
struct columnmap_entry {
	enum columnmap_kind kind;
	int source;
	int64_t unit; /* of numbers: what 1 is worth */
	bool whole;   /* no unit was said: numbers must be whole */
	bool dates;
	bool number; /* of a column: nothing but digits is a number of units */
	struct columnmap_minus minus;
	const struct lookup *lookup; /* the value is what it says of the field; may be NULL */
	const char *lookup_name;
	const struct columnmap_word *words; /* of a CHOICE: those that were given, then its own */
	int word_count;
	bool may_miss;
	bool said_missing; /* the map says what an empty field means; else the case does */
	int64_t missing;
	bool told;         /* that nobody reads it */
	bool by_default;   /* neither the map nor the file says anything: what column.missing is */
	struct columnmap_term term[COLUMNMAP_TERMS];
	int terms;
	struct maker *maker;
};

enum columnmap_origin { COLUMNMAP_ORIGIN_FIRST, COLUMNMAP_ORIGIN_AT };

/* An end of the stretch of time that is replayed. */
struct columnmap_end {
	bool said, after_first; /* after the first row, or as the file has times */
	int64_t ns;
};

struct columnmap {
	struct format format;          /* settled by the owner between the two steps below */
	const char *model_path;        /* beside which other files are; may be NULL */
	const struct condition *where; /* NULL: all records */
	struct columnmap_end from, to; /* not before, and before */
	bool one_by_one;               /* rows of a packed trace cannot be had at once */
	const struct column *columns; /* the case's, column_count of them */
	int column_count;
	const char *file;               /* its name in messages */
	const char *const *names;       /* its header, ends with NULL */
	const char *listed;             /* the header as a text */
	int time_source, window_source; /* window: -1 for none */
	int start_source, lasts_source; /* where a window begins, and how long it lasts; -1 for none */
	bool window_dates;              /* windows are named by dates: as the first row does */
	int64_t time_unit;
	int64_t time_every; /* ns from row to row; 0: time is that of time_source, which otherwise is any column */
	bool time_dates;
	struct columnmap_minus time_minus;
	int64_t resolution; /* ns over which rows of one stamp are spread; 0: they are not */
	bool evenly;        /* at equal distances, not at random */
	enum columnmap_origin origin_kind;
	int64_t origin;
	struct decimal scale; /* time_scale */
	int64_t copies, skip;
	bool sort;
	bool draws, by_word; /* some columns are made; some by the word in another */
	bool random;         /* and some of these are drawn */
	struct columnmap_entry entry[ROW_VALUES];
	char describe[COLUMNMAP_TEXT]; /* begun by the owner; where the time is from is appended */
};

/*
 * Reads what needs no file: format, time_scale, superpose, sort, skip_bad, and whether there are keys that nobody
 * knows. `columns` and `file` are set. False and messages on mistakes; what the map holds lives in the reader's arena.
 */
bool columnmap_options(struct columnmap *map, const struct tree *trace, const struct param_reader *reader,
		       struct err *err);

/* Reads where columns come from; `names` are set too. */
bool columnmap_columns(struct columnmap *map, const struct tree *trace, const struct param_reader *reader,
		       struct err *err);

/* A value of the file for a message: short, without what a terminal would obey. `buffer` has COLUMNMAP_SHOWN bytes. */
const char *columnmap_shown(const char *text, char *buffer);

#endif
