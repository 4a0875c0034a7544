/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a distribution. `forms` is the grammar: for each way to write a distribution its arguments with their
 * ranges, and the function that turns them into scale and shape. Reading, printing, scaling and the messages all follow
 * it. Mixtures and empirical distributions have a grammar of their own.
 */
#include "base/check.h"
#include "base/text.h"
#include "base/words.h"
#include "engine/dist.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAME_TEXT = 16,
	WHY_TEXT = 256
};

struct argument {
	const char *key;
	bool quantity;    /* in the unit of the variate; else a bare number */
	bool optional;
	bool whole;
	double low, high; /* range; with `low_open`, low itself is not allowed */
	bool low_open;
};

struct form {
	enum dist_kind kind;
	bool positional; /* arguments may be written without their keys, and are printed so */
	struct argument argument[DIST_GIVEN];
	/* Sets location, scale, shape, count from `given`; false: `why` tells what is allowed. */
	bool (*solve)(struct dist *dist, const double *given, char *why);
};

static const char *const kind_names[DIST_KINDS + 2] = {
	[DIST_CONST] = "const",     [DIST_UNIFORM] = "uniform",     [DIST_EXP] = "exp",
	[DIST_ERLANG] = "erlang",   [DIST_GAMMA] = "gamma",         [DIST_LOGNORMAL] = "lognormal",
	[DIST_NORMAL] = "normal",   [DIST_WEIBULL] = "weibull",     [DIST_PARETO] = "pareto",
	[DIST_ZIPF] = "zipf",       [DIST_MIX] = "mix",             [DIST_EMPIRICAL] = "empirical",
	[DIST_KINDS] = "hist",      /* another name of empirical */
};

/* ---- from what people know to scale and shape ---- */

static const double z99 = 2.32634787404084110; /* the normal quantile of 0.99 */

static bool solve_scale(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->scale = given[0];
	return true;
}

static bool solve_scale_shape(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->scale = given[0];
	dist->shape = given[1];
	return true;
}

static bool solve_shape_scale(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->shape = given[0];
	dist->scale = given[1];
	return true;
}

static bool solve_uniform(struct dist *dist, const double *given, char *why)
{
	dist->location = given[0];
	dist->scale = given[1] - given[0];
	if (dist->scale < 0)
		snprintf(why, WHY_TEXT, "max must be at least min");
	return dist->scale >= 0;
}

static bool solve_erlang(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->count = (size_t)given[0];
	dist->scale = given[1] / given[0];
	return true;
}

static bool solve_gamma_mean_cv(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->shape = 1 / (given[1] * given[1]);
	dist->scale = given[0] / dist->shape;
	return true;
}

static bool above_median(const double *given, char *why)
{
	if (given[1] <= given[0])
		snprintf(why, WHY_TEXT, "p99 must be above the median");
	return given[1] > given[0];
}

static bool solve_lognormal_median_p99(struct dist *dist, const double *given, char *why)
{
	dist->scale = given[0];
	dist->shape = dm_log(given[1] / given[0]) / z99;
	return above_median(given, why);
}

/* p99 / mean = e^(z sigma - sigma^2 / 2) has two solutions; the one with the lighter tail is meant. */
static bool solve_lognormal_mean_p99(struct dist *dist, const double *given, char *why)
{
	double ratio = dm_log(given[1] / given[0]), root = z99 * z99 - 2 * ratio;
	if (ratio <= 0 || root < 0) {
		snprintf(why, WHY_TEXT, "p99 must be above the mean and at most 14.9 times the mean, as no lognormal "
					"has more; to have a heavier tail give the median");
		return false;
	}
	dist->shape = z99 - sqrt(root);
	dist->scale = given[0] * dm_exp(-0.5 * dist->shape * dist->shape);
	return true;
}

static bool solve_lognormal_mean_cv(struct dist *dist, const double *given, char *why)
{
	(void)why;
	double variance = dm_log1p(given[1] * given[1]);
	dist->shape = sqrt(variance);
	dist->scale = given[0] * dm_exp(-0.5 * variance);
	return true;
}

static bool solve_normal_mean_sd(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->location = given[0];
	dist->scale = given[1];
	return true;
}

static bool solve_normal_mean_cv(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->location = given[0];
	dist->scale = given[0] * given[1];
	return true;
}

