/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that expressions use: statistics, metrics, parameters, variants, windows. What is unknown is said. */
#ifndef RUN_NAMES_H
#define RUN_NAMES_H

#include "run/claim.h"
#include "run/study.h"

struct naming {
	const struct study *study;
	struct err *err;
	bool variants; /* a term must say which variant where there are several */
	bool good;     /* as yet; true at first */
};

/*
 * Looks up the names of one term; `naming` is a struct naming. What expression_terms takes. A term of a study with one
 * variant is given its name.
 */
void names_check_term(void *naming, struct term *term);

/*
 * Whether an expression of the command line names what there is: statistics and metrics of the case, and windows of the
 * variant that its terms are of when they name none. False and messages in err.
 */
bool names_check_expression(const struct study *study, const struct expression *expression, const char *variant,
			    struct err *err);

/*
 * Checks the expressions in braces of a text, "p99 is {p99(read)[scylladb]}". `several`: the text is of several
 * variants, so that terms must say of which one they are.
 */
void names_check_text(const struct study *study, const struct tree *text, bool several, struct err *err);

/*
 * What declares the parameters that the key of a section (`evidence`, `ranges`) means: a path, where "*" stands for any
 * name of a row (param/param_walk.h). NULL and a message when no variant has any.
 */
const struct param *names_declared(const struct study *study, const struct tree *entry, const char *section,
				   struct err *err);

/* Whether each text of `run: {keep: ...}` of any variant is the name or a pattern of a metric of some variant. */
void names_check_keep(const struct study *study, struct err *err);

/* The index of a variant, 0 for NULL; -1 when there is none of that name. */
int names_variant(const struct study *study, const char *variant);

/* Checks that the texts of a list (or one text) are names of variants. `list` may be NULL. */
void names_check_variants(const struct study *study, const struct tree *list, struct err *err);

/* A metric of that name, of the first variant that has it: kind and unit are the same in all. NULL: none has it. */
const struct metric *names_metric(const struct study *study, const char *name);

/* Adds what there is to say of a metric that is not there; `variant` (NULL: any) tells what is suggested instead. */
bool names_unknown_metric(const struct study *study, const char *name, const char *variant, const struct place *place,
			  struct err *err);

/*
 * What the value of a term is: TIME, BYTES, RATE, or COUNT for what has no unit. `study` is the struct study; what
 * expression_kind takes.
 */
enum quantity_kind names_term_kind(const void *study, const struct term *term);

#endif
