/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A figure is checked by the row of its kind: which keys it takes, which it needs, and what its metrics may be.
 * Whatever it names is looked up as a claim's expressions are.
 */
#include "run/figures.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"
#include "run/claims.h"
#include "run/names.h"
#include "run/sources.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum { FIGURES_MAX = 1000, LINE_MAX_BYTES = 1000, DESCRIPTION_MAX = 8000 };

#define FIGURE(NAME, word, metrics, needed, ...) static const char *const keys_of_##word[] = {__VA_ARGS__, NULL};
#include "run/figures.def"
#undef FIGURE

#define FIGURE(NAME, word, metrics, needed, ...) {#word, FIGURES_##metrics, needed, keys_of_##word},
const struct figures_row figures_rows[] = {
#include "run/figures.def"
	{NULL, FIGURES_NONE, 0, NULL}};
#undef FIGURE

static void check_expression(const struct study *study, const char *text, const struct place *place, struct err *err)
{
	struct naming naming = {study, err, false, true};
	expression_terms(expression_parse(study->arena, text, place, err), names_check_term, &naming);
}

/* ---- what is shown ---- */

static const char *const metric_keys[] = {"metric", "metrics", "y", NULL};

/* A timeline shows one statistic of a count, of work or of a level, and some of what has a distribution. */
static bool check_binned(enum metric_kind kind, const char *name, const char *statistic, const struct place *place,
			 struct err *err)
{
	double p;
	static const char *const of_distributions[] = {"mean", "sd", "max", NULL};
	bool rate = kind == METRIC_COUNT || kind == METRIC_WORK;
	const char *only = rate ? "rate" : kind == METRIC_LEVEL ? "mean" : NULL;
	if (only ? strcmp(statistic, only) == 0
		 : claim_percentile(statistic, &p) || words_find(WORDS(of_distributions), statistic) >= 0)
		return true;
	return err_add(err, ERR_MODEL, place, "a timeline shows the %s of %s, not %s",
		       only ? only : "percentiles, mean, sd or max", name, statistic);
}

/* One metric of a figure: the name of one, or an expression. */
static void check_metric(const struct study *study, const struct study_figure *figure, const struct tree *entry,
			 struct err *err)
{
	const struct tree *statistic = tree_get(figure->tree, "statistic");
	enum figures_metrics are = figure->kind->metrics;
	if (!reader_must_be(err, entry, TREE_SCALAR, "metric"))
		return;
	if (strchr(entry->text, '(') && are == FIGURES_EXPRESSIONS) {
		check_expression(study, entry->text, &entry->place, err);
		return;
	}
	const struct metric *metric = names_metric(study, entry->text);
	if (!metric) {
		names_unknown_metric(study, entry->text, NULL, &entry->place, err);
		return;
	}
	const char *word = statistic && statistic->kind == TREE_SCALAR ? statistic->text : "p99";
	if (are == FIGURES_TIMES && metric->kind != METRIC_TIME)
		err_add(err, ERR_MODEL, &entry->place, "%s is not a time; percentiles are drawn of times", entry->text);
	else if (are == FIGURES_NAMES && metric->aside)
		err_add(err, ERR_MODEL, &entry->place,
			"%s has no series, because there are so many metrics; run: {keep: [%s]} makes one", entry->text,
			entry->text);
	else if (are != FIGURES_NAMES || check_binned(metric->kind, entry->text, word,
						      statistic ? &statistic->place : &entry->place, err))
		check_expression(study, arena_format(study->arena, "%s(%s)", word, entry->text),
				 statistic ? &statistic->place : &entry->place, err);
}

static void check_metrics(const struct study *study, const struct study_figure *figure, struct err *err)
{
	for (int i = 0; metric_keys[i]; i++) {
		const struct tree *metric = tree_get(figure->tree, metric_keys[i]);
		bool list = metric && metric->kind == TREE_LIST;
		for (const struct tree *each = list ? metric->child : metric; each; each = list ? each->next : NULL)
			check_metric(study, figure, each, err);
	}
	const struct tree *x = tree_get(figure->tree, "x"), *shade = tree_get(figure->tree, "shade");
	if (x && reader_must_be(err, x, TREE_SCALAR, "x"))
		check_expression(study, x->text, &x->place, err);
	if (!shade || !reader_must_be(err, shade, TREE_SCALAR, "shade"))
		return;
	const struct metric *metric = names_metric(study, shade->text);
	if (!metric)
		names_unknown_metric(study, shade->text, NULL, &shade->place, err);
	else if (metric_is_distribution(metric))
		err_add(err, ERR_MODEL, &shade->place, "shade: %s is not a count, work or level", shade->text);
}

