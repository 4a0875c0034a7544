/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section `figures`. What a figure shows must exist, and each of its keys must mean something to its kind; how it
 * is drawn is the affair of src/plot, which has the same kinds (figures.def).
 */
#ifndef RUN_FIGURES_H
#define RUN_FIGURES_H

#include "run/study.h"

enum figures_kind {
#define FIGURE(NAME, word, metrics, needed, ...) FIGURES_##NAME,
#include "run/figures.def"
#undef FIGURE
	FIGURES_KINDS
};

enum figures_metrics { FIGURES_TIMES, FIGURES_NAMES, FIGURES_EXPRESSIONS, FIGURES_NONE };

struct figures_row {
	const char *name;
	enum figures_metrics metrics;
	int needed;              /* how many of the keys it needs */
	const char *const *keys; /* beside those of every kind; ends with NULL */
};

/* One row a kind; ends with a NULL name. */
extern const struct figures_row figures_rows[];

/* Fills the study's figures. Its variants are resolved by then. Messages in err on mistakes. */
void figures_load(struct study *study, struct err *err);

/* The variants that `run` shows, then those that only figures need; ends with NULL. */
const char **figures_variants(const struct study *study);

#endif
