/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A parser by recursive descent, one function for each level of precedence. min and max are both functions and
 * statistics: what stands in their parentheses decides (one bare name: a statistic).
 */
#include "run/claim.h"
#include "base/check.h"
#include "base/text.h"
#include "engine/dmath.h"
#include "trace/date.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 40, LENGTH_MAX = 1000 };

const char *const claim_kinds[] = {"predicted", "calibrated", "derived", NULL};

enum operation { NUMBER, TERM, ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, LOG, ABS, LEAST, GREATEST };

struct expression {
	enum operation operation;
	double number;
	enum quantity_kind kind; /* of a number, by its unit; REAL: it has none */
	struct term *term;
	struct expression *left, *right;
	struct place place;
};

struct parser {
	struct arena *arena;
	const char *text, *at;
	const struct place *place;
	struct err *err;
	int depth;
};

static bool is_letter(char c)
{
	return text_is_letter(c) || c == '_';
}

static bool is_unit_char(char c)
{
	return is_letter(c) || c == '%' || c == '/';
}

static struct place place_at(const struct parser *parser, const char *at)
{
	struct place place = {0};
	if (parser->place)
		place = *parser->place;
	if (place.column > 0)
		place.column += (int)(at - parser->text);
	return place;
}

/* What was expected at this point of the text. */
static struct expression *expected(struct parser *parser, const char *what)
{
	struct place place = place_at(parser, parser->at);
	if (*parser->at)
		err_add(parser->err, ERR_MODEL, &place, "expected %s at \"%.40s\" in \"%.200s\"", what, parser->at,
			parser->text);
	else
		err_add(parser->err, ERR_MODEL, &place, "expected %s at the end of \"%.200s\"", what, parser->text);
	return NULL;
}

static void skip_blanks(struct parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n')
		parser->at++;
}

static bool take(struct parser *parser, const char *token)
{
	skip_blanks(parser);
	size_t length = strlen(token);
	if (strncmp(parser->at, token, length) != 0)
		return false;
	parser->at += length;
	return true;
}

static struct expression *node(struct parser *parser, enum operation operation, struct expression *left,
			       struct expression *right, const char *at)
{
	struct expression *expression = ARENA_NEW(parser->arena, struct expression);
	expression->operation = operation;
	expression->left = left;
	expression->right = right;
	expression->kind = QUANTITY_REAL;
	expression->place = place_at(parser, at);
	return expression;
}

/* A decimal at `at`; stops before "..". Returns its length. */
static size_t decimal_length(const char *at)
{
	size_t length = 0;
	while (text_is_digit(at[length]))
		length++;
	if (at[length] == '.' && text_is_digit(at[length + 1]))
		for (length++; text_is_digit(at[length]);)
			length++;
	if (at[length] == 'e' || at[length] == 'E') {
		size_t digits = length + 1 + (at[length + 1] == '-' || at[length + 1] == '+');
		if (text_is_digit(at[digits]))
			for (length = digits; text_is_digit(at[length]);)
				length++;
	}
	return length;
}

static bool is_unit(const char *unit, size_t length)
{
	char text[QUANTITY_TEXT];
	enum quantity_kind kind;
	snprintf(text, sizeof text, "1 %.*s", (int)length, unit);
	return length < QUANTITY_TEXT / 2 && quantity_kind_of(text, &kind) && kind != QUANTITY_REAL;
}

/*
 * How many characters after a number are its unit. A slash begins one where the letters around it make one ("12k/s", "3
 * /min"), and divides elsewhere ("40 ms/p99(x)", "2/min(a, b)").
 */
static size_t unit_length(const char *unit)
{
	size_t length = 0;
	while (is_unit_char(unit[length]))
		length++;
	if ((length == 2 && memcmp(unit, "in", 2) == 0) || (length == 6 && memcmp(unit, "within", 6) == 0))
		return 0;
	bool goes_on = unit[length] == '(' || text_is_digit(unit[length]);
	if (!goes_on && is_unit(unit, length))
		return length;
	const char *slash = memchr(unit, '/', length);
	if (slash && (slash == unit || is_unit(unit, (size_t)(slash - unit))))
		return (size_t)(slash - unit);
	return length;
}

