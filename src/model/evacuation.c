/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An evacuation looks at itself every ten seconds of its time. Events carry its number, so that those of one that has
 * ended find that they are late.
 */
#include "model/evacuation.h"
#include "base/check.h"

static const int64_t look = INT64_C(10000000000);
static const double all_served = 0.99, all_drained = 0.9; /* of the requests seen between two looks */

void evacuation_init(struct evacuation *evacuation, struct sim *sim, const struct evacuation_config *config)
{
	CHECK(config->decide >= 0 && config->shift >= 0);
	*evacuation = (struct evacuation){.sim = sim, .config = config, .lost = -1, .shift_from = -1};
}

static bool is_over(const struct evacuation *evacuation, uint64_t number)
{
	return evacuation->lost < 0 || evacuation->number != number;
}

static void change_name(struct sim *sim, void *subject, uint64_t number)
{
	struct evacuation *evacuation = subject;
	(void)sim;
	if (!is_over(evacuation, number))
		evacuation->rename(evacuation->owner, evacuation->lost, true);
}

static void move_traffic(struct evacuation *evacuation)
{
	const struct evacuation_config *config = evacuation->config;
	bool at_once = config->rename_first || !config->passes_on;
	evacuation->shift_from = evacuation->sim->now;
	sim_after(evacuation->sim, at_once ? 0 : config->shift, change_name, evacuation, evacuation->number);
}

/* Whether that share of the requests is reached; the first time, how long it took is booked. */
static bool reached(const struct evacuation *evacuation, bool before, int64_t count, double share,
		    struct booking booking)
{
	if (before || evacuation->seen == 0 || (double)count < share * (double)evacuation->seen)
		return before;
	booking_record(booking, evacuation->since, evacuation->sim->now - evacuation->since);
	return true;
}

static void watch(struct sim *sim, void *subject, uint64_t number)
{
	struct evacuation *evacuation = subject;
	if (is_over(evacuation, number))
		return;
	if (evacuation->shift_from < 0 && evacuation->grown(evacuation->owner))
		move_traffic(evacuation);
	evacuation->is_served = reached(evacuation, evacuation->is_served, evacuation->elsewhere, all_served,
					evacuation->served);
	evacuation->is_drained = reached(evacuation, evacuation->is_drained, evacuation->direct, all_drained,
					 evacuation->drained);
	evacuation->seen = evacuation->elsewhere = evacuation->direct = 0;
	sim_after(sim, look, watch, evacuation, number);
}

static void decided(struct sim *sim, void *subject, uint64_t number)
{
	struct evacuation *evacuation = subject;
	if (is_over(evacuation, number))
		return;
	evacuation->grow(evacuation->owner, evacuation->lost);
	if (evacuation->config->shift_first)
		move_traffic(evacuation);
	evacuation->seen = evacuation->elsewhere = evacuation->direct = 0;
	watch(sim, evacuation, number);
}

void evacuation_begin(struct evacuation *evacuation, int site)
{
	if (evacuation->lost >= 0)
		return;
	evacuation->number++;
	evacuation->lost = site;
	evacuation->shift_from = -1;
	evacuation->since = evacuation->sim->now;
	evacuation->is_served = evacuation->is_drained = false;
	sim_after(evacuation->sim, evacuation->config->decide, decided, evacuation, evacuation->number);
}

void evacuation_end(struct evacuation *evacuation, int site)
{
	if (evacuation->lost != site)
		return;
	evacuation->lost = -1;
	evacuation->shift_from = -1;
	evacuation->rename(evacuation->owner, site, false);
}

bool evacuation_passes_on(const struct evacuation *evacuation, uint64_t client)
{
	const struct evacuation_config *config = evacuation->config;
	if (!config->passes_on || evacuation->shift_from < 0)
		return false;
	int64_t since = evacuation->sim->now - evacuation->shift_from;
	double place = (double)(int64_t)(rng_mix(client + UINT64_C(0x5851f42d4c957f2d)) >> 11) * 0x1p-53;
	return since >= config->shift || place * (double)config->shift < (double)since;
}

void evacuation_saw(struct evacuation *evacuation, bool direct, bool passed_on)
{
	evacuation->seen++;
	evacuation->direct += direct;
	evacuation->elsewhere += direct || passed_on;
}
