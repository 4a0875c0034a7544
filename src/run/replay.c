/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows begin by events, as faults do. A trace of which no windows are known is one, from its start to its last row.
 * Everything is allocated inside the world that is replayed.
 */
#include "run/replay.h"
#include "engine/dmath.h"
#include "param/param_walk.h"
#include "run/breakage.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Samples that must lie beyond a percentile for it to be told; how often progress is told. */
enum { BEYOND = 10, REPORT_EVERY = 1 << 16 };

struct player {
	const struct setup *setup;
	struct replay *replay;
	void *world;
	const struct trace_window *stretch;
	struct row_source ending, *rows; /* `ending` notes the end of `rows` */
	struct sim *sim;
	struct sim_player playing;
	const struct replay_looks *looks; /* NULL: no pictures are wanted */
	struct breakage breakage;
	bool random_rows;                 /* a recipe draws them, or a column of a file */
};

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct player *player = self;
	meters_row(&player->replay->meters, sim->now);
	player->setup->of->arrive(sim, player->world, row);
}

static void window_begins(struct sim *sim, void *self, uint64_t number)
{
	struct player *player = self;
	const struct trace_window *window = &player->stretch[number];
	if (number > 0)
		meters_window(&player->replay->meters, sim->now, window->window);
	meters_window_lasts(&player->replay->meters, window->lasts);
}

/* The source is asked for more when its last row has arrived: what comes later is drain. */
static size_t fill_to_the_end(struct row_source *source, struct row *rows, size_t capacity)
{
	struct player *player = (struct player *)((char *)source - offsetof(struct player, ending));
	size_t count = player->rows->fill(player->rows, rows, capacity);
	if (count == 0) {
		meters_window_lasts(&player->replay->meters, player->sim->now);
		breakage_trace_ended(&player->breakage);
	}
	return count;
}

static void look(struct sim *sim, void *self, uint64_t number)
{
	struct player *player = self;
	const struct replay_looks *looks = player->looks;
	(void)sim;
	looks->view->look(player->world, looks->arena, &looks->picture[number]);
}

static struct replay *begin(const struct setup *setup, struct row_source *source, int64_t replication, int slowest,
			    const struct replay_looks *looks)
{
	struct sim *sim = sim_new((uint64_t)setup->run.seed, (uint64_t)replication);
	struct replay *replay = ARENA_NEW(&sim->arena, struct replay);
	struct player *player = ARENA_NEW(&sim->arena, struct player);
	*player = (struct player){.setup = setup, .replay = replay, .sim = sim, .ending.fill = fill_to_the_end,
				  .rows = source};
	player->looks = looks;
	replay->sim = sim;
	meters_init(&replay->meters, &sim->arena, setup->metrics, setup->run.warmup, setup->run.series);
	if (slowest > 0) {
		replay->journeys = ARENA_NEW(&sim->arena, struct journeys);
		journeys_init(replay->journeys, &sim->arena, slowest);
	}
	const struct setup_trace *trace = &setup->trace;
	/* Rows of somebody else, in place of a recipe's, know no windows. */
	int stretches = trace->recipe ? 0 : trace->stretches;
	player->stretch = trace->stretch;
	if (!source)
		player->stretch = recipe_windows(trace->recipe, &stretches);
	meters_window(&replay->meters, 0, stretches ? player->stretch[0].window : 0);
	player->random_rows = !source || source->random;
	if (!source)
		source = recipe_rows(&sim->arena, trace->recipe, (uint64_t)setup->run.seed, (uint64_t)replication,
				     setup->share);
	else if (!stretches)
		source = &player->ending;
	for (int w = 0; w < stretches; w++)
		sim_at(sim, player->stretch[w].start, window_begins, player, (uint64_t)w);
	struct case_world world = {.sim = sim, .meters = &replay->meters, .journeys = replay->journeys,
				   .params = setup->params, .share = setup->share, .slice = setup->slice};
	player->world = setup->of->build(&world);
	const struct trace_window *last = stretches ? &player->stretch[stretches - 1] : NULL;
	breakage_init(&player->breakage, sim, setup->of, player->world, setup->faults, setup->fault_count,
		      last ? last->start + last->lasts : INT64_MAX);
	for (int i = 0; looks && i < looks->count; i++)
		sim_at(sim, looks->at[i], look, player, (uint64_t)i);
	sim_begin(sim, &player->playing, source, arrive, player, setup->run.drain);
	replay->player = player;
	return replay;
}

