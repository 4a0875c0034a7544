/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Studies: how files, variants and the command line are laid over one another; digests; ablations; and what is wrong
 * with a long list of bad models, told with its place and what is allowed.
 */
#include "tap.h"

#include "base/keys.h"
#include "base/words.h"
#include "io/yaml.h"
#include "run/explore.h"
#include "run/faults.h"
#include "run/figures.h"
#include "run/study.h"

static struct arena arena;
static struct err err;

/* Files that models in this test name. */
static const struct file {
	const char *name, *text;
} files[] = {
	{"parent.yaml", "case: station\n"
			"trace: {recipe: recipe.yaml}\n"
			"model: {servers: 3, places: 7}\n"
			"run: {reps: 2, seed: 9}\n"
			"variants: {a: {model: {places: 8}}, b: {}}\n"},
	{"grandchild.yaml", "extends: child.yaml\nmodel: {places: 9}\n"},
	{"child.yaml", "extends: parent.yaml\nmodel: {servers: 4}\nvariants: {c: {}}\n"},
	{"loop-a.yaml", "extends: loop-b.yaml\ncase: station\n"},
	{"loop-b.yaml", "extends: loop-a.yaml\n"},
	{"loop-self.yaml", "extends: loop-self.yaml\n"},
	{"recipe.yaml", "windows: {rate: 100 /s, for: 10 s}\n"},
	{"dates.yaml", "growth:\n  - {date: 2016-01-01, rate: 1 M/d}\n  - {date: 2017-01-01, rate: 4 M/d}\n"
		       "windows: {dates: [2016-01-01, 2016-07-01], for: 10 s}\n"},
	{"wrong-recipe.yaml", "windows: {rate: 100 /s, for: 10}\n"},
	{"list.yaml", "- 1\n"},
};

static struct tree *read_file(void *host, struct arena *into, const char *from, const struct place *place,
			      const char *path, struct err *errors)
{
	(void)host;
	(void)from;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (strcmp(files[i].name, path) == 0)
			return yaml_parse(into, path, files[i].text, strlen(files[i].text), errors);
	err_add(errors, ERR_MODEL, place, "there is no file %s", path);
	return NULL;
}

static const struct study_files readers = {read_file, NULL, NULL, NULL};

static struct study *load(const char *text, const char *over)
{
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "m.yaml", text, strlen(text), &err);
	struct tree *above = over ? yaml_parse(&arena, "--set", over, strlen(over), &err) : NULL;
	if (!tree || (over && !above))
		return NULL;
	return study_load(&arena, "m.yaml", tree, above, &readers, &err);
}

static struct study *load_good(const char *text, const char *over)
{
	struct study *study = load(text, over);
	if (!study)
		bail("%s:%d:%d: %s", err.message[0].file, err.message[0].line, err.message[0].column,
		     err.message[0].text);
	return study;
}

static const char *value(const struct setup *setup, const char *name)
{
	char *text = arena_get(&arena, PARAM_TEXT);
	if (!setup)
		return "no setup";
	return param_print(param_find(setup->of->params, name), setup->params, text, PARAM_TEXT);
}

static struct setup *setup_of(const struct study *study, const char *variant, const char *without)
{
	struct tree *tree = without ? yaml_parse(&arena, "w", without, strlen(without), &err) : NULL;
	return setup_resolve(study, variant, tree, &err);
}

/* ---- what lies over what ---- */

#define SERVED "case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}, columns: {service: exp(1 ms)}}\n"
#define TRACE "case: station\ntrace: {windows: {rate: 100 /s, for: 10 s}}\n"

static void check_variants(void)
{
	struct study *study =
		load_good(TRACE "model: {servers: 2, places: 5}\n"
				"run: {reps: 3, warmup: 1 s, variants: [b]}\n"
				"variants:\n"
				"  a: {about: first, model: {servers: 3}, run: {seed: 7}}\n"
				"  b: {extends: a, model: {places: 6}}\n"
				"  c: {extends: b, model: {servers: 8}, trace: {windows: {rate: 5 /s, for: 2 s}}}\n"
				"  x-note: {anything: 1}\n",
			  NULL);
	is_int(study->variants, 3, "three variants; notes are none");
	is_text(study->shown[0], "b", "those in run.variants are shown");
	ok(!study->shown[1], "and no others");
	struct setup *a = setup_of(study, "a", NULL), *b = setup_of(study, "b", NULL), *c = setup_of(study, "c", NULL);
	is_text(a->about, "first", "what a variant says of itself");
	is_text(value(a, "servers"), "3", "a variant lies over the model");
	is_text(value(a, "places"), "5", "and leaves the rest");
	is_text(value(b, "servers"), "3", "a variant that extends another has its values");
	is_text(value(b, "places"), "6", "and its own");
	is_text(value(c, "servers"), "8", "the third in a chain");
	is_text(value(c, "places"), "6", "has the second's");
	is_int(c->run.seed, 7, "and the first's run");
	is_int(c->run.reps, 3, "and the study's");
	is_int(c->run.warmup, 1000000000, "a time of the run in ns");
	near_to(recipe_windows(c->trace.recipe, &(int){0})->rate, 5, 1e-9, "a variant's trace");
	near_to(recipe_windows(b->trace.recipe, &(int){0})->rate, 100, 1e-9, "the study's trace");
	is_text(tree_get(b->model, "servers")->place.file, "m.yaml", "a value knows its file");
	is_int(tree_get(b->model, "servers")->place.line, 6, "and its line");
	is_int(tree_get(b->model, "places")->place.line, 7, "another");
	err_init(&err);
	ok(!setup_resolve(study, "aa", NULL, &err) && strstr(err.message[0].text, "did you mean \"a\"?"),
	   "a variant that is not there");
	study = load_good(TRACE, NULL);
	is_int(study->variants, 1, "without variants there is one");
	is_text(study->variant[0], "station", "called after its case");
}

static void check_parents(void)
{
	struct study *study = load_good("extends: grandchild.yaml\nrun: {seed: 10}\n", NULL);
	struct setup *a = setup_of(study, "a", NULL);
	is_text(study->of->name, "station", "the case is inherited");
	is_text(value(a, "servers"), "4", "a parent's parent lies below its child");
	is_text(value(a, "places"), "8", "a variant lies over the model of all files");
	is_text(value(setup_of(study, "c", NULL), "places"), "9", "a variant of the file between");
	is_int(a->run.reps, 2, "what only the oldest says");
	is_int(a->run.seed, 10, "what the newest says");
	is_text(a->trace.recipe_path, "recipe.yaml", "a recipe of the oldest");
	study = load_good("extends: parent.yaml\ntrace: {file: x.csv}\n", NULL);
	a = setup_of(study, "a", NULL);
	is_text(a->trace.file, "x.csv", "a file instead of the parent's recipe");
	ok(!a->trace.recipe && !tree_get(a->trace.tree, "recipe"), "of which nothing is left");
	study = load_good("case: station\ntrace: {windows: {rate: 7 /s, for: 2 s}}\n",
			  "trace: {recipe: recipe.yaml}\n");
	near_to(recipe_windows(setup_of(study, "station", NULL)->trace.recipe, &(int){0})->rate, 100, 1e-9,
		"a recipe that is named starts anew");
	study = load_good("extends: parent.yaml\ntrace: {windows: {rate: 1 /s, for: 2 s}}\n", NULL);
	near_to(recipe_windows(setup_of(study, "a", NULL)->trace.recipe, &(int){0})->rate, 1, 1e-9,
		"windows over a parent's recipe");
}

