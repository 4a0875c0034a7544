/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/terminals.h"

void terminals_init(struct terminals *terminals, struct sim *sim, const struct dist *think, const char *stream)
{
	*terminals = (struct terminals){.sim = sim, .think = think, .stream = sim_stream(sim, stream)};
}

static void send(struct sim *sim, void *subject, uint64_t unused)
{
	struct terminal *terminal = subject;
	struct terminals *terminals = terminal->of;
	(void)unused;
	terminal->id = terminals->requests++;
	terminal->sent = sim->now;
	terminals->send(terminals->owner, terminal);
}

static void come(struct terminals *terminals, int64_t count, size_t bytes)
{
	CHECK(bytes >= sizeof(struct terminal) && (!terminals->bytes || terminals->bytes == bytes));
	terminals->bytes = bytes;
	for (int64_t i = 0; i < count; i++) {
		struct terminal *terminal = freelist_get(&terminals->gone, &terminals->sim->arena, bytes);
		memset(terminal, 0, bytes);
		terminal->of = terminals;
		sim_after(terminals->sim, 0, send, terminal, 0);
	}
}

void terminals_begin(struct terminals *terminals, int64_t count, size_t bytes)
{
	CHECK(!terminals->kept);
	come(terminals, count, bytes);
}

void terminals_keep(struct terminals *terminals, int64_t count, int64_t until, size_t bytes)
{
	terminals->kept = true;
	terminals->wanted = count;
	terminals->until = until;
	come(terminals, count > terminals->present ? count - terminals->present : 0, bytes);
	for (; terminals->present < count; terminals->present++)
		sim_open(terminals->sim);
}

static bool leaves(struct terminal *terminal)
{
	struct terminals *terminals = terminal->of;
	struct sim *sim = terminals->sim;
	if (!terminals->kept || (sim->now < terminals->until && terminals->present <= terminals->wanted))
		return false;
	terminals->present--;
	sim_close(sim);
	freelist_give(&terminals->gone, terminal);
	return true;
}

void terminal_answered(struct terminal *terminal, int64_t in, bool counts)
{
	struct terminals *terminals = terminal->of;
	struct sim *sim = terminals->sim;
	int64_t wait = in;
	if (counts)
		booking_count(terminals->answered, sim->now, 1);
	booking_record(terminals->response, terminal->sent, sim->now + in - terminal->sent);
	if (leaves(terminal))
		return;
	if (terminals->think) {
		struct rng rng = rng_of(terminals->stream, terminal->id);
		wait += dist_draw_time(terminals->think, &rng);
	}
	sim_after(sim, wait, send, terminal, 0);
}
