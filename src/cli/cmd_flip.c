/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a claim stops being true. Its mean verdict is bisected; the interval around that point is made of the values at
 * which the replications do not settle the claim, so its ends are found by bisection too: between the point and the
 * nearest value at which the claim clearly holds, and clearly does not. All values meet the same random numbers, which
 * keeps the verdict from going back and forth between neighbours.
 */
#include "cli/command.h"
#include "base/words.h"
#include "cli/host.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/version.h"
#include "exec/knob.h"
#include "exec/campaign.h"
#include "io/output.h"
#include "io/paths.h"
#include "plot/figure.h"
#include "run/names.h"

#include <math.h>
#include <string.h>

enum { PROBES_MAX = 128, OUTWARD_MAX = 16, SCANNED = 8, SHOWN_REACH = 6 };
static const double outward = 1.5; /* the factor of each step where no range is given */

struct flip_options {
	struct study_options study;
	const char *by, *from, *to, *within, *variant, *out, *formats;
	int64_t jobs;
	bool json, no_figures;
};

static const struct option options[] = {
	OPTION_TEXT(struct flip_options, by, "by", 0, "PARAM",
		    "what is varied: a parameter, the mean of one that is a distribution, or trace.KEY"),
	OPTION_TEXT(struct flip_options, from, "from", 0, "VALUE",
		    "the least value; outward from the model's unless said"),
	OPTION_TEXT(struct flip_options, to, "to", 0, "VALUE", "the greatest value"),
	OPTION_TEXT(struct flip_options, within, "within", 0, "PART",
		    "how narrow the bracket must become, as a part of the value; 1% unless said"),
	OPTION_TEXT(struct flip_options, variant, "variant", 0, "NAME",
		    "vary it in this variant only; in all that the claim names unless said"),
	STUDY_OPTIONS_OF_ALL(struct flip_options, study),
	OPTION_COUNT(struct flip_options, jobs, "jobs", 'j', "N", 0, 1, 1024, "threads; all processors unless said"),
	OPTION_TEXT(struct flip_options, out, "out", 'o', "DIR",
		    "where the figure goes; casebook-NAME of the model unless said"),
	OPTION_TEXT(struct flip_options, formats, "formats", 'f', "LIST",
		    "of the figure: svg,png,pdf; svg,png unless said"),
	OPTION_FLAG(struct flip_options, no_figures, "no-figures", 0, "draw nothing"),
	OPTION_FLAG(struct flip_options, json, "json", 0, "print JSON"),
	OPTION_END};

/* A value that was tried. */
struct probe {
	double x;
	bool holds;           /* by the means */
	enum verdict verdict; /* by the intervals */
	struct verdict_of_one *one;
	int reps;
};

struct flipping {
	struct command_line *line;
	const struct flip_options *given;
	struct study *study;
	const struct claim *claim;
	struct knob knob;
	struct probe probe[PROBES_MAX]; /* in order of x */
	int probes;
	double within;
	int threads;
	const volatile sig_atomic_t *stop;
	int64_t seed;
	enum exec_end end; /* of the last campaign; not EXEC_DONE ends the search */
};

/* What was found: the claim holds on one side of `at`. */
struct flip {
	bool found, holds_below;
	double at, below, above; /* the bracket of the means around `at` */
	double low, high;        /* 95 % interval; infinite where it has no end in the range */
};

/* ---- one value ---- */

static void judge(struct flipping *flipping, const struct trial *trial, struct probe *probe)
{
	const struct claim *claim = flipping->claim;
	probe->one = trial_judge(flipping->study, trial);
	probe->verdict = verdict_all(probe->one, claim->expects);
	probe->reps = trial->side ? trial->side->outcome->reps : 0;
	probe->holds = true;
	for (int i = 0; i < claim->expects; i++)
		probe->holds = probe->holds && expectation_holds(&claim->expect[i], probe->one[i].left.mean,
								 probe->one[i].low, probe->one[i].high);
}

