/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distributions: of service times, sizes, ranks. A struct dist is a value; what does not fit into it (the parts of a
 * mixture, the values of an empirical distribution) lives in the arena it was read into. Variates are never negative.
 * A distribution of times is in ns, of sizes in bytes, of rates per second.
 *
 * As text, e.g. "lognormal(median=2 ms, p99=30 ms)"; a bare quantity is a constant:
 *
 *   const(V)  uniform(MIN, MAX)  exp(MEAN)  erlang(stages=, mean=)  pareto(min=, alpha=)
 *   gamma(mean=, cv=)  or (shape=, scale=)
 *   lognormal(median=, p99=)  or (mean=, p99=)  or (mean=, cv=)  or (median=, sigma=)
 *   normal(mean=, sd=)  or (mean=, cv=): before it is cut off at 0; the mean that remains is larger
 *   weibull(scale=, shape=)  or (mean=, cv=)  or (median=, p99=)
 *   zipf(N, S, step=Q): rank 1 ... N times Q (1 where there is no unit), rank k with probability ~ k^-S
 *   mix(WEIGHT DIST, WEIGHT DIST, ...)
 *   empirical(FILE)  or hist(FILE): one of the values in the file; scale=FACTOR multiplies them
 */
#ifndef ENGINE_DIST_H
#define ENGINE_DIST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/quantity.h"
#include "engine/dmath.h"
#include "engine/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dist_kind {
	DIST_CONST,
	DIST_UNIFORM,
	DIST_EXP,
	DIST_ERLANG,
	DIST_GAMMA,
	DIST_LOGNORMAL,
	DIST_NORMAL,
	DIST_WEIBULL,
	DIST_PARETO,
	DIST_ZIPF,
	DIST_MIX,
	DIST_EMPIRICAL,
	DIST_KINDS
};

enum {
	DIST_GIVEN = 3,   /* arguments as written */
	DIST_DEPTH = 4,   /* mixtures within mixtures */
	DIST_PARTS = 64,  /* of one mixture */
	DIST_STAGES = 1000,
	DIST_WAYS = 200   /* size of a buffer for dist_ways */
};

struct dist {
	enum dist_kind kind;
	int form;                 /* how it was written: a row of the grammar in dist_text.c */
	double scale;             /* what the variate is proportional to; uniform: the width; lognormal: the median */
	double shape;             /* lognormal: sigma; gamma, weibull; pareto: alpha; zipf: s */
	double location;          /* uniform: lower end; normal: mean before it is cut off; zipf: the shift, whole */
	double given[DIST_GIVEN]; /* its arguments, for dist_print */
	double helper[3];         /* gamma, zipf: constants of the draw, made by dist_ready */
	size_t count;             /* erlang: stages; zipf: n; mix: parts; empirical: values */
	const double *values;     /* empirical: ascending */
	const double *weights;    /* mix: as written */
	const double *cumulative; /* mix, empirical: ends with 1; NULL: all weights are equal */
	const struct dist *parts; /* of a mixture */
	const char *source;       /* empirical: the name of the file */
};

/*
 * Reads the values of an empirical distribution, in the unit of its kind (ns, bytes, ...), into the arena, in any
 * order; *weights is NULL when all count the same. On a mistake adds to `err` and returns false.
 */
struct dist_reader {
	bool (*read)(void *host, const char *path, enum quantity_kind unit, struct arena *arena, double **values,
		     double **weights, size_t *count, struct err *err);
	void *host;
};

/*
 * Reads a distribution; `unit` says what its variates are. `reader` NULL: files cannot be read here. On a mistake adds
 * one ERR_MODEL message with what was found and what is allowed, and returns false.
 */
bool dist_parse(struct dist *dist, enum quantity_kind unit, const char *text, struct arena *arena,
		const struct dist_reader *reader, const struct place *place, struct err *err);

/* All ways to write a kind: "gamma(mean=, cv=) or (shape=, scale=)". Returns `text`. */
const char *dist_ways(enum dist_kind kind, char text[DIST_WAYS]);

