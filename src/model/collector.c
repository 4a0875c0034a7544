/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/collector.h"

/* However much is held, some room is left: a heap that is full collects all the time, but it does go on. */
static const double least_headroom = 0.05;

void collector_init(struct collector *collector, bool on, double heap, double headroom, double live, double rate,
		    int64_t floor, double phase)
{
	CHECK(headroom > 0 && rate > 0 && phase >= 0 && phase < 1);
	*collector = (struct collector){.on = on,
					.heap = heap,
					.headroom = headroom,
					.live = live,
					.rate = rate,
					.floor = floor,
					.used = phase * headroom};
}

int64_t collector_allocate(struct collector *collector, double bytes)
{
	if (!collector->on)
		return 0;
	collector->used += bytes;
	double room = collector->heap - collector->live - collector->held;
	if (room > collector->headroom)
		room = collector->headroom;
	if (room < collector->headroom * least_headroom)
		room = collector->headroom * least_headroom;
	if (collector->used < room)
		return 0;
	collector->used = 0;
	collector->pauses++;
	int64_t length = collector->floor + (int64_t)((collector->live + collector->held) / collector->rate * 1e9);
	collector_hold(collector, -collector->kept);
	collector->kept = 0;
	return length;
}