static double weibull_cv(double shape)
{
	double mean = dist_gamma_function(1 + 1 / shape);
	return sqrt(dist_gamma_function(1 + 2 / shape) / (mean * mean) - 1);
}

static bool solve_weibull_mean_cv(struct dist *dist, const double *given, char *why)
{
	(void)why;
	double low = 0.1, high = 200; /* the cv falls from 429 to 0.0064 */
	for (int i = 0; i < 80; i++) {
		double middle = 0.5 * (low + high);
		if (weibull_cv(middle) > given[1])
			low = middle;
		else
			high = middle;
	}
	dist->shape = high;
	dist->scale = given[0] / dist_gamma_function(1 + 1 / dist->shape);
	return true;
}

static bool solve_weibull_median_p99(struct dist *dist, const double *given, char *why)
{
	if (!above_median(given, why))
		return false;
	double log2 = dm_log(2), log100 = dm_log(100);
	dist->shape = dm_log(log100 / log2) / dm_log(given[1] / given[0]);
	dist->scale = given[0] * dm_pow(log2, -1 / dist->shape);
	return true;
}

static bool solve_zipf(struct dist *dist, const double *given, char *why)
{
	(void)why;
	dist->count = (size_t)given[0];
	dist->shape = given[1];
	dist->scale = given[2];
	return true;
}

#define QUANTITY(name)          {.key = name, .quantity = true, .high = INFINITY}
#define QUANTITY_ABOVE_0(name)  {.key = name, .quantity = true, .high = INFINITY, .low_open = true}
#define NUMBER(name, from, to)  {.key = name, .low = from, .high = to}
#define WHOLE(name, from, to)   {.key = name, .low = from, .high = to, .whole = true}

static const struct form forms[] = {
	{DIST_CONST, true, {QUANTITY("value")}, solve_scale},
	{DIST_UNIFORM, true, {QUANTITY("min"), QUANTITY("max")}, solve_uniform},
	{DIST_EXP, true, {QUANTITY_ABOVE_0("mean")}, solve_scale},
	{DIST_ERLANG, false, {WHOLE("stages", 1, DIST_STAGES), QUANTITY_ABOVE_0("mean")}, solve_erlang},
	{DIST_GAMMA, false, {QUANTITY_ABOVE_0("mean"), NUMBER("cv", 0.001, 10)}, solve_gamma_mean_cv},
	{DIST_GAMMA, false, {NUMBER("shape", 0.01, 1e6), QUANTITY_ABOVE_0("scale")}, solve_shape_scale},
	{DIST_LOGNORMAL, false, {QUANTITY_ABOVE_0("median"), QUANTITY_ABOVE_0("p99")}, solve_lognormal_median_p99},
	{DIST_LOGNORMAL, false, {QUANTITY_ABOVE_0("mean"), QUANTITY_ABOVE_0("p99")}, solve_lognormal_mean_p99},
	{DIST_LOGNORMAL, false, {QUANTITY_ABOVE_0("mean"), NUMBER("cv", 0, 1000)}, solve_lognormal_mean_cv},
	{DIST_LOGNORMAL, false, {QUANTITY_ABOVE_0("median"), NUMBER("sigma", 0, 20)}, solve_scale_shape},
	{DIST_NORMAL, false, {QUANTITY("mean"), QUANTITY("sd")}, solve_normal_mean_sd},
	{DIST_NORMAL, false, {QUANTITY("mean"), NUMBER("cv", 0, 1000)}, solve_normal_mean_cv},
	{DIST_WEIBULL, false, {QUANTITY_ABOVE_0("scale"), NUMBER("shape", 0.05, 1000)}, solve_scale_shape},
	{DIST_WEIBULL, false, {QUANTITY_ABOVE_0("mean"), NUMBER("cv", 0.01, 400)}, solve_weibull_mean_cv},
	{DIST_WEIBULL, false, {QUANTITY_ABOVE_0("median"), QUANTITY_ABOVE_0("p99")}, solve_weibull_median_p99},
	{DIST_PARETO, false, {QUANTITY_ABOVE_0("min"), NUMBER("alpha", 0.05, 1000)}, solve_scale_shape},
	{DIST_ZIPF, true,
	 {WHOLE("n", 1, 1e9), NUMBER("s", 0, 20),
	  {.key = "step", .quantity = true, .optional = true, .high = INFINITY, .low_open = true}},
	 solve_zipf},
};

