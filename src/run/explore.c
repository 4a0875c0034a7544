/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The small setups are made first; names and windows in the section's expressions are looked up in a copy of the study
 * that has them in the place of its own.
 */
#include "run/explore.h"
#include "base/check.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"
#include "engine/dmath.h"
#include "param/param_walk.h"
#include "run/claims.h"
#include "run/figures.h"
#include "run/names.h"

#include <math.h>
#include <string.h>

enum { LIST_MAX = 100 };

const char *const explore_scales[] = {"linear", "log", "choice", NULL};

struct loading {
	const struct study *whole;
	struct study *study; /* the small one */
	struct explore *explore;
	struct err *err;
};

/* ---- what is laid over a variant ---- */

struct tree *explore_lay(struct arena *arena, const char *key, struct tree *value, struct place place)
{
	return tree_path(arena, key, value, place);
}

/* Whether a variant can be made with that laid over it. */
static bool can_be(const struct loading *load, const struct tree *laid, struct setup **setup)
{
	struct err own;
	bool good = true;
	for (int v = 0; v < load->explore->variants; v++) {
		err_init(&own);
		struct setup *made = setup_make(load->study, load->explore->variant[v], laid, &own);
		err_absorb(load->err, &own);
		good = good && made;
		if (setup)
			setup[v] = made;
	}
	return good;
}

/* ---- sliders ---- */

/* The text under a dotted path; through a list when all of it say the same. */
static const char *text_at(const struct tree *at, const char *path, struct arena *arena)
{
	const char *text = NULL;
	if (at && at->kind == TREE_LIST) {
		for (const struct tree *child = at->child; child; child = child->next) {
			const char *one = text_at(child, path, arena);
			if (!one || (text && strcmp(one, text) != 0))
				return NULL;
			text = one;
		}
		return text;
	}
	if (!*path)
		return at && at->kind == TREE_SCALAR ? at->text : NULL;
	size_t length = strcspn(path, ".");
	return text_at(tree_get(at, arena_text_of(arena, path, length)), path + length + (path[length] == '.'), arena);
}

/* What a setup says of a key, as text; NULL when it does not say it in one value. */
static const char *value_in(const struct setup *setup, const char *key, struct arena *arena)
{
	struct param_walk walk;
	if (param_walk_find(&walk, setup->of->params, setup->params, key))
		return param_print(walk.row, walk.in, arena_get(arena, PARAM_TEXT), PARAM_TEXT);
	return strncmp(key, "trace.", 6) == 0 ? text_at(setup->trace.tree, key + 6, arena) : NULL;
}

/* Whether a slider can stand where a setup is; true where that is not known. */
static bool reaches(const struct explore_slider *slider, const struct setup *setup, struct arena *arena)
{
	struct param_walk walk;
	struct quantity quantity;
	char why[QUANTITY_WHY];
	double value = NAN;
	const char *text = value_in(setup, slider->key, arena);
	if (slider->scale == EXPLORE_CHOICE || !text)
		return true;
	if (param_walk_find(&walk, setup->of->params, setup->params, slider->key))
		value = param_number(walk.row, walk.in);
	else if (quantity_parse(slider->kind, text, &quantity, why))
		value = quantity.real;
	return !(value < slider->from || value > slider->to);
}

/* Shares are set, and told, as readers say them. */
static const char *percent(struct arena *arena, double share)
{
	return arena_format(arena, "%.12g %%", 100 * share);
}

static const char *ends_of(const struct explore *explore, int slider, struct arena *arena)
{
	const char *from, *to;
	explore_set(explore, slider, 0, arena, &from);
	explore_set(explore, slider, 1, arena, &to);
	return arena_format(arena, "%s .. %s", from, to);
}

static bool read_end(const struct loading *load, const struct tree *entry, const char *key, enum quantity_kind kind,
		     double *value)
{
	const struct tree *end = tree_get(entry, key);
	struct quantity quantity;
	char why[QUANTITY_WHY];
	if (!reader_must_be(load->err, end, TREE_SCALAR, key))
		return false;
	if (!quantity_parse(kind, end->text, &quantity, why))
		return err_add(load->err, ERR_MODEL, &end->place, "%s: \"%.60s\" %s", key, end->text, why);
	*value = quantity.real;
	return true;
}

