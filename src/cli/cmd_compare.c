/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sides, each a setup of its own study, run on the same random numbers and compared replication by replication.
 */
#include "cli/command.h"
#include "cli/grid.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "exec/campaign.h"
#include "exec/measure.h"
#include "io/paths.h"
#include "io/readers.h"
#include "run/digest.h"
#include "stats/paired.h"
#include "stats/shown.h"
#include "stats/verdict.h"
#include "trace/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 256, DETAILED = 2, MORE_MAX = 5000 };
static const double confidence = 0.95;

struct compare_options {
	struct study_options study;
	struct option_texts metric, fail_if;
	const char *window, *within;
	int64_t jobs;
	bool independent, markdown, json;
};

enum { WIDE_COLUMNS = 100, HANG = 4 };

static const struct option options[] = {
	OPTION_TEXTS(struct compare_options, metric, "metric", 0, "METRIC",
		     "compare this, e.g. 'p99(read)' or 'max(queue) / mean(queue)'; may be repeated; default: the "
		     "usual ones"),
	OPTION_TEXT(struct compare_options, window, "window", 0, "WINDOW",
		    "in this window of the trace, a date or a step's number; default: the last"),
	OPTION_TEXTS(struct compare_options, fail_if, "fail-if", 0, "LIMIT",
		     "exit with 1 when B is so much worse, e.g. 'p99(read) > +5%' or 'mean(wait) > +2 ms'; may be "
		     "repeated"),
	OPTION_TEXT(struct compare_options, within, "within", 0, "PART",
		    "tell whether the two are the same within that part of A, e.g. 1%; exit with 1 when one is not"),
	OPTION_FLAG(struct compare_options, independent, "independent", 0,
		    "give B random numbers of its own, to see what common ones are worth"),
	STUDY_OPTIONS_OF_ALL(struct compare_options, study),
	OPTION_JOBS(struct compare_options, jobs),
	OPTION_MARKDOWN(struct compare_options, markdown),
	OPTION_JSON(struct compare_options, json),
	OPTION_END};

struct side {
	const char *label; /* as written */
	const char *model;
	struct study *study;
	struct setup *setup;
	struct outcome *outcome;
};

struct compared {
	struct measure measure;
	bool told;  /* in a sentence too */
	bool asked; /* by the command line, so that it is told although nothing was measured */
	struct paired paired;
	bool extreme;        /* it hangs on a least or greatest value, which has no interval */
	enum verdict within; /* with --within */
};

struct limit {
	const char *text;
	int row;
	bool above; /* fails above, or below */
	bool or_equal;
	bool relative; /* `value` is a part of A's, or is in the measure's unit */
	double value;
	enum verdict fails;
};

struct comparing {
	struct command_line *line;
	const struct compare_options *given;
	struct side side[2];
	struct campaign campaign;
	struct compared row[ROWS_MAX];
	int rows;
	struct limit *limit;
	int limits;
	bool windowed, windows_differ;
	double within; /* 0: not asked for */
	int64_t window;
};

/* ---- the sides ---- */

static void add_text(struct arena *arena, struct option_texts *texts, const char *text)
{
	const char **grown = ARENA_ARRAY(arena, (size_t)texts->count + 2, const char *);
	if (texts->count)
		memcpy(grown, texts->text, (size_t)texts->count * sizeof(*grown));
	grown[texts->count++] = text;
	texts->text = grown;
}