/* Runs the claim at x, unless it was; NULL when that cannot be (messages in err) or was interrupted. */
static const struct probe *try(struct flipping *flipping, double x, struct err *err)
{
	int at = 0;
	x = knob_round(&flipping->knob, x);
	while (at < flipping->probes && flipping->probe[at].x < x)
		at++;
	if (at < flipping->probes && flipping->probe[at].x == x)
		return &flipping->probe[at];
	if (flipping->probes == PROBES_MAX) {
		err_add(err, ERR_INCONCLUSIVE, NULL, "more than %d values were tried", PROBES_MAX);
		return NULL;
	}
	struct campaign campaign;
	struct probe probe = {.x = x};
	campaign_init(&campaign, 0, host_files(flipping->line->arena, flipping->study->path)->values);
	const struct trial_host trials = campaign_trials(&campaign);
	const struct trial *trial =
		trial_new(flipping->study, flipping->claim, knob_tree(&flipping->knob, x, flipping->line->arena),
			  flipping->given->variant, &trials, err);
	flipping->end = EXEC_FAILED;
	if (trial && !err_any(err)) {
		progress_begin();
		flipping->end = campaign_run(&campaign, flipping->threads, progress_paint, NULL, flipping->stop, err);
		progress_end();
		if (flipping->end == EXEC_DONE)
			judge(flipping, trial, &probe);
	}
	campaign_free(&campaign);
	if (flipping->end != EXEC_DONE)
		return NULL;
	memmove(&flipping->probe[at + 1], &flipping->probe[at],
		(size_t)(flipping->probes - at) * sizeof(*flipping->probe));
	flipping->probe[at] = probe;
	flipping->probes++;
	if (message_is_verbose())
		message_note("%s = %s: %s", flipping->knob.name, knob_print(&flipping->knob, x, flipping->line->arena),
			     verdict_names[probe.verdict]);
	return &flipping->probe[at];
}

/* ---- the search ---- */

static double middle(const struct flipping *flipping, double low, double high)
{
	double mid = low > 0 && high / low > 4 ? sqrt(low * high) : low + (high - low) / 2;
	return knob_round(&flipping->knob, mid);
}

static bool narrow(const struct flipping *flipping, double low, double high)
{
	double mid = middle(flipping, low, high);
	return mid <= low || mid >= high || high - low <= flipping->within * fmax(fabs(low), fabs(high));
}

/*
 * Narrows [*low, *high] around the place where `differs` changes from its value at *low to that at *high. False when it
 * was stopped.
 */
static bool bisect(struct flipping *flipping, double *low, double *high, bool (*differs)(const struct probe *probe))
{
	struct err *err = flipping->line->err;
	const struct probe *probe = try(flipping, *low, err);
	if (!probe)
		return false;
	bool at_low = differs(probe);
	while (!narrow(flipping, *low, *high)) {
		double mid = middle(flipping, *low, *high);
		if (!(probe = try(flipping, mid, err)))
			return false;
		*(differs(probe) == at_low ? low : high) = mid;
	}
	return true;
}

static bool holds(const struct probe *probe)
{
	return probe->holds;
}

static bool surely_yes(const struct probe *probe)
{
	return probe->verdict == VERDICT_YES;
}

static bool surely_no(const struct probe *probe)
{
	return probe->verdict == VERDICT_NO;
}

/* Steps outward from the model's own value until the claim changes; a step that cannot be made ends the range. */
static bool step_outward(struct flipping *flipping, double *low, double *high)
{
	double start = knob_round(&flipping->knob, flipping->knob.value);
	const struct probe *probe = try(flipping, start, flipping->line->err);
	if (!probe)
		return false;
	bool at_start = probe->holds;
	for (int direction = 1; direction >= -1; direction -= 2) {
		double before = start;
		for (int step = 0; step < OUTWARD_MAX; step++) {
			double x = direction > 0 ? before * outward : before / outward;
			x = knob_round(&flipping->knob, x);
			if (x == before)
				x = knob_round(&flipping->knob, before + direction);
			struct err refused;
			err_init(&refused);
			if (x == before)
				break;
			probe = try(flipping, x, &refused);
			if (!probe && (flipping->end == EXEC_INTERRUPTED || !err_any(&refused)))
				return false;
			if (!probe)
				break;
			if (probe->holds != at_start) {
				*low = direction > 0 ? before : x;
				*high = direction > 0 ? x : before;
				return true;
			}
			before = x;
		}
	}
	*low = *high = NAN;
	return true;
}

/* With both ends given: they differ, or some neighbours between them do. */
static bool scan(struct flipping *flipping, double *low, double *high)
{
	double from = *low, to = *high;
	struct err *err = flipping->line->err;
	const struct probe *first = try(flipping, from, err);
	if (!first)
		return false;
	bool before = first->holds;
	const struct probe *last = try(flipping, to, err);
	if (!last)
		return false;
	if (last->holds != before)
		return true;
	for (int i = 1; i < SCANNED; i++) {
		bool log = from > 0 && to / from > 10;
		double x = log ? from * pow(to / from, (double)i / SCANNED) : from + (to - from) * i / SCANNED;
		const struct probe *probe = try(flipping, x, err);
		if (!probe)
			return false;
		*high = probe->x;
		if (probe->holds != before)
			return true;
		*low = probe->x;
	}
	*low = *high = NAN;
	return true;
}