static void check_over(void)
{
	static const char text[] = TRACE "faults: [{at: 1 s, for: 1 s, kind: pause}]\n"
					 "variants: {a: {model: {servers: 3}, run: {reps: 4}}, b: {faults: []}}\n";
	struct study *study = load_good(text, "model: {servers: 9}\nrun: {reps: 6, variants: [a]}\n"
					      "faults: ['3 s for 2 s slow by 4']\n");
	struct setup *a = setup_of(study, "a", NULL), *b = setup_of(study, "b", NULL);
	is_text(value(a, "servers"), "9", "the command line lies over a variant");
	is_int(a->run.reps, 6, "also over its run");
	is_text(study->shown[0], "a", "and says what is shown");
	is_int(a->fault_count, 2, "its faults are added");
	is_int(b->fault_count, 0, "but not to a variant that was not chosen");
	study = load_good(text, "faults: ['3 s for 2 s slow by 4']\n");
	is_int(setup_of(study, "b", NULL)->fault_count, 1, "where none is chosen, to all");
	is_text(a->faults[0].label, "pause", "a fault's label");
	is_text(a->faults[1].label, "slow by 4", "with its factor");
	is_int(a->faults[1].at, INT64_C(3000000000), "when it begins");
	is_int(a->faults[1].lasts, INT64_C(2000000000), "how long it lasts");
	study = load_good(TRACE, "trace: {file: y.csv}\n");
	is_text(setup_of(study, "station", NULL)->trace.file, "y.csv", "another trace");
	study = load_good("case: station\ntrace: {file: x.csv, columns: {service: s}}\n", "trace: {file: y.csv}\n");
	is_text(setup_of(study, "station", NULL)->trace.file, "y.csv", "another file with the same map");
	ok(tree_get(setup_of(study, "station", NULL)->trace.tree, "columns"), "of columns");
}

static void check_ablations(void)
{
	struct study *study = load_good(TRACE "model: {servers: 2}\n"
					      "faults: [{at: 1 s, for: 1 s, kind: pause}]\n"
					      "variants: {a: {model: {servers: 3}}, b: {}}\n",
					NULL);
	err_init(&err);
	struct setup *a = setup_of(study, "a", "{servers: 5, x-why: z}");
	is_text(value(a, "servers"), "5", "without lies over a variant");
	is_int(a->fault_count, 1, "and leaves the rest");
	is_text(value(setup_of(study, "a", NULL), "servers"), "3", "the variant itself stays as it was");
	is_int(setup_of(study, "a", "{faults: []}")->fault_count, 0, "without faults");
	near_to(recipe_windows(setup_of(study, "a", "{trace: {windows: {rate: 3 /s, for: 1 s}}}")->trace.recipe,
			       &(int){0})
			->rate,
		3, 1e-9, "without the trace");
	struct study *faulty = load_good(TRACE, "faults: ['3 s for 2 s slow by 4']\n");
	is_int(setup_of(faulty, "station", "{servers: 2}")->fault_count, 1, "a fault of the command line stays");
	is_int(setup_of(faulty, "station", "{faults: []}")->fault_count, 0, "unless faults are what is done without");
	ok(!setup_of(study, "a", "{servers: 0}") && strstr(err.message[0].text, "out of range"), "a bad ablation");
	err_init(&err);
	ok(!setup_of(study, "a", "{sevice: 1 ms}") && strstr(err.message[0].text, "did you mean \"service\""),
	   "a slip in one");
}

static uint64_t digest(const char *text)
{
	struct study *study = load_good(text, NULL);
	return setup_of(study, study->variant[0], NULL)->digest;
}

static void check_digests(void)
{
	static const char *const different[] = {
		TRACE,
		TRACE "model: {servers: 2}\n",
		TRACE "model: {service: exp(8.000001 ms)}\n",
		TRACE "model: {service: 'mix(1 exp(1 ms), 2 const(2 ms))'}\n",
		TRACE "model: {service: 'mix(1 exp(1 ms), 3 const(2 ms))'}\n",
		TRACE "model: {service: 'lognormal(median=8 ms, p99=20 ms)'}\n",
		TRACE "model: {limited: on}\n",
		SERVED "model: {service_from: model}\n",
		SERVED "model: {service_from: trace}\n",
		TRACE "run: {seed: 2}\n",
		TRACE "run: {drain: 61 s}\n",
		TRACE "run: {warmup: 1 s}\n",
		TRACE "faults: [{at: 1 s, for: 1 s, kind: pause}]\n",
		TRACE "faults: [{at: 1 s, for: 2 s, kind: pause}]\n",
		TRACE "faults: [{at: 1 s, for: 1 s, kind: slow, factor: 2}]\n",
		"case: station\ntrace: {windows: {rate: 101 /s, for: 10 s}}\n",
		"case: station\ntrace: {file: x.csv}\n",
		"case: station\ntrace: {file: y.csv}\n",
	};
	enum { COUNT = sizeof different / sizeof *different };
	uint64_t seen[COUNT];
	int equal = 0;
	for (int i = 0; i < COUNT; i++) {
		seen[i] = digest(different[i]);
		for (int k = 0; k < i; k++)
			equal += seen[k] == seen[i];
	}
	is_int(equal, 0, "%d setups that differ in one thing each have digests of their own", COUNT);
	ok(digest(TRACE "model: {servers: 1}\n") == seen[0], "a default that is written out is the same");
	ok(digest(TRACE "about: other words\nx-note: 1\nmodel: {x-note: 2}\n") == seen[0], "words do not matter");
	ok(digest(TRACE "variants: {a: {about: z}}\n") == seen[0], "nor does a variant's name");
	ok(digest("case: station\ntrace: {about: x, sources: y, windows: {rate: 100 /s, for: 10 s}}\n") == seen[0],
	   "nor what a recipe says of itself");
	ok(digest("case: station\ntrace: {recipe: recipe.yaml}\n") == seen[0], "nor where a recipe is written");
	ok(digest(TRACE "model: {service: 8000 us}\n") == digest(TRACE "model: {service: const(8 ms)}\n"),
	   "nor in which unit");
}

