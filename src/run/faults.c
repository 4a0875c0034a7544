/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fault is a map, or a text that is taken apart to that map; the row of its kind says which keys it must have. */
#include "run/faults.h"
#include "base/keys.h"
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

static const char *after_blanks(const char *text)
{
	return text + strspn(text, " ");
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether two names are the same but for blanks and the size of letters. */
static bool same_name(const char *a, const char *b)
{
	for (a = after_blanks(a), b = after_blanks(b); *a && lower(*a) == lower(*b);) {
		a = after_blanks(a + 1);
		b = after_blanks(b + 1);
	}
	return !*a && !*b;
}

/* What stands before the first blank of a target, unless it is a number: "node" of "node 3". */
static void first_word(const char *text, char *word, size_t size)
{
	snprintf(word, size, "%.*s", *text >= '0' && *text <= '9' ? 0 : (int)strcspn(text, " "), text);
}

/* Whether a text is a number, and which one. */
static bool read_number(const char *text, int64_t *number)
{
	size_t count = strspn(text, "0123456789");
	*number = 0;
	for (size_t i = 0; i < count && count <= 18; i++)
		*number = *number * 10 + (text[i] - '0');
	return count > 0 && count <= 18 && !text[count];
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

static struct fault_targets targets_of(const struct setup *setup, int kind)
{
	const struct case_study *of = setup->of;
	CHECK(of->targets); /* a case with a kind that has targets tells them */
	return of->targets(setup->params, setup->slice, kind, setup->study->arena);
}

const char *const *faults_names(const struct setup *setup, int kind)
{
	if (!setup->of->faults[kind].target)
		return NULL;
	const struct fault_targets targets = targets_of(setup, kind);
	if (!targets.name)
		return NULL;
	const char **names = ARENA_ARRAY(setup->study->arena, (size_t)targets.count + 1, const char *);
	for (int64_t i = 0, count = 0; i < targets.count; i++)
		if (targets.name[i])
			names[count++] = targets.name[i];
	return names;
}

/* Which number a target of this kind has: "node 3", "3", "region Virginia", "virginia". `word` is its first word. */
static bool find_target(const struct setup *setup, const struct tree *target, const char *word, struct fault *fault,
			struct err *err)
{
	const struct fault_kind *kind = &setup->of->faults[fault->kind];
	const struct fault_targets targets = targets_of(setup, fault->kind);
	const char *behind = after_blanks(target->text + strlen(word));
	bool noun = same_name(word, kind->target) && *behind;
	const char *called = noun ? behind : target->text;
	const char *where = setup->slice > 1 ? " in this slice of the fleet" : "";
	int64_t other;
	if (read_number(called, &fault->target)) {
		if (fault->target < targets.count && (!targets.name || targets.name[fault->target]))
			return true;
		return err_add(err, ERR_MODEL, &target->place, "%s: there is no %s %lld%s", kind->name, kind->target,
			       (long long)fault->target, where);
	}
	for (int64_t i = 0; targets.name && i < targets.count; i++)
		if (targets.name[i] && same_name(targets.name[i], called)) {
			fault->target = i;
			return true;
		}
	if (!noun && *word && read_number(behind, &other))
		return err_add(err, ERR_MODEL, &target->place, "%s hits a %s, not a %s", kind->name, kind->target,
			       word);
	if (!targets.name)
		return err_add(err, ERR_MODEL, &target->place,
			       "target: \"%.60s\" is not a word and a number, e.g. %s 3", target->text, kind->target);
	const char *const *known = faults_names(setup, fault->kind);
	char hint[WORDS_HINT];
	return err_add(err, ERR_MODEL, &target->place, "%s: there is no %s \"%.60s\"%s%s", kind->name, kind->target,
		       called, where, words_hint(WORDS(known), called, hint));
}

static bool needs_target(const struct setup *setup, int number, const struct place *place, struct err *err)
{
	const struct fault_kind *kind = &setup->of->faults[number];
	const char *const *names = faults_names(setup, number);
	if (names && names[0])
		return err_add(err, ERR_MODEL, place, "%s needs a target, e.g. %s", kind->name, names[0]);
	return err_add(err, ERR_MODEL, place, "%s needs a target, e.g. %s 3", kind->name, kind->target);
}

/* "lose Virginia", "slow disk 7 by 10"; `name` is how the kind was written. */
static const char *label_of(const struct setup *setup, const struct fault *fault, const char *name)
{
	struct arena *arena = setup->study->arena;
	const struct fault_kind *kind = &setup->of->faults[fault->kind];
	const char *by = kind->factor ? arena_format(arena, " by %g", fault->factor) : "";
	if (!kind->target)
		return arena_format(arena, "%s%s", name, by);
	const struct fault_targets targets = targets_of(setup, fault->kind);
	if (targets.name)
		return arena_format(arena, "%s %s%s", name, targets.name[fault->target], by);
	return arena_format(arena, "%s %s %lld%s", name, kind->target, (long long)fault->target, by);
}

static bool load_fault(struct setup *setup, const struct tree *entry, struct fault *fault,
		       const struct param_reader *reader, struct err *err)
{
	const struct case_study *of = setup->of;
	struct fault_keys keys = {.factor = 1};
	char word[64] = "";
	bool good = reader_keys(entry, "a fault", keys_fault, err);
	if (entry->kind != TREE_MAP)
		return false;
	const char *name = reader_text(entry, "kind", err), *target = reader_text(entry, "target", err);
	const struct tree *of_target = tree_get(entry, "target");
	if (!name)
		return tree_get(entry, "kind") ? false : err_add(err, ERR_MODEL, &entry->place, "a fault needs a kind");
	if (of_target && !target)
		return false;
	if (target)
		first_word(target, word, sizeof word);
	fault->kind = fault_kind(of, name, word);
	if (fault->kind < 0)
		return fault_unknown(of, &tree_get(entry, "kind")->place, name, err);
	const struct fault_kind *kind = &of->faults[fault->kind];
	if (kind->target && !target)
		good = needs_target(setup, fault->kind, &entry->place, err);
	else if (!kind->target && of_target)
		good = err_add(err, ERR_MODEL, &of_target->key_place, "%s takes no target", kind->name);
	else if (kind->target)
		good = find_target(setup, of_target, word, fault, err) && good;
	good = fault_number(entry, "at", &fault_at, true, &keys, reader, err) && good;
	good = fault_number(entry, "for", &fault_lasts, !kind->moment, &keys, reader, err) && good;
	good = fault_number(entry, "factor", &fault_factor, kind->factor, &keys, reader, err) && good;
	good = fault_number(entry, "rate", &fault_rate, kind->rate, &keys, reader, err) && good;
	if (!good)
		return false;
	fault->at = keys.at;
	fault->lasts = keys.lasts;
	fault->factor = keys.factor;
	fault->rate = keys.rate;
	fault->label = label_of(setup, fault, name);
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
		} else {
			target = target ? arena_format(arena, "%s %s", target, word) : word;
		}
	}
	int number = kind ? fault_kind(of, kind, "") : -1;
	bool moment = number >= 0 && of->faults[number].moment;
	if (!good || !kind || (!tree_get(fault, "for") && !moment)) {
		const struct fault_kind *first = of->faults && of->faults[0].name ? &of->faults[0] : NULL;
		err_add(err, ERR_MODEL, place, "\"%.120s\" is not a fault; write e.g. '120 s%s %s%s%s%s'", text,
			first && first->moment ? "" : " for 30 s",
			first ? first->name : "kill",
			first && first->target ? arena_format(arena, " %s 3", first->target) : "",
			first && first->factor ? " by 10" : "", first && first->rate ? " at 5k/s" : "");
		return NULL;
	}
	tree_append(fault, "kind", at, tree_scalar(arena, kind, at));
	if (target)
		tree_append(fault, "target", at, tree_scalar(arena, target, at));
	return fault;
}