static struct expression *number(struct parser *parser)
{
	const char *start = parser->at;
	size_t digits = decimal_length(start);
	const char *unit = start + digits;
	while (*unit == ' ')
		unit++;
	size_t length = unit_length(unit);
	char text[2 * QUANTITY_TEXT], why[QUANTITY_WHY];
	enum quantity_kind kind = QUANTITY_REAL;
	struct quantity value;
	struct place place = place_at(parser, start);
	if (digits >= QUANTITY_TEXT || length >= QUANTITY_TEXT / 2) {
		err_add(parser->err, ERR_MODEL, &place, "a number is too long in \"%.200s\"", parser->text);
		return NULL;
	}
	snprintf(text, sizeof text, "%.*s%s%.*s", (int)digits, start, length ? " " : "", (int)length, unit);
	if (!quantity_kind_of(text, &kind)) {
		err_add(parser->err, ERR_MODEL, &place,
			"\"%.*s\" is not a unit (case matters): %s; %s; %s; k M G T; %%", (int)length, unit,
			quantity_units(QUANTITY_TIME), quantity_units(QUANTITY_BYTES), quantity_units(QUANTITY_RATE));
		return NULL;
	}
	double multiple = 1;
	if (kind == QUANTITY_COUNT) {
		/* As a COUNT, 0.4 would be rounded to an integer. */
		multiple = *unit == 'k' ? 1e3 : *unit == 'M' ? 1e6 : *unit == 'G' ? 1e9 : 1e12;
		text[digits] = '\0';
	}
	if (!quantity_parse(kind == QUANTITY_COUNT ? QUANTITY_REAL : kind, text, &value, why)) {
		err_add(parser->err, ERR_MODEL, &place, "%s %s", text, why);
		return NULL;
	}
	struct expression *expression = node(parser, NUMBER, NULL, NULL, start);
	expression->kind = kind == QUANTITY_RATIO ? QUANTITY_COUNT : kind;
	expression->number = kind == QUANTITY_TIME ? value.real / 1e9 : value.real * multiple;
	parser->at = length ? unit + length : start + digits;
	return expression;
}

static char *trimmed(struct arena *arena, const char *from, const char *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return arena_text_of(arena, from, (size_t)(to - from));
}

static bool is_name(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (!is_letter(*text) && !text_is_digit(*text) && *text != '-' && *text != '.')
			return false;
	return true;
}

bool claim_percentile(const char *statistic, double *p)
{
	if (statistic[0] != 'p' || !text_is_digit(statistic[1]) || !text_is_digit(statistic[2]))
		return false;
	char text[24] = "0.";
	size_t length = 2;
	bool point = false;
	for (const char *c = statistic + 1; *c; c++) {
		if (*c == '.' && c == statistic + 3 && text_is_digit(c[1])) {
			point = true;
			continue;
		}
		if (!text_is_digit(*c) || length > 18)
			return false;
		text[length++] = *c;
	}
	text[length] = '\0';
	*p = strtod(text, NULL);
	/* p100 would be a hundred thousandth of a percent away from what is meant. */
	return *p > 0 && (point || strncmp(statistic, "p100", 4) != 0);
}

static bool window_parse(const char *text, int64_t *window)
{
	if (date_parse(text, window))
		return true;
	*window = 0;
	if (!*text || strlen(text) > 9)
		return false;
	for (; text_is_digit(*text); text++)
		*window = *window * 10 + (*text - '0');
	return *text == '\0' && *window > 0;
}

/* What follows STATISTIC in STATISTIC(METRIC)[VARIANT @ WINDOW]. */
static struct expression *term(struct parser *parser, const char *start, const char *statistic)
{
	const char *close = strchr(parser->at, ')');
	if (!close)
		return expected(parser, "\")\"");
	struct term *term = ARENA_NEW(parser->arena, struct term);
	term->statistic = statistic;
	term->p = -1;
	term->metric = trimmed(parser->arena, parser->at, close);
	term->place = place_at(parser, start);
	if (statistic[0] == 'p' && text_is_digit(statistic[1]) && !claim_percentile(statistic, &term->p)) {
		err_add(parser->err, ERR_MODEL, &term->place,
			"\"%.40s\" is not a percentile; write p50, p99, p999 or p99.9, or max", statistic);
		return NULL;
	}
	bool no_metric = strcmp(statistic, "offered") == 0;
	if (no_metric != (*term->metric == '\0') || (!no_metric && !is_name(term->metric)))
		return expected(parser, no_metric ? "\")\"" : "the name of a metric");
	parser->at = close + 1;
	const char *after = parser->at;
	if (take(parser, "[")) {
		close = strchr(parser->at, ']');
		if (!close)
			return expected(parser, "\"]\"");
		const char *sign = memchr(parser->at, '@', (size_t)(close - parser->at));
		const char *variant = trimmed(parser->arena, parser->at, sign ? sign : close);
		if ((*variant && !is_name(variant)) || (!*variant && !sign))
			return expected(parser, "the name of a variant");
		term->variant = *variant ? variant : NULL;
		if (sign) {
			const char *window = trimmed(parser->arena, sign + 1, close);
			parser->at = sign + 1;
			if (!window_parse(window, &term->window))
				return expected(parser,
						"a window (a date such as 2016-07-01, or the number of a step)");
			term->windowed = true;
		}
		parser->at = close + 1;
	} else {
		parser->at = after;
	}
	struct expression *expression = node(parser, TERM, NULL, NULL, start);
	expression->term = term;
	return expression;
}

