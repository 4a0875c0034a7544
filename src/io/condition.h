/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which records of a trace are wanted: a condition on its columns.
 *
 *   metric_name = http_req_duration
 *   status >= 500 and not (method in (GET, HEAD) or request_uri begins "/static/")
 *
 * On the left a column, in quotes when its name would be read otherwise; on the right a value, in quotes when it has
 * blanks or parentheses. = == != compare as numbers where both are, else as texts; < <= > >= numbers, or dates when the
 * value is one; `in` a list, `begins` the start of a text. `and`, `or`, `not` and parentheses as usual. An empty field
 * is the text "".
 */
#ifndef IO_CONDITION_H
#define IO_CONDITION_H

#include "base/arena.h"
#include "base/err.h"
#include "io/csv.h"

#include <stdbool.h>

struct condition;

/* NULL and a message (ERR_MODEL, at `place`) when it is none; names that `file` has not are told. */
const struct condition *condition_read(struct arena *arena, const char *text, const char *const *names,
				       const char *file, const struct place *place, struct err *err);

/* Calls `fn` with each column that it looks at. */
void condition_sources(const struct condition *condition, void (*fn)(void *of, int source), void *of);

/* Whether it holds. False with *bad set: that column has a value that cannot be compared (*why); else *bad is -1. */
bool condition_holds(const struct condition *condition, const struct csv_field *fields, int *bad, const char **why);

#endif
