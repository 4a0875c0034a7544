/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hot set of a zipf needs no memory: each of its ranks changes hands once in every/churn, at a phase of its own, so
 * the key that holds a rank is a function of the rank and the time.
 */
#include "trace/maker.h"
#include "base/check.h"
#include "base/keys.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum maker_kind { MAKE_CONSTANT, MAKE_CALENDAR, MAKE_STORED, MAKE_MIX, MAKE_PHASES, MAKE_ZIPF, MAKE_DIST, MAKE_BY };

struct maker {
	enum maker_kind kind;
	int64_t constant;
	struct dist dist;         /* of a DIST, and of the ranks of a ZIPF */
	double *cumulative;       /* MIX: by word */
	struct phase *phase;      /* PHASES: by word */
	int words;                /* of a MIX, of PHASES, of the column a BY goes by */
	int64_t keys, hot, every; /* ZIPF; hot: how many ranks */
	double churn;
	int64_t stride, first; /* key = number * stride + first: keeps those under different words apart */
	int by;                /* BY: the column, and one maker for each of its words */
	struct maker **of;
};

/* A word's share, and its day. */
struct phase {
	double share, peak;
	int64_t hour;
};

static const struct param phase_table[] = {
	PARAM_RATIO(struct phase, share, "0 %", "0 %", "100 %", "of all rows, over a day"),
	PARAM_REAL(struct phase, peak, "1", "1", "2", "rate at the peak, relative to the day's mean"),
	PARAM_TIME(struct phase, hour, "20 h", "0 h", "24 h", "when the peak is, UTC"),
	PARAM_END
};

struct zipf_keys {
	int64_t keys, shift, every;
	double exponent, hot, churn;
};

static const struct param zipf_table[] = {
	PARAM_COUNT(struct zipf_keys, keys, "1", "1", "100 M", "how many different keys"),
	PARAM_REAL(struct zipf_keys, exponent, "1", "0", "10",
		   "the k-th most popular is asked for in proportion to (k + shift)^-exponent"),
	PARAM_COUNT(struct zipf_keys, shift, "0", "0", "1 M", "the larger, the less the most popular ones differ"),
	PARAM_RATIO(struct zipf_keys, hot, "0 %", "0 %", "100 %",
		    "the part of the keys, the most popular, that changes"),
	PARAM_RATIO(struct zipf_keys, churn, "0 %", "0 %", "100 %",
		    "how much of the hot part changes in each interval"),
	PARAM_TIME(struct zipf_keys, every, "1 h", "1 min", "36500 d", "that interval"),
	PARAM_END
};

const struct param *maker_numbers(const char *section)
{
	return strcmp(section, "phase") == 0 ? phase_table : strcmp(section, "zipf") == 0 ? zipf_table : NULL;
}

static const enum quantity_kind units[] = {
	[COLUMN_CHOICE] = QUANTITY_REAL, [COLUMN_KEY] = QUANTITY_COUNT,   [COLUMN_COUNT] = QUANTITY_COUNT,
	[COLUMN_TIME] = QUANTITY_TIME,   [COLUMN_BYTES] = QUANTITY_BYTES,
};

static int word_find(const struct column *column, const char *text)
{
	for (int i = 0; column->choices[i]; i++)
		if (strcmp(column->choices[i], text) == 0)
			return i;
	return -1;
}

static int word_count(const struct column *column)
{
	int count = 0;
	while (column->choices[count])
		count++;
	return count;
}

static char *word_list(const struct column *column, char *buffer, size_t size)
{
	size_t length = 0;
	buffer[0] = '\0';
	for (int i = 0; column->choices[i] && length < size; i++)
		length += (size_t)snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", column->choices[i]);
	return buffer;
}

int64_t maker_key(const char *text, size_t length)
{
	bool decimal = length > 0 && (text[0] != '0' || length == 1);
	int64_t value = 0;
	for (size_t i = 0; i < length && decimal; i++)
		decimal = text[i] >= '0' && text[i] <= '9' && !__builtin_mul_overflow(value, 10, &value) &&
			  !__builtin_add_overflow(value, text[i] - '0', &value);
	if (decimal)
		return value;
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a of Fowler, Noll and Vo */
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return (int64_t)(rng_mix(hash) >> 1);
}

