/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A claim at values of a knob. All values meet the same random numbers, which keeps the verdict from going back and
 * forth between neighbours; exec/search.h looks for the value at which the claim flips.
 */
#ifndef EXEC_FLIP_H
#define EXEC_FLIP_H

#include "exec/campaign.h"
#include "exec/knob.h"
#include "exec/search.h"

/* What is known of a value that was tried: the detail of a search_point. */
struct flip_detail {
	struct verdict_of_one *one; /* of each expectation */
	int reps;
};

struct flip {
	const struct study *study;
	const struct claim *claim;
	struct knob knob;
	const char *variant; /* the only one that is varied; NULL: all that the claim names */
	const struct dist_reader *values;

	/* Runs a campaign to its end, and says how it ended; messages in err when it failed. */
	enum exec_end (*run)(void *host, struct campaign *campaign, struct err *err);

	/* Is told of each value that was tried. */
	void (*tell)(void *host, const struct search_point *point);
	void *host;

	enum exec_end end; /* of the last campaign */
	struct search search;
	struct search_result result;
};

/*
 * Makes the search ready: flip->search may be handed to search_between and search_outward, with flip->result. All that
 * stands before `end` is set by then.
 */
void flip_begin(struct flip *flip, double within);

/* The detail of a point. */
const struct flip_detail *flip_detail(const struct search_point *point);

/* Whether all that the claim names was measured at both ends of what was found: what was not is no end of anything. */
bool flip_measured(const struct flip *flip);

/* The first expectation that holds by its means on one side of flip->result, which was found, and not on the other. */
int flip_expectation(const struct flip *flip);

#endif
