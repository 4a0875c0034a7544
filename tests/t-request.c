/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests: what they begin with, that the replay waits for them, and that those that have ended are used again.
 */
#include "model/request.h"
#include "tap.h"

struct guest {
	struct request request;
	int64_t rooms;
};

int main(void)
{
	struct sim *sim = sim_new(7, 2);
	struct journeys journeys;
	struct requests requests;
	journeys_init(&journeys, &sim->arena, 1);
	requests_init(&requests, sim, &journeys, "guests", sizeof(struct guest));
	sim->now = 100;
	struct guest *first = request_open(&requests, 41, 3, "guest");
	struct guest *second = request_open(&requests, 42, 3, "guest");
	ok(first->request.id == 41 && first->request.arrival == 100 && first->request.window == 3 && first->rooms == 0,
	   "a request knows who it is, when it came, and nothing else");
	struct rng own = rng_of(sim_stream(sim, "guests"), 42), other = rng_of(sim_stream(sim, "guests"), 41);
	uint64_t drawn = rng_next(&second->request.rng);
	ok(drawn == rng_next(&own), "its draws are those of its stream and its id");
	ok(drawn != rng_next(&other), "canary: not those of another id");
	is_int(sim->open, 2, "the replay waits for both");
	first->rooms = 5;
	request_answer(&first->request, 150, true);
	request_answer(&second->request, 130, false);
	is_int(sim->open, 0, "until they have ended");
	ok(journeys.kept == 1 && journeys.slowest[0]->id == 41 && journeys.slowest[0]->end == 150,
	   "the slowest one's journey is kept, to when its client has the answer");
	is_text(journeys.slowest[0]->step[0].what, "has its answer", "as it ends");
	struct guest *third = request_open(&requests, 43, 4, "guest");
	struct guest *fourth = request_open(&requests, 44, 4, "guest");
	ok((third == second && fourth == first) || (third == first && fourth == second), "memory is used again");
	ok(third->rooms == 0 && fourth->rooms == 0, "and cleared");
	request_close(&third->request, 100);
	request_close(&fourth->request, 100);
	requests_init(&requests, sim, NULL, NULL, sizeof(struct guest));
	struct guest *plain = request_open(&requests, 1, 0, "guest");
	ok(!plain->request.journey, "nobody wants to know: there is no journey");
	request_answer(&plain->request, 100, true);
	sim_free(sim);
	return done_testing();
}
