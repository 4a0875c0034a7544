/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study loaded from what the command line says: a case or a file, and what is laid over it. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "cli/options.h"
#include "run/study.h"

/* The options of every command that takes a study. */
struct study_options {
	struct option_texts set, fault, variant;
	const char *trace;
	int64_t seed, reps, slice; /* -1: as the model says */
	bool explore;              /* the study that readers of a page explore */
};

#define STUDY_OPTIONS(type, field) \
	OPTION_TEXTS(type, field.variant, "variant", 0, "VARIANT", "only this variant; may be repeated"), \
	STUDY_OPTIONS_OF_ALL(type, field)

/* The same but for --variant. */
#define STUDY_OPTIONS_OF_ALL(type, field) \
	OPTION_TEXTS(type, field.set, "set", 0, "KEY=VALUE", "set a parameter, or a dotted key of the model file"), \
	OPTION_TEXT(type, field.trace, "trace", 0, "FILE", \
		    "replay this trace (.csv, .csv.gz, .csv.zst, -) or recipe (.yaml)"), \
	OPTION_TEXTS(type, field.fault, "fault", 0, "FAULT", "break something: '120 s for 30 s kill node 3'"), \
	OPTION_COUNT(type, field.seed, "seed", 0, "N", -1, 0, INT64_MAX, "seed of everything random"), \
	OPTION_COUNT(type, field.reps, "reps", 0, "N", -1, 1, SETUP_REPS_MAX, "replications"), \
	OPTION_COUNT(type, field.slice, "slice", 0, "K", -1, 1, 1000000, \
		     "simulate 1/K of the fleet at the same load per node")

/* For commands that do it for what readers of a page explore, too. */
#define STUDY_EXPLORE(type, field, help) OPTION_FLAG(type, field.explore, "explore", 0, help)

/*
 * Loads the study that `argument` names (a case, or a file of YAML), with the options laid over it; `options` may be
 * NULL. NULL and messages in err on mistakes. Everything lives in `arena`.
 */
struct study *load_study(struct arena *arena, const char *argument, const struct study_options *options,
			 struct err *err);

#endif
