/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrivals are a renewal process whose gaps have mean 1, run through the accumulated rate: the clock on which the gaps
 * are measured advances by rate * dt. The rate is constant on short pieces (a calendar minute; a 64th of a ramp), taken
 * at the middle of each, so that one multiplication turns a gap into time. Which rows are a burst's extra ones is drawn
 * for each row in proportion to the rates.
 *
 * The gaps are exponential (a Poisson process) or gamma; sums over long stretches then vary cv^2 times as much as
 * Poisson's.
 */
#include "trace/recipe.h"
#include "base/check.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"
#include "trace/date.h"
#include "trace/maker.h"

#include <stdio.h>
#include <string.h>

enum { BURSTS_MAX = 100, RAMP_PIECES = 64, MEAN_PIECES = 10080, MODULATIONS_MAX = 8 };
static const double rate_max = 1e12; /* rows per second */

static const int64_t minute = 60000000000, hour = 3600000000000; /* ns */

struct growth_point {
	int64_t date;  /* ns since 1970-01-01 */
	double rate;   /* units per second */
	double slope;  /* of its logarithm, per second, up to the next point and beyond the last */
	double stored; /* units since the first point */
};

struct burst {
	int64_t at, rise, plateau, decay;
	double factor;
	bool one_window;
	int64_t window;
	struct maker *made[ROW_VALUES]; /* NULL: as in other rows */
};

/* A factor of the rate, drawn anew for each stretch of time. */
struct modulation {
	int64_t every;
	struct dist factor; /* mean 1 */
};

struct window {
	struct trace_window is;
	double step_rate; /* 0: by date */
	bool has_calendar;
	struct maker **made; /* per column; NULL: as in other windows */
};

struct recipe {
	const struct column *columns;
	int column_count;
	struct growth_point *growth;
	int points;
	bool anchored;        /* `stored` is known */
	double stored_offset; /* units stored at the first point of growth */
	double per_message;
	double daily[24], weekly[7];
	double peak; /* of the smooth day; 0: daily[] */
	int64_t peak_at;
	int64_t gap;
	struct dist gaps; /* between arrivals, mean 1 */
	struct window *window;
	struct trace_window *listed;
	int windows;
	int64_t lasts;
	struct burst *burst;
	int bursts;
	struct modulation modulation[MODULATIONS_MAX];
	int modulations;
	struct maker *made[ROW_VALUES];
	bool says[ROW_VALUES]; /* how it is made */
	bool needs_calendar, needs_stored;
};

/* ---- what the rate is at an instant ---- */

static double seconds(int64_t ns)
{
	return (double)ns * 1e-9;
}

static const struct growth_point *segment(const struct recipe *recipe, int64_t calendar)
{
	int i = recipe->points - 1;
	while (i > 0 && calendar < recipe->growth[i].date)
		i--;
	return &recipe->growth[i];
}

double recipe_growth(const struct recipe *recipe, int64_t calendar)
{
	if (recipe->points == 0)
		return 0;
	const struct growth_point *point = segment(recipe, calendar);
	return point->rate * dm_exp(point->slope * seconds(calendar - point->date));
}

/* Units since the first point (negative before it): the integral of rate * exp(slope * t). */
static double accumulated(const struct recipe *recipe, int64_t calendar)
{
	const struct growth_point *point = segment(recipe, calendar);
	double t = seconds(calendar - point->date), grown = point->slope * t;
	if (grown > -1e-6 && grown < 1e-6) /* (exp(x) - 1) / x without its cancellation */
		return point->stored + point->rate * t * (1 + grown * 0.5);
	return point->stored + point->rate * (dm_exp(grown) - 1) / point->slope;
}

double recipe_stored(const struct recipe *recipe, int64_t calendar)
{
	if (!recipe->anchored)
		return 0;
	double stored = recipe->stored_offset + accumulated(recipe, calendar);
	return stored > 0 ? stored : 0;
}

static double season(const struct recipe *recipe, int64_t calendar)
{
	int64_t day = calendar / DATE_DAY, in_day = calendar % DATE_DAY;
	double factor = recipe->weekly[(day + 3) % 7]; /* 1970-01-01 was a Thursday */
	if (recipe->peak > 0)
		return factor * (1 + (recipe->peak - 1) * date_wave(in_day, recipe->peak_at));
	return factor * recipe->daily[in_day / hour];
}

/* Rows per second of the whole fleet, bursts aside. */
static double base_rate(const struct recipe *recipe, const struct window *window, int64_t offset)
{
	if (window->step_rate > 0)
		return window->step_rate;
	int64_t calendar = window->is.calendar + offset;
	return recipe_growth(recipe, calendar) * recipe->per_message * season(recipe, calendar);
}

static int64_t to_minute(const struct window *window, int64_t offset)
{
	return window->step_rate > 0 ? INT64_MAX : minute - (window->is.calendar + offset) % minute;
}

static double mean_rate(const struct recipe *recipe, const struct window *window)
{
	int64_t lasts = window->is.lasts, step = lasts / MEAN_PIECES > minute ? lasts / MEAN_PIECES : minute;
	double rows = 0;
	if (window->step_rate > 0)
		return window->step_rate;
	for (int64_t at = 0; at < lasts;) {
		int64_t length = step > minute ? step : to_minute(window, at);
		length = length < lasts - at ? length : lasts - at;
		rows += base_rate(recipe, window, at + length / 2) * (double)length;
		at += length;
	}
	return rows / (double)lasts;
}

/* ---- rows ---- */

