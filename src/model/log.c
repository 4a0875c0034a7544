/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/log.h"

struct log_waiter {
	struct log_waiter *next;
	int64_t position;
	sim_event_fn *durable;
	void *subject;
	uint64_t detail;
};

void log_init(struct log *log, struct sim *sim, const struct dist *takes, bool grouped, struct rng_stream stream,
	      uint64_t number)
{
	*log = (struct log){.sim = sim, .takes = takes, .grouped = grouped, .rng = rng_of(stream, number)};
}

int64_t log_append(struct log *log)
{
	return ++log->appended;
}

static void forced(struct sim *sim, void *subject, uint64_t crashes);

static void begin(struct log *log)
{
	log->forcing = log->grouped ? log->appended : log->first->position;
	log->forces++;
	booking_count(log->begun, log->sim->now, 1);
	sim_after(log->sim, dist_draw_time(log->takes, &log->rng), forced, log, log->crashes);
}

/* The first who waits has what it waits for. */
static struct log_waiter take(struct log *log)
{
	struct log_waiter *waiter = log->first, taken = *waiter;
	log->first = waiter->next;
	freelist_give(&log->waiters, waiter);
	return taken;
}

static void forced(struct sim *sim, void *subject, uint64_t crashes)
{
	struct log *log = subject;
	if (crashes != log->crashes)
		return;
	if (log->forcing > log->forced)
		log->forced = log->forcing;
	log->forcing = 0;
	if (!log->grouped) {
		struct log_waiter mine = take(log);
		if (log->first)
			begin(log);
		mine.durable(sim, mine.subject, mine.detail);
		return;
	}
	/* The next force begins before those whom this one served go on and ask again. */
	const struct log_waiter *waiter = log->first;
	while (waiter && waiter->position <= log->forced)
		waiter = waiter->next;
	if (waiter)
		begin(log);
	while (log->first && log->first->position <= log->forced && crashes == log->crashes) {
		struct log_waiter served = take(log);
		served.durable(sim, served.subject, served.detail);
	}
}

void log_force(struct log *log, int64_t position, sim_event_fn *durable, void *subject, uint64_t detail)
{
	CHECK(position > 0 && position <= log->appended);
	if (log->grouped && position <= log->forced && !log->first) {
		durable(log->sim, subject, detail);
		return;
	}
	if (log->at_once && log->takes->kind == DIST_CONST && log->takes->scale < 0.5) {
		log->forced = log->appended;
		log->forces++;
		booking_count(log->begun, log->sim->now, 1);
		durable(log->sim, subject, detail);
		return;
	}
	struct log_waiter *waiter = FREELIST_TAKE(&log->waiters, &log->sim->arena, struct log_waiter);
	*waiter = (struct log_waiter){NULL, position, durable, subject, detail};
	if (log->first)
		log->last->next = waiter;
	else
		log->first = waiter;
	log->last = waiter;
	if (log->forcing == 0)
		begin(log);
}

int64_t log_crash(struct log *log)
{
	int64_t gone = log->appended - log->forced;
	log->crashes++;
	log->appended = log->forced;
	log->forcing = 0;
	while (log->first) {
		struct log_waiter *waiter = log->first;
		log->first = waiter->next;
		freelist_give(&log->waiters, waiter);
	}
	return gone;
}