/* Labels are what metrics are called, one each; across variants, what windows are, too. One metric alone needs none. */
static void check_labels(const struct study *study, const struct study_figure *of, struct err *err)
{
	const struct tree *figure = of->tree, *labels = tree_get(figure, "labels");
	bool bars = of->kind == &figures_rows[FIGURES_BARS]; /* which have variants below them */
	reader_texts(study->arena, labels, "labels", err);
	int metrics = 0, count = labels && labels->kind == TREE_LIST ? tree_count(labels) : labels != NULL;
	for (int i = 0; metric_keys[i]; i++) {
		const struct tree *metric = tree_get(figure, metric_keys[i]);
		metrics += metric && metric->kind == TREE_LIST ? tree_count(metric) : metric != NULL;
	}
	if (count == 0 || metrics == 0 || tree_get(figure, "across"))
		return;
	if (metrics == 1 && !bars)
		err_add(err, ERR_MODEL, &labels->place,
			"labels are what metrics are called where there are several; curves of one are called as their "
			"variants");
	else if (count > metrics)
		err_add(err, ERR_MODEL, &labels->place, "there are %d labels for %d metrics", count, metrics);
}

/* The window of a figure of percentiles, in each variant that it shows. */
static void check_window(const struct study *study, const struct study_figure *figure, const char **variants,
			 struct err *err)
{
	const struct tree *window = tree_get(figure->tree, "window");
	if (!window || !reader_must_be(err, window, TREE_SCALAR, "window"))
		return;
	for (const char **variant = variants[0] ? variants : study->shown; *variant; variant++)
		if (words_find(WORDS(study->variant), *variant) >= 0)
			check_expression(study,
					 arena_format(study->arena, "offered()[%s @ %s]", *variant, window->text),
					 &window->place, err);
}

/* The cells of a heat map: a list for each row, in it an expression or "" for each column. */
static void check_cells(struct study *study, const struct tree *figure, struct err *err)
{
	static const char *const keys[] = {"rows", "columns", "cells"};
	const struct tree *list[3];
	for (int i = 0; i < 3; i++) {
		list[i] = tree_get(figure, keys[i]);
		if (!list[i] || !reader_must_be(err, list[i], TREE_LIST, keys[i]))
			return;
		if (i < 2)
			reader_texts(study->arena, list[i], keys[i], err);
	}
	int rows = tree_count(list[0]), columns = tree_count(list[1]);
	if (tree_count(list[2]) != rows)
		err_add(err, ERR_MODEL, &list[2]->place, "%d rows have names, and %d have cells", rows,
			tree_count(list[2]));
	for (const struct tree *row = list[2]->child; row; row = row->next) {
		if (!reader_must_be(err, row, TREE_LIST, "a row of cells"))
			continue;
		if (tree_count(row) != columns)
			err_add(err, ERR_MODEL, &row->place,
				"a row needs a cell for each of %d columns, not %d; "
				"\"\" leaves one empty",
				columns, tree_count(row));
		for (const struct tree *cell = row->child; cell; cell = cell->next) {
			if (reader_must_be(err, cell, TREE_SCALAR, "a cell") && *cell->text)
				check_expression(study, cell->text, &cell->place, err);
		}
	}
}

static bool is_number(const struct tree *entry)
{
	enum quantity_kind kind;
	return entry->kind == TREE_SCALAR && quantity_kind_of(entry->text, &kind);
}

