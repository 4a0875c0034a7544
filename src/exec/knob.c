/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/knob.h"
#include "base/words.h"
#include "engine/dist.h"
#include "param/param_walk.h"

#include <math.h>
#include <string.h>

static double of_text(enum quantity_kind unit, const char *text, double otherwise)
{
	struct quantity quantity;
	char why[QUANTITY_WHY];
	return text && quantity_parse(unit, text, &quantity, why) ? quantity.real : otherwise;
}

static bool unknown(const struct setup *setup, const char *name, const char *option, struct err *err)
{
	struct arena scratch;
	arena_init(&scratch);
	const char *near = param_walk_near(setup->of->params, setup->params, name, &scratch);
	if (near)
		err_add(err, ERR_USAGE, NULL, "%s: unknown parameter \"%.60s\"; did you mean \"%s\"?", option, name,
			near);
	else
		err_add(err, ERR_USAGE, NULL, "%s: unknown parameter \"%.60s\"; casebook show %s lists them", option,
			name, setup->of->name);
	arena_free(&scratch);
	return false;
}

bool knob_find(struct knob *knob, const struct setup *setup, const char *name, const char *example, const char *option,
	       struct err *err)
{
	struct param_walk found;
	bool known = param_walk_find(&found, setup->of->params, setup->params, name);
	const struct param *row = known ? found.row : NULL;
	*knob = (struct knob){.name = name, .row = row, .value = NAN, .least = -INFINITY, .greatest = INFINITY};
	if (!row && strncmp(name, "trace.", 6) == 0) {
		if (!example || !quantity_kind_of(example, &knob->unit))
			return err_add(err, ERR_USAGE, NULL,
				       "%s %.60s: give its range with --from and --to, e.g. "
				       "--from '50 /s' --to '90 /s'",
				       option, name);
		return true;
	}
	if (!row)
		return unknown(setup, name, option, err);
	if (!param_is_number(row))
		return err_add(err, ERR_USAGE, NULL, "%s: %s is not a number", option, name);
	knob->unit = row->unit;
	knob->whole = param_is_whole(row);
	knob->value = param_number(row, found.in);
	knob->least = of_text(row->unit, row->least, -INFINITY);
	knob->greatest = of_text(row->unit, row->greatest, INFINITY);
	knob->dist = param_dist(row, found.in);
	return !knob->dist || (knob->value > 0 && isfinite(knob->value)) ||
	       err_add(err, ERR_USAGE, NULL, "%s: the distribution %s has no mean that could be varied", option, name);
}

bool knob_read(const struct knob *knob, const char *text, const char *option, double *value, struct err *err)
{
	struct quantity quantity;
	char why[QUANTITY_WHY], least[QUANTITY_TEXT], greatest[QUANTITY_TEXT];
	if (!quantity_parse(knob->unit, text, &quantity, why))
		return err_add(err, ERR_USAGE, NULL, "%s \"%.60s\": %s %s", option, text, knob->name, why);
	if (quantity.real < knob->least || quantity.real > knob->greatest) {
		struct quantity low = {(int64_t)knob->least, knob->least},
				high = {(int64_t)knob->greatest, knob->greatest};
		return err_add(err, ERR_USAGE, NULL, "%s \"%.60s\": %s must be %s .. %s", option, text, knob->name,
			       quantity_print(knob->unit, low, least), quantity_print(knob->unit, high, greatest));
	}
	*value = knob_round(knob, quantity.real);
	return true;
}

static double digits(double value, int count)
{
	if (value == 0 || !isfinite(value))
		return value;
	double step = pow(10, floor(log10(fabs(value))) - (count - 1));
	/* Dividing by a power of ten is exact where multiplying by its inverse is not: 0.82, not 0.8200000000000001. */
	return step < 1 ? round(value * round(1 / step)) / round(1 / step) : round(value / step) * step;
}

static bool integral(const struct knob *knob)
{
	return knob->whole || ((knob->unit == QUANTITY_TIME || knob->unit == QUANTITY_BYTES) && !knob->dist);
}

double knob_round(const struct knob *knob, double value)
{
	value = digits(value, 6);
	if (integral(knob))
		value = round(value);
	return value < knob->least ? knob->least : value > knob->greatest ? knob->greatest : value;
}

static const char *print(const struct knob *knob, double value, struct arena *arena)
{
	char *text = arena_get(arena, QUANTITY_TEXT);
	struct quantity quantity = {fabs(value) < 9e18 ? (int64_t)round(value) : INT64_MAX, value};
	return quantity_print(knob->unit, quantity, text);
}

const char *knob_print(const struct knob *knob, double value, struct arena *arena)
{
	return print(knob, value, arena);
}

const char *knob_tell(const struct knob *knob, double value, struct arena *arena)
{
	return print(knob, knob->whole ? value : digits(value, 3), arena);
}

struct tree *knob_tree(const struct knob *knob, double value, struct arena *arena)
{
	const char *text;
	if (knob->dist) {
		char *written = arena_get(arena, PARAM_TEXT);
		struct dist scaled = *knob->dist;
		dist_scale(&scaled, value / knob->value, arena);
		text = dist_print(&scaled, knob->unit, written, PARAM_TEXT);
	} else {
		text = knob_print(knob, value, arena);
	}
	struct place place = {arena_format(arena, "%s = %s", knob->name, text), 0, 0};
	return tree_path(arena, knob->name, tree_scalar(arena, text, place), place);
}