/* A comma divides when KEY= follows: commas inside of values are left alone. */
static const char *end_of_set(const char *text)
{
	for (; *text; text++) {
		size_t key = strspn(text + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
		int open = 0;
		if (*text == ',' && key > 0 && text[1 + key] == '=') {
			/* Not inside parentheses: lognormal(median=2 ms,p99=30 ms). */
			for (const char *c = text; *c; c++)
				open += (*c == ')') - (*c == '(');
			if (open == 0)
				break;
		}
	}
	return text;
}

/* [FILE:][VARIANT][:KEY=VALUE,...] */
static bool read_side(struct comparing *comparing, struct side *side, const char *text, const char *model)
{
	struct arena *arena = comparing->line->arena;
	struct study_options over = comparing->given->study;
	const char *at = text, *variant = NULL;
	side->label = text;
	side->model = model;
	for (bool first = true; *at; first = false) {
		size_t length = strcspn(at, ":");
		const char *part = arena_text_of(arena, at, length), *equals = strchr(part, '=');
		if (equals) {
			length = strlen(at); /* the rest: values may hold colons */
			for (const char *end; *at; at = *end ? end + 1 : end) {
				end = end_of_set(at);
				add_text(arena, &over.set, arena_text_of(arena, at, (size_t)(end - at)));
			}
			break;
		}
		if (first && (!model || paths_is_file(part)))
			side->model = part;
		else if (length > 0 && variant)
			return err_add(comparing->line->err, ERR_USAGE, NULL,
				       "%.80s: expected a side as [FILE:]VARIANT[:KEY=VALUE,...], and \"%.60s\" is not "
				       "part of one",
				       text, part);
		else if (length > 0)
			variant = part;
		at += length + (at[length] == ':');
	}
	if (variant)
		add_text(arena, &over.variant, variant);
	side->study = load_study(arena, side->model, &over, comparing->line->err);
	if (!side->study)
		return false;
	side->setup = setup_resolve(side->study, variant ? variant : side->study->shown[0], NULL, comparing->line->err);
	return side->setup != NULL;
}

static bool read_sides(struct comparing *comparing)
{
	struct command_line *line = comparing->line;
	bool three = line->operands == 3;
	struct side *a = &comparing->side[0], *b = &comparing->side[1];
	const char *model = three ? line->operand[0] : NULL;
	/* Mistakes of one side are enough. */
	if (!read_side(comparing, a, line->operand[three], model) ||
	    !read_side(comparing, b, line->operand[1 + three], model))
		return false;
	if (a->study->of != b->study->of)
		return err_add(line->err, ERR_USAGE, NULL, "%s and %s are not the same case, and cannot be compared",
			       a->study->of->name, b->study->of->name);
	/* As many replications of both, on the same random numbers. */
	int64_t reps = a->setup->run.reps > b->setup->run.reps ? a->setup->run.reps : b->setup->run.reps;
	a->setup->run.reps = b->setup->run.reps = reps;
	b->setup->run.seed = a->setup->run.seed;
	if (comparing->given->independent)
		b->setup->run.seed = a->setup->run.seed ^ (INT64_C(1) << 40);
	for (int i = 0; i < 2; i++)
		comparing->side[i].setup->digest = digest_setup(comparing->side[i].setup);
	return true;
}

/* ---- what is compared ---- */

static bool has_window(const struct setup *setup, int64_t window)
{
	for (int w = 0; w < setup->trace.windows; w++)
		if (setup->trace.window[w].window == window)
			return true;
	return false;
}

static bool find_window(struct comparing *comparing)
{
	const char *text = comparing->given->window;
	int64_t last[2];
	bool has[2];
	if (!text) {
		for (int i = 0; i < 2; i++)
			has[i] = measure_last_window(comparing->side[i].setup, &last[i]);
		comparing->windowed = has[0] && has[1] && last[0] == last[1];
		comparing->windows_differ = !comparing->windowed && (has[0] || has[1]);
		comparing->window = last[0];
		return true;
	}
	char *end;
	comparing->windowed = true;
	if (!date_parse(text, &comparing->window)) {
		comparing->window = strtoll(text, &end, 10);
		if (*end || end == text)
			return err_add(comparing->line->err, ERR_USAGE, NULL,
				       "--window %.40s: a date (2022-05-01), or the number of a step", text);
	}
	for (int i = 0; i < 2; i++)
		if (!has_window(comparing->side[i].setup, comparing->window))
			return err_add(comparing->line->err, ERR_USAGE, NULL,
				       "--window %.40s: the trace of %.60s has no such window", text,
				       comparing->side[i].label);
	return true;
}

/* The index of the row, or -1 and messages. */
static int add_row(struct comparing *comparing, const char *text, const char *option, bool told, bool asked)
{
	struct measure measure;
	if (!measure_parse(&measure, comparing->side[0].setup, text, option, comparing->line->err))
		return -1;
	for (int i = 0; i < comparing->rows; i++)
		if (strcmp(comparing->row[i].measure.text, measure.text) == 0)
			return i;
	if (comparing->rows == ROWS_MAX) {
		err_add(comparing->line->err, ERR_USAGE, NULL, "more than %d metrics", ROWS_MAX);
		return -1;
	}
	measure.windowed = comparing->windowed;
	measure.window = comparing->window;
	comparing->row[comparing->rows] = (struct compared){.measure = measure, .told = told, .asked = asked};
	return comparing->rows++;
}

static void usual_rows(struct comparing *comparing)
{
	static const char *const detailed[] = {"p50", "p99", "p999", "mean", NULL};
	struct arena *arena = comparing->line->arena;
	int left = DETAILED;
	for (const struct metric *metric = comparing->side[0].study->of->metrics; metric->name; metric++) {
		if (metric->kind != METRIC_TIME || left == 0) {
			add_row(comparing, metric->name, "--metric", false, false);
			continue;
		}
		left--;
		for (const char *const *statistic = detailed; *statistic; statistic++)
			add_row(comparing, arena_format(arena, "%s(%s)", *statistic, metric->name), "--metric",
				strcmp(*statistic, "p99") == 0, false);
	}
}

/* "p99(read) > +5%" */
static bool read_limit(struct comparing *comparing, const char *text, struct limit *limit)
{
	struct command_line *line = comparing->line;
	size_t length = strcspn(text, "<>");
	const char *value = text + length;
	char why[QUANTITY_WHY];
	struct quantity quantity;
	*limit = (struct limit){.text = text, .above = *value == '>'};
	if (length == 0 || !*value)
		return err_add(line->err, ERR_USAGE, NULL, "--fail-if %.80s: write e.g. 'p99(%s) > +5%%'", text,
			       comparing->side[0].study->of->metrics[0].name);
	value++;
	limit->or_equal = *value == '=';
	value += limit->or_equal;
	value += strspn(value, " ");
	double sign = *value == '-' ? -1 : 1;
	value += *value == '-' || *value == '+';
	while (length > 0 && text[length - 1] == ' ')
		length--;
	limit->row = add_row(comparing, arena_text_of(line->arena, text, length), "--fail-if", true, true);
	if (limit->row < 0)
		return false;
	limit->relative = strchr(value, '%') != NULL;
	enum quantity_kind kind = limit->relative ? QUANTITY_RATIO : comparing->row[limit->row].measure.kind;
	kind = kind == QUANTITY_COUNT ? QUANTITY_REAL : kind;
	if (!quantity_parse(kind, value, &quantity, why))
		return err_add(line->err, ERR_USAGE, NULL, "--fail-if %.80s: \"%.40s\" %s; or a part of A's value, 5%%",
			       text, value, why);
	limit->value = sign * quantity.real * (kind == QUANTITY_TIME ? 1e-9 : 1);
	return true;
}

static bool read_within(struct comparing *comparing)
{
	const char *text = comparing->given->within;
	struct quantity part;
	char why[QUANTITY_WHY];
	if (!text)
		return true;
	if (!quantity_parse(QUANTITY_RATIO, text, &part, why) || !(part.real > 0 && part.real < 1))
		return err_add(comparing->line->err, ERR_USAGE, NULL,
			       "--within %.60s: a part of A between 0 and 100 %%, e.g. 1%%", text);
	comparing->within = part.real;
	return true;
}

static bool prepare(struct comparing *comparing)
{
	struct err *err = comparing->line->err;
	if (!read_within(comparing))
		return false;
	const struct option_texts *metric = &comparing->given->metric, *fail_if = &comparing->given->fail_if;
	if (!read_sides(comparing))
		return false;
	for (int i = 0; i < 2; i++) {
		struct side *side = &comparing->side[i];
		comparing->campaign.values = readers_of(comparing->line->arena, side->study->path)->values;
		if (!campaign_open(&comparing->campaign, side->setup, err))
			return false;
	}
	if (!find_window(comparing))
		return false;
	for (int i = 0; i < metric->count; i++)
		add_row(comparing, metric->text[i], "--metric", true, true);
	if (metric->count == 0)
		usual_rows(comparing);
	comparing->limit = ARENA_ARRAY(comparing->line->arena, (size_t)fail_if->count + 1, struct limit);
	for (int i = 0; i < fail_if->count; i++)
		if (read_limit(comparing, fail_if->text[i], &comparing->limit[comparing->limits]))
			comparing->limits++;
	if (err_any(err)) {
		err->kind = ERR_USAGE;
		return false;
	}
	for (int i = 0; i < 2; i++) {
		struct side *side = &comparing->side[i];
		comparing->campaign.values = readers_of(comparing->line->arena, side->study->path)->values;
		side->outcome = campaign_add(&comparing->campaign, side->setup, err);
		for (int r = 0; side->outcome && r < comparing->rows; r++)
			measure_want(&comparing->row[r].measure, side->outcome);
	}
	return !err_any(err);
}

/* ---- judging ---- */

static bool hangs_on_unfinished(const struct compared *row)
{
	return row->paired.a_at_least || row->paired.b_at_least;
}

static void compare_rows(struct comparing *comparing)
{
	struct outcome *a = comparing->side[0].outcome, *b = comparing->side[1].outcome;
	int reps = a->reps < b->reps ? a->reps : b->reps;
	double *of_a = ARENA_ARRAY(comparing->line->arena, (size_t)a->reps + 1, double);
	double *of_b = ARENA_ARRAY(comparing->line->arena, (size_t)b->reps + 1, double);
	bool exact = outcome_exact(a) && outcome_exact(b);
	for (int i = 0; i < comparing->rows; i++) {
		struct compared *row = &comparing->row[i];
		measure_each(&row->measure, a, of_a);
		measure_each(&row->measure, b, of_b);
		row->extreme = pooled_extreme(row->measure.expression);
		row->paired = exact ? paired_exact(measure_all(&row->measure, a), measure_all(&row->measure, b))
				    : paired_of(of_a, of_b, row->extreme && reps > 1 ? 1 : reps, confidence);
		measure_note_unfinished(&row->measure, measure_at_least(&row->measure, a),
					measure_at_least(&row->measure, b), &row->paired);
		row->within = VERDICT_INCONCLUSIVE;
		if (comparing->within > 0 && exact)
			row->within = fabs(row->paired.difference.mean) <=
						      comparing->within * fabs(row->paired.a.mean) ? VERDICT_YES
												   : VERDICT_NO;
		else if (comparing->within > 0 && !row->extreme && reps > 1)
			row->within = verdict_within(of_b, of_a, reps, comparing->within, true);
		if (hangs_on_unfinished(row))
			row->within = VERDICT_INCONCLUSIVE;
	}
}

/* Of a least or greatest value, which has no interval: beyond the limit in every replication, in none, or in some. */
static enum verdict judge_each(const struct comparing *comparing, const struct limit *limit)
{
	const struct outcome *a = comparing->side[0].outcome, *b = comparing->side[1].outcome;
	const struct measure *measure = &comparing->row[limit->row].measure;
	int reps = a->reps < b->reps ? a->reps : b->reps, beyond = 0;
	for (int r = 0; r < reps; r++) {
		double of_a = measure_one(measure, a, r), of_b = measure_one(measure, b, r);
		double over = (limit->relative ? of_b / of_a - 1 : of_b - of_a) - limit->value;
		if (isnan(over))
			return VERDICT_INCONCLUSIVE;
		over = limit->above ? over : -over;
		beyond += limit->or_equal ? over >= 0 : over > 0;
	}
	return beyond == reps ? VERDICT_YES : beyond == 0 ? VERDICT_NO : VERDICT_INCONCLUSIVE;
}

static void judge_limit(const struct comparing *comparing, struct limit *limit)
{
	const struct compared *row = &comparing->row[limit->row];
	const struct paired *paired = &row->paired;
	const struct interval *interval = limit->relative ? &paired->relative : &paired->difference;
	double low = interval->low - limit->value, high = interval->high - limit->value;
	double least = limit->above ? low : -high, greatest = limit->above ? high : -low;
	const struct outcome *a = comparing->side[0].outcome, *b = comparing->side[1].outcome;
	limit->fails = VERDICT_INCONCLUSIVE;
	/* One replication in which something was drawn settles nothing. */
	if (isnan(interval->low) && row->extreme && a->reps > 1 && b->reps > 1)
		limit->fails = judge_each(comparing, limit);
	else if (limit->or_equal ? least >= 0 : least > 0)
		limit->fails = VERDICT_YES;
	else if (limit->or_equal ? greatest < 0 : greatest <= 0)
		limit->fails = VERDICT_NO;
	/* What may be larger could bring the difference to the other side. */
	bool may_rise = paired->b_at_least, may_fall = paired->a_at_least;
	if (limit->fails == VERDICT_YES ? (limit->above ? may_fall : may_rise) : limit->above ? may_rise : may_fall)
		limit->fails = VERDICT_INCONCLUSIVE;
}

/* ---- words ---- */

/* "p99 of read", as in "lower at p99 of read". */
static const char *spoken(const struct compared *row, struct arena *arena)
{
	const char *text = row->measure.text, *open = strchr(text, '('), *close = strchr(text, ')');
	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.") == (size_t)(open - text) && close && !close[1])
		return arena_format(arena, "%s of %.*s", arena_text_of(arena, text, (size_t)(open - text)),
				    (int)(close - open - 1), open + 1);
	return text;
}

/* So many digits, and all of a greater number: 0.82, 97, 1530. */
static const char *digits(struct arena *arena, int count, double value)
{
	return arena_format(arena, fabs(value) < pow(10, count) - 0.5 ? "%.*g" : "%.*f",
			    fabs(value) < pow(10, count) - 0.5 ? count : 0, value);
}

/* The same with a sign. */
static const char *change(struct arena *arena, int count, double value)
{
	return arena_format(arena, "%s%s", value < 0 ? "" : "+", digits(arena, count, value + 0.0));
}

/* "18 % lower ... (95 % CI 15..21 %)", or by its size where there is no ratio, or as a multiple where that is large. */
static const char *size_of(const struct compared *row, const char *at, struct arena *arena)
{
	char size[SHOWN_VALUE], low[SHOWN_VALUE], high[SHOWN_VALUE];
	const struct interval *relative = &row->paired.relative, *difference = &row->paired.difference;
	bool lower = difference->mean < 0;
	const char *word = lower ? "lower" : "higher";
	double sign = lower ? -1 : 1;
	if (isnan(relative->low)) {
		double near = sign * (lower ? difference->high : difference->low);
		double far = sign * (lower ? difference->low : difference->high);
		return arena_format(arena, "%s %s at %s (95 %% CI %s..%s)",
				    shown_value(fabs(difference->mean), row->measure.kind, size), word, at,
				    shown_value(near, row->measure.kind, low),
				    shown_value(far, row->measure.kind, high));
	}
	if (relative->low == relative->high && !lower && relative->mean > 2)
		return arena_format(arena, "%s times as high at %s (in every replication)",
				    digits(arena, 3, 1 + relative->mean), at);
	if (relative->low == relative->high)
		return arena_format(arena, "%s %% %s at %s (in every replication)",
				    digits(arena, 2, 100 * fabs(relative->mean)), word, at);
	if (!lower && relative->mean > 2)
		return arena_format(arena, "%s times as high at %s (95 %% CI %s..%s)",
				    digits(arena, 3, 1 + relative->mean), at, digits(arena, 3, 1 + relative->low),
				    digits(arena, 3, 1 + relative->high));
	return arena_format(arena, "%s %% %s at %s (95 %% CI %s..%s %%)",
			    digits(arena, 2, 100 * fabs(relative->mean)), word, at,
			    digits(arena, 2, 100 * sign * (lower ? relative->high : relative->low)),
			    digits(arena, 2, 100 * sign * (lower ? relative->low : relative->high)));
}

static const char *sentence(const struct comparing *comparing, const struct compared *row)
{
	struct arena *arena = comparing->line->arena;
	const char *at = spoken(row, arena), *b = comparing->side[1].label;
	const struct paired *paired = &row->paired;
	char low[SHOWN_VALUE], high[SHOWN_VALUE];
	const char *band;
	switch (paired_judge(paired)) {
	case PAIRED_LOWER:
	case PAIRED_HIGHER:
		return arena_format(arena, "%s is %s", b, size_of(row, at, arena));
	case PAIRED_EQUAL:
		return arena_format(arena, "no difference at %s: equal in every replication", at);
	case PAIRED_UNKNOWN:
		if (row->extreme)
			return arena_format(arena, "%s: %s and %s; a least or greatest value has no interval", at,
					    shown_value(paired->a.mean, row->measure.kind, low),
					    shown_value(paired->b.mean, row->measure.kind, high));
		if (isnan(paired->difference.mean))
			return arena_format(arena, "%s could not be measured in every replication of both", at);
		return arena_format(arena, "one replication cannot tell whether %s differs", at);
	case PAIRED_UNFINISHED:
		return arena_format(arena, "%s depends on requests that had not ended, which took at least their age",
				    at);
	case PAIRED_UNCLEAR:
		break;
	}
	if (isnan(paired->relative.low))
		band = arena_format(arena, "%s..%s", shown_value(paired->difference.low, row->measure.kind, low),
				    shown_value(paired->difference.high, row->measure.kind, high));
	else
		band = arena_format(arena, "%s..%s %%", change(arena, 2, 100 * paired->relative.low),
				    change(arena, 2, 100 * paired->relative.high));
	int64_t more = paired_more(paired, confidence);
	if (more > MORE_MAX)
		return arena_format(arena,
				    "no clear difference at %s (95 %% CI %s), and none that is worth more "
				    "replications",
				    at, band);
	return arena_format(arena,
			    "no clear difference at %s (95 %% CI %s); about %lld more replication%s would settle "
			    "it",
			    at, band, (long long)more, more == 1 ? "" : "s");
}

/* What common random numbers are worth: the median of the rows that tell. */
static int by_size(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return one < other ? -1 : one > other;
}

static double gain_of(const struct comparing *comparing)
{
	double gain[ROWS_MAX];
	int count = 0;
	for (int i = 0; i < comparing->rows; i++)
		if (isfinite(comparing->row[i].paired.gain))
			gain[count++] = comparing->row[i].paired.gain;
	qsort(gain, (size_t)count, sizeof(*gain), by_size);
	return count ? gain[count / 2] : NAN;
}

/* ---- output ---- */

/* Nothing happened on either side. */
static bool empty(const struct compared *row)
{
	const struct paired *paired = &row->paired;
	return (isnan(paired->a.mean) && isnan(paired->b.mean)) || (paired->a.mean == 0 && paired->b.mean == 0);
}

static const char *relative_text(const struct paired *paired, struct arena *arena)
{
	const struct interval *relative = &paired->relative;
	if (isnan(relative->mean))
		return "";
	if (isnan(relative->low))
		return arena_format(arena, "%s %%", change(arena, 2, 100 * relative->mean));
	if (relative->mean > 2)
		return arena_format(arena, "x %s (%s .. %s)", digits(arena, 3, 1 + relative->mean),
				    digits(arena, 3, 1 + relative->low), digits(arena, 3, 1 + relative->high));
	return arena_format(arena, "%s %% (%s .. %s)", change(arena, 3, 100 * relative->mean),
			    change(arena, 3, 100 * relative->low), change(arena, 3, 100 * relative->high));
}

/* --within judges what is told in a sentence too, and was measured. */
static bool judges_within(const struct compared *row)
{
	return (row->asked || row->told) && !row->extreme && !isnan(row->paired.difference.mean);
}

/* What --within found, as a sentence's rest. */
static const char *within_text(const struct comparing *comparing, const struct compared *row)
{
	return arena_format(comparing->line->arena, "%s within %.3g %% at %s",
			    row->within == VERDICT_YES  ? "the two are the same"
			    : row->within == VERDICT_NO ? "the two are not the same"
							: "the replications do not settle whether the two are the same",
			    100 * comparing->within, spoken(row, comparing->line->arena));
}

enum { BOUNDED = SHOWN_VALUE + 2 };

/* ">=" before what may be larger. */
static const char *bounded(bool at_least, double value, const struct compared *row, char *buffer)
{
	char text[SHOWN_VALUE];
	snprintf(buffer, BOUNDED, "%s%s", at_least && isfinite(value) ? ">=" : "",
		 shown_value(value, row->measure.kind, text));
	return buffer;
}

static void print_rows(const struct comparing *comparing, FILE *into)
{
	struct arena *arena = comparing->line->arena;
	bool markdown = comparing->given->markdown;
	bool narrow = grid_form(markdown, WIDE_COLUMNS) == GRID_NARROW;
	const char *format = markdown ? "| %s | %s | %s | %s | %s | %s |\n"
			     : narrow ? "%-24s %10s %10s %12s\n    %-28s %s\n"
				      : "%-24s %10s %10s %12s  %-28s %s\n";
	fprintf(into, format, comparing->side[0].study->of->name, "A", "B", "difference", "relative (95 % interval)",
		"");
	if (markdown)
		fputs("|---|--:|--:|--:|--:|---|\n", into);
	for (int i = 0; i < comparing->rows; i++) {
		const struct compared *row = &comparing->row[i];
		const struct paired *paired = &row->paired;
		char a[BOUNDED], b[BOUNDED], apart[SHOWN_VALUE];
		if (empty(row) && !row->asked)
			continue;
		enum paired_verdict verdict = paired_judge(paired);
		fprintf(into, format, row->measure.text, bounded(paired->a_at_least, paired->a.mean, row, a),
			bounded(paired->b_at_least, paired->b.mean, row, b),
			shown_value(paired->difference.mean, row->measure.kind, apart), relative_text(paired, arena),
			verdict == PAIRED_UNCLEAR ? "not clear" : paired_names[verdict]);
	}
}

static const char *limit_text(const struct limit *limit)
{
	return limit->fails == VERDICT_YES  ? "fails"
	       : limit->fails == VERDICT_NO ? "does not fail"
					    : "the replications do not settle it";
}

static void print_text(const struct comparing *comparing, FILE *into)
{
	struct arena *arena = comparing->line->arena;
	bool markdown = comparing->given->markdown;
	const char *end = markdown ? "\n\n" : "\n", *item = markdown ? "- " : "";
	const struct side *a = &comparing->side[0], *b = &comparing->side[1];
	int reps = a->outcome->reps < b->outcome->reps ? a->outcome->reps : b->outcome->reps;
	char window[RESULTS_WINDOW];
	fprintf(into, "A: %s%sB: %s%s", a->label, end, b->label, end);
	if (markdown)
		print_rows(comparing, into);
	else {
		fputc('\n', into);
		print_rows(comparing, into);
	}
	fputc('\n', into);
	for (int i = 0; i < comparing->rows; i++)
		if (comparing->row[i].asked ||
		    (comparing->row[i].told && !isnan(comparing->row[i].paired.difference.mean)))
			grid_lines(arena_format(arena, "%s%s.", item, sentence(comparing, &comparing->row[i])), HANG,
				   into);
	for (int i = 0; i < comparing->rows && comparing->within > 0; i++)
		if (judges_within(&comparing->row[i]))
			grid_lines(arena_format(arena, "%s%s.", item, within_text(comparing, &comparing->row[i])), HANG,
				   into);
	for (int i = 0; i < comparing->limits; i++)
		fprintf(into, "%sfail if %s: %s\n", item, comparing->limit[i].text, limit_text(&comparing->limit[i]));
	for (int i = 0; i < 2; i++)
		report_warmup(&comparing->side[i].outcome, 1, into);
	if (comparing->windowed)
		fprintf(into, "%swindow %s, ", markdown ? "\n" : "",
			results_window(a->outcome->setup, comparing->window, window));
	else
		fputs(markdown ? "\n" : "", into);
	fprintf(into, "seed %lld, %d replication%s, %s random numbers", (long long)a->outcome->setup->run.seed, reps,
		reps == 1 ? "" : "s", comparing->given->independent ? "independent" : "common");
	double gain = gain_of(comparing);
	if (!comparing->given->independent && gain >= 1.5)
		fputs(arena_format(arena, ": with random numbers of their own it would take %s times as many",
				   digits(arena, 2, gain)),
		      into);
	fputc('\n', into);
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *interval_json(const struct interval *interval)
{
	return json_pack("{s:o, s:o, s:o}", "value", number(interval->mean), "low", number(interval->low), "high",
			 number(interval->high));
}

static json_t *side_json(const struct side *side)
{
	char digest[RESULTS_DIGEST];
	json_t *value =
		json_pack("{s:s, s:s, s:s, s:I}", "side", side->label, "model_file", side->study->path, "variant",
			  side->outcome->setup->name, "seed", (json_int_t)side->outcome->setup->run.seed);
	json_object_set_new(value, "warmup", json_real((double)side->outcome->setup->run.warmup * 1e-9));
	json_object_set_new(value, "digest", json_string(results_digest(outcome_digest(side->outcome), digest)));
	return value;
}

static void print_json(const struct comparing *comparing, FILE *into)
{
	const struct side *a = &comparing->side[0], *b = &comparing->side[1];
	char window[RESULTS_WINDOW];
	json_t *metrics = json_array(), *limits = json_array();
	for (int i = 0; i < comparing->rows; i++) {
		const struct compared *row = &comparing->row[i];
		const struct paired *paired = &row->paired;
		enum paired_verdict verdict = paired_judge(paired);
		json_t *metric =
			json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o}", "metric", row->measure.text, "a",
				  interval_json(&paired->a), "b", interval_json(&paired->b), "difference",
				  interval_json(&paired->difference), "relative", interval_json(&paired->relative),
				  "verdict", paired_names[verdict], "variance_gain", number(paired->gain));
		int64_t more = verdict == PAIRED_UNCLEAR ? paired_more(paired, confidence) : INT64_MAX;
		if (paired->a_at_least)
			json_object_set_new(json_object_get(metric, "a"), "at_least", json_true());
		if (paired->b_at_least)
			json_object_set_new(json_object_get(metric, "b"), "at_least", json_true());
		json_object_set_new(metric, "more_replications", more == INT64_MAX ? json_null() : json_integer(more));
		json_object_set_new(metric, "text", json_string(sentence(comparing, row)));
		if (comparing->within > 0 && judges_within(row))
			json_object_set_new(metric, "within", json_string(verdict_names[row->within]));
		json_array_append_new(metrics, metric);
	}
	for (int i = 0; i < comparing->limits; i++)
		json_array_append_new(limits, json_pack("{s:s, s:s}", "fail_if", comparing->limit[i].text, "fails",
							verdict_names[comparing->limit[i].fails]));
	json_t *all =
		json_pack("{s:i, s:s, s:o, s:o, s:b, s:i}", "schema", 1, "case", a->study->of->name, "a", side_json(a),
			  "b", side_json(b), "common_random_numbers", !comparing->given->independent, "replications",
			  a->outcome->reps < b->outcome->reps ? a->outcome->reps : b->outcome->reps);
	json_object_set_new(all, "window",
			    comparing->windowed
				    ? json_string(results_window(a->outcome->setup, comparing->window, window))
				    : json_null());
	json_object_set_new(all, "metrics", metrics);
	json_object_set_new(all, "fail_if", limits);
	json_dumpf(all, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(all);
}

static bool traces_differ(struct comparing *comparing)
{
	const struct side *a = &comparing->side[0], *b = &comparing->side[1];
	const char *of_a = campaign_contents(&comparing->campaign, a->outcome, comparing->line->arena);
	const char *of_b = campaign_contents(&comparing->campaign, b->outcome, comparing->line->arena);
	return digest_trace(a->setup) != digest_trace(b->setup) || (of_a && of_b && strcmp(of_a, of_b) != 0);
}

static int finish(struct comparing *comparing)
{
	const struct side *a = &comparing->side[0], *b = &comparing->side[1];
	bool fails = false, open = false;
	compare_rows(comparing);
	for (int i = 0; i < comparing->limits; i++) {
		judge_limit(comparing, &comparing->limit[i]);
		fails |= comparing->limit[i].fails == VERDICT_YES;
		open |= comparing->limit[i].fails == VERDICT_INCONCLUSIVE;
	}
	for (int i = 0; i < comparing->rows && comparing->within > 0; i++)
		if (judges_within(&comparing->row[i])) {
			fails |= comparing->row[i].within == VERDICT_NO;
			open |= comparing->row[i].within == VERDICT_INCONCLUSIVE;
		}
	if (comparing->windows_differ)
		message_note("the windows of the sides differ: each trace is taken as a whole");
	if (traces_differ(comparing))
		message_warning("the sides replay different traces: what differs may come from the trace as well as "
				"from the design");
	if (a->outcome == b->outcome)
		message_note("both sides are the same setup");
	if (comparing->given->json)
		print_json(comparing, stdout);
	else
		print_text(comparing, stdout);
	return fails ? ERR_EXPECTATION : open ? ERR_INCONCLUSIVE : 0;
}

/* Warm-ups that were found differ a little; pairs need the same. */
static void join_warmups(struct comparing *comparing)
{
	struct outcome *a = comparing->side[0].outcome, *b = comparing->side[1].outcome;
	if (!a->warmup.automatic || !b->warmup.automatic || !a->warmup.steady || !b->warmup.steady || a == b)
		return;
	struct warmup longer = a->warmup.cut > b->warmup.cut ? a->warmup : b->warmup;
	outcome_cut(a, &longer);
	outcome_cut(b, &longer);
}

static int run(struct command_line *line)
{
	static struct comparing comparing;
	comparing = (struct comparing){.line = line, .given = line->options};
	campaign_init(&comparing.campaign, 0, NULL);
	int status = 0;
	if (prepare(&comparing)) {
		int threads = exec_threads(comparing.given->jobs);
		const volatile sig_atomic_t *stop = interrupt_flag();
		progress_begin();
		enum exec_end end = campaign_warm(&comparing.campaign, threads, progress_paint, NULL, stop, line->err);
		if (end == EXEC_DONE) {
			join_warmups(&comparing);
			end = campaign_run(&comparing.campaign, threads, progress_paint, NULL, stop, line->err);
		}
		progress_end();
		bool some = comparing.side[0].outcome->reps > 0 && comparing.side[1].outcome->reps > 0;
		if (end == EXEC_INTERRUPTED)
			message_note("interrupted%s",
				     some ? "; what was finished is compared" : " before anything could be compared");
		if (end == EXEC_DONE || (end == EXEC_INTERRUPTED && some))
			status = finish(&comparing);
		if (end == EXEC_INTERRUPTED)
			status = ERR_INTERRUPTED;
	}
	campaign_free(&comparing.campaign);
	return status;
}

const struct command command_compare = {
	.name = "compare",
	.operands = "[CASE|FILE] A B",
	.operands_least = 2,
	.operands_most = 3,
	.about = "run two designs on the same random numbers and tell what differs, with an interval",
	.detail = "A side is a variant of the model, a variant with changes, or another model file:\n"
		  "    casebook compare station one-server two-servers\n"
		  "    casebook compare station one-server one-server:service='exp(7 ms)'\n"
		  "    casebook compare discord scylladb scylladb:nodes=48,cores=16\n"
		  "    casebook compare mine.yaml:one-server other.yaml\n"
		  "Options apply to both sides. Values are those of all replications together.\n"
		  "Exit code with --fail-if: 1 when the whole interval is beyond the limit, 5 when the limit lies "
		  "inside it; with --within: 1 when the two are clearly farther apart, 5 when that is not settled.\n",
	.options = options,
	.options_size = sizeof(struct compare_options),
	.run = run,
};