bool maker_constant(const struct column *column, const char *text, int64_t *value, char *why, size_t size)
{
	char words[256], reason[QUANTITY_WHY];
	struct quantity quantity;
	switch (column->type) {
	case COLUMN_CHOICE:
		*value = word_find(column, text);
		if (*value < 0)
			snprintf(why, size, "is not one of %s", word_list(column, words, sizeof words));
		return *value >= 0;
	case COLUMN_KEY:
		*value = maker_key(text, strlen(text));
		return true;
	default:
		if (!quantity_parse(units[column->type], text, &quantity, reason)) {
			snprintf(why, size, "%s", reason);
			return false;
		}
		*value = quantity.integer;
		if (*value < 0)
			snprintf(why, size, "is negative");
		return *value >= 0;
	}
}

static bool load_text(struct maker *maker, const struct column *column, const struct tree *tree,
		      const struct param_reader *reader, struct err *err)
{
	char why[512];
	if (strcmp(tree->text, "calendar") == 0 && column->type == COLUMN_TIME) {
		maker->kind = MAKE_CALENDAR;
		return true;
	}
	if (strcmp(tree->text, "stored") == 0 && column->type == COLUMN_COUNT) {
		maker->kind = MAKE_STORED;
		return true;
	}
	if (column->type != COLUMN_CHOICE && strchr(tree->text, '(')) {
		maker->kind = MAKE_DIST;
		return dist_parse(&maker->dist, units[column->type], tree->text, reader->arena, reader->files,
				  &tree->place, err);
	}
	maker->kind = MAKE_CONSTANT;
	if (!maker_constant(column, tree->text, &maker->constant, why, sizeof why))
		return err_add(err, ERR_MODEL, &tree->place, "%s: \"%.60s\" %s", column->name, tree->text, why);
	return true;
}

static bool load_mix(struct maker *maker, const struct column *column, const struct tree *mix,
		     const struct param_reader *reader, struct err *err)
{
	char words[256], why[QUANTITY_WHY];
	if (column->type != COLUMN_CHOICE)
		return err_add(err, ERR_MODEL, &mix->place, "%s: a mix needs words, and this column holds numbers",
			       column->name);
	if (mix->kind != TREE_MAP || !mix->child)
		return err_add(err, ERR_MODEL, &mix->place,
			       "%s: mix must be a map of words and their shares, e.g. {%s: 100 %%}", column->name,
			       column->choices[0]);
	maker->kind = MAKE_MIX;
	maker->words = word_count(column);
	maker->cumulative = ARENA_ARRAY(reader->arena, (size_t)maker->words, double);
	double sum = 0;
	bool good = true;
	for (const struct tree *entry = mix->child; entry; entry = entry->next) {
		struct quantity share;
		int word = word_find(column, entry->key);
		if (word < 0)
			good = err_add(err, ERR_MODEL, &entry->key_place, "%s: \"%.60s\" is not one of %s",
				       column->name, entry->key, word_list(column, words, sizeof words));
		else if (entry->kind != TREE_SCALAR)
			good = err_add(err, ERR_MODEL, &entry->place, "%s: %s needs a share, not %s", column->name,
				       entry->key, tree_kind_name(entry));
		else if (!quantity_parse(QUANTITY_RATIO, entry->text, &share, why))
			good = err_add(err, ERR_MODEL, &entry->place, "%s: \"%.60s\" %s", column->name, entry->text,
				       why);
		else if (share.real < 0 || share.real > 1)
			good = err_add(err, ERR_MODEL, &entry->place,
				       "%s: %.60s is out of range; allowed: 0 %% .. 100 %%", column->name, entry->text);
		else
			sum += maker->cumulative[word] = share.real;
	}
	if (good && (sum < 1 - 1e-6 || sum > 1 + 1e-6))
		return err_add(err, ERR_MODEL, &mix->place, "%s: the shares of the mix add up to %.6g %%, not 100 %%",
			       column->name, sum * 100);
	double below = 0;
	int last = 0;
	for (int i = 0; i < maker->words; i++) {
		if (maker->cumulative[i] > 0)
			last = i;
		maker->cumulative[i] = below += maker->cumulative[i];
	}
	for (int i = last; i < maker->words; i++)
		maker->cumulative[i] =
			2; /* whatever the sum was rounded to, a draw ends at the last word with a share */
	return good;
}

