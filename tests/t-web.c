/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine of a page: states and their shortest form, jobs that go on in steps, results that do not depend on the
 * steps, and texts of a model, which stay texts in JSON.
 */
#include "web/web.h"
#include "io/readers.h"
#include "io/yaml.h"
#include "run/bundle.h"
#include "tap.h"

#include <jansson.h>
#include <math.h>

static const char model[] =
	"case: station\nformat: 2\nabout: '<img src=x onerror=\"hit()\">'\n"
	"trace: {windows: {rate: 100 /s, for: 6 s}}\nmodel: {service: exp(8 ms)}\nrun: {reps: 4, warmup: 1 s}\n"
	"variants: {one: {}, two: {model: {servers: 2}}, other: {}}\n"
	"sources: {K: 'a \"book\"'}\nevidence: {service: 'published [K]: measured'}\n"
	"figures:\n  - {kind: percentiles, name: response, metric: response, title: 'of {p50(response)[two]}'}\n"
	"  - {kind: timeline, name: waits, metric: wait, statistic: mean, title: '{mean(wait)[other]}'}\n"
	"claims:\n  - {id: wait, says: 'one & <two>', kind: derived, evidence: derived, "
	"expect: 'mean(wait)[one] > 1 ms', without: {service: const(1 ms)}}\n"
	"explore:\n  sentence: 'it takes {mean(response)[one]} of {param(servers)[two]}'\n  variants: [one, two]\n"
	"  setup: {run: {reps: 9}}\n"
	"  sliders:\n    - {key: servers, from: 1, to: 5, step: 2}\n"
	"    - {key: service, from: 1 ms, to: 16 ms, scale: log}\n"
	"    - {key: trace.windows.rate, from: 50 /s, to: 150 /s}\n    - {key: limited, choices: [off, on]}\n"
	"  presets:\n    - {name: usual, set: {service: exp(8 ms)}}\n"
	"    - {name: slow, set: {service: exp(9 ms), trace.windows.rate: 90 /s}}\n"
	"  figures: [response, waits]\n  claims: [wait]\n  budget: {drag: 1500, settle: 7500}\n";

static struct arena arena;
static struct err err;

static struct web *load(const char *text)
{
	struct text bundle;
	struct tree *tree = yaml_parse(&arena, "m.yaml", text, strlen(text), &err);
	struct bundle *recording = bundle_record(&arena, readers_of(&arena, "m.yaml"));
	if (!tree || !study_load(&arena, "m.yaml", tree, NULL, bundle_files(recording), &err))
		bail("%d:%d: %s", err.message[0].line, err.message[0].column, err.message[0].text);
	text_begin(&bundle, &arena);
	bundle_write(recording, "m.yaml", tree, NULL, &bundle);
	struct web *web = web_new();
	memcpy(web_input(web, bundle.length), bundle.bytes, bundle.length);
	if (!web_load(web, bundle.length))
		bail("%s", web_text(web));
	return web;
}

static bool set(struct web *web, const char *state)
{
	memcpy(web_input(web, strlen(state)), state, strlen(state));
	return web_state(web, strlen(state));
}

static void becomes(struct web *web, const char *state, const char *shortest, const char *what)
{
	ok(set(web, state), "%s", what);
	is_text(web_text(web), shortest, "and its shortest form");
}

static void refuses(struct web *web, const char *state, const char *key, const char *says)
{
	ok(!set(web, state) && strstr(web_text(web), says) &&
		   strstr(web_text(web), arena_format(&arena, "\"key\":\"%s\"", key)),
	   "refused: %s", state);
	if (!strstr(web_text(web), says))
		diag("%s", web_text(web));
}

static void run(struct web *web, enum web_job job, uint32_t events)
{
	double part = 0;
	bool rises = true;
	web_start(web, job);
	while (web_step(web, events) != WEB_DONE) {
		rises = rises && web_part(web) >= part - 1e-9 && web_part(web) <= 1;
		part = web_part(web);
	}
	ok(rises && web_part(web) >= 1, "the part that is done rises to 1");
}

static json_t *results(struct web *web)
{
	json_error_t error;
	web_results(web);
	json_t *found = json_loadb(web_text(web), web_length(web), 0, &error);
	if (!found)
		bail("%s at %d", error.text, error.position);
	return found;
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "";
}

