/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rate of the last seconds is a sum over rides that fades with a time constant of three seconds, over the part of
 * it that has been seen since the window began. A ride is added after the load has been set: who arrives sees the mean.
 */
#include "model/reports.h"
#include "engine/dmath.h"

#include <math.h>

static const double memory = 3e9; /* ns */
static const double enough = 0.1; /* of the memory must have been seen */

void reports_init(struct reports *reports, struct sim *sim, struct geoindex *index, int64_t interval, double apps,
		  int64_t poll)
{
	*reports = (struct reports){.sim = sim, .index = index, .interval = (double)interval, .apps = apps,
				    .poll = (double)poll, .lateness = 1, .recent_row = -1};
}

static void book_whole(const struct reports *reports, struct booking booking, double *amount)
{
	double whole = floor(*amount);
	if (whole >= 1) {
		booking_count(booking, reports->sim->now, (uint64_t)whole);
		*amount -= whole;
	}
}

void reports_account(struct reports *reports)
{
	double passed = (double)(reports->sim->now - reports->accounted);
	reports->accounted = reports->sim->now;
	reports->reports += reports->index->reports * passed;
	reports->reads += reports->index->reads * passed;
	reports->taken += reports->index->reports * passed;
	book_whole(reports, reports->reported, &reports->reports);
	book_whole(reports, reports->read, &reports->reads);
}

double reports_take(struct reports *reports)
{
	reports_account(reports);
	double taken = reports->taken;
	reports->taken = 0;
	return taken;
}

/* `per_ns` of them would be made if all were on time. */
static void load(struct reports *reports, double per_ns)
{
	reports_account(reports);
	geoindex_load(reports->index, per_ns / reports->lateness,
		      per_ns * reports->interval * reports->apps / reports->poll);
}

void reports_online(struct reports *reports, int drivers)
{
	load(reports, (double)drivers / reports->interval);
}

void reports_late(struct reports *reports, double factor)
{
	reports_account(reports);
	reports->lateness = factor;
}

void reports_follow(struct reports *reports, int64_t window, double each)
{
	int64_t now = reports->sim->now;
	if (window != reports->window || reports->recent_row < 0) {
		reports->window = window;
		reports->recent = 0;
		reports->recent_since = reports->accounted = now;
		geoindex_idle(reports->index); /* between two windows of the trace nothing goes on */
	} else {
		reports->recent *= dm_exp(-(double)(now - reports->recent_row) / memory);
		double seen = 1 - dm_exp(-(double)(now - reports->recent_since) / memory);
		if (seen > enough)
			load(reports, each * reports->recent / memory / seen);
		reports->recent++;
	}
	reports->recent_row = now;
}
