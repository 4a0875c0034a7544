/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The shortest form is found by trying: a line whose absence changes no digest of any setup says nothing.
 */
#include "web/state.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/words.h"
#include "engine/dmath.h"
#include "param/param_walk.h"
#include "run/names.h"
#include "run/setup_trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 100 };

/* Keys with a meaning of their own; they come first, in this order. */
static const char *const own_keys[] = {"preset", "variant", "without", NULL};
enum { OWN_PRESET, OWN_VARIANT, OWN_WITHOUT };

static int own_key(const char *key)
{
	return words_find(WORDS(own_keys), key);
}

static struct place place_of(struct arena *arena, const struct state_line *line)
{
	return (struct place){arena_format(arena, "%s=%s", line->key, line->value), 0, 0};
}

/* ---- lines ---- */

static bool read_line(struct state *state, char *text, struct err *err)
{
	struct place place = {text, 0, 0};
	char *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : 0;
	const char *key = arena_text_of(&state->arena, text, length);
	bool wrong = length == 0 || key[0] == '.' || key[length - 1] == '.' || strstr(key, "..");
	if (wrong || equals[1] == '[' || equals[1] == '{')
		return err_add(err, ERR_USAGE, &place, "write KEY=VALUE, one value in each line");
	for (int i = 0; i < state->lines && strcmp(key, own_keys[OWN_VARIANT]) != 0; i++)
		if (strcmp(state->line[i].key, key) == 0) {
			state->line[i].value = equals + 1;
			return true;
		}
	if (state->lines == LINES_MAX)
		return err_add(err, ERR_USAGE, &place, "more than %d lines", LINES_MAX);
	state->line[state->lines++] = (struct state_line){key, equals + 1};
	return true;
}

static bool read_lines(struct state *state, const char *text, size_t length, struct err *err)
{
	char *all = arena_text_of(&state->arena, text, length);
	int before = err->count;
	for (char *at = all, *next; *at; at = next) {
		size_t end = strcspn(at, "\n");
		next = at + end + (at[end] == '\n');
		at[end] = '\0';
		if (end > 0)
			read_line(state, at, err);
	}
	return err->count == before;
}

/* Sliders in their order, then other keys by name. */
static int rank_of(const struct explore *explore, const char *key)
{
	int own = own_key(key);
	if (own >= 0)
		return own - 1000;
	for (int i = 0; i < explore->sliders; i++)
		if (strcmp(explore->slider[i].key, key) == 0)
			return i - 100;
	return 0;
}

static bool before(const struct explore *explore, const struct state_line *a, const struct state_line *b)
{
	int first = rank_of(explore, a->key), second = rank_of(explore, b->key);
	return first != second ? first < second : strcmp(a->key, b->key) < 0;
}

/* In place, equal keys as they were. */
static void sort_lines(struct state *state)
{
	for (int i = 1; i < state->lines; i++) {
		struct state_line line = state->line[i];
		int at = i;
		for (; at > 0 && before(state->explore, &line, &state->line[at - 1]); at--)
			state->line[at] = state->line[at - 1];
		state->line[at] = line;
	}
}

/* ---- what they lay over the setup ---- */

static const struct tree *preset_of(struct state *state, const struct state_line *line, struct err *err)
{
	const struct explore *explore = state->explore;
	struct arena *arena = &state->arena;
	struct place place = place_of(arena, line);
	for (int i = 0; i < explore->presets; i++)
		if (strcmp(explore->preset[i].name, line->value) == 0)
			return explore->preset[i].set;
	const char **names = ARENA_ARRAY(arena, (size_t)explore->presets + 1, const char *);
	for (int i = 0; i < explore->presets; i++)
		names[i] = explore->preset[i].name;
	words_unknown(err, ERR_USAGE, &place, "preset", line->value, "", WORDS(names));
	return NULL;
}

static const struct tree *without_of(struct state *state, const struct state_line *line, struct err *err)
{
	const struct study *study = state->explore->study;
	struct arena *arena = &state->arena;
	struct place place = place_of(arena, line);
	const char **ids = ARENA_ARRAY(arena, (size_t)study->claims + 1, const char *);
	int count = 0;
	for (int c = 0; c < study->claims; c++) {
		if (!study->claim[c].without)
			continue;
		if (strcmp(study->claim[c].id, line->value) == 0)
			return study->claim[c].without;
		ids[count++] = study->claim[c].id;
	}
	words_unknown(err, ERR_USAGE, &place, "claim with an ablation", line->value, "", WORDS(ids));
	return NULL;
}

static const struct tree *over(struct state *state, const struct tree *base, const struct tree *laid)
{
	return laid ? setup_trace_lay(&state->arena, base, laid) : base;
}

