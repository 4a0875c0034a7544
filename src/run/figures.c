/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a figure shows must exist: metrics, variants, sources; how it is drawn is the affair of src/plot. */
#include "run/figures.h"
#include "base/reader.h"
#include "base/words.h"
#include "run/names.h"
#include "run/sources.h"

#include <string.h>

enum { FIGURES_MAX = 1000 };

/* A figure's metric: the name of one, or an expression. */
static void check_metric(struct study *study, const struct tree *entry, struct err *err)
{
	if (!reader_must_be(err, entry, TREE_SCALAR, "metric"))
		return;
	if (!strchr(entry->text, '(')) {
		if (metric_find(study->of->metrics, entry->text) < 0)
			words_unknown(err, ERR_MODEL, &entry->place, "metric", entry->text, "",
				      WORDS(study->of->metrics));
		return;
	}
	struct naming naming = {study, err, false, true};
	expression_terms(expression_parse(study->arena, entry->text, &entry->place, err), names_check_term, &naming);
}

/* The cells of a heat map: a list for each row, in it an expression or "" for each column. */
static void check_cells(struct study *study, const struct tree *figure, struct err *err)
{
	static const char *const keys[] = {"rows", "columns", "cells"};
	const struct tree *list[3];
	for (int i = 0; i < 3; i++) {
		list[i] = tree_get(figure, keys[i]);
		if (!list[i]) {
			err_add(err, ERR_MODEL, &figure->place, "a heat map needs rows, columns and cells");
			return;
		}
		if (!reader_must_be(err, list[i], TREE_LIST, keys[i]))
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
			err_add(err, ERR_MODEL, &row->place, "a row needs a cell for each of %d columns, not %d; "
				"\"\" is none", columns, tree_count(row));
		for (const struct tree *cell = row->child; cell; cell = cell->next) {
			struct naming naming = {study, err, false, true};
			if (reader_must_be(err, cell, TREE_SCALAR, "a cell") && *cell->text)
				expression_terms(expression_parse(study->arena, cell->text, &cell->place,
								  err), names_check_term, &naming);
		}
	}
}

static void check_published(struct study *study, const struct tree *list, struct err *err)
{
	static const char *const keys[] = {"x", "date", "y", "low", "high", "label", "source", NULL};
	if (!list || !reader_must_be(err, list, TREE_LIST, "published"))
		return;
	for (const struct tree *entry = list->child; entry; entry = entry->next) {
		const char *source;
		if (reader_keys(entry, "a published point", keys, err) &&
		    (source = reader_text(entry, "source", err)))
			sources_check(study, source, &tree_get(entry, "source")->place, err);
	}
}

static void load_figure(struct study *study, struct study_figure *figure, const struct tree *entry, struct err *err)
{
	static const char *const keys[] = {"kind",   "name",    "title",     "subtitle",  "description",
					   "metric", "metrics", "variants",  "statistic", "window",
					   "x",      "y",       "x_label",   "y_label",   "log",
					   "from",   "to",      "published", "labels",    "shade",
					   "joined", "across",  "moments",   "rows",      "columns",
					   "cells",  NULL};
	static const char *const kinds[] = {"percentiles", "timeline", "load", "years", "lines",
					    "bars",        "map",      "heat", NULL};
	static const char *const metrics[] = {"metric", "metrics", "shade"};
	figure->tree = entry;
	figure->kind = figure->name = "";
	reader_keys(entry, "a figure", keys, err);
	if (entry->kind != TREE_MAP)
		return;
	const char *kind = reader_text(entry, "kind", err), *name = reader_text(entry, "name", err);
	if (!tree_get(entry, "kind"))
		err_add(err, ERR_MODEL, &entry->place, "a figure needs a kind, e.g. kind: percentiles");
	else if (kind && words_find(WORDS(kinds), kind) < 0)
		words_unknown(err, ERR_MODEL, &tree_get(entry, "kind")->place, "kind of figure", kind, "",
			      WORDS(kinds));
	figure->kind = kind ? kind : "";
	figure->name = name ? name : figure->kind;
	size_t length = strlen(figure->name);
	if (name && (length == 0 || length > 100 || strchr("-.", *name) ||
		     strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != length))
		err_add(err, ERR_MODEL, &tree_get(entry, "name")->place,
			"name: \"%.60s\" becomes the name of a file: letters, digits, - _ and . only", name);
	for (const struct study_figure *other = study->figure; other < figure; other++)
		if (strcmp(other->name, figure->name) == 0)
			err_add(err, ERR_MODEL, &entry->place,
				"two figures are called \"%.60s\"; give them names", figure->name);
	for (int i = 0; i < 3; i++) {
		const struct tree *metric = tree_get(entry, metrics[i]);
		if (metric && metric->kind == TREE_LIST)
			for (const struct tree *each = metric->child; each; each = each->next)
				check_metric(study, each, err);
		else if (metric)
			check_metric(study, metric, err);
	}
	const struct tree *variants = tree_get(entry, "variants");
	reader_texts(study->arena, variants, "variants", err);
	names_check_variants(study, variants, err);
	const char *across = reader_text(entry, "across", err);
	if (across && strcmp(across, "windows") != 0 && strcmp(across, "whole") != 0)
		err_add(err, ERR_MODEL, &tree_get(entry, "across")->place,
			"across: needs `windows` (a line for each window of the trace) or `whole` (one line)");
	const struct tree *moments = tree_get(entry, "moments");
	if (moments && reader_must_be(err, moments, TREE_LIST, "moments"))
		for (const struct tree *each = moments->child; each; each = each->next) {
			struct quantity at;
			char why[QUANTITY_WHY];
			if (each->kind != TREE_SCALAR || !quantity_parse(QUANTITY_TIME, each->text, &at, why) ||
			    at.integer < 0)
				err_add(err, ERR_MODEL, &each->place,
					"moments: needs times, e.g. [90 min, 100 min]");
		}
	if (figure->kind && strcmp(figure->kind, "map") == 0 && (!moments || !moments->child || !study->of->map))
		err_add(err, ERR_MODEL, &entry->place,
			study->of->map ? "a map needs `moments`, a list of times" : "this case has no map");
	if (tree_get(entry, "labels"))
		reader_texts(study->arena, tree_get(entry, "labels"), "labels", err);
	if (strcmp(figure->kind, "heat") == 0)
		check_cells(study, entry, err);
	check_published(study, tree_get(entry, "published"), err);
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
