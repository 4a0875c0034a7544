/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where are the drivers? Positions in the memory of single-threaded workers. A worker owns cities, or cells of the map
 * by a consistent hash ring. A look around a place asks every worker that owns a cell near it and waits for all of
 * them. Position reports and reads of open apps are background load (model/worker.h), spread over cities and cells by
 * power laws: the k-th largest city has a share ~ k^-skew, the k-th busiest cell one ~ (k + shift)^-skew.
 *
 * A worker that dies takes its positions along. Until that is noticed, looks that need it wait; then its cells belong
 * to the next worker of the ring (its cities to the next one alive), which knows nothing until drivers have reported
 * again.
 */
#ifndef MODEL_GEOINDEX_H
#define MODEL_GEOINDEX_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/sim.h"
#include "model/hexgrid.h"
#include "model/journey.h"
#include "model/ring.h"
#include "model/worker.h"

struct geoindex_config {
	bool by_city;        /* a city is a shard, instead of a cell */
	int workers, points; /* points of a worker on the ring */
	int cities;
	double city_skew, cell_skew;
	int64_t cell_shift;
	int64_t visit_cost;             /* ns of a worker to answer one look */
	int64_t report_cost, read_cost; /* ns of a worker for one report, one read */
	int rings;                      /* around a place that a look covers */
	const struct dist *network;     /* one way, ns */
	int64_t detect;                 /* ns until a dead worker is noticed */
};

struct geoindex {
	struct sim *sim;
	const struct geoindex_config *config;
	const struct hexgrid *grid;
	struct ring ring;
	struct worker *worker;
	bool *known_dead;
	double *share;  /* of a worker, in reports and reads */
	int64_t *moved; /* when the cells that a worker would own last changed hands; -1: never */
	double *cell_weight, *city_weight;
	double reports, reads; /* per ns, of all, since `loaded` */
	double reported, read; /* sums over time, up to `loaded`; and up to each worker's last visit */
	double *reported_to, *read_to;
	int64_t loaded;
	int64_t *died;
	int64_t last_move; /* of all; -1: never */
	struct rng_stream stream;
	int *disk;
	struct freelist looks; /* answered ones */
};

/* config, grid and what they point to outlive the index. */
void geoindex_init(struct geoindex *index, struct sim *sim, const struct geoindex_config *config,
		   const struct hexgrid *grid);

/* Background from now on: reports and reads per ns of all workers together. */
void geoindex_load(struct geoindex *index, double reports, double reads);

/* There has been no background since the last geoindex_load, and is none until the next. */
void geoindex_idle(struct geoindex *index);

/*
 * A look around a cell: answered(sim, subject, detail) fires when all have answered. `id` keys its draws. `journey`
 * as for pools.
 */
void geoindex_look(struct geoindex *index, uint64_t id, int city, int cell, sim_event_fn *answered, void *subject,
		   uint64_t detail, struct journey *const *journey);

/* Reports made at or before this instant of drivers in the cell are lost; -1: none are. */
int64_t geoindex_blind(const struct geoindex *index, int city, int cell);

/* The largest share of the background that one worker has. */
double geoindex_hottest(const struct geoindex *index);

void geoindex_kill(struct geoindex *index, int worker);
void geoindex_revive(struct geoindex *index, int worker);

/* Shares ~ (k + shift)^-skew of the ranks 1 to `count`, summing to 1. */
void geoindex_shares(double *share, int count, double skew, int64_t shift);

#endif
