/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An answer's time is known when the question is asked, because a worker is first come first served: so a look is one
 * event, whatever the number of workers it asks. The background between two questions to a worker is spread evenly over
 * that time.
 */
#include "model/geoindex.h"

#include "engine/dmath.h"

enum { ASKED = 64 };       /* workers that one look asks at most */
enum { RETRY = 100000000 }; /* ns */

struct geoindex_look {
	struct geoindex *index;
	uint64_t id, detail;
	int city, cell;
	sim_event_fn *answered;
	void *subject;
	struct journey *const *journey;
};

void geoindex_shares(double *share, int count, double skew, int64_t shift)
{
	double sum = 0;
	for (int i = 0; i < count; i++)
		sum += share[i] = dm_pow((double)(i + 1 + shift), -skew);
	for (int i = 0; i < count; i++)
		share[i] /= sum;
}

static uint64_t key_of(int city, int cell)
{
	return (uint64_t)city << 32 | (uint64_t)cell;
}

/* The worker that would own the cell were all alive. */
static int first_owner(const struct geoindex *index, int city, int cell)
{
	if (index->config->by_city)
		return city % index->config->workers;
	return ring_owners(&index->ring, key_of(city, cell))[0];
}

static int owner_of(const struct geoindex *index, int city, int cell)
{
	int workers = index->config->workers, first = first_owner(index, city, cell);
	if (!index->config->by_city) {
		const uint16_t *owner = ring_owners(&index->ring, key_of(city, cell));
		for (int i = 0; i < index->ring.replicas; i++)
			if (!index->known_dead[owner[i]])
				return owner[i];
	}
	for (int i = 0; i < workers; i++)
		if (!index->known_dead[(first + i) % workers])
			return (first + i) % workers;
	return first;
}

static void share_out(struct geoindex *index)
{
	for (int w = 0; w < index->config->workers; w++)
		index->share[w] = 0;
	for (int city = 0; city < index->config->cities; city++)
		for (int cell = 0; cell < index->grid->cells; cell++)
			index->share[owner_of(index, city, cell)] +=
				index->city_weight[city] * index->cell_weight[cell];
}

/* Brings the sums over time up to now. */
static void sum_up(struct geoindex *index)
{
	double passed = (double)(index->sim->now - index->loaded);
	index->reported += index->reports * passed;
	index->read += index->reads * passed;
	index->loaded = index->sim->now;
}

/* What has come in at a worker since its last visit. */
static struct worker_background background_of(struct geoindex *index, int worker)
{
	struct worker_background background = {.cost = {index->config->report_cost, index->config->read_cost}};
	double share = index->share[worker], passed = (double)(index->sim->now - index->worker[worker].seen);
	sum_up(index);
	if (passed > 0) {
		background.rate[0] = share * (index->reported - index->reported_to[worker]) / passed;
		background.rate[1] = share * (index->read - index->read_to[worker]) / passed;
	}
	index->reported_to[worker] = index->reported;
	index->read_to[worker] = index->read;
	return background;
}

void geoindex_init(struct geoindex *index, struct sim *sim, const struct geoindex_config *config,
		   const struct hexgrid *grid)
{
	*index = (struct geoindex){.sim = sim, .config = config, .grid = grid, .last_move = -1};
	size_t workers = (size_t)config->workers;
	index->stream = sim_stream(sim, "index");
	index->worker = ARENA_ARRAY(&sim->arena, workers, struct worker);
	index->known_dead = ARENA_ARRAY(&sim->arena, workers, bool);
	index->share = ARENA_ARRAY(&sim->arena, workers, double);
	index->moved = ARENA_ARRAY(&sim->arena, workers, int64_t);
	index->reported_to = ARENA_ARRAY(&sim->arena, workers, double);
	index->read_to = ARENA_ARRAY(&sim->arena, workers, double);
	index->died = ARENA_ARRAY(&sim->arena, workers, int64_t);
	index->cell_weight = ARENA_ARRAY(&sim->arena, (size_t)grid->cells, double);
	index->city_weight = ARENA_ARRAY(&sim->arena, (size_t)config->cities, double);
	index->disk = ARENA_ARRAY(&sim->arena, (size_t)hexgrid_cells(config->rings), int);
	struct rng_stream background = sim_stream(sim, "background");
	for (int w = 0; w < config->workers; w++) {
		worker_init(&index->worker[w], rng_of(background, (uint64_t)w));
		index->moved[w] = -1;
	}
	int replicas = config->workers < 3 ? config->workers : 3;
	ring_init(&index->ring, &sim->arena, config->workers, config->points, replicas);
	geoindex_shares(index->cell_weight, grid->cells, config->cell_skew, config->cell_shift);
	geoindex_shares(index->city_weight, config->cities, config->city_skew, 0);
	share_out(index);
}

