/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study is loaded in two steps. First the tree is made whole: parents below, the command line above, and its sections
 * are checked one by one. Then every variant is resolved to a setup, and so is every ablation, so that a mistake
 * anywhere is found before anything runs. A mistake in what variants share is met once for each of them and told once.
 */
#include "run/study.h"
#include "base/check.h"
#include "trace/date.h"

#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 16, VARIANTS_MAX = 256, CLAIMS_MAX = 1000, FAULTS_MAX = 1000, WORDS_MAX = 600, LIST_MAX = 1000 };

/* ---- messages ---- */

static bool is_note(const struct tree *entry)
{
	return strncmp(entry->key, "x-", 2) == 0;
}

/* "one, two, three", as much as fits. */
static const char *words_text(const char *const *words, char *buffer, size_t size)
{
	buffer[0] = '\0';
	for (int i = 0; words[i]; i++) {
		size_t length = strlen(buffer);
		if (length + strlen(words[i]) + 8 > size) {
			snprintf(buffer + length, size - length, ", ...");
			break;
		}
		snprintf(buffer + length, size - length, "%s%s", i ? ", " : "", words[i]);
	}
	return buffer;
}

/* `word` is not among `words`: says so, with the nearest one or all of them. Always false. */
static bool unknown(struct err *err, const struct place *place, const char *what, const char *word, const char *where,
		    const char *const *words)
{
	char list[ERR_TEXT / 2];
	const char *near = tree_near(word, words);
	if (near)
		return err_add(err, ERR_MODEL, place, "unknown %s \"%.60s\"%s; did you mean \"%s\"?", what, word, where,
			       near);
	return err_add(err, ERR_MODEL, place, "unknown %s \"%.60s\"%s; known: %s", what, word, where,
		       words_text(words, list, sizeof list));
}