/*
 * Text that dist_parse reads back as the same distribution; cut when it does not fit. After dist_scale, times and sizes
 * in it are rounded to whole ns and bytes. Returns `buffer`.
 */
char *dist_print(const struct dist *dist, enum quantity_kind unit, char *buffer, size_t size);

/* "mean 0.42 ms, median 0.3 ms, p99 2 ms, cv 1.1", to three digits; a moment that does not exist is "infinite". */
char *dist_describe(const struct dist *dist, enum quantity_kind unit, char *buffer, size_t size);

/* A digest of all that the variates hang on, added to `digest` (base/fnv.h). */
uint64_t dist_digest(const struct dist *dist, uint64_t digest);

/* The constant `value`, for code that has no text. */
struct dist dist_const(double value);

/* Multiplies the variate by a finite factor >= 0. Parts of a mixture are copied into the arena. */
void dist_scale(struct dist *dist, double factor, struct arena *arena);

/* Infinity where a moment does not exist. cv = standard deviation / mean; 0 when the mean is 0. */
double dist_mean(const struct dist *dist);
double dist_cv(const struct dist *dist);

/* The probability of a variate <= x. */
double dist_cdf(const struct dist *dist, double x);

/* The least x >= 0 with dist_cdf(x) >= p, for 0 <= p < 1. */
double dist_quantile(const struct dist *dist, double p);

/*
 * Parts of the inside: constants of the draw from the other fields; the quantile of the normal distribution with mean 0
 * and standard deviation 1; Gamma(x) for x > 0, to about 14 digits; and the draws that are not inline below.
 */
void dist_ready(struct dist *dist);
double dist_normal_quantile(double p);
double dist_gamma_function(double x);
double dist_draw_other(const struct dist *dist, struct rng *rng);

/* One variate. */
static inline double dist_draw(const struct dist *dist, struct rng *rng)
{
	if (dist->kind == DIST_EXP)
		return dist->scale * rng_exp(rng);
	if (dist->kind == DIST_LOGNORMAL)
		return dist->scale * dm_exp(dist->shape * rng_normal(rng));
	struct rng rest = *rng; /* a copy, as in engine/rng.h */
	double x = dist_draw_other(dist, &rest);
	*rng = rest;
	return x;
}

/* In whole ns, and cut at INT64_MAX / 4, so that sums of a few cannot overflow. */
static inline int64_t dist_time(double x)
{
	return x < 0x1p61 ? (int64_t)(x + 0.5) : INT64_MAX / 4;
}

/* One variate, as dist_time makes it. */
static inline int64_t dist_draw_time(const struct dist *dist, struct rng *rng)
{
	return dist_time(dist_draw(dist, rng));
}

/* The same, as the first draw of rng_of(stream, id), of which no other is wanted. */
static inline int64_t dist_draw_time_of(const struct dist *dist, struct rng_stream stream, uint64_t id)
{
	if (dist->kind == DIST_EXP)
		return dist_time(dist->scale * rng_exp_of(stream, id));
	if (dist->kind == DIST_LOGNORMAL)
		return dist_time(dist->scale * dm_exp(dist->shape * rng_normal_of(stream, id)));
	if (dist->kind == DIST_CONST)
		return dist_time(dist->scale);
	struct rng rng = rng_of(stream, id);
	return dist_draw_time(dist, &rng);
}

/* The same, of the first two draws, of which no other is wanted. */
static inline void dist_draw_two_times_of(const struct dist *dist, struct rng_stream stream, uint64_t id,
					  int64_t two[2])
{
	if (dist->kind == DIST_CONST) {
		two[0] = two[1] = dist_time(dist->scale);
		return;
	}
	if (dist->kind == DIST_EXP) {
		double drawn[2];
		rng_two_exp_of(stream, id, drawn);
		two[0] = dist_time(dist->scale * drawn[0]);
		two[1] = dist_time(dist->scale * drawn[1]);
		return;
	}
	struct rng rng = rng_of(stream, id);
	two[0] = dist_draw_time(dist, &rng);
	two[1] = dist_draw_time(dist, &rng);
}

#endif