static void check_fault_texts(void)
{
	static const struct {
		const char *text, *kind, *at, *lasts, *target, *factor, *rate; /* kind NULL: refused */
	} table[] = {
		{"120 s for 30 s kill node 3", "kill", "120 s", "30 s", "node 3", NULL, NULL},
		{"at 10 s for 5 s slow disk 7 by 10", "slow", "10 s", "5 s", "disk 7", "10", NULL},
		{"10s for 5s hot channel 1 at 5k/s", "hot", "10s", "5s", "channel 1", NULL, "5k/s"},
		{"10 s for 5 s hot channel 1 at 5 k/s", "hot", "10 s", "5 s", "channel 1", NULL, "5 k/s"},
		{"1 min for 500 ms pause", "pause", "1 min", "500 ms", NULL, NULL, NULL},
		{"kill node 3", NULL, NULL, NULL, NULL, NULL, NULL},
		{"120 s kill node 3", NULL, NULL, NULL, NULL, NULL, NULL},
		{"120 s for", NULL, NULL, NULL, NULL, NULL, NULL},
		{"120 s for 30 s", NULL, NULL, NULL, NULL, NULL, NULL},
		{"9 s for 3 s cut link Virginia - Oregon", "cut", "9 s", "3 s", "link Virginia - Oregon", NULL, NULL},
		{"1 s for 3 s slow Virginia playback by 2", "slow", "1 s", "3 s", "Virginia playback", "2", NULL},
		{"120 s for 30 s for 3 s kill node 3", NULL, NULL, NULL, NULL, NULL, NULL},
		{"", NULL, NULL, NULL, NULL, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		static const char *const keys[] = {"kind", "at", "for", "target", "factor", "rate"};
		const char *want[] = {table[i].kind,   table[i].at,     table[i].lasts,
				      table[i].target, table[i].factor, table[i].rate};
		err_init(&err);
		struct tree *fault = faults_text(case_find("station"), table[i].text, &arena, NULL, &err);
		bool same = (fault != NULL) == (table[i].kind != NULL) && (fault != NULL) != (err.count == 1);
		for (int k = 0; k < 6 && fault; k++) {
			struct tree *got = tree_get(fault, keys[k]);
			same = same && (got != NULL) == (want[k] != NULL) && (!got || strcmp(got->text, want[k]) == 0);
		}
		ok(same, "\"%s\" is %s", table[i].text, table[i].kind ? "understood" : "refused");
	}
}

static void check_discord_faults(void)
{
	static const char text[] =
		"case: discord\n"
		"trace: {windows: {rate: 100 /s, for: 10 s}, columns: {op: read, channel: 1, sent: 0 s}}\n"
		"model: {nodes: 12}\n";
	if (!case_find("discord")) {
		skip(5, "no case discord");
		return;
	}
	struct study *study = load_good(text, "faults: ['1 s for 2 s slow disk 7 by 10', '1 s for 2 s kill node 11']");
	struct setup *setup = setup_of(study, "discord", NULL);
	is_text(setup->of->faults[setup->faults[0].kind].name, "slow-disk", "slow of a disk is slow-disk");
	is_text(setup->faults[1].label, "kill node 11", "a label with its target");
	ok(!load(text, "faults: ['1 s for 2 s kill node 12']") && err.count == 1 &&
		   strstr(err.message[0].text, "there is no node 12"),
	   "a node that is not there");
	ok(!load(text, "slice: 4\nfaults: ['1 s for 2 s kill node 11']") &&
		   strstr(err.message[0].text, "in this slice"),
	   "a node that is not in the slice");
	ok(!load(text, "faults: ['1 s for 2 s kill disk 1']") &&
		   strstr(err.message[0].text, "kill hits a node, not a disk"),
	   "a target of another kind");
}

/* Work is in seconds, its rate seconds per second; deviations are in the unit of what deviates. */
static void check_work(void)
{
	static const struct {
		const char *expect, *why; /* why NULL: good */
	} table[] = {
		{"rate(cpu) < 30 % * param(nodes) * param(cores)", NULL},
		{"sum(cpu) > 3 s", NULL},
		{"count(cpu) / 10 s < 5", NULL},
		{"sd(read) / mean(read) < 2", NULL},
		{"sd(read) < 1 s", NULL},
		{"sd(debt) < 3 GB", NULL},
		{"max(debt) < 3 GB", NULL},
		{"sum(cpu) > 3", "needs a time unit"},
		{"sd(read) < 1", "needs a time unit"},
		{"mean(cpu) < 1 s", "cpu has no mean; it has sum, count, rate"},
		{"sd(failed) < 1", "failed has no sd; it has count, rate"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[1000];
		snprintf(text, sizeof text,
			 "case: discord\n"
			 "trace: {windows: {rate: 100 /s, for: 10 s}, columns: {op: read, channel: 1, sent: 0 s}}\n"
			 "claims:\n  - {id: x, says: y, kind: derived, no_ablation: z, evidence: derived,\n"
			 "     expect: '%s'}\n",
			 table[i].expect);
		struct study *study = load(text, NULL);
		ok(table[i].why ? !study && strstr(err.message[0].text, table[i].why) : study != NULL, "%s %s: %s",
		   table[i].expect, table[i].why ? "is refused" : "is good", err.count ? err.message[0].text : "");
	}
}

/* What a target may be called, and as which number it comes out. */
static void check_named_faults(void)
{
	static const char text[] =
		"case: netflix\n"
		"trace: {windows: {rate: 100 /s, for: 10 s}, columns: {op: start, home: virginia, member: 1}}\n"
		"model: {regions: 3}\n";
	static const struct {
		const char *fault, *label; /* label NULL: refused, because of: */
		int64_t target;
		const char *why;
	} table[] = {
		{"lose Virginia", "lose Virginia", 0, NULL},
		{"lose region Ireland", "lose Ireland", 2, NULL},
		{"lose Region oregon", "lose Oregon", 1, NULL},
		{"lose region 2", "lose Ireland", 2, NULL},
		{"lose 2", "lose Ireland", 2, NULL},
		{"cut link Virginia - Oregon", "cut Virginia - Oregon", 1, NULL},
		{"cut Oregon-Virginia", "cut Oregon - Virginia", 4, NULL},
		{"cut link 4", "cut Oregon - Virginia", 4, NULL},
		{"lose zone 1", "lose Virginia B", 1, NULL},
		{"lose-zone ireland b", "lose-zone Ireland B", 7, NULL},
		{"slow Oregon catalogue by 3", "slow Oregon catalogue by 3", 3, NULL},
		{"slow-relay partition 1 by 3", "slow-relay partition 1 by 3", 1, NULL},
		{"lose Virgina", NULL, 0, "there is no region \"Virgina\"; did you mean \"Virginia\"?"},
		{"lose region Paris", NULL, 0, "there is no region \"Paris\"; known: Virginia, Oregon, Ireland"},
		{"lose Ohio", NULL, 0, "there is no region \"Ohio\""},
		{"lose region 3", NULL, 0, "there is no region 3"},
		{"cut link Virginia - Virginia", NULL, 0, "there is no link \"Virginia - Virginia\""},
		{"cut link 0", NULL, 0, "there is no link 0"},
		{"lose-zone region 1", NULL, 0, "lose-zone hits a zone, not a region"},
		{"lose", NULL, 0, "lose needs a target, e.g. Virginia"},
		{"slow-relay west by 3", NULL, 0, "is not a word and a number, e.g. partition 3"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char line[200];
		snprintf(line, sizeof line, "faults: ['1 s for 2 s %s']\n", table[i].fault);
		struct study *study = load(text, line);
		if (!table[i].label) {
			ok(!study && strstr(err.message[0].text, table[i].why), "%s is refused: %s", table[i].fault,
			   err.message[0].text);
			continue;
		}
		const struct fault *fault = study ? &setup_of(study, "netflix", NULL)->faults[0] : NULL;
		is_text(fault ? fault->label : err.message[0].text, table[i].label, "%s is told by its name",
			table[i].fault);
		is_int(fault ? fault->target : -1, table[i].target, "and has its number");
	}
}

/* ---- what is refused ---- */

static const struct bad {
	const char *text;
	const char *file;
	int line, column;
	const char *fragment;
	int count; /* of messages */
} bads[] = {
	{"- a list\n", "m.yaml", 1, 1, "a model file must be a map, not a list", 1},
	{"about: x\n", "m.yaml", 1, 1, "case is missing; one of: ", 1},
	{"case: staton\n", "m.yaml", 1, 7, "unknown case \"staton\"; did you mean \"station\"?", 1},
	{"case: [station]\n", "m.yaml", 1, 7, "case must be one value, not a list", 1},
	{"case: station\n", "m.yaml", 1, 1, "a trace is missing", 1},
	{TRACE "modle: {}\n", "m.yaml", 3, 1, "unknown key \"modle\" in a model file; did you mean \"model\"?", 1},
	{TRACE "elephants: {}\n", "m.yaml", 3, 1, "unknown key \"elephants\" in a model file; known: case, format", 1},
	{TRACE "model: [1]\n", "m.yaml", 3, 8, "model must be a map", 1},
	{TRACE "model:\n  sevice: 1 ms\n", "m.yaml", 4, 3, "unknown key \"sevice\" in model; did you mean \"service\"?",
	 1},
	{TRACE "model:\n  servers: 0\n", "m.yaml", 4, 12, "servers: 0 is out of range; allowed: 1 .. 1 M", 1},
	{TRACE "model:\n  service: 80\n", "m.yaml", 4, 12, "service", 1},
	{TRACE "model:\n  servers: [1, 2]\n", "m.yaml", 4, 12, "servers needs one value, not a list", 1},
	{TRACE "model:\n  service_from: tarce\n", "m.yaml", 4, 17, "did you mean \"trace\"?", 1},
	{TRACE "model: {service: lognormal(median=1 ms, p99=5 ms)}\n", "m.yaml", 3, 18, "quote it", 1},
	{TRACE "slice: 2\n", "m.yaml", 3, 8, "station can only be simulated whole", 1},
	{TRACE "slice: 0\n", "m.yaml", 3, 8, "slice: 0 is out of range", 1},
	{TRACE "run: {reps: 0}\n", "m.yaml", 3, 13, "reps: 0 is out of range; allowed: 1 .. 10000", 1},
	{TRACE "run: {warmup: 5}\n", "m.yaml", 3, 15, "warmup: \"5\" needs a time unit", 1},
	{TRACE "run: {warmup: 10 s}\n", "m.yaml", 3, 15,
	 "warmup leaves nothing of the trace's window 1, which lasts 10 s", 1},
	{TRACE "run: {sede: 5}\n", "m.yaml", 3, 7, "did you mean \"seed\"?", 1},
	{TRACE "run: {variants: [a]}\n", "m.yaml", 3, 18, "unknown variant \"a\"", 1},
	{TRACE "variants: [a]\n", "m.yaml", 3, 11, "variants must be a map, not a list", 1},
	{TRACE "variants:\n  a: {extends: c}\n  b: {}\n", "m.yaml", 4, 16, "unknown variant \"c\"", 1},
	{TRACE "variants:\n  a: {extends: a}\n", "m.yaml", 4, 16, "variant \"a\" extends itself", 1},
	{TRACE "variants:\n  one: {extends: two}\n  two: {extends: one}\n", "m.yaml", 5, 18, "extends itself by way of",
	 2},
	{TRACE "variants:\n  a: {modl: {}}\n", "m.yaml", 4, 7,
	 "unknown key \"modl\" in a variant; did you mean \"model\"?", 1},
	{TRACE "variants:\n  a: {model: {servers: -1}}\n", "m.yaml", 4, 24, "servers: -1 is out of range", 1},
	{TRACE "variants:\n  a b: {}\n", "m.yaml", 4, 3, "letters, digits, - _ and . only", 1},
	{TRACE "variants: {a: {run: {variants: [b]}}}\n", "m.yaml", 3, 22, "no variants of its own", 1},
	{TRACE "figures: [{kind: percentiles, metric: response, title: "
	 "{if: p99(wait) < 1 s, then: x}}]\n", "m.yaml", 3, 56,
	 "title needs else", 1},
	{TRACE "variants: {a: {}, b: {}}\nfigures: [{kind: percentiles, metric: response, "
	 "title: \"{p99(wait)}\"}]\n", "m.yaml", 4, 57, "must name a variant", 1},
	{TRACE "figures: [{kind: percentiles, metric: response, title: "
	 "{if: p99(wiat) < 1 s, then: x, else: y}}]\n", "m.yaml", 3, 61,
	 "unknown metric", 1},
	{TRACE "faults: {at: 1 s}\n", "m.yaml", 3, 9, "faults must be a list, not a map", 1},
	{TRACE "faults: [{at: 1 s, for: 1 s}]\n", "m.yaml", 3, 10, "a fault needs a kind", 1},
	{TRACE "faults: [{at: 1 s, for: 1 s, kind: puase}]\n", "m.yaml", 3, 36, "did you mean \"pause\"?", 1},
	{TRACE "faults: [{at: 1, for: 1 s, kind: pause}]\n", "m.yaml", 3, 15, "at: \"1\" needs a time unit", 1},
	{TRACE "faults: [{at: 1 s, kind: pause}]\n", "m.yaml", 3, 10, "this fault needs for, e.g. for: 30 s", 1},
	{TRACE "faults: [{at: 1 s, for: 0 s, kind: pause}]\n", "m.yaml", 3, 25, "for: 0 s is out of range", 1},
	{TRACE "faults: [{at: 1 s, for: 1 s, kind: slow}]\n", "m.yaml", 3, 10, "this fault needs factor", 1},
	{TRACE "faults: [{at: 1 s, for: 1 s, kind: pause, factor: 2}]\n", "m.yaml", 3, 43, "takes no factor", 1},
	{TRACE "faults: [{at: 1 s, for: 1 s, kind: pause, target: node 1}]\n", "m.yaml", 3, 43, "pause takes no target",
	 1},
	{TRACE "faults: [{at: 1 s, for: 1 s, kind: pause, target: node}]\n", "m.yaml", 3, 43, "pause takes no target",
	 1},
	{TRACE "faults: [{at: 1 s, fro: 1 s, kind: pause}]\n", "m.yaml", 3, 20, "did you mean \"for\"?", 2},
	{"case: station\ntrace: {recipe: nowhere.yaml}\n", "m.yaml", 2, 17, "there is no file nowhere.yaml", 1},
	{"case: station\ntrace: {recipe: wrong-recipe.yaml}\n", "wrong-recipe.yaml", 1, 30,
	 "for: \"10\" needs a time unit", 1},
	{"case: station\ntrace: {recipe: recipe.yaml, file: x.csv}\n", "m.yaml", 2, 9,
	 "either a recipe or a file, not both", 1},
	{"case: station\ntrace: recipe.yaml\n", "m.yaml", 2, 8, "trace must be a map, not a value", 1},
	{"case: station\ntrace: {widnows: {rate: 1 /s, for: 1 s}}\n", "m.yaml", 2, 9, "widnows", 2},
	{"extends: nowhere.yaml\n", "m.yaml", 1, 10, "there is no file nowhere.yaml", 1},
	{"extends: list.yaml\n", "list.yaml", 1, 1, "a model file must be a map, not a list", 1},
	{"extends: loop-a.yaml\n", "loop-b.yaml", 1, 10, "loop-a.yaml extends itself by way of loop-b.yaml", 1},
	{"extends: loop-self.yaml\n", "loop-self.yaml", 1, 10, "loop-self.yaml extends itself", 1},
	{TRACE "evidence: {serves: assumption}\n", "m.yaml", 3, 12, "did you mean \"servers\"?", 1},
	{TRACE "evidence: {servers: guess}\n", "m.yaml", 3, 21, "unknown evidence \"guess\"; known: published, derived",
	 1},
	{TRACE "evidence: {servers: 'published [AB1]'}\n", "m.yaml", 3, 22, "source \"AB1\" is not in sources", 1},
	{TRACE "sources: [a]\n", "m.yaml", 3, 10, "sources must be a map", 1},
	{TRACE "sources: {A: {titel: x}}\n", "m.yaml", 3, 15, "did you mean \"title\"?", 1},
	{TRACE "scope: {model: [a]}\n", "m.yaml", 3, 9, "did you mean \"models\"?", 1},
	{TRACE "claims: {}\n", "m.yaml", 3, 9, "claims must be a list, not a map", 1},
	{TRACE "figures:\n  - {kind: pie}\n", "m.yaml", 4, 12, "unknown kind of figure \"pie\"; known: percentiles", 1},
	{TRACE "figures:\n  - {title: x}\n", "m.yaml", 4, 5, "a figure needs a kind", 1},
	{TRACE "figures:\n  - {kind: bars, metrci: wait}\n", "m.yaml", 4, 18, "did you mean \"metric\"?", 1},
	{TRACE "figures:\n  - {kind: bars, metric: wiat}\n", "m.yaml", 4, 26, "did you mean \"wait\"?", 1},
	{TRACE "figures:\n  - {kind: bars, metric: p99(wiat)}\n", "m.yaml", 4, 26, "did you mean \"wait\"?", 1},
	{TRACE "figures:\n  - {kind: bars, variants: [z]}\n", "m.yaml", 4, 29, "unknown variant \"z\"", 1},
	{TRACE "figures:\n  - {kind: bars, name: ../x}\n", "m.yaml", 4, 24, "becomes the name of a file", 1},
	{TRACE "figures:\n  - {kind: heat, rows: [a], columns: [b]}\n", "m.yaml", 4, 5, "of kind heat needs cells", 1},
	{TRACE "figures:\n  - {kind: map}\n", "m.yaml", 4, 5, "of kind map needs moments", 2},
	{TRACE "figures:\n  - {kind: diagram, lanes: rows}\n", "m.yaml", 4, 28,
	 "lanes: expected one of parts, requests", 1},
	{TRACE "figures:\n  - {kind: diagram, count: 5}\n", "m.yaml", 4, 28, "is not 1, 2, 3 or 4", 1},
	{TRACE "figures:\n  - {kind: diagram, count: 2}\n", "m.yaml", 4, 28, "run: {reps: 1}", 1},
	{TRACE "figures:\n  - {kind: bars, moments: [1 s]}\n", "m.yaml", 4, 18,
	 "of kind bars takes no moments; it takes", 1},
	{TRACE "figures:\n  - {kind: lines, metric: wait, window: 1}\n", "m.yaml", 4, 33, "kind lines takes no window",
	 1},
	{TRACE "figures:\n  - {kind: heat, x-note: y, rows: [], columns: [], cells: [], log: y}\n", "m.yaml", 4, 63,
	 "kind heat takes no log", 1},
	{TRACE "figures:\n  - {kind: percentiles, metric: arrived}\n", "m.yaml", 4, 33, "arrived is not a time", 1},
	{TRACE "figures:\n  - {kind: percentiles, metric: wait, window: 7}\n", "m.yaml", 4, 47, "no such window", 1},
	{TRACE "figures:\n  - {kind: timeline, metric: arrived}\n", "m.yaml", 4, 30,
	 "shows the rate of arrived, not p99",
	 1},
	{TRACE "figures:\n  - {kind: timeline, metric: wait, statistic: sum}\n", "m.yaml", 4, 47,
	 "shows the percentiles, mean, sd or max of wait, not sum", 1},
	{TRACE "figures:\n  - {kind: timeline, metric: wait, shade: response}\n", "m.yaml", 4, 43,
	 "response is not a count, work or level", 1},
	{TRACE "figures:\n  - {kind: timeline, metric: wait, from: soon}\n", "m.yaml", 4, 42, "from needs a time", 1},
	{TRACE "figures:\n  - {kind: bars, metric: arrived, statistic: p50}\n", "m.yaml", 4, 46, "arrived has no p50",
	 1},
	{TRACE "figures:\n  - {kind: bars, log: z}\n", "m.yaml", 4, 23, "expected one of x, y, xy, not \"z\"", 1},
	{TRACE "figures:\n  - {kind: lines, y: p99(wait), x: param(nods)}\n", "m.yaml", 4, 36,
	 "unknown parameter \"nods\"", 1},
	{TRACE "figures:\n  - {kind: lines, y: p99(wiat)}\n", "m.yaml", 4, 22, "did you mean \"wait\"?", 1},
	{TRACE "figures:\n  - {kind: bars, title: 'it is {p99(wiat)}'}\n", "m.yaml", 4, 26, "did you mean \"wait\"?",
	 1},
	{TRACE "figures:\n  - {kind: bars, published: [{label: x}]}\n", "m.yaml", 4, 30, "needs y, or low and high", 1},
	{TRACE "figures:\n  - {kind: bars, published: [{y: much}]}\n", "m.yaml", 4, 34, "is not a number", 1},
	{TRACE "figures:\n  - {kind: bars, published: [{y: 1, date: today}]}\n", "m.yaml", 4, 43, "is not a date", 1},
	{TRACE "figures:\n  - {kind: heat, rows: a, columns: [b], cells: [['']]}\n", "m.yaml", 4, 24,
	 "rows must be a list", 1},
	{TRACE "figures:\n  - {kind: heat, rows: [a, c], columns: [b], cells: [['']]}\n", "m.yaml", 4, 53,
	 "2 rows have names, and 1 have cells", 1},
	{TRACE "figures:\n  - {kind: heat, rows: [a], columns: [b, c], cells: [['']]}\n", "m.yaml", 4, 54,
	 "a cell for each of 2 columns, not 1", 1},
	{TRACE "figures:\n  - {kind: heat, rows: [a], columns: [b], cells: [x]}\n", "m.yaml", 4, 51,
	 "a row of cells must be a list", 1},
	{TRACE "figures:\n  - {kind: heat, rows: [a], columns: [b], cells: [[p99(wiat)]]}\n", "m.yaml", 4, 52,
	 "did you mean \"wait\"?", 1},
	{TRACE "figures:\n  - {kind: bars}\n  - {kind: bars}\n", "m.yaml", 5, 5, "two figures are called \"bars\"", 1},
	{TRACE "figures:\n  - {kind: bars, published: [{y: 1 ms, source: Q}]}\n", "m.yaml", 4, 48, "source \"Q\"", 1},
	{TRACE "model: {servers: 0, places: -1}\nrun: {reps: 0}\nslice: 7 s\n", "m.yaml", 3, 18, "servers", 3},
};

/* A claim with one thing wrong; `@` in its text stands for the expectation's line. */
#define CLAIM TRACE "variants: {a: {}, b: {}}\nsources: {S: s}\nclaims:\n"
#define END   "    without: {servers: 2}\n    evidence: derived\n    source: S\n    kind: derived\n"
static const struct bad bad_claims[] = {
	{"case: station\ntrace: {recipe: dates.yaml}\nclaims:\n  - {id: x, says: y, kind: derived, no_ablation: z, "
	 "evidence: "
	 "derived,\n     expect: "
	 "'mean(wait)[@ 2016-03-01] < 1 s'}\n",
	 "m.yaml", 5, 15, "no such window; it has 2016-01-01, 2016-07-01", 1},
	{CLAIM "  - says: x\n    expect: mean(wait)[a] < 1 s\n" END, "m.yaml", 6, 5, "a claim needs id", 1},
	{CLAIM "  - {id: x}\nformat: 2\n", "m.yaml", 6, 5, "a claim needs says", 5},
	{CLAIM "  - id: x\n    says: y\n    expect: []\n" END, "m.yaml", 8, 13, "expect is empty", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wiat)[a] < 1 s\n" END, "m.yaml", 8, 13,
	 "did you mean \"wait\"?", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: maen(wait)[a] < 1 s\n" END, "m.yaml", 8, 13,
	 "did you mean \"mean\"?", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: p99(queue)[a] < 1\n" END, "m.yaml", 8, 13,
	 "queue has no p99; it has mean, sd, max", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(blocked)[a] < 1\n" END, "m.yaml", 8, 13, "it has count, rate",
	 1},
	{CLAIM "  - id: x\n    says: y\n    expect: 1 s > mean(wait)[c]\n" END, "m.yaml", 8, 19,
	 "unknown variant \"c\"", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait) < 1 s\n" END, "m.yaml", 8, 13,
	 "must name a variant", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a @ 2] < 1 s\n" END, "m.yaml", 8, 13,
	 "no such window; it has 1", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1\n" END, "m.yaml", 8, 29, "needs a time unit", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: param(serves)[a] < 1\n" END, "m.yaml", 8, 13,
	 "did you mean \"servers\"?", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: param(limited)[a] < 1\n" END, "m.yaml", 8, 13,
	 "limited is not a number", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    evidence: derived\n    source: S\n"
	       "    kind: derived\n",
	 "m.yaml", 6, 5, "a claim needs without", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    no_ablation: z\n" END, "m.yaml", 10, 5,
	 "either without or no_ablation", 1},
	{CLAIM
	 "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servres: 2}\n    evidence: derived\n"
	 "    kind: derived\n",
	 "m.yaml", 9, 15, "unknown key \"servres\"; did you mean \"servers\"?", 1},
	{CLAIM
	 "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 0}\n    evidence: derived\n"
	 "    kind: derived\n",
	 "m.yaml", 9, 24, "servers: 0 is out of range", 1},
	{CLAIM
	 "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 2}\n    evidence: hearsay\n"
	 "    kind: derived\n",
	 "m.yaml", 10, 15, "unknown evidence \"hearsay\"", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 2}\n    evidence: "
	       "derived\n    source: T\n    kind: derived\n",
	 "m.yaml", 11, 13, "unknown source \"T\"", 1},
	{CLAIM "  - id: x\n    says: y\n    expext: mean(wait)[a] < 1 s\n" END, "m.yaml", 8, 5,
	 "did you mean \"expect\"?", 2},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n" END
	       "  - id: x\n    says: y\n    expect: mean(wait)[b] < 1 s\n" END,
	 "m.yaml", 13, 9, "claim \"x\" is defined twice", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 2}\n"
	       "    evidence: derived\nformat: 2\n",
	 "m.yaml", 6, 5, "a claim needs kind: predicted, calibrated, or derived", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 2}\n"
	       "    evidence: derived\n"
	       "    kind: predicated\n",
	 "m.yaml", 11, 11, "unknown kind of claim \"predicated\"; did you mean \"predicted\"?", 1},
	/* An ablation that switches nothing off. */
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {servers: 1}\n"
	       "    evidence: derived\n"
	       "    kind: derived\n",
	 "m.yaml", 9, 14, "without changes nothing", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n    without: {}\n    evidence: derived\n"
	       "    kind: derived\n",
	 "m.yaml", 9, 14, "without changes nothing", 1},
	/* Values at which a claim is said to fail. */
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n"
	       "    fails: {servers: 1}\n" END,
	 "m.yaml", 9, 12, "fails changes nothing", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n"
	       "    fails: {service: 4}\n" END,
	 "m.yaml", 9, 22, "service", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n"
	       "    fails: {run: {reps: 2}}\n" END,
	 "m.yaml", 9, 13, "fails changes the model", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] < 1 s\n"
	       "    fails: {service: exp(2 ms)}\n" END
	       "ranges: {service: 2 ms..20 ms}\n",
	 "m.yaml", 9, 22, "does not lie inside of 2 ms..20 ms", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] = 1 s\n" END, "m.yaml", 8, 32,
	 "\"within\" and how much", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] = 1 s within 1\n" END, "m.yaml", 8, 40,
	 "needs a time unit", 1},
	{CLAIM "  - id: x\n    says: y\n    expect: mean(wait)[a] = 1 s within 0 %\n" END, "m.yaml", 8, 40,
	 "more than 0", 1},
};

