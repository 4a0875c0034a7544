/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/site.h"

static void look(struct sim *sim, void *subject, uint64_t unused);

void site_init(struct site *site, struct sim *sim, const struct site_config *config, int number)
{
	CHECK(config->services >= 1 && config->services <= SITE_SERVICES && config->period > 0);
	*site = (struct site){.sim = sim, .config = config, .number = number};
	sim_after(sim, config->period, look, site, 0);
}

void site_asked(struct site *site, int service, int64_t work, bool start)
{
	site->of[service].offered += (double)work;
	site->starts += start;
}

static void look(struct sim *sim, void *subject, uint64_t unused)
{
	struct site *site = subject;
	const struct site_config *config = site->config;
	double period = (double)config->period;
	(void)unused;
	for (int s = 0; s < config->services; s++) {
		struct site_service *of = &site->of[s];
		service_look(&of->service, config->period, config->scales && !site->down);
		of->demand = of->offered / period;
		of->offered = 0;
	}
	site->start_rate = site->starts / period;
	site->starts = 0;
	site_resize(site);
	sim_after(sim, config->period, look, site, 0);
}

void site_resize(struct site *site)
{
	for (int s = 0; s < site->config->services; s++) {
		struct service *service = &site->of[s].service;
		int64_t servers = service->scaler.servers * (SITE_ZONES - site->zones_lost);
		servers = (servers + SITE_ZONES - 1) / SITE_ZONES;
		service_resize(service, servers > 1 ? servers : 1);
	}
	if (site->resized)
		site->resized(site->owner);
}

void site_lose(struct site *site, bool begins)
{
	CHECK(site->down != begins);
	site->down = begins;
	for (int s = 0; s < site->config->services; s++)
		site->of[s].service.down += begins ? 1 : -1;
	if (site->resized)
		site->resized(site->owner);
}

void site_lose_zone(struct site *site, bool begins)
{
	site->zones_lost += begins ? 1 : -1;
	site_resize(site);
}

int64_t site_servers(const struct site *site, int service)
{
	return site->down ? 0 : site->of[service].service.pool.servers;
}