void geoindex_load(struct geoindex *index, double reports, double reads)
{
	sum_up(index);
	index->reports = reports;
	index->reads = reads;
}

void geoindex_idle(struct geoindex *index)
{
	index->reports = index->reads = 0;
	index->loaded = index->sim->now;
}

/* Which workers have to be asked; *dead is one of them that does not answer, or -1. */
static int whom(const struct geoindex *index, const struct geoindex_look *look, int *asked, int *dead)
{
	int count = 0, cells = 1;
	index->disk[0] = look->cell;
	if (!index->config->by_city)
		cells = hexgrid_disk(index->grid, look->cell, index->config->rings, index->disk);
	*dead = -1;
	for (int i = 0; i < cells && count < ASKED; i++) {
		int owner = owner_of(index, look->city, index->disk[i]);
		bool known = false;
		for (int k = 0; k < count; k++)
			known = known || asked[k] == owner;
		if (known)
			continue;
		asked[count++] = owner;
		if (!index->worker[owner].alive)
			*dead = owner;
	}
	return count;
}

static void ask(struct sim *sim, void *subject, uint64_t unused)
{
	struct geoindex_look *look = subject;
	struct geoindex *index = look->index;
	(void)unused;
	int asked[ASKED], dead, count = whom(index, look, asked, &dead);
	if (dead >= 0) { /* it is asked again when everybody knows */
		journey_note(look->journey, sim->now, "worker", dead, "does not answer", -1);
		int64_t again = index->died[dead] + index->config->detect;
		if (again <= sim->now) /* all are dead: somebody may come back */
			again = sim->now + (index->config->detect > RETRY ? index->config->detect : RETRY);
		sim_at(sim, again, ask, look, 0);
		return;
	}
	int64_t latest = sim->now;
	struct rng rng = rng_of(index->stream, look->id);
	for (int k = 0; k < count; k++) {
		struct worker_background background = background_of(index, asked[k]);
		int64_t hops = dist_draw_time(index->config->network, &rng);
		hops += dist_draw_time(index->config->network, &rng);
		int64_t back =
			hops + worker_visit(&index->worker[asked[k]], sim->now, index->config->visit_cost, &background);
		journey_note_time(look->journey, sim->now, "worker", asked[k], "answers after", back - sim->now);
		latest = back > latest ? back : latest;
	}
	sim_at(sim, latest, look->answered, look->subject, look->detail);
	freelist_give(&index->looks, look);
}

void geoindex_look(struct geoindex *index, uint64_t id, int city, int cell, sim_event_fn *answered, void *subject,
		   uint64_t detail, struct journey *const *journey)
{
	struct geoindex_look *look = FREELIST_TAKE(&index->looks, &index->sim->arena, struct geoindex_look);
	*look = (struct geoindex_look){.index = index,
				       .id = id,
				       .city = city,
				       .cell = cell,
				       .answered = answered,
				       .subject = subject,
				       .detail = detail,
				       .journey = journey};
	ask(index->sim, look, 0);
}

int64_t geoindex_blind(const struct geoindex *index, int city, int cell)
{
	return index->moved[first_owner(index, city, cell)];
}

double geoindex_hottest(const struct geoindex *index)
{
	double hottest = 0;
	for (int w = 0; w < index->config->workers; w++)
		hottest = index->share[w] > hottest ? index->share[w] : hottest;
	return hottest;
}

/* Cells of a worker change hands: the new owner knows nothing. */
static void change_hands(struct geoindex *index, int worker, bool dead)
{
	index->known_dead[worker] = dead;
	index->moved[worker] = index->last_move = index->sim->now;
	share_out(index);
}

static void noticed(struct sim *sim, void *subject, uint64_t worker)
{
	struct geoindex *index = subject;
	(void)sim;
	if (!index->worker[worker].alive)
		change_hands(index, (int)worker, true);
}

void geoindex_kill(struct geoindex *index, int worker)
{
	index->worker[worker].alive = false;
	index->died[worker] = index->sim->now;
	sim_after(index->sim, index->config->detect, noticed, index, (uint64_t)worker);
}

void geoindex_revive(struct geoindex *index, int worker)
{
	index->worker[worker].alive = true;
	worker_restart(&index->worker[worker], index->sim->now);
	sum_up(index);
	index->reported_to[worker] = index->reported;
	index->read_to[worker] = index->read;
	change_hands(index, worker, false);
}
