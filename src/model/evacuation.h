/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The evacuation of a site, as a plan of phases: it takes time to decide; then the other sites are told to grow; when
 * they have grown, or at once, the lost site's gateway passes on a growing part of what comes to it, from none to all;
 * and the name is changed when that begins or has ended. How long the plan takes to have its effect is not given but
 * seen, in the requests of the site's clients: from which on all are served elsewhere, and go elsewhere by themselves.
 */
#ifndef MODEL_EVACUATION_H
#define MODEL_EVACUATION_H

#include "engine/meter.h"
#include "engine/sim.h"

struct evacuation_config {
	int64_t decide, shift;  /* ns */
	bool passes_on;         /* the lost site's gateway does; otherwise the name is changed when traffic may move */
	bool shift_first;       /* traffic moves before the others have grown */
	bool rename_first;      /* the name is changed when traffic begins to move, not when it has moved */
};

struct evacuation {
	struct sim *sim;
	const struct evacuation_config *config;
	int lost;                  /* which site is being evacuated; -1: none */
	int64_t since, shift_from; /* ns; shift_from -1: traffic does not move yet */
	bool is_served, is_drained;
	uint64_t number;           /* of evacuations; what belongs to an earlier one does nothing */
	int64_t seen, elsewhere, direct; /* requests of its clients since it was last looked at */

	/* Given by the owner. */
	void *owner;
	/* It is decided: the others are to grow. */
	void (*grow)(void *owner, int lost);
	/* Whether they have grown; asked again and again. */
	bool (*grown)(void *owner);
	/* The name of the site means the others (away), or itself again. */
	void (*rename)(void *owner, int lost, bool away);
	/* TIME since the loss until 99 % of its clients' requests are served elsewhere; until 90 % go by themselves. */
	struct booking served, drained;
};

/* config outlives it. The owner's fields are set by the caller afterwards. */
void evacuation_init(struct evacuation *evacuation, struct sim *sim, const struct evacuation_config *config);

/* A site is lost; nothing happens while another one is being evacuated. */
void evacuation_begin(struct evacuation *evacuation, int site);

/* A site is back: its traffic returns as the name allows. */
void evacuation_end(struct evacuation *evacuation, int site);

/* Whether a request of this client, come to the lost site's gateway now, is passed on. */
bool evacuation_passes_on(const struct evacuation *evacuation, uint64_t client);

/* A request of one of its clients went elsewhere by itself (direct), was passed on, or neither. */
void evacuation_saw(struct evacuation *evacuation, bool direct, bool passed_on);

#endif
