/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cases as their model files have them, but with fewer rows: in less time (windows, bursts and faults come earlier by
 * the same factor), or thinner.
 */
#ifndef TESTS_CASE_H
#define TESTS_CASE_H

#include "base/words.h"
#include "cli/load.h"
#include "flow.h"
#include "io/paths.h"
#include "run/replay.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>

static inline void case_give_up(const char *what, const struct err *err)
{
	bail("%s: %s:%d: %s", what, err->message[0].file, err->message[0].line, err->message[0].text);
}

/* The study of models/NAME.yaml, with one replication and nothing cut off as warm-up. */
static inline struct study *case_load(struct arena *arena, const char *name)
{
	struct err err;
	const char *set[] = {"run.warmup=0 s", NULL};
	struct study_options options = {.set = {set, 1}, .seed = -1, .reps = 1, .slice = -1};
	err_init(&err);
	struct study *study = load_study(arena, name, &options, &err);
	if (!study)
		case_give_up(name, &err);
	return study;
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
		const char *text = arena_format(arena, "{kind: %s, at: %lld ns, for: %lld ns", kind->name,
						(long long)fault->at, (long long)fault->lasts);
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

/* What is laid over a variant to give it about so many rows; NULL when it has no more. */
static inline struct tree *case_short(struct arena *arena, const struct setup *setup, double rows)
{
	static const char *const lasts[] = {"for", NULL}, *const burst[] = {"at", "rise", "plateau", "decay", NULL};
	const struct tree *windows = tree_get(setup->trace.tree, "windows");
	const struct tree *bursts = tree_get(setup->trace.tree, "bursts");
	const struct place place = {"test", 1, 1};
	double all = case_rows(setup), factor = all > 0 ? rows / all : 1;
	struct tree *over = tree_map(arena, place), *trace = tree_map(arena, place);
	if (factor >= 1 || !windows)
		return NULL;
	tree_append(trace, "windows", place, case_scale(arena, windows, lasts, QUANTITY_TIME, factor));
	if (bursts)
		tree_append(trace, "bursts", place, case_scale(arena, bursts, burst, QUANTITY_TIME, factor));
	tree_append(over, "trace", place, trace);
	tree_append(over, "faults", place, case_faults(arena, setup, factor));
	return over;
}

/* The same, but all that is timed stays when it is, and there are fewer rows a second. */
static inline struct tree *case_thin(struct arena *arena, const struct setup *setup, double rows)
{
	static const char *const rates[] = {"rate", "from", "to", NULL};
	const struct tree *windows = tree_get(setup->trace.tree, "windows");
	const struct tree *growth = tree_get(setup->trace.tree, "per_message");
	const struct place place = {"test", 1, 1};
	double all = case_rows(setup), factor = all > 0 ? rows / all : 1;
	struct tree *over = tree_map(arena, place), *trace = tree_map(arena, place);
	if (factor >= 1 || !windows)
		return NULL;
	tree_append(trace, "windows", place, case_scale(arena, windows, rates, QUANTITY_RATE, factor));
	if (growth)
		tree_append(
			trace, "per_message", place,
			tree_scalar(arena, arena_format(arena, "%.9g", factor * strtod(growth->text, NULL)), place));
	tree_append(over, "trace", place, trace);
	return over;
}

#endif
