/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two instants, chosen anywhere in a stretch W, lie in the same stretch T_j of a factor with probability q_j = T_j / W
 * (1 where T_j is longer). With P_j the product of 1 + cv^2 of the factors from scale j on, the second moment of the
 * rate over W, against its squared mean, is therefore
 *
 *   M(W) = sum over j of (q_j - q_(j-1)) P_j, with q_0 = 0; and 1 for what shares no stretch at all
 *
 * M(T_m) has only P_1 ... P_m in it: the scales of a trace give its P one after the other. Of counts with mean m and
 * dispersion d, M is 1 + (d - 1) / m.
 *
 * Keys are fitted by drawing: for an exponent, as many keys as make the expected number of different ones that of the
 * trace; then rows are drawn and measured as the trace was, and the exponent moves by what is missing.
 */
#include "io/tracefit.h"
#include "base/check.h"
#include "engine/dist.h"
#include "io/memory.h"
#include "io/zipf.h"
#include "trace/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SCALES = 6,
	ROWS_LEAST = 20,
	BINS_LEAST = 10,
	TEXT = 4096,
	DRAWN_MOST = 1000000,
	STEPS = 8,
	PLACES = 96,
	NUMBERS = 30
};

static const int64_t hour = INT64_C(3600000000000);
static const int64_t scales[SCALES] = {1000000000, 10000000000, 60000000000, 600000000000, 3600000000000, DATE_DAY};
static const char *const scale_names[SCALES] = {"1 s", "10 s", "1 min", "10 min", "1 h", "1 d"};

struct trace_fit {
	const struct trace_fit_column *columns;
	int count;
	int64_t *time, **value;
	size_t rows, room;
	double daily[24], weekly[7];
	bool by_day, by_week;
	struct arena arena;
};

struct trace_fit *trace_fit_open(const struct trace_fit_column *columns, int count)
{
	struct trace_fit *fit = memory_zeroed(1, sizeof *fit);
	fit->columns = columns;
	fit->count = count;
	fit->value = memory_zeroed((size_t)count, sizeof *fit->value);
	arena_init(&fit->arena);
	return fit;
}

void trace_fit_close(struct trace_fit *fit)
{
	if (!fit)
		return;
	for (int i = 0; i < fit->count; i++)
		free(fit->value[i]);
	free(fit->value);
	free(fit->time);
	arena_free(&fit->arena);
	free(fit);
}