struct recipe_source {
	struct row_source source;
	const struct recipe *recipe;
	double share;
	struct rng arrivals;
	struct rng_stream streams[ROW_VALUES], bursting;
	uint64_t id;
	int window;
	int64_t piece, piece_length; /* ns from the window's start */
	double offset;               /* ns within the piece, of the last arrival */
	double gap;                  /* to the next one, on the clock of the rate */
	double per_ns, ns_per_row;   /* the rate of the piece and its inverse */
	double stored, stored_per_ns;
	struct row usual;            /* the values that all rows have, where neither a burst nor a window says other */
	int varied[ROW_VALUES], varied_count; /* columns with other values, those that go by a word last */
	double extra[BURSTS_MAX]; /* of each burst, as a part of the rate */
	struct rng_stream modulating[MODULATIONS_MAX];
	int64_t stretch[MODULATIONS_MAX]; /* that the factor is of; -1: none yet */
	double factor[MODULATIONS_MAX];
	bool bursting_now;
};

/* The part of its height that a burst has reached at the middle of a stretch that crosses none of its corners. */
static double burst_height(const struct burst *burst, int64_t from, int64_t length)
{
	double at = (double)(from - burst->at) + (double)length * 0.5;
	double decaying = at - (double)(burst->rise + burst->plateau);
	if (at <= 0 || decaying >= (double)burst->decay)
		return 0;
	if (at < (double)burst->rise)
		return at / (double)burst->rise;
	return decaying <= 0 ? 1 : 1 - decaying / (double)burst->decay;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How far it is to the next corner of a burst, or to the end of a piece of its ramp. */
static int64_t burst_stretch(const struct burst *burst, int64_t from)
{
	int64_t corner[] = {burst->at, burst->rise, burst->plateau, burst->decay}, start = 0;
	for (int i = 0; i < 4; i++) {
		int64_t end = start + corner[i];
		if (from < end) {
			bool ramp = i == 1 || i == 3;
			int64_t piece = corner[i] / RAMP_PIECES + 1;
			return ramp ? least(end - from, piece) : end - from;
		}
		start = end;
	}
	return INT64_MAX;
}

/* The product of the factors at an instant of the calendar; *length is cut where one of them changes. */
static double modulated(struct recipe_source *source, int64_t calendar, int64_t *length)
{
	double product = 1;
	for (int i = 0; i < source->recipe->modulations; i++) {
		const struct modulation *modulation = &source->recipe->modulation[i];
		int64_t stretch = calendar / modulation->every;
		if (stretch != source->stretch[i]) {
			struct rng rng = rng_of(source->modulating[i], (uint64_t)stretch);
			source->factor[i] = dist_draw(&modulation->factor, &rng);
			source->stretch[i] = stretch;
		}
		product *= source->factor[i];
		*length = least(*length, modulation->every - calendar % modulation->every);
	}
	return product;
}

/* Sets the piece that starts at source->piece. */
static void piece_begin(struct recipe_source *source)
{
	const struct recipe *recipe = source->recipe;
	const struct window *window = &recipe->window[source->window];
	int64_t from = source->piece, length = least(window->is.lasts - from, to_minute(window, from));
	bool mine[BURSTS_MAX];
	for (int i = 0; i < recipe->bursts; i++) {
		const struct burst *burst = &recipe->burst[i];
		mine[i] = !burst->one_window || burst->window == window->is.window;
		if (mine[i])
			length = least(length, burst_stretch(burst, from));
	}
	/* windows without a date come one after the other in the calendar, too */
	double factor =
		modulated(source, (window->has_calendar ? window->is.calendar : window->is.start) + from, &length);
	double rate = base_rate(recipe, window, from + length / 2) * factor, extra = 0;
	for (int i = 0; i < recipe->bursts; i++) {
		source->extra[i] =
			mine[i] ? (recipe->burst[i].factor - 1) * burst_height(&recipe->burst[i], from, length) : 0;
		extra += source->extra[i];
	}
	for (int i = 0; i < recipe->bursts; i++)
		source->extra[i] /= 1 + extra;
	source->bursting_now = extra > 0;
	source->piece_length = length;
	source->offset = 0;
	source->per_ns = rate * (1 + extra) * source->share * 1e-9;
	source->ns_per_row = 1 / source->per_ns;
	if (recipe->needs_stored) {
		int64_t calendar = window->is.calendar + from;
		source->stored = recipe_stored(recipe, calendar);
		source->stored_per_ns = (recipe_stored(recipe, calendar + length) - source->stored) / (double)length;
	}
}

static void draw_gap(struct recipe_source *source)
{
	const struct dist *gaps = &source->recipe->gaps;
	source->gap = gaps->kind == DIST_EXP ? rng_exp(&source->arrivals) : dist_draw(gaps, &source->arrivals);
}

/* Moves to the next arrival; false at the end of the last window. */
static bool next_arrival(struct recipe_source *source)
{
	const struct recipe *recipe = source->recipe;
	if (source->window >= recipe->windows) /* asked once more after a block that was not full */
		return false;
	for (;;) {
		double offset = source->offset + source->gap * source->ns_per_row;
		if (offset < (double)source->piece_length) {
			source->offset = offset;
			return true;
		}
		source->gap -= ((double)source->piece_length - source->offset) * source->per_ns;
		if (source->gap < 0)
			source->gap = 0;
		source->piece += source->piece_length;
		if (source->piece >= recipe->window[source->window].is.lasts) {
			if (++source->window >= recipe->windows)
				return false;
			source->piece = 0;
			draw_gap(source);
		}
		piece_begin(source);
	}
}

static void make_values(struct recipe_source *source, struct row *row, const struct maker_moment *moment)
{
	const struct recipe *recipe = source->recipe;
	const struct burst *burst = NULL;
	struct maker *made[ROW_VALUES], **of_window = recipe->window[source->window].made;
	if (!of_window && !source->bursting_now) {
		for (int k = 0; k < source->varied_count; k++) {
			int i = source->varied[k];
			row->value[i] = maker_value(recipe->made[i], source->streams[i], row, moment);
		}
		return;
	}
	if (source->bursting_now) {
		struct rng rng = rng_of(source->bursting, row->id);
		double at = rng_unit(&rng);
		for (int i = 0; i < recipe->bursts && !burst; i++) {
			if (at < source->extra[i])
				burst = &recipe->burst[i];
			at -= source->extra[i];
		}
	}
	for (int i = 0; i < recipe->column_count; i++) {
		made[i] = burst && burst->made[i] ? burst->made[i]
			  : of_window && of_window[i] ? of_window[i] : recipe->made[i];
		if (maker_by(made[i]) < 0)
			row->value[i] = maker_value(made[i], source->streams[i], row, moment);
	}
	for (int i = 0; i < recipe->column_count; i++)
		if (maker_by(made[i]) >= 0)
			row->value[i] = maker_value(made[i], source->streams[i], row, moment);
}

static size_t fill(struct row_source *of, struct row *rows, size_t capacity)
{
	struct recipe_source *source = (struct recipe_source *)of;
	size_t count = 0;
	while (count < capacity && next_arrival(source)) {
		const struct trace_window *window = &source->recipe->window[source->window].is;
		int64_t offset = source->piece + (int64_t)source->offset;
		struct maker_moment moment = {window->calendar + offset,
					      source->stored + source->offset * source->stored_per_ns};
		struct row *row = &rows[count++];
		*row = source->usual;
		row->time = window->start + offset;
		row->id = source->id++;
		row->window = window->window;
		make_values(source, row, &moment);
		draw_gap(source);
	}
	return count;
}

struct row_source *recipe_rows(struct arena *arena, const struct recipe *recipe, uint64_t seed, uint64_t replication,
			       double share)
{
	CHECK(share > 0);
	struct recipe_source *source = ARENA_NEW(arena, struct recipe_source);
	source->source.fill = fill;
	source->recipe = recipe;
	source->share = share;
	source->arrivals = rng_start(rng_stream(seed, replication, "trace.arrivals"));
	source->bursting = rng_stream(seed, replication, "trace.bursts");
	for (int i = 0; i < recipe->modulations; i++) {
		char name[40];
		snprintf(name, sizeof name, "trace.modulation.%d", i);
		source->modulating[i] = rng_stream(seed, replication, name);
		source->stretch[i] = -1;
	}
	for (int i = 0; i < recipe->column_count; i++)
		source->streams[i] = maker_stream(&recipe->columns[i], seed, replication);
	for (int by_word = 0; by_word <= 1; by_word++)
		for (int i = 0; i < recipe->column_count; i++)
			if (!maker_fixed(recipe->made[i], &source->usual.value[i]) &&
			    (maker_by(recipe->made[i]) >= 0) == by_word)
				source->varied[source->varied_count++] = i;
	draw_gap(source);
	piece_begin(source);
	return &source->source;
}

const struct trace_window *recipe_windows(const struct recipe *recipe, int *count)
{
	*count = recipe->windows;
	return recipe->listed;
}

bool recipe_makes(const struct recipe *recipe, int index)
{
	return recipe->says[index];
}

bool recipe_burst(const struct recipe *recipe, int index, int64_t *from, int64_t *to)
{
	for (int w = 0; w < recipe->windows; w++)
		for (int i = 0; i < recipe->bursts; i++) {
			const struct burst *burst = &recipe->burst[i];
			if ((burst->one_window && burst->window != recipe->window[w].is.window) || index-- > 0)
				continue;
			*from = recipe->window[w].is.start + burst->at;
			*to = *from + burst->rise + burst->plateau + burst->decay;
			return true;
		}
	return false;
}

int64_t recipe_lasts(const struct recipe *recipe)
{
	return recipe->lasts;
}

/* ---- reading ---- */

struct loading {
	struct recipe *recipe;
	const struct param_reader *reader;
	struct err *err;
};

struct head_keys {
	double per_message;
	int64_t gap;
};

static const struct param head_table[] = {
	PARAM_REAL(struct head_keys, per_message, "1", "1e-6", "1e6", "requests for each unit of growth"),
	PARAM_TIME(struct head_keys, gap, "2 s", "0 s", "1 d", "quiet time between windows"),
	PARAM_END
};

struct point_keys {
	int64_t date;
	double rate;
};

static const struct param point_table[] = {
	PARAM_TIME(struct point_keys, date, "0 d", "0 d", "106660 d", "when"),
	PARAM_RATE(struct point_keys, rate, "0 /s", "0 /s", "1e12 /s", "units per time then"),
	PARAM_END
};

struct stored_keys {
	int64_t date, count;
};

static const struct param stored_table[] = {
	PARAM_TIME(struct stored_keys, date, "0 d", "0 d", "106660 d", "when"),
	PARAM_COUNT(struct stored_keys, count, "0", "0", "1000000 T", "units there were"),
	PARAM_END
};

struct daily_keys {
	double peak;
	int64_t hour;
};

static const struct param daily_table[] = {
	PARAM_REAL(struct daily_keys, peak, "1", "1", "2", "rate at the peak, relative to the day's mean"),
	PARAM_TIME(struct daily_keys, hour, "20 h", "0 h", "24 h", "when the peak is"),
	PARAM_END
};

struct clustering_keys {
	double cv;
};

static const struct param clustering_table[] = {
	PARAM_REAL(struct clustering_keys, cv, "1", "0", "10", "coefficient of variation of the time between arrivals"),
	PARAM_END
};

struct modulation_keys {
	int64_t every;
	double cv;
};

static const struct param modulation_table[] = {
	PARAM_TIME(struct modulation_keys, every, "1 min", "1 ms", "3650 d", "for how long a factor holds"),
	PARAM_REAL(struct modulation_keys, cv, "0.5", "0", "100", "coefficient of variation of the factors"),
	PARAM_END};

enum scale { SCALE_LINEAR, SCALE_LOG };
static const char *const scale_names[] = {"linear", "log", NULL};

struct window_keys {
	int64_t date, dates, at, lasts, steps;
	double rate, from, to;
	int scale;
};

static const struct param window_table[] = {
	PARAM_TIME(struct window_keys, date, "0 d", "0 d", "106660 d", "its day"),
	PARAM_TIME(struct window_keys, dates, "0 d", "0 d", "106660 d", "a window for each of these days"),
	PARAM_TIME(struct window_keys, at, "0 h", "0 h", "24 h", "the time of day at which it starts"),
	{.name = "for", .type = PARAM_TYPE_TIME, .unit = QUANTITY_TIME,
	 .offset = PARAM_OFFSET(struct window_keys, lasts, int64_t), .fallback = "60 s", .least = "1 us",
	 .greatest = "36500 d", .help = "how long it lasts"},
	PARAM_RATE(struct window_keys, rate, "0 /s", "0 /s", "1e12 /s", "rows per time of a step"),
	PARAM_RATE(struct window_keys, from, "0 /s", "0 /s", "1e12 /s", "rate of the first of several steps"),
	PARAM_RATE(struct window_keys, to, "0 /s", "0 /s", "1e12 /s", "rate of the last"),
	PARAM_COUNT(struct window_keys, steps, "0", "0", "10 k", "how many steps"),
	PARAM_CHOICE(struct window_keys, scale, scale_names, "linear", "how the rates between are spaced"),
	PARAM_END
};

struct burst_keys {
	int64_t at, rise, plateau, decay;
	double factor;
};

static const struct param burst_table[] = {
	PARAM_TIME(struct burst_keys, at, "0 s", "0 s", "3650 d", "when it begins, from the start of its window"),
	PARAM_TIME(struct burst_keys, rise, "0 s", "0 s", "3650 d", "how long the rate grows"),
	PARAM_TIME(struct burst_keys, plateau, "0 s", "0 s", "3650 d", "how long it stays"),
	PARAM_TIME(struct burst_keys, decay, "0 s", "0 s", "3650 d", "how long it falls"),
	PARAM_REAL(struct burst_keys, factor, "2", "1", "1e6",
		   "rate at the top, relative to the rate without the burst"),
	PARAM_END
};

const struct param *recipe_numbers(const char *section)
{
	static const struct {
		const char *section;
		const struct param *table;
	} tables[] = {{"recipe", head_table},	    {"growth", point_table}, {"stored", stored_table},
		      {"daily", daily_table},	    {"window", window_table}, {"burst", burst_table},
		      {"clustering", clustering_table}, {"modulation", modulation_table}, {NULL, NULL}};
	int index = words_find(WORDS(tables), section);
	return index >= 0 ? tables[index].table : maker_numbers(section);
}

/*
 * Reads a map of numbers by its table. A `date` becomes its days; the keys in `apart` (ends with NULL; may be
 * NULL) are read elsewhere.
 */
static bool load_map(struct loading *load, const struct param *table, void *target, const struct tree *map,
		     const char *what, const char *const *apart)
{
	struct arena *arena = load->reader->arena;
	param_defaults(table, target, load->reader);
	if (!reader_must_be(load->err, map, TREE_MAP, what))
		return false;
	char where[80];
	snprintf(where, sizeof where, " in %.60s", what);
	struct tree *numbers = tree_map(arena, map->place);
	bool good = true;
	struct words others = WORDS(apart);
	for (const struct tree *entry = map->child; entry; entry = entry->next) {
		int64_t days;
		if (words_find(others, entry->key) >= 0 || reader_is_note(entry))
			continue;
		if (!param_find(table, entry->key)) {
			good = words_unknown(load->err, ERR_MODEL, &entry->key_place, "key", entry->key, where,
					     WORDS_AND(table, &others));
			continue;
		}
		struct tree *copy = ARENA_NEW(arena, struct tree);
		*copy = *entry;
		copy->next = NULL;
		if (strcmp(entry->key, "date") == 0 && entry->kind == TREE_SCALAR) {
			if (!date_parse(entry->text, &days)) {
				good = err_add(load->err, ERR_MODEL, &entry->place,
					       "date: \"%.40s\" is not a date between 1970-01-01 and 2261-12-31, e.g. "
					       "2017-01-01",
					       entry->text);
				continue;
			}
			copy->text = arena_format(arena, "%lld d", (long long)days);
		}
		tree_append(numbers, entry->key, entry->key_place, copy);
	}
	return param_load(table, target, numbers, what, load->reader, load->err) && good;
}

static bool needs(struct loading *load, const struct tree *map, const char *key, const char *what, const char *example)
{
	return tree_get(map, key) ||
	       err_add(load->err, ERR_MODEL, &map->place, "%s needs %s, e.g. %s", what, key, example);
}

/* The first entry of a list, or the only one. */
static const struct tree *entries(const struct tree *section)
{
	return section->kind == TREE_LIST ? section->child : section;
}

static const struct tree *entry_next(const struct tree *section, const struct tree *entry)
{
	return section->kind == TREE_LIST ? entry->next : NULL;
}

/* It is for people, and not looked up: a recipe may be used by many models. */
static bool source_is_text(struct loading *load, const struct tree *entry)
{
	int mistakes = load->err->count;
	reader_text(entry, "source", load->err);
	return load->err->count == mistakes;
}

static bool load_growth(struct loading *load, const struct tree *section)
{
	struct recipe *recipe = load->recipe;
	if (section->kind != TREE_LIST || !section->child)
		return err_add(load->err, ERR_MODEL, &section->place,
			       "growth must be a list of points, e.g. - {date: 2017-01-01, rate: 120 M/d}");
	recipe->growth = ARENA_ARRAY(load->reader->arena, (size_t)tree_count(section), struct growth_point);
	bool good = true;
	for (const struct tree *entry = section->child; entry; entry = entry->next) {
		struct point_keys keys;
		struct growth_point *point = &recipe->growth[recipe->points];
		if (!load_map(load, point_table, &keys, entry, "growth", keys_growth) || !source_is_text(load, entry) ||
		    !needs(load, entry, "date", "a point of growth", "2017-01-01") ||
		    !needs(load, entry, "rate", "a point of growth", "120 M/d")) {
			good = false;
			continue;
		}
		if (!(keys.rate > 0))
			good = err_add(load->err, ERR_MODEL, &entry->place, "a point of growth needs a rate above 0");
		else if (recipe->points && keys.date <= point[-1].date)
			good = err_add(load->err, ERR_MODEL, &entry->place,
				       "points of growth must be in order of their dates");
		*point = (struct growth_point){.date = keys.date, .rate = keys.rate};
		recipe->points++;
	}
	struct growth_point *g = recipe->growth;
	for (int i = 0; good && i + 1 < recipe->points; i++) {
		double dt = seconds(g[i + 1].date - g[i].date);
		g[i].slope = dm_log(g[i + 1].rate / g[i].rate) / dt;
		g[i + 1].slope = g[i].slope;
	}
	for (int i = 0; good && i + 1 < recipe->points; i++) {
		double dt = seconds(g[i + 1].date - g[i].date), grown = g[i].slope * dt;
		double mean = grown > -1e-6 && grown < 1e-6 ? g[i].rate : g[i].rate * (dm_exp(grown) - 1) / grown;
		g[i + 1].stored = g[i].stored + mean * dt;
	}
	return good;
}

static bool load_stored(struct loading *load, const struct tree *section)
{
	struct stored_keys keys;
	if (!load_map(load, stored_table, &keys, section, "stored", keys_stored) || !source_is_text(load, section) ||
	    !needs(load, section, "date", "stored", "2015-11-01") || !needs(load, section, "count", "stored", "100 M"))
		return false;
	if (load->recipe->points == 0)
		return err_add(load->err, ERR_MODEL, &section->place, "stored needs growth, whose integral it fixes");
	load->recipe->anchored = true;
	load->recipe->stored_offset = (double)keys.count - accumulated(load->recipe, keys.date);
	return true;
}

/* Multipliers scaled to mean 1. */
static bool load_multipliers(struct loading *load, const struct tree *section, double *into, int count,
			     const char *what)
{
	if (section->kind != TREE_LIST || tree_count(section) != count)
		return err_add(load->err, ERR_MODEL, &section->place, "%s must be a list of %d multipliers, not %s%s",
			       what, count, tree_kind_name(section),
			       section->kind == TREE_LIST ? " of another length" : "");
	double sum = 0;
	int i = 0;
	for (const struct tree *entry = section->child; entry; entry = entry->next, i++) {
		struct quantity value;
		char why[QUANTITY_WHY];
		if (entry->kind != TREE_SCALAR)
			return err_add(load->err, ERR_MODEL, &entry->place, "%s: needs a number", what);
		if (!quantity_parse(QUANTITY_REAL, entry->text, &value, why))
			return err_add(load->err, ERR_MODEL, &entry->place, "%s: \"%.40s\" %s", what, entry->text, why);
		if (value.real < 0 || value.real > 1e6)
			return err_add(load->err, ERR_MODEL, &entry->place,
				       "%s: %.40s is out of range; allowed: 0 .. 1e6", what, entry->text);
		into[i] = value.real;
		sum += value.real;
	}
	if (sum <= 0)
		return err_add(load->err, ERR_MODEL, &section->place, "%s: all multipliers are 0", what);
	for (i = 0; i < count; i++)
		into[i] *= count / sum;
	return true;
}

static bool load_daily(struct loading *load, const struct tree *section)
{
	struct daily_keys keys;
	if (section->kind == TREE_LIST)
		return load_multipliers(load, section, load->recipe->daily, 24, "daily");
	if (!load_map(load, daily_table, &keys, section, "daily", NULL))
		return false;
	load->recipe->peak = keys.peak;
	load->recipe->peak_at = keys.hour;
	return true;
}

/* A gamma distribution of mean 1. */
static struct dist gamma_of(double cv)
{
	double squared = cv * cv;
	struct dist dist = {.kind = DIST_GAMMA, .scale = squared, .shape = 1 / squared};
	if (cv == 0)
		return dist_const(1);
	dist_ready(&dist);
	return dist;
}

static bool load_clustering(struct loading *load, const struct tree *section)
{
	struct clustering_keys keys;
	if (!load_map(load, clustering_table, &keys, section, "clustering", NULL))
		return false;
	if (keys.cv != 1)
		load->recipe->gaps = gamma_of(keys.cv);
	return true;
}

static bool load_modulation(struct loading *load, const struct tree *section)
{
	struct recipe *recipe = load->recipe;
	bool good = true;
	if (section->kind == TREE_SCALAR || (section->kind == TREE_LIST && tree_count(section) > MODULATIONS_MAX))
		return err_add(load->err, ERR_MODEL, &section->place,
			       "modulation must be a list of at most %d maps, e.g. - {every: 1 min, cv: 0.5}",
			       MODULATIONS_MAX);
	for (const struct tree *entry = entries(section); entry; entry = entry_next(section, entry)) {
		struct modulation_keys keys;
		good = load_map(load, modulation_table, &keys, entry, "modulation", NULL) && good;
		recipe->modulation[recipe->modulations++] = (struct modulation){keys.every, gamma_of(keys.cv)};
	}
	return good;
}

struct window_list {
	struct window *window;
	int count, room;
	int steps; /* numbered so far */
};

/* Appends a window that starts where the last one and its gap have ended. */
static bool window_append(struct loading *load, struct window_list *list, struct window window,
			  const struct place *place)
{
	struct recipe *recipe = load->recipe;
	if (list->count == TRACE_WINDOWS)
		return err_add(load->err, ERR_MODEL, place, "more than %d windows", TRACE_WINDOWS);
	if (window.is.calendar > INT64_MAX - window.is.lasts - DATE_DAY)
		return err_add(load->err, ERR_MODEL, place, "the window ends after the year 2261");
	if (list->count) {
		const struct trace_window *before = &list->window[list->count - 1].is;
		if (before->by_date != window.is.by_date)
			return err_add(load->err, ERR_MODEL, place,
				       "windows are either all named by dates or all steps of a rate");
		if (window.is.by_date && before->window >= window.is.window)
			return err_add(load->err, ERR_MODEL, place,
				       "windows must be in order of their dates, one a day");
	}
	if (list->count) {
		const struct trace_window *last = &list->window[list->count - 1].is;
		if (__builtin_add_overflow(last->start, last->lasts + recipe->gap, &window.is.start))
			window.is.start = INT64_MAX;
	}
	if (__builtin_add_overflow(window.is.start, window.is.lasts, &recipe->lasts) || recipe->lasts > INT64_MAX / 2)
		return err_add(load->err, ERR_MODEL, place, "the windows together last longer than 146 years");
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		struct window *more = ARENA_ARRAY(load->reader->arena, (size_t)list->room, struct window);
		if (list->count)
			memcpy(more, list->window, (size_t)list->count * sizeof *more);
		list->window = more;
	}
	list->window[list->count++] = window;
	return true;
}

