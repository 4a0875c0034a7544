/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which statistics a metric has is a table over the kinds of metrics; everything else is looked up in the setups. */
#include "run/names.h"
#include "base/words.h"
#include "param/param_walk.h"
#include "run/setup_trace.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 600 };

int names_variant(const struct study *study, const char *variant)
{
	return variant ? words_find(WORDS(study->variant), variant) : 0;
}

static bool has(const struct setup *setup, const struct term *term)
{
	struct param_walk found;
	return strcmp(term->statistic, "param") == 0
		       ? param_walk_find(&found, setup->of->params, setup->params, term->metric)
		       : metric_find(setup->metrics, term->metric) >= 0;
}

/* The setup whose metric or parameter a term is of: of its variant, or the first that has it. NULL: none has. */
static const struct setup *setup_of(const struct study *study, const struct term *term)
{
	int only = term->variant ? names_variant(study, term->variant) : -1;
	for (int i = 0; i < study->variants; i++)
		if (study->setup[i] && (only < 0 || i == only) && has(study->setup[i], term))
			return study->setup[i];
	return NULL;
}

const struct metric *names_metric(const struct study *study, const char *name)
{
	struct term term = {.statistic = "", .metric = name};
	const struct setup *setup = setup_of(study, &term);
	int own = metric_find(study->of->metrics, name);
	return setup ? &setup->metrics[metric_find(setup->metrics, name)] : own < 0 ? NULL : &study->of->metrics[own];
}

bool names_unknown_metric(const struct study *study, const char *name, const char *variant, const struct place *place,
			  struct err *err)
{
	int index = variant ? names_variant(study, variant) : 0;
	const struct setup *setup = study->setup[index < 0 ? 0 : index];
	/* What does not load has been told, and might have it. */
	return (!setup && strchr(name, '.')) ||
	       words_unknown(err, ERR_MODEL, place, "metric", name, "",
			     setup ? WORDS(setup->metrics) : WORDS(study->of->metrics));
}

const struct param *names_declared(const struct study *study, const struct tree *entry, const char *section,
				   struct err *err)
{
	const struct setup *first = NULL;
	for (int i = 0; i < study->variants; i++) {
		const struct setup *setup = study->setup[i];
		const struct param *row =
			setup ? param_walk_declared(setup->of->params, setup->params, entry->key) : NULL;
		if (row)
			return row;
		first = first ? first : setup;
	}
	if (!first) /* what does not load has been told, and might have it */
		return NULL;
	const char *near = param_walk_near(first->of->params, first->params, entry->key, study->arena);
	if (near)
		err_add(err, ERR_MODEL, &entry->key_place, "unknown key \"%.200s\" in %s; did you mean \"%s\"?",
			entry->key, section, near);
	else
		param_unknown(first->of->params, entry, section, err);
	return NULL;
}

static bool any_metric(const struct study *study, const char *pattern)
{
	for (int i = 0; i < study->variants; i++)
		for (const struct metric *metric = study->setup[i] ? study->setup[i]->metrics : NULL;
		     metric && metric->name; metric++)
			if (param_walk_covers(pattern, metric->name) == param_walk_names(metric->name))
				return true;
	return false;
}

void names_check_keep(const struct study *study, struct err *err)
{
	for (int i = 0; i < study->variants; i++) {
		const struct param_texts *keep = study->setup[i] ? &study->setup[i]->run.keep : NULL;
		struct err own;
		err_init(&own);
		for (int k = 0; keep && k < keep->count; k++)
			if (!any_metric(study, keep->text[k]))
				words_unknown(&own, ERR_MODEL, &keep->place[k], "metric", keep->text[k], " in keep",
					      WORDS(study->setup[i]->metrics));
		err_absorb(err, &own);
	}
}

