/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A write is kept until its own region has answered, every other region has it, and its probe is over.
 */
#include "model/regional.h"

/* What the clusters are asked with: a write, or a read, which needs less. */
struct regional_write {
	struct regional *of;
	void *subject;
	uint64_t id, key;
	int64_t acknowledged; /* ns; -1: not yet, or not at all */
	int64_t probe;
	int region, pending;  /* ways on which it may still be used */
	uint32_t applied;     /* a bit for each other region */
};

static void site_serve(void *owner, struct cluster_query *query, struct node *node, uint64_t part)
{
	const struct regional *regional = ((struct regional_site *)owner)->of;
	const struct dist *work = query->write ? regional->config->write : regional->config->read;
	struct rng rng = rng_of(regional->work, rng_mix(query->id) + part);
	node_serve(node, query->key, dist_draw_time(work, &rng), 0, 0, cluster_served, query, part, &query->journey);
}

static void release(struct regional_write *asking)
{
	if (--asking->pending > 0)
		return;
	freelist_give(&asking->of->writes, asking);
}

static uint64_t query_id(uint64_t id, int region, bool write)
{
	return id << 3 | (uint64_t)region << 1 | write;
}

static void copy_ended(struct regional_write *write, int region, bool failed)
{
	struct regional *regional = write->of;
	if (!failed) {
		if (write->acknowledged >= 0 && write->applied == 0)
			regional->site[write->region].exposed--;
		write->applied |= 1u << region;
		if (write->acknowledged >= 0)
			booking_record(regional->lag, write->acknowledged,
				       regional->sim->now - write->acknowledged);
	}
	release(write);
}

static void probe(struct sim *sim, void *subject, uint64_t unused)
{
	struct regional_write *write = subject;
	struct regional *regional = write->of;
	int next = (write->region + 1) % regional->config->regions;
	int64_t when = write->acknowledged;
	(void)unused;
	booking_count(regional->probed, when, 1);
	booking_record(regional->after, when, sim->now - when);
	if (!(write->applied >> next & 1))
		booking_count(regional->stale, when, 1);
	release(write);
}

static void acknowledge(struct regional_write *write)
{
	struct regional *regional = write->of;
	struct regional_site *site = &regional->site[write->region];
	if (site->dark)
		return; /* nobody hears of it */
	write->acknowledged = regional->sim->now;
	if (regional->config->regions > 1 && write->applied == 0)
		site->exposed++;
	booking_count(regional->acknowledged, regional->sim->now, 1);
	if (write->probe > 0 && regional->config->regions > 1) {
		write->pending++;
		sim_after(regional->sim, write->probe, probe, write, 0);
	}
}

static void site_ended(void *owner, struct cluster_query *query, int64_t hop, bool failed)
{
	struct regional_site *site = owner;
	struct regional_write *asking = query->subject;
	struct regional *regional = site->of;
	if (query->write && asking->region != site->number) {
		copy_ended(asking, site->number, failed);
		return;
	}
	void *subject = asking->subject;
	if (query->write && !failed)
		acknowledge(asking);
	release(asking);
	regional->ended(regional->owner, site->number, subject, query->write, hop, failed);
}

static void copy_arrived(struct sim *sim, void *subject, uint64_t region)
{
	struct regional_write *write = subject;
	(void)sim;
	cluster_ask(&write->of->site[region].cluster, query_id(write->id, (int)region, true), write->key, true, 0,
		    write, NULL);
}

void regional_init(struct regional *regional, struct sim *sim, const struct regional_config *config)
{
	struct rng_stream stream = sim_stream(sim, "regional");
	CHECK(config->regions >= 1 && config->regions <= REGIONAL_REGIONS);
	*regional = (struct regional){.sim = sim, .config = config, .work = sim_stream(sim, "work")};
	for (int r = 0; r < config->regions; r++) {
		struct regional_site *site = &regional->site[r];
		*site = (struct regional_site){.of = regional, .number = r};
		cluster_init(&site->cluster, sim, &config->cluster);
		site->cluster.owner = site;
		site->cluster.serve = site_serve;
		site->cluster.ended = site_ended;
		for (int q = 0; q < config->regions; q++)
			link_init(&site->link[q], sim, config->one_way[r][q], config->jitter, config->rate, stream,
				  (uint64_t)(r * REGIONAL_REGIONS + q));
	}
}

void regional_read(struct regional *regional, int region, uint64_t id, uint64_t key, void *subject,
		   struct journey *journey)
{
	struct regional_write *asking = FREELIST_TAKE(&regional->writes, &regional->sim->arena, struct regional_write);
	*asking = (struct regional_write){.of = regional, .subject = subject, .region = region, .pending = 1};
	cluster_ask(&regional->site[region].cluster, query_id(id, region, false), key, false, 0, asking, journey);
}

void regional_write(struct regional *regional, int region, uint64_t id, uint64_t key, int64_t wait, void *subject,
		    struct journey *journey)
{
	struct regional_write *write = FREELIST_TAKE(&regional->writes, &regional->sim->arena, struct regional_write);
	*write = (struct regional_write){.of = regional, .subject = subject, .id = id, .key = key, .region = region,
					 .acknowledged = -1, .probe = wait, .pending = regional->config->regions};
	for (int r = 0; r < regional->config->regions; r++)
		if (r != region)
			link_send(&regional->site[region].link[r], copy_arrived, write, (uint64_t)r);
	cluster_ask(&regional->site[region].cluster, query_id(id, region, true), key, true, 0, write, journey);
}

void regional_cut(struct regional *regional, int from, int to, bool cut)
{
	(cut ? link_cut : link_mend)(&regional->site[from].link[to]);
}

uint64_t regional_lost(const struct regional *regional)
{
	uint64_t lost = 0;
	for (int r = 0; r < regional->config->regions; r++) {
		const struct regional_site *site = &regional->site[r];
		lost += cluster_lost(&site->cluster) + (site->dark ? (uint64_t)site->exposed : 0);
	}
	return lost;
}