void trace_fit_row(struct trace_fit *fit, int64_t instant, const int64_t *values)
{
	if (fit->rows == fit->room) {
		fit->room = fit->room ? 2 * fit->room : 1024;
		fit->time = memory_sized(fit->time, fit->room, sizeof *fit->time);
		for (int i = 0; i < fit->count; i++)
			fit->value[i] = memory_sized(fit->value[i], fit->room, sizeof *fit->value[i]);
	}
	fit->time[fit->rows] = instant;
	for (int i = 0; i < fit->count; i++)
		fit->value[i][fit->rows] = values[i];
	fit->rows++;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* ---- time ---- */

static double season(const struct trace_fit *fit, int64_t instant)
{
	return fit->daily[instant % DATE_DAY / hour] * fit->weekly[(instant / DATE_DAY + 3) % 7];
}

/* From the first row on: the span, and one mean gap, which is as long for the rows as the span is for the gaps. */
static int64_t lasts(const struct trace_fit *fit)
{
	int64_t span = fit->time[fit->rows - 1] - fit->time[0];
	return span + span / (int64_t)(fit->rows - 1);
}

/* Calls for each stretch of the span that lies within one hour. */
static double sum_hours(const struct trace_fit *fit, double (*of)(const struct trace_fit *fit, int64_t instant),
			double *hours, double *days)
{
	double total = 0;
	int64_t end = fit->time[0] + lasts(fit);
	for (int64_t at = fit->time[0], next; at < end; at = next) {
		next = at - at % hour + hour;
		next = next < end ? next : end;
		double part = of(fit, at) * (double)(next - at);
		total += part;
		if (hours)
			hours[at % DATE_DAY / hour] += part;
		if (days)
			days[(at / DATE_DAY + 3) % 7] += part;
	}
	return total;
}

static double one(const struct trace_fit *fit, int64_t instant)
{
	(void)fit;
	(void)instant;
	return 1;
}

/* Rows over time, by hour of the day and day of the week. */
static void fit_season(struct trace_fit *fit)
{
	double hours[24] = {0}, days[7] = {0}, by_hour[24] = {0}, by_day[7] = {0}, mean_hour = 0, mean_day = 0;
	sum_hours(fit, one, hours, days);
	for (size_t i = 0; i < fit->rows; i++) {
		by_hour[fit->time[i] % DATE_DAY / hour]++;
		by_day[(fit->time[i] / DATE_DAY + 3) % 7]++;
	}
	fit->by_day = lasts(fit) >= 2 * DATE_DAY;
	fit->by_week = lasts(fit) >= 7 * DATE_DAY - hour; /* a week whose last minutes have no rows is one */
	for (int i = 0; i < 24; i++)
		mean_hour += fit->daily[i] = fit->by_day ? by_hour[i] / hours[i] : 1;
	for (int i = 0; i < 7; i++)
		mean_day += fit->weekly[i] = fit->by_week ? by_day[i] / days[i] : 1;
	for (int i = 0; i < 24; i++)
		fit->daily[i] *= 24 / mean_hour;
	for (int i = 0; i < 7; i++)
		fit->weekly[i] *= 7 / mean_day;
}

/* The coarsest scale of which all times are multiples; a finer one cannot be told. */
static int64_t tick_of(const struct trace_fit *fit)
{
	int scale = SCALES - 1;
	for (size_t i = 0; i < fit->rows && scale >= 0; i++)
		while (scale >= 0 && fit->time[i] % scales[scale])
			scale--;
	return scale >= 0 ? scales[scale] : 1;
}

struct counts {
	int64_t bins;
	double mean, dispersion, season; /* squared cv of what the season makes expected */
};

/* Of the stretches of the calendar that lie wholly in the span. */
static struct counts count_at(const struct trace_fit *fit, int64_t scale)
{
	int64_t first = (fit->time[0] + scale - 1) / scale, last = fit->time[fit->rows - 1] / scale, at = first, in = 0;
	struct counts counts = {.bins = last - first};
	double squares = 0, sum = 0, expected = 0, expected_squares = 0;
	for (size_t i = 0; i < fit->rows; i++) {
		int64_t bin = fit->time[i] / scale;
		if (bin < first || bin >= last)
			continue;
		if (bin != at) {
			squares += (double)in * (double)in;
			in = 0;
			at = bin;
		}
		in++;
		sum++;
	}
	squares += (double)in * (double)in;
	if (counts.bins < 2 || sum == 0)
		return (struct counts){0};
	double bins = (double)counts.bins;
	counts.mean = sum / bins;
	counts.dispersion = (squares - sum * counts.mean) / (bins - 1) / counts.mean;
	/* Within an hour the season stays: hours stand for what is finer. */
	int64_t step = scale < hour ? hour : scale, parts = step / hour, steps = 0;
	for (int64_t bin = fit->time[0] / step + 1; bin < fit->time[fit->rows - 1] / step; bin++, steps++) {
		double rows = 0;
		for (int64_t k = 0; k < parts; k++)
			rows += season(fit, bin * step + k * hour);
		expected += rows;
		expected_squares += rows * rows;
	}
	if (steps > 1 && expected > 0)
		counts.season = expected_squares * (double)steps / (expected * expected) - 1;
	return counts;
}

/* Writes `modulation:`, and what it was solved from. */
static void write_modulation(const struct trace_fit *fit, FILE *file)
{
	int64_t tick = tick_of(fit), used[SCALES];
	double product[SCALES + 1];
	const char *name[SCALES];
	int count = 0;
	for (int i = 0; i < SCALES; i++) {
		struct counts counts = count_at(fit, scales[i]);
		if (counts.bins < 2)
			continue;
		fprintf(file, "# per %s: %.4g rows, dispersion (variance / mean) %.3g\n", scale_names[i], counts.mean,
			counts.dispersion);
		if (scales[i] < tick || counts.bins < BINS_LEAST || counts.mean < 0.01)
			continue;
		double moment = (1 + (counts.dispersion - 1) / counts.mean) / (1 + counts.season), before = 0;
		for (int j = 0; j < count; j++) {
			double q = (double)used[j] / (double)scales[i];
			moment -= (q - before) * product[j];
			before = q;
		}
		used[count] = scales[i];
		name[count] = scale_names[i];
		product[count++] = moment / (1 - before);
	}
	product[count] = 1;
	bool any = false;
	for (int j = count - 1; j >= 0; j--)
		product[j] = product[j] > product[j + 1] ? product[j] : product[j + 1];
	for (int j = 0; j < count; j++) {
		double cv = sqrt(product[j] / product[j + 1] - 1);
		if (cv < 0.01)
			continue;
		fprintf(file, "%s  - {every: %s, cv: %.4g}\n", any ? "" : "modulation:\n", name[j],
			cv < 100 ? cv : 100);
		any = true;
	}
}

static void write_multipliers(FILE *file, const char *key, const double *multiplier, int count)
{
	fprintf(file, "%s: [", key);
	for (int i = 0; i < count; i++)
		fprintf(file, "%s%.4g", i ? ", " : "", multiplier[i]);
	fputs("]\n", file);
}

static const char *seconds(int64_t ns, char text[PLACES])
{
	snprintf(text, PLACES, "%lld.%09lld s", (long long)(ns / 1000000000), (long long)(ns % 1000000000));
	return text;
}

static void write_time(struct trace_fit *fit, FILE *file)
{
	int64_t span = lasts(fit), start = fit->time[0];
	char date[DATE_TEXT], at[PLACES], length[PLACES];
	fit_season(fit);
	date_print(start / DATE_DAY, date);
	if (fit->by_day) {
		double rate = (double)fit->rows / sum_hours(fit, season, NULL, NULL) * (double)DATE_DAY;
		fprintf(file, "growth:\n  - {date: %s, rate: %.8g /d}\n", date, rate);
		write_multipliers(file, "daily", fit->daily, 24);
		if (fit->by_week)
			write_multipliers(file, "weekly", fit->weekly, 7);
		fprintf(file, "windows: {date: %s, at: %s, for: %s}\n", date, seconds(start % DATE_DAY, at),
			seconds(span, length));
	} else {
		fprintf(file, "windows: {rate: %.8g /s, date: %s, at: %s, for: %s}\n",
			(double)fit->rows / (double)span * 1e9, date, seconds(start % DATE_DAY, at),
			seconds(span, length));
	}
	write_modulation(fit, file);
}

/* ---- keys ---- */

/* Sorts values in place, and gives how often each different one comes, the most frequent first. */
static int64_t *count_values(int64_t *value, size_t rows, size_t *different)
{
	int64_t *counts = memory_zeroed(rows, sizeof *counts);
	size_t count = 0;
	qsort(value, rows, sizeof *value, compare);
	for (size_t i = 0, j; i < rows; i = j) {
		for (j = i; j < rows && value[j] == value[i]; j++)
			;
		counts[count++] = -(int64_t)(j - i); /* so that the greatest comes first */
	}
	qsort(counts, count, sizeof *counts, compare);
	for (size_t i = 0; i < count; i++)
		counts[i] = -counts[i];
	*different = count;
	return counts;
}

/* How many different of `keys` keys are expected in so many rows; ranks are taken together where they hardly differ. */
static double expected_different(double keys, double exponent, double rows)
{
	double weight = 0, different = 0;
	for (int pass = 0; pass < 2; pass++)
		for (double k = 1; k <= keys;) {
			double next = floor(k * 1.01) + 1;
			next = next < keys + 1 ? next : keys + 1;
			double p = pow((k + next - 1) / 2, -exponent), many = next - k;
			if (pass == 0)
				weight += many * p;
			else
				different += many * -expm1(-rows * p / weight);
			k = next;
		}
	return different;
}

static double keys_for(double different, double exponent, double rows)
{
	double low = different, high = 1e8;
	for (int step = 0; step < 60 && high / low > 1.0001; step++) {
		double middle = sqrt(low * high);
		if (expected_different(middle, exponent, rows) < different)
			low = middle;
		else
			high = middle;
	}
	return floor(low + 0.5);
}

struct drawn {
	double exponent, top;
	size_t different;
};

/* The share of the most frequent 1 % of the keys. */
static double share_of_top(const int64_t *counts, size_t different, size_t rows)
{
	double top = 0;
	for (size_t i = 0; i < (different + 99) / 100; i++)
		top += (double)counts[i];
	return top / (double)rows;
}

static struct drawn draw_keys(struct trace_fit *fit, double keys, double exponent, size_t rows)
{
	char text[PLACES];
	struct dist dist;
	struct err err;
	struct rng rng = rng_seed(1);
	struct drawn drawn;
	err_init(&err);
	snprintf(text, sizeof text, "zipf(%.0f, %.6f)", keys, exponent);
	CHECK(dist_parse(&dist, QUANTITY_COUNT, text, &fit->arena, NULL, NULL, &err));
	int64_t *value = memory_zeroed(rows, sizeof *value);
	for (size_t i = 0; i < rows; i++)
		value[i] = (int64_t)dist_draw(&dist, &rng);
	int64_t *counts = count_values(value, rows, &drawn.different);
	drawn.exponent = zipf_exponent(counts, drawn.different);
	drawn.top = share_of_top(counts, drawn.different, rows);
	free(counts);
	free(value);
	return drawn;
}

/* The number as a quantity of its kind, and again as the same. */
static const char *quantity(const struct trace_fit_column *column, double value, char text[PLACES])
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	int unit = 0;
	if (column->kind == TRACE_FIT_TIME)
		for (; unit < 3 && value >= 1000; unit++)
			value /= 1000;
	const char *name = column->kind == TRACE_FIT_TIME ? units[unit] : column->kind == TRACE_FIT_BYTES ? "B" : "";
	bool whole = column->kind == TRACE_FIT_COUNT || column->kind == TRACE_FIT_KEY;
	snprintf(text, PLACES, whole ? "%.0f%s%s" : "%.6g%s%s", value, *name ? " " : "", name);
	return text;
}