/* What readers of a page may change, with one thing wrong in it. */
#define EXPLORE                                                                                                        \
	TRACE "variants: {a: {}, b: {}}\nclaims:\n  - {id: x, says: y, kind: derived, evidence: derived, "             \
	      "expect: 'mean(wait)[a] < 1 s', without: {servers: 9}}\nexplore:\n"
static const struct bad bad_explores[] = {
	{EXPLORE "  sentense: x\n", "m.yaml", 7, 3, "did you mean \"sentence\"?", 1},
	{EXPLORE "  variants: [a]\n", "m.yaml", 7, 3, "explore needs a sentence", 1},
	{EXPLORE "  sentence: it is {mean(wiat)[a]}\n", "m.yaml", 7, 13, "did you mean \"wait\"?", 1},
	{EXPLORE "  sentence: s\n  variants: [c]\n", "m.yaml", 8, 14, "unknown variant \"c\"", 1},
	{EXPLORE "  sentence: s\n  setup: {servres: 1}\n", "m.yaml", 8, 11, "did you mean \"servers\"?", 1},
	{EXPLORE "  sentence: s\n  sliders: [{from: 1, to: 2}]\n", "m.yaml", 8, 13, "a slider needs a key", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servres, from: 1, to: 2}\n", "m.yaml", 9, 13,
	 "did you mean \"servers\"?", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servers, from: 0, to: 2}\n", "m.yaml", 9, 13,
	 "servers: 0 is out of range", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servers, from: 1, to: 2 ms}\n", "m.yaml", 9, 35,
	 "to: \"2 ms\"", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servers, from: 2, to: 2}\n", "m.yaml", 9, 35, "goes up", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servers, from: 1, to: 3, step: 5}\n", "m.yaml", 9, 44,
	 "no more than the slider is long", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: servers, from: 1, to: 3, scale: logg}\n", "m.yaml", 9, 45,
	 "did you mean \"log\"?", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: trace.windows.rate, from: 0 /s, to: 9 /s, scale: log}\n",
	 "m.yaml", 9, 39, "begins above 0", 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: limited, from: 0, to: 1}\n", "m.yaml", 9, 13, "needs choices",
	 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: limited, choices: [on, maybe]}\n", "m.yaml", 9, 13, "maybe",
	 1},
	{EXPLORE "  sentence: s\n  sliders:\n    - {key: limited, choices: [on]}\n", "m.yaml", 9, 31, "2 to", 1},
	{EXPLORE
	 "  sentence: s\n  sliders:\n    - {key: servers, from: 1, to: 2}\n    - {key: servers, from: 1, to: 2}\n",
	 "m.yaml", 10, 13, "two sliders move servers", 1},
	{EXPLORE "  sentence: s\n  sliders:\n"
		 "    - {key: servers, from: 1, to: 2}\n    - {key: places, from: 0, to: 2}\n"
		 "    - {key: service, from: 1 ms, to: 9 ms}\n    - {key: limited, choices: [on, off]}\n"
		 "    - {key: trace.windows.rate, from: 1 /s, to: 2 /s}\n",
	 "m.yaml", 13, 7, "more than 4 sliders", 1},
	{EXPLORE "  sentence: s\n  presets: [{name: n}]\n", "m.yaml", 8, 13, "a preset needs set", 1},
	{EXPLORE "  sentence: s\n  presets: [{name: n, set: {servers: 0}}]\n", "m.yaml", 8, 38, "out of range", 1},
	{EXPLORE "  sentence: s\n  sliders: [{key: servers, from: 1, to: 3}]\n"
		 "  presets: [{name: n, set: {servers: 4}}]\n",
	 "m.yaml", 9, 28, "servers is 4 here, which is not on its slider: 1 .. 3", 1},
	{EXPLORE "  sentence: s\n  sliders: [{key: servers, from: 2, to: 3}]\n", "m.yaml", 8, 19,
	 "servers is 1 at first, which is not on its slider: 2 .. 3", 1},
	{EXPLORE "  sentence: s\n  sliders: [{key: service, choices: [exp(1 ms), exp(2 ms)]}]\n", "m.yaml", 8, 19,
	 "service is exp(8 ms) at first, which is not among its choices", 1},
	{EXPLORE "  sentence: s\n  figures: [f]\n", "m.yaml", 8, 12, "unknown figure \"f\"", 1},
	{EXPLORE "  sentence: s\n  claims: [z]\n", "m.yaml", 8, 12, "unknown claim \"z\"", 1},
	{EXPLORE "  sentence: s\n  variants: [b]\n  claims: [x]\n", "m.yaml", 5, 65,
	 "not among those that are explored", 1},
	{EXPLORE "  sentence: s\n  expect: mean(wait)[a @ 2] < 1 s\n", "m.yaml", 8, 11, "no such window", 1},
	{EXPLORE "  sentence: s\n  claims: [x]\n  expect: ['mean(wait)[b] > 0 s', 'mean(wait)[a] < 1 s']\n",
	 "m.yaml", 9, 36, "claim \"x\" expects that already", 1},
	{EXPLORE "  sentence: s\n  budget: {drag: 9 k, settle: 2 k}\n", "m.yaml", 8, 11, "drag must not be more", 1},
};

