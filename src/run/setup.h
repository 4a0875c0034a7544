/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A setup: one variant of a study, resolved to all that a replay needs. The study's own model, trace, faults, slice and
 * run, with the variant's laid over them, then the command line's, then an ablation's.
 */
#ifndef RUN_SETUP_H
#define RUN_SETUP_H

#include "cases/case.h"
#include "trace/recipe.h"

struct study;

enum { SETUP_REPS_MAX = 10000 };

/*
 * A warm-up of `auto` before it has been found (stats/warmup.h), and how many bins the series of a trace must have for
 * that. Such a trace has one window.
 */
enum { SETUP_WARMUP_AUTO = -1, SETUP_WARMUP_BINS = 50 };

/* The keys of `run`, beside `variants`. */
extern const struct param setup_run_table[];

struct setup_run {
	int64_t reps, seed;
	int64_t warmup; /* ns at the start of each window of the trace; or SETUP_WARMUP_AUTO */
	int64_t series; /* width of a bin of the time series, ns */
	int64_t drain;  /* how long requests may go on after the last row, ns */
	struct param_texts keep; /* patterns of names of metrics whose results are written where not all are */
};

/* Where rows come from: a recipe, or a file that the host opens. */
struct setup_trace {
	const struct tree *tree;  /* as resolved, for the host's reader and for run.json */
	struct recipe *recipe;    /* NULL when a file is named */
	const char *recipe_path;  /* of the file it was read from: its own, or the model's; NULL without */
	const char *file;         /* path as written; NULL with a recipe */
	struct place file_place;
	/*
	 * What follows is known of a recipe; of a file when it has been opened (setup_trace_opened), and then only
	 * where its rows say which window they belong to. Without windows the whole trace is one.
	 */
	const struct trace_window *window;  /* those that results are told for; none is there twice */
	int windows;
	const struct trace_window *stretch; /* in order of time; a window that comes again is there again */
	int stretches;
};

/* One variant, resolved: all a replay needs. */
struct setup {
	const struct study *study;
	const struct case_study *of;
	const char *name, *about;
	const char *label; /* what people read instead of its name */
	const struct tree *model; /* resolved, for `show` and run.json: where each value was written */
	void *params;
	/* Those of the case, whose order they keep, and what tables of the model add to them. */
	const struct metric *metrics;
	const struct column *columns;
	int64_t slice;
	double share;
	struct setup_trace trace;
	struct setup_run run;
	struct fault *faults;
	int fault_count;
	/*
	 * Of everything above but the names: setups with equal digests give equal results, as long as a trace's file
	 * has the same contents.
	 */
	uint64_t digest;
};

/*
 * A variant, resolved; `without` (may be NULL) is a claim's ablation: keys are parameters of the model, or the sections
 * `trace`, `faults`, `slice`, `run`, laid over the variant. NULL and messages in err on mistakes. Setups live in the
 * study's arena, so that one thread at a time may ask; what they hold is not changed afterwards, and may be read by
 * all.
 */
struct setup *setup_resolve(const struct study *study, const char *variant, const struct tree *without,
			    struct err *err);

/*
 * The same in an arena of its own, which is all that is written to: for setups that live shorter than their study.
 * `laid` is as `without`. The setup's study is a copy of `study` in that arena.
 */
struct setup *setup_resolve_in(struct arena *arena, const struct study *study, const char *variant,
			       const struct tree *laid, struct err *err);

/* As setup_resolve, of a study that is still being loaded: `name` is one of study->variant, and nothing is kept. */
struct setup *setup_make(const struct study *study, const char *name, const struct tree *without, struct err *err);

#endif