static struct expression *sum(struct parser *parser);

/* The arguments of a function, folded: min(a, b, c) is min(min(a, b), c). */
static struct expression *call(struct parser *parser, const char *start, enum operation operation)
{
	struct expression *left = sum(parser);
	if (!left)
		return NULL;
	if (operation == LOG || operation == ABS)
		return take(parser, ")") ? node(parser, operation, left, NULL, start) : expected(parser, "\")\"");
	int arguments = 1;
	for (; take(parser, ","); arguments++) {
		struct expression *right = sum(parser);
		if (!right)
			return NULL;
		left = node(parser, operation, left, right, start);
	}
	if (arguments < 2)
		return expected(parser, "\",\" and another value");
	return take(parser, ")") ? left : expected(parser, "\")\"");
}

/* Whether the parentheses that have just been opened hold one name and nothing else. */
static bool holds_a_name(const char *at)
{
	while (*at == ' ')
		at++;
	if (!is_letter(*at))
		return false;
	while (is_letter(*at) || text_is_digit(*at) || *at == '-' || *at == '.')
		at++;
	while (*at == ' ')
		at++;
	return *at == ')';
}

static struct expression *word(struct parser *parser)
{
	static const struct {
		const char *name;
		enum operation operation;
	} functions[] = {{"log", LOG}, {"abs", ABS}, {"min", LEAST}, {"max", GREATEST}};
	const char *start = parser->at;
	while (is_letter(*parser->at) || text_is_digit(*parser->at) ||
	       (*parser->at == '.' && text_is_digit(parser->at[1]) && text_is_digit(parser->at[-1])))
		parser->at++;
	char *name = arena_text_of(parser->arena, start, (size_t)(parser->at - start));
	if (!take(parser, "("))
		return expected(parser, "\"(\", as in p99(METRIC)[VARIANT],");
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (strcmp(functions[i].name, name) == 0 &&
		    (functions[i].operation == LOG || functions[i].operation == ABS || !holds_a_name(parser->at)))
			return call(parser, start, functions[i].operation);
	return term(parser, start, name);
}

static struct expression *primary(struct parser *parser)
{
	skip_blanks(parser);
	const char *start = parser->at;
	struct expression *inner;
	if (++parser->depth > DEPTH_MAX) {
		struct place place = place_at(parser, parser->at);
		err_add(parser->err, ERR_MODEL, &place, "\"%.200s\" is nested too deeply", parser->text);
		return NULL;
	}
	if (take(parser, "(")) {
		inner = sum(parser);
		if (inner && !take(parser, ")"))
			inner = expected(parser, "\")\"");
	} else if (take(parser, "-")) {
		inner = primary(parser);
		if (inner)
			inner = node(parser, NEGATE, inner, NULL, start);
	} else if (text_is_digit(*start)) {
		inner = number(parser);
	} else if (is_letter(*start)) {
		inner = word(parser);
	} else {
		inner = expected(parser, "a number or a term such as p99(METRIC)[VARIANT]");
	}
	parser->depth--;
	return inner;
}

static struct expression *product(struct parser *parser)
{
	struct expression *left = primary(parser);
	while (left) {
		skip_blanks(parser);
		const char *start = parser->at;
		enum operation operation = *start == '*' ? MULTIPLY : DIVIDE;
		if (!take(parser, "*") && !take(parser, "/"))
			break;
		struct expression *right = primary(parser);
		left = right ? node(parser, operation, left, right, start) : NULL;
	}
	return left;
}

static struct expression *sum(struct parser *parser)
{
	struct expression *left = product(parser);
	while (left) {
		skip_blanks(parser);
		const char *start = parser->at;
		enum operation operation = *start == '+' ? ADD : SUBTRACT;
		if (!take(parser, "+") && !take(parser, "-"))
			break;
		struct expression *right = product(parser);
		left = right ? node(parser, operation, left, right, start) : NULL;
	}
	return left;
}

static bool begin(struct parser *parser, struct arena *arena, const char *text, const struct place *place,
		  struct err *err)
{
	*parser = (struct parser){arena, text, text, place, err, 0};
	if (strlen(text) > LENGTH_MAX)
		return err_add(err, ERR_MODEL, place, "the expression has more than %d characters", LENGTH_MAX);
	return true;
}

