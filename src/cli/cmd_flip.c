/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a claim stops being true: how it is asked for, and told in a sentence, a table, JSON and a figure. */
#include "cli/command.h"
#include "base/words.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/version.h"
#include "exec/flip.h"
#include "io/readers.h"
#include "run/names.h"

#include <math.h>
#include <string.h>

enum { SHOWN_REACH = 6 };

struct flip_options {
	struct study_options study;
	const char *by, *from, *to, *within, *variant;
	struct drawing_options drawing;
	int64_t jobs;
	bool json;
};

static const struct option options[] = {
	OPTION_TEXT(struct flip_options, by, "by", 0, "PARAM",
		    "what is varied: a parameter, the mean of one that is a distribution, or trace.KEY"),
	OPTION_TEXT(struct flip_options, from, "from", 0, "VALUE",
		    "the least value; default: outward from the model's"),
	OPTION_TEXT(struct flip_options, to, "to", 0, "VALUE", "the greatest value"),
	OPTION_TEXT(struct flip_options, within, "within", 0, "PART",
		    "how narrow the bracket must become, as a part of the value; default: 1%"),
	OPTION_TEXT(struct flip_options, variant, "variant", 0, "VARIANT",
		    "vary it in this variant only; default: in all that the claim names"),
	STUDY_OPTIONS_OF_ALL(struct flip_options, study),
	OPTION_JOBS(struct flip_options, jobs),
	DRAWING_OPTIONS(struct flip_options, drawing, "where the figure goes; default: casebook-NAME of the model",
			"of the figure"),
	OPTION_JSON(struct flip_options, json),
	OPTION_END};

struct flipping {
	struct command_line *line;
	const struct flip_options *given;
	struct flip flip;
	int threads;
	const volatile sig_atomic_t *stop;
	int64_t seed;
};

static enum exec_end run_campaign(void *self, struct campaign *campaign, struct err *err)
{
	const struct flipping *flipping = self;
	enum exec_end end = progress_campaign(campaign, flipping->threads, flipping->stop, err);
	return end;
}

/* The variants that an expression names. */
struct naming_variants {
	const struct study *study;
	bool *named;
};

static void name_variant(void *context, struct term *term)
{
	struct naming_variants *naming = context;
	int index = names_variant(naming->study, term->variant);
	if (index >= 0)
		naming->named[index] = true;
}

static void note(void *self, const struct search_point *point)
{
	const struct flipping *flipping = self;
	const struct knob *knob = &flipping->flip.knob;
	if (message_is_verbose())
		message_note("%s = %s: %s", knob->name, knob_print(knob, point->x, flipping->line->arena),
			     verdict_names[point->verdict]);
}

/* What a try costs, and how many there will be, before the first. */
static void tell_cost(const struct flipping *flipping, double from, double to)
{
	const struct flip *flip = &flipping->flip;
	const struct study *study = flip->study;
	char rows[SHOWN_VALUE];
	bool *named = ARENA_ARRAY(study->arena, (size_t)study->variants, bool);
	double replays = 0, all = 0;
	for (int i = 0; i < flip->claim->expects; i++) {
		const struct expectation *expect = &flip->claim->expect[i];
		struct naming_variants naming = {study, named};
		expression_terms(expect->left, name_variant, &naming);
		expression_terms(expect->low, name_variant, &naming);
		if (expect->high)
			expression_terms(expect->high, name_variant, &naming);
	}
	for (int v = 0; v < study->variants; v++) {
		const struct setup *setup = study->setup[v];
		if (!named[v] || !setup)
			continue;
		replays += (double)setup->run.reps;
		for (int w = 0; w < setup->trace.stretches; w++)
			all += (double)setup->run.reps * setup->trace.stretch[w].rate *
			       (double)setup->trace.stretch[w].lasts * 1e-9 * setup->share;
	}
	/* Halvings until the bracket is narrow enough, of a step outward where no range is given; ends of the interval.
	 */
	double within = flip->search.within,
	       range = flipping->given->from ? (to - from) / fmax(fabs(from), fabs(to)) : 1. / 3;
	int least = 2 + (int)ceil(fmax(0, log2(range / within)));
	message_note(
		"each value that is tried takes %.0f replays%s%s; some %d to %d values%s, to within %.3g %% (--within)",
		replays, all > 0 ? " of some " : "",
		all > 0 ? arena_format(study->arena, "%s requests in all", shown_value(all, QUANTITY_COUNT, rows)) : "",
		least, 3 * least, flipping->given->from ? "" : ", and steps outward", 100 * within);
}

/* ---- words ---- */

static const char *tell(const struct flip *flip, double x)
{
	return isfinite(x) ? knob_tell(&flip->knob, x, flip->study->arena) : "?";
}

