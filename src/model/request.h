/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request of a client: from the row of the trace that it arrives with, until it ends. While one is open the replay
 * goes on (engine/sim.h); what is measured of it is booked at its arrival.
 */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

#include "base/freelist.h"
#include "engine/sim.h"
#include "model/journey.h"

#include <string.h>

struct requests;

/* Whoever asks embeds one, first. */
struct request {
	struct requests *of;
	struct sim_begun begun;
	uint64_t id;
	int64_t arrival, window; /* ns; of the trace, as its row says */
	struct rng rng;          /* its own draws, keyed by its id */
	struct journey *journey; /* NULL unless somebody wants to know */
};

/* Requests of one kind: where they come from, and those that have ended, to be used again. */
struct requests {
	struct sim *sim;
	struct journeys *journeys;
	bool draws;
	struct rng_stream stream;
	size_t bytes;
	struct freelist ended;
};

/*
 * `journeys` may be NULL. `stream` names what requests draw from; NULL: they draw nothing. `bytes` is the size of what
 * embeds a request.
 */
void requests_init(struct requests *requests, struct sim *sim, struct journeys *journeys, const char *stream,
		   size_t bytes);

/* A request arrives now. What embeds it is zero but for that. `kind` is a constant, for its journey. */
static inline void *request_open(struct requests *requests, uint64_t id, int64_t window, const char *kind)
{
	struct sim *sim = requests->sim;
	struct request *request = freelist_get(&requests->ended, &sim->arena, requests->bytes);
	memset(request, 0, requests->bytes);
	request->of = requests;
	request->id = id;
	request->arrival = sim->now;
	request->window = window;
	if (requests->draws)
		request->rng = rng_of(requests->stream, id);
	if (__builtin_expect(requests->journeys != NULL, 0))
		request->journey = journey_begin(requests->journeys, id, sim->now, kind);
	sim_enter(sim, &request->begun);
	return request;
}

/* The request has ended, for its client at `when`, which is not before now. It is nobody's any more. */
static inline void request_close(struct request *request, int64_t when)
{
	struct requests *requests = request->of;
	CHECK(when >= requests->sim->now);
	if (__builtin_expect(request->journey != NULL, 0))
		journey_end(requests->journeys, request->journey, when);
	sim_leave(requests->sim, &request->begun);
	freelist_give(&requests->ended, request);
}

/* The same, and its journey tells whether the client has an answer or gives up. */
void request_answer(struct request *request, int64_t when, bool answered);

#endif