enum { FORMS = sizeof forms / sizeof *forms };

static bool has_dimension(enum quantity_kind unit)
{
	return unit == QUANTITY_TIME || unit == QUANTITY_BYTES || unit == QUANTITY_RATE;
}

static int arguments_of(const struct form *form)
{
	int count = 0;
	while (count < DIST_GIVEN && form->argument[count].key)
		count++;
	return count;
}

/* ---- reading ---- */

struct parser {
	const char *text, *at;
	enum quantity_kind unit;
	struct arena *arena;
	const struct dist_reader *reader;
	const struct place *place;
	struct err *err;
};

__attribute__((format(printf, 2, 3))) static bool fail(struct parser *parser, const char *format, ...)
{
	char message[ERR_TEXT];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	bool long_text = strlen(parser->text) > 80;
	return err_add(parser->err, ERR_MODEL, parser->place, "\"%.77s%s\": %s", parser->text, long_text ? "..." : "",
		       message);
}

static void skip_blanks(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n')
		parser->at++;
}

static bool take(struct parser *parser, char c)
{
	skip_blanks(parser);
	if (*parser->at != c)
		return false;
	parser->at++;
	return true;
}

static bool is_name_char(char c)
{
	return text_is_letter(c) || text_is_digit(c) || c == '_';
}

/* A name at `at`, when one starts there. */
static bool scan_name(struct parser *parser, char name[NAME_TEXT])
{
	skip_blanks(parser);
	size_t length = 0;
	if (*parser->at < 'A')
		return false;
	while (is_name_char(parser->at[length]))
		length++;
	if (length == 0)
		return false;
	snprintf(name, NAME_TEXT, "%.*s", (int)(length < NAME_TEXT ? length : NAME_TEXT - 1), parser->at);
	parser->at += length;
	return true;
}

static void append(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *buffer, size_t size, const char *format, ...)
{
	size_t length = strlen(buffer);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(buffer + length, size - length, format, arguments);
	va_end(arguments);
}

const char *dist_ways(enum dist_kind kind, char text[DIST_WAYS])
{
	snprintf(text, DIST_WAYS, "%s%s", kind_names[kind],
		 kind == DIST_MIX	  ? "(WEIGHT DIST, WEIGHT DIST, ...)"
		 : kind == DIST_EMPIRICAL ? "(FILE, [scale=])"
					  : "");
	const char *before = "";
	for (const struct form *form = forms; form < forms + FORMS; form++) {
		if (form->kind != kind)
			continue;
		append(text, DIST_WAYS, "%s(", before);
		for (int i = 0; i < arguments_of(form); i++) {
			const struct argument *argument = &form->argument[i];
			append(text, DIST_WAYS, "%s%s%s%s%s", i ? ", " : "", argument->optional ? "[" : "",
			       argument->key, form->positional && !argument->optional ? "" : "=",
			       argument->optional ? "]" : "");
		}
		append(text, DIST_WAYS, ")");
		before = " or ";
	}
	return text;
}

struct given {
	char key[NAME_TEXT];
	const char *value;
};

static bool check_range(struct parser *parser, const struct argument *argument, double value)
{
	if (value >= argument->low && value <= argument->high && !(argument->low_open && value == argument->low) &&
	    value < INFINITY)
		return true;
	if (argument->high < INFINITY)
		return fail(parser, "%s must be %sfrom %g to %g", argument->key,
			    argument->whole ? "a whole number " : "", argument->low, argument->high);
	return fail(parser, "%s must be %s %g", argument->key, argument->low_open ? "above" : "at least",
		    argument->low);
}

static const char *value_end(const char *at)
{
	return at + strcspn(at, ",)");
}

static bool parse_value(struct parser *parser, const struct argument *argument, const char *text, double *value)
{
	char why[QUANTITY_WHY], unit_text[QUANTITY_TEXT];
	struct quantity quantity;
	const char *end;
	enum quantity_kind kind = argument->quantity ? parser->unit : argument->whole ? QUANTITY_COUNT : QUANTITY_REAL;
	if (!quantity_scan(kind, text, &end, &quantity, why))
		return fail(parser, "%s %s", argument->key, why);
	const char *after = end + strspn(end, " \t\n");
	if (after != value_end(after)) {
		snprintf(unit_text, sizeof unit_text, "%.*s", (int)(value_end(after) - after), after);
		return fail(parser, "%s must be a bare number without \"%s\"", argument->key, unit_text);
	}
	*value = quantity.real;
	return check_range(parser, argument, *value);
}

