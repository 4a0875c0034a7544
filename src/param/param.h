/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameter table. A parameter is one row beside the struct it fills: name, type, default, range, help. Everything
 * that knows parameters works from the rows: loading, --set, `show`, validation, result headers.
 *
 *   static const struct param params[] = {
 *       PARAM_COUNT(struct params, nodes, "12", "3", "10k", "database nodes in the fleet"),
 *       PARAM_TIME(struct params, gc_pause, "150 ms", "0 s", "60 s", "length of a stop-the-world pause"),
 *       PARAM_END
 *   };
 *
 * A row over a field of the wrong C type does not compile:
 *   COUNT TIME BYTES  int64_t      REAL RATIO RATE  double      BOOL  bool      CHOICE  int      DIST  struct dist
 * The range of a DIST is that of its mean. Names are the field's names.
 */
#ifndef PARAM_PARAM_H
#define PARAM_PARAM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "engine/dist.h"

#include <stddef.h>

enum param_type {
	PARAM_TYPE_COUNT,
	PARAM_TYPE_REAL,
	PARAM_TYPE_RATIO,
	PARAM_TYPE_TIME,
	PARAM_TYPE_BYTES,
	PARAM_TYPE_RATE,
	PARAM_TYPE_BOOL,
	PARAM_TYPE_CHOICE,
	PARAM_TYPE_DIST
};

struct param {
	const char *name;
	enum param_type type;
	enum quantity_kind unit; /* of numbers, and of what a DIST draws */
	size_t offset;
	const char *fallback;      /* the default, as a user would write it */
	const char *least, *greatest;
	const char *const *choices; /* ends with NULL; the int is the index */
	const char *help;
};

#define PARAM_OFFSET(type, field, c_type) \
	(offsetof(type, field) + 0 * sizeof(char[_Generic(((type *)0)->field, c_type: 1)]))
#define PARAM_NUMBER(type, field, c_type, KIND, fallback, least, greatest, help) \
	{#field, PARAM_TYPE_##KIND, QUANTITY_##KIND, PARAM_OFFSET(type, field, c_type), \
	 fallback, least, greatest, NULL, help}
#define PARAM_COUNT(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, COUNT, fallback, least, greatest, help)
#define PARAM_TIME(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, TIME, fallback, least, greatest, help)
#define PARAM_BYTES(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, BYTES, fallback, least, greatest, help)
#define PARAM_REAL(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, REAL, fallback, least, greatest, help)
#define PARAM_RATIO(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, RATIO, fallback, least, greatest, help)
#define PARAM_RATE(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, RATE, fallback, least, greatest, help)
#define PARAM_BOOL(type, field, fallback, help) \
	{#field, PARAM_TYPE_BOOL, QUANTITY_REAL, PARAM_OFFSET(type, field, bool), fallback, NULL, NULL, NULL, help}
#define PARAM_CHOICE(type, field, choices, fallback, help) \
	{#field, PARAM_TYPE_CHOICE, QUANTITY_REAL, PARAM_OFFSET(type, field, int), fallback, NULL, NULL, choices, help}
#define PARAM_DIST(type, field, UNIT, fallback, least, greatest, help) \
	{#field, PARAM_TYPE_DIST, QUANTITY_##UNIT, PARAM_OFFSET(type, field, struct dist), \
	 fallback, least, greatest, NULL, help}
#define PARAM_END {NULL, PARAM_TYPE_COUNT, QUANTITY_COUNT, 0, NULL, NULL, NULL, NULL, NULL}

/*
 * A number that stands in a table of somebody else: "cell(FILE.csv, COLUMN=VALUE, ..., COLUMN)" is what the last column
 * holds in the one row that has these values in the columns before; e.g. cell(rtt.csv, src=East_US, dst=West_US_2,
 * rtt_ms). A name with a comma, "=" or ")" goes in double quotes. Every parameter that is a number can be given so.
 */
enum { PARAM_KEYS = 8 };
struct param_cell {
	const char *file;
	int keys;
	const char *key[PARAM_KEYS], *value[PARAM_KEYS];
	const char *column;
};

/*
 * Finds a cell. `place` is where it is named. *text is what the cell holds, with the unit that the name of its column
 * tells (rtt_ms) when it is a time and tells none itself; *at is where it stands. On a mistake adds one ERR_MODEL
 * message and returns false.
 */
struct param_cells {
	bool (*read)(void *host, const struct param_cell *cell, enum quantity_kind unit, struct arena *arena,
		     const struct place *place, const char **text, struct place *at, struct err *err);
	void *host;
};

/* How values are read: where arrays of distributions live, who reads empirical files, and cells (NULL: nobody). */
struct param_reader {
	struct arena *arena;
	const struct dist_reader *files;
	const struct param_cells *cells;
};

/* The row of that name, or NULL. */
const struct param *param_find(const struct param *table, const char *name);

/* Fills a struct with the defaults. A default that does not pass its own range is our bug. */
void param_defaults(const struct param *table, void *target, const struct param_reader *reader);

/* Sets one field from text. On a mistake adds to err (kind ERR_MODEL), with what was allowed, and leaves the field. */
bool param_set(const struct param *row, void *target, const char *text, const struct param_reader *reader,
	       const struct place *place, struct err *err);

/*
 * Sets every key of a map. An unknown key is an error with a suggestion; keys that begin with "x-" are notes.
 * `what` names the section in messages ("model"). Goes on after a mistake, to collect them.
 */
bool param_load(const struct param *table, void *target, const struct tree *map, const char *what,
		const struct param_reader *reader, struct err *err);

/* An unknown key: adds the error, with the names of the table as suggestions. Always false. */
bool param_unknown(const struct param *table, const struct tree *entry, const char *what, struct err *err);

/* Whether a value is written as a cell of a table. */
bool param_is_cell(const char *text);

/* The field as text that would set it again. */
char *param_print(const struct param *row, const void *target, char *buffer, size_t size);

/* "time", "count", "distribution of time", "one of fifo, lifo"; and the allowed range "1 us .. 60 s" or "". */
char *param_type_text(const struct param *row, char *buffer, size_t size);
char *param_range_text(const struct param *row, char *buffer, size_t size);

enum { PARAM_TEXT = 1024 };

#endif
