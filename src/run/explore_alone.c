/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/explore_alone.h"
#include "base/reader.h"
#include "base/words.h"
#include "param/param_walk.h"
#include "run/explore.h"

#include <string.h>

typedef bool keep_entry(const struct study *study, const struct tree *entry);

/* A map or list with those of its entries that are kept. */
static struct tree *sifted(const struct study *study, const struct tree *of, keep_entry *keep)
{
	struct arena *arena = study->arena;
	struct tree *sifted = of->kind == TREE_MAP ? tree_map(arena, of->place) : tree_list(arena, of->place);
	for (const struct tree *entry = of->child; entry; entry = entry->next)
		if (keep(study, entry))
			tree_append(sifted, entry->key, entry->key_place, tree_merge(arena, entry, NULL));
	return sifted;
}

static bool keep_claim(const struct study *study, const struct tree *entry)
{
	const struct tree *id = tree_get(entry, "id");
	for (int c = 0; id && c < study->explore->study->claims; c++)
		if (strcmp(study->explore->study->claim[c].id, id->text) == 0)
			return true;
	return false;
}

static bool keep_figure(const struct study *study, const struct tree *entry)
{
	for (int f = 0; f < study->figures; f++)
		for (int e = 0; study->figure[f].tree == entry && e < study->explore->study->figures; e++)
			if (strcmp(study->explore->study->figure[e].name, study->figure[f].name) == 0)
				return true;
	return false;
}

static bool mentions(const struct tree *tree, const char *name)
{
	if (tree->kind == TREE_SCALAR)
		return strstr(tree->text, name) != NULL;
	for (const struct tree *child = tree->child; child; child = child->next)
		if (mentions(child, name))
			return true;
	return false;
}

/* Whether a variant is explored, or named in a claim or a figure that is kept: they are understood whole. */
static bool is_named(const struct study *study, const char *variant)
{
	const struct tree *claims = tree_get(study->base, "claims"), *figures = tree_get(study->base, "figures");
	if (words_find(WORDS(study->explore->variant), variant) >= 0)
		return true;
	for (const struct tree *claim = claims ? claims->child : NULL; claim; claim = claim->next)
		if (keep_claim(study, claim) && mentions(claim, variant))
			return true;
	for (const struct tree *figure = figures ? figures->child : NULL; figure; figure = figure->next)
		if (keep_figure(study, figure) && mentions(figure, variant))
			return true;
	return false;
}

/* Whether a variant is named, or one that is named extends it, by way of others or not. */
static bool is_needed(const struct study *study, const char *variant)
{
	const struct tree *variants = tree_get(study->base, "variants");
	for (int v = 0; v < study->variants; v++) {
		const char *name = is_named(study, study->variant[v]) ? study->variant[v] : NULL;
		for (int i = 0; name && i <= study->variants; i++) {
			if (strcmp(name, variant) == 0)
				return true;
			const struct tree *extends = tree_get(tree_get(variants, name), "extends");
			name = extends ? extends->text : NULL;
		}
	}
	return false;
}

static bool keep_variant(const struct study *study, const struct tree *entry)
{
	return is_needed(study, entry->key);
}

static bool keep_name(const struct study *study, const struct tree *entry)
{
	return is_needed(study, entry->text);
}

static bool keep_run(const struct study *study, const struct tree *entry)
{
	(void)study;
	return strcmp(entry->key, "variants") != 0;
}

static bool keep_evidence(const struct study *study, const struct tree *entry)
{
	for (int v = 0; v < study->variants; v++)
		if (is_needed(study, study->variant[v]) &&
		    param_walk_declared(study->of->params, study->setup[v]->params, entry->key))
			return true;
	return false;
}

static bool keep_section(const struct tree *entry)
{
	static const char *const others[] = {"extends", "sweep", "ranges", NULL};
	return !reader_is_note(entry) && words_find(WORDS(others), entry->key) < 0;
}

static const struct tree *run_section(const struct study *study, const struct tree *run)
{
	const struct tree *variants = tree_get(run, "variants");
	if (!variants)
		return run;
	struct tree *alone = sifted(study, run, keep_run);
	tree_append(alone, "variants", variants->key_place, sifted(study, variants, keep_name));
	return alone;
}

const struct tree *explore_alone(const struct study *study)
{
	static const struct section {
		const char *name;
		keep_entry *keep;
	} sections[] = {{"variants", keep_variant},
			{"claims", keep_claim},
			{"figures", keep_figure},
			{"evidence", keep_evidence},
			{NULL, NULL}};
	struct arena *arena = study->arena;
	struct tree *alone = tree_map(arena, study->base->place);
	for (const struct tree *entry = study->base->child; entry; entry = entry->next) {
		const struct section *section = sections;
		while (section->name && strcmp(section->name, entry->key) != 0)
			section++;
		const struct tree *part = section->name		     ? sifted(study, entry, section->keep)
				       : strcmp(entry->key, "run") == 0 ? run_section(study, entry)
									: entry;
		if (keep_section(entry))
			tree_append(alone, entry->key, entry->key_place, tree_merge(arena, part, NULL));
	}
	return alone;
}
