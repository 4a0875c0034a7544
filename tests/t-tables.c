/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables of a model, from the file to the results, on a case that has nothing else (toy.c): metrics and columns that
 * they bring, what names in claims, figures, ablations and ranges mean, what is wrong told with its place; and that
 * services that a file declares are the queues of Jackson's theorem.
 */
#include "texts.h"

#include "io/results.h"
#include "param/param_walk.h"

/* What most models here begin with: a tandem of two, and one beside. */
#define HEAD "case: toy\n" \
	     "trace: {windows: {rate: 100 /s, for: 30 s}}\n"
#define MODEL \
	"model:\n" \
	"  services:\n" \
	"    front: {servers: 2, work: exp(5 ms), steps: [back], calls: {back: {latency: 1 ms}}}\n" \
	"    back: {work: exp(4 ms)}\n" \
	"    beside: {}\n" \
	"  classes: {all: {enter: front}}\n"

#define TWO "variants: {a: {}, b: {model: {services: {beside: off}}}}\n"
#define CLAIM(text) \
	"claims: [{id: x, says: y, kind: predicted, evidence: derived, no_ablation: z, expect: \"" text "\"}]\n"

/* ---- what is measured ---- */

enum { REPS = 40, MEASURES = 5 };

/*
 * Stations that are served in exponential times, fed by a Poisson process, one after the other, behave as if each had a
 * Poisson process of its own (Burke 1956, Jackson 1957): M/M/c, mean time 1/mu + C/(c mu - lambda), C by Erlang.
 */
static void check_tandem(void)
{
	static const char *const metric[MEASURES] = {"front.response", "back.response", "front.back.response",
						     "response", "back.busy"};
	const struct setup *setup = setup_of(HEAD MODEL "run: {warmup: 2 s}\n", NULL);
	struct setup own = *setup;
	double sum[MEASURES] = {0}, squares[MEASURES] = {0}, expected[MEASURES];
	double lambda = 100, mu = 200, offered = lambda / mu, wait = offered * offered / (2 - offered);
	double erlang = wait / (1 + offered + wait), front = 1 / mu + erlang / (2 * mu - lambda);
	expected[1] = 1 / (250 - lambda);
	expected[2] = expected[1] + 1e-3;
	expected[0] = expected[3] = front + expected[2];
	expected[4] = lambda / 250;
	for (int r = 0; r < REPS; r++) {
		own.run.seed = 100 + r;
		struct replay *replay = replay_run(&own, NULL, 0, 0, NULL);
		for (int m = 0; m < MEASURES; m++) {
			double value = term_of(replay, &own, "mean", metric[m]);
			sum[m] += value;
			squares[m] += value * value;
		}
		replay_free(replay);
	}
	for (int m = 0; m < MEASURES; m++) {
		double mean = sum[m] / REPS, error = sqrt((squares[m] / REPS - mean * mean) / (REPS - 1));
		ok(fabs(mean - expected[m]) < 4 * error, "mean(%s) is %.4g, by theory %.4g", metric[m], mean,
		   expected[m]);
		ok(fabs(mean - expected[m] * 1.1) > 4 * error, "canary: a tenth more is told apart");
	}
}