struct expression *expression_parse(struct arena *arena, const char *text, const struct place *place, struct err *err)
{
	struct parser parser;
	if (!begin(&parser, arena, text, place, err))
		return NULL;
	struct expression *expression = sum(&parser);
	skip_blanks(&parser);
	if (expression && *parser.at)
		return expected(&parser, "an operator or the end");
	return expression;
}

static bool comparison(struct parser *parser, enum claim_operator *operator)
{
	static const struct {
		const char *sign;
		enum claim_operator operator;
	} signs[] = {
		{"<=", CLAIM_LESS_EQUAL}, {"<", CLAIM_LESS}, {">=", CLAIM_GREATER_EQUAL},
		{">", CLAIM_GREATER},     {"in ", CLAIM_IN},      {"=", CLAIM_WITHIN},
	};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (take(parser, signs[i].sign)) {
			*operator= signs[i].operator;
			return true;
		}
	return false;
}

/* "within 1 %", a part of the right side, or "within 2 ms", a distance. */
static bool margin(struct parser *parser, struct expectation *into)
{
	static const char *const needed = "\"within\" and how much, as in within 1 % or within 2 ms,";
	if (!take(parser, "within "))
		return expected(parser, needed);
	skip_blanks(parser);
	struct expression *size = text_is_digit(*parser->at) ? number(parser) : expected(parser, needed);
	if (!size)
		return false;
	if (size->number <= 0)
		return err_add(parser->err, ERR_MODEL, &size->place, "within must be more than 0 in \"%.200s\"",
			       parser->text);
	into->relative = parser->at[-1] == '%';
	into->margin = size->number;
	into->high = into->relative ? NULL : size;
	return true;
}

/* A sum, and how it was written. */
static struct expression *side(struct parser *parser, const char **written)
{
	const char *from = parser->at;
	struct expression *expression = sum(parser);
	*written = trimmed(parser->arena, from, parser->at);
	return expression;
}

bool expectation_parse(struct arena *arena, const char *text, const struct place *place, struct expectation *into,
		       struct err *err)
{
	struct parser parser;
	*into = (struct expectation){.text = arena_text(arena, text)};
	if (place)
		into->place = *place;
	if (!begin(&parser, arena, into->text, place, err))
		return false;
	if (!(into->left = side(&parser, &into->left_text)))
		return false;
	if (!comparison(&parser, &into->operator))
		return expected(&parser, "a comparison (< <= > >= or in LOW..HIGH)");
	if (!(into->low = side(&parser, &into->low_text)))
		return false;
	if (into->operator== CLAIM_IN) {
		if (!take(&parser, ".."))
			return expected(&parser, "\"..\", as in 40 ms..125 ms,");
		if (!(into->high = side(&parser, &into->high_text)))
			return false;
	}
	if (into->operator== CLAIM_WITHIN && !margin(&parser, into))
		return false;
	skip_blanks(&parser);
	if (*parser.at)
		return expected(&parser, "the end (one comparison in each expectation)");
	return true;
}

const struct term *expression_term(const struct expression *expression)
{
	return expression && expression->operation == TERM ? expression->term : NULL;
}

void expression_terms(const struct expression *expression, void (*each)(void *context, struct term *term),
		      void *context)
{
	if (!expression)
		return;
	if (expression->operation == TERM)
		each(context, expression->term);
	expression_terms(expression->left, each, context);
	expression_terms(expression->right, each, context);
}

double expression_value(const struct expression *expression, double (*value)(void *context, const struct term *term),
			void *context)
{
	if (expression->operation == NUMBER)
		return expression->number;
	if (expression->operation == TERM)
		return value(context, expression->term);
	double a = expression_value(expression->left, value, context), b = 0;
	if (expression->right)
		b = expression_value(expression->right, value, context);
	if (isnan(a) || isnan(b))
		return (double)NAN;
	switch (expression->operation) {
	case ADD:
		return a + b;
	case SUBTRACT:
		return a - b;
	case MULTIPLY:
		return a * b;
	case DIVIDE:
		return b != 0 ? a / b : (double)NAN;
	case NEGATE:
		return -a;
	case LOG:
		return a > 0 ? dm_log(a) : (double)NAN;
	case ABS:
		return fabs(a);
	case LEAST:
		return a < b ? a : b;
	case GREATEST:
		return a > b ? a : b;
	case NUMBER:
	case TERM:
		break;
	}
	return (double)NAN;
}

double expectation_margin(const struct expectation *expectation, double right)
{
	return expectation->relative ? expectation->margin * fabs(right) : expectation->margin;
}