static int word_find(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool must_be(struct err *err, const struct tree *tree, enum tree_kind kind, const char *what)
{
	static const char *const names[] = {[TREE_SCALAR] = "one value", [TREE_MAP] = "a map", [TREE_LIST] = "a list"};
	return tree->kind == kind ||
	       err_add(err, ERR_MODEL, &tree->place, "%s must be %s, not %s", what, names[kind], tree_kind_name(tree));
}

/* A map with no other keys than those. */
static bool check_keys(const struct tree *map, const char *what, const char *const *keys, struct err *err)
{
	char where[80];
	snprintf(where, sizeof where, " in %.60s", what);
	if (!must_be(err, map, TREE_MAP, what))
		return false;
	bool good = true;
	for (const struct tree *entry = map->child; entry; entry = entry->next)
		if (!is_note(entry) && word_find(keys, entry->key) < 0)
			good = unknown(err, &entry->key_place, "key", entry->key, where, keys);
	return good;
}

/* The text under a key of a map; NULL when it is missing or (with a message) not one value. */
static const char *text_of(const struct tree *map, const char *key, struct err *err)
{
	const struct tree *entry = tree_get(map, key);
	return entry && must_be(err, entry, TREE_SCALAR, key) ? entry->text : NULL;
}

/* Adds what is not there yet. */
static void absorb(struct err *err, const struct err *from)
{
	for (int i = 0; i < from->count && i < ERR_MAX; i++) {
		const struct err_message *new = &from->message[i];
		bool known = false;
		for (int k = 0; k < err->count && k < ERR_MAX && !known; k++) {
			const struct err_message *old = &err->message[k];
			known = old->line == new->line &&
				old->column == new->column &&strcmp(old->file, new->file) == 0 &&
				strcmp(old->text, new->text) == 0;
		}
		struct place place = {new->file, new->line, new->column};
		if (!known)
			err_add(err, from->kind, &place, "%s", new->text);
	}
	if (from->count > ERR_MAX)
		err->count += from->count - ERR_MAX;
}

/* ---- trees ---- */

enum trace_kind { TRACE_OPEN, TRACE_FILE, TRACE_RECIPE };

static enum trace_kind trace_kind(const struct tree *trace)
{
	if (tree_get(trace, "file"))
		return TRACE_FILE;
	return tree_get(trace, "recipe") || tree_get(trace, "windows") ? TRACE_RECIPE : TRACE_OPEN;
}

/* A recipe that is named replaces one that is written out, and keys may lie over another named one. */
static const struct tree *merge_trace(struct arena *arena, const struct tree *base, const struct tree *over)
{
	if (tree_get(over, "recipe") && !tree_get(base, "recipe"))
		return over;
	if (base && over && trace_kind(base) != trace_kind(over) && trace_kind(over) != TRACE_OPEN)
		return over;
	return tree_merge(arena, base, over);
}

/* Lays one model file over another. */
static const struct tree *merge_files(struct arena *arena, const struct tree *base, const struct tree *over)
{
	struct tree *merged = tree_merge(arena, base, over), *trace = tree_get(merged, "trace");
	const struct tree *of_base = tree_get(base, "trace"), *of_over = tree_get(over, "trace");
	if (trace && of_base && of_over) {
		const struct tree *right = merge_trace(arena, of_base, of_over);
		trace->kind = right->kind;
		trace->place = right->place;
		trace->text = right->text;
		trace->child = right->child;
		trace->last_child = right->last_child;
	}
	return merged;
}

/* The map without one key. */
static struct tree *without_key(struct arena *arena, const struct tree *map, const char *key)
{
	struct tree *copy = tree_map(arena, map->place);
	for (const struct tree *entry = map->child; entry; entry = entry->next)
		if (strcmp(entry->key, key) != 0)
			tree_append(copy, entry->key, entry->key_place, tree_merge(arena, entry, NULL));
	return copy;
}

/* ---- digests ---- */

static uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	for (size_t i = 0; i < length; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t digest_integer(uint64_t digest, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		digest = (digest ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t digest_real(uint64_t digest, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return digest_integer(digest, bits);
}

static uint64_t digest_text(uint64_t digest, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	return digest_bytes(digest_integer(digest, text ? length : UINT64_MAX), text ? text : "", length);
}

static uint64_t digest_reals(uint64_t digest, const double *values, size_t count)
{
	digest = digest_integer(digest, values ? count : UINT64_MAX);
	for (size_t i = 0; values && i < count; i++)
		digest = digest_real(digest, values[i]);
	return digest;
}

static uint64_t digest_dist(uint64_t digest, const struct dist *dist)
{
	digest = digest_integer(digest, (uint64_t)dist->kind);
	digest = digest_real(digest, dist->location);
	digest = digest_real(digest, dist->scale);
	digest = digest_real(digest, dist->shape);
	digest = digest_integer(digest, dist->count);
	digest = digest_reals(digest, dist->values, dist->count);
	digest = digest_reals(digest, dist->cumulative, dist->cumulative ? dist->count : 0);
	for (size_t i = 0; dist->parts && i < dist->count; i++)
		digest = digest_dist(digest, &dist->parts[i]);
	return digest;
}

static uint64_t digest_param(uint64_t digest, const struct param *row, const void *params)
{
	const char *field = (const char *)params + row->offset;
	double real;
	int64_t integer;
	digest = digest_text(digest, row->name);
	switch (row->type) {
	case PARAM_TYPE_COUNT:
	case PARAM_TYPE_TIME:
	case PARAM_TYPE_BYTES:
		memcpy(&integer, field, sizeof integer);
		return digest_integer(digest, (uint64_t)integer);
	case PARAM_TYPE_REAL:
	case PARAM_TYPE_RATIO:
	case PARAM_TYPE_RATE:
		memcpy(&real, field, sizeof real);
		return digest_real(digest, real);
	case PARAM_TYPE_BOOL:
		return digest_integer(digest, *(const bool *)field);
	case PARAM_TYPE_CHOICE:
		return digest_text(digest, row->choices[*(const int *)(const void *)field]);
	case PARAM_TYPE_DIST:
		return digest_dist(digest, (const struct dist *)(const void *)field);
	}
	return digest;
}

static uint64_t digest_tree(uint64_t digest, const struct tree *tree)
{
	digest = digest_integer(digest, (uint64_t)tree->kind);
	if (tree->kind == TREE_SCALAR)
		return digest_text(digest, tree->text);
	for (const struct tree *entry = tree->child; entry; entry = entry->next)
		if (!entry->key ||
		    (!is_note(entry) && strcmp(entry->key, "about") != 0 && strcmp(entry->key, "sources") != 0))
			digest = digest_tree(digest_text(digest, entry->key), entry);
	return digest_integer(digest, UINT64_MAX);
}

uint64_t study_digest(const struct setup *setup)
{
	uint64_t digest = digest_text(UINT64_C(0xcbf29ce484222325), setup->of->name);
	for (const struct param *row = setup->of->params; row->name; row++)
		digest = digest_param(digest, row, setup->params);
	digest = digest_integer(digest, (uint64_t)setup->slice);
	digest = digest_tree(digest, setup->trace.tree);
	digest = digest_integer(digest, (uint64_t)setup->run.reps);
	digest = digest_integer(digest, (uint64_t)setup->run.seed);
	digest = digest_integer(digest, (uint64_t)setup->run.warmup);
	digest = digest_integer(digest, (uint64_t)setup->run.series);
	digest = digest_integer(digest, (uint64_t)setup->run.drain);
	for (int i = 0; i < setup->fault_count; i++) {
		const struct fault *fault = &setup->faults[i];
		digest = digest_integer(digest, (uint64_t)fault->kind);
		digest = digest_integer(digest, (uint64_t)fault->at);
		digest = digest_integer(digest, (uint64_t)fault->lasts);
		digest = digest_integer(digest, (uint64_t)fault->target);
		digest = digest_real(digest, fault->factor);
		digest = digest_real(digest, fault->rate);
	}
	return digest;
}

/* ---- faults ---- */

struct fault_keys {
	int64_t at, lasts;
	double factor, rate;
};

static const struct param fault_at = PARAM_TIME(struct fault_keys, at, "0 s", "0 s", "36500 d", "when it begins");
static const struct param fault_lasts = PARAM_TIME(struct fault_keys, lasts, "1 s", "1 ns", "36500 d", "how long");
static const struct param fault_factor = PARAM_REAL(struct fault_keys, factor, "1", "0.001", "1000000", "by how much");
static const struct param fault_rate = PARAM_RATE(struct fault_keys, rate, "1 /s", "0.000001 /s", "1 G/s", "how often");

/* "node 3" to "node" and 3; a number alone has no word. */
static bool split_target(const char *text, char *word, size_t size, int64_t *number)
{
	size_t length = strcspn(text, " ");
	*number = 0;
	word[0] = '\0';
	if (length == 0 || length >= size)
		return false;
	const char *digits = text;
	if (text[0] < '0' || text[0] > '9') {
		snprintf(word, size, "%.*s", (int)length, text);
		digits = text + length;
		while (*digits == ' ')
			digits++;
	}
	size_t count = strspn(digits, "0123456789");
	if (count == 0 || count > 18 || digits[count])
		return false;
	for (size_t i = 0; i < count; i++)
		*number = *number * 10 + (digits[i] - '0');
	return true;
}

/* The kind that hits such a target: "slow" of a "disk" is slow-disk where the case has that. */
static int fault_kind(const struct case_study *of, const char *name, const char *target)
{
	char joined[128];
	snprintf(joined, sizeof joined, "%.60s-%.60s", name, target);
	int named = -1;
	for (int i = 0; of->faults && of->faults[i].name; i++) {
		const char *hits = of->faults[i].target;
		if (strcmp(of->faults[i].name, joined) == 0 && hits && strcmp(hits, target) == 0)
			return i;
		if (strcmp(of->faults[i].name, name) == 0)
			named = i;
	}
	return named;
}

static bool fault_unknown(const struct case_study *of, const struct place *place, const char *name, struct err *err)
{
	const char *names[WORDS_MAX];
	int count = 0;
	for (; of->faults && of->faults[count].name && count < WORDS_MAX - 1; count++)
		names[count] = of->faults[count].name;
	names[count] = NULL;
	if (count == 0)
		return err_add(err, ERR_MODEL, place, "nothing can break in %s", of->name);
	return unknown(err, place, "kind of fault", name, "", names);
}

/* One number of a fault, which its kind wants or not. */
static bool fault_number(const struct tree *entry, const char *key, const struct param *row, bool wanted,
			 struct fault_keys *keys, const struct param_reader *reader, struct err *err)
{
	const struct tree *value = tree_get(entry, key);
	if (!value)
		return !wanted || err_add(err, ERR_MODEL, &entry->place, "this fault needs %s, e.g. %s: %s", key, key,
					  strcmp(key, "rate") == 0     ? "5k/s"
					  : strcmp(key, "factor") == 0 ? "10"
								       : "30 s");
	if (!wanted)
		return err_add(err, ERR_MODEL, &value->key_place, "this kind of fault takes no %s", key);
	if (!must_be(err, value, TREE_SCALAR, key))
		return false;
	struct param named = *row;
	named.name = key;
	return param_set(&named, keys, value->text, reader, &value->place, err);
}

static bool load_fault(struct setup *setup, const struct tree *entry, struct fault *fault,
		       const struct param_reader *reader, struct err *err)
{
	static const char *const known[] = {"at", "for", "kind", "target", "factor", "rate", NULL};
	const struct case_study *of = setup->of;
	struct fault_keys keys = {.factor = 1};
	char word[64] = "";
	bool good = check_keys(entry, "a fault", known, err);
	if (entry->kind != TREE_MAP)
		return false;
	const char *name = text_of(entry, "kind", err), *target = text_of(entry, "target", err);
	const struct tree *of_target = tree_get(entry, "target");
	if (!name)
		return tree_get(entry, "kind") ? false : err_add(err, ERR_MODEL, &entry->place, "a fault needs a kind");
	if (target && !split_target(target, word, sizeof word, &fault->target))
		return err_add(err, ERR_MODEL, &of_target->place,
			       "target: \"%.60s\" is not a word and a number, e.g. node 3", target);
	fault->kind = fault_kind(of, name, word);
	if (fault->kind < 0)
		return fault_unknown(of, &tree_get(entry, "kind")->place, name, err);
	const struct fault_kind *kind = &of->faults[fault->kind];
	if (kind->target && !target)
		good = err_add(err, ERR_MODEL, &entry->place, "%s needs a target, e.g. %s 3", kind->name, kind->target);
	else if (!kind->target && of_target)
		good = err_add(err, ERR_MODEL, &of_target->key_place, "%s takes no target", kind->name);
	else if (kind->target && *word && strcmp(word, kind->target) != 0)
		good = err_add(err, ERR_MODEL, &of_target->place, "%s hits a %s, not a %s", kind->name, kind->target,
			       word);
	good = fault_number(entry, "at", &fault_at, true, &keys, reader, err) && good;
	good = fault_number(entry, "for", &fault_lasts, true, &keys, reader, err) && good;
	good = fault_number(entry, "factor", &fault_factor, kind->factor, &keys, reader, err) && good;
	good = fault_number(entry, "rate", &fault_rate, kind->rate, &keys, reader, err) && good;
	if (!good)
		return false;
	fault->at = keys.at;
	fault->lasts = keys.lasts;
	fault->factor = keys.factor;
	fault->rate = keys.rate;
	if (of->target_exists && !of->target_exists(setup->params, setup->slice, fault))
		return err_add(err, ERR_MODEL, &(of_target ? of_target : entry)->place, "%s: there is no %s %lld%s",
			       kind->name, kind->target ? kind->target : "target", (long long)fault->target,
			       setup->slice > 1 ? " in this slice of the fleet" : "");
	char by[80] = "";
	if (kind->factor)
		snprintf(by, sizeof by, " by %g", fault->factor);
	fault->label = kind->target ? arena_format(setup->study->arena, "%s %s %lld%s", name, kind->target,
						   (long long)fault->target, by)
				    : arena_format(setup->study->arena, "%s%s", name, by);
	return true;
}

static bool load_faults(struct setup *setup, const struct tree *own, const struct tree *added,
			const struct param_reader *reader, struct err *err)
{
	bool good = true;
	for (int i = 0; i < 2; i++)
		if ((i ? added : own) && !must_be(err, i ? added : own, TREE_LIST, "faults"))
			return false;
	int count = (own ? tree_count(own) : 0) + (added ? tree_count(added) : 0);
	if (count > FAULTS_MAX)
		return err_add(err, ERR_MODEL, &own->place, "more than %d faults", FAULTS_MAX);
	setup->faults = ARENA_ARRAY(setup->study->arena, (size_t)count + 1, struct fault);
	for (int i = 0; i < 2; i++)
		for (const struct tree *entry = (i ? added : own) ? (i ? added : own)->child : NULL; entry;
		     entry = entry->next) {
			const struct tree *map = entry;
			if (entry->kind == TREE_SCALAR)
				map = study_fault_text(setup->of, entry->text, setup->study->arena, &entry->place, err);
			good = map && load_fault(setup, map, &setup->faults[setup->fault_count], reader, err) && good;
			setup->fault_count += good;
		}
	return good;
}

/* The next word of a fault's text; a quantity ("120 s", "5k/s") takes its unit with it. */
static const char *next_word(struct arena *arena, const char **at)
{
	while (**at == ' ')
		(*at)++;
	size_t length = strcspn(*at, " ");
	if (length == 0)
		return NULL;
	enum quantity_kind kind;
	size_t blanks = strspn(*at + length, " "), unit = strcspn(*at + length + blanks, " ");
	char *joined = arena_text_of(arena, *at, length + blanks + unit);
	char *word = arena_text_of(arena, *at, length);
	if (quantity_kind_of(word, &kind) && kind == QUANTITY_REAL && quantity_kind_of(joined, &kind) &&
	    kind != QUANTITY_REAL) {
		*at += length + blanks + unit;
		return joined;
	}
	*at += length;
	return word;
}

struct tree *study_fault_text(const struct case_study *of, const char *text, struct arena *arena,
			      const struct place *place, struct err *err)
{
	struct place at = place ? *place : (struct place){0};
	struct tree *fault = tree_map(arena, at);
	const char *rest = text, *word = next_word(arena, &rest), *kind = NULL, *target = NULL;
	if (word && strcmp(word, "at") == 0)
		word = next_word(arena, &rest);
	bool good = word != NULL;
	if (good)
		tree_append(fault, "at", at, tree_scalar(arena, word, at));
	while (good && (word = next_word(arena, &rest))) {
		bool lasts = strcmp(word, "for") == 0, factor = strcmp(word, "by") == 0, rate = strcmp(word, "at") == 0;
		if (lasts || factor || rate) {
			const char *value = next_word(arena, &rest), *key = lasts ? "for" : factor ? "factor" : "rate";
			good = value && !tree_get(fault, key);
			if (good)
				tree_append(fault, key, at, tree_scalar(arena, value, at));
		} else if (!kind) {
			kind = word;
		} else if (!target) {
			const char *number = next_word(arena, &rest);
			target = number ? arena_format(arena, "%s %s", word, number) : word;
		} else {
			good = false;
		}
	}
	if (!good || !kind || !tree_get(fault, "for")) {
		err_add(err, ERR_MODEL, place, "\"%.120s\" is not a fault; write e.g. '120 s for 30 s %s%s%s'", text,
			of->faults && of->faults[0].name ? of->faults[0].name : "kill",
			of->faults && of->faults[0].name && of->faults[0].target ? " " : "",
			of->faults && of->faults[0].name && of->faults[0].target
				? arena_format(arena, "%s 3", of->faults[0].target)
				: "");
		return NULL;
	}
	tree_append(fault, "kind", at, tree_scalar(arena, kind, at));
	if (target)
		tree_append(fault, "target", at, tree_scalar(arena, target, at));
	return fault;
}

/* ---- one variant ---- */

static const struct param run_table[] = {
	PARAM_COUNT(struct study_run, reps, "5", "1", "10000", "replications"),
	PARAM_COUNT(struct study_run, seed, "1", "0", "9000000 T", "of everything random"),
	PARAM_TIME(struct study_run, warmup, "0 s", "0 s", "36500 d", "not counted, at the start of each window"),
	PARAM_TIME(struct study_run, series, "1 s", "1 us", "36500 d", "width of a bin of the time series"),
	PARAM_TIME(struct study_run, drain, "60 s", "0 s", "36500 d", "how long requests may go on after the last row"),
	PARAM_END};

struct slice_keys {
	int64_t slice;
};
static const struct param slice_row =
	PARAM_COUNT(struct slice_keys, slice, "1", "1", "1 M", "a 1/slice part of the fleet is simulated");

/* What lies on one another for a variant, lowest first. */
struct layers {
	const struct tree *layer[VARIANTS_MAX + 3];
	int count;
	const struct tree *added_faults;
};

static const struct tree *variant_tree(const struct study *study, const char *name)
{
	return tree_get(tree_get(study->tree, "variants"), name);
}

/* A variant and those it extends; false when they extend one another in a circle or one does not exist. */
static bool stack_variant(const struct study *study, const char *name, struct layers *layers, struct err *err)
{
	const struct tree *chain[VARIANTS_MAX];
	int count = 0;
	const struct tree *variant = variant_tree(study, name);
	while (variant) {
		for (int i = 0; i < count; i++)
			if (chain[i] == variant)
				return err_add(err, ERR_MODEL, &tree_get(chain[count - 1], "extends")->place,
					       "variant \"%.60s\" extends itself%s%.60s%s", variant->key,
					       count > 1 ? " by way of \"" : "", count > 1 ? chain[count - 1]->key : "",
					       count > 1 ? "\"" : "");
		CHECK(count < VARIANTS_MAX);
		chain[count++] = variant;
		const struct tree *extends = tree_get(variant, "extends");
		if (!extends || variant->kind != TREE_MAP)
			break;
		if (!must_be(err, extends, TREE_SCALAR, "extends"))
			return false;
		variant = variant_tree(study, extends->text);
		if (!variant)
			return unknown(err, &extends->place, "variant", extends->text, "", study->variant);
	}
	while (count > 0)
		layers->layer[layers->count++] = chain[--count];
	return true;
}

/* An ablation in the form of a variant. */
static const struct tree *ablation(const struct study *study, const struct tree *without, struct err *err)
{
	static const char *const sections[] = {"trace", "faults", "slice", NULL};
	struct arena *arena = study->arena;
	struct tree *layer = tree_map(arena, without->place), *model = tree_map(arena, without->place);
	if (!must_be(err, without, TREE_MAP, "without"))
		return NULL;
	bool good = true;
	for (const struct tree *entry = without->child; entry; entry = entry->next) {
		struct tree *copy = tree_merge(arena, entry, NULL);
		if (is_note(entry))
			continue;
		if (param_find(study->of->params, entry->key)) {
			tree_append(model, entry->key, entry->key_place, copy);
		} else if (word_find(sections, entry->key) >= 0) {
			tree_append(layer, entry->key, entry->key_place, copy);
		} else {
			const char *words[WORDS_MAX];
			int count = 0;
			for (const struct param *row = study->of->params; row->name && count < WORDS_MAX - 4; row++)
				words[count++] = row->name;
			for (int i = 0; i < 4; i++)
				words[count++] = sections[i];
			good = unknown(err, &entry->key_place, "key", entry->key, " in without", words);
		}
	}
	tree_append(layer, "model", without->place, model);
	return good ? layer : NULL;
}

static const struct tree *section(const struct layers *layers, const char *key, struct arena *arena)
{
	const struct tree *merged = NULL;
	for (int i = 0; i < layers->count; i++) {
		const struct tree *part = tree_get(layers->layer[i], key);
		if (part)
			merged = strcmp(key, "trace") == 0    ? merge_trace(arena, merged, part)
				 : strcmp(key, "faults") == 0 ? part
							      : tree_merge(arena, merged, part);
	}
	return merged;
}

static bool load_model(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		       struct err *err)
{
	struct arena *arena = setup->study->arena;
	setup->model = section(layers, "model", arena);
	setup->params = arena_get(arena, setup->of->params_size);
	param_defaults(setup->of->params, setup->params, reader);
	int before = err->count;
	param_load(setup->of->params, setup->params, setup->model, "model", reader, err);
	if (err->count == before && setup->of->check)
		setup->of->check(setup->params, err);
	for (int i = before; i < err->count && i < ERR_MAX; i++) {
		struct err_message *message = &err->message[i];
		const struct tree *at = setup->model ? setup->model : setup->study->base;
		if (!message->file[0]) {
			snprintf(message->file, sizeof message->file, "%s", at->place.file ? at->place.file : "");
			message->line = at->place.line;
			message->column = at->place.column;
		}
	}
	return err->count == before;
}

static bool load_slice(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		       struct err *err)
{
	const struct tree *slice = section(layers, "slice", setup->study->arena);
	struct slice_keys keys = {1};
	if (slice && (!must_be(err, slice, TREE_SCALAR, "slice") ||
		      !param_set(&slice_row, &keys, slice->text, reader, &slice->place, err)))
		return false;
	setup->slice = keys.slice;
	setup->share = 1;
	if (keys.slice == 1 && !setup->of->share)
		return true;
	if (!setup->of->share)
		return err_add(err, ERR_MODEL, &slice->place, "slice: %s can only be simulated whole (slice: 1)",
			       setup->of->name);
	setup->share = setup->of->share(setup->params, setup->slice);
	if (!(setup->share > 0 && setup->share <= 1))
		return err_add(err, ERR_MODEL, slice ? &slice->place : NULL,
			       "slice: nothing is left of the fleet at %lld", (long long)setup->slice);
	return true;
}

static bool load_trace(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		       struct err *err)
{
	const struct study *study = setup->study;
	const struct tree *trace = section(layers, "trace", study->arena);
	if (!trace)
		return err_add(err, ERR_MODEL, &study->base->place,
			       "a trace is missing: trace: {recipe: FILE.yaml}, or {file: FILE.csv}, or a recipe "
			       "written here");
	if (!must_be(err, trace, TREE_MAP, "trace"))
		return false;
	setup->trace.tree = trace;
	setup->trace.recipe_path = trace->place.file;
	const struct tree *file = tree_get(trace, "file"), *recipe = tree_get(trace, "recipe");
	if (file && recipe)
		return err_add(err, ERR_MODEL, &recipe->key_place, "trace: either a recipe or a file, not both");
	if (file) {
		setup->trace.recipe_path = NULL;
		setup->trace.file = text_of(trace, "file", err);
		setup->trace.file_place = file->place;
		return setup->trace.file != NULL;
	}
	if (recipe) {
		if (!must_be(err, recipe, TREE_SCALAR, "recipe"))
			return false;
		if (!study->files)
			return err_add(err, ERR_MODEL, &recipe->place, "no other files can be read here");
		const struct tree *from = study->files->read(study->files->host, study->arena, recipe->place.file,
							     &recipe->place, recipe->text, err);
		if (!from)
			return false;
		setup->trace.recipe_path = from->place.file;
		setup->trace.tree = tree_merge(study->arena, from, without_key(study->arena, trace, "recipe"));
	}
	setup->trace.recipe = recipe_load(study->arena, setup->trace.tree, setup->of->columns, reader, err);
	return setup->trace.recipe != NULL;
}

/* "2016-07-01", or the number of a step. */
static const char *window_text(const struct recipe_window *window, char *buffer)
{
	if (window->by_date)
		return date_print(window->window, buffer);
	snprintf(buffer, DATE_TEXT, "%lld", (long long)window->window);
	return buffer;
}

/* One window, and enough bins to see where it settles. A file's windows are known only when it has been read. */
static bool load_warmup_auto(struct setup *setup, const struct place *place, struct err *err)
{
	char series[QUANTITY_TEXT], lasts[QUANTITY_TEXT];
	int windows = 0;
	const struct recipe_window *window = setup->trace.recipe ? recipe_windows(setup->trace.recipe, &windows) : NULL;
	setup->run.warmup = STUDY_WARMUP_AUTO;
	if (windows > 1)
		return err_add(err, ERR_MODEL, place,
			       "warmup: auto is for a trace of one window, this one has %d; say how much of each is "
			       "not counted, e.g. warmup: 5 s",
			       windows);
	if (windows == 1 && window[0].lasts / setup->run.series < STUDY_WARMUP_BINS)
		return err_add(err, ERR_MODEL, place,
			       "warmup: auto needs a series of %d bins or more; the trace lasts %s and a bin %s: make "
			       "series shorter",
			       STUDY_WARMUP_BINS, quantity_print_time(window[0].lasts, lasts),
			       quantity_print_time(setup->run.series, series));
	return true;
}

static bool load_run(struct setup *setup, const struct layers *layers, const struct param_reader *reader,
		     struct err *err)
{
	struct arena *arena = setup->study->arena;
	const struct tree *run = section(layers, "run", arena);
	param_defaults(run_table, &setup->run, reader);
	if (!run)
		return true;
	const struct tree *warmup = tree_get(run, "warmup");
	bool find = warmup && warmup->kind == TREE_SCALAR && strcmp(warmup->text, "auto") == 0;
	if (run->kind == TREE_MAP)
		run = without_key(arena, run, "variants");
	if (find)
		run = without_key(arena, run, "warmup");
	if (!param_load(run_table, &setup->run, run, "run", reader, err))
		return false;
	if (find)
		return load_warmup_auto(setup, &warmup->place, err);
	int windows = 0;
	const struct recipe_window *window = setup->trace.recipe ? recipe_windows(setup->trace.recipe, &windows) : NULL;
	for (int i = 0; i < windows; i++)
		if (setup->run.warmup > 0 && window[i].lasts <= setup->run.warmup) {
			char text[DATE_TEXT], lasts[QUANTITY_TEXT];
			return err_add(err, ERR_MODEL, &tree_get(run, "warmup")->place,
				       "warmup leaves nothing of the trace's window %s, which lasts %s",
				       window_text(&window[i], text), quantity_print_time(window[i].lasts, lasts));
		}
	return true;
}

/* What lies over everything, for one variant: nothing where it names the variants that are meant, and not this one. */
static const struct tree *over_of(const struct study *study, const char *name)
{
	const struct tree *chosen = tree_get(tree_get(study->over, "run"), "variants");
	if (!chosen || chosen->kind != TREE_LIST)
		return study->over;
	for (const struct tree *entry = chosen->child; entry; entry = entry->next)
		if (entry->kind == TREE_SCALAR && strcmp(entry->text, name) == 0)
			return study->over;
	return NULL;
}

static struct setup *make_setup(const struct study *study, const char *name, const struct tree *without,
				struct err *err)
{
	const struct tree *over = over_of(study, name);
	struct setup *setup = ARENA_NEW(study->arena, struct setup);
	struct param_reader reader = {study->arena, study->files ? study->files->values : NULL,
				      study->files ? study->files->cells : NULL};
	struct layers layers = {.count = 0};
	const struct tree *variant = variant_tree(study, name);
	setup->study = study;
	setup->of = study->of;
	setup->name = name;
	const struct tree *about = tree_get(variant, "about");
	setup->about = about && about->kind == TREE_SCALAR ? about->text : "";
	layers.layer[layers.count++] = study->base;
	if (!stack_variant(study, name, &layers, err))
		return NULL;
	if (over)
		layers.layer[layers.count++] = without_key(study->arena, over, "faults");
	if (without) {
		const struct tree *layer = ablation(study, without, err);
		if (!layer)
			return NULL;
		layers.layer[layers.count++] = layer;
	}
	const struct tree *added = tree_get(over, "faults");
	if (without && tree_get(without, "faults"))
		added = NULL;
	bool good = load_model(setup, &layers, &reader, err);
	bool sliced = good && load_slice(setup, &layers, &reader, err);
	good = load_trace(setup, &layers, &reader, err) && good;
	good = load_run(setup, &layers, &reader, err) && good;
	if (sliced)
		good = load_faults(setup, section(&layers, "faults", study->arena), added, &reader, err) && good;
	if (!good || !sliced)
		return NULL;
	setup->digest = study_digest(setup);
	return setup;
}

struct setup *study_setup(const struct study *study, const char *variant, const struct tree *without, struct err *err)
{
	int index = word_find(study->variant, variant);
	if (index < 0) {
		unknown(err, NULL, "variant", variant, "", study->variant);
		return NULL;
	}
	if (without)
		return make_setup(study, study->variant[index], without, err);
	struct setup *copy = ARENA_NEW(study->arena, struct setup);
	*copy = *study->setup[index];
	return copy;
}

struct setup *study_setup_in(struct arena *arena, const struct study *study, const char *variant,
			     const struct tree *laid, struct err *err)
{
	int index = word_find(study->variant, variant);
	if (index < 0) {
		unknown(err, NULL, "variant", variant, "", study->variant);
		return NULL;
	}
	struct study *own = ARENA_NEW(arena, struct study);
	*own = *study;
	own->arena = arena;
	return make_setup(own, study->variant[index], laid, err);
}

/* ---- the names in expressions ---- */

static int setup_index(const struct study *study, const char *variant)
{
	return variant ? word_find(study->variant, variant) : 0;
}

struct naming {
	const struct study *study;
	struct err *err;
	bool variants; /* a term must say which variant where there are several */
	bool good;
};

static bool check_statistic(const struct naming *naming, const struct term *term)
{
	static const char *const all[] = {"p50",   "p90",  "p95", "p99",  "p999",  "mean",    "min", "max",
					  "count", "rate", "sum", "knee", "param", "offered", NULL};
	static const char *const of_kind[][10] = {
		[METRIC_TIME] = {"mean", "min", "max", "count", "rate", "sum", "knee", NULL},
		[METRIC_AMOUNT] = {"mean", "min", "max", "count", "rate", "sum", NULL},
		[METRIC_COUNT] = {"count", "rate", NULL},
		[METRIC_LEVEL] = {"mean", "max", NULL},
	};
	static const char *const percentiles[] = {"any percentile (p99), ", "any percentile (p99), ", "", ""};
	const struct case_study *of = naming->study->of;
	char list[ERR_TEXT / 2];
	const char *names[WORDS_MAX];
	int count = 0;
	if (term->p < 0 && word_find(all, term->statistic) < 0)
		return unknown(naming->err, &term->place, "statistic", term->statistic, "", all);
	if (strcmp(term->statistic, "offered") == 0)
		return true;
	if (strcmp(term->statistic, "param") == 0) {
		const struct param *row = param_find(of->params, term->metric);
		for (const struct param *each = of->params; each->name && count < WORDS_MAX - 1; each++)
			names[count++] = each->name;
		names[count] = NULL;
		if (!row)
			return unknown(naming->err, &term->place, "parameter", term->metric, "", names);
		return (row->type != PARAM_TYPE_BOOL && row->type != PARAM_TYPE_CHOICE) ||
		       err_add(naming->err, ERR_MODEL, &term->place, "parameter %s is not a number", row->name);
	}
	int metric = metric_find(of->metrics, term->metric);
	for (const struct metric *each = of->metrics; each->name && count < WORDS_MAX - 1; each++)
		names[count++] = each->name;
	names[count] = NULL;
	if (metric < 0)
		return unknown(naming->err, &term->place, "metric", term->metric, "", names);
	enum metric_kind kind = of->metrics[metric].kind;
	bool spread = kind == METRIC_TIME || kind == METRIC_AMOUNT;
	if (term->p >= 0 ? spread : word_find(of_kind[kind], term->statistic) >= 0)
		return true;
	return err_add(naming->err, ERR_MODEL, &term->place, "%s has no %s; it has %s%s", term->metric, term->statistic,
		       percentiles[kind], words_text(of_kind[kind], list, sizeof list));
}

static bool check_window(const struct naming *naming, const struct term *term, int index)
{
	const struct setup *setup = naming->study->setup[index];
	int count = 0;
	if (!term->windowed || !setup || !setup->trace.recipe)
		return true;
	const struct recipe_window *window = recipe_windows(setup->trace.recipe, &count);
	const char *names[WORDS_MAX];
	int named = 0;
	for (int i = 0; i < count; i++) {
		if (window[i].window == term->window)
			return true;
		if (named < WORDS_MAX - 1)
			names[named++] = window_text(&window[i], arena_get(naming->study->arena, DATE_TEXT));
	}
	names[named] = NULL;
	char list[ERR_TEXT / 2];
	return err_add(naming->err, ERR_MODEL, &term->place, "the trace of \"%.60s\" has no such window; it has %s",
		       setup->name, words_text(names, list, sizeof list));
}

static void check_term(void *context, struct term *term)
{
	struct naming *naming = context;
	const struct study *study = naming->study;
	bool good = check_statistic(naming, term);
	int index = setup_index(study, term->variant);
	if (index < 0)
		good = unknown(naming->err, &term->place, "variant", term->variant, "", study->variant);
	else if (!term->variant && study->variants > 1 && naming->variants)
		good = err_add(naming->err, ERR_MODEL, &term->place,
			       "%s(%s) must say of which variant, e.g. %s(%s)[%s]", term->statistic, term->metric,
			       term->statistic, term->metric, study->variant[0]);
	else
		good = check_window(naming, term, index) && good;
	if (!term->variant && study->variants == 1)
		term->variant = study->variant[0];
	naming->good = naming->good && good;
}

struct checking {
	struct naming naming;
	const char *variant;
};

static void check_line_term(void *context, struct term *term)
{
	struct checking *checking = context;
	const char *own = term->variant;
	if (!own)
		term->variant = checking->variant;
	check_term(&checking->naming, term);
	term->variant = own;
}

bool study_check_expression(const struct study *study, const struct expression *expression, const char *variant,
			    struct err *err)
{
	struct checking checking = {{study, err, false, true}, variant};
	expression_terms(expression, check_line_term, &checking);
	return checking.naming.good;
}

enum quantity_kind study_term_kind(const struct case_study *of, const struct term *term)
{
	const char *s = term->statistic;
	if (strcmp(s, "param") == 0) {
		const struct param *row = param_find(of->params, term->metric);
		return row ? row->unit : QUANTITY_REAL;
	}
	if (strcmp(s, "offered") == 0 || strcmp(s, "rate") == 0 || strcmp(s, "knee") == 0)
		return QUANTITY_RATE;
	int metric = metric_find(of->metrics, term->metric);
	if (metric < 0 || strcmp(s, "count") == 0)
		return QUANTITY_COUNT;
	if (of->metrics[metric].kind == METRIC_TIME)
		return QUANTITY_TIME;
	const char *unit = of->metrics[metric].unit;
	return unit && strcmp(unit, "bytes") == 0 ? QUANTITY_BYTES : QUANTITY_COUNT;
}

static enum quantity_kind kind_of_term(void *context, const struct term *term)
{
	return study_term_kind(context, term);
}

/* ---- sections of a study ---- */

struct loading {
	struct study *study;
	struct err *err;
};

/* A list of texts (or one text) as an array that ends with NULL. */
static const char **texts(struct loading *load, const struct tree *list, const char *what)
{
	struct arena *arena = load->study->arena;
	if (!list)
		return ARENA_NEW(arena, const char *);
	int count = list->kind == TREE_SCALAR ? 1 : tree_count(list), filled = 0;
	const char **words = ARENA_ARRAY(arena, (size_t)count + 1, const char *);
	if (list->kind == TREE_SCALAR) {
		words[0] = list->text;
		return words;
	}
	if (!must_be(load->err, list, TREE_LIST, what))
		return words;
	for (const struct tree *entry = list->child; entry; entry = entry->next)
		if (must_be(load->err, entry, TREE_SCALAR, what))
			words[filled++] = entry->text;
	return words;
}

/* A list (or one text) whose texts must be names of variants. */
static void check_variants(struct loading *load, const struct tree *list)
{
	if (!list)
		return;
	for (const struct tree *entry = list->kind == TREE_LIST ? list->child : list; entry;
	     entry = list->kind == TREE_LIST ? entry->next : NULL)
		if (entry->kind == TREE_SCALAR && word_find(load->study->variant, entry->text) < 0)
			unknown(load->err, &entry->place, "variant", entry->text, "", load->study->variant);
}

static bool check_source(struct loading *load, const char *key, const struct place *place)
{
	const struct tree *sources = tree_get(load->study->tree, "sources");
	const char *names[WORDS_MAX];
	int count = 0;
	if (tree_get(sources, key))
		return true;
	for (const struct tree *entry = sources && sources->kind == TREE_MAP ? sources->child : NULL;
	     entry && count < WORDS_MAX - 1; entry = entry->next)
		names[count++] = entry->key;
	names[count] = NULL;
	if (count == 0)
		return err_add(load->err, ERR_MODEL, place, "source \"%.60s\" is not in sources, which is empty", key);
	return unknown(load->err, place, "source", key, "", names);
}

static void load_variants(struct loading *load)
{
	static const char *const keys[] = {"about", "extends", "model", "trace", "faults", "slice", "run", NULL};
	struct study *study = load->study;
	const struct tree *section_of = tree_get(study->tree, "variants");
	study->variant = ARENA_ARRAY(study->arena, VARIANTS_MAX + 1, const char *);
	if (section_of && must_be(load->err, section_of, TREE_MAP, "variants"))
		for (const struct tree *entry = section_of->child; entry; entry = entry->next) {
			if (is_note(entry))
				continue;
			if (study->variants == VARIANTS_MAX) {
				err_add(load->err, ERR_MODEL, &entry->key_place, "more than %d variants", VARIANTS_MAX);
				break;
			}
			study->variant[study->variants++] = entry->key;
			for (const char *c = entry->key; *c; c++)
				if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c)) {
					err_add(load->err, ERR_MODEL, &entry->key_place,
						"variant \"%.60s\": a name has letters, digits, - _ and . only",
						entry->key);
					break;
				}
			if (entry->kind == TREE_SCALAR && !*entry->text)
				continue;
			check_keys(entry, "a variant", keys, load->err);
			text_of(entry, "about", load->err);
			const struct tree *shown = tree_get(tree_get(entry, "run"), "variants");
			if (shown)
				err_add(load->err, ERR_MODEL, &shown->key_place,
					"a variant has no variants of its own");
		}
	if (study->variants == 0)
		study->variant[study->variants++] = study->of->name;
	const struct tree *shown = tree_get(tree_get(study->tree, "run"), "variants");
	check_variants(load, shown);
	study->shown = shown ? texts(load, shown, "variants") : study->variant;
	if (!study->shown[0])
		study->shown = study->variant;
}

static void load_setups(struct loading *load)
{
	struct study *study = load->study;
	study->setup = ARENA_ARRAY(study->arena, (size_t)study->variants, struct setup *);
	for (int i = 0; i < study->variants; i++) {
		struct err own;
		err_init(&own);
		study->setup[i] = make_setup(study, study->variant[i], NULL, &own);
		absorb(load->err, &own);
	}
}

static void load_sources(struct loading *load)
{
	static const char *const keys[] = {"title", "author", "publisher", "year", "address", "note", NULL};
	const struct tree *sources = tree_get(load->study->tree, "sources");
	if (!sources || !must_be(load->err, sources, TREE_MAP, "sources"))
		return;
	for (const struct tree *entry = sources->child; entry; entry = entry->next) {
		if (entry->kind != TREE_MAP) {
			must_be(load->err, entry, TREE_SCALAR, "a source");
			continue;
		}
		check_keys(entry, "a source", keys, load->err);
		for (const struct tree *part = entry->child; part; part = part->next)
			must_be(load->err, part, TREE_SCALAR, part->key);
	}
}

static const char *const evidences[] = {"published", "derived", "calibrated", "assumption", NULL};

/* "published [KEY]: ..." begins with a kind of evidence, and names sources that exist. */
static void check_evidence(struct loading *load, const struct tree *entry)
{
	char word[32];
	if (!must_be(load->err, entry, TREE_SCALAR, "evidence"))
		return;
	size_t length = strcspn(entry->text, " [:,;(");
	snprintf(word, sizeof word, "%.*s", (int)(length > 31 ? 31 : length), entry->text);
	if (word_find(evidences, word) < 0)
		unknown(load->err, &entry->place, "evidence", word, "", evidences);
	for (const char *open = strchr(entry->text, '['); open; open = strchr(open + 1, '[')) {
		const char *close = strchr(open, ']');
		if (!close)
			break;
		check_source(load, arena_text_of(load->study->arena, open + 1, (size_t)(close - open - 1)),
			     &entry->place);
	}
}

static void load_evidence(struct loading *load)
{
	const struct tree *section_of = tree_get(load->study->tree, "evidence");
	if (!section_of || !must_be(load->err, section_of, TREE_MAP, "evidence"))
		return;
	for (const struct tree *entry = section_of->child; entry; entry = entry->next) {
		if (is_note(entry))
			continue;
		if (!param_find(load->study->of->params, entry->key))
			param_unknown(load->study->of->params, entry, "evidence", load->err);
		check_evidence(load, entry);
	}
}

static void load_scope(struct loading *load)
{
	static const char *const keys[] = {"models", "leaves_out", NULL};
	struct study *study = load->study;
	const struct tree *scope = tree_get(study->tree, "scope");
	if (scope)
		check_keys(scope, "scope", keys, load->err);
	study->models = texts(load, tree_get(scope, "models"), "models");
	study->leaves_out = texts(load, tree_get(scope, "leaves_out"), "leaves_out");
}

static void load_expectation(struct loading *load, struct claim *claim, const struct tree *entry)
{
	struct study *study = load->study;
	struct naming naming = {study, load->err, true, true};
	if (!must_be(load->err, entry, TREE_SCALAR, "an expectation"))
		return;
	struct expectation *expectation = &claim->expect[claim->expects];
	if (!expectation_parse(study->arena, entry->text, &entry->place, expectation, load->err))
		return;
	expression_terms(expectation->left, check_term, &naming);
	expression_terms(expectation->low, check_term, &naming);
	expression_terms(expectation->high, check_term, &naming);
	if (naming.good)
		expectation_check_units(expectation, kind_of_term, (void *)(uintptr_t)study->of, load->err);
	claim->expects++;
}

/* The variants that a claim's expectations name must be able to do without the mechanism. */
struct ablating {
	struct loading *load;
	const struct tree *without;
	bool *tried;
};

static void check_ablation(void *context, struct term *term)
{
	struct ablating *ablating = context;
	struct study *study = ablating->load->study;
	int index = setup_index(study, term->variant);
	struct err own;
	if (index < 0 || ablating->tried[index] || !study->setup[index])
		return;
	ablating->tried[index] = true;
	err_init(&own);
	make_setup(study, study->variant[index], ablating->without, &own);
	absorb(ablating->load->err, &own);
}

static void load_without(struct loading *load, struct claim *claim, const struct tree *entry)
{
	struct study *study = load->study;
	const struct tree *without = tree_get(entry, "without");
	claim->without = without;
	claim->no_ablation = text_of(entry, "no_ablation", load->err);
	if (without && tree_get(entry, "no_ablation"))
		err_add(load->err, ERR_MODEL, &without->key_place, "a claim has either without or no_ablation");
	if (!without && !tree_get(entry, "no_ablation"))
		err_add(load->err, ERR_MODEL, &entry->place,
			"a claim needs without: {PARAMETER: VALUE} that makes it fail, or no_ablation: why there is "
			"none");
	if (!without)
		return;
	struct ablating ablating = {load, without, ARENA_ARRAY(study->arena, (size_t)study->variants, bool)};
	for (int i = 0; i < claim->expects; i++) {
		expression_terms(claim->expect[i].left, check_ablation, &ablating);
		expression_terms(claim->expect[i].low, check_ablation, &ablating);
		expression_terms(claim->expect[i].high, check_ablation, &ablating);
	}
}

static void load_claim(struct loading *load, struct claim *claim, const struct tree *entry)
{
	static const char *const keys[] = {"id",        "says",     "expect", "without", "no_ablation",
					   "mechanism", "evidence", "source", NULL};
	static const char *const needed[] = {"id", "says", "expect", "evidence", NULL};
	struct study *study = load->study;
	claim->place = entry->place;
	check_keys(entry, "a claim", keys, load->err);
	if (entry->kind != TREE_MAP)
		return;
	for (int i = 0; needed[i]; i++)
		if (!tree_get(entry, needed[i]))
			err_add(load->err, ERR_MODEL, &entry->place, "a claim needs %s", needed[i]);
	claim->id = text_of(entry, "id", load->err);
	claim->says = text_of(entry, "says", load->err);
	claim->mechanism = text_of(entry, "mechanism", load->err);
	claim->evidence = text_of(entry, "evidence", load->err);
	claim->source = text_of(entry, "source", load->err);
	if (claim->evidence)
		check_evidence(load, tree_get(entry, "evidence"));
	if (claim->source)
		check_source(load, claim->source, &tree_get(entry, "source")->place);
	for (const struct claim *other = study->claim; claim->id && other < claim; other++)
		if (other->id && strcmp(other->id, claim->id) == 0)
			err_add(load->err, ERR_MODEL, &tree_get(entry, "id")->place, "claim \"%.60s\" is there twice",
				claim->id);
	const struct tree *expect = tree_get(entry, "expect");
	if (expect && expect->kind == TREE_MAP)
		must_be(load->err, expect, TREE_LIST, "expect");
	if (expect && expect->kind != TREE_MAP) {
		bool list = expect->kind == TREE_LIST;
		claim->expect =
			ARENA_ARRAY(study->arena, (size_t)(list ? tree_count(expect) : 1) + 1, struct expectation);
		for (const struct tree *each = list ? expect->child : expect; each; each = list ? each->next : NULL)
			load_expectation(load, claim, each);
		if (list && !expect->child)
			err_add(load->err, ERR_MODEL, &expect->place, "expect is empty");
	}
	load_without(load, claim, entry);
}

static void load_claims(struct loading *load)
{
	struct study *study = load->study;
	const struct tree *claims = tree_get(study->tree, "claims");
	if (!claims || !must_be(load->err, claims, TREE_LIST, "claims"))
		return;
	int count = tree_count(claims);
	if (count > CLAIMS_MAX) {
		err_add(load->err, ERR_MODEL, &claims->place, "more than %d claims", CLAIMS_MAX);
		return;
	}
	study->claim = ARENA_ARRAY(study->arena, (size_t)count + 1, struct claim);
	for (const struct tree *entry = claims->child; entry; entry = entry->next)
		load_claim(load, &study->claim[study->claims++], entry);
}

/* A figure's metric: the name of one, or an expression. */
static void check_metric(struct loading *load, const struct tree *entry)
{
	struct study *study = load->study;
	if (!must_be(load->err, entry, TREE_SCALAR, "metric"))
		return;
	if (!strchr(entry->text, '(')) {
		const char *names[WORDS_MAX];
		int count = 0;
		for (const struct metric *each = study->of->metrics; each->name && count < WORDS_MAX - 1; each++)
			names[count++] = each->name;
		names[count] = NULL;
		if (metric_find(study->of->metrics, entry->text) < 0)
			unknown(load->err, &entry->place, "metric", entry->text, "", names);
		return;
	}
	struct naming naming = {study, load->err, false, true};
	expression_terms(expression_parse(study->arena, entry->text, &entry->place, load->err), check_term, &naming);
}

/* The cells of a heat map: a list for each row, in it an expression or "" for each column. */
static void check_cells(struct loading *load, const struct tree *figure)
{
	static const char *const keys[] = {"rows", "columns", "cells"};
	const struct tree *list[3];
	for (int i = 0; i < 3; i++) {
		list[i] = tree_get(figure, keys[i]);
		if (!list[i]) {
			err_add(load->err, ERR_MODEL, &figure->place, "a heat map needs rows, columns and cells");
			return;
		}
		if (!must_be(load->err, list[i], TREE_LIST, keys[i]))
			return;
		if (i < 2)
			texts(load, list[i], keys[i]);
	}
	int rows = tree_count(list[0]), columns = tree_count(list[1]);
	if (tree_count(list[2]) != rows)
		err_add(load->err, ERR_MODEL, &list[2]->place, "%d rows have names, and %d have cells", rows,
			tree_count(list[2]));
	for (const struct tree *row = list[2]->child; row; row = row->next) {
		if (!must_be(load->err, row, TREE_LIST, "a row of cells"))
			continue;
		if (tree_count(row) != columns)
			err_add(load->err, ERR_MODEL, &row->place, "a row needs a cell for each of %d columns, not %d; "
				"\"\" is none", columns, tree_count(row));
		for (const struct tree *cell = row->child; cell; cell = cell->next) {
			struct naming naming = {load->study, load->err, false, true};
			if (must_be(load->err, cell, TREE_SCALAR, "a cell") && *cell->text)
				expression_terms(expression_parse(load->study->arena, cell->text, &cell->place,
								  load->err), check_term, &naming);
		}
	}
}

static void check_published(struct loading *load, const struct tree *list)
{
	static const char *const keys[] = {"x", "date", "y", "low", "high", "label", "source", NULL};
	if (!list || !must_be(load->err, list, TREE_LIST, "published"))
		return;
	for (const struct tree *entry = list->child; entry; entry = entry->next) {
		const char *source;
		if (check_keys(entry, "a published point", keys, load->err) &&
		    (source = text_of(entry, "source", load->err)))
			check_source(load, source, &tree_get(entry, "source")->place);
	}
}

static void load_figure(struct loading *load, struct study_figure *figure, const struct tree *entry)
{
	static const char *const keys[] = {"kind",   "name",    "title",     "subtitle",  "description",
					   "metric", "metrics", "variants",  "statistic", "window",
					   "x",      "y",       "x_label",   "y_label",   "log",
					   "from",   "to",      "published", "labels",    "shade",
					   "joined", "across",  "moments",   "rows",      "columns",
					   "cells",  NULL};
	static const char *const kinds[] = {"percentiles", "timeline", "load", "years", "lines",
					    "bars",        "map",      "heat", NULL};
	static const char *const metrics[] = {"metric", "metrics", "shade"};
	struct study *study = load->study;
	figure->tree = entry;
	figure->kind = figure->name = "";
	check_keys(entry, "a figure", keys, load->err);
	if (entry->kind != TREE_MAP)
		return;
	const char *kind = text_of(entry, "kind", load->err), *name = text_of(entry, "name", load->err);
	if (!tree_get(entry, "kind"))
		err_add(load->err, ERR_MODEL, &entry->place, "a figure needs a kind, e.g. kind: percentiles");
	else if (kind && word_find(kinds, kind) < 0)
		unknown(load->err, &tree_get(entry, "kind")->place, "kind of figure", kind, "", kinds);
	figure->kind = kind ? kind : "";
	figure->name = name ? name : figure->kind;
	size_t length = strlen(figure->name);
	if (name && (length == 0 || length > 100 || strchr("-.", *name) ||
		     strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != length))
		err_add(load->err, ERR_MODEL, &tree_get(entry, "name")->place,
			"name: \"%.60s\" becomes the name of a file: letters, digits, - _ and . only", name);
	for (const struct study_figure *other = study->figure; other < figure; other++)
		if (strcmp(other->name, figure->name) == 0)
			err_add(load->err, ERR_MODEL, &entry->place,
				"two figures are called \"%.60s\"; give them names", figure->name);
	for (int i = 0; i < 3; i++) {
		const struct tree *metric = tree_get(entry, metrics[i]);
		if (metric && metric->kind == TREE_LIST)
			for (const struct tree *each = metric->child; each; each = each->next)
				check_metric(load, each);
		else if (metric)
			check_metric(load, metric);
	}
	const struct tree *variants = tree_get(entry, "variants");
	texts(load, variants, "variants");
	check_variants(load, variants);
	const char *across = text_of(entry, "across", load->err);
	if (across && strcmp(across, "windows") != 0 && strcmp(across, "whole") != 0)
		err_add(load->err, ERR_MODEL, &tree_get(entry, "across")->place,
			"across: needs `windows` (a line for each window of the trace) or `whole` (one line)");
	const struct tree *moments = tree_get(entry, "moments");
	if (moments && must_be(load->err, moments, TREE_LIST, "moments"))
		for (const struct tree *each = moments->child; each; each = each->next) {
			struct quantity at;
			char why[QUANTITY_WHY];
			if (each->kind != TREE_SCALAR || !quantity_parse(QUANTITY_TIME, each->text, &at, why) ||
			    at.integer < 0)
				err_add(load->err, ERR_MODEL, &each->place,
					"moments: needs times, e.g. [90 min, 100 min]");
		}
	if (figure->kind && strcmp(figure->kind, "map") == 0 && (!moments || !moments->child || !study->of->map))
		err_add(load->err, ERR_MODEL, &entry->place,
			study->of->map ? "a map needs `moments`, a list of times" : "this case has no map");
	if (tree_get(entry, "labels"))
		texts(load, tree_get(entry, "labels"), "labels");
	if (strcmp(figure->kind, "heat") == 0)
		check_cells(load, entry);
	check_published(load, tree_get(entry, "published"));
}

static void load_figures(struct loading *load)
{
	struct study *study = load->study;
	const struct tree *figures = tree_get(study->tree, "figures");
	if (!figures || !must_be(load->err, figures, TREE_LIST, "figures"))
		return;
	study->figure = ARENA_ARRAY(study->arena, (size_t)tree_count(figures) + 1, struct study_figure);
	if (tree_count(figures) > LIST_MAX) {
		err_add(load->err, ERR_MODEL, &figures->place, "more than %d figures", LIST_MAX);
		return;
	}
	for (const struct tree *entry = figures->child; entry; entry = entry->next)
		load_figure(load, &study->figure[study->figures++], entry);
}

/* Its keys and values are looked at by who sweeps. */
static void load_sweep(struct loading *load)
{
	static const char *const keys[] = {"grid", "zip", "where", NULL};
	const struct tree *sweep = tree_get(load->study->tree, "sweep");
	if (sweep && check_keys(sweep, "sweep", keys, load->err))
		text_of(sweep, "where", load->err);
}

/* Ranges of parameters that are numbers, for who asks what depends on them, and who reads the values. */
static void load_ranges(struct loading *load)
{
	const struct tree *ranges = tree_get(load->study->tree, "ranges");
	const struct param *table = load->study->of->params;
	if (!ranges || !must_be(load->err, ranges, TREE_MAP, "ranges"))
		return;
	for (const struct tree *entry = ranges->child; entry; entry = entry->next) {
		const struct param *row = param_find(table, entry->key);
		if (strncmp(entry->key, "x-", 2) == 0)
			continue;
		if (!row)
			param_unknown(table, entry, "ranges", load->err);
		else if (row->type == PARAM_TYPE_BOOL || row->type == PARAM_TYPE_CHOICE)
			err_add(load->err, ERR_MODEL, &entry->key_place, "%s is not a number, and has no range",
				entry->key);
		else if (text_of(ranges, entry->key, load->err) && !strstr(entry->text, ".."))
			err_add(load->err, ERR_MODEL, &entry->place, "\"%.60s\" is not a range: write LOW..HIGH",
				entry->text);
	}
}

/* ---- the whole ---- */

/* The tree with the files it extends below it; NULL on mistakes. */
static const struct tree *with_parents(struct arena *arena, const struct tree *tree, const struct study_files *files,
				       struct err *err)
{
	const char *chain[FILES_MAX];
	int count = 0;
	const struct tree *merged = tree, *newest = tree;
	for (;;) {
		const struct tree *extends = tree_get(newest, "extends");
		chain[count++] = newest->place.file ? newest->place.file : "";
		if (!extends)
			return merged;
		if (!must_be(err, extends, TREE_SCALAR, "extends"))
			return NULL;
		if (!files) {
			err_add(err, ERR_MODEL, &extends->place, "no other files can be read here");
			return NULL;
		}
		const struct tree *parent =
			files->read(files->host, arena, extends->place.file, &extends->place, extends->text, err);
		if (!parent || !must_be(err, parent, TREE_MAP, "a model file"))
			return NULL;
		for (int i = 0; i < count; i++)
			if (parent->place.file && strcmp(parent->place.file, chain[i]) == 0) {
				err_add(err, ERR_MODEL, &extends->place, "%.120s extends itself%s%.120s", chain[i],
					count - i > 1 ? " by way of " : "", count - i > 1 ? chain[count - 1] : "");
				return NULL;
			}
		if (count == FILES_MAX) {
			err_add(err, ERR_MODEL, &extends->place, "more than %d files extend one another", FILES_MAX);
			return NULL;
		}
		merged = merge_files(arena, parent, merged);
		newest = parent;
	}
}

static const struct case_study *find_case(const struct tree *tree, struct err *err)
{
	const struct tree *entry = tree_get(tree, "case");
	const char *names[WORDS_MAX];
	int count = 0;
	for (; case_studies[count] && count < WORDS_MAX - 1; count++)
		names[count] = case_studies[count]->name;
	names[count] = NULL;
	if (!entry) {
		char list[ERR_TEXT / 2];
		err_add(err, ERR_MODEL, &tree->place, "case is missing; one of: %s",
			words_text(names, list, sizeof list));
		return NULL;
	}
	if (!must_be(err, entry, TREE_SCALAR, "case"))
		return NULL;
	const struct case_study *of = case_find(entry->text);
	if (!of)
		unknown(err, &entry->place, "case", entry->text, "", names);
	return of;
}

struct study *study_load(struct arena *arena, const char *path, const struct tree *tree, const struct tree *over,
			 const struct study_files *files, struct err *err)
{
	static const char *const keys[] = {"case",    "extends", "about",  "trace",    "model",
					   "slice",   "faults",  "run",    "variants", "evidence",
					   "sources", "scope",   "claims", "figures",  "sweep", "ranges", NULL};
	int before = err->count;
	if (!must_be(err, tree, TREE_MAP, "a model file"))
		return NULL;
	const struct tree *base = with_parents(arena, tree, files, err);
	if (!base)
		return NULL;
	struct study *study = ARENA_NEW(arena, struct study);
	struct loading load = {study, err};
	study->arena = arena;
	study->path = arena_text(arena, path);
	study->base = base;
	study->over = over;
	study->files = files;
	study->tree = merge_files(arena, base, over);
	check_keys(study->tree, "a model file", keys, err);
	study->of = find_case(study->tree, err);
	if (!study->of)
		return NULL;
	const char *about = text_of(study->tree, "about", err);
	study->about = about ? about : study->of->about;
	load_variants(&load);
	load_setups(&load);
	load_sources(&load);
	load_evidence(&load);
	load_scope(&load);
	load_claims(&load);
	load_figures(&load);
	load_sweep(&load);
	load_ranges(&load);
	return err->count == before ? study : NULL;
}

const char *study_evidence(const struct study *study, const char *parameter)
{
	const struct tree *entry = tree_get(tree_get(study->tree, "evidence"), parameter);
	return entry ? entry->text : NULL;
}

const char *study_source(const struct study *study, const char *key)
{
	const struct tree *entry = tree_get(tree_get(study->tree, "sources"), key);
	if (!entry)
		return NULL;
	if (entry->kind == TREE_SCALAR)
		return entry->text;
	const char *text = "";
	for (const struct tree *part = entry->child; part; part = part->next)
		if (!is_note(part))
			text = arena_format(study->arena, "%s%s%s", text, *text ? ", " : "", part->text);
	return text;
}