static int64_t number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void check_states(struct web *web)
{
	becomes(web, "", "", "nothing is set");
	becomes(web, "limited=off\nservice=exp(8 ms)", "", "what is so by default");
	becomes(web, "limited=on\nservers=3", "servers=3\nlimited=on", "sliders in their order");
	becomes(web, "servers=5\nservers=3", "servers=3", "the later one of two lines");
	becomes(web, "preset=slow", "preset=slow", "a preset");
	becomes(web, "servers=3\npreset=slow\nservice=exp(9 ms)", "preset=slow\nservers=3", "a key over a preset");
	becomes(web, "preset=usual", "", "a preset that sets what is so");
	becomes(web, "variant=two\nvariant=one", "", "all variants");
	becomes(web, "variant=two", "variant=two", "one variant");
	becomes(web, "run.seed=7\nrun.reps=2", "run.reps=2\nrun.seed=7", "seed and replications");
	becomes(web, "without=wait", "without=wait", "a mechanism taken away");
	refuses(web, "servres=3", "servres", "did you mean");
	refuses(web, "servers=0", "servers", "out of range");
	refuses(web, "preset=slwo", "preset", "did you mean \\\"slow\\\"?");
	refuses(web, "variant=other", "variant", "unknown variant");
	refuses(web, "without=explore", "without", "unknown claim");
	refuses(web, "servers=[1, 2]", "servers", "KEY=VALUE");
	refuses(web, "servers", "servers", "KEY=VALUE");
	refuses(web, ".a=1", ".a", "KEY=VALUE");
	json_t *found = results(web);
	is_text(string_of(found, "state"), "without=wait", "after all that, the state is the last good one");
	json_decref(found);
}

static void check_sliders(struct web *web)
{
	web_slider(web, 0, 0.5);
	is_text(web_text(web), "3", "the middle of a slider with steps");
	for (int slider = 0; slider < 4; slider++) {
		int same = 0;
		for (int i = 0; i <= 20; i++) {
			web_slider(web, slider, i / 20.0);
			const char *value = arena_text(&arena, web_text(web));
			memcpy(web_input(web, strlen(value)), value, strlen(value));
			double position = web_position(web, slider, strlen(value));
			if (!isnan(position))
				web_slider(web, slider, position < 0 ? 0 : position > 1 ? 1 : position);
			same += !isnan(position) && strcmp(web_text(web), value) == 0;
		}
		is_int(same, 21, "slider %d: a value is found again at its position", slider);
	}
	memcpy(web_input(web, 2), "77", 2);
	ok(isnan(web_position(web, 0, 2)), "what is beyond a slider has no position");
}

static void check_description(struct web *web)
{
	web_describe(web);
	json_t *found = json_loadb(web_text(web), web_length(web), 0, NULL);
	ok(found && !strchr(web_text(web), '<'), "a description is JSON, without any <");
	is_text(string_of(found, "about"), "<img src=x onerror=\"hit()\">", "in which texts are as they were");
	const json_t *sliders = json_object_get(found, "sliders"), *rate = json_array_get(sliders, 2);
	is_int((long long)json_array_size(sliders), 4, "four sliders");
	is_text(string_of(rate, "fallback"), "100 /s", "the default of a key of the trace");
	ok(fabs(json_real_value(json_object_get(rate, "position")) - 0.5) < 1e-9, "and where it stands");
	is_text(string_of(json_array_get(json_object_get(found, "presets"), 1), "state"),
		"service=exp(9 ms)\ntrace.windows.rate=90 /s", "a preset as lines of a state");
	is_text(string_of(json_object_get(found, "sources"), "K"), "a \"book\"", "a source");
	json_decref(found);
}