/* Where `differs` begins, from the bracket outward; infinite when nowhere that was tried. */
static bool find_end(struct flipping *flipping, double from, bool up, bool (*differs)(const struct probe *probe),
		     double *end)
{
	double inside = from;
	*end = up ? INFINITY : -INFINITY;
	for (int i = 0; i < flipping->probes; i++) {
		const struct probe *probe = &flipping->probe[up ? i : flipping->probes - 1 - i];
		if (up ? probe->x < from : probe->x > from)
			continue;
		if (differs(probe)) {
			*end = probe->x;
			break;
		}
		inside = probe->x;
	}
	if (!isfinite(*end) || *end == inside)
		return true;
	double low = up ? inside : *end, high = up ? *end : inside;
	if (!bisect(flipping, &low, &high, differs))
		return false;
	*end = up ? high : low;
	return true;
}

static bool search(struct flipping *flipping, double low, double high, struct flip *flip)
{
	bool given = flipping->given->from && flipping->given->to;
	if (!(given ? scan(flipping, &low, &high) : step_outward(flipping, &low, &high)))
		return false;
	flip->found = !isnan(low);
	if (!flip->found)
		return true;
	if (!bisect(flipping, &low, &high, holds))
		return false;
	flip->holds_below = try(flipping, low, flipping->line->err)->holds;
	flip->below = low;
	flip->above = high;
	flip->at =
		flipping->knob.whole ? (flip->holds_below ? low : high) : knob_round(&flipping->knob, (low + high) / 2);
	return find_end(flipping, low, false, flip->holds_below ? surely_yes : surely_no, &flip->low) &&
	       find_end(flipping, high, true, flip->holds_below ? surely_no : surely_yes, &flip->high);
}

/* ---- words ---- */

static const char *tell(const struct flipping *flipping, double x)
{
	return isfinite(x) ? knob_tell(&flipping->knob, x, flipping->line->arena) : "?";
}

/* "(95 % CI 127 ms..136 ms)"; an end that was not found lies beyond what was tried. */
static const char *interval_text(const struct flipping *flipping, const struct flip *flip)
{
	struct arena *arena = flipping->line->arena;
	double first = flipping->probe[0].x, last = flipping->probe[flipping->probes - 1].x;
	bool has_low = isfinite(flip->low), has_high = isfinite(flip->high);
	return arena_format(arena, "(95 %% CI %s%s..%s%s)", has_low ? "" : "below ",
			    tell(flipping, has_low ? flip->low : first), has_high ? "" : "beyond ",
			    tell(flipping, has_high ? flip->high : last));
}

static const char *sentence(const struct flipping *flipping, const struct flip *flip)
{
	struct arena *arena = flipping->line->arena;
	const struct probe *first = &flipping->probe[0], *last = &flipping->probe[flipping->probes - 1];
	if (!flip->found)
		return arena_format(arena, "%s %s all along from %s %s to %s", flipping->claim->id,
				    first->holds ? "holds" : "does not hold", flipping->knob.name,
				    tell(flipping, first->x), tell(flipping, last->x));
	return arena_format(arena, "%s holds %s %s %s%s %s", flipping->claim->id, flip->holds_below ? "up to" : "from",
			    flipping->knob.name, tell(flipping, flip->at), flip->holds_below ? "" : " on",
			    interval_text(flipping, flip));
}

