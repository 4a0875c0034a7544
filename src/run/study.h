/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study: what a model file says, understood. A case with its parameters, its variants, the trace, faults, claims and
 * figures. `study_load` reads the whole tree and reports every mistake it finds; what it returns can be run.
 *
 *   case: discord                         which case study (cases/case.h)
 *   format: 2                             of the file (run/format.h)
 *   about: one line
 *   trace: {recipe: traces/discord.yaml}  or {file: x.csv, columns: {...}}; other keys lie over the recipe's own
 *   model: {nodes: 177, ...}              parameters of the case
 *   slice: 16                             a 1/16 part of the fleet is simulated, at the same load per node
 *   faults: [{at: 120 s, for: 30 s, kind: kill, target: node 3}]
 *   run: {reps: 5, seed: 1, warmup: 5 s, series: 1 s, drain: 60 s, keep: [METRIC], variants: [a, b]}
 *   variants: {name: {about: ..., extends: other, model: ..., trace: ..., faults: ..., slice: ..., run: ...}}
 *   evidence: {parameter: "published [KEY]: ..." | "derived ..." | "calibrated ..." | "assumption ..."}
 *   table: [read, rate(stale)]            what the table of a run shows
 *   sources: {KEY: title, publisher, year, address}
 *   scope: {models: [...], leaves_out: [...]}
 *   claims: [{id, says, kind, expect: [...], without: {...}, fails: {...}, caveat, mechanism,
 *            evidence, source}]
 *   figures: [{kind, name, title, ...}]
 *   sweep: {grid: {key: [...]}, zip: {key: [...]}, where: condition}
 *   explore: {sentence, sliders, ...}     what readers of a page may change (run/explore.h)
 *   ranges: {parameter: LOW..HIGH}        where a number may well lie, for `sensitivity`
 *
 * A variant is the study's own model, trace, faults, slice and run with the variant's laid over them; `extends` names
 * another variant to lie between. A study without variants has one, called after its case. `extends: FILE` at the top
 * names a model file that this one is laid over. Maps merge key by key, lists replace. A trace that names
 * a recipe, or a file where there was a recipe, replaces what it is laid over; a file over a file keeps its map. Keys
 * that begin with "x-" are notes.
 *
 * Where a parameter is named (`evidence`, `ranges`, `without`, `sweep`, `explore`), a field of a row of a table is
 * named by its path, services.cart.servers; in `evidence` and `ranges` "*" stands for any row. Where a variant has no
 * such row and another one has, an ablation does nothing there.
 */
#ifndef RUN_STUDY_H
#define RUN_STUDY_H

#include "cases/case.h"
#include "run/claim.h"
#include "run/setup.h"

enum { STUDY_VARIANTS_MAX = 256 };

struct figures_row;

struct study_figure {
	const struct figures_row *kind; /* run/figures.h */
	const char *name;
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
	/* What the table of a run shows: names of times and amounts, expressions without variant; ends with NULL. */
	const char *const *table;
	struct explore *explore;           /* run/explore.h; NULL when nothing is said of it */
	const char **models, **leaves_out; /* scope; end with NULL */
	struct arena *arena;
	/* For setup_resolve. */
	const struct tree *base, *over; /* merged with its parent file only; NULL */
	const struct tree *laid;        /* over each variant, below `over`, in the form of an ablation; NULL: nothing */
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
 * "published [DT23]: ..." as the file says for a parameter, or NULL. What it says of a table or a row holds for all
 * fields of it, unless it says more of them: services, services.cart, services.*.work, services.cart.work.
 */
const char *study_evidence(const struct study *study, const char *path);

/* "LOW..HIGH" as the file says in `ranges`, or NULL; services.*.work is said of each. */
const char *study_range(const struct study *study, const char *path);

/* The title of a source in `sources`, as one text; NULL when there is no such key. */
const char *study_source(const struct study *study, const char *key);

#endif
