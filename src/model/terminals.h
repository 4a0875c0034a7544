/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Terminals: clients who send a request, wait until it has ended, think, and send the next one. This is a closed loop:
 * what they offer falls as answers get slow, there are never more requests than terminals, and a system that is
 * overrun by the rows of a trace (an open loop) merely slows them down. Say so wherever they are used: with n terminals
 * that think for Z and see a throughput X, the mean response is n / X - Z, whatever happens inside.
 */
#ifndef MODEL_TERMINALS_H
#define MODEL_TERMINALS_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/meter.h"
#include "engine/sim.h"

struct terminals;

/* One terminal; the owner has fields of its own behind it, zero at first (terminals_init: `bytes`). */
struct terminal {
	struct terminals *of;
	uint64_t id;   /* of its present request: all requests are numbered in the order in which they are sent */
	int64_t sent;  /* ns */
};

struct terminals {
	struct sim *sim;
	const struct dist *think;  /* ns; NULL: no time */
	struct rng_stream stream;
	uint64_t requests;         /* sent so far */
	bool kept;                 /* as many as terminals_keep says */
	int64_t present, wanted, until;
	size_t bytes;
	struct freelist gone;

	/* Given by the owner. */
	void *owner;
	/* A terminal sends a request; terminal_answered is to follow. */
	void (*send)(void *owner, struct terminal *terminal);
	struct booking answered;   /* COUNT: requests that have ended, when they did */
	struct booking response;   /* TIME: from the sending of a request */
};

/* `think` outlives it. `stream` names what thinking is drawn from. What the owner gives is set by it afterwards. */
void terminals_init(struct terminals *terminals, struct sim *sim, const struct dist *think, const char *stream);

/* So many terminals send their first request now, those of the same instant one after the other. */
void terminals_begin(struct terminals *terminals, int64_t count, size_t bytes);

/*
 * From now on there are so many terminals, until `until` or what the next call says. Those that are missing begin as
 * above; one that is too many, or outlives `until`, leaves when its request has ended. As long as one is there the
 * replay goes on. Not together with terminals_begin; `bytes` is the same each time.
 */
void terminals_keep(struct terminals *terminals, int64_t count, int64_t until, size_t bytes);

/* Its request has ended; it hears of it `in` >= 0 ns from now. `counts`: as one that was answered. */
void terminal_answered(struct terminal *terminal, int64_t in, bool counts);

#endif