static const struct search_point *last_point(const struct flip *flip)
{
	return &flip->search.point[flip->search.points - 1];
}

/* "(95 % CI 127 ms..136 ms)"; an end that was not found lies beyond what was tried. */
static const char *interval_text(const struct flip *flip)
{
	const struct search_result *result = &flip->result;
	bool has_low = isfinite(result->low), has_high = isfinite(result->high);
	return arena_format(flip->study->arena, "(95 %% CI %s%s..%s%s)", has_low ? "" : "below ",
			    tell(flip, has_low ? result->low : flip->search.point[0].x), has_high ? "" : "beyond ",
			    tell(flip, has_high ? result->high : last_point(flip)->x));
}

static const char *sentence(const struct flip *flip)
{
	const struct search_point *first = &flip->search.point[0], *last = last_point(flip);
	const struct search_result *result = &flip->result;
	if (!result->found)
		return arena_format(flip->study->arena, "%s %s throughout, from %s %s to %s", flip->claim->id,
				    first->holds ? "holds" : "does not hold", flip->knob.name, tell(flip, first->x),
				    tell(flip, last->x));
	if (!flip_measured(flip))
		return arena_format(flip->study->arena,
				    "%s is not known between %s %s and %s: there not all that it names is measured",
				    flip->claim->id, flip->knob.name, tell(flip, result->below),
				    tell(flip, result->above));
	return arena_format(flip->study->arena, "%s holds %s %s %s%s %s", flip->claim->id,
			    result->holds_below ? "up to" : "from", flip->knob.name, tell(flip, result->at),
			    result->holds_below ? "" : " on", interval_text(flip));
}

static void print_points(const struct flip *flip, FILE *into)
{
	const struct claim *claim = flip->claim;
	struct arena *arena = flip->study->arena;
	fprintf(into, "%s: %s\n\n", claim->id, claim->says ? claim->says : "");
	for (int i = 0; i < flip->search.points; i++) {
		const struct search_point *point = &flip->search.point[i];
		const struct verdict_of_one *one = flip_detail(point)->one;
		fprintf(into, "%14s  %-13s", knob_print(&flip->knob, point->x, arena), verdict_names[point->verdict]);
		for (int e = 0; e < claim->expects; e++)
			fprintf(into, "%s %s", e ? ";" : "", judgement_measured(flip->study, claim, one, e, arena));
		fputc('\n', into);
	}
	fputc('\n', into);
}

static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *point_json(const struct flip *flip, const struct search_point *point, double unit)
{
	const struct flip_detail *detail = flip_detail(point);
	json_t *measured = json_array();
	for (int e = 0; e < flip->claim->expects; e++) {
		const struct verdict_of_one *one = &detail->one[e];
		json_array_append_new(
			measured, json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "expect", flip->claim->expect[e].text,
					    "holds", verdict_names[one->verdict], "value", number(one->left.mean),
					    "low", number(one->left.low), "high", number(one->left.high), "right",
					    number(one->low)));
	}
	return json_pack("{s:f, s:s, s:s, s:i, s:o}", "value", point->x * unit, "text",
			 knob_print(&flip->knob, point->x, flip->study->arena), "holds", verdict_names[point->verdict],
			 "replications", detail->reps, "measured", measured);
}