static void check_published(const struct study *study, const struct tree *list, struct err *err)
{
	static const char *const numbers[] = {"x", "y", "low", "high", NULL};
	if (!list || !reader_must_be(err, list, TREE_LIST, "published"))
		return;
	for (const struct tree *entry = list->child; entry; entry = entry->next) {
		int64_t days;
		if (!reader_keys(entry, "a published point", keys_published, err))
			continue;
		const char *source = reader_text(entry, "source", err), *date = reader_text(entry, "date", err);
		reader_text(entry, "label", err);
		if (source)
			sources_check(study, source, &tree_get(entry, "source")->place, err);
		if (date && !date_parse(date, &days))
			err_add(err, ERR_MODEL, &tree_get(entry, "date")->place,
				"date: \"%.40s\" is not a date between 1970-01-01 and 2261-12-31, e.g. 2017-01-01",
				date);
		for (int i = 0; numbers[i]; i++) {
			const struct tree *number = tree_get(entry, numbers[i]);
			if (number && !is_number(number))
				err_add(err, ERR_MODEL, &number->place, "%s: \"%.40s\" is not a number, e.g. 40 ms",
					numbers[i],
					number->kind == TREE_SCALAR ? number->text : tree_kind_name(number));
		}
		if (!tree_get(entry, "y") && !(tree_get(entry, "low") && tree_get(entry, "high")))
			err_add(err, ERR_MODEL, &entry->place, "a published point needs y, or low and high");
	}
}

/* ---- keys ---- */

/* A text that is one of some words. */
static void check_choice(const struct tree *figure, const char *key, const char *const *words, struct err *err)
{
	char hint[WORDS_HINT];
	const char *text = reader_text(figure, key, err);
	if (text && words_find(WORDS(words), text) < 0)
		err_add(err, ERR_MODEL, &tree_get(figure, key)->place, "%s: expected one of %s, not \"%.40s\"", key,
			words_text(WORDS(words), hint, sizeof hint), text);
}

static void check_time(const struct tree *entry, const char *what, const char *example, struct err *err)
{
	struct quantity at;
	char why[QUANTITY_WHY];
	if (entry &&
	    (entry->kind != TREE_SCALAR || !quantity_parse(QUANTITY_TIME, entry->text, &at, why) || at.integer < 0))
		err_add(err, ERR_MODEL, &entry->place, "%s needs %s", what, example);
}

/* How many requests a diagram tells of; several must be of one world. */
static void check_count(const struct study *study, const struct tree *entry, const char **variants, struct err *err)
{
	const struct tree *count = tree_get(entry, "count");
	const char *text = reader_text(entry, "count", err);
	if (!text)
		return;
	if (strlen(text) != 1 || *text < '1' || *text > '4') {
		err_add(err, ERR_MODEL, &count->place, "count: \"%.20s\" is not 1, 2, 3 or 4", text);
		return;
	}
	int variant = words_find(WORDS(study->variant), variants[0] ? variants[0] : study->shown[0]);
	const struct setup *setup = variant >= 0 ? study->setup[variant] : NULL;
	if (*text != '1' && setup && setup->run.reps != 1)
		err_add(err, ERR_MODEL, &count->place,
			"count: several requests are drawn of a variant with run: {reps: 1}; those of several "
			"replications did not meet");
}

static void check_moments(const struct study *study, const struct tree *shows, const struct tree *moments,
			  const struct place *place, struct err *err)
{
	if (!case_view_find(study->of, NULL))
		err_add(err, ERR_MODEL, place, "this case has no map");
	else if (shows && reader_must_be(err, shows, TREE_SCALAR, "shows") && !case_view_find(study->of, shows->text))
		words_unknown(err, ERR_MODEL, &shows->place, "view", shows->text, "", WORDS(study->of->views));
	if (!moments || !reader_must_be(err, moments, TREE_LIST, "moments"))
		return;
	if (!moments->child)
		err_add(err, ERR_MODEL, &moments->place, "moments is empty; a map needs times, e.g. [90 min, 100 min]");
	for (const struct tree *each = moments->child; each; each = each->next)
		check_time(each, "moments", "times, e.g. [90 min, 100 min]", err);
}

/* The row of a figure's kind; NULL, with a message, when it has none. */
static const struct figures_row *kind_of(const struct tree *entry, struct err *err)
{
	const char *kind = reader_text(entry, "kind", err);
	int index = kind ? words_find(WORDS(figures_rows), kind) : -1;
	if (index >= 0)
		return &figures_rows[index];
	if (kind)
		words_unknown(err, ERR_MODEL, &tree_get(entry, "kind")->place, "kind of figure", kind, "",
			      WORDS(figures_rows));
	else if (!tree_get(entry, "kind"))
		err_add(err, ERR_MODEL, &entry->place, "a figure needs a kind, e.g. kind: percentiles");
	return NULL;
}