/* What kind of number a slider moves: that of the parameter, or of a key of the trace what its ends have. */
static bool find_kind(const struct loading *load, struct explore_slider *slider, const struct tree *entry)
{
	const struct setup *setup = load->explore->setup[0];
	struct param_walk walk;
	if (strncmp(slider->key, "trace.", 6) == 0) {
		const struct tree *from = tree_get(entry, "from");
		return from->kind != TREE_SCALAR || quantity_kind_of(from->text, &slider->kind) ||
		       err_add(load->err, ERR_MODEL, &from->place, "from: \"%.60s\" is not a number", from->text);
	}
	if (!param_walk_find(&walk, setup->of->params, setup->params, slider->key))
		return true; /* said when it is laid over a variant */
	slider->kind = walk.row->unit;
	slider->dist = param_dist(walk.row, walk.in);
	if (!param_is_number(walk.row))
		return err_add(load->err, ERR_MODEL, &slider->place,
			       "%s is not a number; it needs choices: [...] instead of from and to", slider->key);
	if (!slider->dist)
		return true;
	slider->unit = walk.row->unit;
	slider->kind = slider->unit == QUANTITY_COUNT ? QUANTITY_REAL : slider->unit;
	return dist_mean(slider->dist) > 0 ||
	       err_add(load->err, ERR_MODEL, &slider->place, "%s is 0 on average, and has no form to keep",
		       slider->key);
}

static bool load_ends(const struct loading *load, struct explore_slider *slider, const struct tree *entry)
{
	const struct tree *from = tree_get(entry, "from"), *to = tree_get(entry, "to");
	if (!from || !to)
		return err_add(load->err, ERR_MODEL, &entry->place, "a slider needs from and to, or choices");
	if (!find_kind(load, slider, entry) || !read_end(load, entry, "from", slider->kind, &slider->from) ||
	    !read_end(load, entry, "to", slider->kind, &slider->to))
		return false;
	if (!(slider->from < slider->to))
		return err_add(load->err, ERR_MODEL, &to->place, "a slider goes up: to must be more than from");
	if (slider->scale == EXPLORE_LOG && !(slider->from > 0))
		return err_add(load->err, ERR_MODEL, &from->place, "a logarithmic slider begins above 0");
	if (!tree_get(entry, "step"))
		return true;
	if (slider->scale == EXPLORE_LOG)
		return err_add(load->err, ERR_MODEL, &tree_get(entry, "step")->key_place,
			       "a logarithmic slider has no steps");
	if (!read_end(load, entry, "step", slider->kind, &slider->step))
		return false;
	return (slider->step > 0 && slider->step <= slider->to - slider->from) ||
	       err_add(load->err, ERR_MODEL, &tree_get(entry, "step")->place,
		       "a step must be more than 0, and no more than the slider is long");
}

static bool load_choices(const struct loading *load, struct explore_slider *slider, const struct tree *entry)
{
	static const char *const others[] = {"from", "to", "step", NULL};
	const struct tree *choices = tree_get(entry, "choices");
	for (int i = 0; others[i]; i++)
		if (tree_get(entry, others[i]))
			return err_add(load->err, ERR_MODEL, &tree_get(entry, others[i])->key_place,
				       "a slider has either choices or %s", others[i]);
	if (!reader_must_be(load->err, choices, TREE_LIST, "choices"))
		return false;
	slider->scale = EXPLORE_CHOICE;
	slider->choice = reader_texts(load->study->arena, choices, "choices", load->err);
	while (slider->choice[slider->choices])
		slider->choices++;
	return (slider->choices >= 2 && slider->choices <= LIST_MAX) ||
	       err_add(load->err, ERR_MODEL, &choices->place, "choices needs 2 to %d values", LIST_MAX);
}