static bool append_by_date(struct loading *load, struct window_list *list, const struct window_keys *keys, int64_t date,
			   struct maker **made, const struct place *place)
{
	struct window window = {.has_calendar = true, .made = made};
	if (load->recipe->points == 0)
		return err_add(load->err, ERR_MODEL, place,
			       "a window by date needs growth, which gives its rate; or give a rate");
	window.is = (struct trace_window){
		.window = date / DATE_DAY, .by_date = true, .lasts = keys->lasts, .calendar = date + keys->at};
	return window_append(load, list, window, place);
}

static bool append_steps(struct loading *load, struct window_list *list, const struct window_keys *keys,
			 struct maker **made, const struct tree *entry)
{
	int64_t steps = keys->steps ? keys->steps : 1;
	double ratio = keys->scale == SCALE_LOG ? dm_log(keys->to / keys->from) : 0;
	for (int64_t i = 0; i < steps; i++) {
		double part = steps > 1 ? (double)i / (double)(steps - 1) : 0;
		struct window window = {.has_calendar = tree_get(entry, "date") != NULL, .step_rate = keys->rate,
					.made = made};
		if (!(keys->rate > 0))
			window.step_rate = keys->scale == SCALE_LOG ? keys->from * dm_exp(ratio * part)
								    : keys->from + (keys->to - keys->from) * part;
		window.is = (struct trace_window){.window = ++list->steps,
						   .lasts = keys->lasts,
						   .calendar = window.has_calendar ? keys->date + keys->at : 0};
		if (!window_append(load, list, window, &entry->place))
			return false;
	}
	return true;
}

