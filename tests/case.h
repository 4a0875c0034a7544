/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cases as their model files have them, but with fewer rows: in less time (windows, bursts and faults come earlier by
 * the same factor), or thinner.
 */
#ifndef TESTS_CASE_H
#define TESTS_CASE_H

#include "base/words.h"
#include "flow.h"
#include "io/paths.h"
#include "io/readers.h"
#include "io/yaml.h"
#include "run/replay.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

static inline void case_give_up(const char *what, const struct err *err)
{
	bail("%s: %s:%d: %s", what, err->message[0].file, err->message[0].line, err->message[0].text);
}

/* The study of models/NAME.yaml, with `over` laid on top. */
static inline struct study *case_study(struct arena *arena, const char *name, const char *over)
{
	struct err err;
	err_init(&err);
	const char *path = paths_model(arena, name);
	if (!path)
		bail("there is no model %s", name);
	struct tree *tree = yaml_read(arena, path, &err);
	struct study *study =
		tree ? study_load(arena, path, tree, flow(arena, over), readers_of(arena, path), &err) : NULL;
	if (!study)
		case_give_up(name, &err);
	return study;
}

/* A variant of it, with `other` (NULL: nothing) laid over that, in the form of an ablation. */
static inline struct setup *case_setup(struct arena *arena, const struct study *study, const char *variant,
				       const char *other)
{
	struct err err;
	err_init(&err);
	struct setup *setup = setup_resolve(study, variant, other ? flow(arena, other) : NULL, &err);
	if (!setup)
		case_give_up(variant, &err);
	return setup;
}

/* Rows that a setup's recipe is expected to make; 0 of a file. */
static inline double case_rows(const struct setup *setup)
{
	double rows = 0;
	for (int w = 0; setup->trace.recipe && w < setup->trace.stretches; w++) {
		const struct trace_window *window = &setup->trace.stretch[w];
		rows += window->rate * setup->share * (double)window->lasts * 1e-9;
	}
	return rows;
}

/* The entries of a list (or the only one), with the times or rates under these keys made `factor` of what they were. */
static inline struct tree *case_scale(struct arena *arena, const struct tree *list, const char *const *keys,
				      enum quantity_kind kind, double factor)
{
	struct tree *scaled = tree_list(arena, list->place);
	bool many = list->kind == TREE_LIST;
	for (const struct tree *entry = many ? list->child : list; entry; entry = many ? entry->next : NULL) {
		struct tree *copy = tree_map(arena, entry->place);
		for (const struct tree *value = entry->child; value; value = value->next) {
			struct quantity was;
			char why[QUANTITY_WHY];
			struct tree *same = ARENA_NEW(arena, struct tree);
			*same = *value;
			same->next = NULL;
			if (words_find(WORDS(keys), value->key) >= 0 && value->kind == TREE_SCALAR &&
			    quantity_parse(kind, value->text, &was, why))
				same->text = kind == QUANTITY_TIME
						     ? arena_format(arena, "%.0f ns", fmax(was.real * factor, 1000))
						     : arena_format(arena, "%.9g /s", was.real * factor);
			tree_append(copy, value->key, value->key_place, same);
		}
		tree_append(scaled, NULL, list->place, copy);
	}
	return scaled;
}

/* The faults of a setup as a model file has them, their times made `factor` of what they were. */
static inline struct tree *case_faults(struct arena *arena, const struct setup *setup, double factor)
{
	static const char *const times[] = {"at", "for", NULL};
	const struct place place = {"test", 1, 1};
	struct tree *list = tree_list(arena, place);
	for (int i = 0; i < setup->fault_count; i++) {
		const struct fault *fault = &setup->faults[i];
		const struct fault_kind *kind = &setup->of->faults[fault->kind];
		const char *text = arena_format(arena, "{kind: %s, at: %lld ns", kind->name, (long long)fault->at);
		if (!kind->moment)
			text = arena_format(arena, "%s, for: %lld ns", text, (long long)fault->lasts);
		if (kind->target)
			text = arena_format(arena, "%s, target: %s %lld", text, kind->target, (long long)fault->target);
		if (kind->factor)
			text = arena_format(arena, "%s, factor: %.9g", text, fault->factor);
		if (kind->rate)
			text = arena_format(arena, "%s, rate: %.9g /s", text, fault->rate);
		tree_append(list, NULL, place, flow(arena, arena_format(arena, "%s}", text)));
	}
	return case_scale(arena, list, times, QUANTITY_TIME, factor);
}

/* The part of a setup's rows that `rows` are; 1 and more when it has no more, or its rows cannot be made fewer. */
static inline double case_part(const struct setup *setup, double rows)
{
	double all = case_rows(setup);
	return all > 0 && tree_get(setup->trace.tree, "windows") ? rows / all : 1;
}

/* What is laid over a variant to give it about so many rows; NULL when it has no more. */
static inline struct tree *case_short(struct arena *arena, const struct setup *setup, double rows)
{
	static const char *const lasts[] = {"for", NULL}, *const burst[] = {"at", "rise", "plateau", "decay", NULL};
	const struct tree *of = setup->trace.tree, *bursts = tree_get(of, "bursts");
	const struct place place = {"test", 1, 1};
	double part = case_part(setup, rows);
	if (part >= 1)
		return NULL;
	struct tree *over = tree_map(arena, place), *trace = tree_map(arena, place);
	tree_append(trace, "windows", place, case_scale(arena, tree_get(of, "windows"), lasts, QUANTITY_TIME, part));
	if (bursts)
		tree_append(trace, "bursts", place, case_scale(arena, bursts, burst, QUANTITY_TIME, part));
	tree_append(over, "trace", place, trace);
	tree_append(over, "faults", place, case_faults(arena, setup, part));
	return over;
}

/* The same, but all that is timed stays when it is, and there are fewer rows a second. */
static inline struct tree *case_thin(struct arena *arena, const struct setup *setup, double rows)
{
	static const char *const rates[] = {"rate", "from", "to", NULL};
	const struct tree *of = setup->trace.tree, *growth = tree_get(of, "per_message");
	const struct place place = {"test", 1, 1};
	double part = case_part(setup, rows);
	if (part >= 1)
		return NULL;
	struct tree *trace = tree_map(arena, place);
	tree_append(trace, "windows", place, case_scale(arena, tree_get(of, "windows"), rates, QUANTITY_RATE, part));
	if (growth)
		tree_append(trace, "per_message", place,
			    tree_scalar(arena, arena_format(arena, "%.9g", part * strtod(growth->text, NULL)), place));
	return tree_path(arena, "trace", trace, place);
}

#endif
