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

void terminals_begin(struct terminals *terminals, int64_t count, size_t bytes)
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

static void book(const struct terminal *terminal, int64_t in, bool counts)
{
	const struct terminals *terminals = terminal->of;
	int64_t now = terminals->sim->now;
	if (counts)
		booking_count(terminals->answered, now, 1);
	booking_record(terminals->response, terminal->sent, now + in - terminal->sent);
}

void terminal_leaves(struct terminal *terminal, bool counts)
{
	book(terminal, 0, counts);
	freelist_give(&terminal->of->gone, terminal);
}

void terminal_answered(struct terminal *terminal, int64_t in, bool counts)
{
	struct terminals *terminals = terminal->of;
	struct sim *sim = terminals->sim;
	int64_t wait = in;
	book(terminal, in, counts);
	if (terminals->think) {
		struct rng rng = rng_of(terminals->stream, terminal->id);
		wait += dist_draw_time(terminals->think, &rng);
	}
	sim_after(sim, wait, send, terminal, 0);
}