static void print_probes(const struct flipping *flipping, FILE *into)
{
	const struct claim *claim = flipping->claim;
	fprintf(into, "%s: %s\n\n", claim->id, claim->says ? claim->says : "");
	for (int i = 0; i < flipping->probes; i++) {
		const struct probe *probe = &flipping->probe[i];
		fprintf(into, "%14s  %-13s", knob_print(&flipping->knob, probe->x, flipping->line->arena),
			verdict_names[probe->verdict]);
		for (int e = 0; e < claim->expects; e++)
			fprintf(into, "%s %s", e ? ";" : "",
				judgement_measured(flipping->study, claim, probe->one, e, flipping->study->arena));
		fputc('\n', into);
	}
	fputc('\n', into);
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static void print_json(const struct flipping *flipping, const struct flip *flip, FILE *into)
{
	const struct claim *claim = flipping->claim;
	json_t *probes = json_array();
	double unit = flipping->knob.unit == QUANTITY_TIME ? 1e-9 : 1;
	for (int i = 0; i < flipping->probes; i++) {
		const struct probe *probe = &flipping->probe[i];
		json_t *measured = json_array();
		for (int e = 0; e < claim->expects; e++)
			json_array_append_new(
				measured,
				json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "expect", claim->expect[e].text, "holds",
					  verdict_names[probe->one[e].verdict], "value",
					  number(probe->one[e].left.mean), "low", number(probe->one[e].left.low),
					  "high", number(probe->one[e].left.high), "right", number(probe->one[e].low)));
		json_array_append_new(probes, json_pack("{s:f, s:s, s:s, s:i, s:o}", "value", probe->x * unit, "text",
							knob_print(&flipping->knob, probe->x, flipping->line->arena),
							"holds", verdict_names[probe->verdict], "replications",
							probe->reps, "measured", measured));
	}
	json_t *all = json_pack("{s:i, s:s, s:s, s:s, s:I, s:b, s:s}", "schema", 1, "case", flipping->study->of->name,
				"claim", claim->id, "by", flipping->knob.name, "seed", (json_int_t)flipping->seed,
				"found", flip->found, "text", sentence(flipping, flip));
	json_object_set_new(all, "unit",
			    json_string(flipping->knob.unit == QUANTITY_TIME    ? "s"
					: flipping->knob.unit == QUANTITY_BYTES ? "bytes"
					: flipping->knob.unit == QUANTITY_RATE  ? "1/s"
										: "1"));
	json_object_set_new(all, "side",
			    flip->found ? json_string(flip->holds_below ? "holds up to" : "holds from") : json_null());
	json_object_set_new(all, "at", flip->found ? number(flip->at * unit) : json_null());
	json_object_set_new(all, "low", flip->found ? number(flip->low * unit) : json_null());
	json_object_set_new(all, "high", flip->found ? number(flip->high * unit) : json_null());
	json_object_set_new(all, "tried", probes);
	json_dumpf(all, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(all);
}

/* ---- the figure ---- */

/* The expectation that flips: the first whose means hold on one side of the point and not on the other. */
static int flipping_one(struct flipping *flipping, const struct flip *flip)
{
	const struct claim *claim = flipping->claim;
	struct err *err = flipping->line->err;
	const struct probe below = *try(flipping, flip->below, err), above = *try(flipping, flip->above, err);
	for (int i = 0; i < claim->expects; i++)
		if (expectation_holds(&claim->expect[i], below.one[i].left.mean, below.one[i].low, below.one[i].high) !=
		    expectation_holds(&claim->expect[i], above.one[i].left.mean, above.one[i].low, above.one[i].high))
			return i;
	return 0;
}

/* "mean(wait)[one-server]" of "mean(wait)[one-server] in 27 ms..37 ms". */
static const char *left_text(const struct expectation *expectation, struct arena *arena)
{
	const char *text = expectation->text, *in = strstr(text, " in ");
	size_t length = strcspn(text, "<>");
	if (expectation->operator== CLAIM_IN && in)
		length = (size_t)(in - text);
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return arena_text_of(arena, text, length);
}

/* Those around the point: steps outward went further than is of interest. */
static void drawn(const struct flipping *flipping, const struct flip *flip, int *begin, int *end)
{
	*begin = 0;
	*end = flipping->probes;
	if (!flip->found || flipping->given->from)
		return;
	double below = flip->at - (isfinite(flip->low) ? fmin(flip->low, flip->below) : flipping->probe[0].x);
	double above = (isfinite(flip->high) ? fmax(flip->high, flip->above) : flipping->probe[*end - 1].x) - flip->at;
	double reach = SHOWN_REACH * fmax(below, above);
	while (flipping->probe[*begin].x < flip->at - reach)
		++*begin;
	while (flipping->probe[*end - 1].x > flip->at + reach)
		--*end;
}

static struct figure *draw(struct flipping *flipping, const struct flip *flip)
{
	struct arena *arena = flipping->line->arena;
	const struct claim *claim = flipping->claim;
	int number = flip->found ? flipping_one(flipping, flip) : 0;
	const struct expectation *expectation = &claim->expect[number];
	enum quantity_kind kind =
		expression_kind(expectation->left, names_term_kind, flipping->study->of);
	double unit = kind == QUANTITY_TIME ? 1e9 : 1;
	char *name = arena_format(arena, "flip-%s", claim->id);
	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c))
			*c = '-';
	struct figure *figure = figure_new(arena, FIGURE_LINES, name, sentence(flipping, flip));
	figure->subtitle = claim->says ? claim->says : "";
	figure->footer =
		arena_format(arena, "%s · seed %lld · %d replications · casebook %s", flipping->study->of->name,
			     (long long)flipping->seed, flipping->probe[0].reps, version_number());
	figure->x.label = flipping->knob.name;
	figure->x.values = flipping->knob.unit == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	figure->x.unit = flipping->knob.unit == QUANTITY_RATE ? "/s" : flipping->knob.unit == QUANTITY_BYTES ? "B" : "";
	figure->y.label = left_text(expectation, arena);
	figure->y.values = kind == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	figure->y.unit = kind == QUANTITY_RATE ? "/s" : kind == QUANTITY_BYTES ? "B" : "";
	int begin, end;
	drawn(flipping, flip, &begin, &end);
	const struct probe *first = &flipping->probe[begin], *last = &flipping->probe[end - 1];
	figure->x.log = first->x > 0 && last->x / first->x > 20;
	struct figure_series *series = figure_add_series(figure, "measured", FIGURE_NORMAL, FIGURE_LINE), *limit = NULL;
	if (expectation->operator== CLAIM_IN)
		figure_add_range(figure, first->one[number].low * unit, first->one[number].high * unit, NAN, NAN,
				 "where it holds");
	else
		limit = figure_add_series(figure, "the limit", FIGURE_FORMULA, FIGURE_LINE);
	double least = INFINITY, greatest = 0;
	for (int i = begin; i < end; i++) {
		double mean = flipping->probe[i].one[number].left.mean;
		least = mean < least ? mean : least;
		greatest = mean > greatest ? mean : greatest;
	}
	figure->y.log = least > 0 && greatest / least > 20;
	for (int i = begin; i < end; i++) {
		const struct verdict_of_one *one = &flipping->probe[i].one[number];
		figure_interval(series, flipping->probe[i].x, one->left.mean * unit, one->left.low * unit,
				one->left.high * unit);
		if (limit)
			figure_point(limit, flipping->probe[i].x, one->low * unit);
	}
	if (flip->found && isfinite(flip->low) && isfinite(flip->high) && flip->low < flip->high)
		figure_add_band(figure, flip->low, flip->high, "95 % CI");
	if (flip->found)
		figure_mark_x(figure, flip->at, arena_format(arena, "flips at %s", tell(flipping, flip->at)));
	return figure;
}

