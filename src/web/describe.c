/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/describe.h"
#include "base/reader.h"
#include "param/param_walk.h"
#include "run/figures.h"
#include "web/state.h"

#include <math.h>
#include <string.h>

/* What a tree lays over a setup, as pairs of a path and a text; maps are gone through. */
static void put_laid(struct jsontext *json, const char *path, const struct tree *tree)
{
	struct arena *arena = json->into->arena;
	if (tree->kind != TREE_MAP) {
		jsontext_open(json, '[');
		jsontext_string(json, path);
		jsontext_string(json, tree_text(arena, tree));
		jsontext_close(json, ']');
		return;
	}
	for (const struct tree *child = tree->child; child; child = child->next)
		if (!reader_is_note(child))
			put_laid(json, *path ? arena_format(arena, "%s.%s", path, child->key) : child->key, child);
}

static void put_tree(struct jsontext *json, const char *key, const struct tree *tree)
{
	if (!tree) {
		jsontext_put_string(json, key, NULL);
		return;
	}
	jsontext_put_open(json, key, '[');
	put_laid(json, "", tree);
	jsontext_close(json, ']');
}

static void put_variants(struct jsontext *json, const struct study *study)
{
	jsontext_put_open(json, "variants", '[');
	for (int v = 0; v < study->variants; v++) {
		jsontext_open(json, '{');
		jsontext_put_string(json, "name", study->variant[v]);
		jsontext_put_string(json, "label", study->setup[v]->label);
		jsontext_put_string(json, "about", study->setup[v]->about);
		jsontext_put_bool(json, "explored", study->explore->study->setup[v] != NULL);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

static void put_slider(struct jsontext *json, const struct explore *explore, int number)
{
	struct arena *arena = json->into->arena;
	const struct explore_slider *slider = &explore->slider[number];
	const struct setup *setup = explore->setup[0];
	const char *from, *to, *fallback = slider->fallback;
	struct param_walk walk;
	bool found = param_walk_find(&walk, setup->of->params, setup->params, slider->key);
	explore_set(explore, number, 0, arena, &from);
	explore_set(explore, number, 1, arena, &to);
	jsontext_open(json, '{');
	jsontext_put_string(json, "key", slider->key);
	jsontext_put_string(json, "label", slider->label);
	jsontext_put_string(json, "scale", explore_scales[slider->scale]);
	jsontext_put_string(json, "kind", quantity_name(slider->kind));
	jsontext_put_string(json, "help", found ? walk.row->help : NULL);
	jsontext_put_string(json, "of", slider->dist ? "mean" : NULL);
	jsontext_put_string(json, "from", from);
	jsontext_put_string(json, "to", to);
	jsontext_put_string(json, "fallback", fallback);
	jsontext_put_number(json, "position", fallback ? state_position(explore, number, fallback, arena) : NAN);
	double steps = slider->step > 0 ? floor((slider->to - slider->from) / slider->step + 0.5) : 0;
	jsontext_put_number(json, "steps", slider->choices ? slider->choices - 1 : steps);
	jsontext_put_texts(json, "choices", slider->choice);
	jsontext_close(json, '}');
}

static void put_presets(struct jsontext *json, const struct explore *explore)
{
	jsontext_put_open(json, "presets", '[');
	for (int i = 0; i < explore->presets; i++) {
		const struct explore_preset *preset = &explore->preset[i];
		jsontext_open(json, '{');
		jsontext_put_string(json, "name", preset->name);
		jsontext_put_string(json, "says", preset->says);
		jsontext_put_string(json, "state", state_lines(preset, json->into->arena));
		put_tree(json, "set", preset->set);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

static void put_claims(struct jsontext *json, const struct study *small)
{
	jsontext_put_open(json, "claims", '[');
	for (int c = 0; c < small->claims; c++) {
		const struct claim *claim = &small->claim[c];
		jsontext_open(json, '{');
		jsontext_put_string(json, "id", claim->id);
		jsontext_put_string(json, "says", claim->says);
		jsontext_put_string(json, "kind", claim_kinds[claim->kind]);
		jsontext_put_string(json, "mechanism", claim->mechanism);
		jsontext_put_string(json, "evidence", claim->evidence);
		jsontext_put_string(json, "source", claim->source);
		jsontext_put_open(json, "expect", '[');
		for (int i = 0; i < claim->expects; i++)
			jsontext_string(json, claim->expect[i].text);
		jsontext_close(json, ']');
		put_tree(json, "without", claim->without);
		jsontext_put_string(json, "no_ablation", claim->no_ablation);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

/* Its kind is the first word, its sources stand in brackets: "published [DT23]: ..." */
static void put_evidence(struct jsontext *json, const char *evidence)
{
	struct arena *arena = json->into->arena;
	jsontext_put_string(json, "evidence", evidence);
	jsontext_put_string(json, "kind",
			    evidence ? arena_text_of(arena, evidence, strcspn(evidence, " [:,;(")) : NULL);
	jsontext_put_open(json, "sources", '[');
	for (const char *open = evidence ? strchr(evidence, '[') : NULL; open; open = strchr(open + 1, '[')) {
		const char *close = strchr(open, ']');
		if (close)
			jsontext_string(json, arena_text_of(arena, open + 1, (size_t)(close - open - 1)));
	}
	jsontext_close(json, ']');
}

static void put_parameters(struct jsontext *json, const struct study *study)
{
	struct arena *arena = json->into->arena;
	const struct setup *setup = study->explore->setup[0];
	struct param_walk walk;
	char *buffer = arena_get(arena, PARAM_TEXT);
	jsontext_put_open(json, "parameters", '[');
	for (param_walk_begin(&walk, setup->of->params, setup->params); param_walk_next(&walk);) {
		if (param_is_table(walk.row))
			continue;
		jsontext_open(json, '{');
		jsontext_put_string(json, "key", walk.path);
		jsontext_put_string(json, "value", param_print(walk.row, walk.in, buffer, PARAM_TEXT));
		jsontext_put_string(json, "unit", quantity_name(walk.row->unit));
		jsontext_put_string(json, "help", walk.row->help);
		const char *range = param_range_text(walk.row, buffer, PARAM_TEXT);
		jsontext_put_string(json, "range", *range ? range : NULL);
		put_evidence(json, study_evidence(study, walk.path));
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
}

static void put_sources(struct jsontext *json, const struct study *study)
{
	const struct tree *sources = tree_get(study->tree, "sources");
	jsontext_put_open(json, "sources", '{');
	for (const struct tree *entry = sources ? sources->child : NULL; entry; entry = entry->next)
		jsontext_put_string(json, entry->key, study_source(study, entry->key));
	jsontext_close(json, '}');
}

void describe_put(struct jsontext *json, const struct study *study)
{
	const struct explore *explore = study->explore;
	const struct study *small = explore->study;
	const struct setup *setup = explore->setup[0];
	jsontext_open(json, '{');
	jsontext_put_string(json, "case", study->of->name);
	jsontext_put_string(json, "about", study->about);
	jsontext_put_string(json, "model", study->path);
	jsontext_put_string(json, "sentence", explore->sentence);
	put_variants(json, study);
	jsontext_put_integer(json, "seed", setup->run.seed);
	jsontext_put_integer(json, "reps", setup->run.reps);
	jsontext_put_integer(json, "slice", setup->slice);
	jsontext_put_open(json, "setup", '[');
	if (small->laid)
		put_laid(json, "", small->laid);
	jsontext_close(json, ']');
	jsontext_put_open(json, "budget", '{');
	jsontext_put_integer(json, "drag", explore->drag);
	jsontext_put_integer(json, "settle", explore->settle);
	jsontext_close(json, '}');
	jsontext_put_open(json, "sliders", '[');
	for (int i = 0; i < explore->sliders; i++)
		put_slider(json, explore, i);
	jsontext_close(json, ']');
	put_presets(json, explore);
	jsontext_put_open(json, "figures", '[');
	for (int f = 0; f < small->figures; f++) {
		jsontext_open(json, '{');
		jsontext_put_string(json, "name", small->figure[f].name);
		jsontext_put_string(json, "kind", small->figure[f].kind->name);
		jsontext_close(json, '}');
	}
	jsontext_close(json, ']');
	put_claims(json, small);
	put_parameters(json, study);
	put_sources(json, study);
	jsontext_put_texts(json, "models", study->models);
	jsontext_put_texts(json, "leaves_out", study->leaves_out);
	jsontext_close(json, '}');
}
