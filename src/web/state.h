/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a reader has set: the lines of a state (web/web.h), understood, and what they lay over the small setup.
 */
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include "run/explore.h"

struct state_line {
	const char *key, *value;
};

struct state {
	struct arena arena; /* the state lies inside */
	const struct explore *explore;
	const char *text;         /* its shortest form */
	struct state_line *line;  /* of that */
	int lines;
	const struct tree *laid;  /* in the form of an ablation; NULL: nothing */
	const char **variant;     /* those chosen, in the order of the study; ends with NULL */
	int variants;
};

/* NULL and messages in err when it cannot be; their file is the line that they are about. */
struct state *state_new(const struct explore *explore, const char *text, size_t length, struct err *err);
void state_free(struct state *state);

/* The study with this laid over its small setups. NULL and messages in err when that cannot be. */
struct study *state_study(const struct explore *explore, const struct tree *laid, const char *const *variants,
			  struct arena *arena, struct err *err);

/*
 * The command line that gives the same results, with so many replications (0: as many as it says itself): "casebook
 * run station --explore --set servers=2". `verb` is "run" or "verify".
 */
const char *state_command(const struct state *state, const char *verb, int64_t reps, struct arena *arena);

/*
 * The position of a slider whose value is this text, 0..1; NaN when it is not on the slider. `scratch` is written to.
 */
double state_position(const struct explore *explore, int slider, const char *text, struct arena *scratch);

/* The state that a preset is: all that it sets, or, where that holds lists, its name. */
const char *state_lines(const struct explore_preset *preset, struct arena *arena);

#endif
