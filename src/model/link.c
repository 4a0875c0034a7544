/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message is one event. One that left before a cut finds out on arrival, by the number of cuts there had been.
 */
#include "model/link.h"

struct link_message {
	struct link_message *next;
	struct link *link;
	sim_event_fn *arrived;
	void *subject;
	uint64_t detail;
	uint32_t cuts;
};

void link_init(struct link *link, struct sim *sim, int64_t one_way, const struct dist *jitter, double rate,
	       struct rng_stream stream, uint64_t number)
{
	CHECK(one_way >= 0 && (rate == 0 || rate >= 1e-6));
	*link = (struct link){.sim = sim, .one_way = one_way, .jitter = jitter, .rng = rng_of(stream, number),
			      .interval = rate > 0 ? (int64_t)(1e9 / rate + 0.5) : 0};
}

static void keep(struct link *link, struct link_message *message)
{
	message->next = NULL;
	if (link->first)
		link->last->next = message;
	else
		link->first = message;
	link->last = message;
	link->kept++;
}

static void depart(struct link *link, struct link_message *message);

static void reach(struct sim *sim, void *subject, uint64_t unused)
{
	struct link_message *message = subject;
	struct link *link = message->link;
	(void)unused;
	link->flying--;
	if (message->cuts != link->cuts) {
		if (link->cut)
			keep(link, message);
		else
			depart(link, message);
		return;
	}
	struct link_message arrived = *message;
	freelist_give(&link->messages, message);
	arrived.arrived(sim, arrived.subject, arrived.detail);
}

static void depart(struct link *link, struct link_message *message)
{
	struct sim *sim = link->sim;
	int64_t leaves = link->free_at > sim->now ? link->free_at : sim->now;
	if (leaves > INT64_MAX / 4)
		leaves = INT64_MAX / 4; /* never, and no later than that */
	link->free_at = leaves + link->interval;
	message->cuts = link->cuts;
	link->flying++;
	int64_t takes = link->one_way + (link->jitter ? dist_draw_time(link->jitter, &link->rng) : 0);
	sim_at(sim, leaves + link->interval + takes, reach, message, 0);
}

void link_send(struct link *link, sim_event_fn *arrived, void *subject, uint64_t detail)
{
	struct link_message *message = FREELIST_TAKE(&link->messages, &link->sim->arena, struct link_message);
	*message = (struct link_message){.link = link, .arrived = arrived, .subject = subject, .detail = detail};
	if (link->cut)
		keep(link, message);
	else
		depart(link, message);
}

void link_cut(struct link *link)
{
	link->cuts += link->cut++ == 0;
}

void link_mend(struct link *link)
{
	struct link_message *next = link->first;
	CHECK(link->cut > 0);
	if (--link->cut > 0)
		return;
	link->first = link->last = NULL;
	link->kept = 0;
	while (next) {
		struct link_message *message = next;
		next = next->next;
		depart(link, message);
	}
}