static bool load_phases(struct maker *maker, const struct column *column, const struct tree *phases,
			const struct param_reader *reader, struct err *err)
{
	char words[256];
	if (column->type != COLUMN_CHOICE)
		return err_add(err, ERR_MODEL, &phases->place, "%s: phases need words, and this column holds numbers",
			       column->name);
	if (phases->kind != TREE_MAP || !phases->child)
		return err_add(err, ERR_MODEL, &phases->place,
			       "%s: phases must be a map of words, e.g. {%s: {share: 100 %%, peak: 1.8, hour: 20 h}}",
			       column->name, column->choices[0]);
	maker->kind = MAKE_PHASES;
	maker->words = word_count(column);
	maker->phase = ARENA_ARRAY(reader->arena, (size_t)maker->words, struct phase);
	double sum = 0;
	bool good = true;
	for (const struct tree *entry = phases->child; entry; entry = entry->next) {
		int word = word_find(column, entry->key);
		if (word < 0) {
			good = err_add(err, ERR_MODEL, &entry->key_place, "%s: \"%.60s\" is not one of %s",
				       column->name, entry->key, word_list(column, words, sizeof words));
			continue;
		}
		param_defaults(phase_table, &maker->phase[word], reader);
		good = param_load(phase_table, &maker->phase[word], entry, "phases", reader, err) && good;
		sum += maker->phase[word].share;
	}
	if (good && (sum < 1 - 1e-6 || sum > 1 + 1e-6))
		return err_add(err, ERR_MODEL, &phases->place,
			       "%s: the shares of the phases add up to %.6g %%, not 100 %%", column->name, sum * 100);
	return good;
}

static double phase_weight(const struct phase *phase, int64_t calendar)
{
	if (phase->peak == 1) /* the same at any hour */
		return phase->share;
	return phase->share * (1 + (phase->peak - 1) * date_wave(calendar, phase->hour));
}

static int64_t phases_value(const struct maker *maker, struct rng *rng, int64_t calendar)
{
	double sum = 0;
	int last = 0;
	for (int i = 0; i < maker->words; i++)
		sum += phase_weight(&maker->phase[i], calendar);
	double at = rng_unit(rng) * sum;
	for (int i = 0; i < maker->words; i++) {
		double weight = phase_weight(&maker->phase[i], calendar);
		if (weight > 0)
			last = i;
		if (weight > 0 && at < weight)
			break;
		at -= weight;
	}
	return last; /* whatever was rounded, a word with a share */
}

static bool load_zipf(struct maker *maker, const struct column *column, const struct tree *tree,
		      const struct param_reader *reader, struct err *err)
{
	struct zipf_keys zipf;
	if (column->type != COLUMN_KEY)
		return err_add(err, ERR_MODEL, &tree->place,
			       "%s: a map of zipf makes keys; write zipf(N, S) for numbers", column->name);
	param_defaults(zipf_table, &zipf, reader);
	if (!tree_get(tree, "keys"))
		return err_add(err, ERR_MODEL, &tree->place, "%s: zipf needs keys, e.g. {keys: 100 k, exponent: 1.1}",
			       column->name);
	if (!param_load(zipf_table, &zipf, tree, "zipf", reader, err))
		return false;
	if (zipf.churn > 0 && zipf.hot <= 0)
		return err_add(err, ERR_MODEL, &tree->place,
			       "%s: churn needs hot, the part of the keys that changes, e.g. hot: 1 %%", column->name);
	maker->kind = MAKE_ZIPF;
	maker->dist = (struct dist){.kind = DIST_ZIPF, .location = (double)zipf.shift, .scale = 1,
				    .shape = zipf.exponent, .count = (size_t)zipf.keys};
	dist_ready(&maker->dist);
	maker->keys = zipf.keys;
	maker->churn = zipf.churn;
	maker->every = zipf.every;
	maker->hot = zipf.churn > 0 ? (int64_t)((double)zipf.keys * zipf.hot + 0.5) : 0;
	if (zipf.churn > 0 && maker->hot < 1)
		maker->hot = 1;
	return true;
}