static void check_metrics(void)
{
	static const char *const names[] = {"response", "arrived", "front.response", "front.busy",
					    "front.back.response", "back.response", "back.busy", "beside.response",
					    "beside.busy", NULL};
	static const char two[] = HEAD MODEL "variants: {a: {}, b: {model: {services: {beside: off, new: {}}}}}\n";
	const struct setup *setup = setup_of(HEAD MODEL, NULL);
	int i = 0;
	for (; setup->metrics[i].name && names[i]; i++)
		is_text(setup->metrics[i].name, names[i], "metric %d", i);
	ok(!setup->metrics[i].name && !names[i], "and no more");
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	ok(isnan(term_of(replay, setup, "mean", "beside.response")), "nobody goes there");
	is_int((long long)term_of(replay, setup, "count", "front.response"),
	       (long long)term_of(replay, setup, "count", "arrived"), "everybody comes in there");
	is_int((long long)term_of(replay, setup, "param", "services.front.servers"), 2, "a parameter of a row");
	near_to(term_of(replay, setup, "param", "services.front.work"), 5e-3, 1e-12, "the mean of a distribution");
	replay_free(replay);
	const struct study *study = load(two, NULL);
	ok(metric_find(study->setup[0]->metrics, "beside.busy") >= 0 &&
		   metric_find(study->setup[1]->metrics, "beside.busy") < 0 &&
		   metric_find(study->setup[1]->metrics, "new.busy") >= 0,
	   "each variant has its own");
	/* A claim of a variant is about the metrics of that variant. */
	ok(load(HEAD MODEL TWO CLAIM("mean(beside.busy)[a] < 1"), NULL) != NULL, "a claim of what is there");
	ok(!load(HEAD MODEL TWO CLAIM("mean(beside.busy)[b] < 1"), NULL) &&
	   strstr(err.message[0].text, "unknown metric \"beside.busy\""), "and of what is not");
}

/* ---- what is wrong ---- */

static void check_errors(void)
{
	static const struct {
		const char *text;
		int line, column;
		const char *message;
	} bad[] = {
		{HEAD "model:\n  services:\n    front: {steps: [bakc]}\n    back: {}\n", 5, 21,
		 "unknown service \"bakc\"; did you mean \"back\"?"},
		{HEAD "model:\n  services:\n    front:\n      steps:\n        - back and\n    back: {}\n", 7, 11,
		 "\"and\" or the end is needed"},
		{HEAD "model:\n  services:\n    front: {steps: [front]}\n", 5, 5, "front calls itself, or too deep"},
		{HEAD "model:\n  services:\n    front: {calls: {bakc: {}}}\n    back: {}\n", 5, 21,
		 "services.front.calls.bakc.to: \"bakc\" is not one of the services; did you mean \"back\"?"},
		{HEAD "model:\n  services:\n    front: {calls: {back: {latency: 3}}}\n    back: {}\n", 5, 37,
		 "services.front.calls.back.latency: \"3\" needs a time unit, e.g. 80 ms"},
		{HEAD "model:\n  services: {front: {}}\n  classes: {all: {}}\n", 5, 13,
		 "classes.all needs enter, one of the services"},
		{HEAD "model:\n  columns: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1}\n", 4, 55,
		 "h: a row of a trace holds 8 values; 7 are for the names here"},
		{HEAD "model:\n  columns: {class: 1}\n", 4, 13, "\"class\" is another column of the trace"},
		{HEAD MODEL "evidence: {services.frnt: assumption}\n", 9, 12,
		 "unknown key \"services.frnt\" in evidence; did you mean \"services.front\"?"},
		{HEAD MODEL "ranges: {services.*.wrok: 1 ms..2 ms}\n", 9, 10,
		 "unknown key \"services.*.wrok\" in ranges"},
		{HEAD MODEL "ranges: {services.front: 1..2}\n", 9, 10,
		 "services.front is not a number, and has no range"},
		{HEAD MODEL "ranges: {services.front.servers: 1}\n", 9, 34, "\"1\" is not a range: write LOW..HIGH"},
		{HEAD MODEL CLAIM("mean(frnt.response) < 1 s"), 9, 88,
		 "unknown metric \"frnt.response\"; did you mean \"front.response\"?"},
		{HEAD MODEL CLAIM("mean(front.busy) < param(services.frnt.servers)"), 9, 107,
		 "unknown parameter \"services.frnt.servers\"; did you mean \"services.front.servers\"?"},
		{HEAD MODEL CLAIM("mean(front.busy) < param(services.front.steps)"), 9, 107,
		 "parameter services.front.steps is not a number"},
		{HEAD MODEL "figures: [{kind: percentiles, metric: front.busy}]\n", 9, 39, "front.busy is not a time"},
		{HEAD MODEL "run: {keep: [\"*.responce\"]}\n", 9, 15, "unknown metric \"*.responce\" in keep"},
		{HEAD MODEL "variants: {a: {model: {services: {bck: off}}}}\n", 9, 35,
		 "unknown name \"bck\" in services; did you mean \"back\"?"},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		bool loaded = load(bad[i].text, NULL) != NULL;
		const struct err_message *first = &err.message[0];
		if (!ok(!loaded && first->line == bad[i].line && first->column == bad[i].column &&
				strstr(first->text, bad[i].message), "%s", bad[i].message))
			diag("%d:%d: %s", first->line, first->column, err.count ? first->text : "it is loaded");
	}
	ok(!load(HEAD MODEL, "model: {services: {frnt: {servers: 3}}}") &&
	   strstr(err.message[0].text, "unknown name \"frnt\" in services; did you mean \"front\"?"),
	   "the command line adds no rows");
}

