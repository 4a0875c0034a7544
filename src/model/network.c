/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/network.h"
#include "model/slowed.h"

void network_init(struct network *network, struct sim *sim, int sites, const struct network_kind *kind)
{
	int kinds = 0;
	while (kind[kinds].name)
		kinds++;
	CHECK(sites > 0);
	*network = (struct network){.sim = sim, .sites = sites, .kinds = kinds, .kind = kind};
	network->link = ARENA_ARRAY(&sim->arena, (size_t)sites * (size_t)sites, struct network_link);
	network->count = ARENA_ARRAY(&sim->arena, (size_t)kinds, struct network_count);
	network->stream = ARENA_ARRAY(&sim->arena, (size_t)kinds, struct rng_stream);
	for (int i = 0; i < sites * sites; i++)
		network->link[i].slowness = 1;
	for (int i = 0; i < kinds; i++)
		network->stream[i] = sim_stream(sim, kind[i].name);
}

static int64_t takes(const struct network_kind *kind, const struct network_link *link, struct rng *rng)
{
	int64_t plain = dist_draw_time(kind->delay, rng) + link->extra;
	return link->slowness == 1 ? plain : slowed(plain, link->slowness);
}

/* What the first copy takes, or -1. The first draw is the delay: networks that differ in loss have equal delays. */
static int64_t sends(struct network *network, int number, const struct network_link *link, struct rng *rng)
{
	const struct network_kind *kind = &network->kind[number];
	struct network_count *count = &network->count[number];
	count->sent++;
	booking_count(network->sent, network->sim->now, 1);
	if (link->cuts > 0) {
		count->cut++;
		return -1;
	}
	int64_t first = takes(kind, link, rng);
	if (kind->loss > 0 && rng_unit(rng) < kind->loss) {
		count->lost++;
		return -1;
	}
	return first;
}

int64_t network_takes(struct network *network, int kind, int from, int to, uint64_t key)
{
	struct rng rng = rng_of(network->stream[kind], key);
	return sends(network, kind, network_link(network, from, to), &rng);
}

int network_send(struct network *network, int number, int from, int to, uint64_t key, sim_event_fn *arrived,
		 void *subject, uint64_t detail)
{
	const struct network_kind *kind = &network->kind[number];
	struct network_count *count = &network->count[number];
	const struct network_link *link = network_link(network, from, to);
	struct rng rng = rng_of(network->stream[number], key);
	int64_t first = sends(network, number, link, &rng);
	if (first < 0)
		return 0;
	sim_after(network->sim, first, arrived, subject, detail);
	if (kind->twice == 0 || rng_unit(&rng) >= kind->twice)
		return 1;
	count->twice++;
	sim_after(network->sim, takes(kind, link, &rng), arrived, subject, detail);
	return 2;
}

void network_cut(struct network *network, int from, int to)
{
	network_link(network, from, to)->cuts++;
}

void network_mend(struct network *network, int from, int to)
{
	struct network_link *link = network_link(network, from, to);
	CHECK(link->cuts > 0);
	link->cuts--;
}

static void divide(struct network *network, const int *side, void (*change)(struct network *, int from, int to))
{
	for (int from = 0; from < network->sites; from++)
		for (int to = 0; to < network->sites; to++)
			if (side[from] != side[to] && side[from] >= 0 && side[to] >= 0)
				change(network, from, to);
}

void network_part(struct network *network, const int *side)
{
	divide(network, side, network_cut);
}

void network_join(struct network *network, const int *side)
{
	divide(network, side, network_mend);
}

static void change_all(struct network *network, int site, void (*change)(struct network *, int from, int to))
{
	for (int other = 0; other < network->sites; other++) {
		if (other == site)
			continue;
		change(network, site, other);
		change(network, other, site);
	}
}

void network_isolate(struct network *network, int site)
{
	change_all(network, site, network_cut);
}

void network_rejoin(struct network *network, int site)
{
	change_all(network, site, network_mend);
}

void network_slow(struct network *network, double slowness)
{
	for (int i = 0; i < network->sites * network->sites; i++)
		network->link[i].slowness = slowness;
}