static bool load_dates(struct loading *load, struct window_list *list, const struct window_keys *keys,
		       struct maker **made, const struct tree *dates)
{
	if (dates->kind != TREE_LIST || !dates->child)
		return err_add(load->err, ERR_MODEL, &dates->place,
			       "dates must be a list, e.g. [2015-11-01, 2016-07-01]");
	bool good = true;
	for (const struct tree *entry = dates->child; entry; entry = entry->next) {
		int64_t days;
		if (entry->kind != TREE_SCALAR || !date_parse(entry->text, &days))
			good = err_add(
				load->err, ERR_MODEL, &entry->place,
				"dates: \"%.40s\" is not a date between 1970-01-01 and 2261-12-31, e.g. 2017-01-01",
				entry->kind == TREE_SCALAR ? entry->text : tree_kind_name(entry));
		else
			good = append_by_date(load, list, keys, days * DATE_DAY, made, &entry->place) && good;
	}
	return good;
}

static bool load_columns(struct loading *load, const struct tree *section, struct maker **made, const char *what)
{
	const struct column *columns = load->recipe->columns;
	char where[80];
	snprintf(where, sizeof where, " in %.60s", what);
	if (!reader_must_be(load->err, section, TREE_MAP, what))
		return false;
	bool good = true;
	for (const struct tree *entry = section->child; entry; entry = entry->next) {
		int index = column_find(columns, entry->key);
		if (index < 0) {
			good = words_unknown(load->err, ERR_MODEL, &entry->key_place, "column", entry->key, where,
					     WORDS(columns));
			continue;
		}
		made[index] = maker_load(columns, index, entry, load->reader, load->err);
		good = good && made[index];
	}
	return good;
}