/* Whether one of the messages is the one that is wanted. */
static bool complains(const struct bad *bad)
{
	for (int i = 0; i < err.count && i < ERR_MAX; i++) {
		const struct err_message *message = &err.message[i];
		if (message->line == bad->line && message->column == bad->column &&
		    strcmp(message->file, bad->file) == 0 && strstr(message->text, bad->fragment))
			return true;
	}
	return false;
}

static void check_bad(const struct bad *table, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct study *study = load(table[i].text, NULL);
		if (ok(!study && err.kind == ERR_MODEL && err.count == table[i].count && complains(&table[i]),
		       "refused at %s:%d:%d: %s", table[i].file, table[i].line, table[i].column, table[i].fragment))
			continue;
		for (int k = 0; k < err.count && k < ERR_MAX; k++)
			diag("%s:%d:%d: %s", err.message[k].file, err.message[k].line, err.message[k].column,
			     err.message[k].text);
	}
}

static void take_variant(void *context, struct term *term)
{
	*(const char **)context = term->variant;
}

static void check_good(void)
{
	struct study *study = load(
		TRACE "about: a study with everything\n"
		      "x-note: {free: [to, say]}\n"
		      "model: {servers: 2, service: exp(4 ms)}\n"
		      "run: {reps: 2, seed: 0, warmup: 1 s, series: 100 ms, drain: 1 min}\n"
		      "variants: {a: {}, b: {extends: a, about: other}}\n"
		      "faults: ['1 s for 2 s pause']\n"
		      "evidence: {service: 'published [S]: so they say', servers: assumption}\n"
		      "sources: {S: {title: t, year: 2017}, T: 'a text, with commas'}\n"
		      "scope: {models: [x, y], leaves_out: z}\n"
		      "claims:\n"
		      "  - {id: x, says: y, kind: calibrated, expect: ['p99(wait)[a @ 1] < 1 s', "
		      "'offered()[b] > 1 /s'], without: "
		      "{servers: 9},\n"
		      "     mechanism: m, evidence: published, source: S}\n"
		      "  - {id: z, says: y, kind: derived, expect: 'max(queue)[a] >= 0', no_ablation: because, "
		      "evidence: assumption}\n"
		      "figures:\n"
		      "  - {kind: percentiles, name: f, title: t, metric: wait, variants: [a], log: y}\n"
		      "  - {kind: heat, rows: [r], columns: [c, d], cells: [['', 'p99(wait)[a] - p50(wait)[b]']]}\n"
		      "  - {kind: lines, metrics: [p99(wait), rate(arrived)], published: [{date: 2016-01-01, y: 1 ms, "
		      "source: S}]}\n",
		NULL);
	ok(study && !err_any(&err), "canary: a good model is not refused");
	if (!study) {
		diag("%s:%d: %s", err.message[0].file, err.message[0].line, err.message[0].text);
		return;
	}
	is_int(study->claims, 2, "two claims");
	is_int(study->claim[0].expects, 2, "the first expects two things");
	ok(study->claim[0].kind == CLAIM_CALIBRATED && study->claim[1].kind == CLAIM_DERIVED, "of two kinds");
	is_text(study->claim[1].no_ablation, "because", "the second has no ablation");
	is_int(study->figures, 3, "three figures");
	is_text(study->figure[2].name, "lines", "a figure without a name is called by its kind");
	is_text(study_evidence(study, "service"), "published [S]: so they say", "evidence of a parameter");
	ok(!study_evidence(study, "places"), "none of another");
	is_text(study_source(study, "S"), "t, 2017", "a source as a map");
	is_text(study_source(study, "T"), "a text, with commas", "a source as a text");
	ok(!study_source(study, "U"), "a source that is not there");
	is_text(study->models[1], "y", "scope as a list");
	is_text(study->leaves_out[0], "z", "scope as one text");

	study = load("case: station\ntrace: {recipe: dates.yaml}\n"
		     "claims: [{id: x, says: y, kind: derived, expect: 'mean(wait)[@ 2016-07-01] < 1 s', "
		     "without: {servers: 9}, "
		     "evidence: derived}]\n",
		     NULL);
	ok(study, "the variant may be left out where there is one");
	if (study) {
		const char *variant = NULL;
		expression_terms(study->claim[0].expect[0].left, take_variant, &variant);
		is_text(variant, "station", "and is filled in");
	}

	load(TRACE "model: {servers: 0}\n", NULL);
	struct bad right = {NULL, "m.yaml", 3, 18, "servers: 0 is out of range", 1}, wrong = right;
	ok(complains(&right), "canary: the right message is found");
	wrong.line = 4;
	ok(!complains(&wrong), "canary: a wrong line is noticed");
	wrong = right;
	wrong.column = 17;
	ok(!complains(&wrong), "canary: a wrong column is noticed");
	wrong = right;
	wrong.file = "n.yaml";
	ok(!complains(&wrong), "canary: a wrong file is noticed");
	wrong = right;
	wrong.fragment = "servers: 1 is out of range";
	ok(!complains(&wrong), "canary: a wrong value is noticed");
}