static struct maker *load(const struct column *columns, int index, const struct tree *tree,
			  const struct param_reader *reader, bool inner, struct err *err);

static bool load_by(struct maker *maker, const struct column *columns, int index, const struct tree *tree,
		    const struct param_reader *reader, struct err *err)
{
	const struct tree *by = tree_get(tree, "by");
	const char *name = columns[index].name;
	char words[256];
	maker->kind = MAKE_BY;
	maker->by = by->kind == TREE_SCALAR ? column_find(columns, by->text) : -1;
	if (maker->by < 0 || maker->by == index || columns[maker->by].type != COLUMN_CHOICE)
		return err_add(err, ERR_MODEL, &by->place, "%s: `by` names another column that holds words%s%s", name,
			       by->kind == TREE_SCALAR ? ", which is not " : "",
			       by->kind == TREE_SCALAR ? by->text : "");
	const struct column *other = &columns[maker->by];
	int count = maker->words = word_count(other);
	bool good = true;
	maker->of = ARENA_ARRAY(reader->arena, (size_t)count, struct maker *);
	for (const struct tree *entry = tree->child; entry; entry = entry->next) {
		if (entry == by)
			continue;
		int word = word_find(other, entry->key);
		if (word < 0) {
			good = err_add(err, ERR_MODEL, &entry->key_place,
				       "%s: \"%.60s\" is not one of the words of %s: %s", name, entry->key, other->name,
				       word_list(other, words, sizeof words));
			continue;
		}
		struct maker *of = load(columns, index, entry, reader, true, err);
		if (of) {
			of->stride = count;
			of->first = word;
		}
		maker->of[word] = of;
		good = good && of;
	}
	for (int i = 0; good && i < count; i++)
		if (!maker->of[i])
			good = err_add(err, ERR_MODEL, &tree->place, "%s: has no entry for %s %s", name, other->name,
				       other->choices[i]);
	return good;
}

/* The only entry of a map that says mix, phases or zipf; others beside it are told. NULL: it is none of these. */
static const struct tree *way_of(const struct column *column, const struct tree *tree, bool *good, struct err *err)
{
	const struct tree *way = NULL;
	for (int i = 0; keys_maker[i] && !way; i++)
		way = tree_get(tree, keys_maker[i]);
	for (const struct tree *entry = way ? tree->child : NULL; entry; entry = entry->next)
		if (entry != way)
			*good = err_add(err, ERR_MODEL, &entry->key_place,
					"%s: \"%.60s\" cannot stand beside %s, which says it all", column->name,
					entry->key, way->key);
	return way;
}

static struct maker *load(const struct column *columns, int index, const struct tree *tree,
			  const struct param_reader *reader, bool inner, struct err *err)
{
	struct maker *maker = ARENA_NEW(reader->arena, struct maker);
	const struct column *column = &columns[index];
	maker->by = -1;
	maker->stride = 1;
	bool good = true;
	const struct tree *way = way_of(column, tree, &good, err);
	if (!good)
		return NULL;
	if (tree->kind == TREE_SCALAR)
		good = load_text(maker, column, tree, reader, err);
	else if (way && strcmp(way->key, "mix") == 0)
		good = load_mix(maker, column, way, reader, err);
	else if (way && strcmp(way->key, "phases") == 0)
		good = load_phases(maker, column, way, reader, err);
	else if (way)
		good = load_zipf(maker, column, way, reader, err);
	else if (!inner && tree_get(tree, "by"))
		good = load_by(maker, columns, index, tree, reader, err);
	else
		good = err_add(
			err, ERR_MODEL, &tree->place,
			"%s must be a value, a distribution (quoted when it has commas), {mix: ...} or {zipf: ...}%s",
			column->name, inner ? "" : ", or {by: COLUMN, WORD: ..., ...}");
	return good ? maker : NULL;
}