/* All lines but number `left_out`; a preset lies below all keys, what takes a mechanism away above them. */
static const struct tree *lay(struct state *state, int left_out, struct err *err)
{
	struct arena *arena = &state->arena;
	const struct tree *laid = NULL, *above = NULL;
	for (int i = 0; i < state->lines; i++) {
		const struct state_line *line = &state->line[i];
		int own = own_key(line->key);
		if (i == left_out || own == OWN_VARIANT)
			continue;
		if (own == OWN_PRESET) {
			laid = over(state, laid, preset_of(state, line, err));
		} else if (own == OWN_WITHOUT) {
			above = without_of(state, line, err);
		} else {
			struct place place = place_of(arena, line);
			laid = over(state, laid,
				    explore_lay(arena, line->key, tree_scalar(arena, line->value, place), place));
		}
	}
	return over(state, laid, above);
}

struct study *state_study(const struct explore *explore, const struct tree *laid, const char *const *variants,
			  struct arena *arena, struct err *err)
{
	const struct study *small = explore->study;
	struct study *study = ARENA_NEW(arena, struct study);
	int mistakes = err->count;
	*study = *small;
	study->arena = arena;
	study->laid = laid ? setup_trace_lay(arena, small->laid, laid) : small->laid;
	struct setup **setup = ARENA_ARRAY(arena, (size_t)small->variants + 1, struct setup *);
	for (int v = 0; v < small->variants; v++) {
		struct err own;
		err_init(&own);
		bool chosen = !variants;
		for (const char *const *name = variants; name && *name; name++)
			chosen = chosen || strcmp(*name, small->variant[v]) == 0;
		if (small->setup[v] && chosen)
			setup[v] = setup_make(study, small->variant[v], NULL, &own);
		err_absorb(err, &own);
	}
	study->setup = setup;
	return err->count == mistakes ? study : NULL;
}

static bool same_setups(const struct study *a, const struct study *b)
{
	for (int v = 0; v < a->variants; v++)
		if (a->setup[v] && a->setup[v]->digest != b->setup[v]->digest)
			return false;
	return true;
}

/* Whether all is the same without line number `number`. */
static bool says_nothing(struct state *state, int number, const struct study *with)
{
	struct arena scratch;
	struct err ignored;
	err_init(&ignored);
	arena_init(&scratch);
	const struct study *study = state_study(state->explore, lay(state, number, &ignored), NULL, &scratch, &ignored);
	bool same = study && same_setups(study, with);
	arena_free(&scratch);
	return same;
}

static void shorten(struct state *state, const struct study *study)
{
	for (int i = state->lines - 1; i >= 0; i--) {
		if (own_key(state->line[i].key) == OWN_VARIANT || !says_nothing(state, i, study))
			continue;
		for (int k = i; k < state->lines - 1; k++)
			state->line[k] = state->line[k + 1];
		state->lines--;
	}
}

static bool choose_variants(struct state *state, struct err *err)
{
	const struct explore *explore = state->explore;
	int mistakes = err->count, kept = 0;
	bool any = false, *chosen = ARENA_ARRAY(&state->arena, (size_t)explore->variants, bool);
	for (int i = 0; i < state->lines; i++) {
		struct place place = place_of(&state->arena, &state->line[i]);
		if (own_key(state->line[i].key) != OWN_VARIANT)
			continue;
		int v = words_find(WORDS(explore->variant), state->line[i].value);
		if (v < 0)
			words_unknown(err, ERR_USAGE, &place, "variant", state->line[i].value, "",
				      WORDS(explore->variant));
		else
			chosen[v] = any = true;
	}
	state->variant = ARENA_ARRAY(&state->arena, (size_t)explore->variants + 1, const char *);
	for (int v = 0; v < explore->variants; v++)
		if (chosen[v] || !any)
			state->variant[state->variants++] = explore->variant[v];
	/* One line each, in the order of the study; none when all are chosen. */
	for (int i = 0; i < state->lines; i++)
		if (own_key(state->line[i].key) != OWN_VARIANT)
			state->line[kept++] = state->line[i];
	state->lines = kept;
	for (int v = 0; any && state->variants < explore->variants && v < state->variants; v++)
		state->line[state->lines++] = (struct state_line){own_keys[OWN_VARIANT], state->variant[v]};
	return err->count == mistakes;
}

struct state *state_new(const struct explore *explore, const char *text, size_t length, struct err *err)
{
	struct arena arena;
	arena_init(&arena);
	struct state *state = ARENA_NEW(&arena, struct state);
	*state = (struct state){.arena = arena, .explore = explore};
	state->line = ARENA_ARRAY(&state->arena, 2 * LINES_MAX + (size_t)explore->variants, struct state_line);
	int mistakes = err->count;
	const struct study *study = NULL;
	if (read_lines(state, text, length, err) && choose_variants(state, err)) {
		sort_lines(state);
		const struct tree *laid = lay(state, -1, err);
		if (err->count == mistakes)
			study = state_study(explore, laid, NULL, &state->arena, err);
	}
	if (!study) {
		state_free(state);
		return NULL;
	}
	shorten(state, study);
	state->laid = lay(state, -1, err);
	struct text shortest;
	text_begin(&shortest, &state->arena);
	for (int i = 0; i < state->lines; i++)
		text_add(&shortest, "%s%s=%s", i ? "\n" : "", state->line[i].key, state->line[i].value);
	state->text = shortest.bytes;
	return state;
}

