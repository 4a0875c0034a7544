/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parsed and evaluated in one go, by recursive descent; both sides of `and` and `or` are always read.
 */
#include "exec/where.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "base/words.h"

#include <string.h>

enum { DEPTH_MAX = 100 };

struct value {
	bool word;               /* a text that is no number */
	const char *text, *name; /* `name`: of the swept key it came from, or NULL */
	enum quantity_kind kind; /* of a number: TIME, BYTES, RATE, or REAL for what has no unit */
	double number;
};

struct where {
	const char *at;
	const struct where_names *names;
	struct arena *arena;
	enum err_kind kind;
	const struct place *place;
	struct err *err;
	bool good;
	int depth;
};

static void fail(struct where *where, const char *what, const char *of)
{
	if (where->good)
		err_add(where->err, where->kind, where->place, "where: %s%.100s", what, of);
	where->good = false;
}

static void skip_blanks(struct where *where)
{
	where->at += strspn(where->at, " \t\n");
}

/* Digits come first. */
static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";

/* How long the word at this place is: a "-" belongs to it when a letter follows. */
static size_t word_length(const char *at)
{
	size_t length = 0;
	if (*at >= '0' && *at <= '9')
		return 0;
	while (at[length] && strchr(letters, at[length]) &&
	       (at[length] != '-' || (length > 0 && at[length + 1] && strchr(letters + 10, at[length + 1]))))
		length++;
	return length;
}

static bool take_word(struct where *where, const char *word)
{
	skip_blanks(where);
	size_t length = word_length(where->at);
	if (length != strlen(word) || memcmp(where->at, word, length) != 0)
		return false;
	where->at += length;
	return true;
}

static bool take(struct where *where, const char *sign)
{
	skip_blanks(where);
	if (strncmp(where->at, sign, strlen(sign)) != 0)
		return false;
	where->at += strlen(sign);
	return true;
}

/* A text as a number with its unit, or as a word. */
static struct value value_of(const char *text, const char *name)
{
	struct value value = {.word = true, .text = text, .name = name};
	struct quantity quantity;
	char why[QUANTITY_WHY];
	if (!quantity_kind_of(text, &value.kind) || !quantity_parse(value.kind, text, &quantity, why))
		return value;
	value.word = false;
	value.number = quantity.real;
	if (value.kind == QUANTITY_COUNT || value.kind == QUANTITY_RATIO)
		value.kind = QUANTITY_REAL;
	return value;
}

static struct value alternatives(struct where *where);

static struct value named(struct where *where, const char *word)
{
	for (int i = 0; where->names->key[i]; i++)
		if (strcmp(where->names->key[i], word) == 0)
			return value_of(where->names->value[i], where->names->key[i]);
	return (struct value){.word = true, .text = word};
}

static void must_be_number(struct where *where, const struct value *value)
{
	if (!value->word || !where->good)
		return;
	if (value->name) {
		fail(where, "this value is not a number: ", value->text);
		return;
	}
	char hint[WORDS_HINT];
	fail(where, "",
	     arena_format(where->arena, "unknown key \"%.40s\"%s", value->text,
			  words_hint(WORDS(where->names->key), value->text, hint)));
}

static struct value primary(struct where *where)
{
	struct value value = {.kind = QUANTITY_REAL};
	skip_blanks(where);
	if (++where->depth > DEPTH_MAX) {
		fail(where, "nested too deeply", "");
	} else if (take(where, "(")) {
		value = alternatives(where);
		if (!take(where, ")"))
			fail(where, "a ) is missing before ", where->at);
	} else if (take(where, "-")) {
		value = primary(where);
		must_be_number(where, &value);
		value.number = -value.number;
	} else if (*where->at == '"') {
		size_t length = strcspn(where->at + 1, "\"");
		value = (struct value){.word = true, .text = arena_text_of(where->arena, where->at + 1, length)};
		where->at += 1 + length;
		if (!take(where, "\""))
			fail(where, "a \" is missing", "");
	} else if (word_length(where->at) > 0) {
		size_t length = word_length(where->at);
		value = named(where, arena_text_of(where->arena, where->at, length));
		where->at += length;
	} else {
		enum quantity_kind kind;
		struct quantity quantity;
		char why[QUANTITY_WHY];
		const char *end, *digits = where->at;
		/* What follows a number and is no unit is another word. */
		bool unit = quantity_kind_of(where->at, &kind);
		size_t length = strspn(digits, "0123456789.");
		if (!unit)
			digits = arena_text_of(where->arena, digits, length);
		if ((!unit && !quantity_kind_of(digits, &kind)) || !quantity_scan(kind, digits, &end, &quantity, why)) {
			fail(where, *where->at ? "expected a number or a swept key at " : "it ends too early",
			     where->at);
		} else {
			value.number = quantity.real;
			if (kind == QUANTITY_TIME || kind == QUANTITY_BYTES || kind == QUANTITY_RATE)
				value.kind = kind;
			where->at += end - digits;
		}
	}
	where->depth--;
	return value;
}