static bool load_window(struct loading *load, struct window_list *list, const struct tree *entry)
{
	struct window_keys keys;
	struct maker **made = NULL;
	const struct tree *columns = tree_get(entry, "columns");
	if (!load_map(load, window_table, &keys, entry, "windows", keys_window))
		return false;
	if (columns) {
		made = ARENA_ARRAY(load->reader->arena, ROW_VALUES, struct maker *);
		if (!load_columns(load, columns, made, "the columns of a window"))
			return false;
	}
	const struct tree *dates = tree_get(entry, "dates"), *date = tree_get(entry, "date"),
			  *rate = tree_get(entry, "rate");
	const struct tree *ramp = tree_get(entry, "from");
	if ((dates != NULL) + (rate != NULL) + (ramp != NULL) + (date && !rate && !ramp) != 1)
		return err_add(load->err, ERR_MODEL, &entry->place,
			       "a window is {date: ..., for: ...}, {dates: [...], for: ...}, {rate: ..., for: ...} or "
			       "{from: ..., to: ..., steps: ..., for: ...}");
	static const char *const of_rate[] = {"rate", "date", "at", "for", "columns", NULL};
	static const char *const of_steps[] = {"from", "to", "steps", "scale", "date", "at", "for", "columns", NULL};
	static const char *const of_dates[] = {"dates", "at", "for", "columns", NULL};
	static const char *const of_date[] = {"date", "at", "for", "columns", NULL};
	const char *const *keys_of = ramp ? of_steps : rate ? of_rate : dates ? of_dates : of_date;
	char what[40];
	snprintf(what, sizeof what, "a window with %s", keys_of[0]);
	if (!reader_keys(entry, what, keys_of, load->err))
		return false;
	if (tree_get(entry, "at") && !date && !dates)
		return err_add(load->err, ERR_MODEL, &tree_get(entry, "at")->key_place,
			       "at is the time of a day, and needs date");
	if (dates)
		return load_dates(load, list, &keys, made, dates);
	if (date && !rate && !ramp)
		return append_by_date(load, list, &keys, keys.date, made, &entry->place);
	if (rate && !(keys.rate > 0))
		return err_add(load->err, ERR_MODEL, &rate->place, "rate must be above 0");
	if (ramp && (!(keys.from > 0) || !(keys.to > 0) || keys.steps < 2))
		return err_add(load->err, ERR_MODEL, &entry->place,
			       "steps of a rate need from and to above 0, and at least 2 steps, e.g. "
			       "{from: 1k/s, to: 100k/s, steps: 12, scale: log, for: 5 s}");
	return append_steps(load, list, &keys, made, entry);
}

