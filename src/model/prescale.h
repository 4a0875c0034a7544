/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sites that are made larger before they take over what a lost one did: how many servers more each of their services
 * orders, and whether these are there. Each takes an equal part of the lost site's clients.
 *
 *   off       none
 *   uniform   all services grow by the same factor: that of what clients begin
 *   demand    each by what the clients of the lost site ask of it
 *
 * A share of a service's servers may have been kept aside, started: these are at work soon; others must be started.
 */
#ifndef MODEL_PRESCALE_H
#define MODEL_PRESCALE_H

#include "model/site.h"

enum { PRESCALE_SITES = 4 };

/* To add one, write its function and its line in PRESCALES of prescale.c. */
struct prescale_kind {
	const char *name;
	/* Servers' worth of work that a service of a site takes over with `part` of the lost one; NULL: no matter. */
	double (*more)(const struct site *left, const struct site *lost, int service, double part);
};

/* All kinds, and their names, in the order of the table above; both end with NULL. */
extern const struct prescale_kind *const prescale_kinds[];
extern const char *const prescale_names[];

struct prescale_config {
	const struct prescale_kind *kind;
	double target;      /* use of their servers that services are sized for */
	double spares;      /* servers kept aside, as a share of a service's */
	int64_t warm, cold; /* ns until one that was kept aside is at work; one that must be started */
};

struct prescale {
	struct sim *sim;
	const struct prescale_config *config;
	int sites;
	struct site *site[PRESCALE_SITES];
};

/* config outlives it; its sites are set by the caller. */
void prescale_init(struct prescale *prescale, struct sim *sim, const struct prescale_config *config);

/* A site is lost: the others order. What they have ordered they keep until prescale_end. */
void prescale_order(struct prescale *prescale, const struct site *lost);

/* Whether all that was ordered is there; what is there by now is put to work. */
bool prescale_done(struct prescale *prescale);

/* What was kept for a lost site may go. */
void prescale_end(struct prescale *prescale);

#endif
