/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Claims: statements about measured results, as data. An expectation is a comparison of two expressions, or an
 * expression and a band:
 *
 *   p99(read)[cassandra] in 40 ms..125 ms
 *   p99(read)[scylladb] / p99(read)[cassandra] < 0.5
 *   p99(read)[mongodb @ 2016-04-01] >= 10 * p99(read)[mongodb @ 2015-11-01]
 *
 * A term is STATISTIC(METRIC)[VARIANT] or STATISTIC(METRIC)[VARIANT @ WINDOW]; WINDOW is a date or a step's number.
 * With one variant in the study, [VARIANT] may be left out. Statistics:
 *
 *   of a TIME or an AMOUNT  p50 p90 p95 p99 p999 p99.9 (any percentile), mean, sd (standard deviation), min, max,
 *                           count, rate (per second), sum
 *   of a COUNT              count, rate
 *   of a WORK               sum (seconds; count is the same), rate (seconds per second)
 *   of a LEVEL              mean and sd (over time), max
 *   of a TIME               knee: the offered load, in rows of the trace per second of the whole fleet, up to which p99
 *                           stays within 3 times its value in the first window
 *   param(NAME)[VARIANT]    the value of a model parameter (mean of a distribution); of a row of a table by its path,
 *                           param(services.cart.servers)
 *   offered()[VARIANT]      rows per second of the whole fleet
 *
 * Numbers carry units ("40 ms", "12k/s", "85 %"); times are seconds, sizes bytes, rates per second. Operators + - * /
 * and parentheses; functions log(x) (natural), min(a, b, ...), max(a, b, ...), abs(x); min(METRIC) and max(METRIC) are
 * statistics. Comparisons < <= > >=, `in LOW..HIGH`, and `A = B within 1 %` (a part of B) or `within 2 ms`: the two are
 * equivalent. Counts, rates and work of a slice are scaled up to the whole fleet.
 */
#ifndef RUN_CLAIM_H
#define RUN_CLAIM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/quantity.h"
#include "base/tree.h"

#include <stdint.h>

enum claim_operator { CLAIM_LESS, CLAIM_LESS_EQUAL, CLAIM_GREATER, CLAIM_GREATER_EQUAL, CLAIM_IN, CLAIM_WITHIN };

/*
 * What a claim is worth. Predicted: it follows from a mechanism, and nothing was fitted to it. Calibrated: the model
 * was fitted to this row. Derived: arithmetic, an identity, or a closed form, which checks the model rather than the
 * world.
 */
enum claim_kind { CLAIM_PREDICTED, CLAIM_CALIBRATED, CLAIM_DERIVED };

/* "predicted", "calibrated", "derived"; ends with NULL. */
extern const char *const claim_kinds[];

struct expression; /* a parsed tree of operators and terms */

struct expectation {
	const char *text;
	const char *left_text, *low_text, *high_text; /* of its sides, as they were written; high_text NULL but of IN */
	struct place place;
	enum claim_operator operator;
	struct expression *left, *low, *high; /* high of IN, and the distance of WITHIN; else `low` is the right side */
	/* Of WITHIN: how far apart the two may be, in their unit, or as a part of the right side's size. */
	double margin;
	bool relative;
};

struct claim {
	const char *id, *says, *mechanism, *evidence, *source;
	const char *caveat; /* where it does not hold, or is not settled, and why; NULL: nothing is said of it */
	enum claim_kind kind;
	struct expectation *expect;
	int expects;
	const struct tree *without; /* NULL: no ablation, `no_ablation` says why */
	const char *no_ablation;
	const struct tree *fails; /* values inside of what is likely at which it does not hold; NULL: none is told */
	struct place place;
};

/* What a term names. Kept distinct so that the same measurement is looked up once. */
struct term {
	const char *statistic; /* "p99" */
	double p;              /* of a percentile; -1 for others */
	const char *metric;    /* or the parameter's name */
	const char *variant;
	bool windowed;
	int64_t window;
	struct place place;
};

/* Parses one expectation. The names in it are checked by the caller. False and a message on a mistake. */
bool expectation_parse(struct arena *arena, const char *text, const struct place *place, struct expectation *into,
		       struct err *err);

/* Parses a bare expression (figures use them). */
struct expression *expression_parse(struct arena *arena, const char *text, const struct place *place, struct err *err);

/* The term that an expression is; NULL when it is none or more than one term. */
const struct term *expression_term(const struct expression *expression);

/* Calls `each` for every term. */
void expression_terms(const struct expression *expression, void (*each)(void *context, struct term *term),
		      void *context);

/* The value of an expression; `value` gives that of a term. NaN where a term has no value. */
double expression_value(const struct expression *expression, double (*value)(void *context, const struct term *term),
			void *context);

/*
 * Whether numbers have the units they need: what is compared with, added to or taken the lesser of a time must be a
 * time. `kind` says what a term is: TIME, BYTES, RATE, or COUNT for what has no unit. Rates may be compared with bare
 * numbers.
 */
bool expression_check_units(const struct expression *expression,
			    enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of,
			    struct err *err);
bool expectation_check_units(const struct expectation *expectation,
			     enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of,
			     struct err *err);

/* What the value of an expression is: TIME, BYTES, RATE, or REAL for everything else. */
enum quantity_kind expression_kind(const struct expression *expression,
				   enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of);

/* "p99" -> 0.99, "p50", "p999" (0.999), "p99.9"; false for other words. */
bool claim_percentile(const char *statistic, double *p);

/* Of WITHIN: how far the left side may be from the right one, which is `right`. */
double expectation_margin(const struct expectation *expectation, double right);

/* Whether the comparison holds for values of its sides; NaN never holds. */
bool expectation_holds(const struct expectation *expectation, double left, double low, double high);

#endif