/* Each different one of sorted values with its share; keys are numbered. */
static void write_shares(const struct trace_fit_column *column, const int64_t *value, size_t rows, bool numbered,
			 FILE *file)
{
	int64_t different = 0;
	char text[PLACES];
	fprintf(file, "  %s: mix(", column->name);
	for (size_t i = 0, j; i < rows; i = j, different++) {
		for (j = i; j < rows && value[j] == value[i]; j++)
			;
		fprintf(file, "%s%zu const(%s)", different ? ", " : "", j - i,
			quantity(column, numbered ? (double)different : (double)value[i], text));
	}
	fprintf(file, ") # each with its share\n");
}

static void write_keys(struct trace_fit *fit, const struct trace_fit_column *column, int64_t *value, size_t rows,
		       FILE *file)
{
	size_t different, drawn_rows = rows < DRAWN_MOST ? rows : DRAWN_MOST;
	int64_t *counts = count_values(value, rows, &different);
	if (different <= TRACE_FIT_KEYS) {
		write_shares(column, value, rows, true, file);
		free(counts);
		return;
	}
	double observed = zipf_exponent(counts, different), exponent = observed, keys = 0;
	struct drawn drawn = {0};
	for (int step = 0; step < STEPS; step++) {
		keys = keys_for((double)different, exponent, (double)rows);
		drawn = draw_keys(fit, keys, exponent, drawn_rows);
		if (step == STEPS - 1 || fabs(drawn.exponent - observed) < 0.002)
			break;
		exponent += observed - drawn.exponent;
		exponent = exponent < 0 ? 0 : exponent > 5 ? 5 : exponent;
	}
	fprintf(file,
		"  # %zu different in %zu rows, exponent %.3f (maximum likelihood over observed ranks), the top 1 %% "
		"have "
		"%.3g %%;\n  # of %zu rows drawn: %zu, %.3f, %.3g %%\n",
		different, rows, observed, 100 * share_of_top(counts, different, rows), drawn_rows, drawn.different,
		drawn.exponent, 100 * drawn.top);
	fprintf(file, "  %s: {zipf: {keys: %.0f, exponent: %.4f}}\n", column->name, keys, exponent);
	free(counts);
}

