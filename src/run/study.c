/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study is loaded in two steps. First the tree is made whole: parents below, the command line above, and its sections
 * are checked one by one. Then every variant is resolved to a setup, and so is every ablation, so that a mistake
 * anywhere is found before anything runs. A mistake in what variants share is met once for each of them and told once.
 */
#include "run/study.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"
#include "param/param_walk.h"
#include "run/claims.h"
#include "run/explore.h"
#include "run/figures.h"
#include "run/format.h"
#include "run/names.h"
#include "run/setup_trace.h"
#include "run/sources.h"

#include <string.h>

enum { VARIANT_NAME = 100, FILES_MAX = 16 };

static void load_variants(struct study *study, struct err *err)
{
	const struct tree *section_of = tree_get(study->tree, "variants");
	study->variant = ARENA_ARRAY(study->arena, STUDY_VARIANTS_MAX + 1, const char *);
	if (section_of && reader_must_be(err, section_of, TREE_MAP, "variants"))
		for (const struct tree *entry = section_of->child; entry; entry = entry->next) {
			if (reader_is_note(entry))
				continue;
			if (study->variants == STUDY_VARIANTS_MAX) {
				err_add(err, ERR_MODEL, &entry->key_place, "more than %d variants", STUDY_VARIANTS_MAX);
				break;
			}
			study->variant[study->variants++] = entry->key;
			if (strlen(entry->key) > VARIANT_NAME)
				err_add(err, ERR_MODEL, &entry->key_place,
					"variant \"%.40s...\": a name has at most %d letters", entry->key,
					VARIANT_NAME);
			for (const char *c = entry->key; *c; c++)
				if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", *c)) {
					err_add(err, ERR_MODEL, &entry->key_place,
						"variant \"%.60s\": a name has letters, digits, - _ and . only",
						entry->key);
					break;
				}
			if (entry->kind == TREE_SCALAR && !*entry->text)
				continue;
			if (entry->kind != TREE_MAP) {
				err_add(err, ERR_MODEL, &entry->place, "variant %.60s must be a map, not %s",
					entry->key, tree_kind_name(entry));
				continue;
			}
			reader_keys(entry, "a variant", keys_variant, err);
			reader_text(entry, "about", err);
			reader_text(entry, "label", err);
			const struct tree *shown = tree_get(tree_get(entry, "run"), "variants");
			if (shown)
				err_add(err, ERR_MODEL, &shown->key_place,
					"a variant has no variants of its own");
		}
	if (study->variants == 0)
		study->variant[study->variants++] = study->of->name;
	const struct tree *shown = tree_get(tree_get(study->tree, "run"), "variants");
	names_check_variants(study, shown, err);
	study->shown = shown ? reader_texts(study->arena, shown, "variants", err) : study->variant;
	if (!study->shown[0])
		study->shown = study->variant;
}

static void load_setups(struct study *study, struct err *err)
{
	study->setup = ARENA_ARRAY(study->arena, (size_t)study->variants, struct setup *);
	for (int i = 0; i < study->variants; i++) {
		struct err own;
		err_init(&own);
		study->setup[i] = setup_make(study, study->variant[i], NULL, &own);
		err_absorb(err, &own);
	}
}

static void load_scope(struct study *study, struct err *err)
{
	const struct tree *scope = tree_get(study->tree, "scope");
	if (scope)
		reader_keys(scope, "scope", keys_scope, err);
	study->models = reader_texts(study->arena, tree_get(scope, "models"), "models", err);
	study->leaves_out = reader_texts(study->arena, tree_get(scope, "leaves_out"), "leaves_out", err);
}

/* The times of a case that its table shows where nobody has said what it should show. */
static const char *const *first_times(const struct study *study)
{
	enum { FIRST = 2 };
	const char **name = ARENA_ARRAY(study->arena, FIRST + 1, const char *);
	int count = 0;
	for (const struct metric *metric = study->of->metrics; metric->name && count < FIRST; metric++)
		if (metric->kind == METRIC_TIME)
			name[count++] = metric->name;
	return name;
}

static void load_table(struct study *study, struct err *err)
{
	const struct tree *table = tree_get(study->tree, "table");
	study->table = table ? reader_texts(study->arena, table, "table", err)
		       : study->of->table ? study->of->table
					  : first_times(study);
	for (const char *const *text = study->table; *text; text++) {
		const struct place *place = table ? &table->place : NULL;
		struct naming naming = {study, err, false, true};
		const struct metric *metric = names_metric(study, *text);
		if (strchr(*text, '['))
			err_add(err, ERR_MODEL, place, "table: %.80s: it is shown for each variant, and names none",
				*text);
		else if (strchr(*text, '('))
			expression_terms(expression_parse(study->arena, *text, place, err), names_check_term, &naming);
		else if (!metric)
			names_unknown_metric(study, *text, NULL, place, err);
		else if (!metric_is_distribution(metric))
			err_add(err, ERR_MODEL, place, "table: %.60s is a %s, write e.g. %s(%.60s)", *text,
				metric_kinds[metric->kind], metric->kind == METRIC_LEVEL ? "mean" : "rate", *text);
	}
}

