/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When each unit of the last window was admitted, in a ring of times that doubles when it is full. No window of the
 * given length, wherever it begins, holds more than the limit; the price is eight bytes for each unit of it.
 */
#include "model/ratelimit.h"

enum { FIRST_ROOM = 4 };

struct log {
	int64_t *time; /* a ring, oldest first */
	int64_t room, first, count;
};

static int64_t time_of(const struct log *log, int64_t number)
{
	return log->time[(log->first + number) & (log->room - 1)];
}

/* A unit counts for `window` ns from its instant on, that one included. */
static void advance(const struct ratelimit_rule *rule, void *state, int64_t now)
{
	struct log *log = state;
	while (log->count > 0 && time_of(log, 0) <= now - rule->window) {
		log->first = (log->first + 1) & (log->room - 1);
		log->count--;
	}
}

static int64_t left(const struct ratelimit_rule *rule, const void *state, int64_t now)
{
	const struct log *log = state;
	(void)now;
	return log->count < rule->limit ? rule->limit - log->count : 0;
}

static void grow(struct log *log, struct arena *arena)
{
	int64_t room = log->room ? 2 * log->room : FIRST_ROOM;
	int64_t *time = ARENA_ARRAY(arena, (size_t)room, int64_t);
	for (int64_t i = 0; i < log->count; i++)
		time[i] = time_of(log, i);
	*log = (struct log){time, room, 0, log->count};
}

/* Times stay in order: one that goes back is written down as the newest before it. */
static void charge(const struct ratelimit_rule *rule, void *state, int64_t now, int64_t cost, struct arena *arena)
{
	struct log *log = state;
	(void)rule;
	for (int64_t unit = 0; unit < cost; unit++) {
		if (log->count == log->room)
			grow(log, arena);
		int64_t newest = log->count > 0 ? time_of(log, log->count - 1) : now;
		log->time[(log->first + log->count++) & (log->room - 1)] = newest > now ? newest : now;
	}
}

static int64_t wait(const struct ratelimit_rule *rule, const void *state, int64_t now, int64_t cost)
{
	const struct log *log = state;
	int64_t over = log->count + cost - rule->limit; /* so many of the oldest must go */
	if (over <= 0)
		return 0;
	return cost <= rule->limit ? time_of(log, over - 1) + rule->window - now : -1;
}

static size_t bytes(const void *state)
{
	const struct log *log = state;
	return sizeof *log + (size_t)log->room * sizeof *log->time;
}

const struct ratelimit_kind ratelimit_sliding_log = {
	.name = "sliding-log",
	.about = "when each unit of the last window was admitted: exact",
	.size = sizeof(struct log),
	.advance = advance,
	.left = left,
	.charge = charge,
	.wait = wait,
	.bytes = bytes,
};
