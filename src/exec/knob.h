/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A number of a model that is varied: a parameter, the mean of a distribution (its form stays), or a dotted key of the
 * trace. Values are in ns, bytes, per second, parts of one, or plain.
 */
#ifndef EXEC_KNOB_H
#define EXEC_KNOB_H

#include "run/study.h"

struct knob {
	const char *name;
	const struct param *row; /* NULL of a dotted key */
	enum quantity_kind unit;
	bool whole;              /* only whole numbers */
	const struct dist *dist; /* whose mean it is; NULL of a number */
	double value;            /* in the setup; NaN of a dotted key */
	double least, greatest;  /* its range */
};

/*
 * The knob `name` of a setup. For a dotted key, `example` is a value that tells its unit (NULL: it must be a
 * parameter). `option` is told in messages. False and a message when there is no such number.
 */
bool knob_find(struct knob *knob, const struct setup *setup, const char *name, const char *example, const char *option,
	       struct err *err);

/* Reads a value, and checks it against the range. */
bool knob_read(const struct knob *knob, const char *text, const char *option, double *value, struct err *err);

/* The nearest value that can be set: within the range, whole where it must be, and of six digits. */
double knob_round(const struct knob *knob, double value);

/* The value as text with its unit, of a rounded value exactly that; in `arena`. */
const char *knob_print(const struct knob *knob, double value, struct arena *arena);

/* The same, to three digits, for sentences. */
const char *knob_tell(const struct knob *knob, double value, struct arena *arena);

/* What is laid over a variant to set it: the `without` of setup_resolve; in `arena`. */
struct tree *knob_tree(const struct knob *knob, double value, struct arena *arena);

#endif