bool expectation_holds(const struct expectation *expectation, double left, double low, double high)
{
	switch (expectation->operator) {
	case CLAIM_LESS:
		return left < low;
	case CLAIM_LESS_EQUAL:
		return left <= low;
	case CLAIM_GREATER:
		return left > low;
	case CLAIM_GREATER_EQUAL:
		return left >= low;
	case CLAIM_IN:
		return left >= low && left <= high;
	case CLAIM_WITHIN:
		return fabs(left - low) <= expectation_margin(expectation, low);
	}
	return false;
}

/* The dimension of a value, as powers; bare: a number that was written without a unit. */
struct dimension {
	int time, bytes;
	bool bare, zero;
};

struct checking {
	enum quantity_kind (*kind)(const void *of, const struct term *term);
	const void *of;
	struct err *err;
	bool good;
};

static struct dimension of_kind(enum quantity_kind kind)
{
	return (struct dimension){kind == QUANTITY_TIME   ? 1
				  : kind == QUANTITY_RATE ? -1
							  : 0,
				  kind == QUANTITY_BYTES, false, false};
}

/* One of the two is a time or a size and the other, written at `place`, is something else. */
static void compare(struct checking *checking, struct dimension a, struct dimension b, const struct place *place)
{
	bool a_time = a.time == 1 && a.bytes == 0, a_size = a.bytes == 1 && a.time == 0;
	bool b_time = b.time == 1 && b.bytes == 0, b_size = b.bytes == 1 && b.time == 0;
	if (a.zero || b.zero || (a.time == b.time && a.bytes == b.bytes))
		return;
	if ((a_time && b.bare) || (b_time && a.bare))
		checking->good = err_add(checking->err, ERR_MODEL, place,
					 "a time is compared with a bare number, which needs a "
					 "time unit, e.g. 40 ms");
	else if ((a_size && b.bare) || (b_size && a.bare))
		checking->good = err_add(checking->err, ERR_MODEL, place,
					 "a size is compared with a bare number, which needs a "
					 "size unit, e.g. 64 KiB");
	else if ((a_time && b_size) || (a_size && b_time))
		checking->good = err_add(checking->err, ERR_MODEL, place, "a time is compared with a size");
}

static struct dimension dimension(struct checking *checking, const struct expression *expression)
{
	struct dimension a, b = {0};
	if (expression->operation == TERM)
		return of_kind(checking->kind(checking->of, expression->term));
	if (expression->operation == NUMBER) {
		a = of_kind(expression->kind);
		a.bare = expression->kind == QUANTITY_REAL || expression->kind == QUANTITY_COUNT;
		a.zero = expression->number == 0;
		return a;
	}
	a = dimension(checking, expression->left);
	if (expression->right)
		b = dimension(checking, expression->right);
	switch (expression->operation) {
	case ADD:
	case SUBTRACT:
	case LEAST:
	case GREATEST:
		compare(checking, a, b, &expression->place);
		if (a.bare || a.zero)
			return b;
		return a;
	case MULTIPLY:
	case DIVIDE: {
		int sign = expression->operation == MULTIPLY ? 1 : -1;
		return (struct dimension){a.time + sign * b.time, a.bytes + sign * b.bytes, a.bare && b.bare, false};
	}
	case LOG:
		return (struct dimension){0, 0, false, false};
	default:
		return a;
	}
}

bool expression_check_units(const struct expression *expression,
			    enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of,
			    struct err *err)
{
	struct checking checking = {kind, of, err, true};
	dimension(&checking, expression);
	return checking.good;
}

bool expectation_check_units(const struct expectation *expectation,
			     enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of,
			     struct err *err)
{
	struct checking checking = {kind, of, err, true};
	struct dimension left = dimension(&checking, expectation->left);
	compare(&checking, left, dimension(&checking, expectation->low), &expectation->low->place);
	if (expectation->high)
		compare(&checking, left, dimension(&checking, expectation->high), &expectation->high->place);
	return checking.good;
}

enum quantity_kind expression_kind(const struct expression *expression,
				   enum quantity_kind (*kind)(const void *of, const struct term *term), const void *of)
{
	struct err ignored;
	err_init(&ignored);
	struct checking checking = {kind, of, &ignored, true};
	struct dimension is = dimension(&checking, expression);
	if (is.time == 1 && is.bytes == 0)
		return QUANTITY_TIME;
	if (is.time == -1 && is.bytes == 0)
		return QUANTITY_RATE;
	return is.time == 0 && is.bytes == 1 ? QUANTITY_BYTES : QUANTITY_REAL;
}
