/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study: what a model file says, understood. A case with its parameters, its variants, the trace, faults, claims and
 * figures. `study_load` reads the whole tree and reports every mistake it finds; what it returns can be run.
 *
 *   case: discord                         which case study (cases/case.h)
 *   about: one line
 *   trace: {recipe: traces/discord.yaml}  or {file: x.csv, columns: {...}}; other keys lie over the recipe's own
 *   model: {nodes: 177, ...}              parameters of the case
 *   slice: 16                             a 1/16 part of the fleet is simulated, at the same load per node
 *   faults: [{at: 120 s, for: 30 s, kind: kill, target: node 3}]
 *   run: {reps: 5, seed: 1, warmup: 5 s, series: 1 s, drain: 60 s, variants: [a, b]}
 *   variants: {name: {about: ..., extends: other, model: ..., trace: ..., faults: ..., slice: ..., run: ...}}
 *   evidence: {parameter: "published [KEY]: ..." | "derived ..." | "calibrated ..." | "assumption ..."}
 *   sources: {KEY: title, publisher, year, address}
 *   scope: {models: [...], leaves_out: [...]}
 *   claims: [{id, says, expect: [...], without: {...}, mechanism, evidence, source}]
 *   figures: [{kind, name, title, ...}]
 *   sweep: {grid: {key: [...]}, zip: {key: [...]}, where: condition}
 *   ranges: {parameter: LOW..HIGH}        where a number may well lie, for `sensitivity`
 *
 * A variant is the study's own model, trace, faults, slice and run with the variant's laid over them; `extends` names
 * another variant to lie between. A study without variants has one, called after its case. `extends: FILE` at the top
 * names a model file that this one is laid over. Maps merge key by key, lists replace. A trace that names
 * a recipe, or a file where there was a recipe, replaces what it is laid over; a file over a file keeps its map. Keys
 * that begin with "x-" are notes.
 */
#ifndef RUN_STUDY_H
#define RUN_STUDY_H

#include "cases/case.h"
#include "run/claim.h"
#include "trace/recipe.h"

enum { STUDY_REPS_MAX = 10000 };

/*
 * A warm-up of `auto` before it has been found (stats/warmup.h), and how many bins the series of a trace must have for
 * that. Such a trace has one window.
 */
enum { STUDY_WARMUP_AUTO = -1, STUDY_WARMUP_BINS = 50 };

struct study_run {
	int64_t reps, seed;
	int64_t warmup; /* ns at the start of each window of the trace; or STUDY_WARMUP_AUTO */
	int64_t series; /* width of a bin of the time series, ns */
	int64_t drain;  /* how long requests may go on after the last row, ns */
};

/* Where rows come from: a recipe, or a file that the host opens. */
struct study_trace {
	const struct tree *tree;  /* as resolved, for the host's reader and for run.json */
	struct recipe *recipe;    /* NULL when a file is named */
	const char *recipe_path;  /* of the file it was read from: its own, or the model's; NULL without */
	const char *file;         /* path as written; NULL with a recipe */
	struct place file_place;
};

/* One variant, resolved: all a replay needs. */
struct setup {
	const struct study *study;
	const struct case_study *of;
	const char *name, *about;
	const struct tree *model; /* resolved, for `show` and run.json: where each value was written */
	void *params;
	int64_t slice;
	double share;
	struct study_trace trace;
	struct study_run run;
	struct fault *faults;
	int fault_count;
	/*
	 * Of everything above but the names: setups with equal digests give equal results, as long as a trace's file
	 * has the same contents.
	 */
	uint64_t digest;
};

struct study_figure {
	const char *kind, *name;
	const struct tree *tree;
};

struct study {
	const struct case_study *of;
	const char *path;         /* of the model file */
	const char *about;
	const struct tree *tree;  /* merged with its parent file and with `over` */
	const char **variant;     /* names, in order of writing; ends with NULL */
	int variants;
	const char **shown;       /* those that `run` runs without --variant; ends with NULL */
	struct claim *claim;
	int claims;
	struct study_figure *figure;
	int figures;
	const char **models, **leaves_out; /* scope; end with NULL */
	struct arena *arena;
	/* For study_setup. */
	const struct tree *base, *over; /* merged with its parent file only; NULL */
	const struct study_files *files;
	struct setup **setup;     /* of each variant, as loaded */
};

/*
 * What libcore cannot do itself: read another YAML file named in this one (the parent in `extends`, a recipe). `from`
 * is the file that names it. Returns NULL and adds to err when it cannot.
 */
struct study_files {
	struct tree *(*read)(void *host, struct arena *arena, const char *from, const struct place *place,
			     const char *path, struct err *err);
	const struct dist_reader *values;
	void *host;
	const struct param_cells *cells;
};

/*
 * Understands a model file that has been read to a tree. `over` (may be NULL) is laid on top of everything, variants
 * included: what --set and other flags say, in the form of a model file. Its faults are added to the others, and one of
 * them may be a text as of --fault. When it names `run: variants`, it lies over those only. NULL and messages in err on
 * mistakes. `files` must outlive the study.
 */
struct study *study_load(struct arena *arena, const char *path, const struct tree *tree, const struct tree *over,
			 const struct study_files *files, struct err *err);

/*
 * A variant, resolved; `without` (may be NULL) is a claim's ablation: keys are parameters of the model, or the sections
 * `trace`, `faults`, `slice`, laid over the variant. NULL and messages in err on mistakes. Setups live in the study's
 * arena, so that one thread at a time may ask; what they hold is not changed afterwards, and may be read by all.
 */
struct setup *study_setup(const struct study *study, const char *variant, const struct tree *without, struct err *err);

/*
 * The same in an arena of its own, which is all that is written to: for setups that live shorter than their study.
 * `laid` is as `without`. The setup's study is a copy of `study` in that arena.
 */
struct setup *study_setup_in(struct arena *arena, const struct study *study, const char *variant,
			     const struct tree *laid, struct err *err);

/*
 * The digest that a setup must have. Who changes replications, seed or warm-up of a setup of his own renews it by this.
 */
uint64_t study_digest(const struct setup *setup);

/*
 * Whether an expression of the command line names what there is: statistics and metrics of the case, and windows of the
 * variant that its terms are of when they name none. False and messages in err.
 */
bool study_check_expression(const struct study *study, const struct expression *expression, const char *variant,
			    struct err *err);

/* "published [DT23]: ..." as the file says for a parameter, or NULL. */
const char *study_evidence(const struct study *study, const char *parameter);

/* The title of a source in `sources`, as one text; NULL when there is no such key. */
const char *study_source(const struct study *study, const char *key);

/*
 * The text of one fault as --fault takes it, as an entry of `faults`: "120 s for 30 s kill node 3", "at 10 s for 5 s
 * slow disk 7 by 10", "10 s for 5 s hot channel 1 at 5k/s". NULL and a message on a mistake.
 */
struct tree *study_fault_text(const struct case_study *of, const char *text, struct arena *arena,
			      const struct place *place, struct err *err);

/* What the value of a term of this case is: TIME, BYTES, RATE, or COUNT for what has no unit. */
enum quantity_kind study_term_kind(const struct case_study *of, const struct term *term);

#endif
