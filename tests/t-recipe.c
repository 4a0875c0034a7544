/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recipes: the rows that come out have the rates, the clustering, the keys that went in. Random quantities are compared
 * with their closed forms over several seeds: the mean must lie within five standard errors, which are taken from the
 * seeds.
 */
#include "tap.h"

#include "io/csv.h"
#include "io/stream.h"
#include "io/tracefile.h"
#include "io/tracewrite.h"
#include "io/yaml.h"
#include "trace/date.h"
#include "trace/recipe.h"

#include <math.h>
#include <unistd.h>

enum { SEEDS = 8 };

static const char *const operations[] = {"read", "write", NULL};
static const char *const classes[] = {"small", "middle", "large", NULL};
enum { OP, CLASS, KEY, BYTES, SENT, STORED };
static const struct column columns[] = {[OP] = {"op", COLUMN_CHOICE, operations, "read", "what is done"},
					[CLASS] = {"class", COLUMN_CHOICE, classes, "small", "of what kind"},
					[KEY] = {"key", COLUMN_KEY, NULL, "0", "with what"},
					[BYTES] = {"bytes", COLUMN_BYTES, NULL, "1 B", "how large"},
					[SENT] = {"sent", COLUMN_TIME, NULL, "0 s", "when"},
					[STORED] = {"stored", COLUMN_COUNT, NULL, "0", "what there is"},
					{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

struct made {
	struct arena arena;
	struct err err;
	struct param_reader reader;
	struct recipe *recipe;
	struct row *row;
	size_t count;
};

static void load(struct made *made, const char *text)
{
	*made = (struct made){.count = 0};
	arena_init(&made->arena);
	err_init(&made->err);
	made->reader = (struct param_reader){&made->arena, NULL, NULL};
	struct tree *tree = yaml_parse(&made->arena, "recipe.yaml", text, strlen(text), &made->err);
	made->recipe = tree ? recipe_load(&made->arena, tree, columns, &made->reader, &made->err) : NULL;
}

static void load_well(struct made *made, const char *text)
{
	load(made, text);
	if (!made->recipe)
		bail("recipe.yaml:%d: %s", made->err.message[0].line, made->err.message[0].text);
}

static void draw_in_blocks(struct made *made, uint64_t seed, uint64_t replication, double share, size_t block)
{
	struct row_source *source = recipe_rows(&made->arena, made->recipe, seed, replication, share);
	size_t room = 0, got;
	free(made->row);
	made->row = NULL;
	made->count = 0;
	do {
		if (room < made->count + block) {
			room = 2 * room + block;
			made->row = realloc(made->row, room * sizeof *made->row);
		}
		got = source->fill(source, made->row + made->count, block);
		made->count += got;
	} while (got > 0);
}

static void draw(struct made *made, uint64_t seed)
{
	draw_in_blocks(made, seed, 0, 1, ROW_BLOCK);
}

static void done(struct made *made)
{
	free(made->row);
	arena_free(&made->arena);
}

/* ---- means over seeds ---- */

struct sample {
	double value[SEEDS];
};

static double mean_of(const struct sample *s)
{
	double sum = 0;
	for (int i = 0; i < SEEDS; i++)
		sum += s->value[i];
	return sum / SEEDS;
}

static double error_of(const struct sample *s)
{
	double mean = mean_of(s), sum = 0;
	for (int i = 0; i < SEEDS; i++)
		sum += (s->value[i] - mean) * (s->value[i] - mean);
	return sqrt(sum / (SEEDS - 1) / SEEDS);
}

static bool agrees(const struct sample *s, double want)
{
	return fabs(mean_of(s) - want) <= 5 * error_of(s);
}

static void is_mean(const struct sample *s, double want, const char *what)
{
	if (!ok(agrees(s, want), "%s: %.6g", what, want))
		diag("mean %.6g, standard error %.3g", mean_of(s), error_of(s));
}

/* ---- arrivals ---- */

/* Variance over mean of the counts in bins. */
static double dispersion(const struct made *made, int64_t from, int64_t width, int bins)
{
	double *count = calloc((size_t)bins, sizeof *count), sum = 0, squares = 0;
	for (size_t i = 0; i < made->count; i++) {
		int64_t bin = (made->row[i].time - from) / width;
		if (made->row[i].time >= from && bin < bins)
			count[bin]++;
	}
	for (int i = 0; i < bins; i++)
		sum += count[i];
	for (int i = 0; i < bins; i++)
		squares += (count[i] - sum / bins) * (count[i] - sum / bins);
	free(count);
	return squares / (bins - 1) / (sum / bins);
}

static void gaps_of(const struct made *made, double *mean, double *cv)
{
	double sum = 0, squares = 0;
	size_t n = made->count - 1;
	for (size_t i = 1; i <= n; i++) {
		double gap = (double)(made->row[i].time - made->row[i - 1].time);
		sum += gap;
		squares += gap * gap;
	}
	*mean = sum / (double)n;
	*cv = sqrt(squares / (double)n - *mean * *mean) / *mean;
}

static void arrivals(double cv)
{
	struct made made;
	struct sample count, gap_cv, scatter;
	char text[256], what[128];
	snprintf(text, sizeof text, "windows: {rate: 2k/s, for: 50 s}\nclustering: {cv: %g}", cv);
	load_well(&made, text);
	for (int i = 0; i < SEEDS; i++) {
		double mean;
		draw(&made, (uint64_t)i + 1);
		count.value[i] = (double)made.count;
		gaps_of(&made, &mean, &gap_cv.value[i]);
		scatter.value[i] = dispersion(&made, 0, 500000000, 100);
	}
	snprintf(what, sizeof what, "cv %g: rows", cv);
	is_mean(&count, 100000 + (cv * cv - 1) / 2, what); /* a renewal process that starts with a whole gap */
	snprintf(what, sizeof what, "cv %g: of the gaps", cv);
	is_mean(&gap_cv, cv, what);
	snprintf(what, sizeof what, "cv %g: dispersion of counts", cv);
	is_mean(&scatter, cv * cv, what);
	if (cv == 1) {
		ok(!agrees(&count, 102000), "canary: two per cent more rows are seen");
		ok(!agrees(&gap_cv, 1.1), "canary: another clustering is seen");
	}
	done(&made);
}

/* Gaps go on over changes of the rate, which come every minute by the calendar. */
static void arrivals_by_date(void)
{
	struct made made;
	struct sample count;
	load_well(&made, "growth: [{date: 2016-01-01, rate: 8640 /d}]\nwindows: {date: 2016-01-11, for: 3 d}\n"
			 "clustering: {cv: 2.5}");
	for (int i = 0; i < SEEDS; i++) {
		draw(&made, (uint64_t)i + 1);
		count.value[i] = (double)made.count;
	}
	is_mean(&count, 25920 + (2.5 * 2.5 - 1) / 2, "cv 2.5 over minutes: rows");
	done(&made);
}

static void regular(void)
{
	struct made made;
	load_well(&made, "windows: {rate: 1k/s, for: 1 s}\nclustering: {cv: 0}");
	draw(&made, 1);
	ok(made.count >= 999 && made.count <= 1000 && llabs(made.row[0].time - 1000000) <= 1 &&
		   llabs(made.row[500].time - 501000000) <= 1,
	   "cv 0: a row every ms");
	done(&made);
}

/* ---- growth and the calendar ---- */

static const char growing[] = "growth:\n"
			      "  - {date: 2016-01-01, rate: 10 k/d}\n"
			      "  - {date: 2016-01-11, rate: 40 k/d}\n"
			      "  - {date: 2016-01-21, rate: 40 k/d}\n"
			      "  - {date: 2016-01-31, rate: 10 k/d}\n"
			      "stored: {date: 2016-01-11, count: 1 M}\n";

static int64_t day(const char *date)
{
	int64_t days = 0;
	if (!date_parse(date, &days))
		bail("%s", date);
	return days * DATE_DAY;
}

static void growth(void)
{
	struct made made;
	char text[1024];
	snprintf(text, sizeof text, "%swindows: {date: 2016-01-06, for: 1 h}", growing);
	load_well(&made, text);
	const struct recipe *r = made.recipe;
	near_to(recipe_growth(r, day("2016-01-01")) * 86400, 10000, 1e-8, "growth: a published point");
	near_to(recipe_growth(r, day("2016-01-11")) * 86400, 40000, 1e-8, "growth: the next");
	near_to(recipe_growth(r, day("2016-01-06")) * 86400, 20000, 1e-8, "growth: half way is the geometric mean");
	near_to(recipe_growth(r, day("2016-01-15")) * 86400, 40000, 1e-8, "growth: a flat piece");
	near_to(recipe_growth(r, day("2015-12-27")) * 86400, 5000, 1e-8, "growth: before the first point");
	near_to(recipe_growth(r, day("2016-02-05")) * 86400, 5000, 1e-8, "growth: beyond the last");
	near_to(recipe_stored(r, day("2016-01-11")), 1e6, 1e-6, "stored: at its date");
	/* the integral of 10000 * 4^(t / 10) over ten days is 300000 / ln 4 */
	near_to(recipe_stored(r, day("2016-01-01")), 1e6 - 300000 / log(4), 1e-5, "stored: before it");
	near_to(recipe_stored(r, day("2016-01-21")), 1.4e6, 1e-5, "stored: after a flat piece");
	near_to(recipe_stored(r, day("2016-01-31")), 1.4e6 + 300000 / log(4), 1e-5, "stored: after a falling piece");
	near_to(recipe_stored(r, day("2016-02-10")), 1.4e6 + 375000 / log(4), 1e-5, "stored: beyond the last point");
	ok(recipe_stored(r, day("2010-01-01")) >= 0, "stored: never negative");
	bool joined = true;
	for (int64_t t = day("2015-12-01"); t < day("2016-03-01"); t += DATE_DAY / 7) {
		double slope = (recipe_stored(r, t + 500000000) - recipe_stored(r, t - 500000000));
		joined = joined && fabs(slope - recipe_growth(r, t)) < 1e-6 + 1e-6 * recipe_growth(r, t);
	}
	ok(joined, "stored: grows as growth says, everywhere");
	done(&made);
}

static void windows(void)
{
	struct made made;
	char text[1024];
	int count;
	snprintf(text, sizeof text,
		 "%sper_message: 2\ndaily: [0,1,0,0,0,0,0,0,0,0,0,0,0,2,0,0,0,0,0,0,0,0,0,1]\nweekly: [1,1,1,1,1,1,8]\n"
		 "gap: 3 s\nwindows:\n - {dates: [2016-01-11, 2016-01-17], at: 13 h, for: 10 min}\n",
		 growing);
	load_well(&made, text);
	const struct trace_window *w = recipe_windows(made.recipe, &count);
	is_int(count, 2, "windows: two dates");
	is_int(w[0].window, day("2016-01-11") / DATE_DAY, "windows: named by their dates");
	is_int(w[1].start, 603000000000, "windows: the second starts after the first and a gap");
	is_int(recipe_lasts(made.recipe), 1203000000000, "windows: where they end");
	is_int(w[0].calendar, day("2016-01-11") + 13 * INT64_C(3600000000000), "windows: their instants");
	/* Monday 13 h: half of a mean week's day, 12 times the mean hour; the rate of growth is 40 k/d there */
	near_to(w[0].rate, 40000 / 86400. * 2 * 12 * 0.5, 1e-6,
		"windows: rate = growth * per_message * daily * weekly");
	near_to(w[1].rate, 40000 / 86400. * 2 * 12 * 4, 1e-6, "windows: on a Sunday");
	near_to(w[0].stored, recipe_stored(made.recipe, w[0].calendar), 1e-9, "windows: what is stored at their start");
	struct sample rows[2];
	bool inside = true;
	for (int i = 0; i < SEEDS; i++) {
		draw(&made, (uint64_t)i + 1);
		rows[0].value[i] = rows[1].value[i] = 0;
		for (size_t k = 0; k < made.count; k++) {
			int in = made.row[k].window == w[1].window;
			rows[in].value[i]++;
			inside = inside && made.row[k].time >= w[in].start &&
				 made.row[k].time < w[in].start + w[in].lasts;
		}
	}
	is_mean(&rows[0], w[0].rate * 600, "windows: rows of the first");
	is_mean(&rows[1], w[1].rate * 600, "windows: rows of the second");
	ok(inside, "windows: rows lie in their windows");
	done(&made);

	/* a whole day: every hour has its part */
	snprintf(text, sizeof text,
		 "growth: [{date: 2016-01-01, rate: 240 k/d}]\n"
		 "daily: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24]\nwindows: {date: 2016-01-11, "
		 "for: 24 h}\n");
	load_well(&made, text);
	struct sample hour[24];
	for (int i = 0; i < SEEDS; i++) {
		draw(&made, (uint64_t)i + 1);
		for (int h = 0; h < 24; h++)
			hour[h].value[i] = 0;
		for (size_t k = 0; k < made.count; k++)
			hour[made.row[k].time / INT64_C(3600000000000)].value[i]++;
	}
	int right = 0;
	for (int h = 0; h < 24; h++)
		right += agrees(&hour[h], 240000 * (h + 1) / 300.);
	is_int(right, 24, "daily: every hour of a day has its rows");
	done(&made);

	load_well(&made, "growth: [{date: 2016-01-01, rate: 864 k/d}]\ndaily: {peak: 1.8, hour: 20 h}\n"
			 "windows: [{date: 2016-01-11, for: 24 h}, {date: 2016-01-12, at: 20 h, for: 1 us}, "
			 "{date: 2016-01-13, at: 8 h, for: 1 us}]");
	w = recipe_windows(made.recipe, &count);
	near_to(w[0].rate, 10, 1e-4, "daily: the smooth day has mean 1");
	near_to(w[1].rate, 18, 1e-4, "daily: its peak");
	near_to(w[2].rate, 2, 1e-4, "daily: half a day from the peak");
	done(&made);
}

static void steps(void)
{
	struct made made;
	int count;
	load_well(&made, "windows: [{rate: 5/s, for: 1 s}, {from: 10/s, to: 1000/s, steps: 3, scale: log, for: 1 s}, "
			 "{from: 10/s, to: 30/s, steps: 3, for: 1 s}]\ngap: 0 s");
	const struct trace_window *w = recipe_windows(made.recipe, &count);
	static const double rates[] = {5, 10, 100, 1000, 10, 20, 30};
	is_int(count, 7, "steps: how many");
	bool right = count == 7;
	for (int i = 0; right && i < 7; i++)
		right = fabs(w[i].rate - rates[i]) < 1e-9 && w[i].window == i + 1 &&
			w[i].start == i * INT64_C(1000000000);
	ok(right, "steps: rates between, linear and log");
	done(&made);
}

static void columns_of_windows(void)
{
	struct made made;
	load_well(&made, "windows: [{rate: 1k/s, for: 2 s, columns: {op: write, key: 3}}, {rate: 1k/s, for: 2 s}]\n"
			 "gap: 0 s\ncolumns: {op: {mix: {read: 50 %, write: 50 %}}, key: 4}\n"
			 "bursts: {at: 1 s, plateau: 1 s, factor: 3, columns: {key: 5}}");
	draw(&made, 1);
	size_t own = 0, first = 0, of_burst = 0, others = 0;
	for (size_t i = 0; i < made.count; i++) {
		const struct row *row = &made.row[i];
		first += row->window == 1;
		own += row->window == 1 && row->value[OP] == 1 && row->value[KEY] == 3;
		of_burst += row->window == 1 && row->value[OP] == 1 && row->value[KEY] == 5;
		others += row->window == 2 && row->value[KEY] == 3;
	}
	ok(own > 1500 && of_burst > 1500 && own + of_burst == first,
	   "a window's rows are made as it says, those of a burst in it too");
	is_int((long long)others, 0, "and those of other windows as the recipe says");
	int64_t from, to;
	ok(recipe_burst(made.recipe, 1, &from, &to) && from == INT64_C(3000000000) && to == INT64_C(4000000000),
	   "the burst of the second window: %lld to %lld", (long long)from, (long long)to);
	ok(!recipe_burst(made.recipe, 2, &from, &to), "and there is no third one");
	done(&made);
	load_well(&made, "windows: [{rate: 1k/s, for: 2 s}, {rate: 1k/s, for: 2 s}]\ngap: 1 s\n"
			 "bursts: {at: 1 s, rise: 100 ms, plateau: 1 s, decay: 200 ms, factor: 3, window: 2}");
	ok(recipe_burst(made.recipe, 0, &from, &to) && from == INT64_C(4000000000) && to == INT64_C(5300000000) &&
		   !recipe_burst(made.recipe, 1, &from, &to),
	   "one that only the second window has");
	done(&made);
}

static void bursts(void)
{
	struct made made;
	struct sample plateau, ramp, quiet, written;
	load_well(
		&made,
		"windows: [{rate: 2k/s, for: 20 s}, {rate: 2k/s, for: 20 s}]\ngap: 0 s\n"
		"bursts: [{at: 5 s, rise: 2 s, plateau: 4 s, decay: 2 s, factor: 4, window: 1, columns: {op: write}}]");
	for (int i = 0; i < SEEDS; i++) {
		double in_plateau = 0, in_ramp = 0, other = 0, writes = 0;
		draw(&made, (uint64_t)i + 1);
		for (size_t k = 0; k < made.count; k++) {
			double t = (double)made.row[k].time * 1e-9;
			in_plateau += t >= 7 && t < 11;
			in_ramp += t >= 5 && t < 7;
			other += t >= 20;
			writes += t >= 7 && t < 11 && made.row[k].value[OP] == 1;
		}
		plateau.value[i] = in_plateau;
		ramp.value[i] = in_ramp;
		quiet.value[i] = other;
		written.value[i] = writes / in_plateau;
	}
	is_mean(&plateau, 4 * 4 * 2000, "burst: rows at the top");
	is_mean(&ramp, 2 * 2.5 * 2000, "burst: rows of the rise");
	is_mean(&quiet, 20 * 2000, "burst: none in the other window");
	is_mean(&written, 0.75, "burst: the extra rows are of its kind");
	done(&made);
}

/* ---- columns ---- */

/* The exponent that makes the counts of ranks 1..n most likely (bisection on the derivative). */
static double exponent_of(const double *count, int ranks)
{
	double low = 0, high = 5, total = 0, logs = 0;
	for (int k = 0; k < ranks; k++) {
		total += count[k];
		logs += count[k] * log(k + 1);
	}
	for (int step = 0; step < 50; step++) {
		double s = (low + high) / 2, weight = 0, weighted = 0;
		for (int k = 0; k < ranks; k++) {
			weight += pow(k + 1, -s);
			weighted += pow(k + 1, -s) * log(k + 1);
		}
		if (weighted / weight > logs / total)
			low = s;
		else
			high = s;
	}
	return (low + high) / 2;
}

/* Squared coefficient of variation of the rate, over stretches of a second: of counts with mean m and variance v. */
static double rate_cv2(const struct made *made, int seconds)
{
	double sum = 0, squares = 0;
	for (size_t k = 0, j; k < made->count; k = j) {
		for (j = k; j < made->count && made->row[j].time / 1000000000 == made->row[k].time / 1000000000; j++)
			;
		squares += (double)(j - k) * (double)(j - k);
	}
	sum = (double)made->count;
	double mean = sum / seconds, variance = squares / seconds - mean * mean;
	return (variance - mean) / (mean * mean);
}

static void modulation(void)
{
	struct made made;
	struct sample cv2, rate;
	load_well(&made, "windows: {rate: 50 /s, for: 200 s}\n"
			 "modulation: [{every: 1 s, cv: 0.5}, {every: 4 s, cv: 0.3}]");
	for (int i = 0; i < SEEDS; i++) {
		draw(&made, (uint64_t)i + 1);
		cv2.value[i] = rate_cv2(&made, 200);
		rate.value[i] = (double)made.count / 200;
	}
	is_mean(&rate, 50, "modulation: the mean rate stays");
	/* less what the mean of 200 seconds itself varies */
	is_mean(&cv2, 1.25 * 1.09 - 1, "modulation: factors of two scales multiply");
	ok(!agrees(&cv2, 0.25), "canary: one factor alone is seen");
	done(&made);
}

static void keys(void)
{
	enum { KEYS = 1000 };
	struct made made;
	struct sample exponent;
	load_well(&made, "windows: {rate: 5k/s, for: 10 s}\ncolumns: {key: {zipf: {keys: 1000, exponent: 1.1}}}");
	for (int i = 0; i < SEEDS; i++) {
		double count[KEYS] = {0};
		draw(&made, (uint64_t)i + 1);
		for (size_t k = 0; k < made.count; k++)
			count[made.row[k].value[KEY]]++;
		exponent.value[i] = exponent_of(count, KEYS);
	}
	is_mean(&exponent, 1.1, "zipf: its exponent comes back");
	ok(!agrees(&exponent, 1.15), "canary: another exponent is seen");
	done(&made);
}

/* Which of the keys up to `most` there were in a window. */
static void keys_of(const struct made *made, int64_t window, bool *there, int64_t most)
{
	memset(there, 0, (size_t)most * sizeof *there);
	for (size_t k = 0; k < made->count; k++)
		if (made->row[k].window == window && made->row[k].value[KEY] < most)
			there[made->row[k].value[KEY]] = true;
}

static void churn(void)
{
	enum { MOST = 2000000 };
	static bool first[MOST], later[MOST];
	struct made made;
	struct sample hot_changed, cold_changed;
	load_well(&made, "windows: [{date: 1970-01-03, at: 0 h, rate: 20k/s, for: 2 s}, {date: 1970-01-03, at: 4 h, "
			 "rate: 20k/s, for: 2 s}]\n"
			 "columns: {key: {zipf: {keys: 1000, exponent: 0, hot: 20 %, churn: 5 %, every: 1 h}}}");
	for (int i = 0; i < SEEDS; i++) {
		double hot = 0, cold = 0;
		draw(&made, (uint64_t)i + 1);
		keys_of(&made, 1, first, MOST);
		keys_of(&made, 2, later, MOST);
		for (int64_t k = 0; k < MOST; k++)
			if (k >= 200 && k < 1000)
				cold += first[k] != later[k];
			else
				hot += first[k] && !later[k];
		hot_changed.value[i] = hot;
		cold_changed.value[i] = cold;
	}
	is_mean(&hot_changed, 4 * 0.05 * 200, "churn: hot keys that made room in four hours");
	near_to(mean_of(&cold_changed), 0, 0, "churn: the others stayed");
	done(&made);
}

static void by_word(void)
{
	struct made made;
	struct sample share[3];
	bool apart = true, right = true;
	load_well(&made, "windows: {rate: 5k/s, for: 10 s}\n"
			 "columns:\n  class: {mix: {small: 10 %, middle: 30 %, large: 60 %}}\n"
			 "  key: {by: class, small: {zipf: {keys: 100}}, middle: {zipf: {keys: 100}}, large: 17}\n"
			 "  bytes: {by: class, small: 5 B, middle: 'uniform(10 B, 20 B)', large: 1 kB}\n");
	for (int i = 0; i < SEEDS; i++) {
		double count[3] = {0};
		draw(&made, (uint64_t)i + 1);
		for (size_t k = 0; k < made.count; k++) {
			const int64_t *v = made.row[k].value;
			count[v[CLASS]]++;
			apart = apart && (v[CLASS] == 2 ? v[KEY] == 17 : v[KEY] % 3 == v[CLASS] && v[KEY] < 300);
			right = right && (v[CLASS] == 0   ? v[BYTES] == 5
					  : v[CLASS] == 1 ? v[BYTES] >= 10 && v[BYTES] <= 20
							  : v[BYTES] == 1000);
		}
		for (int c = 0; c < 3; c++)
			share[c].value[i] = count[c] / (double)made.count;
	}
	is_mean(&share[0], 0.1, "mix: small");
	is_mean(&share[1], 0.3, "mix: middle");
	is_mean(&share[2], 0.6, "mix: large");
	ok(apart, "by: keys under different words are different");
	ok(right, "by: values follow the word");
	done(&made);
}

static void calendar(void)
{
	struct made made;
	char text[1024];
	snprintf(text, sizeof text,
		 "%swindows: [{date: 2016-01-11, for: 1 min}, {date: 2016-01-12, for: 1 min}]\n"
		 "per_message: 100\ncolumns: {sent: calendar, stored: stored}",
		 growing);
	load_well(&made, text);
	draw(&made, 1);
	bool right = made.count > 100;
	for (size_t k = 0; k < made.count; k++) {
		const int64_t *v = made.row[k].value;
		int64_t start = made.row[k].window * DATE_DAY, offset = made.row[k].time % INT64_C(62000000000);
		right = right && v[SENT] == start + offset &&
			fabs((double)v[STORED] - recipe_stored(made.recipe, v[SENT])) <= 1.5;
	}
	ok(right, "columns: the calendar, and what is stored, at each row's instant");
	done(&made);
}

/* ---- the same rows, or others ---- */

static bool same_rows(const struct made *a, const struct made *b)
{
	return a->count == b->count && memcmp(a->row, b->row, a->count * sizeof *a->row) == 0;
}

static void determinism(void)
{
	static const char text[] =
		"windows: {rate: 1k/s, for: 5 s}\nclustering: {cv: 2}\nbursts: {at: 1 s, plateau: 1 s}\n"
		"columns: {op: {mix: {read: 50 %, write: 50 %}}, key: {zipf: {keys: 50}}, bytes: exp(50 B)}";
	static const char other[] =
		"windows: {rate: 1k/s, for: 5 s}\nclustering: {cv: 2}\nbursts: {at: 1 s, plateau: 1 s}\n"
		"columns: {op: {mix: {read: 50 %, write: 50 %}}, key: {zipf: {keys: 50}}, bytes: exp(90 B)}";
	struct made a, b;
	load_well(&a, text);
	load_well(&b, text);
	draw(&a, 1);
	draw_in_blocks(&b, 1, 0, 1, 7);
	ok(same_rows(&a, &b), "same seed, same rows, in blocks of any size");
	draw(&b, 2);
	ok(!same_rows(&a, &b), "another seed, other rows");
	draw_in_blocks(&b, 1, 1, 1, ROW_BLOCK);
	ok(!same_rows(&a, &b), "another replication, other rows");
	draw_in_blocks(&b, 1, 0, 0.25, ROW_BLOCK);
	near_to((double)b.count, (double)a.count / 4, 5 * sqrt((double)a.count),
		"a share of a quarter has a quarter of the rows");
	done(&b);
	load_well(&b, other);
	draw(&b, 1);
	bool others = a.count == b.count, bytes = true;
	for (size_t k = 0; others && k < a.count; k++) {
		others = a.row[k].time == b.row[k].time && a.row[k].value[OP] == b.row[k].value[OP] &&
			 a.row[k].value[KEY] == b.row[k].value[KEY];
		bytes = bytes && a.row[k].value[BYTES] == b.row[k].value[BYTES];
	}
	ok(others && !bytes, "how one column is made does not touch the others");
	done(&a);
	done(&b);
}

/* Rows, written and read again, are the same rows. */
static void round_trip(void)
{
	struct made made;
	struct err err;
	char path[] = "/tmp/casebook-recipe-XXXXXX";
	load_well(
		&made,
		"growth: [{date: 2016-01-01, rate: 86400 k/d}]\nwindows: [{date: 2016-01-11, for: 1 s}, {date: "
		"2016-01-12, for: 1 s}]\n"
		"columns: {op: {mix: {read: 50 %, write: 50 %}}, key: {by: op, read: {zipf: {keys: 50}}, write: main}, "
		"bytes: exp(50 B), sent: calendar}");
	draw(&made, 1);
	int descriptor = mkstemp(path);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!file)
		bail("%s", path);
	struct trace_write write = {.columns = columns};
	write.stretch = recipe_windows(made.recipe, &write.stretches);
	trace_write_header(file, &write);
	trace_write_rows(file, &write, made.row, made.count);
	fclose(file);
	err_init(&err);
	struct tree *section = tree_map(&made.arena, (struct place){"", 0, 0});
	tree_append(section, "file", (struct place){"", 0, 0},
		    tree_scalar(&made.arena, path, (struct place){"", 0, 0}));
	struct trace_file *trace = trace_file_open(section, NULL, columns, NULL, &err);
	struct trace_rows *rows = trace ? trace_rows_open(trace, 9, 9, 1, &err) : NULL;
	struct row row;
	size_t count = 0;
	bool same = rows != NULL;
	for (; same && trace_rows_source(rows)->fill(trace_rows_source(rows), &row, 1) == 1; count++)
		same = count < made.count && memcmp(&row, &made.row[count], sizeof row) == 0;
	ok(same && count == made.count && made.count > 1000, "rows written and read again are the same rows");
	const struct trace_window *stretch = NULL;
	int stretches = 0;
	bool windows = trace && trace_file_windows(trace, &stretch, &stretches, &err) && stretches == write.stretches;
	for (int i = 0; windows && i < stretches; i++)
		windows = stretch[i].window == write.stretch[i].window && stretch[i].by_date &&
			  stretch[i].start == write.stretch[i].start && stretch[i].lasts == write.stretch[i].lasts;
	ok(windows && stretches == 2, "and their windows are the same windows");
	if (err_any(&err))
		diag("%d: %s", err.message[0].line, err.message[0].text);
	trace_rows_close(rows);
	trace_file_close(trace);
	unlink(path);
	done(&made);
}

/* ---- mistakes ---- */

static void mistakes(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"gap: 1 s", "needs windows"},
		{"windows: {rate: 1k/s, for: 1}", "needs a time unit"},
		{"windows: {rate: 1k, for: 1 s}", "rate"},
		{"windows: {rate: 1k/s, fro: 1 s}", "fro"},
		{"windows: {rate: 1k/s, to: 2k/s, for: 1 s}", "unknown key \"to\" in a window with rate"},
		{"windows: {rate: 1k/s, steps: 3, for: 1 s}", "unknown key \"steps\" in a window with rate"},
		{"windows: {rate: 1k/s, at: 3 h, for: 1 s}", "needs date"},
		{"windows: {rate: 0/s, for: 1 s}", "above 0"},
		{"windows: {date: 2016-01-11, for: 1 s}", "needs growth"},
		{"windows: {date: 2016-13-11, rate: 1/s, for: 1 s}", "is not a date"},
		{"windows: []", "must be a list"},
		{"windows: {rate: 1k/s, for: 1 s}\nclustering: {cv: 11}", "out of range"},
		{"windows: {rate: 1k/s, for: 1 s}\ndaily: [1, 2]", "list of 24 multipliers"},
		{"windows: {rate: 1k/s, for: 1 s}\nweekly: [0, 0, 0, 0, 0, 0, 0]", "all multipliers are 0"},
		{"windows: {rate: 1k/s, for: 1 s, columns: {opp: read}}", "did you mean"},
		{"windows: {rate: 1k/s, for: 1 s}\nbursts: {at: 1 s}", "a burst needs rise"},
		{"windows: {rate: 1k/s, for: 1 s}\nmodulation: 0.5", "must be a list of at most 8 maps"},
		{"windows: {rate: 1k/s, for: 1 s}\nmodulation: {every: 1 min, cv: 200}", "out of range"},
		{"windows: {rate: 1k/s, for: 1 s}\nbursts: {at: 1 s, rise: 1 s, window: 2}", "there is no window 2"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {bites: 1 B}", "did you mean \"bytes\"?"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {op: delete}", "is not one of read, write"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {op: {mix: {read: 50 %, write: 40 %}}}", "add up to 90 %"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {sent: calendar}", "need a date"},
		{"windows: {rate: 1k/s, for: 1 s, date: 2016-01-01}\ncolumns: {stored: stored}", "say how much"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {key: {zipf: {exponent: 1}}}", "zipf needs keys"},
		{"windows: {rate: 1k/s, for: 1 s}\ncolumns: {key: {by: op, read: 1}}", "has no entry for op write"},
		{"windows: {rate: 1k/s, for: 1 s}\ngrowth: [{date: 2016-01-02, rate: 1/s}, {date: 2016-01-01, rate: "
		 "1/s}]",
		 "in order"},
		{"windows: {date: 2261-12-31, rate: 1k/s, for: 36500 d}", "ends after the year 2261"},
		{"windows: {rate: 1k/s, for: 1 s}\nbursts: {at: 36500 d, rise: 1 s}", "out of range"},
		{"windows: {rate: 1k/s, for: 36500 d}\ngap: 2 d", "out of range"},
		{"windows: [{rate: 1k/s, for: 36500 d}, {rate: 1k/s, for: 36500 d}]", "longer than 146 years"},
		{"growth: [{date: 2016-01-01, rate: 1/d}, {date: 2016-01-02, rate: 1 G/d}]\nwindows: {date: "
		 "2200-01-01, for: 1 s}",
		 "rows per second; allowed"},
		{"windows: {rate: 1k/s, for: 1 s}\nstored: {date: 2016-01-02, count: 1}", "stored needs growth"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct made made;
		load(&made, bad[i].text);
		bool told = !made.recipe && made.err.kind == ERR_MODEL && strstr(made.err.message[0].text, bad[i].says);
		if (!ok(told && made.err.message[0].line > 0, "mistake: %s", bad[i].says))
			diag("%d: %s", made.err.message[0].line,
			     made.err.count ? made.err.message[0].text : "no message");
		done(&made);
	}
}

static void dates(void)
{
	char text[DATE_TEXT];
	int64_t days, ns;
	bool back = true;
	for (int64_t d = 0; d < 106000; d++)
		back = back && date_parse(date_print(d, text), &days) && days == d;
	ok(back, "dates: every day is itself again");
	ok(date_parse("2016-02-29", &days) && !date_parse("2015-02-29", &days) && !date_parse("2100-02-29", &days),
	   "dates: leap days");
	ok(date_parse_instant("2014-04-07T00:00", &ns) && ns == INT64_C(1396828800000000000), "dates: an instant");
	ok(!date_parse_instant("2014-04-07T24:00", &ns) && !date_parse("2014-4-7", &days) && !date_parse("", &days),
	   "dates: what is none");
}

int main(void)
{
	dates();
	arrivals(1);
	arrivals(1.3);
	arrivals(2.5);
	arrivals(0.5);
	arrivals_by_date();
	regular();
	growth();
	windows();
	steps();
	columns_of_windows();
	bursts();
	modulation();
	keys();
	churn();
	by_word();
	calendar();
	determinism();
	round_trip();
	mistakes();
	return done_testing();
}