void state_free(struct state *state)
{
	if (!state)
		return;
	struct arena arena = state->arena; /* it lies inside */
	arena_free(&arena);
}

/* ---- the command line ---- */

static void put_word(struct text *into, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,:/=%+@";
	if (*word && word[strspn(word, plain)] == '\0') {
		text_add(into, " %s", word);
		return;
	}
	text_add(into, " '");
	for (; *word; word++)
		if (*word == '\'')
			text_add(into, "'\\''");
		else
			text_bytes(into, word, 1);
	text_add(into, "'");
}

/* What is laid over a setup as options; maps are gone through, lists are written out. */
static void put_options(struct text *into, const char *path, const struct tree *tree, bool reps)
{
	struct arena *arena = into->arena;
	if (tree->kind == TREE_MAP) {
		for (const struct tree *child = tree->child; child; child = child->next)
			if (!reader_is_note(child))
				put_options(into, *path ? arena_format(arena, "%s.%s", path, child->key) : child->key,
					    child, reps);
		return;
	}
	const char *value = tree->kind == TREE_SCALAR ? tree->text : tree_text(arena, tree);
	static const struct {
		const char *path, *option;
	} own[] = {{"run.reps", " --reps"}, {"run.seed", " --seed"}, {"slice", " --slice"}, {NULL, " --set"}};
	int at = 0;
	while (own[at].path && strcmp(own[at].path, path) != 0)
		at++;
	if (at == 0 && !reps)
		return;
	text_add(into, "%s", own[at].option);
	put_word(into, own[at].path ? value : arena_format(arena, "%s=%s", path, value));
}

const char *state_command(const struct state *state, const char *verb, int64_t reps, struct arena *arena)
{
	struct text command;
	text_begin(&command, arena);
	text_add(&command, "casebook %s", verb);
	put_word(&command, state->explore->study->path);
	text_add(&command, " --explore");
	for (const char **name = state->variant; state->variants < state->explore->variants && *name; name++) {
		text_add(&command, " --variant");
		put_word(&command, *name);
	}
	if (state->laid)
		put_options(&command, "", state->laid, reps == 0);
	if (reps > 0)
		text_add(&command, " --reps %lld", (long long)reps);
	return command.bytes;
}

/* False where a list is in it. */
static bool put_lines(struct text *into, const char *path, const struct tree *tree)
{
	if (tree->kind == TREE_SCALAR)
		text_add(into, "%s%s=%s", into->length ? "\n" : "", path, tree->text);
	if (tree->kind != TREE_MAP)
		return tree->kind == TREE_SCALAR;
	bool good = true;
	for (const struct tree *child = tree->child; child; child = child->next)
		if (!reader_is_note(child))
			good = put_lines(into,
					 *path ? arena_format(into->arena, "%s.%s", path, child->key) : child->key,
					 child) &&
			       good;
	return good;
}

const char *state_lines(const struct explore_preset *preset, struct arena *arena)
{
	struct text lines;
	text_begin(&lines, arena);
	if (put_lines(&lines, "", preset->set))
		return lines.bytes;
	return arena_format(arena, "preset=%s", preset->name);
}

/* ---- sliders ---- */

/* The number that a text sets: of a parameter as it is read, of a key of the trace by its unit. */
static double number_of(const struct explore *explore, const struct explore_slider *slider, const char *text,
			struct arena *scratch)
{
	struct place place = {slider->key, 0, 0};
	struct param_walk walk;
	struct err ignored;
	struct quantity quantity;
	char why[QUANTITY_WHY];
	err_init(&ignored);
	if (strncmp(slider->key, "trace.", 6) == 0)
		return quantity_parse(slider->kind, text, &quantity, why) ? quantity.real : NAN;
	const char *const first[] = {explore->variant[0], NULL};
	const struct tree *laid = explore_lay(scratch, slider->key, tree_scalar(scratch, text, place), place);
	const struct study *study = state_study(explore, laid, first, scratch, &ignored);
	const struct setup *setup = study ? study->setup[names_variant(study, first[0])] : NULL;
	return setup && param_walk_find(&walk, setup->of->params, setup->params, slider->key)
		       ? param_number(walk.row, walk.in)
		       : NAN;
}

double state_position(const struct explore *explore, int number, const char *text, struct arena *scratch)
{
	const struct explore_slider *slider = &explore->slider[number];
	if (slider->scale == EXPLORE_CHOICE) {
		for (int i = 0; i < slider->choices; i++)
			if (strcmp(slider->choice[i], text) == 0)
				return (double)i / (slider->choices - 1);
		return NAN;
	}
	double value = number_of(explore, slider, text, scratch);
	if (!(value >= slider->from && value <= slider->to))
		return NAN;
	if (slider->scale == EXPLORE_LOG)
		return dm_log(value / slider->from) / dm_log(slider->to / slider->from);
	return (value - slider->from) / (slider->to - slider->from);
}