/* ---- ablations ---- */

#define WITHOUT(text) \
	"claims: [{id: x, says: y, kind: predicted, evidence: derived, " \
	"expect: \"mean(response)[a] < mean(response)[b]\", without: " text "}]\n"
static void check_ablations(void)
{
	static const struct {
		const char *without, *path, *value;
	} good[] = {
		{"{services.back.work: exp(9 ms)}", "services.back.work", "exp(9 ms)"},
		{"{services: {back: {work: exp(9 ms)}}}", "services.back.work", "exp(9 ms)"},
		{"{services: {back: {work: exp(9 ms)}}, services.front.calls.back.latency: 2 ms}",
		 "services.front.calls.back.latency", "2 ms"},
		{"{services.front.steps: []}", "services.front.steps", "[]"},
		{"{services.back.calls.beside.latency: 2 ms}", "services.back.calls.beside.latency", "2 ms"},
		{"{services: {beside: off}}", "services", "front, back"},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct study *study = load(arena_format(&arena, HEAD MODEL "claims: [{id: x, says: y, kind: predicted, "
							"evidence: derived, expect: mean(response) < 1 s, "
							"without: %s}]\n", good[i].without), NULL);
		char text[PARAM_TEXT] = "";
		struct param_walk found;
		if (!study)
			diag("%s", err.message[0].text);
		struct setup *setup = study ? setup_resolve(study, "toy", study->claim[0].without, &err) : NULL;
		if (setup && param_walk_find(&found, setup->of->params, setup->params, good[i].path))
			param_print(found.row, found.in, text, sizeof text);
		is_text(text, good[i].value, "without %s", good[i].without);
	}
	ok(load(HEAD MODEL TWO WITHOUT("{services.beside.servers: 3}"), NULL) != NULL,
	   "what one variant has not can be no cause there");
	const struct study *study = load(HEAD MODEL TWO WITHOUT("{services.beside.servers: 3}"), NULL);
	const struct setup *setup = setup_resolve(study, "b", study->claim[0].without, &err);
	ok(setup && setup->digest == study->setup[1]->digest, "and changes nothing there");
	ok(!load(HEAD MODEL TWO WITHOUT("{services.besid.servers: 3}"), NULL) &&
	   strstr(err.message[0].text,
		  "unknown key \"services.besid.servers\"; did you mean \"services.beside.servers\"?"),
	   "what none has is a slip");
}

/* ---- what is said of them ---- */

static void check_said(void)
{
	const struct study *study = load(HEAD MODEL
					 "evidence: {services: assumption, services.front: \"derived: a\",\n"
					 "  services.*.work: \"derived: b\", services.back.work: \"derived: c\"}\n"
					 "ranges: {services.*.work: 1 ms..2 ms, services.back.work: 3 ms..4 ms}\n",
					 NULL);
	static const char *const said[][2] = {{"services.beside.servers", "assumption"},
					      {"services.front.servers", "derived: a"},
					      {"services.front.work", "derived: b"},
					      {"services.back.work", "derived: c"},
					      {"services.front.calls.back.latency", "derived: a"}};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		is_text(study_evidence(study, said[i][0]), said[i][1], "evidence of %s", said[i][0]);
	ok(!study_evidence(study, "seats"), "of others nothing is said");
	is_text(study_range(study, "services.front.work"), "1 ms..2 ms", "a range of all");
	is_text(study_range(study, "services.back.work"), "3 ms..4 ms", "and of one");
	ok(!study_range(study, "services.back.servers"), "others have none");
}

