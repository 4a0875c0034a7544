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
 *   TEXTS  struct param_texts      REF  struct param_ref        TABLE  struct param_rows
 * The range of a DIST is that of its mean. Names are the field's names.
 *
 * A TABLE is a map from names to things, each with fields of its own that are declared in the same way. What a model
 * file may say, and what declares it:
 *
 *   services:
 *     gateway: {servers: 4, calls: {auth: {timeout: 50 ms}}}
 *     auth: {}
 *   classes:
 *     buy: {enter: gateway}
 *
 *   struct call { struct param_ref to; int64_t timeout; };
 *   static const struct param call[] = {
 *       PARAM_REF(struct call, to, "services", PARAM_OWN_NAME, "the service called"),
 *       PARAM_TIME(struct call, timeout, "1 s", "1 us", "1 h", "how long it waits for an answer"),
 *       PARAM_END
 *   };
 *   struct service { int64_t servers; struct param_rows calls; };
 *   static const struct param service[] = {
 *       PARAM_COUNT(struct service, servers, "1", "1", "1 M", "equal servers"),
 *       PARAM_TABLE(struct service, calls, struct call, call, call_metrics, "how it calls others"),
 *       PARAM_END
 *   };
 *   PARAM_TABLE(struct params, services, struct service, service, service_metrics, "the services"),
 *
 * In the case, `const struct service *service = params->services.row` is an array of params->services.count.
 * - Rows keep the order in which they are written, and may hold tables, PARAM_DEPTH deep. A field of a row is a
 *   parameter like any other; its name is its path, "services.gateway.calls.auth.timeout" (param_walk.h).
 * - Where a model is laid over another, rows merge field by field, new ones follow, and `off` in the place of a row
 *   removes an inherited one. The command line cannot add rows: they would hide its slips.
 * - Where the rows of a table have one field only, a row may be just its value (pools: {bank: 10}), and the path ends
 *   with the row's name.
 * - A field whose fallback is NULL must be given in every row.
 * - A REF is the name of a row of another table: of the nearest table of that name, looked for among the fields of the
 *   row it stands in, then of the row around that, and so on. Its fallback may be PARAM_NONE, or PARAM_OWN_NAME: the
 *   row that is called as the row it stands in; then the names of a table's rows are references too.
 * - A case may add rows that others imply, such as calls that are only named in a step. They are measured and found by
 *   their path like others, but are not what a model says: they are not listed, and no part of its digest.
 * - TEXTS is a list of texts for the case's own reader, each with its place.
 * - The metrics of a table are measured for each row, and called after it: "gateway.response", of a row of a row
 *   "gateway.auth.response". `metric` of struct param_rows says where those of a row begin in the metrics of a setup.
 */
#ifndef PARAM_PARAM_H
#define PARAM_PARAM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "engine/dist.h"
#include "engine/meter.h"

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
	PARAM_TYPE_DIST,
	PARAM_TYPE_TEXTS,
	PARAM_TYPE_REF,
	PARAM_TYPE_TABLE
};

struct param {
	const char *name;
	enum param_type type;
	enum quantity_kind unit; /* of numbers, and of what a DIST draws */
	size_t offset;
	const char *fallback;    /* the default, as a user would write it; NULL: it must be given, or (TABLE) no rows */
	const char *least, *greatest;
	const char *const *choices; /* ends with NULL; the int is the index */
	const char *help;
	const char *of;               /* REF: the name of the table */
	const struct param *rows;     /* TABLE: the fields of a row */
	size_t row_size;
	const struct metric *metrics; /* TABLE: of each row; NULL */
};

/* What a table of a model holds. */
struct param_rows {
	int count;
	void *row;                 /* so many structs */
	const char *const *name;   /* ends with NULL */
	const struct place *place; /* where each was named */
	int *metric;               /* the index of the first metric of each; NULL when the table has none */
	int implied;               /* so many at the end nobody has written: param_rows_imply */
};

struct param_ref {
	int row;          /* -1: none */
	const char *name; /* NULL: none */
	struct place place;
};

struct param_texts {
	int count;
	const char *const *text;
	const struct place *place;
};

/* Limits: tables in one another, rows of one, characters of a row's name and of a path. */
enum { PARAM_DEPTH = 4, PARAM_ROWS = 10000, PARAM_NAME = 60, PARAM_PATH = 512 };

#define PARAM_NONE     "none"
#define PARAM_OWN_NAME "="

#define PARAM_OFFSET(type, field, c_type) \
	(offsetof(type, field) + 0 * sizeof(char[_Generic(((type *)0)->field, c_type: 1)]))
#define PARAM_FIELD(type_of, field, c_type, KIND, UNIT, fallback_of, help_of, ...) \
	{.name = #field, .type = PARAM_TYPE_##KIND, .unit = QUANTITY_##UNIT, \
	 .offset = PARAM_OFFSET(type_of, field, c_type), .fallback = fallback_of, .help = help_of, __VA_ARGS__}
#define PARAM_NUMBER(type, field, c_type, KIND, UNIT, fallback, least_of, greatest_of, help) \
	PARAM_FIELD(type, field, c_type, KIND, UNIT, fallback, help, .least = least_of, .greatest = greatest_of)