static bool load_windows(struct loading *load, const struct tree *section)
{
	struct recipe *recipe = load->recipe;
	struct window_list list = {NULL, 0, 0, 0};
	bool good = true;
	if (section->kind == TREE_SCALAR || !section->child)
		return err_add(load->err, ERR_MODEL, &section->place,
			       "windows must be a list, e.g. - {date: 2017-01-01, at: 20 h, for: 60 s}");
	for (const struct tree *entry = entries(section); entry; entry = entry_next(section, entry))
		good = load_window(load, &list, entry) && good;
	recipe->window = list.window;
	recipe->windows = list.count;
	return good && list.count > 0;
}

static bool load_burst(struct loading *load, const struct tree *entry, struct burst *burst)
{
	struct burst_keys keys;
	bool good = load_map(load, burst_table, &keys, entry, "bursts", keys_burst);
	const struct tree *window = tree_get(entry, "window"), *columns = tree_get(entry, "columns");
	*burst = (struct burst){
		.at = keys.at, .rise = keys.rise, .plateau = keys.plateau, .decay = keys.decay, .factor = keys.factor};
	if (good && keys.rise + keys.plateau + keys.decay == 0)
		good = err_add(load->err, ERR_MODEL, &entry->place,
			       "a burst needs rise, plateau or decay, e.g. plateau: 10 s");
	if (window) {
		struct quantity number;
		char why[QUANTITY_WHY];
		bool found = false;
		burst->one_window = true;
		if (window->kind == TREE_SCALAR && quantity_parse(QUANTITY_COUNT, window->text, &number, why))
			burst->window = number.integer;
		else if (window->kind != TREE_SCALAR || !date_parse(window->text, &burst->window))
			return err_add(load->err, ERR_MODEL, &window->place,
				       "window must be a date or the number of a step");
		for (int i = 0; i < load->recipe->windows; i++)
			found = found || load->recipe->window[i].is.window == burst->window;
		if (!found)
			good = err_add(load->err, ERR_MODEL, &window->place, "there is no window %.40s", window->text);
	}
	if (columns)
		good = load_columns(load, columns, burst->made, "the columns of a burst") && good;
	return good;
}

