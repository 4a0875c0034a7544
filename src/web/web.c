/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page remembers the side of the last state, so that going back to it costs little, and that of the default,
 * which everything is compared with. What a job runs is never thrown away: one that takes its place goes on from there
 * when it comes to the same replication.
 */
#include "web/web.h"
#include "base/check.h"
#include "figure/chart.h"
#include "run/bundle.h"
#include "web/describe.h"
#include "web/findings.h"
#include "web/jsontext.h"
#include "web/side.h"
#include "web/state.h"

#include <math.h>
#include <string.h>

/* A side of a large graph takes some 100 MB. */
enum { VIEWS = 3 };

struct view {
	struct state *state;
	struct side *side;
	uint64_t asked; /* when it was last */
};

struct web {
	struct arena arena; /* it lies inside; the study too */
	struct arena input, told;
	char *room;
	size_t room_bytes;
	const char *text;
	size_t length;
	struct study *study;
	struct view view[VIEWS]; /* without a side: free */
	struct view *now, *standard;
	uint64_t clock;
	enum web_job job;
	bool working, done;
};

struct web *web_new(void)
{
	struct arena arena;
	arena_init(&arena);
	struct web *web = ARENA_NEW(&arena, struct web);
	*web = (struct web){.arena = arena, .text = ""};
	return web;
}

static void forget(struct view *view)
{
	side_free(view->side); /* it uses the state */
	state_free(view->state);
	*view = (struct view){NULL, NULL, 0};
}

void web_free(struct web *web)
{
	for (int i = 0; i < VIEWS; i++)
		forget(&web->view[i]);
	arena_free(&web->input);
	arena_free(&web->told);
	struct arena arena = web->arena;
	arena_free(&arena);
}

char *web_input(struct web *web, size_t bytes)
{
	arena_free(&web->input);
	web->room = arena_get(&web->input, bytes + 1);
	web->room_bytes = bytes;
	return web->room;
}

const char *web_text(const struct web *web)
{
	return web->text;
}

size_t web_length(const struct web *web)
{
	return web->length;
}

/* ---- texts ---- */

static struct text begin_text(struct web *web)
{
	struct text text;
	arena_free(&web->told);
	text_begin(&text, &web->told);
	return text;
}

static void end_text(struct web *web, const struct text *text)
{
	web->text = text->bytes;
	web->length = text->length;
}

static void tell_text(struct web *web, const char *of)
{
	struct text text = begin_text(web);
	text_add(&text, "%s", of);
	end_text(web, &text);
}

static bool tell_mistakes(struct web *web, const struct err *err)
{
	struct text text = begin_text(web);
	struct jsontext json = {&text, false};
	jsontext_open(&json, '[');
	for (int i = 0; i < err->count && i < ERR_MAX; i++) {
		const struct err_message *message = &err->message[i];
		bool line = message->line > 0;
		jsontext_open(&json, '{');
		jsontext_put_string(&json, "text", message->text);
		jsontext_put_string(&json, "key",
				    line ? NULL
					 : arena_text_of(&web->told, message->file, strcspn(message->file, "=")));
		jsontext_put_string(&json, "at",
				    line ? arena_format(&web->told, "%s:%d:%d", message->file, message->line,
							message->column)
					 : NULL);
		jsontext_close(&json, '}');
	}
	jsontext_close(&json, ']');
	end_text(web, &text);
	return false;
}

/* ---- states ---- */

static bool same_view(const struct view *a, const struct view *b)
{
	return strcmp(a->state->text, b->state->text) == 0 && side_same(a->side, b->side);
}

/* Where that one is from now on: with those that are remembered, in the place of the one not asked for longest. */
static struct view *remember(struct web *web, struct view *made)
{
	struct view *place = NULL;
	made->asked = ++web->clock;
	for (int i = 0; i < VIEWS; i++) {
		struct view *view = &web->view[i];
		if (view->side && same_view(view, made)) {
			forget(made);
			view->asked = web->clock;
			return view;
		}
		bool free = view != web->standard && view != web->now;
		if (free && (!place || view->asked < place->asked))
			place = view;
	}
	forget(place);
	*place = *made;
	return place;
}