struct replay *replay_begin(const struct setup *setup, struct row_source *source, int64_t replication, int slowest)
{
	return begin(setup, source, replication, slowest, NULL);
}

bool replay_step(struct replay *replay, uint32_t budget)
{
	bool more = sim_step(replay->sim, &replay->player->playing, budget);
	replay->rows = replay->player->playing.rows;
	replay->events = replay->sim->events;
	return more;
}

void replay_end(struct replay *replay)
{
	const struct player *player = replay->player;
	struct sim *sim = replay->sim;
	if (player->setup->of->finish)
		player->setup->of->finish(sim, player->world);
	for (const struct sim_begun *begun = sim->latest; begun; begun = begun->before, replay->unfinished++)
		meters_unfinished(&replay->meters, begun->since, sim->now - begun->since);
	meters_end(&replay->meters, sim->now);
	if (replay->journeys)
		journeys_sort(replay->journeys);
	replay->end = sim->now;
	replay->drew = player->random_rows || sim->streams > 0;
	replay->digest = meters_digest(&replay->meters, replay->rows);
}

struct replay *replay_run(const struct setup *setup, struct row_source *source, int64_t replication, int slowest,
			  const struct sim_progress *progress)
{
	struct replay *replay = replay_begin(setup, source, replication, slowest);
	while (replay_step(replay, REPORT_EVERY) && !replay->stopped)
		replay->stopped = progress && !progress->report(progress->host, replay->sim->now, replay->rows,
								replay->events);
	replay_end(replay);
	return replay;
}
bool replay_look(const struct setup *setup, int64_t replication, const struct replay_looks *looks)
{
	if (!setup->trace.recipe)
		return false;
	for (int i = 0; i < looks->count; i++)
		looks->picture[i] = (struct case_picture){0};
	struct replay *replay = begin(setup, NULL, replication, 0, looks);
	while (replay_step(replay, REPORT_EVERY)) {
	}
	replay_end(replay);
	replay_free(replay);
	return true;
}

bool replay_tell(const struct setup *setup, int64_t replication, struct arena *arena, struct case_story *story)
{
	*story = (struct case_story){0};
	if (!setup->trace.recipe)
		return false;
	struct replay *replay = replay_run(setup, NULL, replication, 0, NULL);
	setup->of->tell(replay->player->world, arena, story);
	replay_free(replay);
	return true;
}

void replay_free(struct replay *replay)
{
	if (replay)
		sim_free(replay->sim);
}

static int window_find(const struct meters *meters, int64_t label)
{
	/* Labels mostly rise. */
	for (int low = 0, high = meters->windows; low < high;) {
		int middle = low + (high - low) / 2;
		if (meters->window[middle].label == label)
			return middle;
		if (meters->window[middle].label < label)
			low = middle + 1;
		else
			high = middle;
	}
	for (int w = 0; w < meters->windows; w++)
		if (meters->window[w].label == label)
			return w;
	return -1;
}

static double of_hist(const struct hist *hist, const struct term *term, bool between, double unit)
{
	const char *statistic = term->statistic;
	if (term->p >= 0 && between)
		return hist->count > 0 ? hist_percentile_between(hist, term->p) * unit : NAN;
	if (term->p >= 0)
		return (double)hist->count * (1 - term->p) < BEYOND ? NAN
								    : (double)hist_percentile(hist, term->p) * unit;
	if (hist->count == 0)
		return strcmp(statistic, "sum") == 0 ? 0 : NAN;
	if (strcmp(statistic, "mean") == 0)
		return hist_mean(hist) * unit;
	if (strcmp(statistic, "sd") == 0)
		return hist_deviation(hist) * unit;
	if (strcmp(statistic, "sum") == 0)
		return (double)hist->sum * unit;
	return (double)(strcmp(statistic, "min") == 0 ? hist->least : hist->greatest) * unit;
}