static void load_slider(const struct loading *load, struct explore_slider *slider, const struct tree *entry)
{
	struct arena *arena = load->study->arena;
	const char *text;
	*slider = (struct explore_slider){.place = entry->place, .kind = QUANTITY_REAL};
	if (!reader_keys(entry, "a slider", keys_slider, load->err))
		return;
	slider->key = reader_text(entry, "key", load->err);
	if (!slider->key) {
		err_add(load->err, ERR_MODEL, &entry->place, "a slider needs a key, e.g. key: %s",
			load->study->of->params[0].name);
		return;
	}
	slider->place = tree_get(entry, "key")->place;
	const char *label = reader_text(entry, "label", load->err), *scale = reader_text(entry, "scale", load->err);
	slider->label = label ? label : slider->key;
	int index = scale ? words_find(WORDS(explore_scales), scale) : EXPLORE_LINEAR;
	if (index < 0) {
		words_unknown(load->err, ERR_MODEL, &tree_get(entry, "scale")->place, "scale", scale, "",
			      WORDS(explore_scales));
		return;
	}
	slider->scale = (enum explore_scale)index;
	if (!(tree_get(entry, "choices") ? load_choices(load, slider, entry) : load_ends(load, slider, entry)))
		return;
	struct explore *explore = load->explore;
	int number = (int)(slider - explore->slider), values = slider->scale == EXPLORE_CHOICE ? slider->choices : 2;
	struct setup **made = ARENA_ARRAY(arena, (size_t)explore->variants, struct setup *);
	bool chosen = slider->scale != EXPLORE_CHOICE;
	slider->fallback = value_in(explore->setup[0], slider->key, arena);
	struct quantity share;
	char why[QUANTITY_WHY];
	if (slider->kind == QUANTITY_RATIO && !slider->dist && slider->fallback &&
	    quantity_parse(QUANTITY_RATIO, slider->fallback, &share, why))
		slider->fallback = percent(arena, share.real);
	for (int i = 0; i < values; i++) {
		const struct tree *laid = explore_set(explore, number, (double)i / (values - 1), arena, &text);
		if (!can_be(load, laid, made))
			return;
		const char *value = value_in(made[0], slider->key, arena);
		chosen = chosen || !value || !slider->fallback || strcmp(value, slider->fallback) == 0;
	}
	if (!chosen)
		err_add(load->err, ERR_MODEL, &slider->place, "%s is %.60s at first, which is not among its choices",
			slider->key, slider->fallback);
	else if (!reaches(slider, explore->setup[0], arena))
		err_add(load->err, ERR_MODEL, &slider->place, "%s is %.60s at first, which is not on its slider: %s",
			slider->key, slider->fallback, ends_of(explore, number, arena));
}

static void load_sliders(struct loading *load, const struct tree *list)
{
	struct explore *explore = load->explore;
	if (!list || !reader_must_be(load->err, list, TREE_LIST, "sliders"))
		return;
	for (const struct tree *entry = list->child; entry; entry = entry->next) {
		if (explore->sliders == EXPLORE_SLIDERS) {
			err_add(load->err, ERR_MODEL, &entry->place, "more than %d sliders", EXPLORE_SLIDERS);
			return;
		}
		load_slider(load, &explore->slider[explore->sliders++], entry);
		const struct explore_slider *last = &explore->slider[explore->sliders - 1];
		for (int i = 0; last->key && i < explore->sliders - 1; i++)
			if (explore->slider[i].key && strcmp(explore->slider[i].key, last->key) == 0)
				err_add(load->err, ERR_MODEL, &last->place, "two sliders move %.60s", last->key);
	}
}

/* Three digits are what a reader can tell apart. */
static double three_digits(double value)
{
	double unit = 1;
	if (!(value > 0))
		return value;
	while (value / unit >= 1000)
		unit *= 10;
	while (value * 1e9 < unit * 1e9 * 100 && unit > 1e-9)
		unit /= 10;
	return unit < 1 ? floor(value * (1 / unit) + 0.5) / floor(1 / unit + 0.5) : floor(value / unit + 0.5) * unit;
}

