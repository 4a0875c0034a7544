/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/migrator.h"

struct worker {
	struct migrator *migrator;
	struct node *node;
	uint64_t range;
	int64_t begun, rows, batch; /* rows still to come; rows in the operation under way */
	struct rng rng;             /* of the range */
};

void migrator_init(struct migrator *migrator, struct sim *sim, const struct migrator_config *config)
{
	*migrator = (struct migrator){.sim = sim, .config = config, .stream = sim_stream(sim, "ranges"),
				      .scans = {.sim = sim}};
}

static void range_begin(struct sim *sim, void *subject, uint64_t unused);

static void read_batch(struct sim *sim, void *subject, uint64_t unused)
{
	struct worker *worker = subject;
	struct migrator *migrator = worker->migrator;
	const struct migrator_config *config = migrator->config;
	(void)unused;
	if (worker->batch > 0)
		booking_count(migrator->moved, sim->now, (uint64_t)worker->batch);
	worker->batch = worker->rows < MIGRATOR_BATCH ? worker->rows : MIGRATOR_BATCH;
	if (worker->batch == 0) {
		booking_record(migrator->range, sim->now, sim->now - worker->begun);
		range_begin(sim, worker, 0);
		return;
	}
	worker->rows -= worker->batch;
	node_serve(worker->node, worker->range, worker->batch * config->row_cpu,
		   dist_draw_time(config->disk_read, &worker->rng), (double)worker->batch * (double)config->row_bytes,
		   read_batch, worker, 0, NULL);
}

static void range_begin(struct sim *sim, void *subject, uint64_t unused)
{
	struct worker *worker = subject;
	struct migrator *migrator = worker->migrator;
	const struct migrator_config *config = migrator->config;
	(void)unused;
	worker->range = migrator->next_range++;
	worker->rng = rng_of(migrator->stream, worker->range);
	worker->begun = sim->now;
	worker->rows = config->range_rows;
	int64_t cells = rng_unit(&worker->rng) < config->dense ? config->dense_cells : 0;
	scan_begin(&migrator->scans, worker->node, worker->range, cells, &config->cell, read_batch, worker, 0);
}

void migrator_add_worker(struct migrator *migrator, struct node *node)
{
	struct worker *worker = ARENA_NEW(&migrator->sim->arena, struct worker);
	*worker = (struct worker){.migrator = migrator, .node = node};
	sim_after(migrator->sim, 0, range_begin, worker, 0);
}