/* How often something was booked, or how much work: in one window (-1: in all). */
static double count_of(const struct meters *meters, int metric, int window)
{
	const struct metric *row = &meters->metric[metric];
	if (metric_is_distribution(row))
		return (double)meter_hist(meters, metric, window)->count;
	return (double)meter_total(meters, metric, window) * metric_scale(row);
}

static double of_level(const struct meters *meters, int metric, int window, int64_t counted, const char *statistic)
{
	double unit = metric_scale(&meters->metric[metric]);
	if (strcmp(statistic, "max") == 0)
		return (double)meter_greatest(meters, metric, window) * unit;
	if (counted <= 0)
		return NAN;
	if (strcmp(statistic, "sd") == 0)
		return meter_level_deviation(meters, metric, window) * unit;
	return (double)meter_total(meters, metric, window) / (double)counted * unit;
}

static double offered(const struct setup *setup, const struct meters *meters, int window)
{
	double rows = 0;
	for (int w = 0; w < meters->windows; w++)
		if (window < 0 || w == window)
			rows += (double)meters->window[w].rows;
	int64_t counted = window < 0 ? meters->counted : meters->window[window].counted;
	return counted > 0 ? rows / ((double)counted * 1e-9) / setup->share : NAN;
}

/* Interpolated between windows on logarithmic axes, where such curves are smooth. */
static double knee(const struct setup *setup, const struct meters *meters, int metric)
{
	double first = NAN, load_before = NAN, tail_before = NAN;
	for (int w = 0; w < meters->windows; w++) {
		const struct hist *hist = meter_hist(meters, metric, w);
		double load = offered(setup, meters, w), tail = (double)hist_percentile(hist, 0.99);
		if (hist->count == 0 || !(load > 0) || !(tail > 0))
			continue;
		if (isnan(first))
			first = tail;
		if (tail > 3 * first) {
			double part = dm_log(3 * first / tail_before) / dm_log(tail / tail_before);
			return load_before * dm_exp(part * dm_log(load / load_before));
		}
		load_before = load;
		tail_before = tail;
	}
	return load_before;
}

static double param_value(const struct setup *setup, const char *path)
{
	struct param_walk found;
	if (!param_walk_find(&found, setup->of->params, setup->params, path))
		return NAN;
	return param_number(found.row, found.in) * (found.row->unit == QUANTITY_TIME ? 1e-9 : 1);
}

static double term_value(const struct setup *setup, const struct meters *meters, const struct term *term, bool between)
{
	const char *statistic = term->statistic;
	if (strcmp(statistic, "param") == 0)
		return param_value(setup, term->metric);
	int window = term->windowed ? window_find(meters, term->window) : -1;
	if (term->windowed && window < 0)
		return NAN;
	if (strcmp(statistic, "offered") == 0)
		return offered(setup, meters, window);
	int metric = metric_find(meters->metric, term->metric);
	if (metric < 0)
		return NAN;
	if (strcmp(statistic, "knee") == 0)
		return knee(setup, meters, metric);
	int64_t counted = window < 0 ? meters->counted : meters->window[window].counted;
	const struct metric *row = &meters->metric[metric];
	bool amount = strcmp(statistic, "count") == 0 || (row->kind == METRIC_WORK && strcmp(statistic, "sum") == 0);
	if (amount)
		return count_of(meters, metric, window) / setup->share;
	if (strcmp(statistic, "rate") == 0)
		return counted > 0 ? count_of(meters, metric, window) / ((double)counted * 1e-9) / setup->share : NAN;
	if (row->kind == METRIC_LEVEL)
		return of_level(meters, metric, window, counted, statistic);
	return metric_is_distribution(row)
		       ? of_hist(meter_hist(meters, metric, window), term, between, metric_scale(row))
		       : NAN;
}

double replay_term(const struct setup *setup, const struct meters *meters, const struct term *term)
{
	return term_value(setup, meters, term, false);
}

double replay_term_between(const struct setup *setup, const struct meters *meters, const struct term *term)
{
	return term_value(setup, meters, term, true);
}