static void print_json(const struct flip *flip, int64_t seed, FILE *into)
{
	const struct search_result *result = &flip->result;
	bool found = result->found && flip_measured(flip);
	enum quantity_kind kind = flip->knob.unit;
	json_t *points = json_array();
	double unit = kind == QUANTITY_TIME ? 1e-9 : 1;
	for (int i = 0; i < flip->search.points; i++)
		json_array_append_new(points, point_json(flip, &flip->search.point[i], unit));
	json_t *all = json_pack("{s:i, s:s, s:s, s:s, s:I, s:b, s:s}", "schema", 1, "case", flip->study->of->name,
				"claim", flip->claim->id, "by", flip->knob.name, "seed", (json_int_t)seed, "found",
				found, "text", sentence(flip));
	json_object_set_new(all, "unit",
			    json_string(kind == QUANTITY_TIME    ? "s"
					: kind == QUANTITY_BYTES ? "bytes"
					: kind == QUANTITY_RATE  ? "1/s"
								 : "1"));
	json_object_set_new(all, "side",
			    found ? json_string(result->holds_below ? "holds up to" : "holds from")
					  : json_null());
	json_object_set_new(all, "at", found ? number(result->at * unit) : json_null());
	json_object_set_new(all, "low", found ? number(result->low * unit) : json_null());
	json_object_set_new(all, "high", found ? number(result->high * unit) : json_null());
	json_object_set_new(all, "tried", points);
	json_dumpf(all, into, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', into);
	json_decref(all);
}

/* ---- the figure ---- */

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
static void drawn(const struct flipping *flipping, int *begin, int *end)
{
	const struct search_result *result = &flipping->flip.result;
	const struct search_point *point = flipping->flip.search.point;
	*begin = 0;
	*end = flipping->flip.search.points;
	if (!result->found || flipping->given->from)
		return;
	double below = result->at - (isfinite(result->low) ? fmin(result->low, result->below) : point[0].x);
	double above = (isfinite(result->high) ? fmax(result->high, result->above) : point[*end - 1].x) - result->at;
	double reach = SHOWN_REACH * fmax(below, above);
	while (point[*begin].x < result->at - reach)
		++*begin;
	while (point[*end - 1].x > result->at + reach)
		--*end;
}

static void set_axis(struct figure_axis *axis, const char *label, enum quantity_kind kind)
{
	axis->label = label;
	axis->values = kind == QUANTITY_TIME ? FIGURE_DURATION : FIGURE_NUMBER;
	axis->unit = kind == QUANTITY_RATE ? "/s" : kind == QUANTITY_BYTES ? "B" : "";
}

static struct figure *draw(const struct flipping *flipping)
{
	const struct flip *flip = &flipping->flip;
	const struct search_result *result = &flip->result;
	const struct claim *claim = flip->claim;
	struct arena *arena = flip->study->arena;
	bool found = result->found && flip_measured(flip);
	int number = found ? flip_expectation(flip) : 0;
	const struct expectation *expectation = &claim->expect[number];
	enum quantity_kind kind = expression_kind(expectation->left, names_term_kind, flip->study);
	double unit = kind == QUANTITY_TIME ? 1e9 : 1;
	char *name = arena_format(arena, "flip-%s", claim->id);
	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c))
			*c = '-';
	struct figure *figure = figure_new(arena, FIGURE_LINES, name, sentence(flip));
	figure->subtitle = claim->says ? claim->says : "";
	figure->footer = arena_format(arena, "%s · seed %lld · %d replications · casebook %s", flip->study->of->name,
				      (long long)flipping->seed, flip_detail(&flip->search.point[0])->reps,
				      version_number());
	set_axis(&figure->x, flip->knob.name, flip->knob.unit);
	set_axis(&figure->y, left_text(expectation, arena), kind);
	int begin, end;
	drawn(flipping, &begin, &end);
	const struct search_point *point = flip->search.point;
	const struct verdict_of_one *first = &flip_detail(&point[begin])->one[number];
	figure->x.log = point[begin].x > 0 && point[end - 1].x / point[begin].x > 20;
	struct figure_series *series = figure_add_series(figure, "measured", FIGURE_NORMAL, FIGURE_LINE), *limit = NULL;
	if (expectation->operator== CLAIM_IN)
		figure_add_range(figure, first->low * unit, first->high * unit, NAN, NAN, "where it holds");
	else
		limit = figure_add_series(figure, "the limit", FIGURE_FORMULA, FIGURE_LINE);
	double least = INFINITY, greatest = 0;
	for (int i = begin; i < end; i++) {
		const struct verdict_of_one *one = &flip_detail(&point[i])->one[number];
		least = one->left.mean < least ? one->left.mean : least;
		greatest = one->left.mean > greatest ? one->left.mean : greatest;
		figure_interval(series, point[i].x, one->left.mean * unit, one->left.low * unit,
				one->left.high * unit);
		if (limit)
			figure_point(limit, point[i].x, one->low * unit);
	}
	figure->y.log = least > 0 && greatest / least > 20;
	if (found && isfinite(result->low) && isfinite(result->high) && result->low < result->high)
		figure_add_band(figure, result->low, result->high, "95 % CI");
	if (found)
		figure_mark_x(figure, result->at, arena_format(arena, "flips at %s", tell(flip, result->at)));
	return figure;
}

/* ---- the command ---- */

static bool find_claim(struct flipping *flipping)
{
	const struct study *study = flipping->flip.study;
	const char *wanted = flipping->line->operand[1];
	char hint[WORDS_HINT];
	int index = words_find(WORDS(study->claim), wanted);
	flipping->flip.claim = index >= 0 ? &study->claim[index] : NULL;
	if (flipping->flip.claim)
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
	const struct flip *flip = &flipping->flip;
	const char *variant = NULL, *wanted = flip->variant;
	for (int i = 0; i < flip->claim->expects; i++) {
		const struct expectation *expectation = &flip->claim->expect[i];
		const struct expression *part[] = {expectation->left, expectation->low, expectation->high};
		for (int p = 0; p < 3; p++)
			if (part[p]) {
				expression_terms(part[p], first_variant, &variant);
				expression_terms(part[p], named, &wanted);
			}
	}
	if (flip->variant)
		variant = flip->variant;
	const struct setup *setup = setup_resolve(flip->study, variant ? variant : flip->study->variant[0], NULL,
						  flipping->line->err);
	if (!setup) {
		flipping->line->err->kind = ERR_USAGE;
		return NULL;
	}
	if (wanted) {
		err_add(flipping->line->err, ERR_USAGE, NULL, "--variant %.60s: the claim does not use it", wanted);
		return NULL;
	}
	return setup;
}

