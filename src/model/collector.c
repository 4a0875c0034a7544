/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/collector.h"

/* However much is held, some room is left: a heap that is full collects all the time, but it does go on. */
static const double least_headroom = 0.05;

void collector_init(struct collector *collector, const struct collector_config *config, double phase,
		    double young_phase)
{
	CHECK(config->headroom > 0 && config->rate > 0 && config->eden >= 0);
	CHECK(config->survivors >= 0 && config->survivors <= 1);
	CHECK(phase >= 0 && phase < 1 && young_phase >= 0 && young_phase < 1);
	*collector = (struct collector){
		.config = *config, .young = young_phase * config->eden, .used = phase * config->headroom
	};
}

static int64_t pause(struct collector *collector, double alive)
{
	collector->pauses++;
	return collector->config.floor + (int64_t)(alive / collector->config.rate * 1e9);
}

/* The old generation, or the only one. */
static int64_t fill(struct collector *collector, double bytes)
{
	const struct collector_config *config = &collector->config;
	collector->used += bytes;
	double room = config->heap - config->eden - config->live - collector->held;
	if (room > config->headroom)
		room = config->headroom;
	if (room < config->headroom * least_headroom)
		room = config->headroom * least_headroom;
	if (collector->used < room)
		return 0;
	/* What went beyond the room is in the next cycle. */
	collector->used = collector->used < 2 * room ? collector->used - room : 0;
	int64_t length = pause(collector, config->live + collector->held);
	collector_hold(collector, -collector->kept);
	collector->kept = 0;
	return length;
}

int64_t collector_allocate(struct collector *collector, double bytes)
{
	const struct collector_config *config = &collector->config;
	if (!config->on)
		return 0;
	if (config->eden <= 0)
		return fill(collector, bytes);
	collector->young += bytes;
	if (collector->young < config->eden)
		return 0;
	collector->young = 0;
	double survivors = config->survivors * config->eden;
	int64_t length = pause(collector, survivors);
	return length + fill(collector, survivors);
}