static bool load_bursts(struct loading *load, const struct tree *section)
{
	struct recipe *recipe = load->recipe;
	bool good = true;
	if (section->kind == TREE_SCALAR || (section->kind == TREE_LIST && tree_count(section) > BURSTS_MAX))
		return err_add(load->err, ERR_MODEL, &section->place, "bursts must be a list of at most %d maps",
			       BURSTS_MAX);
	recipe->burst = ARENA_ARRAY(load->reader->arena, BURSTS_MAX, struct burst);
	for (const struct tree *entry = entries(section); entry; entry = entry_next(section, entry))
		good = load_burst(load, entry, &recipe->burst[recipe->bursts++]) && good;
	return good;
}

/* Of a set of makers that takes the place of some others: none goes by a column that goes by another. */
static bool check_made(struct loading *load, struct maker **made, const struct tree *tree)
{
	struct recipe *recipe = load->recipe;
	bool good = true;
	for (int i = 0; i < recipe->column_count; i++) {
		if (!made[i])
			continue;
		int by = maker_by(made[i]);
		if (by >= 0 && (maker_by(recipe->made[by]) >= 0 || (made[by] && maker_by(made[by]) >= 0)))
			good = err_add(load->err, ERR_MODEL, &tree->place,
				       "columns: %s is chosen by %s, which must not be chosen by another",
				       recipe->columns[i].name, recipe->columns[by].name);
		recipe->needs_calendar |= maker_needs_calendar(made[i]);
		recipe->needs_stored |= maker_needs_stored(made[i]);
	}
	return good;
}