/* The form of this kind that has exactly these keys; `optional` ones may be missing. */
static const struct form *form_with(enum dist_kind kind, const struct given *given, int count)
{
	for (const struct form *form = forms; form < forms + FORMS; form++) {
		if (form->kind != kind)
			continue;
		int used = 0;
		bool complete = true;
		for (int i = 0; i < arguments_of(form); i++) {
			bool found = false;
			for (int j = 0; j < count; j++)
				found = found || strcmp(given[j].key, form->argument[i].key) == 0;
			used += found;
			complete = complete && (found || form->argument[i].optional);
		}
		if (complete && used == count)
			return form;
	}
	return NULL;
}

static bool fail_form(struct parser *parser, enum dist_kind kind, const struct given *given, int count)
{
	char text[DIST_WAYS], guess[WORDS_HINT];
	const char *keys[2 * DIST_GIVEN * FORMS + 1];
	int known = 0;
	for (const struct form *form = forms; form < forms + FORMS; form++)
		for (int i = 0; form->kind == kind && i < arguments_of(form); i++)
			keys[known++] = form->argument[i].key;
	keys[known] = NULL;
	for (int i = 0; i < count; i++) {
		bool found = words_find(WORDS(keys), given[i].key) >= 0;
		if (!found)
			return fail(parser, "%s has no argument \"%s\" (write %s)%s", kind_names[kind], given[i].key,
				    dist_ways(kind, text), words_guess(WORDS(keys), given[i].key, guess));
	}
	return fail(parser, "%s has too many, too few or conflicting arguments; write %s", kind_names[kind],
		    dist_ways(kind, text));
}

static bool parse_form(struct parser *parser, enum dist_kind kind, struct dist *dist)
{
	const struct form *positional = forms;
	struct given given[DIST_GIVEN + 1];
	char text[DIST_WAYS];
	int count = 0;
	while (positional->kind != kind)
		positional++;
	skip_blanks(parser);
	while (*parser->at != ')') {
		const char *start = parser->at;
		struct given *argument = &given[count];
		if (scan_name(parser, argument->key) && take(parser, '=')) {
			argument->value = parser->at;
		} else if (!positional->positional) {
			return fail(parser, "the arguments of %s need their names; write %s", kind_names[kind],
				    dist_ways(kind, text));
		} else if (count >= arguments_of(positional) || positional->argument[count].optional) {
			return fail(parser, "too many arguments; write %s", dist_ways(kind, text));
		} else {
			snprintf(argument->key, NAME_TEXT, "%s", positional->argument[count].key);
			argument->value = start;
		}
		for (int i = 0; i < count; i++)
			if (strcmp(given[i].key, argument->key) == 0)
				return fail(parser, "\"%s\" is given twice; write %s", argument->key,
					    dist_ways(kind, text));
		if (++count > DIST_GIVEN)
			return fail(parser, "too many arguments; write %s", dist_ways(kind, text));
		parser->at = value_end(argument->value);
		if (*parser->at == '\0')
			return fail(parser, "the closing \")\" is missing; write %s", dist_ways(kind, text));
		if (*parser->at == ',') {
			parser->at++;
			skip_blanks(parser);
			if (*parser->at == ')')
				return fail(parser, "an argument is missing after \",\"; write %s",
					    dist_ways(kind, text));
		}
	}
	const struct form *form = form_with(kind, given, count);
	if (!form)
		return fail_form(parser, kind, given, count);

	*dist = (struct dist){.kind = kind, .form = (int)(form - forms)};
	for (int i = 0; i < arguments_of(form); i++) {
		const struct argument *argument = &form->argument[i];
		const char *value = NULL;
		for (int j = 0; j < count; j++)
			if (strcmp(given[j].key, argument->key) == 0)
				value = given[j].value;
		if (value && !parse_value(parser, argument, value, &dist->given[i]))
			return false;
		if (!value && has_dimension(parser->unit))
			return fail(parser, "needs %s=, as a %s has a unit; write %s", argument->key,
				    quantity_name(parser->unit), dist_ways(kind, text));
		if (!value)
			dist->given[i] = 1;
	}
	char why[WHY_TEXT];
	if (!form->solve(dist, dist->given, why))
		return fail(parser, "%s", why);
	dist_ready(dist);
	return take(parser, ')');
}