struct tree *explore_set(const struct explore *explore, int number, double position, struct arena *arena,
			 const char **text)
{
	const struct explore_slider *slider = &explore->slider[number];
	struct place place = slider->place;
	CHECK(position >= 0 && position <= 1);
	if (slider->scale == EXPLORE_CHOICE) {
		*text = slider->choice[(int)floor(position * (slider->choices - 1) + 0.5)];
	} else {
		double value = slider->from + position * (slider->to - slider->from);
		if (slider->scale == EXPLORE_LOG)
			value = slider->from * dm_exp(position * dm_log(slider->to / slider->from));
		if (slider->step > 0)
			value = slider->from + floor((value - slider->from) / slider->step + 0.5) * slider->step;
		else if (position > 0 && position < 1)
			value = three_digits(value);
		value = position == 0 || value < slider->from ? slider->from : value > slider->to ? slider->to : value;
		if (slider->dist) {
			struct dist scaled = *slider->dist;
			dist_scale(&scaled, value / dist_mean(slider->dist), arena);
			*text = dist_print(&scaled, slider->unit, arena_get(arena, PARAM_TEXT), PARAM_TEXT);
		} else if (slider->kind == QUANTITY_RATIO) {
			*text = percent(arena, value);
		} else {
			double whole = floor(value + 0.5);
			bool integral = slider->kind == QUANTITY_COUNT || slider->kind == QUANTITY_TIME ||
					slider->kind == QUANTITY_BYTES;
			struct quantity quantity = {whole < 9e18 ? (int64_t)whole : INT64_MAX,
						    integral ? whole : value};
			*text = quantity_print(slider->kind, quantity, arena_get(arena, QUANTITY_TEXT));
		}
	}
	return explore_lay(arena, slider->key, tree_scalar(arena, *text, place), place);
}

/* ---- presets ---- */

/* Keys of the trace may be dotted, as sliders name them. */
static const struct tree *undotted(struct arena *arena, const struct tree *set)
{
	struct tree *map = tree_map(arena, set->place);
	for (const struct tree *entry = set->child; entry; entry = entry->next)
		map = tree_merge(arena, map,
				 explore_lay(arena, entry->key, tree_merge(arena, entry, NULL), entry->key_place));
	return map;
}

static void load_preset(struct loading *load, const struct tree *entry)
{
	struct explore *explore = load->explore;
	struct explore_preset *preset = &explore->preset[explore->presets++];
	const struct tree *set = tree_get(entry, "set");
	*preset = (struct explore_preset){.place = entry->place};
	if (!reader_keys(entry, "a preset", keys_preset, load->err))
		return;
	preset->name = reader_text(entry, "name", load->err);
	preset->says = reader_text(entry, "says", load->err);
	if (!preset->name || !set) {
		if (!tree_get(entry, "name") || !set)
			err_add(load->err, ERR_MODEL, &entry->place, "a preset needs %s",
				preset->name ? "set" : "a name");
		return;
	}
	for (int i = 0; i < explore->presets - 1; i++)
		if (explore->preset[i].name && strcmp(explore->preset[i].name, preset->name) == 0)
			err_add(load->err, ERR_MODEL, &entry->place, "preset \"%.60s\" is defined twice", preset->name);
	if (!reader_must_be(load->err, set, TREE_MAP, "set"))
		return;
	struct arena *arena = load->study->arena;
	struct setup **made = ARENA_ARRAY(arena, (size_t)explore->variants, struct setup *);
	preset->set = undotted(arena, set);
	if (!can_be(load, preset->set, made))
		return;
	for (int i = 0; i < explore->sliders; i++) {
		const struct explore_slider *slider = &explore->slider[i];
		if (slider->key && reaches(slider, explore->setup[0], arena) && !reaches(slider, made[0], arena))
			err_add(load->err, ERR_MODEL, &set->place, "%s is %.60s here, which is not on its slider: %s",
				slider->key, value_in(made[0], slider->key, arena), ends_of(explore, i, arena));
	}
}

