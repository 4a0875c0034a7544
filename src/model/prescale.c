/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the autoscalers have ordered by themselves meanwhile is not waited for, and does not count: it comes later.
 */
#include "model/prescale.h"

#include <math.h>

static double demand(const struct site *left, const struct site *lost, int service, double part)
{
	(void)left;
	return lost->of[service].demand * part;
}

static double uniform(const struct site *left, const struct site *lost, int service, double part)
{
	if (!(left->start_rate > 0))
		return demand(left, lost, service, part);
	return left->of[service].demand * lost->start_rate * part / left->start_rate;
}

#define PRESCALES(_) _(off, NULL) _(uniform, uniform) _(demand, demand)

#define KIND(name, more) static const struct prescale_kind kind_##name = {#name, more};
PRESCALES(KIND)

#define LISTED(name, more) &kind_##name,
const struct prescale_kind *const prescale_kinds[] = {PRESCALES(LISTED) NULL};

#define NAME(name, more) #name,
const char *const prescale_names[] = {PRESCALES(NAME) NULL};

void prescale_init(struct prescale *prescale, struct sim *sim, const struct prescale_config *config)
{
	CHECK(config->target > 0 && config->spares >= 0 && config->warm >= 0 && config->cold >= 0);
	*prescale = (struct prescale){.sim = sim, .config = config};
}

/* Orders what a service needs that takes over `more` servers' worth of work. */
static void order(const struct prescale *prescale, struct site_service *of, double more)
{
	const struct prescale_config *config = prescale->config;
	struct autoscaler *scaler = &of->service.scaler;
	int64_t now = prescale->sim->now;
	int64_t missing = (int64_t)ceil((of->demand + more) / config->target) - scaler->servers;
	if (missing <= 0)
		return;
	int64_t spares = (int64_t)((double)scaler->servers * config->spares);
	int64_t warm = autoscaler_order(scaler, now, missing < spares ? missing : spares, config->warm);
	int64_t cold = autoscaler_order(scaler, now, missing - warm, config->cold);
	scaler->least = of->wanted = scaler->servers + warm + cold;
}

void prescale_order(struct prescale *prescale, const struct site *lost)
{
	const struct prescale_kind *kind = prescale->config->kind;
	int left = 0;
	for (int i = 0; i < prescale->sites; i++)
		left += !prescale->site[i]->down;
	for (int i = 0; i < prescale->sites; i++) {
		struct site *site = prescale->site[i];
		for (int s = 0; s < site->config->services; s++) {
			site->of[s].wanted = 0;
			if (kind->more && !site->down)
				order(prescale, &site->of[s], kind->more(site, lost, s, 1.0 / left));
		}
	}
}

bool prescale_done(struct prescale *prescale)
{
	bool done = true;
	for (int i = 0; i < prescale->sites; i++) {
		struct site *site = prescale->site[i];
		for (int s = 0; s < site->config->services; s++)
			if (autoscaler_take(&site->of[s].service.scaler, prescale->sim->now) < site->of[s].wanted)
				done = false;
		site_resize(site);
	}
	return done;
}

void prescale_end(struct prescale *prescale)
{
	for (int i = 0; i < prescale->sites; i++)
		for (int s = 0; s < prescale->site[i]->config->services; s++)
			prescale->site[i]->of[s].service.scaler.least = 1;
}
