/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/compaction.h"

void compaction_init(struct compaction *compaction, struct pool *disk, double rate, double bandwidth,
		     double table_bytes, double chunk)
{
	CHECK(rate >= 0 && bandwidth > 0 && table_bytes > 0 && chunk > 0);
	*compaction = (struct compaction){.disk = disk, .rate = rate, .bandwidth = bandwidth,
					  .table_bytes = table_bytes, .chunk = chunk};
}

static void begin_chunk(struct sim *sim, void *subject, uint64_t begun);

static void end_chunk(struct sim *sim, void *subject, uint64_t begun)
{
	struct compaction *compaction = subject;
	compaction->debt -= compaction->chunk;
	if (compaction->merged)
		compaction->merged(compaction->owner, compaction->chunk);
	int64_t next = sim->now;
	if (!compaction->hurried) {
		int64_t allowed = (int64_t)begun + (int64_t)(compaction->chunk / compaction->rate * 1e9);
		next = allowed > next ? allowed : next;
	}
	sim_at(sim, next, begin_chunk, compaction, 0);
}

static void begin_chunk(struct sim *sim, void *subject, uint64_t unused)
{
	struct compaction *compaction = subject;
	(void)unused;
	if (compaction->debt < compaction->chunk) {
		compaction->working = false;
		return;
	}
	int64_t service = (int64_t)(compaction->chunk / compaction->bandwidth * 1e9);
	pool_enter(compaction->disk, service, end_chunk, compaction, (uint64_t)sim->now, NULL);
}

void compaction_add(struct compaction *compaction, double bytes)
{
	compaction->debt += bytes;
	if (compaction->working || compaction->rate == 0 || compaction->debt < compaction->chunk)
		return;
	compaction->working = true;
	begin_chunk(compaction->disk->sim, compaction, 0);
}