/* Files of format 1 are told what changed. */
#define OLD_CLAIM                                                                                                      \
	"  - {id: x, says: y, evidence: derived, expect: 'rate(arrived)[a] / 1000000000 < 1', no_ablation: z}\n"
static const struct bad bad_formats[] = {
	{TRACE "claims:\n" OLD_CLAIM, "m.yaml", 4, 5, "a claim tells its kind since format 2", 3},
	{TRACE "claims:\n" OLD_CLAIM, "m.yaml", 4, 67, "leave out \"/ 1000000000 < 1\"", 3},
	{TRACE "claims:\n" OLD_CLAIM, "m.yaml", 1, 1, "this file is of format 1, or does not say", 3},
	{TRACE "format: 1\nclaims:\n" OLD_CLAIM, "m.yaml", 3, 9, "this file is of format 1: change what is told", 3},
	{TRACE "format: 3\n", "m.yaml", 3, 9, "reads formats 1 and 2", 1},
	{"case: uber\nfigures: [{kind: lines, metrics: [mean(hottest)]}]\n", "m.yaml", 2, 39, "250000 is 25 % now", 2},
	{TRACE "format: 2\nclaims: [{id: x}]\n", "m.yaml", 4, 10, "a claim needs kind", 5},
};

static void check_explore(void)
{
	const char *text;
	struct study *study = load(EXPLORE "  sentence: it is {mean(wait)[a]}\n"
					   "  variants: [a]\n"
					   "  setup: {servers: 2, trace: {windows: {for: 4 s}}, run: {reps: 3}}\n"
					   "  sliders:\n"
					   "    - {key: servers, from: 1, to: 9, step: 2, label: desks}\n"
					   "    - {key: service, from: 1 ms, to: 100 ms, scale: log}\n"
					   "    - {key: trace.windows.rate, from: 1 /s, to: 200 /s}\n"
					   "    - {key: limited, choices: [off, on]}\n"
					   "  presets: [{name: worst, set: {servers: 1, trace.windows.rate: 150 /s}}]\n"
					   "  claims: [x, {claim: x, id: z, expect: 'mean(wait)[a @ 1] < 2 s'}]\n"
					   "  expect: mean(wait)[a] < 3 s\n"
					   "  budget: {drag: 1 k}\n",
				   NULL);
	ok(study && study->explore, "canary: what may be explored is not refused");
	if (!study)
		diag("%s:%d:%d: %s", err.message[0].file, err.message[0].line, err.message[0].column,
		     err.message[0].text);
	if (!study || !study->explore)
		return;
	struct explore *explore = study->explore;
	is_int(explore->sliders, 4, "four sliders");
	is_text(explore->slider[0].label, "desks", "one with a label");
	is_text(explore->slider[1].label, "service", "one without");
	is_int(explore->setup[0]->run.reps, 3, "the small setup has its replications");
	is_int(study->setup[0]->run.reps, 5, "and the study its own");
	is_int(explore->drag, 1000, "a budget that is said");
	is_int(explore->settle, 500000, "and one that is not");
	is_int(explore->study->claims, 3, "three claims turn");
	is_text(explore->study->claim[1].expect[0].text, "mean(wait)[a @ 1] < 2 s", "one has expectations of its own");
	is_text(explore->study->claim[2].id, "explore", "the section's own comes last");
	explore_set(explore, 0, 0.5, &arena, &text);
	is_text(text, "5", "the middle of a slider with steps");
	explore_set(explore, 0, 0.6, &arena, &text);
	is_text(text, "5", "it goes to the nearest step");
	explore_set(explore, 1, 0.5, &arena, &text);
	is_text(text, "exp(10 ms)", "the middle of a logarithmic one; the form of the distribution stays");
	const struct tree *laid = explore_set(explore, 2, 1, &arena, &text);
	is_text(text, "200 /s", "the end of one");
	err_init(&err);
	const struct setup *setup = setup_resolve(explore->study, "a", laid, &err);
	ok(setup && setup->digest != explore->setup[0]->digest && setup->run.reps == 3,
	   "what a slider sets is laid over the small setup");
	explore_set(explore, 3, 1, &arena, &text);
	is_text(text, "on", "the last choice");
	is_text(tree_get(explore->preset[0].set, "servers")->text, "1", "a preset");
	struct tree *over = tree_path(&arena, "model.servers", tree_scalar(&arena, "3", (struct place){"--set", 0, 0}),
				      (struct place){"--set", 0, 0});
	struct study *changed = explore_study(explore, over, &err);
	ok(changed && changed->setup[0]->digest != explore->setup[0]->digest && changed->setup[0]->run.reps == 3 &&
		   !changed->setup[1],
	   "what the command line says lies over the small setups, of variants that are explored");
	struct study *same = explore_study(explore, NULL, &err);
	ok(same && same->setup[0]->digest == explore->setup[0]->digest && same->claims == 3,
	   "without anything they are the page's own");
	over = tree_path(&arena, "run.variants", tree_scalar(&arena, "b", (struct place){"--set", 0, 0}),
			 (struct place){"--set", 0, 0});
	ok(!explore_study(explore, over, &err) && strstr(err.message[0].text, "not among those that are explored"),
	   "a variant that is not explored is told");
	ok(!load(TRACE, NULL)->explore, "a study need not be explored");
	ok(load(TRACE "explore: off\n", NULL), "and may take away what a parent says of it");
}