static void load_presets(struct loading *load, const struct tree *list)
{
	if (!list || !reader_must_be(load->err, list, TREE_LIST, "presets"))
		return;
	int count = tree_count(list);
	if (count > LIST_MAX) {
		err_add(load->err, ERR_MODEL, &list->place, "more than %d presets", LIST_MAX);
		return;
	}
	load->explore->preset = ARENA_ARRAY(load->study->arena, (size_t)count + 1, struct explore_preset);
	for (const struct tree *entry = list->child; entry; entry = entry->next)
		load_preset(load, entry);
}

/* ---- claims, figures, the rest ---- */

static void check_explored(void *context, struct term *term)
{
	const struct loading *load = context;
	const char *variant = term->variant ? term->variant : load->study->variant[0];
	int index = names_variant(load->study, variant);
	if (index >= 0 && !load->study->setup[index])
		err_add(load->err, ERR_MODEL, &term->place, "variant \"%.60s\" is not among those that are explored",
			variant);
}

static const struct tree *claim_of_file(const struct loading *load, const char *id, const struct place *place)
{
	const struct tree *claims = tree_get(load->study->tree, "claims");
	for (const struct tree *entry = claims ? claims->child : NULL; entry; entry = entry->next) {
		const struct tree *name = tree_get(entry, "id");
		if (name && name->kind == TREE_SCALAR && strcmp(name->text, id) == 0)
			return entry;
	}
	const char **ids = ARENA_ARRAY(load->study->arena, (size_t)load->whole->claims + 1, const char *);
	int count = 0;
	for (int c = 0; c < load->whole->claims; c++)
		if (load->whole->claim[c].id)
			ids[count++] = load->whole->claim[c].id;
	words_unknown(load->err, ERR_MODEL, place, "claim", id, "", WORDS(ids));
	return NULL;
}

/* A claim in full: the file's, with what the section says of it laid over. */
static const struct tree *full_claim(const struct loading *load, const struct tree *entry)
{
	struct arena *arena = load->study->arena;
	if (entry->kind == TREE_SCALAR)
		return claim_of_file(load, entry->text, &entry->place);
	const struct tree *of = tree_get(entry, "claim");
	if (!of || !reader_must_be(load->err, of, TREE_SCALAR, "claim"))
		return of ? NULL : entry;
	const struct tree *known = claim_of_file(load, of->text, &of->place);
	return known ? tree_merge(arena, known, tree_without(arena, entry, "claim")) : NULL;
}

static void add_claim(struct loading *load, const struct tree *entry)
{
	struct claim *claim = &load->study->claim[load->study->claims];
	int before = load->err->count;
	if (!entry)
		return;
	claims_load_one(load->study, claim, entry, load->err);
	load->study->claims++;
	for (int i = 0; load->err->count == before && i < claim->expects; i++) {
		expression_terms(claim->expect[i].left, check_explored, load);
		expression_terms(claim->expect[i].low, check_explored, load);
		expression_terms(claim->expect[i].high, check_explored, load);
	}
}

/* The section's own expectations, as a claim that nothing is said to cause. */
static void add_own(struct loading *load, const struct tree *expect)
{
	static const char *const words[][2] = {{"id", "explore"},
					       {"says", "what the page shows at first"},
					       {"kind", "derived"},
					       {"no_ablation", "it tells that the small setup is like the large one"},
					       {"evidence", "derived"}};
	struct arena *arena = load->study->arena;
	struct tree *claim = tree_map(arena, expect->place);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		tree_append(claim, words[i][0], expect->key_place, tree_scalar(arena, words[i][1], expect->place));
	tree_append(claim, "expect", expect->key_place, tree_merge(arena, expect, NULL));
	add_claim(load, claim);
}

/* Two claims that expect the same would be told one below the other. */
static void refuse_repeated(struct loading *load)
{
	const struct claim *claim = load->study->claim, *own = claim + load->study->claims - 1;
	for (; claim < own; claim++)
		for (int i = 0; i < claim->expects * own->expects; i++) {
			const struct expectation *mine = &own->expect[i % own->expects];
			if (strcmp(mine->text, claim->expect[i / own->expects].text) == 0)
				err_add(load->err, ERR_MODEL, &mine->place, "claim \"%s\" expects that already",
					claim->id);
		}
}

