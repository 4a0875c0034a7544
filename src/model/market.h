/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A market of rides: riders who wait for a driver and go away when that takes too long; drivers who stand, drive about,
 * are offered a rider, come, drive the rider to a place, and are free there. Who gets whom (model/fleet.h): the nearest
 * driver known to be free at once, and who finds none asks again as drivers report; or everybody together, in batches.
 *
 * Some drivers are a reserve: at home, until they are called.
 */
#ifndef MODEL_MARKET_H
#define MODEL_MARKET_H

#include "engine/dist.h"
#include "engine/meter.h"
#include "model/fleet.h"
#include "model/places.h"
#include "model/request.h"

struct market_config {
	int64_t drivers, reserve;     /* online from the start; at home */
	double speed, detour;         /* as fleet's */
	int64_t radius, report;       /* metres, 0: no limit; ns between two position reports */
	int64_t batch;                /* ns between two; 0: at once */
	int64_t relocate;             /* ns, the mean until a free driver drives elsewhere; 0: never */
	int64_t poll;                 /* ns between two polls of a phone, which hears of an offer so; 0: it is pushed */
	int64_t join_delay;           /* ns until a driver who was called is online */
	const struct dist *network, *trip, *patience; /* ns: one way to a phone; with the rider; until one goes away */
	const double *price;          /* of cells: free drivers go where it is high; NULL: it does not matter to them */
	double price_cap;
};

struct market;
struct market_driver;

/* Who wants a ride embeds one, first. */
struct market_rider {
	struct request request;
	struct hex_point at;          /* set before market_enter; what follows is the market's */
	struct fleet_party party;
	struct market *market;
	int64_t began, changed;       /* ns: the trip's record, by a match; its last change */
	struct market_driver *driver; /* NULL: none yet */
	queue_handle patience, next;
};

enum market_state { MARKET_AT_HOME, MARKET_CALLED, MARKET_FREE, MARKET_OFFERED, MARKET_COMING, MARKET_RIDING };

struct market_driver {
	struct fleet_car car;         /* first: a car is its driver */
	struct market *market;
	enum market_state state;
	struct market_rider *rider;
	int64_t polls;                /* ns: an offset of its polls */
	queue_handle move;
	struct rng rng;
};

struct market {
	struct sim *sim;
	const struct market_config *config;
	const struct places *places;
	struct fleet fleet;
	struct market_driver *driver; /* the reserve last */
	int drivers, online, called;
	int64_t closed_until;         /* ns: nobody is matched before; set by whoever closes it */
	struct rng_stream trips, offers;

	/* Given by the owner. */
	void *owner;
	/* Whether a report from `where` made at `reported` is unknown; may be NULL. */
	bool (*hidden)(void *owner, struct hex_point where, int64_t reported);
	/* Drivers have come online or left. */
	void (*changed)(void *owner);
	/* The rider has left the market: has arrived, has given up, or is forgotten. */
	void (*left)(void *owner, struct market_rider *rider);
	struct booking matched, offered, picked_up, waited; /* TIME */
	struct booking abandoned, completed;                /* COUNT */
	struct booking batched;                             /* AMOUNT: riders in a batch */
	struct booking busy, in_all, waiting;               /* LEVEL: drivers with a rider, online; riders without */
};

/* config, places and what they point to outlive the market. What the owner gives is set by it before market_open. */
void market_init(struct market *market, struct sim *sim, const struct market_config *config,
		 const struct places *places);

/* Drivers come online, and matching begins. */
void market_open(struct market *market);

/* A rider waits from now on. */
void market_enter(struct market *market, struct market_rider *rider);

/* Matching at once goes on with those who wait; after the market was closed. */
void market_match_waiting(struct market *market);

/* So many of the reserve are to be online: others are called, or free ones go home. */
void market_call(struct market *market, int wanted);

/* Nobody knows of this driver's trip any more: the rider leaves the market, the driver is free where the car is. */
void market_forget(struct market *market, struct market_driver *driver);

#endif