/* Of a great many mistakes twenty are kept and all are counted. */
static void check_many(void)
{
	char text[4096] = TRACE "model:\n";
	for (int i = 0; i < 30; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  unknown%d: 1\n", i);
	ok(!load(text, NULL), "thirty mistakes");
	is_int(err.count, 30, "are counted");
	is_int(err.message[ERR_MAX - 1].line, 3 + ERR_MAX, "the first twenty are kept");
	load(TRACE "model: {servers: 0}\nvariants: {a: {}, b: {}, c: {}}\n", NULL);
	is_int(err.count, 1, "a mistake that three variants share is told once");
}

/* What kinds of figures take stands in the table of keys, from which the reference of model files is made. */
static bool told(const char *key)
{
	return words_find(WORDS(keys_drawn), key) >= 0;
}

static void test_figure_keys(void)
{
	for (const struct figures_row *row = figures_rows; row->name; row++)
		for (const char *const *key = row->keys; *key; key++)
			if (!told(*key))
				ok(false, "base/keys.def tells %s, which a figure of kind %s takes", *key, row->name);
	ok(told("metric") && !told("metrik"), "canary: a key that is not told");
}

int main(void)
{
	arena_init(&arena);
	check_variants();
	check_parents();
	check_over();
	check_ablations();
	check_digests();
	check_fault_texts();
	check_discord_faults();
	check_named_faults();
	check_work();
	check_good();
	check_bad(bads, sizeof bads / sizeof *bads);
	check_bad(bad_claims, sizeof bad_claims / sizeof *bad_claims);
	check_bad(bad_formats, sizeof bad_formats / sizeof *bad_formats);
	ok(load(TRACE "format: 1\n", NULL) && load(TRACE "format: 2\n", NULL),
	   "a file of format 1 in which nothing must change is read");
	check_bad(bad_explores, sizeof bad_explores / sizeof *bad_explores);
	check_explore();
	check_many();
	arena_free(&arena);
	test_figure_keys();
	return done_testing();
}