static void check_digest(void)
{
	static const char *const same = "model: {services: {front: {servers: 2}}}";
	uint64_t digest = setup_of(HEAD MODEL, NULL)->digest;
	ok(setup_of(HEAD MODEL, same)->digest == digest, "what is set to what it was is the same");
	ok(setup_of(HEAD MODEL, "model: {services: {front: {servers: 3}}}")->digest != digest,
	   "a field of a row differs");
	ok(setup_of(HEAD MODEL, "model: {services: {beside: off}}")->digest != digest, "a row is missing");
	ok(setup_of(HEAD MODEL, "model: {services: {front: {calls: {back: {latency: 2 ms}}}}}")->digest != digest,
	   "a field of a row of a row differs");
	ok(setup_of(HEAD MODEL, "run: {keep: [\"*.busy\"]}")->digest == digest, "what is written is no part of it");
}

/* ---- columns ---- */

static void check_columns(void)
{
	static const char text[] =
		"case: toy\n"
		"trace: {windows: {rate: 10 /s, for: 10 s}, columns: {class: second, measured: 3 ms}}\n"
		"model:\n"
		"  services: {one: {work: 1 ms}, two: {servers: 100, measured: measured}}\n"
		"  classes: {first: {enter: one}, second: {enter: two}}\n"
		"  columns: {other: 100 %, measured: 50 %}\n";
	const struct setup *setup = setup_of(text, NULL);
	is_int(column_count(setup->columns), 3, "a column for the class, and one for each of the table");
	ok(setup->columns[0].type == COLUMN_CHOICE && strcmp(setup->columns[0].choices[1], "second") == 0,
	   "the words of a column are the rows of a table");
	is_text(setup->columns[0].missing, "first", "the first of them is meant when there is none");
	ok(setup->columns[2].type == COLUMN_TIME && strcmp(setup->columns[2].name, "measured") == 0,
	   "a row is a column");
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	near_to(term_of(replay, setup, "max", "two.response"), 1.5e-3, 1e-9, "a time of the trace is used, in part");
	is_int((long long)term_of(replay, setup, "count", "two.response"),
	       (long long)term_of(replay, setup, "count", "arrived"), "all are of the second class");
	replay_free(replay);
	ok(!load("case: toy\ntrace: {windows: {rate: 10 /s, for: 1 s}, columns: {class: thrid}}\n"
		 "model: {services: {a: {}}, classes: {first: {enter: a}, third: {enter: a}}}\n", NULL) &&
	   strstr(err.message[0].text, "thrid"), "a class that there is not");
	const struct setup *none = setup_of("case: toy\ntrace: {windows: {rate: 10 /s, for: 1 s}}\n", NULL);
	is_text(none->columns[0].choices[0], "none", "a table without rows leaves one word");
}

/* ---- the slowest ---- */

static int spans_of(const struct journey *journey)
{
	int spans = 0;
	for (const struct journey *span = journey->child; span; span = span->next)
		spans += 1 + spans_of(span);
	return spans;
}

static void check_slowest(void)
{
	const struct setup *setup = setup_of(HEAD MODEL, NULL);
	struct replay *replay = replay_run(setup, NULL, 0, 3, NULL), *off = replay_run(setup, NULL, 0, 0, NULL);
	const struct journey *slowest = replay->journeys->slowest[0];
	is_int(replay->journeys->kept, 3, "as many as were asked for");
	is_text(slowest->kind, "all", "a request of its class");
	is_int(spans_of(slowest), 1, "with a span for each call");
	is_text(slowest->child->kind, "back", "by name");
	is_int(slowest->child->end, slowest->end, "which ends with it");
	ok(slowest->child->steps > 0 && strcmp(slowest->child->step[slowest->child->steps - 1].part, "back") == 0,
	   "parts note into it");
	ok(off->digest == replay->digest, "looking changes nothing");
	replay_free(replay);
	replay_free(off);
}