static void load_claims(struct loading *load, const struct tree *list, const struct tree *expect)
{
	if (list && !reader_must_be(load->err, list, TREE_LIST, "claims"))
		return;
	int count = list ? tree_count(list) : 0;
	if (count > LIST_MAX) {
		err_add(load->err, ERR_MODEL, &list->place, "more than %d claims", LIST_MAX);
		return;
	}
	load->study->claim = ARENA_ARRAY(load->study->arena, (size_t)count + 2, struct claim);
	for (const struct tree *entry = list ? list->child : NULL; entry; entry = entry->next)
		add_claim(load, full_claim(load, entry));
	if (expect)
		add_own(load, expect);
	if (expect && !err_any(load->err))
		refuse_repeated(load);
}

/* A figure of more variants than are explored is one of those that are. */
static struct study_figure of_explored(const struct loading *load, const struct study_figure *figure)
{
	struct arena *arena = load->study->arena;
	struct study_figure own = *figure;
	const struct tree *variants = tree_get(figure->tree, "variants");
	const struct tree *each = variants && variants->kind == TREE_LIST ? variants->child : variants;
	for (; each; each = variants->kind == TREE_LIST ? each->next : NULL)
		if (words_find(WORDS(load->explore->variant), each->text) < 0) {
			own.tree = tree_without(arena, figure->tree, "variants");
			break;
		}
	return own;
}

static void load_figures(struct loading *load, const struct tree *list)
{
	const struct study *whole = load->whole;
	struct study *study = load->study;
	const char **names = reader_texts(study->arena, list, "figures", load->err);
	const char **known = ARENA_ARRAY(study->arena, (size_t)whole->figures + 1, const char *);
	int count = 0;
	for (int f = 0; f < whole->figures; f++)
		known[f] = whole->figure[f].name;
	while (names[count])
		count++;
	study->figure = ARENA_ARRAY(study->arena, (size_t)count + 1, struct study_figure);
	for (int i = 0; i < count; i++) {
		int f = words_find(WORDS(known), names[i]);
		if (f < 0)
			words_unknown(load->err, ERR_MODEL, &list->place, "figure", names[i], "", WORDS(known));
		else if (strcmp(whole->figure[f].kind->name, "diagram") == 0)
			err_add(load->err, ERR_MODEL, &list->place,
				"figure \"%.60s\" is a diagram: a page steps through the slowest request by itself",
				names[i]);
		else
			study->figure[study->figures++] = of_explored(load, &whole->figure[f]);
	}
}

struct budget {
	int64_t drag, settle;
};

const struct param explore_budget_table[] = {
	PARAM_COUNT(struct budget, drag, "20 k", "1", "1 G", "requests while a slider moves"),
	PARAM_COUNT(struct budget, settle, "500 k", "1", "1 G", "requests once it stands still"), PARAM_END};

static void load_budget(struct loading *load, const struct tree *tree)
{
	struct param_reader reader = {load->study->arena, NULL, NULL};
	struct budget budget;
	param_defaults(explore_budget_table, &budget, &reader);
	if (tree && param_load(explore_budget_table, &budget, tree, "budget", &reader, load->err) &&
	    budget.drag > budget.settle)
		err_add(load->err, ERR_MODEL, &tree->place, "drag must not be more than settle");
	load->explore->drag = budget.drag;
	load->explore->settle = budget.settle;
}

