/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which parameters matter to a measure. One at a time: each parameter a little lower and a little higher, all else as
 * it is, on the same random numbers as the model itself, so that differences are paired. Or by Morris screening: from
 * points all over the ranges, one parameter at a time, which also tells whether what one does hangs on the others
 * (exec/screen.h).
 */
#ifndef EXEC_SENSITIVITY_H
#define EXEC_SENSITIVITY_H

#include "exec/campaign.h"
#include "exec/knob.h"
#include "exec/measure.h"
#include "exec/screen.h"
#include "param/param_walk.h"
#include "stats/paired.h"

enum { SENSITIVITY_FACTORS_MAX = SCREEN_DIMENSIONS };

/* Another value of a parameter: an end of its range, or one of its choices. */
struct sensitivity_end {
	bool any; /* it is another value, and could be run */
	double x; /* of a number */
	const char *text;
	struct tree *over;
	const char *why;      /* it cannot be run; NULL */
	struct paired paired; /* with the model as it is */
};

/* Of a number the ends are these two; of a switch the other position; of a choice all others. */
enum { SENSITIVITY_LOW, SENSITIVITY_HIGH };

struct sensitivity_factor {
	const char *name;
	bool is_number;
	struct knob knob;
	struct sensitivity_end *end;
	int ends;
	double *effect; /* Morris: of each point; NULL otherwise */
	struct screened screened;
	const char *left_out; /* why; NULL */
};

struct sensitivity {
	const struct study *study;
	struct setup *setup;       /* of the variant, as it is */
	struct measure measure;
	const struct dist_reader *values;

	/* Runs a campaign to its end, and says how it ended; messages in err when it failed. */
	enum exec_end (*run)(void *host, struct campaign *campaign, struct err *err);
	void *host;

	struct sensitivity_factor factor[SENSITIVITY_FACTORS_MAX];
	int factors;
	int points;            /* of Morris' design; 0: one at a time */
	double *base;          /* of each replication of the model as it is */
	struct interval value; /* of the model as it is */
	bool exact;            /* nothing random was drawn for it */
	bool at_least;         /* it hangs on requests that had not ended */
	int reps;
	enum exec_end end; /* of the last campaign */
};

/*
 * Adds a number, to be made lower and higher by a part of its value; when that cannot be, it says why in `left_out`.
 * `name` must be a number of the model or a dotted key.
 */
struct sensitivity_factor *sensitivity_add_number(struct sensitivity *sensitivity, const char *name, double part);

/* Adds a number with its range, "LOW..HIGH". `option` is told in messages. False and a message on a mistake. */
bool sensitivity_add_range(struct sensitivity *sensitivity, const char *name, const char *range, const char *option,
			   struct err *err);

/* Adds a switch or a choice, a field of the setup's parameters. */
void sensitivity_add_choices(struct sensitivity *sensitivity, const struct param_walk *field);

/*
 * Runs the model as it is; then either each factor, in any order, or Morris' design from `points` points, for which all
 * factors are numbers that are not left out. False when a campaign was interrupted (sensitivity->end) or failed, with
 * messages. What cannot be run is left out, and says why.
 */
bool sensitivity_run_base(struct sensitivity *sensitivity, struct err *err);
bool sensitivity_run_factor(struct sensitivity *sensitivity, struct sensitivity_factor *factor, struct err *err);
bool sensitivity_run_morris(struct sensitivity *sensitivity, int points, struct err *err);

/* Whether the difference that an end makes is clear. */
bool sensitivity_is_clear(const struct sensitivity_end *end);

/* The end that goes farthest; NULL when none was run. */
const struct sensitivity_end *sensitivity_farthest(const struct sensitivity_factor *factor);

/* Whether a factor makes a clear difference (Morris: any). */
bool sensitivity_matters(const struct sensitivity_factor *factor);

/* Puts factors that matter first, in the order of their sizes; equal ones by name. */
void sensitivity_sort(struct sensitivity *sensitivity);

#endif
