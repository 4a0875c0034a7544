/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/condition.h"
#include "io/decimal.h"
#include "io/instant.h"
#include "io/records.h"

#include <ctype.h>
#include <string.h>

enum { DEPTH = 50, WORD = 200 };

enum kind { AND, OR, NOT, EQUAL, UNEQUAL, LESS, LESS_EQUAL, MORE, MORE_EQUAL, BEGINS };

struct value {
	const char *text;
	size_t length;
	bool number, date;
	struct decimal decimal;
	int64_t instant;
};

struct condition {
	enum kind kind;
	const struct condition *left, *right; /* of AND, OR; NOT: left */
	int source;
	struct value value;
};

/* ---- reading ---- */

struct reading {
	struct arena *arena;
	const char *text, *at, *const *names, *file;
	const struct place *place;
	struct err *err;
	int depth;
};

static struct condition *fails(struct reading *reading, const char *what)
{
	err_add(reading->err, ERR_MODEL, reading->place, "where: %s before \"%.40s\"", what, reading->at);
	return NULL;
}

static void blanks(struct reading *reading)
{
	reading->at += strspn(reading->at, " \t\n");
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static bool keyword(struct reading *reading, const char *word)
{
	size_t length = strlen(word);
	blanks(reading);
	if (strncmp(reading->at, word, length) != 0 || is_word(reading->at[length]))
		return false;
	reading->at += length;
	return true;
}

/* A text in quotes, or what goes on to one of `stops`; NULL and a message: there is none. */
static const char *word(struct reading *reading, const char *stops, const char *needed)
{
	char quote = *reading->at;
	bool quoted = quote == '"' || quote == '\'';
	const char *start = reading->at + quoted;
	size_t length = quoted ? strcspn(start, quote == '"' ? "\"" : "'") : strcspn(start, stops);
	if ((length == 0 && !quoted) || (quoted && !start[length])) {
		fails(reading, needed);
		return NULL;
	}
	reading->at = start + length + quoted;
	return arena_text_of(reading->arena, start, length);
}

/* A column: the longest name that the text goes on with. */
static bool read_source(struct reading *reading, int *source)
{
	size_t longest = 0;
	*source = -1;
	blanks(reading);
	for (int i = 0; reading->names[i]; i++) {
		size_t length = strlen(reading->names[i]);
		if (length > longest && strncmp(reading->at, reading->names[i], length) == 0 &&
		    !is_word(reading->at[length]))
			longest = length;
	}
	const char *name = longest ? arena_text_of(reading->arena, reading->at, longest) : NULL;
	if (longest)
		reading->at += longest;
	else
		name = word(reading, " \t\n=!<>()", "needs a column");
	if (!name)
		return false;
	*source = records_find(reading->names, name);
	return *source >= 0 ||
	       records_unfound(reading->names, name, reading->file, ERR_TRACE, reading->place, reading->err);
}

static bool read_value(struct reading *reading, struct value *value)
{
	const char *why;
	blanks(reading);
	*value = (struct value){.text = word(reading, " \t\n(),", "needs a value")};
	if (!value->text)
		return false;
	value->length = strlen(value->text);
	value->number = decimal_parse(value->text, &value->decimal, &why);
	value->date = !value->number && instant_parse_date(value->text, &value->instant);
	return true;
}

static struct condition *node(struct reading *reading, enum kind kind, const struct condition *left,
			      const struct condition *right)
{
	struct condition *node = ARENA_NEW(reading->arena, struct condition);
	*node = (struct condition){.kind = kind, .left = left, .right = right, .source = -1};
	return left && (right || kind == NOT) ? node : NULL;
}

static const struct condition *compare(struct reading *reading, enum kind kind, int source)
{
	struct condition *node = ARENA_NEW(reading->arena, struct condition);
	*node = (struct condition){.kind = kind, .source = source};
	if (!read_value(reading, &node->value))
		return NULL;
	bool ordered = kind >= LESS && kind <= MORE_EQUAL;
	return ordered && !node->value.number && !node->value.date ? fails(reading, "< and > need a number or a date")
								   : node;
}

/* What is in parentheses, when they close. */
static const struct condition *closed(struct reading *reading, const struct condition *inside, const char *needed)
{
	blanks(reading);
	if (*reading->at != ')')
		return fails(reading, needed);
	reading->at++;
	return inside;
}

static const struct condition *in_list(struct reading *reading, int source)
{
	const struct condition *any = NULL;
	blanks(reading);
	if (*reading->at != '(')
		return fails(reading, "needs a list, e.g. (GET, HEAD),");
	do {
		reading->at++;
		const struct condition *one = compare(reading, EQUAL, source);
		if (!one)
			return NULL;
		any = any ? node(reading, OR, any, one) : one;
		blanks(reading);
	} while (*reading->at == ',');
	return closed(reading, any, "needs , or )");
}

static const struct condition *read_or(struct reading *reading);

static const struct condition *read_one(struct reading *reading)
{
	static const struct {
		const char *sign;
		enum kind kind;
	} signs[] = {{"==", EQUAL}, {"!=", UNEQUAL}, {"<=", LESS_EQUAL}, {">=", MORE_EQUAL},
		     {"<", LESS},   {">", MORE},     {"=", EQUAL}};
	int source;
	if (keyword(reading, "not"))
		return node(reading, NOT, read_one(reading), NULL);
	if (*reading->at == '(') {
		reading->at++;
		const struct condition *inside = read_or(reading);
		return inside ? closed(reading, inside, "needs a )") : NULL;
	}
	if (!read_source(reading, &source))
		return NULL;
	if (keyword(reading, "in"))
		return in_list(reading, source);
	if (keyword(reading, "begins"))
		return compare(reading, BEGINS, source);
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		size_t length = strlen(signs[i].sign);
		if (strncmp(reading->at, signs[i].sign, length) == 0) {
			reading->at += length;
			return compare(reading, signs[i].kind, source);
		}
	}
	return fails(reading, "needs a comparison (= != < <= > >= in begins)");
}

