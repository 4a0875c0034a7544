/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Position reports of drivers and reads of open apps: background load of a location index, far too much of it to be
 * events. How much there is follows from who is online, or from the rides of the last seconds; it is counted as it goes
 * by.
 */
#ifndef MODEL_REPORTS_H
#define MODEL_REPORTS_H

#include "engine/meter.h"
#include "model/geoindex.h"

struct reports {
	struct sim *sim;
	struct geoindex *index;
	double interval, apps, poll;  /* as below */
	double lateness;              /* 1: on time; 2: half as many are made */
	double reports, reads, taken; /* not booked yet; reports since they were last taken */
	int64_t accounted;            /* ns: up to here all is counted */
	/* The rate of the last seconds. */
	double recent;
	int64_t recent_row, recent_since, window;

	struct booking reported, read; /* given by the owner: whole ones, as they go by */
};

/* `interval` ns between two reports of a driver, `apps` open ones for each driver, which read once in `poll` ns. */
void reports_init(struct reports *reports, struct sim *sim, struct geoindex *index, int64_t interval, double apps,
		  int64_t poll);

/* So many drivers are online from now on. */
void reports_online(struct reports *reports, int drivers);

/* Reports come later by the factor from the next load on. */
void reports_late(struct reports *reports, double factor);

/*
 * A ride arrives, in a window of the trace, and stands for `each` reports: the load is that of the rides of the last
 * seconds of this window, without this one.
 */
void reports_follow(struct reports *reports, int64_t window, double each);

/* Counts up to now. */
void reports_account(struct reports *reports);

/* Counts up to now, and returns how many reports there were since this was last asked. */
double reports_take(struct reports *reports);

#endif