static void check_keys(const struct tree *entry, const struct figures_row *kind, struct err *err)
{
	struct words of_all = WORDS(keys_figure), known = WORDS_AND(kind->keys, &of_all);
	char text[WORDS_HINT];
	for (const struct tree *key = entry->child; key; key = key->next) {
		bool elsewhere = false;
		if (reader_is_note(key) || words_find(known, key->key) >= 0)
			continue;
		for (const struct figures_row *row = figures_rows; row->name; row++)
			elsewhere = elsewhere || words_find(WORDS(row->keys), key->key) >= 0;
		if (elsewhere)
			err_add(err, ERR_MODEL, &key->key_place, "a figure of kind %s takes no %s; it takes %s",
				kind->name, key->key, words_text(known, text, sizeof text));
		else
			words_unknown(err, ERR_MODEL, &key->key_place, "key", key->key, " in a figure", known);
	}
	for (int i = 0; i < kind->needed; i++)
		if (!tree_get(entry, kind->keys[i]))
			err_add(err, ERR_MODEL, &entry->place, "a figure of kind %s needs %s", kind->name,
				kind->keys[i]);
}

static void check_name(const struct study *study, const struct study_figure *figure, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t length = strlen(figure->name);
	if (length == 0 || length > 100 || strchr("-.", *figure->name) || strspn(figure->name, letters) != length)
		err_add(err, ERR_MODEL, &tree_get(figure->tree, "name")->place,
			"name: \"%.60s\" becomes the name of a file: letters, digits, - _ and . only", figure->name);
	for (const struct study_figure *other = study->figure; other < figure; other++)
		if (other->name && strcmp(other->name, figure->name) == 0)
			err_add(err, ERR_MODEL, &figure->tree->place,
				"two figures are called \"%.60s\"; give them names", figure->name);
}

/* The text under a key, which is to be set on a page; false without one, or with a message. */
static bool is_short(const struct tree *figure, const char *key, int most, struct err *err)
{
	const char *text = reader_text(figure, key, err);
	return text && (strlen(text) <= (size_t)most ||
			err_add(err, ERR_MODEL, &tree_get(figure, key)->place,
				"%s: a text of %zu bytes; at most %d fit", key, strlen(text), most));
}

/*
 * A text with expressions in it, or {if: EXPECTATION, then: TEXT, else: TEXT}: words that hang on what is measured. Of
 * a list of expectations all must hold.
 */
static void check_words(const struct study *study, const struct tree *figure, const char *key, int most,
			struct err *err)
{
	const struct tree *words = tree_get(figure, key), *variants = tree_get(figure, "variants");
	bool listed = variants && variants->kind == TREE_LIST, several = listed ? tree_count(variants) > 1 : !variants;
	if (!words || words->kind != TREE_MAP) {
		if (is_short(figure, key, most, err))
			names_check_text(study, words, several, err);
		return;
	}
	const struct tree *condition = tree_get(words, "if");
	bool many = condition && condition->kind == TREE_LIST;
	struct expectation holds;
	reader_keys(words, key, keys_words, err);
	for (int i = 0; keys_words[i]; i++)
		if (!tree_get(words, keys_words[i]))
			err_add(err, ERR_MODEL, &words->place,
				"%s needs %s; it is a text, or {if: ..., then: ..., else: ...}",
				key, keys_words[i]);
	for (const struct tree *one = many ? condition->child : condition; one; one = many ? one->next : NULL)
		claims_expectation(study, one, &holds, err);
	if (many && !condition->child)
		err_add(err, ERR_MODEL, &condition->place, "if is empty");
	for (int i = 1; keys_words[i]; i++)
		if (is_short(words, keys_words[i], most, err))
			names_check_text(study, tree_get(words, keys_words[i]), several, err);
}

