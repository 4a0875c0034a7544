/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sites: what their clients ask is what they are looked at for, zones take their part of the servers along; and the
 * sizes that others order before they take over a lost one, by hand.
 */
#include "model/prescale.h"
#include "tap.h"

#include <string.h>

static const int64_t second = 1000000000, minute = INT64_C(60000000000);

enum { SITES = 3 };

static const struct service_config service = {
	.name = "service", .queue = -1, .limiter = &limiter_fixed, .limit = 2, .share = {1}, .target = 0.5,
	.scale_delay = 600000000000
};
static const struct site_config config = {.services = 2, .period = 60000000000};

struct country {
	struct sim *sim;
	struct site site[SITES];
	struct prescale_config growth;
	struct prescale prescale;
	int resized;
};

static void resized(void *owner)
{
	((struct country *)owner)->resized++;
}

/* Three sites of 10 and 20 servers, of at most 1000. */
static void found(struct country *country, const struct site_config *of)
{
	struct sim *sim = sim_new(1, 0);
	*country = (struct country){.sim = sim};
	for (int i = 0; i < SITES; i++) {
		struct site *site = &country->site[i];
		site_init(site, sim, of, i);
		site->owner = country;
		site->resized = resized;
		for (int s = 0; s < 2; s++)
			service_init(&site->of[s].service, sim, &service, i, 10 * (s + 1), 1000);
	}
}

static void stop(struct sim *sim, void *subject, uint64_t unused)
{
	(void)subject;
	(void)unused;
	sim_close(sim);
}

static void run_until(struct sim *sim, int64_t until)
{
	sim_open(sim);
	sim_at(sim, until, stop, NULL, 0);
	sim_replay(sim, NULL, NULL, NULL, INT64_MAX, NULL);
}

static void check_sites(void)
{
	struct country country;
	found(&country, &config);
	struct site *site = &country.site[0];
	for (int i = 0; i < 30; i++) {
		site_asked(site, 0, 4 * second, true);
		site_asked(site, 1, 10 * second, false);
	}
	run_until(country.sim, minute);
	near_to(site->of[0].demand, 2, 1e-12, "120 s of work in a minute are two servers");
	near_to(site->of[1].demand, 5, 1e-12, "300 are five");
	near_to(site->start_rate * 60e9, 30, 1e-9, "thirty have begun something");
	near_to(country.site[1].of[0].demand, 0, 0, "nobody has asked for another site");
	run_until(country.sim, 2 * minute);
	near_to(site->of[0].demand, 0, 0, "each period is looked at for itself");

	site_lose_zone(site, true);
	ok(site_servers(site, 0) == 7 && site_servers(site, 1) == 14, "a zone takes a third of the servers along");
	near_to(site->of[1].service.limiter.limit, 28, 0, "and of what a fixed limit admits");
	site_lose_zone(site, false);
	ok(site_servers(site, 0) == 10 && site_servers(site, 1) == 20, "and brings them back");
	int before = country.resized;
	site->of[1].service.down++;
	site_lose(site, true);
	ok(site_servers(site, 0) == 0 && site->of[0].service.down, "a site is lost with its services");
	site_lose(site, false);
	ok(site_servers(site, 0) == 10 && !site->of[0].service.down, "then it is back");
	ok(site->of[1].service.down, "but for a service that has failed by itself");
	is_int(country.resized - before, 2, "each time its owner is told");
	sim_free(country.sim);

	struct site_config scales = config;
	scales.scales = true;
	found(&country, &scales);
	run_until(country.sim, 5 * minute);
	ok(site_servers(&country.site[0], 1) < 20, "services that scale shrink when nobody asks");
	sim_free(country.sim);
}

/* ---- what others order ---- */

static const struct prescale_kind *kind_of(const char *name)
{
	for (int i = 0; prescale_kinds[i]; i++)
		if (strcmp(prescale_names[i], name) == 0)
			return prescale_kinds[i];
	bail("no kind %s", name);
}

/* Site 0 is lost; its clients kept 6 and 3 servers at work and began 40 things, those of the others 4 and 8, and 20. */
static void lose(struct country *country, const char *kind, double spares)
{
	found(country, &config);
	for (int i = 0; i < SITES; i++) {
		site_asked(&country->site[i], 0, (i == 0 ? 6 : 4) * minute, true);
		site_asked(&country->site[i], 1, (i == 0 ? 3 : 8) * minute, false);
		for (int k = 1; k < (i == 0 ? 40 : 20); k++)
			site_asked(&country->site[i], 0, 0, true);
	}
	run_until(country->sim, minute);
	country->growth = (struct prescale_config){.kind = kind_of(kind), .target = 0.5, .spares = spares,
						   .warm = 15 * second, .cold = 10 * minute};
	prescale_init(&country->prescale, country->sim, &country->growth);
	country->prescale.sites = SITES;
	for (int i = 0; i < SITES; i++)
		country->prescale.site[i] = &country->site[i];
	site_lose(&country->site[0], true);
	prescale_order(&country->prescale, &country->site[0]);
}

static void check_prescale(void)
{
	struct country country;
	/* By demand: (4 + 6 / 2) / 0.5 = 14 of 10, (8 + 3 / 2) / 0.5 = 19 of 20. */
	lose(&country, "demand", 0);
	ok(!prescale_done(&country.prescale), "what was ordered is not there at once");
	run_until(country.sim, 11 * minute);
	ok(prescale_done(&country.prescale), "but when it has started");
	ok(site_servers(&country.site[1], 0) == 14 && site_servers(&country.site[1], 1) == 20,
	   "by demand one service grows and the other need not");
	ok(country.site[0].of[0].service.scaler.servers == 10, "the lost site orders nothing");
	is_int(country.site[2].of[0].service.scaler.least, 14, "what was ordered is kept");
	prescale_end(&country.prescale);
	is_int(country.site[2].of[0].service.scaler.least, 1, "until it may go");
	sim_free(country.sim);

	/* Uniformly: the lost site began as much as both others together, so each doubles: 16 of 10, 32 of 20. */
	lose(&country, "uniform", 0);
	run_until(country.sim, 11 * minute);
	prescale_done(&country.prescale);
	ok(site_servers(&country.site[1], 0) == 16 && site_servers(&country.site[1], 1) == 32,
	   "uniformly both grow alike: one too little or the other too much");
	sim_free(country.sim);

	lose(&country, "off", 0);
	ok(prescale_done(&country.prescale) && site_servers(&country.site[1], 0) == 10, "off: nothing is waited for");
	sim_free(country.sim);

	lose(&country, "demand", 0.3);
	run_until(country.sim, minute + 15 * second);
	ok(!prescale_done(&country.prescale) && site_servers(&country.site[1], 0) == 13,
	   "three spares are at work soon, and one server must be started");
	sim_free(country.sim);
	lose(&country, "demand", 0.5);
	run_until(country.sim, minute + 15 * second);
	ok(prescale_done(&country.prescale), "with spares enough all is there soon");
	sim_free(country.sim);
}

int main(void)
{
	check_sites();
	check_prescale();
	return done_testing();
}