/* ---- words ---- */

static void write_words(const struct trace_fit_column *column, const int64_t *value, size_t rows, FILE *file)
{
	int words = 0, different = 0, last = 0;
	while (column->words[words])
		words++;
	int64_t *counts = memory_zeroed((size_t)words, sizeof *counts);
	for (size_t i = 0; i < rows; i++)
		counts[value[i]]++;
	for (int i = 0; i < words; i++)
		if (counts[i]) {
			different++;
			last = i;
		}
	if (different == 1) {
		fprintf(file, "  %s: %s\n", column->name, column->words[last]);
		free(counts);
		return;
	}
	fprintf(file, "  %s: {mix: {", column->name);
	for (int i = 0; i <= last; i++)
		if (counts[i])
			fprintf(file, "%s: %.9g %%%s", column->words[i], 100 * (double)counts[i] / (double)rows,
				i < last ? ", " : "");
	fputs("}}\n", file);
	free(counts);
}

/* ---- numbers ---- */

static enum quantity_kind kind_of(const struct trace_fit_column *column)
{
	return column->kind == TRACE_FIT_TIME    ? QUANTITY_TIME
	       : column->kind == TRACE_FIT_BYTES ? QUANTITY_BYTES
						 : QUANTITY_COUNT;
}

/* The greatest distance between the distribution of sorted values, which were rounded, and one that is told as a text;
 * 1 where the text is none. */
