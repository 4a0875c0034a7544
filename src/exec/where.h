/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which points of a sweep are wanted: a condition on the swept keys.
 *
 *   nodes > 48 and (rtt < 5 ms or policy == lifo) and not nodes * rtt >= 1 s
 *
 * Comparisons < <= > >= == != of numbers with units, with + - * / and parentheses; == and != also of words. `and`, `or`
 * and `not` as usual. A name is a swept key; any other word, and a text in double quotes, is itself.
 */
#ifndef EXEC_WHERE_H
#define EXEC_WHERE_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>

/* The swept keys and the texts of their values at one point. `key` ends with NULL. */
struct where_names {
	const char *const *key;
	const char *const *value;
};

/*
 * Whether the point is wanted. False in `*good`, and a message of `kind` at `place`, when the condition is not one: it
 * compares what cannot be compared, or has a name in it that is not swept.
 */
bool where_holds(const char *text, const struct where_names *names, struct arena *arena, bool *good, enum err_kind kind,
		 const struct place *place, struct err *err);

#endif