static bool parse_dist(struct parser *parser, int depth, struct dist *dist);

static bool parse_mix(struct parser *parser, int depth, struct dist *dist)
{
	static const char allowed[] = "write mix(0.9 exp(1 ms), 0.1 exp(20 ms))";
	struct dist parts[DIST_PARTS];
	double weights[DIST_PARTS], total = 0;
	size_t count = 0;
	if (depth >= DIST_DEPTH)
		return fail(parser, "mixtures are nested too deeply: at most %d levels", DIST_DEPTH);
	do {
		struct quantity weight;
		char why[QUANTITY_WHY];
		if (count == DIST_PARTS)
			return fail(parser, "a mixture may have at most %d parts", DIST_PARTS);
		skip_blanks(parser);
		if (!quantity_scan(QUANTITY_REAL, parser->at, &parser->at, &weight, why))
			return fail(parser, "each part of a mixture starts with its weight; %s", allowed);
		if (!(weight.real > 0))
			return fail(parser, "the weights of a mixture must be above 0; %s", allowed);
		skip_blanks(parser);
		if (*parser->at == ',' || *parser->at == ')' || *parser->at == '\0')
			return fail(parser, "a distribution must follow each weight of a mixture; %s", allowed);
		if (!parse_dist(parser, depth + 1, &parts[count]))
			return false;
		weights[count++] = weight.real;
		total += weight.real;
	} while (take(parser, ','));
	if (!take(parser, ')'))
		return fail(parser, "the closing \")\" of mix is missing; %s", allowed);
	if (!(total < INFINITY))
		return fail(parser, "the weights of a mixture are too large; %s", allowed);

	double *cumulative = ARENA_ARRAY(parser->arena, count, double), sum = 0;
	double *kept_weights = ARENA_ARRAY(parser->arena, count, double);
	struct dist *kept_parts = ARENA_ARRAY(parser->arena, count, struct dist);
	for (size_t i = 0; i < count; i++) {
		sum += weights[i];
		cumulative[i] = i + 1 < count ? sum / total : 1;
		kept_weights[i] = weights[i];
		kept_parts[i] = parts[i];
	}
	*dist = (struct dist){.kind = DIST_MIX, .scale = 1, .count = count, .weights = kept_weights,
			      .cumulative = cumulative, .parts = kept_parts};
	return true;
}

struct weighted {
	double value, weight;
};

static int by_value(const void *left, const void *right)
{
	const struct weighted *a = left, *b = right;
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a->weight < b->weight ? -1 : a->weight > b->weight;
}

static bool read_values(struct parser *parser, const char *path, struct dist *dist)
{
	double *values = NULL, *weights = NULL, sum = 0, total = 0;
	size_t count = 0;
	int mistakes = parser->err->count;
	if (!parser->reader)
		return fail(parser, "\"%s\" cannot be read: there are no files here", path);
	if (!parser->reader->read(parser->reader->host, path, parser->unit, parser->arena, &values, &weights, &count,
				  parser->err))
		return parser->err->count > mistakes ? false : fail(parser, "\"%s\" cannot be read", path);
	if (count == 0)
		return fail(parser, "\"%s\" has no values; at least one is needed", path);

	struct weighted *sorted = ARENA_ARRAY(parser->arena, count, struct weighted);
	for (size_t i = 0; i < count; i++) {
		double weight = weights ? weights[i] : 1;
		if (!(values[i] >= 0 && values[i] < INFINITY))
			return fail(parser, "value %zu of \"%s\" is %g; values must be at least 0 and finite", i + 1,
				    path, values[i]);
		if (!(weight >= 0 && weight < INFINITY))
			return fail(parser, "weight %zu of \"%s\" is %g; weights must be at least 0 and finite", i + 1,
				    path, weight);
		sorted[i] = (struct weighted){values[i] + 0.0, weight}; /* -0 becomes 0 */
		total += weight;
	}
	if (!(total > 0 && total < INFINITY))
		return fail(parser, "the weights of \"%s\" add up to %g; they must add up to more than 0", path, total);
	/* Elements that compare equal are equal, so that it does not matter in which order qsort leaves them. */
	qsort(sorted, count, sizeof *sorted, by_value);
	double *kept = ARENA_ARRAY(parser->arena, count, double);
	double *cumulative = weights ? ARENA_ARRAY(parser->arena, count, double) : NULL;
	for (size_t i = 0; i < count; i++) {
		kept[i] = sorted[i].value;
		sum += sorted[i].weight;
		if (cumulative)
			cumulative[i] = i + 1 < count ? sum / total : 1;
	}
	*dist = (struct dist){.kind = DIST_EMPIRICAL, .scale = 1, .count = count, .values = kept,
			      .cumulative = cumulative, .source = arena_text(parser->arena, path)};
	return true;
}