/* Its keys and values are looked at by who sweeps. */
static void load_sweep(struct study *study, struct err *err)
{
	const struct tree *sweep = tree_get(study->tree, "sweep");
	if (sweep && reader_keys(sweep, "sweep", keys_sweep, err))
		reader_text(sweep, "where", err);
}

/* Ranges of parameters that are numbers, for who asks what depends on them, and who reads the values. */
static void load_ranges(struct study *study, struct err *err)
{
	const struct tree *ranges = tree_get(study->tree, "ranges");
	if (!ranges || !reader_must_be(err, ranges, TREE_MAP, "ranges"))
		return;
	for (const struct tree *entry = ranges->child; entry; entry = entry->next) {
		const struct param *row = reader_is_note(entry) ? NULL : names_declared(study, entry, "ranges", err);
		if (row && !param_is_number(row))
			err_add(err, ERR_MODEL, &entry->key_place, "%.200s is not a number, and has no range",
				entry->key);
		else if (row && reader_text(ranges, entry->key, err) && !strstr(entry->text, ".."))
			err_add(err, ERR_MODEL, &entry->place, "\"%.60s\" is not a range: write LOW..HIGH",
				entry->text);
	}
}

/* The tree with the files it extends below it; NULL on mistakes. */
static const struct tree *with_parents(struct arena *arena, const struct tree *tree, const struct study_files *files,
				       struct err *err)
{
	const char *chain[FILES_MAX];
	int count = 0;
	const struct tree *merged = tree, *newest = tree;
	bool good = true;
	for (;;) {
		good = format_check(newest, err) && good;
		const struct tree *extends = tree_get(newest, "extends");
		chain[count++] = newest->place.file ? newest->place.file : "";
		if (!extends)
			return good ? merged : NULL;
		if (!reader_must_be(err, extends, TREE_SCALAR, "extends"))
			return NULL;
		if (!files) {
			err_add(err, ERR_MODEL, &extends->place, "no other files can be read here");
			return NULL;
		}
		const struct tree *parent =
			files->read(files->host, arena, extends->place.file, &extends->place, extends->text, err);
		if (!parent || !reader_must_be(err, parent, TREE_MAP, "a model file"))
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
		merged = setup_trace_lay(arena, parent, merged);
		newest = parent;
	}
}

static const struct case_study *find_case(const struct tree *tree, struct err *err)
{
	const struct tree *entry = tree_get(tree, "case");
	if (!entry) {
		char list[ERR_TEXT / 2];
		err_add(err, ERR_MODEL, &tree->place, "case is missing; one of: %s",
			words_text(WORDS_OF_POINTERS(case_studies), list, sizeof list));
		return NULL;
	}
	if (!reader_must_be(err, entry, TREE_SCALAR, "case"))
		return NULL;
	const struct case_study *of = case_find(entry->text);
	if (!of)
		words_unknown(err, ERR_MODEL, &entry->place, "case", entry->text, "",
			      WORDS_OF_POINTERS(case_studies));
	return of;
}

struct study *study_load(struct arena *arena, const char *path, const struct tree *tree, const struct tree *over,
			 const struct study_files *files, struct err *err)
{
	int before = err->count;
	if (!reader_must_be(err, tree, TREE_MAP, "a model file"))
		return NULL;
	const struct tree *base = with_parents(arena, tree, files, err);
	if (!base)
		return NULL;
	struct study *study = ARENA_NEW(arena, struct study);
	study->arena = arena;
	study->path = arena_text(arena, path);
	study->base = base;
	study->over = over;
	study->files = files;
	study->tree = setup_trace_lay(arena, base, over);
	reader_keys(study->tree, "a model file", keys_study, err);
	study->of = find_case(study->tree, err);
	if (!study->of)
		return NULL;
	const char *about = reader_text(study->tree, "about", err);
	study->about = about ? about : study->of->about;
	load_variants(study, err);
	load_setups(study, err);
	names_check_keep(study, err);
	load_table(study, err);
	sources_load(study, err);
	load_scope(study, err);
	claims_load(study, err);
	figures_load(study, err);
	explore_load(study, err);
	load_sweep(study, err);
	load_ranges(study, err);
	return err->count == before ? study : NULL;
}

/* The text of a section under the key that covers most of a path, with the fewest "*". */
static const char *said_of(const struct study *study, const char *section, const char *path, bool all_of_it)
{
	const struct tree *map = tree_get(study->tree, section);
	const char *said = NULL;
	int best = 0, names = param_walk_names(path);
	for (const struct tree *entry = map ? map->child : NULL; entry; entry = entry->next) {
		int covered = param_walk_covers(entry->key, path), stars = 0;
		for (const char *c = entry->key; *c; c++)
			stars += *c == '*';
		int weight = covered * 2 * PARAM_PATH - stars;
		if (covered > 0 && (covered == names || !all_of_it) && weight > best) {
			best = weight;
			said = entry->text;
		}
	}
	return said;
}

const char *study_evidence(const struct study *study, const char *path)
{
	return said_of(study, "evidence", path, false);
}

const char *study_range(const struct study *study, const char *path)
{
	return said_of(study, "ranges", path, true);
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
		if (!reader_is_note(part))
			text = arena_format(study->arena, "%s%s%s", text, *text ? ", " : "", part->text);
	return text;
}