static bool check_param(const struct naming *naming, const struct term *term)
{
	const struct study *study = naming->study;
	const struct setup *setup = setup_of(study, term), *other = study->setup[0];
	struct param_walk found;
	/* Of a variant that does not load, which is told elsewhere. */
	if (!setup && (!other || param_walk_declared(other->of->params, other->params, term->metric)))
		return true;
	if (!setup) {
		const char *near = param_walk_near(other->of->params, other->params, term->metric, study->arena);
		if (near)
			return err_add(naming->err, ERR_MODEL, &term->place,
				       "unknown parameter \"%.200s\"; did you mean \"%s\"?", term->metric, near);
		return words_unknown(naming->err, ERR_MODEL, &term->place, "parameter", term->metric, "",
				     WORDS(other->of->params));
	}
	param_walk_find(&found, setup->of->params, setup->params, term->metric);
	return param_is_number(found.row) ||
	       err_add(naming->err, ERR_MODEL, &term->place, "parameter %s is not a number", term->metric);
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
	char list[ERR_TEXT / 2];
	if (term->p < 0 && words_find(WORDS(all), term->statistic) < 0)
		return words_unknown(naming->err, ERR_MODEL, &term->place, "statistic", term->statistic, "",
				     WORDS(all));
	if (strcmp(term->statistic, "offered") == 0)
		return true;
	if (strcmp(term->statistic, "param") == 0)
		return check_param(naming, term);
	const struct metric *metric = names_metric(naming->study, term->metric);
	int variant = term->variant ? names_variant(naming->study, term->variant) : -1;
	const struct setup *of = variant < 0 ? NULL : naming->study->setup[variant];
	if (!metric || (of && !has(of, term)))
		return names_unknown_metric(naming->study, term->metric, term->variant, &term->place, naming->err);
	enum metric_kind kind = metric->kind;
	bool spread = metric_is_distribution(metric);
	if (term->p >= 0 ? spread : words_find(WORDS(of_kind[kind]), term->statistic) >= 0)
		return true;
	return err_add(naming->err, ERR_MODEL, &term->place, "%s has no %s; it has %s%s", term->metric, term->statistic,
		       spread ? "any percentile (p99), " : "",
		       words_text(WORDS(of_kind[kind]), list, sizeof list));
}

/* Windows of a file are known when it has been opened. */
static bool check_window(const struct naming *naming, const struct term *term, int index)
{
	const struct setup *setup = naming->study->setup[index];
	return !term->windowed || !setup || !setup->trace.recipe ||
	       setup_trace_has_window(setup, term->window, &term->place, naming->err);
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
			       "%s(%s) must name a variant, e.g. %s(%s)[%s]", term->statistic, term->metric,
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

enum quantity_kind names_term_kind(const void *study, const struct term *term)
{
	const char *s = term->statistic;
	struct param_walk found;
	if (strcmp(s, "param") == 0) {
		const struct setup *setup = setup_of(study, term);
		bool known = setup && param_walk_find(&found, setup->of->params, setup->params, term->metric);
		return known ? found.row->unit : QUANTITY_REAL;
	}
	const struct metric *metric = names_metric(study, term->metric);
	if (metric && metric->kind == METRIC_WORK)
		return strcmp(s, "rate") == 0 ? QUANTITY_COUNT : QUANTITY_TIME; /* seconds per second have no unit */
	if (strcmp(s, "offered") == 0 || strcmp(s, "rate") == 0 || strcmp(s, "knee") == 0)
		return QUANTITY_RATE;
	if (!metric || strcmp(s, "count") == 0)
		return QUANTITY_COUNT;
	if (metric->kind == METRIC_TIME)
		return QUANTITY_TIME;
	return metric->unit && strcmp(metric->unit, "bytes") == 0 ? QUANTITY_BYTES : QUANTITY_COUNT;
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

void names_check_text(const struct study *study, const struct tree *text, bool several, struct err *err)
{
	for (const char *at = text->text, *open, *close; (open = strchr(at, '{')) && (close = strchr(open, '}'));
	     at = close + 1) {
		struct naming naming = {study, err, several, true};
		const char *inside = arena_text_of(study->arena, open + 1, (size_t)(close - open - 1));
		expression_terms(expression_parse(study->arena, inside, &text->place, err), names_check_term, &naming);
	}
}