static bool parse_empirical(struct parser *parser, struct dist *dist)
{
	static const char allowed[] =
		"write empirical(FILE) or empirical(FILE, scale=2); "
		"a name with a comma or a \")\" goes in double quotes";
	static const struct argument scale = QUANTITY_ABOVE_0("scale");
	skip_blanks(parser);
	bool quoted = *parser->at == '"';
	const char *start = parser->at + quoted, *end = start + strcspn(start, quoted ? "\"" : ",)");
	parser->at = end;
	if (quoted && *parser->at++ != '"')
		return fail(parser, "the closing quote is missing; %s", allowed);
	while (!quoted && end > start && end[-1] == ' ')
		end--;
	if (start == end)
		return fail(parser, "the name of a file is missing; %s", allowed);
	if (memchr(start, '"', (size_t)(end - start)))
		return fail(parser, "a quote within the name of a file cannot be written; %s", allowed);
	double factor = 1;
	if (take(parser, ',')) {
		char key[NAME_TEXT];
		if (!scan_name(parser, key) || strcmp(key, "scale") != 0 || !take(parser, '='))
			return fail(parser, "only scale= may follow the name of the file; %s", allowed);
		struct argument bare = scale;
		bare.quantity = false;
		if (!parse_value(parser, &bare, parser->at, &factor))
			return false;
		parser->at = value_end(parser->at);
	}
	if (!take(parser, ')'))
		return fail(parser, "the closing \")\" is missing; %s", allowed);
	if (!read_values(parser, arena_text_of(parser->arena, start, (size_t)(end - start)), dist))
		return false;
	dist->scale = factor;
	return true;
}

static bool parse_dist(struct parser *parser, int depth, struct dist *dist)
{
	char name[NAME_TEXT], why[QUANTITY_WHY];
	if (!scan_name(parser, name)) {
		struct quantity value;
		const struct argument argument = QUANTITY("the value");
		if (!quantity_scan(parser->unit, parser->at, &parser->at, &value, why))
			return fail(parser, "%s; or a distribution, e.g. exp(MEAN)", why);
		*dist = dist_const(value.real);
		return check_range(parser, &argument, value.real);
	}
	int kind = 0;
	while (kind_names[kind] && strcmp(kind_names[kind], name) != 0)
		kind++;
	if (!kind_names[kind]) {
		char guess[WORDS_HINT];
		return fail(parser, "there is no distribution \"%s\" (there are const uniform exp erlang gamma "
				    "lognormal normal weibull pareto zipf mix empirical hist)%s",
			    name, words_guess(WORDS(kind_names), name, guess));
	}
	if (!take(parser, '(')) {
		char text[DIST_WAYS];
		return fail(parser, "\"(\" must follow %s; write %s", name,
			    kind < DIST_MIX ? dist_ways((enum dist_kind)kind, text)
					    : kind == DIST_MIX ? "mix(WEIGHT DIST, WEIGHT DIST)" : "empirical(FILE)");
	}
	if (kind == DIST_MIX)
		return parse_mix(parser, depth, dist);
	if (kind >= DIST_EMPIRICAL)
		return parse_empirical(parser, dist);
	return parse_form(parser, (enum dist_kind)kind, dist);
}

bool dist_parse(struct dist *dist, enum quantity_kind unit, const char *text, struct arena *arena,
		const struct dist_reader *reader, const struct place *place, struct err *err)
{
	struct parser parser = {text, text, unit, arena, reader, place, err};
	if (!parse_dist(&parser, 0, dist))
		return false;
	skip_blanks(&parser);
	if (*parser.at)
		return fail(&parser, "\"%.20s\" after the end of the distribution; write one distribution or one value",
			    parser.at);
	return true;
}