/* ---- the command ---- */

static bool find_claim(struct flipping *flipping)
{
	const struct study *study = flipping->study;
	const char *wanted = flipping->line->operand[1];
	char hint[WORDS_HINT];
	int index = words_find(WORDS(study->claim), wanted);
	flipping->claim = index >= 0 ? &study->claim[index] : NULL;
	if (flipping->claim)
		return true;
	return err_add(flipping->line->err, ERR_USAGE, NULL, "no claim is called \"%.60s\"%s", wanted,
		       words_hint(WORDS(study->claim), wanted, hint));
}

static void first_variant(void *context, struct term *term)
{
	const char **variant = context;
	if (!*variant && term->variant)
		*variant = term->variant;
}

static void named(void *context, struct term *term)
{
	const char **wanted = context;
	if (*wanted && term->variant && strcmp(term->variant, *wanted) == 0)
		*wanted = NULL;
}

/* The setup that the knob is read from: of --variant, else of the first that the claim names. */
static const struct setup *setup_of(struct flipping *flipping)
{
	const char *variant = NULL, *wanted = flipping->given->variant;
	for (int i = 0; i < flipping->claim->expects; i++) {
		const struct expectation *expectation = &flipping->claim->expect[i];
		const struct expression *part[] = {expectation->left, expectation->low, expectation->high};
		for (int p = 0; p < 3; p++)
			if (part[p]) {
				expression_terms(part[p], first_variant, &variant);
				expression_terms(part[p], named, &wanted);
			}
	}
	if (flipping->given->variant)
		variant = flipping->given->variant;
	const struct setup *setup = setup_resolve(flipping->study, variant ? variant : flipping->study->variant[0],
						   NULL, flipping->line->err);
	if (!setup) {
		flipping->line->err->kind = ERR_USAGE;
		return NULL;
	}
	if (wanted) {
		err_add(flipping->line->err, ERR_USAGE, NULL, "--variant %.60s: the claim says nothing of it", wanted);
		return NULL;
	}
	return setup;
}