/* What columns need of the windows and of one another. */
static bool check_columns(struct loading *load, const struct tree *tree)
{
	struct recipe *recipe = load->recipe;
	const struct column *columns = recipe->columns;
	bool good = true;
	for (int i = 0; i < recipe->column_count; i++) {
		recipe->says[i] = recipe->made[i] != NULL;
		if (!recipe->made[i] && columns[i].missing)
			recipe->made[i] = maker_missing(columns, i, load->reader);
		if (!recipe->made[i])
			good = err_add(load->err, ERR_MODEL, &tree->place, "columns must say how %s is made (%s)",
				       columns[i].name, columns[i].help);
	}
	for (int b = -1; good && b < recipe->bursts; b++)
		good = check_made(load, b < 0 ? recipe->made : recipe->burst[b].made, tree);
	for (int i = 0; good && i < recipe->windows; i++)
		if (recipe->window[i].made)
			good = check_made(load, recipe->window[i].made, tree);
	if (recipe->needs_stored && !recipe->anchored)
		good = err_add(load->err, ERR_MODEL, &tree->place,
			       "a column is made from what is stored; say how much: stored: {date: ..., count: ...}");
	for (int i = 0; i < recipe->windows && (recipe->needs_calendar || recipe->needs_stored); i++)
		if (!recipe->window[i].has_calendar)
			return err_add(load->err, ERR_MODEL, &tree->place,
				       "steps of a rate need a date here, because a column is made from the calendar");
	return good;
}

struct recipe *recipe_load(struct arena *arena, const struct tree *tree, const struct column *columns,
			   const struct param_reader *reader, struct err *err)
{
	struct recipe *recipe = ARENA_NEW(arena, struct recipe);
	struct loading load = {recipe, reader, err};
	struct head_keys head;
	recipe->columns = columns;
	recipe->column_count = column_count(columns);
	CHECK(recipe->column_count <= ROW_VALUES);
	recipe->gaps = (struct dist){.kind = DIST_EXP, .scale = 1};
	for (int i = 0; i < 24; i++)
		recipe->daily[i] = 1;
	for (int i = 0; i < 7; i++)
		recipe->weekly[i] = 1;
	bool good = load_map(&load, head_table, &head, tree, "a recipe", keys_recipe);
	if (tree->kind != TREE_MAP)
		return NULL;
	recipe->per_message = head.per_message;
	recipe->gap = head.gap;

	/* In this order: what a section looks at comes before it. */
	const struct {
		const char *key;
		bool (*load)(struct loading *load, const struct tree *section);
	} sections[] = {{"growth", load_growth},        {"stored", load_stored},         {"daily", load_daily},
			{"windows", load_windows},      {"clustering", load_clustering}, {"bursts", load_bursts},
			{"modulation", load_modulation}};
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		const struct tree *section = tree_get(tree, sections[i].key);
		if (section)
			good = sections[i].load(&load, section) && good;
	}
	const struct tree *weekly = tree_get(tree, "weekly"), *made = tree_get(tree, "columns");
	if (weekly)
		good = load_multipliers(&load, weekly, recipe->weekly, 7, "weekly") && good;
	if (made)
		good = load_columns(&load, made, recipe->made, "columns") && good;
	good = needs(&load, tree, "windows", "a recipe", "windows: [{rate: 1k/s, for: 10 s}]") && good;
	if (!good || !check_columns(&load, tree))
		return NULL;

	recipe->listed = ARENA_ARRAY(arena, (size_t)recipe->windows, struct trace_window);
	for (int i = 0; i < recipe->windows; i++) {
		struct window *window = &recipe->window[i];
		window->is.rate = mean_rate(recipe, window);
		if (!(window->is.rate > 0 && window->is.rate <= rate_max)) {
			err_add(err, ERR_MODEL, &tree_get(tree, "windows")->place,
				"window %d has %.3g rows per second; allowed: above 0, up to %g", i + 1,
				window->is.rate, rate_max);
			return NULL;
		}
		window->is.stored = window->has_calendar ? recipe_stored(recipe, window->is.calendar) : 0;
		recipe->listed[i] = window->is;
	}
	return recipe;
}