static bool prepare(struct flipping *flipping, double *from, double *to)
{
	const struct flip_options *given = flipping->given;
	struct flip *flip = &flipping->flip;
	struct arena *arena = flipping->line->arena;
	struct err *err = flipping->line->err;
	struct quantity within = {.real = 0.01};
	char why[QUANTITY_WHY];
	if (!given->by)
		return err_add(err, ERR_USAGE, NULL, "--by is missing: which parameter is varied?");
	if (given->within && (!quantity_parse(QUANTITY_RATIO, given->within, &within, why) || !(within.real > 0)))
		return err_add(err, ERR_USAGE, NULL, "--within %.40s: a part of the value, e.g. 1%%", given->within);
	if (!given->from != !given->to)
		return err_add(err, ERR_USAGE, NULL, "--from and --to must be given together");
	*flip = (struct flip){.variant = given->variant, .run = run_campaign, .tell = note, .host = flipping};
	if (!(flip->study = load_study(arena, flipping->line->operand[0], &given->study, err)) || !find_claim(flipping))
		return false;
	flip->values = readers_of(arena, flip->study->path)->values;
	const struct setup *setup = setup_of(flipping);
	if (!setup || !knob_find(&flip->knob, setup, given->by, given->from, "--by", err))
		return false;
	flip_begin(flip, within.real);
	flipping->seed = setup->run.seed;
	if (!given->from)
		return flip->knob.value > 0 ||
		       err_add(err, ERR_USAGE, NULL, "--by %s: it is 0 in the model; give --from and --to", given->by);
	if (!knob_read(&flip->knob, given->from, "--from", from, err) ||
	    !knob_read(&flip->knob, given->to, "--to", to, err))
		return false;
	return *from < *to || err_add(err, ERR_USAGE, NULL, "--from must be less than --to");
}

static int finish(struct flipping *flipping)
{
	struct command_line *line = flipping->line;
	const struct flip *flip = &flipping->flip;
	const struct drawing_options *drawing = &flipping->given->drawing;
	const char *dir = drawing_dir(line->arena, drawing, flip->study->path);
	struct figure *figure = draw(flipping);
	bool drawn = drawing_write(line->arena, drawing, figure, dir, line->err);
	if (flipping->given->json) {
		print_json(flip, flipping->seed, stdout);
	} else {
		print_points(flip, stdout);
		printf("%s.\n", sentence(flip));
		if (drawn)
			printf("figure: %s/%s%s\n", dir, figure->name, drawing_ending(line->arena, drawing));
	}
	return flip->result.found && flip_measured(flip) ? 0 : ERR_INCONCLUSIVE;
}

static int run(struct command_line *line)
{
	static struct flipping flipping;
	double from = NAN, to = NAN;
	flipping = (struct flipping){.line = line, .given = line->options};
	struct flip *flip = &flipping.flip;
	drawing_formats(flipping.given->drawing.formats, line->err);
	if (err_any(line->err) || !prepare(&flipping, &from, &to))
		return 0;
	flipping.threads = exec_threads(flipping.given->jobs);
	flipping.stop = interrupt_flag();
	tell_cost(&flipping, from, to);
	if (flipping.given->from ? search_between(&flip->search, from, to, &flip->result, line->err)
				 : search_outward(&flip->search, flip->knob.value, &flip->result, line->err))
		return finish(&flipping);
	if (flip->end != EXEC_INTERRUPTED)
		return 0; /* messages in err */
	message_note("interrupted before the search had ended; %d values were tried", flip->search.points);
	return ERR_INTERRUPTED;
}

const struct command command_flip = {
	.name = "flip",
	.operands = "CASE|FILE CLAIM",
	.operands_least = 2,
	.operands_most = 2,
	.about = "where a claim stops being true when a parameter is varied, with an interval and a figure",
	.detail = "    casebook flip station mm1 --by service\n"
		  "    casebook flip station second-server --by trace.windows.rate \\\n"
		  "        --from 10/s --to 90/s\n"
		  "Without --from and --to the search goes outward from the model's value, first up, then down. The "
		  "interval is made of the values at which the replications (--reps) do not settle the claim.\n"
		  "Exit code: 0 found; 5 the claim does not change there.\n",
	.options = options,
	.options_size = sizeof(struct flip_options),
	.run = run,
};