/* ---- printing ---- */

static struct quantity in_unit(enum quantity_kind unit, double value)
{
	bool integer = unit == QUANTITY_TIME || unit == QUANTITY_BYTES || unit == QUANTITY_COUNT;
	if (!integer)
		return (struct quantity){0, value};
	int64_t rounded = value < 0x1p61 ? (int64_t)(value + 0.5) : INT64_MAX / 4;
	return (struct quantity){rounded, (double)rounded};
}

static void print_into(const struct dist *dist, enum quantity_kind unit, char *buffer, size_t size)
{
	char text[QUANTITY_TEXT];
	append(buffer, size, "%s(", kind_names[dist->kind]);
	if (dist->kind == DIST_MIX) {
		for (size_t i = 0; i < dist->count; i++) {
			struct quantity weight = {0, dist->weights[i]};
			append(buffer, size, "%s%s ", i ? ", " : "", quantity_print(QUANTITY_REAL, weight, text));
			print_into(&dist->parts[i], unit, buffer, size);
		}
	} else if (dist->kind == DIST_EMPIRICAL) {
		const char *name = dist->source, *quote = strpbrk(name, " \t\n,)") ? "\"" : "";
		append(buffer, size, "%s%s%s", quote, name, quote);
		if (dist->scale != 1)
			append(buffer, size, ", scale=%s",
			       quantity_print(QUANTITY_REAL, (struct quantity){0, dist->scale}, text));
	} else {
		const struct form *form = &forms[dist->form];
		for (int i = 0; i < arguments_of(form); i++) {
			const struct argument *argument = &form->argument[i];
			if (argument->optional && dist->given[i] == 1 && !has_dimension(unit))
				continue;
			enum quantity_kind kind = argument->quantity ? unit
						  : argument->whole  ? QUANTITY_COUNT
								     : QUANTITY_REAL;
			bool key = !form->positional || argument->optional;
			append(buffer, size, "%s%s%s%s", i ? ", " : "", key ? argument->key : "", key ? "=" : "",
			       quantity_print(kind, in_unit(kind, dist->given[i]), text));
		}
	}
	append(buffer, size, ")");
}

char *dist_print(const struct dist *dist, enum quantity_kind unit, char *buffer, size_t size)
{
	CHECK(size > 0);
	buffer[0] = '\0';
	print_into(dist, unit, buffer, size);
	return buffer;
}

static void describe(const char *name, double value, enum quantity_kind unit, char *buffer, size_t size)
{
	char text[QUANTITY_TEXT];
	if (value < 1e18) {
		snprintf(text, sizeof text, "%.3g", value);
		quantity_print(unit, in_unit(unit, strtod(text, NULL)), text);
	} else {
		snprintf(text, sizeof text, value < INFINITY ? "beyond measure" : "infinite");
	}
	append(buffer, size, "%s %s", name, text);
}

char *dist_describe(const struct dist *dist, enum quantity_kind unit, char *buffer, size_t size)
{
	CHECK(size > 0);
	buffer[0] = '\0';
	/* A mean of counts need not be whole. */
	enum quantity_kind shown = unit == QUANTITY_COUNT ? QUANTITY_REAL : unit;
	describe("mean", dist_mean(dist), shown, buffer, size);
	describe(", median", dist_quantile(dist, 0.5), shown, buffer, size);
	describe(", p99", dist_quantile(dist, 0.99), shown, buffer, size);
	describe(", cv", dist_cv(dist), QUANTITY_REAL, buffer, size);
	return buffer;
}

/* ---- scaling ---- */

void dist_scale(struct dist *dist, double factor, struct arena *arena)
{
	CHECK(factor >= 0 && factor < INFINITY);
	if (dist->kind == DIST_MIX) {
		struct dist *parts = ARENA_ARRAY(arena, dist->count, struct dist);
		memcpy(parts, dist->parts, dist->count * sizeof *parts);
		for (size_t i = 0; i < dist->count; i++)
			dist_scale(&parts[i], factor, arena);
		dist->parts = parts;
		return;
	}
	dist->location *= factor;
	dist->scale *= factor;
	if (dist->kind != DIST_EMPIRICAL)
		for (int i = 0; i < arguments_of(&forms[dist->form]); i++)
			if (forms[dist->form].argument[i].quantity)
				dist->given[i] *= factor;
}
