/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section `explore`: what readers of a page may change, and what they see of it.
 *
 *   explore:
 *     sentence: "p99 of reads is {p99(read)[cassandra]}"   what the page says first; values in braces
 *     variants: [cassandra, scylladb]       what is run; those that `run` shows when it is missing
 *     setup: {slice: 48, trace: {...}, run: {reps: 3}}    laid over each of them, so that it answers at once
 *     sliders:                              at most four
 *       - {key: nodes, from: 48, to: 288, step: 24, label: nodes}
 *       - {key: read_cpu, from: 0.1 ms, to: 1 ms, scale: log}       of a distribution the mean, its form stays
 *       - {key: services.cart.balance, choices: [least, random]}
 *     presets: [{name: the worst, set: {nodes: 48}}]
 *     figures: [response]                   of this file
 *     claims: [D5, {claim: D6, expect: [...]}, {id: own, says: ..., expect: ..., without: ...}]
 *     expect: [...]                         what the small setup must show, at its defaults
 *     budget: {drag: 20 k, settle: 500 k}   requests over all replications: while a slider moves, and after that
 *
 * `explore: off` takes away what a parent file says. Keys are parameters, also dotted ones, or keys of the trace
 * (trace.windows.rate). Everything that can be reached is tried when the file is loaded: both ends of each slider, each
 * choice, each preset. Windows in expressions are those of the small setup, over which the command line lays nothing. A
 * claim that is only named is judged by its own expectations, on the small setup.
 */
#ifndef RUN_EXPLORE_H
#define RUN_EXPLORE_H

#include "run/study.h"

enum { EXPLORE_SLIDERS = 4 };

/* The numbers of `budget`. */
extern const struct param explore_budget_table[];

enum explore_scale { EXPLORE_LINEAR, EXPLORE_LOG, EXPLORE_CHOICE };

/* "linear", "log", "choice"; ends with NULL. */
extern const char *const explore_scales[];

struct explore_slider {
	const char *key, *label;
	enum explore_scale scale;
	enum quantity_kind kind; /* of a number */
	double from, to;         /* ns, bytes, per second, parts of one, or plain */
	double step;             /* of a LINEAR one; 0: any value of three digits */
	const char **choice;     /* ends with NULL; of a CHOICE */
	int choices;
	const struct dist *dist; /* whose mean it is; NULL of a number */
	enum quantity_kind unit; /* of what that draws */
	const char *fallback;    /* the value in the first variant's setup, as text; NULL: it is not said in one */
	struct place place;
};

struct explore_preset {
	const char *name, *says;
	const struct tree *set; /* in the form of an ablation */
	struct place place;
};

struct explore {
	const char *sentence;
	const struct tree *words; /* the sentence, where it was written */
	const char **variant; /* ends with NULL */
	int variants;
	struct setup **setup;    /* the small ones, beside `variant` */
	/*
	 * The study with the small setups in place of its own (study->laid makes them so; NULL of variants that are not
	 * explored), with the section's claims and figures. What the command line lays over the study is not
	 * there.
	 */
	struct study *study;
	struct explore_slider slider[EXPLORE_SLIDERS];
	int sliders;
	struct explore_preset *preset;
	int presets;
	int64_t drag, settle;
};

/* Fills study->explore, NULL without such a section. Claims and figures are loaded by then. Messages on mistakes. */
void explore_load(struct study *study, struct err *err);

/*
 * What is laid over a variant of the small study when a slider stands at `position`, 0 its start and 1 its end, in the
 * form of an ablation; *text is the value. Allocated in `arena`.
 */
struct tree *explore_set(const struct explore *explore, int slider, double position, struct arena *arena,
			 const char **text);

/* KEY: VALUE in the form of an ablation; the key may be dotted. */
struct tree *explore_lay(struct arena *arena, const char *key, struct tree *value, struct place place);

/*
 * What the section explores, with `over` (may be NULL) laid over it: what --set and other flags say, in the form of a
 * model file. Its claims are those that turn, and last, where there is one, `explore`: the section's own `expect`. NULL
 * and messages in err on mistakes.
 */
struct study *explore_study(const struct explore *explore, const struct tree *over, struct err *err);

#endif