static struct value product(struct where *where)
{
	struct value value = primary(where);
	for (;;) {
		bool times = take(where, "*"), by = !times && take(where, "/");
		if (!times && !by)
			return value;
		struct value next = primary(where);
		must_be_number(where, &value);
		must_be_number(where, &next);
		if (times && value.kind != QUANTITY_REAL && next.kind != QUANTITY_REAL)
			fail(where, "two quantities with units are multiplied", "");
		if (by && next.kind != QUANTITY_REAL && next.kind != value.kind)
			fail(where, "quantities of different units are divided", "");
		if (by)
			value.kind = next.kind == value.kind ? QUANTITY_REAL : value.kind;
		else
			value.kind = value.kind == QUANTITY_REAL ? next.kind : value.kind;
		value.number = times ? value.number * next.number : value.number / next.number;
	}
}

static struct value sum(struct where *where)
{
	struct value value = product(where);
	for (;;) {
		bool plus = take(where, "+"), minus = !plus && take(where, "-");
		if (!plus && !minus)
			return value;
		struct value next = product(where);
		must_be_number(where, &value);
		must_be_number(where, &next);
		if (value.kind != next.kind)
			fail(where, "quantities of different units are added", "");
		value.number = plus ? value.number + next.number : value.number - next.number;
	}
}

static struct value comparison(struct where *where)
{
	static const char *const sign[] = {"<=", ">=", "==", "!=", "<", ">", "="};
	if (take_word(where, "not")) {
		struct value value = {.kind = QUANTITY_REAL};
		if (++where->depth > DEPTH_MAX)
			fail(where, "nested too deeply", "");
		else
			value = comparison(where);
		where->depth--;
		value.number = value.number == 0;
		return value;
	}
	struct value left = sum(where);
	int which = 0;
	while (which < 7 && !take(where, sign[which]))
		which++;
	if (which == 7) {
		must_be_number(where, &left);
		return left;
	}
	struct value right = sum(where), truth = {.kind = QUANTITY_REAL};
	bool equal = which == 2 || which == 3 || which == 6;
	if (equal && (left.word || right.word) && (left.name || right.name)) {
		bool same = left.word && right.word && strcmp(left.text, right.text) == 0;
		truth.number = same == (which != 3);
		return truth;
	}
	must_be_number(where, &left);
	must_be_number(where, &right);
	if (where->good && left.kind != right.kind)
		fail(where, "one side has a unit and the other does not, before ", *where->at ? where->at : "the end");
	double a = left.number, b = right.number;
	truth.number = which == 0   ? a <= b
		       : which == 1 ? a >= b
		       : which == 3 ? a != b
		       : which == 4 ? a < b
		       : which == 5 ? a > b
				    : a == b;
	return truth;
}

static struct value conditions(struct where *where)
{
	struct value value = comparison(where);
	while (where->good && take_word(where, "and")) {
		struct value next = comparison(where);
		value.number = value.number != 0 && next.number != 0;
	}
	return value;
}

static struct value alternatives(struct where *where)
{
	struct value value = conditions(where);
	while (where->good && take_word(where, "or")) {
		struct value next = conditions(where);
		value.number = value.number != 0 || next.number != 0;
	}
	return value;
}

bool where_holds(const char *text, const struct where_names *names, struct arena *arena, bool *good, enum err_kind kind,
		 const struct place *place, struct err *err)
{
	struct where where = {text, names, arena, kind, place, err, true, 0};
	struct value value = alternatives(&where);
	skip_blanks(&where);
	if (*where.at)
		fail(&where, "cannot be understood at ", where.at);
	*good = where.good;
	return where.good && value.number != 0;
}
