/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/pooled.h"
#include "base/arena.h"

#include <math.h>
#include <string.h>

static const double confidence = 0.95;

struct asking {
	const struct pooled_values *values;
	enum pooled_part part;
	int rep;
};

static double term_value(void *context, const struct term *term)
{
	const struct asking *asking = context;
	return asking->values->value(asking->values->context, term, asking->part, asking->rep);
}

double pooled_value(const struct expression *expression, const struct pooled_values *values, enum pooled_part part,
		    int rep)
{
	struct asking asking = {values, part, rep};
	return expression_value(expression, term_value, &asking);
}

void pooled_move(double all, double *left_out, int count)
{
	double mean = 0;
	for (int i = 0; i < count; i++)
		mean += left_out[i] / count;
	for (int i = 0; i < count; i++)
		left_out[i] = count < 2 ? all : all + (count - 1) * (mean - left_out[i]);
}

void pooled_each(const struct expression *expression, const struct pooled_values *values, double *into)
{
	double all = pooled_value(expression, values, POOLED_ALL, 0);
	for (int r = 0; r < values->reps; r++)
		into[r] = values->reps < 2 ? all : pooled_value(expression, values, POOLED_BUT_ONE, r);
	pooled_move(all, into, values->reps);
}

void pooled_excursions_add(struct pooled_excursions *excursions, uint64_t above)
{
	excursions->sum += (double)above;
	excursions->squares += (double)above * (double)above;
}

double pooled_excursions_count(const struct pooled_excursions *excursions)
{
	double reps = excursions->reps, sum = excursions->sum;
	/* Nothing is beyond it: what is measured is all the same there. */
	if (sum == 0)
		return INFINITY;
	double mean = sum / reps, variance = (excursions->squares - sum * mean) / (reps - 1);
	/* Independent samples vary as much as there are of them. */
	variance = variance < mean ? mean : variance;
	return variance > 0 ? reps * mean * mean / variance : 0;
}

static void look_at(void *any, struct term *term)
{
	if (strcmp(term->statistic, "min") == 0 || strcmp(term->statistic, "max") == 0)
		*(bool *)any = true;
}

bool pooled_extreme(const struct expression *expression)
{
	bool any = false;
	expression_terms(expression, look_at, &any);
	return any;
}

struct interval pooled_interval(const struct expression *expression, const struct pooled_values *values)
{
	struct arena arena;
	struct interval interval = {NAN, NAN, NAN, values->reps};
	if (values->reps == 0)
		return interval;
	if (pooled_extreme(expression)) {
		interval.mean = pooled_value(expression, values, POOLED_ALL, 0);
		return interval;
	}
	arena_init(&arena);
	double *each = ARENA_ARRAY(&arena, (size_t)values->reps, double);
	pooled_each(expression, values, each);
	interval = interval_skewed(each, values->reps, confidence);
	interval.mean = pooled_value(expression, values, POOLED_ALL, 0);
	arena_free(&arena);
	return interval;
}
