/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/request.h"

#include <string.h>

void requests_init(struct requests *requests, struct sim *sim, struct journeys *journeys, const char *stream,
		   size_t bytes)
{
	CHECK(bytes >= sizeof(struct request));
	*requests = (struct requests){.sim = sim, .journeys = journeys, .draws = stream, .bytes = bytes};
	if (stream)
		requests->stream = sim_stream(sim, stream);
}

void *request_open(struct requests *requests, uint64_t id, int64_t window, const char *kind)
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
	request->journey = journey_begin(requests->journeys, id, sim->now, kind);
	sim_open(sim);
	return request;
}

void request_close(struct request *request, int64_t when)
{
	struct requests *requests = request->of;
	CHECK(when >= requests->sim->now);
	journey_end(requests->journeys, request->journey, when);
	freelist_give(&requests->ended, request);
	sim_close(requests->sim);
}

void request_answer(struct request *request, int64_t when, bool answered)
{
	journey_note(&request->journey, when, "client", -1, answered ? "has its answer" : "gives up", -1);
	request_close(request, when);
}