static struct view *view_of(struct web *web, const char *text, size_t length, struct err *err)
{
	const struct explore *explore = web->study->explore;
	for (int i = 0; i < VIEWS; i++) {
		struct view *view = &web->view[i];
		const char *shortest = view->side ? view->state->text : NULL;
		if (shortest && strlen(shortest) == length && memcmp(shortest, text, length) == 0) {
			view->asked = ++web->clock;
			return view;
		}
	}
	struct view made = {.state = state_new(explore, text, length, err)};
	if (made.state)
		made.side = side_new(explore, made.state->laid, made.state->variant, err);
	if (made.side)
		return remember(web, &made);
	forget(&made);
	return NULL;
}

/* What the state is compared with: nothing is set but the seed, the variants and, unless 0, the replications. */
static struct view *standard_of(struct web *web, const struct state *state, int reps)
{
	struct text text;
	struct err ignored;
	err_init(&ignored);
	struct arena scratch;
	arena_init(&scratch);
	text_begin(&text, &scratch);
	for (int i = 0; i < state->lines; i++)
		if (strcmp(state->line[i].key, "variant") == 0 || strcmp(state->line[i].key, "run.seed") == 0)
			text_add(&text, "%s=%s\n", state->line[i].key, state->line[i].value);
	if (reps > 0)
		text_add(&text, "run.reps=%d\n", reps);
	struct view *view = view_of(web, text.bytes, text.length, &ignored);
	arena_free(&scratch);
	return view;
}

static bool set_state(struct web *web, const char *text, size_t length)
{
	struct err err;
	err_init(&err);
	web->working = web->done = false;
	struct view *view = view_of(web, text, length, &err);
	if (!view)
		return tell_mistakes(web, &err);
	web->now = view;
	web->standard = standard_of(web, view->state, 0);
	for (int i = 0; i < VIEWS; i++)
		if (web->view[i].side && &web->view[i] != view)
			side_unjudge(web->view[i].side);
	if (!view->side->judgement)
		side_judge(view->side, view->state->laid);
	tell_text(web, view->state->text);
	return true;
}

bool web_state(struct web *web, size_t length)
{
	CHECK(web->study && length <= web->room_bytes);
	return set_state(web, web->room, length);
}

bool web_load(struct web *web, size_t length)
{
	const char *path;
	struct tree *tree;
	struct err err;
	err_init(&err);
	CHECK(!web->study && length <= web->room_bytes);
	const char *bytes = arena_text_of(&web->arena, web->room, length);
	struct bundle *bundle = bundle_read(&web->arena, bytes, length, &path, &tree, &err);
	struct study *study =
		bundle ? study_load(&web->arena, path, tree, NULL, bundle_files(bundle), &err) : NULL;
	if (study && !study->explore)
		err_add(&err, ERR_MODEL, NULL, "it has no explore: section, which tells what readers may change");
	if (err_any(&err))
		return tell_mistakes(web, &err);
	web->study = study;
	return set_state(web, "", 0);
}

void web_describe(struct web *web)
{
	struct text text = begin_text(web);
	struct jsontext json = {&text, false};
	CHECK(web->study);
	describe_put(&json, web->study);
	end_text(web, &text);
}

void web_slider(struct web *web, int slider, double position)
{
	const char *value;
	CHECK(web->study && slider >= 0 && slider < web->study->explore->sliders);
	struct text text = begin_text(web);
	explore_set(web->study->explore, slider, position, &web->told, &value);
	text_add(&text, "%s", value);
	end_text(web, &text);
}

double web_position(struct web *web, int slider, size_t length)
{
	struct arena scratch;
	CHECK(web->study && slider >= 0 && slider < web->study->explore->sliders && length <= web->room_bytes);
	arena_init(&scratch);
	double position = state_position(web->study->explore, slider, arena_text_of(&scratch, web->room, length),
					 &scratch);
	arena_free(&scratch);
	return position;
}

/* ---- jobs ---- */

/* Replications of the present state that the job is for: as many as the budget has room for, and one at least. */
static int target(const struct web *web)
{
	const struct explore *explore = web->study->explore;
	const struct side *side = web->now->side;
	int64_t reps = side->outcome[0]->setup->run.reps;
	double rows = side_rows(side), budget = (double)(web->job == WEB_DRAG ? explore->drag : explore->settle);
	if (side->reps == 0)
		return 1;
	double room = rows > 0 ? floor(budget / rows) : (double)reps;
	int most = room < 1 ? 1 : room < (double)reps ? (int)room : (int)reps;
	return most > side->reps ? most : side->reps;
}

