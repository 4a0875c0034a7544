/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A site of several that do the same: services side by side, each spread over zones, and what the site's clients ask of
 * each service, wherever that is served. Once a period the use of each service is looked at, and it grows or shrinks.
 */
#ifndef MODEL_SITE_H
#define MODEL_SITE_H

#include "model/service.h"

enum { SITE_SERVICES = 4, SITE_ZONES = 3 };

struct site_config {
	int services;
	int64_t period;      /* ns between two looks at the use */
	bool scales;         /* services grow and shrink by themselves */
};

struct site_service {
	struct service service;
	double offered;      /* ns of work that the site's clients have asked for in this period */
	double demand;       /* servers that they kept at work in the last one */
	int64_t wanted;      /* servers that somebody waits for; see model/prescale.h */
};

struct site {
	struct sim *sim;
	const struct site_config *config;
	int number;
	bool down;           /* and all its services are then */
	int zones_lost;
	struct site_service of[SITE_SERVICES];
	double starts;       /* what its clients have begun in this period, */
	double start_rate;   /* and per ns in the last one */

	/* Given by the owner: the site has got other servers. */
	void *owner;
	void (*resized)(void *owner);
};

/* config outlives it. Its services are initialised by the caller. The first look is a period from now. */
void site_init(struct site *site, struct sim *sim, const struct site_config *config, int number);

/* A client of the site asks for `work` ns of a service; `start`: as the first thing of something. */
void site_asked(struct site *site, int service, int64_t work, bool start);

/* The site is lost, or is back, when it was not; one of its zones is, with its part of the servers. */
void site_lose(struct site *site, bool begins);
void site_lose_zone(struct site *site, bool begins);

/* Each service takes over the servers that are there by now, in the zones that are left. */
void site_resize(struct site *site);

/* Servers of a service that are up. */
int64_t site_servers(const struct site *site, int service);

#endif