static double distance(struct trace_fit *fit, const struct trace_fit_column *column, const int64_t *value, size_t rows,
		       const char *text)
{
	struct dist dist;
	struct err err;
	double most = 0;
	err_init(&err);
	if (!dist_parse(&dist, kind_of(column), text, &fit->arena, NULL, NULL, &err))
		return 1;
	for (size_t i = 0, j; i < rows; i = j) {
		for (j = i; j < rows && value[j] == value[i]; j++)
			;
		double above = fabs((double)j / (double)rows - dist_cdf(&dist, (double)value[i] + 0.5));
		double below = fabs((double)i / (double)rows - dist_cdf(&dist, (double)value[i] - 0.5));
		most = fmax(most, fmax(above, below));
	}
	return most;
}

/* Uniform ones between quantiles, one for 2 % and less at the end. */
static void write_quantiles(const struct trace_fit_column *column, const int64_t *value, size_t rows, char text[TEXT])
{
	size_t length = (size_t)snprintf(text, TEXT, "mix("), parts = 0;
	for (double cut = 0, next; cut < 1; cut = next) {
		char low[PLACES], high[PLACES];
		next = cut < 0.975 ? cut + 0.02 : cut < 0.985 ? 0.99 : cut < 0.9925 ? 0.995 : cut < 0.997 ? 0.999 : 1;
		size_t from = (size_t)(cut * (double)(rows - 1)), to = (size_t)(next * (double)(rows - 1));
		double weight = 100 * (next - cut);
		length += (size_t)snprintf(text + length, TEXT - length, "%s%.4g ", parts++ ? ", " : "", weight);
		if (value[from] == value[to])
			length += (size_t)snprintf(text + length, TEXT - length, "const(%s)",
						   quantity(column, (double)value[from], low));
		else
			length += (size_t)snprintf(text + length, TEXT - length, "uniform(%s, %s)",
						   quantity(column, (double)value[from], low),
						   quantity(column, (double)value[to], high));
	}
	snprintf(text + length, TEXT - length, ")");
}

/* Whether sorted values are so few different ones that each can be told. */
static bool is_few(const int64_t *value, size_t rows)
{
	int different = 1;
	for (size_t i = 1; i < rows && different <= NUMBERS; i++)
		different += value[i] != value[i - 1];
	return different <= NUMBERS;
}