/* ---- many ---- */

/* A tree of `count` services. */
static const char *many(int count, const char *rest)
{
	char *text = arena_get(&arena, (size_t)count * 120 + 400), *at = text;
	at += sprintf(at, "case: toy\ntrace: {windows: {rate: 100 /s, for: 1 s}}\n%smodel:\n  services:\n", rest);
	for (int i = 0; i < count; i++)
		at += 2 * i + 2 < count ? sprintf(at, "    s%d: {steps: [s%d and s%d], calls: {s%d: {}}}\n", i,
						  2 * i + 1, 2 * i + 2, 2 * i + 1)
					: sprintf(at, "    s%d: {}\n", i);
	sprintf(at, "  classes: {all: {enter: s0}}\n");
	return text;
}

static void check_many(void)
{
	int kept;
	const struct setup *setup = setup_of(many(1000, ""), NULL);
	is_int(results_metrics(setup, &kept), 2 + 2 * 1000 + 499, "metrics of a thousand services");
	is_int(kept, 2, "those of the case are in files");
	setup = setup_of(many(1000, "run: {keep: [s7.response, \"*.*.response\"]}\n"), NULL);
	results_metrics(setup, &kept);
	is_int(kept, 2 + 1 + 499, "and those that are asked for");
	int few = results_metrics(setup_of(many(100, ""), NULL), &kept);
	is_int(kept, few, "all, where they are not thousands");
	ok(!load(many(1000, "figures: [{kind: timeline, metric: s7.response}]\n"), NULL) &&
	   strstr(err.message[0].text, "s7.response has no series"), "a timeline is asked for");
	ok(load(many(1000, "figures: [{kind: timeline, metric: s7.response}]\nrun: {keep: [s7.response]}\n"), NULL),
	   "and drawn then");
	struct sim *sim = sim_new(1, 0);
	struct meters meters;
	meters_init(&meters, &sim->arena, setup->metrics, 0, 1000000000);
	meters_window(&meters, 0, 0);
	struct case_world world = {.sim = sim, .meters = &meters, .params = setup->params, .share = 1, .slice = 1};
	setup->of->build(&world);
	ok(sim->arena.bytes < (size_t)20 << 20, "a world of a thousand services starts in %zu kB",
	   sim->arena.bytes >> 10);
	sim_free(sim);
	/* Each of a thousand is visited by each of a hundred requests. */
	struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
	const struct meters *all = &replay->meters;
	int quiet = metric_find(setup->metrics, "s8.response"), kept_one = metric_find(setup->metrics, "s7.response");
	is_int((long long)meter_hist(all, quiet, -1)->count, (long long)meter_hist(all, kept_one, -1)->count,
	       "what is put aside is measured");
	ok(meter_hist(all, quiet, -1)->bits == HIST_COARSE_BITS && meter_hist(all, kept_one, -1)->bits == HIST_BITS,
	   "more coarsely");
	ok(meter_bin_hist(all, quiet, 0)->count == 0 && meter_bin_hist(all, kept_one, 0)->count > 0,
	   "without a series");
	ok(replay->sim->arena.bytes < (size_t)100 << 20, "after a run it takes %zu MB", replay->sim->arena.bytes >> 20);
	struct outcome *outcome = outcome_new(setup, 2, 0);
	outcome_add(outcome, replay, 0, NULL);
	outcome_add(outcome, replay, 1, NULL);
	is_int((long long)meter_hist(&outcome->pooled, quiet, -1)->count,
	       2 * (long long)meter_hist(all, quiet, -1)->count, "and merged");
	outcome_free(outcome);
	replay_free(replay);
}

int main(void)
{
	arena_init(&arena);
	check_tandem();
	check_metrics();
	check_errors();
	check_ablations();
	check_said();
	check_digest();
	check_columns();
	check_slowest();
	check_many();
	arena_free(&arena);
	return done_testing();
}
