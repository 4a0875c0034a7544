/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fault is a map, or a text that is taken apart to that map; the row of its kind says which keys it must have. */
#include "run/faults.h"
#include "base/reader.h"
#include "base/words.h"
#include "run/study.h"

#include <stdio.h>
#include <string.h>

enum { FAULTS_MAX = 1000 };

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
	if (!of->faults || !of->faults[0].name)
		return err_add(err, ERR_MODEL, place, "nothing can break in %s", of->name);
	return words_unknown(err, ERR_MODEL, place, "kind of fault", name, "", WORDS(of->faults));
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
	if (!reader_must_be(err, value, TREE_SCALAR, key))
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
	bool good = reader_keys(entry, "a fault", known, err);
	if (entry->kind != TREE_MAP)
		return false;
	const char *name = reader_text(entry, "kind", err), *target = reader_text(entry, "target", err);
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

bool faults_load(struct setup *setup, const struct tree *own, const struct tree *added,
			const struct param_reader *reader, struct err *err)
{
	bool good = true;
	for (int i = 0; i < 2; i++)
		if ((i ? added : own) && !reader_must_be(err, i ? added : own, TREE_LIST, "faults"))
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
				map = faults_text(setup->of, entry->text, setup->study->arena, &entry->place, err);
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

struct tree *faults_text(const struct case_study *of, const char *text, struct arena *arena,
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