void web_start(struct web *web, enum web_job job)
{
	CHECK(web->study);
	web->job = job;
	web->working = true;
	web->done = false;
}

void web_cancel(struct web *web)
{
	web->working = false;
}

static bool compared(const struct web *web)
{
	return web->standard && web->standard != web->now;
}

static bool judged(const struct side *side)
{
	for (int i = 0; i < side->judgements; i++)
		if (side->ablated[i] && side->ablated[i]->reps < side->reps)
			return false;
	return side->reps > 0;
}

enum web_progress web_step(struct web *web, uint32_t events)
{
	uint32_t budget = events;
	if (!web->working)
		return WEB_DONE;
	struct side *side = web->now->side;
	while (side->reps < target(web)) {
		if (side_step(side, target(web), &budget))
			return web->job == WEB_SETTLE && side->reps == target(web) ? WEB_WHOLE : WEB_NEWS;
		if (budget == 0)
			return WEB_RUNNING;
	}
	if (web->job == WEB_SETTLE) {
		/* Pairs need as many on both sides. */
		if (compared(web) && web->standard->side->reps > side->reps)
			web->standard = standard_of(web, web->now->state, side->reps);
		struct side *standard = compared(web) ? web->standard->side : NULL;
		bool lags = standard && standard->reps < side->reps;
		while (standard && standard->reps < side->reps)
			if (!side_step(standard, side->reps, &budget) && budget == 0)
				return WEB_RUNNING;
		if (lags)
			return WEB_NEWS;
		for (int i = 0; i < side->judgements; i++) {
			struct side *ablated = side->ablated[i];
			bool waited = ablated && ablated->reps < side->reps;
			while (ablated && ablated->reps < side->reps)
				if (!side_step(ablated, side->reps, &budget) && budget == 0)
					return WEB_RUNNING;
			if (waited)
				return WEB_NEWS;
		}
		if (!side_look(side, &budget))
			return WEB_RUNNING;
	}
	web->working = false;
	web->done = true;
	return WEB_DONE;
}

/* How much of a replication of a side is done, in replications. */
static double reps_done(const struct side *side, int reps)
{
	if (side->reps >= reps)
		return reps;
	double part = 0;
	for (int i = 0; i < side->outcomes; i++)
		part += side->pending[i] != NULL;
	if (side->running) {
		const struct setup *setup = side->outcome[side->at]->setup;
		double lasts = (double)recipe_lasts(setup->trace.recipe);
		double now = (double)side->running->sim->now;
		part += lasts > 0 && now < lasts ? now / lasts : 1;
	}
	return side->reps + part / side->outcomes;
}

double web_part(const struct web *web)
{
	if (!web->working)
		return web->done;
	const struct side *side = web->now->side;
	bool unknown = side->reps == 0 && web->job == WEB_SETTLE;
	int reps = unknown ? (int)side->outcome[0]->setup->run.reps : target(web), units = reps;
	double did = reps_done(side, reps);
	if (web->job == WEB_SETTLE) {
		units += 1; /* journeys */
		did += side->outcomes ? (double)side->seen / side->outcomes : 1;
		if (compared(web)) {
			units += reps;
			did += reps_done(web->standard->side, reps);
		}
		for (int i = 0; i < side->judgements; i++)
			if (side->ablated[i]) {
				units += reps;
				did += reps_done(side->ablated[i], reps);
			}
	}
	return did / units;
}

void web_results(struct web *web)
{
	struct text text = begin_text(web);
	struct jsontext json = {&text, false};
	CHECK(web->study);
	struct side *side = web->now->side;
	const struct side *standard = compared(web) ? web->standard->side : NULL;
	struct findings findings = {
		.state = web->now->state,
		.side = side,
		.standard = standard && standard->reps > 0 ? standard : NULL,
		.job = web->job == WEB_DRAG ? "drag" : "settle",
		.done = web->done,
		.whole = judged(side),
		.of = target(web),
	};
	findings_put(&json, &findings);
	end_text(web, &text);
}

struct chart_outcomes web_outcomes(const struct web *web)
{
	CHECK(web->study);
	return side_outcomes(web->now->side);
}