static bool prepare(struct flipping *flipping, double *from, double *to)
{
	const struct flip_options *given = flipping->given;
	struct err *err = flipping->line->err;
	struct quantity within;
	char why[QUANTITY_WHY];
	flipping->within = 0.01;
	if (!given->by)
		return err_add(err, ERR_USAGE, NULL, "--by is missing: which parameter is varied?");
	if (given->within && (!quantity_parse(QUANTITY_RATIO, given->within, &within, why) || !(within.real > 0)))
		return err_add(err, ERR_USAGE, NULL, "--within %.40s: a part of the value, e.g. 1%%", given->within);
	if (given->within)
		flipping->within = within.real;
	if (!given->from != !given->to)
		return err_add(err, ERR_USAGE, NULL, "--from and --to come together");
	if (!(flipping->study = host_study(flipping->line->arena, flipping->line->operand[0], &given->study, err)) ||
	    !find_claim(flipping))
		return false;
	const struct setup *setup = setup_of(flipping);
	if (!setup || !knob_find(&flipping->knob, setup, given->by, given->from, "--by", err))
		return false;
	flipping->seed = setup->run.seed;
	if (!given->from)
		return flipping->knob.value > 0 ||
		       err_add(err, ERR_USAGE, NULL, "--by %s: it is 0 in the model; say --from and --to", given->by);
	if (!knob_read(&flipping->knob, given->from, "--from", from, err) ||
	    !knob_read(&flipping->knob, given->to, "--to", to, err))
		return false;
	return *from < *to || err_add(err, ERR_USAGE, NULL, "--from must be less than --to");
}

static int finish(struct flipping *flipping, const struct flip *flip, unsigned formats)
{
	struct command_line *line = flipping->line;
	const char *dir =
		flipping->given->out ? flipping->given->out : host_results(line->arena, flipping->study->path);
	struct figure *figure = NULL;
	const char *templates = paths_data_file(line->arena, "plots");
	if (!flipping->given->no_figures && templates) {
		figure = draw(flipping, flip);
		if (!output_dir(dir, line->err) || !figure_write_all(&figure, 1, dir, formats, templates, line->err))
			figure = NULL;
	}
	if (flipping->given->json) {
		print_json(flipping, flip, stdout);
	} else {
		print_probes(flipping, stdout);
		printf("%s.\n", sentence(flipping, flip));
		if (figure)
			printf("figure: %s/%s.svg\n", dir, figure->name);
	}
	return flip->found ? 0 : ERR_INCONCLUSIVE;
}

static int run(struct command_line *line)
{
	static struct flipping flipping;
	struct flip flip = {.found = false};
	double from = NAN, to = NAN;
	flipping = (struct flipping){.line = line, .given = line->options, .end = EXEC_DONE};
	unsigned formats = flipping.given->formats ? figure_formats(flipping.given->formats) : FIGURE_SVG | FIGURE_PNG;
	if (!formats)
		err_add(line->err, ERR_USAGE, NULL, "--formats %.60s: a list of svg, png, pdf",
			flipping.given->formats);
	if (err_any(line->err) || !prepare(&flipping, &from, &to))
		return 0;
	flipping.threads = flipping.given->jobs ? (int)flipping.given->jobs : exec_processors();
	flipping.stop = interrupt_flag();
	if (search(&flipping, from, to, &flip))
		return finish(&flipping, &flip, formats);
	if (flipping.end != EXEC_INTERRUPTED)
		return 0; /* messages in err */
	message_note("interrupted before the search had ended; %d values were tried", flipping.probes);
	return ERR_INTERRUPTED;
}

const struct command command_flip = {
	.name = "flip",
	.operands = "CASE|FILE CLAIM",
	.operands_least = 2,
	.operands_most = 2,
	.about = "where a claim stops being true when a parameter is varied, with an interval and a figure",
	.detail = "    casebook flip station mm1 --by service\n"
		  "    casebook flip station second-server --by trace.windows.rate --from '10 /s' --to '90 /s'\n"
		  "Without --from and --to the search goes outward from the model's value, first up, then down. The "
		  "interval is\n"
		  "made of the values at which the replications (--reps) do not settle the claim.\n"
		  "Exit code: 0 found; 5 the claim does not change there.\n",
	.options = options,
	.options_size = sizeof(struct flip_options),
	.run = run,
};
