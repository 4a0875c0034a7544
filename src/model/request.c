/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/request.h"

void requests_init(struct requests *requests, struct sim *sim, struct journeys *journeys, const char *stream,
		   size_t bytes)
{
	CHECK(bytes >= sizeof(struct request));
	*requests = (struct requests){.sim = sim, .journeys = journeys, .draws = stream, .bytes = bytes};
	if (stream)
		requests->stream = sim_stream(sim, stream);
}

void request_answer(struct request *request, int64_t when, bool answered)
{
	journey_note(&request->journey, when, "client", -1, answered ? "has its answer" : "gives up", -1);
	request_close(request, when);
}