static const struct condition *read_and(struct reading *reading)
{
	const struct condition *all = read_one(reading);
	while (all && keyword(reading, "and"))
		all = node(reading, AND, all, read_one(reading));
	return all;
}

static const struct condition *read_or(struct reading *reading)
{
	if (++reading->depth > DEPTH)
		return fails(reading, "is nested too deeply");
	const struct condition *any = read_and(reading);
	while (any && keyword(reading, "or"))
		any = node(reading, OR, any, read_and(reading));
	reading->depth--;
	return any;
}

const struct condition *condition_read(struct arena *arena, const char *text, const char *const *names,
				       const char *file, const struct place *place, struct err *err)
{
	struct reading reading = {arena, text, text, names, file, place, err, 0};
	if (strlen(text) > DEPTH * WORD) {
		err_add(err, ERR_MODEL, place, "where: is longer than %d bytes", DEPTH * WORD);
		return NULL;
	}
	const struct condition *all = read_or(&reading);
	blanks(&reading);
	return all && *reading.at ? fails(&reading, "needs `and` or `or`") : all;
}

void condition_sources(const struct condition *condition, void (*fn)(void *of, int source), void *of)
{
	if (condition->source >= 0)
		fn(of, condition->source);
	if (condition->left)
		condition_sources(condition->left, fn, of);
	if (condition->right)
		condition_sources(condition->right, fn, of);
}

/* ---- holding ---- */

/* Below 0, 0, above 0. */
static int order(struct decimal a, struct decimal b)
{
	decimal_wide x = a.digits, y = b.digits;
	if (a.places < b.places && !decimal_shift_up(&x, b.places - a.places))
		return a.digits < 0 ? -1 : 1; /* beyond all that the other can be */
	if (b.places < a.places && !decimal_shift_up(&y, a.places - b.places))
		return b.digits < 0 ? 1 : -1;
	return (x > y) - (x < y);
}

static bool is_equal(const struct value *value, const struct csv_field *field)
{
	struct decimal decimal;
	const char *why, *text = field->missing ? "" : field->text;
	size_t length = field->missing ? 0 : field->length;
	if (length == value->length && memcmp(text, value->text, length) == 0)
		return true;
	return value->number && decimal_parse(text, &decimal, &why) && order(decimal, value->decimal) == 0;
}

static bool is_ordered(const struct condition *condition, const struct csv_field *field, int *bad, const char **why)
{
	const struct value *value = &condition->value;
	struct decimal decimal;
	int64_t instant;
	int than = 0;
	if (field->missing)
		return false;
	*why = "is not a date and time, which where: compares it with";
	if (value->date && instant_parse_date(field->text, &instant))
		than = (instant > value->instant) - (instant < value->instant);
	else if (!value->date && decimal_parse(field->text, &decimal, why))
		than = order(decimal, value->decimal);
	else
		*bad = condition->source;
	if (*bad >= 0)
		return false;
	return condition->kind == LESS         ? than < 0
	       : condition->kind == LESS_EQUAL ? than <= 0
	       : condition->kind == MORE       ? than > 0
					       : than >= 0;
}

static bool holds(const struct condition *c, const struct csv_field *fields, int *bad, const char **why)
{
	const struct csv_field *field = c->source >= 0 ? &fields[c->source] : NULL;
	switch (c->kind) {
	case AND:
		return holds(c->left, fields, bad, why) && holds(c->right, fields, bad, why);
	case OR:
		return holds(c->left, fields, bad, why) || (*bad < 0 && holds(c->right, fields, bad, why));
	case NOT:
		return !holds(c->left, fields, bad, why) && *bad < 0;
	case EQUAL:
		return is_equal(&c->value, field);
	case UNEQUAL:
		return !is_equal(&c->value, field);
	case BEGINS:
		return !field->missing && strncmp(field->text, c->value.text, c->value.length) == 0;
	case LESS:
	case LESS_EQUAL:
	case MORE:
	case MORE_EQUAL:
		break;
	}
	return is_ordered(c, field, bad, why);
}

bool condition_holds(const struct condition *condition, const struct csv_field *fields, int *bad, const char **why)
{
	*bad = -1;
	return holds(condition, fields, bad, why) && *bad < 0;
}