static bool load_variants(struct loading *load, const struct tree *list)
{
	struct study *study = load->study;
	struct explore *explore = load->explore;
	int before = load->err->count;
	names_check_variants(study, list, load->err);
	explore->variant = list ? reader_texts(study->arena, list, "variants", load->err) : study->shown;
	while (explore->variant[explore->variants])
		explore->variants++;
	if (explore->variants == 0)
		err_add(load->err, ERR_MODEL, &list->place, "variants is empty");
	explore->setup = ARENA_ARRAY(study->arena, (size_t)explore->variants + 1, struct setup *);
	if (load->err->count > before || !can_be(load, NULL, explore->setup))
		return false;
	for (int v = 0; v < explore->variants; v++) {
		if (explore->setup[v]->trace.file)
			err_add(load->err, ERR_MODEL, &explore->setup[v]->trace.file_place,
				"what is explored needs a recipe: a page has no files");
		if (explore->setup[v]->run.warmup == SETUP_WARMUP_AUTO)
			err_add(load->err, ERR_MODEL, list ? &list->place : &load->explore->study->base->place,
				"what is explored needs a warm-up that is said: setup: {run: {warmup: 1 s}}");
	}
	study->shown = explore->variant;
	study->setup = ARENA_ARRAY(study->arena, (size_t)study->variants + 1, struct setup *);
	for (int v = 0; v < explore->variants; v++)
		study->setup[names_variant(study, explore->variant[v])] = explore->setup[v];
	return true;
}

void explore_load(struct study *study, struct err *err)
{
	const struct tree *section = tree_get(study->tree, "explore"), *sentence, *setup;
	if (section && section->kind == TREE_SCALAR && strcmp(section->text, "off") == 0)
		return;
	if (!section || !reader_keys(section, "explore", keys_explore, err))
		return;
	if (tree_get(tree_get(study->over, "trace"), "file"))
		return; /* a page has the trace of its model, and no files */
	struct explore *explore = study->explore = ARENA_NEW(study->arena, struct explore);
	setup = tree_get(section, "setup");
	if (setup && !reader_must_be(err, setup, TREE_MAP, "setup"))
		return;
	struct study *small = ARENA_NEW(study->arena, struct study);
	*small = *study;
	small->over = NULL;
	small->laid = setup ? undotted(study->arena, setup) : NULL;
	small->claims = small->figures = 0;
	explore->study = small;
	struct loading load = {.whole = study, .study = small, .explore = explore, .err = err};
	if (!load_variants(&load, tree_get(section, "variants")))
		return;
	explore->sentence = reader_text(section, "sentence", err);
	explore->words = sentence = tree_get(section, "sentence");
	if (explore->sentence)
		names_check_text(load.study, sentence, false, err);
	else if (!sentence)
		err_add(err, ERR_MODEL, &section->place, "explore needs a sentence");
	load_sliders(&load, tree_get(section, "sliders"));
	load_presets(&load, tree_get(section, "presets"));
	load_figures(&load, tree_get(section, "figures"));
	load_claims(&load, tree_get(section, "claims"), tree_get(section, "expect"));
	load_budget(&load, tree_get(section, "budget"));
}

struct study *explore_study(const struct explore *explore, const struct tree *over, struct err *err)
{
	static const char *const keys[] = {"model", "trace", "slice", "faults", "run", NULL};
	const struct study *small = explore->study;
	struct study *study = ARENA_NEW(small->arena, struct study);
	int before = err->count;
	*study = *small;
	study->over = over;
	for (const struct tree *entry = over ? over->child : NULL; entry; entry = entry->next)
		if (words_find(WORDS(keys), entry->key) < 0)
			words_unknown(err, ERR_MODEL, &entry->key_place, "key", entry->key, " over what is explored",
				      WORDS(keys));
	const struct tree *chosen = tree_get(tree_get(over, "run"), "variants");
	names_check_variants(study, chosen, err);
	if (chosen)
		study->shown = reader_texts(small->arena, chosen, "variants", err);
	study->setup = ARENA_ARRAY(small->arena, (size_t)small->variants + 1, struct setup *);
	for (int v = 0; v < small->variants; v++) {
		struct err own;
		err_init(&own);
		if (small->setup[v])
			study->setup[v] = setup_make(study, small->variant[v], NULL, &own);
		err_absorb(err, &own);
	}
	for (const char **name = study->shown; err->count == before && *name; name++)
		if (!small->setup[names_variant(study, *name)])
			err_add(err, ERR_MODEL, &chosen->place,
				"variant \"%.60s\" is not among those that are explored", *name);
	return err->count == before ? study : NULL;
}