static void check_jobs(struct web *web)
{
	set(web, "");
	ok(web_step(web, 1000) == WEB_DONE, "without a job there is nothing to do");
	run(web, WEB_DRAG, 100);
	json_t *found = results(web);
	/* 600 rows in each of two variants; budgets are 1,500 and 7,500. */
	is_int(number_of(found, "replications"), 1, "a drag has as many replications as its budget has room for");
	json_decref(found);
	run(web, WEB_SETTLE, 50);
	const char *small_steps = (web_results(web), arena_text(&arena, web_text(web)));
	found = results(web);
	is_int(number_of(found, "replications"), 6, "and so has what follows");
	ok(json_is_true(json_object_get(found, "budget")), "which is said");
	is_text(string_of(found, "command"), "casebook run m.yaml --explore --reps 6", "with the command for as many");
	const json_t *figures = json_object_get(found, "figures");
	is_int((long long)json_array_size(figures), 2, "two figures");
	ok(strncmp(string_of(json_array_get(figures, 0), "title"), "of ", 3) == 0, "one with its title");
	is_text(string_of(json_array_get(figures, 1), "title"), "waits", "one whose title is of what is not explored");
	const json_t *claim = json_array_get(json_object_get(found, "claims"), 0);
	is_text(string_of(claim, "holds"), "yes", "the claim holds");
	is_text(string_of(claim, "without_holds"), "no", "not without its mechanism");
	ok(strstr(string_of(found, "claims_table"), "1 derived"), "and there is the table");
	is_int((long long)json_array_size(json_object_get(found, "journeys")), 2, "a journey of each variant");
	is_int((long long)json_array_size(json_object_get(found, "differences")), 0, "nothing differs from itself");
	json_decref(found);

	struct web *other = load(model);
	run(other, WEB_SETTLE, 1 << 20);
	web_results(other);
	is_text(web_text(other), small_steps, "results do not depend on steps, nor on a drag before");
	set(other, "service=exp(12 ms)");
	run(other, WEB_SETTLE, 1000);
	found = results(other);
	const json_t *difference = json_array_get(json_object_get(found, "differences"), 0);
	is_text(string_of(difference, "term"), "mean(response)[one]", "what the sentence tells is compared");
	ok(strstr(string_of(difference, "text"), " x the default ("), "in a sentence");
	is_int((long long)json_array_size(json_object_get(found, "ghosts")), 2, "with the default's figures");
	json_decref(found);
	web_start(other, WEB_SETTLE);
	set(other, "service=exp(11 ms)");
	ok(web_step(other, 1000) == WEB_DONE, "a new state cancels the job");
	web_start(other, WEB_SETTLE);
	web_step(other, 10);
	web_cancel(other);
	ok(web_step(other, 1000) == WEB_DONE, "and so does who says so");
	set(other, "without=wait");
	run(other, WEB_DRAG, 1000);
	found = results(other);
	is_text(string_of(json_array_get(json_object_get(found, "claims"), 0), "holds"), "inconclusive",
		"one replication settles nothing");
	json_decref(found);
	set(other, "");
	web_results(other);
	run(other, WEB_SETTLE, 1 << 20);
	web_results(other);
	is_text(web_text(other), small_steps, "back at the default it is as it was");
	web_free(other);
}

/* Where nobody waits any more there is no factor. */
static void check_nothing(void)
{
	char *text = arena_text(&arena, model);
	memcpy(strstr(text, "mean(response)[one]"), "mean(wait)[one]    ", strlen("mean(response)[one]"));
	struct web *web = load(text);
	set(web, "servers=5\nservice=const(1 ms)");
	run(web, WEB_SETTLE, 1 << 20);
	json_t *found = results(web);
	const char *told = string_of(json_array_get(json_object_get(found, "differences"), 0), "text");
	ok(strstr(told, "is 0 s, by default ") && strstr(told, ": lower"), "nothing is lower: %s", told);
	json_decref(found);
	web_free(web);
}

static void check_refused(void)
{
	struct web *web = web_new();
	memcpy(web_input(web, 5), "hello", 5);
	ok(!web_load(web, 5) && strstr(web_text(web), "does not begin"), "what is no study is refused");
	web_free(web);
	static const char plain[] = "case: station\nformat: 2\ntrace: {windows: {rate: 100 /s, for: 6 s}}\n";
	struct text bundle;
	struct tree *tree = yaml_parse(&arena, "m.yaml", plain, strlen(plain), &err);
	struct bundle *recording = bundle_record(&arena, readers_of(&arena, "m.yaml"));
	study_load(&arena, "m.yaml", tree, NULL, bundle_files(recording), &err);
	text_begin(&bundle, &arena);
	bundle_write(recording, "m.yaml", tree, NULL, &bundle);
	web = web_new();
	memcpy(web_input(web, bundle.length), bundle.bytes, bundle.length);
	ok(!web_load(web, bundle.length) && strstr(web_text(web), "no explore"), "and what has nothing to explore");
	web_free(web);
}

int main(void)
{
	arena_init(&arena);
	err_init(&err);
	struct web *web = load(model);
	check_states(web);
	check_sliders(web);
	check_description(web);
	check_jobs(web);
	web_free(web);
	check_nothing();
	check_refused();
	arena_free(&arena);
	return done_testing();
}