/* Those of the positive values; `part`: how many per cent these are. */
static void write_numbers(struct trace_fit *fit, const struct trace_fit_column *column, int64_t *value, size_t rows,
			  FILE *file)
{
	double sum = 0, squares = 0, logs = 0, log_squares = 0, nearest = 2;
	char text[4][TEXT], best[TEXT], mean_text[PLACES], median[PLACES];
	static const char *const names[] = {"exponential", "gamma", "Weibull", "lognormal"};
	double distances[4];
	size_t zeros = 0;
	qsort(value, rows, sizeof *value, compare);
	while (zeros < rows && value[zeros] == 0)
		zeros++;
	double positive = (double)(rows - zeros);
	if (value[0] == value[rows - 1]) {
		fprintf(file, "  %s: %s\n", column->name, quantity(column, (double)value[0], median));
		return;
	}
	if (is_few(value, rows)) {
		write_shares(column, value, rows, false, file);
		return;
	}
	for (size_t i = zeros; i < rows; i++) {
		double x = (double)value[i], l = log(x);
		sum += x;
		squares += x * x;
		logs += l;
		log_squares += l * l;
	}
	double mean = sum / positive, cv = sqrt(fmax(squares / positive / (mean * mean) - 1, 1e-6));
	double mu = logs / positive, sigma = sqrt(fmax(log_squares / positive - mu * mu, 1e-6));
	quantity(column, mean, mean_text);
	quantity(column, exp(mu), median);
	char open[PLACES] = "", zero[PLACES];
	if (zeros)
		snprintf(open, sizeof open, "mix(%zu const(%s), %.0f ", zeros, quantity(column, 0, zero), positive);
	const char *close = zeros ? ")" : "";
	snprintf(text[0], TEXT, "%sexp(%s)%s", open, mean_text, close);
	snprintf(text[1], TEXT, "%sgamma(mean=%s, cv=%.4g)%s", open, mean_text, cv, close);
	snprintf(text[2], TEXT, "%sweibull(mean=%s, cv=%.4g)%s", open, mean_text, cv, close);
	snprintf(text[3], TEXT, "%slognormal(median=%s, sigma=%.4g)%s", open, median, sigma, close);
	strcpy(best, text[0]);
	for (int i = 0; i < 4; i++) {
		distances[i] = distance(fit, column, value, rows, text[i]);
		if (distances[i] < nearest) {
			nearest = distances[i];
			strcpy(best, text[i]);
		}
	}
	fprintf(file, "  # %zu values, mean %s; distances (Kolmogorov-Smirnov):", rows, mean_text);
	for (int i = 0; i < 4; i++)
		fprintf(file, "%s %s %.3f", i ? "," : "", names[i], distances[i]);
	if (nearest > TRACE_FIT_NEAR) {
		write_quantiles(column, value, rows, best);
		fprintf(file, ", between quantiles %.3f", distance(fit, column, value, rows, best));
	}
	fprintf(file, "\n  %s: %s\n", column->name, best);
}

/* ---- all of it ---- */

/* Whether a TIME is the instant of its row. */
static bool is_calendar(const struct trace_fit *fit, int column)
{
	for (size_t i = 0; i < fit->rows; i++)
		if (fit->value[column][i] != fit->time[i])
			return false;
	return true;
}

static void write_column(struct trace_fit *fit, int index, FILE *file)
{
	const struct trace_fit_column *column = &fit->columns[index];
	int64_t *value = fit->value[index];
	size_t rows = 0;
	if (column->kind == TRACE_FIT_TIME && is_calendar(fit, index)) {
		fprintf(file, "  %s: calendar\n", column->name);
		return;
	}
	for (size_t i = 0; i < fit->rows; i++)
		if (value[i] >= 0)
			value[rows++] = value[i];
	if (rows < fit->rows)
		fprintf(file, "  # %s is missing in %zu of %zu rows, which is not told by the recipe\n", column->name,
			fit->rows - rows, fit->rows);
	if (rows == 0)
		return;
	if (column->kind == TRACE_FIT_KEY)
		write_keys(fit, column, value, rows, file);
	else if (column->kind == TRACE_FIT_WORD)
		write_words(column, value, rows, file);
	else
		write_numbers(fit, column, value, rows, file);
}

bool trace_fit_write(struct trace_fit *fit, const char *from, FILE *file, struct err *err)
{
	struct place place = {from, 0, 0};
	if (fit->rows < ROWS_LEAST || fit->time[fit->rows - 1] == fit->time[0])
		return err_add(err, ERR_TRACE, &place,
			       "has too few rows, or all at one instant: a recipe is fitted to %d at least",
			       ROWS_LEAST);
	fprintf(file,
		"# What %s is like, as casebook trace fit found it: %zu rows. Columns are drawn independently of one\n"
		"# another and of time.\n",
		from, fit->rows);
	write_time(fit, file);
	if (fit->count)
		fputs("columns:\n", file);
	for (int i = 0; i < fit->count; i++)
		write_column(fit, i, file);
	return true;
}