/* One name for all variants, or the name of each line and the variants that it is made of. */
static void check_joined(const struct study *study, const struct tree *entry, struct err *err)
{
	const struct tree *joined = tree_get(entry, "joined");
	if (!joined || joined->kind != TREE_MAP) {
		is_short(entry, "joined", LINE_MAX_BYTES, err);
		return;
	}
	for (const struct tree *line = joined->child; line; line = line->next)
		if (reader_must_be(err, line, TREE_LIST, line->key) && reader_texts(study->arena, line, line->key, err))
			names_check_variants(study, line, err);
}

static void load_figure(struct study *study, struct study_figure *figure, const struct tree *entry, struct err *err)
{
	static const char *const texts[] = {"title", "subtitle", "description", "x_label", "y_label", NULL};
	static const char *const across[] = {"windows", "whole", NULL}, *const log[] = {"x", "y", "xy", NULL};
	static const char *const lanes[] = {"parts", "requests", NULL};
	figure->tree = entry;
	if (!reader_must_be(err, entry, TREE_MAP, "a figure") || !(figure->kind = kind_of(entry, err)))
		return;
	const char *name = reader_text(entry, "name", err);
	figure->name = name ? name : figure->kind->name;
	check_name(study, figure, err);
	check_keys(entry, figure->kind, err);
	for (int i = 0; texts[i]; i++)
		if (i < 3)
			check_words(study, entry, texts[i], i == 2 ? DESCRIPTION_MAX : LINE_MAX_BYTES, err);
		else
			is_short(entry, texts[i], LINE_MAX_BYTES, err);
	const struct tree *variants = tree_get(entry, "variants");
	const char **shown = reader_texts(study->arena, variants, "variants", err);
	names_check_variants(study, variants, err);
	reader_text(entry, "statistic", err);
	reader_text(entry, "bursts", err);
	check_metrics(study, figure, err);
	check_window(study, figure, shown, err);
	check_joined(study, entry, err);
	check_choice(entry, "across", across, err);
	check_choice(entry, "log", log, err);
	check_time(tree_get(entry, "from"), "from", "a time, e.g. 90 s", err);
	check_time(tree_get(entry, "to"), "to", "a time, e.g. 90 s", err);
	check_labels(study, figure, err);
	check_choice(entry, "lanes", lanes, err);
	check_count(study, entry, shown, err);
	check_published(study, tree_get(entry, "published"), err);
	if (figure->kind == &figures_rows[FIGURES_MAP])
		check_moments(study, tree_get(entry, "shows"), tree_get(entry, "moments"), &entry->place, err);
	if (figure->kind == &figures_rows[FIGURES_HISTORY] && !study->of->tell)
		err_add(err, ERR_MODEL, &entry->place, "this case has no history to tell");
	if (figure->kind == &figures_rows[FIGURES_HEAT])
		check_cells(study, entry, err);
}

void figures_load(struct study *study, struct err *err)
{
	const struct tree *figures = tree_get(study->tree, "figures");
	if (!figures || !reader_must_be(err, figures, TREE_LIST, "figures"))
		return;
	study->figure = ARENA_ARRAY(study->arena, (size_t)tree_count(figures) + 1, struct study_figure);
	if (tree_count(figures) > FIGURES_MAX) {
		err_add(err, ERR_MODEL, &figures->place, "more than %d figures", FIGURES_MAX);
		return;
	}
	for (const struct tree *entry = figures->child; entry; entry = entry->next)
		load_figure(study, &study->figure[study->figures++], entry, err);
}

const char **figures_variants(const struct study *study)
{
	const char **all = ARENA_ARRAY(study->arena, STUDY_VARIANTS_MAX + 1, const char *);
	int count = 0;
	while (study->shown[count]) {
		all[count] = study->shown[count];
		count++;
	}
	for (int f = 0; f < study->figures; f++) {
		const struct tree *list = tree_get(study->figure[f].tree, "variants");
		for (const struct tree *entry = list && list->kind == TREE_LIST ? list->child : list; entry;
		     entry = list->kind == TREE_LIST ? entry->next : NULL)
			if (entry->kind == TREE_SCALAR && words_find(WORDS(all), entry->text) < 0 &&
			    count < STUDY_VARIANTS_MAX)
				all[count++] = entry->text;
	}
	return all;
}
