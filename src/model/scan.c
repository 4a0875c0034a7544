/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/scan.h"

struct scan {
	struct scans *scans;
	struct node *node;
	uint64_t key;
	int64_t cells; /* still to come */
	struct scan_cost cost;
	double held;
	sim_event_fn *done;
	void *subject;
	uint64_t detail;
};

static void go_on(struct sim *sim, void *subject, uint64_t unused)
{
	struct scan *scan = subject;
	(void)unused;
	if (scan->cells > 0) {
		int64_t cells = scan->cells < SCAN_SLICE ? scan->cells : SCAN_SLICE;
		double bytes = (double)cells * (double)scan->cost.cell_bytes;
		scan->cells -= cells;
		if (scan->cost.kept) {
			scan->held += bytes;
			collector_hold(&scan->node->collector, bytes);
		}
		node_serve(scan->node, scan->key, cells * scan->cost.cell_cpu, 0, bytes, go_on, scan, 0, NULL);
		return;
	}
	struct scan ended = *scan;
	collector_hold(&ended.node->collector, -ended.held);
	freelist_give(&ended.scans->ended, scan);
	ended.done(sim, ended.subject, ended.detail);
}

void scan_begin(struct scans *scans, struct node *node, uint64_t key, int64_t cells, const struct scan_cost *cost,
		sim_event_fn *done, void *subject, uint64_t detail)
{
	struct scan *scan = FREELIST_TAKE(&scans->ended, &scans->sim->arena, struct scan);
	*scan = (struct scan){.scans = scans, .node = node, .key = key, .cells = cells, .cost = *cost,
			      .done = done, .subject = subject, .detail = detail};
	go_on(scans->sim, scan, 0);
}