#define PARAM_COUNT(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, COUNT, COUNT, fallback, least, greatest, help)
#define PARAM_TIME(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, TIME, TIME, fallback, least, greatest, help)
#define PARAM_BYTES(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, int64_t, BYTES, BYTES, fallback, least, greatest, help)
#define PARAM_REAL(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, REAL, REAL, fallback, least, greatest, help)
#define PARAM_RATIO(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, RATIO, RATIO, fallback, least, greatest, help)
#define PARAM_RATE(type, field, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, double, RATE, RATE, fallback, least, greatest, help)
#define PARAM_DIST(type, field, UNIT, fallback, least, greatest, help) \
	PARAM_NUMBER(type, field, struct dist, DIST, UNIT, fallback, least, greatest, help)
#define PARAM_BOOL(type, field, fallback, help) \
	PARAM_FIELD(type, field, bool, BOOL, REAL, fallback, help, .choices = NULL)
#define PARAM_CHOICE(type, field, words, fallback, help) \
	PARAM_FIELD(type, field, int, CHOICE, REAL, fallback, help, .choices = words)
#define PARAM_TEXTS(type, field, fallback, help) \
	PARAM_FIELD(type, field, struct param_texts, TEXTS, REAL, fallback, help, .choices = NULL)
#define PARAM_REF(type, field, table, fallback, help) \
	PARAM_FIELD(type, field, struct param_ref, REF, REAL, fallback, help, .of = table)
#define PARAM_TABLE(type, field, row_type, rows_of, metrics_of, help) \
	PARAM_FIELD(type, field, struct param_rows, TABLE, REAL, NULL, help, .rows = rows_of, \
		    .row_size = sizeof(row_type), .metrics = metrics_of)
#define PARAM_END {.name = NULL}

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

/* Fills a struct with the defaults. A default that does not pass its own range is our bug. Tables get no rows. */
void param_defaults(const struct param *table, void *target, const struct param_reader *reader);

/*
 * Sets one field from text. On a mistake adds to err (kind ERR_MODEL), with what was allowed, and leaves the field. A
 * TABLE cannot be set so; the row of a REF is found by param_load only.
 */
bool param_set(const struct param *row, void *target, const char *text, const struct param_reader *reader,
	       const struct place *place, struct err *err);

/* The same from a value of a model file: one text, or of TEXTS a list. */
bool param_set_tree(const struct param *row, void *target, const struct tree *value, const struct param_reader *reader,
		    struct err *err);

/*
 * Sets every key of a map. An unknown key is an error with a suggestion; keys that begin with "x-" are notes.
 * `what` names the section in messages ("model"). Goes on after a mistake, to collect them.
 */
bool param_load(const struct param *table, void *target, const struct tree *map, const char *what,
		const struct param_reader *reader, struct err *err);

/*
 * Adds rows to one that was loaded, so many, with the defaults and references to none. `name` and `place` outlive them.
 */
void param_rows_imply(const struct param *table, struct param_rows *rows, int count, const char *const *name,
		      const struct place *place, const struct param_reader *reader);

/* An unknown key: adds the error, with the names of the table as suggestions. Always false. */
bool param_unknown(const struct param *table, const struct tree *entry, const char *what, struct err *err);

/* Whether a value is written as a cell of a table. */
bool param_is_cell(const char *text);

/* The field as text that would set it again; of a TABLE the names of its rows. */
char *param_print(const struct param *row, const void *target, char *buffer, size_t size);

/*
 * "time", "count", "distribution of time", "one of fifo, lifo", "one of the services"; and the allowed range "1 us ..
 * 60 s" or "".
 */
char *param_type_text(const struct param *row, char *buffer, size_t size);
char *param_range_text(const struct param *row, char *buffer, size_t size);

/* What the default is told as; NULL: it must be given. */
const char *param_fallback_text(const struct param *row);

/* What a field is, for those who ask nothing else: a number (or the mean of a DIST), only whole ones, a table. */
bool param_is_number(const struct param *row);
bool param_is_whole(const struct param *row);
bool param_is_table(const struct param *row);

/*
 * The value as a number: ns, bytes, per second, parts of one; the mean of a DIST; 1 or 0 of a BOOL; the index of a
 * CHOICE or of the row of a REF; how many of TEXTS or rows of a TABLE.
 */
double param_number(const struct param *row, const void *target);

/* The distribution of a DIST; NULL of all else. */
const struct dist *param_dist(const struct param *row, const void *target);

/* The texts that a BOOL or a CHOICE may have, ends with NULL; NULL of all else. */
const char *const *param_words(const struct param *row);

/* Of the fields of a row: the only one, which the row may be written as; NULL when there are others. */
const struct param *param_only(const struct param *rows);

/* Whether the names of a TABLE's rows are references: a row that is set must not have been named before. */
bool param_names_refer(const struct param *table);

/* A digest of all fields by their names, added to `digest` (base/fnv.h). */
uint64_t param_digest(uint64_t digest, const struct param *table, const void *target);

/* The index of a row; -1 when there is none of that name. */
int param_row(const struct param_rows *rows, const char *name);

/*
 * The metrics of a setup: `own`, and after them those of each row of each table that has any, in the order of the rows.
 * Where those of a row begin is written to the tables. Of more than PARAM_METRICS those of rows are put aside
 * (engine/meter.h) unless a text of `keep` covers them to their end (param_walk.h: cart.response, *.response); where it
 * is those of implied rows that make them more, only these. When two come to the same name, false and a message.
 */
enum { PARAM_METRICS = 500 };
bool param_metrics(const struct param *table, void *target, const struct metric *own, const struct param_texts *keep,
		   struct arena *arena, const struct metric **metrics, struct err *err);

enum { PARAM_TEXT = 4096 };

#endif
