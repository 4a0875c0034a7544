/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which statistics a metric has is a table over the kinds of metrics; everything else is looked up in the case. */
#include "run/names.h"
#include "base/words.h"
#include "run/setup_trace.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 600 };

int names_variant(const struct study *study, const char *variant)
{
	return variant ? words_find(WORDS(study->variant), variant) : 0;
}

static bool check_statistic(const struct naming *naming, const struct term *term)
{
	static const char *const all[] = {"p50",   "p90",  "p95", "p99",  "p999", "mean", "sd",    "min",     "max",
					  "count", "rate", "sum", "knee", "param", "offered", NULL};
	static const char *const of_kind[][10] = {
		[METRIC_TIME] = {"mean", "sd", "min", "max", "count", "rate", "sum", "knee", NULL},
		[METRIC_AMOUNT] = {"mean", "sd", "min", "max", "count", "rate", "sum", NULL},
		[METRIC_COUNT] = {"count", "rate", NULL},
		[METRIC_WORK] = {"sum", "count", "rate", NULL},
		[METRIC_LEVEL] = {"mean", "sd", "max", NULL},
	};
	const struct case_study *of = naming->study->of;
	char list[ERR_TEXT / 2];
	if (term->p < 0 && words_find(WORDS(all), term->statistic) < 0)
		return words_unknown(naming->err, ERR_MODEL, &term->place, "statistic", term->statistic, "",
				     WORDS(all));
	if (strcmp(term->statistic, "offered") == 0)
		return true;
	if (strcmp(term->statistic, "param") == 0) {
		const struct param *row = param_find(of->params, term->metric);
		if (!row)
			return words_unknown(naming->err, ERR_MODEL, &term->place, "parameter", term->metric, "",
					     WORDS(of->params));
		return (row->type != PARAM_TYPE_BOOL && row->type != PARAM_TYPE_CHOICE) ||
		       err_add(naming->err, ERR_MODEL, &term->place, "parameter %s is not a number", row->name);
	}
	int metric = metric_find(of->metrics, term->metric);
	if (metric < 0)
		return words_unknown(naming->err, ERR_MODEL, &term->place, "metric", term->metric, "",
				     WORDS(of->metrics));
	enum metric_kind kind = of->metrics[metric].kind;
	bool spread = metric_is_distribution(&of->metrics[metric]);
	if (term->p >= 0 ? spread : words_find(WORDS(of_kind[kind]), term->statistic) >= 0)
		return true;
	return err_add(naming->err, ERR_MODEL, &term->place, "%s has no %s; it has %s%s", term->metric, term->statistic,
		       spread ? "any percentile (p99), " : "",
		       words_text(WORDS(of_kind[kind]), list, sizeof list));
}

static bool check_window(const struct naming *naming, const struct term *term, int index)
{
	const struct setup *setup = naming->study->setup[index];
	int count = 0;
	if (!term->windowed || !setup || !setup->trace.recipe)
		return true;
	const struct recipe_window *window = recipe_windows(setup->trace.recipe, &count);
	const char *names[NAMES_MAX];
	int named = 0;
	for (int i = 0; i < count; i++) {
		if (window[i].window == term->window)
			return true;
		if (named < NAMES_MAX - 1)
			names[named++] = setup_trace_window(&window[i], arena_get(naming->study->arena, DATE_TEXT));
	}
	names[named] = NULL;
	char list[ERR_TEXT / 2];
	return err_add(naming->err, ERR_MODEL, &term->place, "the trace of \"%.60s\" has no such window; it has %s",
		       setup->name, words_text(WORDS(names), list, sizeof list));
}

void names_check_term(void *context, struct term *term)
{
	struct naming *naming = context;
	const struct study *study = naming->study;
	bool good = check_statistic(naming, term);
	int index = names_variant(study, term->variant);
	if (index < 0)
		good = words_unknown(naming->err, ERR_MODEL, &term->place, "variant", term->variant, "",
				     WORDS(study->variant));
	else if (!term->variant && study->variants > 1 && naming->variants)
		good = err_add(naming->err, ERR_MODEL, &term->place,
			       "%s(%s) must say of which variant, e.g. %s(%s)[%s]", term->statistic, term->metric,
			       term->statistic, term->metric, study->variant[0]);
	else
		good = check_window(naming, term, index) && good;
	if (!term->variant && study->variants == 1)
		term->variant = study->variant[0];
	naming->good = naming->good && good;
}

struct checking {
	struct naming naming;
	const char *variant;
};

static void check_line_term(void *context, struct term *term)
{
	struct checking *checking = context;
	const char *own = term->variant;
	if (!own)
		term->variant = checking->variant;
	names_check_term(&checking->naming, term);
	term->variant = own;
}

bool names_check_expression(const struct study *study, const struct expression *expression, const char *variant,
			    struct err *err)
{
	struct checking checking = {{study, err, false, true}, variant};
	expression_terms(expression, check_line_term, &checking);
	return checking.naming.good;
}

enum quantity_kind names_term_kind(const void *context, const struct term *term)
{
	const struct case_study *of = context;
	const char *s = term->statistic;
	if (strcmp(s, "param") == 0) {
		const struct param *row = param_find(of->params, term->metric);
		return row ? row->unit : QUANTITY_REAL;
	}
	int metric = metric_find(of->metrics, term->metric);
	if (metric >= 0 && of->metrics[metric].kind == METRIC_WORK)
		return strcmp(s, "rate") == 0 ? QUANTITY_COUNT : QUANTITY_TIME; /* seconds per second have no unit */
	if (strcmp(s, "offered") == 0 || strcmp(s, "rate") == 0 || strcmp(s, "knee") == 0)
		return QUANTITY_RATE;
	if (metric < 0 || strcmp(s, "count") == 0)
		return QUANTITY_COUNT;
	if (of->metrics[metric].kind == METRIC_TIME)
		return QUANTITY_TIME;
	const char *unit = of->metrics[metric].unit;
	return unit && strcmp(unit, "bytes") == 0 ? QUANTITY_BYTES : QUANTITY_COUNT;
}

void names_check_variants(const struct study *study, const struct tree *list, struct err *err)
{
	if (!list)
		return;
	for (const struct tree *entry = list->kind == TREE_LIST ? list->child : list; entry;
	     entry = list->kind == TREE_LIST ? entry->next : NULL)
		if (entry->kind == TREE_SCALAR && words_find(WORDS(study->variant), entry->text) < 0)
			words_unknown(err, ERR_MODEL, &entry->place, "variant", entry->text, "",
				      WORDS(study->variant));
}

void names_check_text(const struct study *study, const struct tree *text, struct err *err)
{
	for (const char *at = text->text, *open, *close; (open = strchr(at, '{')) && (close = strchr(open, '}'));
	     at = close + 1) {
		struct naming naming = {study, err, false, true};
		const char *inside = arena_text_of(study->arena, open + 1, (size_t)(close - open - 1));
		expression_terms(expression_parse(study->arena, inside, &text->place, err), names_check_term, &naming);
	}
}