struct maker *maker_load(const struct column *columns, int index, const struct tree *tree,
			 const struct param_reader *reader, struct err *err)
{
	return load(columns, index, tree, reader, false, err);
}

struct maker *maker_missing(const struct column *columns, int index, const struct param_reader *reader)
{
	struct err err;
	struct place place = {"", 0, 0};
	err_init(&err);
	struct maker *maker =
		maker_load(columns, index, tree_scalar(reader->arena, columns[index].missing, place), reader, &err);
	CHECK(maker);
	return maker;
}

int maker_by(const struct maker *maker)
{
	return maker->by;
}

static bool any_is(const struct maker *maker, enum maker_kind kind)
{
	if (maker->kind != MAKE_BY)
		return maker->kind == kind ||
		       (kind == MAKE_CALENDAR && (maker->churn > 0 || maker->kind == MAKE_PHASES));
	for (int i = 0; i < maker->words; i++)
		if (any_is(maker->of[i], kind))
			return true;
	return false;
}

bool maker_needs_calendar(const struct maker *maker)
{
	return any_is(maker, MAKE_CALENDAR);
}

bool maker_needs_stored(const struct maker *maker)
{
	return any_is(maker, MAKE_STORED);
}

bool maker_fixed(const struct maker *maker, int64_t *value)
{
	*value = maker->constant;
	return maker->kind == MAKE_CONSTANT;
}

struct rng_stream maker_stream(const struct column *column, uint64_t seed, uint64_t replication)
{
	char name[128];
	snprintf(name, sizeof name, "trace.%s", column->name);
	return rng_stream(seed, replication, name);
}

/* How often a rank has changed hands by then. */
static int64_t generation(const struct maker *maker, struct rng_stream stream, int64_t rank, int64_t calendar)
{
	uint64_t bits = rng_mix(stream.key + ((uint64_t)rank + 1) * UINT64_C(0x9e3779b97f4a7c15));
	double phase = (double)(int64_t)(bits >> 11) * 0x1p-53;
	return (int64_t)((double)(calendar / maker->every) * maker->churn + phase);
}

bool maker_random(const struct maker *maker)
{
	if (maker->kind == MAKE_BY) {
		for (int i = 0; i < maker->words; i++)
			if (maker->of[i] && maker_random(maker->of[i]))
				return true;
		return false;
	}
	return maker->kind != MAKE_CONSTANT && maker->kind != MAKE_CALENDAR && maker->kind != MAKE_STORED &&
	       !(maker->kind == MAKE_DIST && maker->dist.kind == DIST_CONST);
}

int64_t maker_value(const struct maker *maker, struct rng_stream stream, const struct row *row,
		    const struct maker_moment *moment)
{
	if (maker->kind == MAKE_BY)
		maker = maker->of[row->value[maker->by]];
	if (maker->kind == MAKE_CONSTANT)
		return maker->constant;
	if (maker->kind == MAKE_CALENDAR)
		return moment->calendar;
	if (maker->kind == MAKE_STORED)
		return moment->stored < 0x1p62 ? (int64_t)moment->stored : INT64_MAX / 2;
	struct rng rng = rng_of(stream, row->id);
	if (maker->kind == MAKE_DIST)
		return dist_draw_time(&maker->dist, &rng);
	if (maker->kind == MAKE_PHASES)
		return phases_value(maker, &rng, moment->calendar);
	if (maker->kind == MAKE_MIX) {
		double at = rng_unit(&rng);
		int word = 0;
		while (at >= maker->cumulative[word])
			word++;
		return word;
	}
	int64_t number = dist_draw_time(&maker->dist, &rng) - 1;
	if (number < maker->hot) {
		int64_t changes = generation(maker, stream, number, moment->calendar);
		if (changes > 0)
			number += maker->keys + (changes - 1) * maker->hot;
	}
	return number * maker->stride + maker->first;
}
