/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing that is written is passed over: into each map of each model file that ships, and of the recipes that they
 * name, a key is put that nobody knows; and each value is made a map. Both must be told, with the place. Of maps and
 * values that stand at the same path but for names of the model's own, and for places in lists, a few are tried.
 */
#include "case.h"
#include "io/tracefile.h"
#include "run/explore.h"

#include <string.h>
#include <unistd.h>

enum { SEEN_MAX = 20000, LINE = 77777, ALIKE = 1 };
static const char key[] = "nobody_knows";

static struct arena arena;

/* Paths that have been tried, and how often. */
static struct seen {
	const char *path;
	int times;
} seen[SEEN_MAX];
static int seens;

/* What is below these is named by the model. */
static const char *const named[] = {"variants", "services", "classes", "calls", "pools", "evidence", "sources",
				    "ranges", "presets", "by", "columns", "labels", "phases", "also", "mix", NULL};

static bool tried_enough(const char *path)
{
	int i = 0;
	while (i < seens && strcmp(seen[i].path, path) != 0)
		i++;
	CHECK(i < SEEN_MAX);
	if (i == seens)
		seen[seens++] = (struct seen){arena_text(&arena, path), 0};
	return ++seen[i].times > ALIKE;
}

/* A model file, and what it names, read once. */
struct reading {
	const struct study_files *files;
	struct {
		const char *from, *path;
		struct tree *tree;
	} read[8];
	int reads;
};

static struct tree *read_once(void *host, struct arena *into, const char *from, const struct place *place,
			      const char *path, struct err *err)
{
	struct reading *reading = host;
	(void)into;
	for (int i = 0; i < reading->reads; i++)
		if (strcmp(reading->read[i].path, path) == 0 && strcmp(reading->read[i].from, from) == 0)
			return reading->read[i].tree;
	CHECK(reading->reads < 8);
	struct tree *tree = reading->files->read(reading->files->host, &arena, from, place, path, err);
	if (tree) {
		reading->read[reading->reads].from = arena_text(&arena, from);
		reading->read[reading->reads].path = arena_text(&arena, path);
		reading->read[reading->reads++].tree = tree;
	}
	return tree;
}

struct trying {
	const char *path; /* of the model file */
	struct tree *tree;
	struct study_files files;
	bool opens;       /* the trace file that it names is there */
	int maps, values, silent;
};

/* What is said when the file is read as it is now; `alone`: without what lies over its model and trace. */
static bool load(const struct trying *trying, bool alone, struct err *err)
{
	static const char *const over[] = {"variants", "claims", "figures", "explore", "sweep", NULL};
	struct arena own;
	arena_init(&own);
	err_init(err);
	const struct tree *tree = trying->tree, *run = tree_get(tree, "run");
	for (int i = 0; alone && over[i]; i++)
		tree = tree_without(&own, tree, over[i]);
	if (alone && tree_get(run, "variants"))
		tree = tree_merge(&own, tree_without(&own, tree, "run"),
				  tree_path(&own, "run", tree_without(&own, run, "variants"), tree->place));
	struct study *study = study_load(&own, trying->path, tree, NULL, &trying->files, err);
	if (study && study->explore)
		explore_study(study->explore, NULL, err);
	if (study && trying->opens)
		trace_file_close(trace_file_open(study->setup[0]->trace.tree, trying->path, study->of->columns,
						 study->files->values, err));
	arena_free(&own);
	return study != NULL;
}

/* With its place; `name`: and so that this is in the words (NULL: anything is). */
static bool is_told(const struct err *err, const char *name)
{
	for (int i = 0; i < err->count; i++)
		if (err->message[i].line == LINE && (!name || strstr(err->message[i].text, name)))
			return true;
	return false;
}

static void judge(struct trying *trying, const char *path, const char *what, const char *name)
{
	static struct err err;
	load(trying, false, &err);
	if (err_any(&err) && is_told(&err, name))
		return;
	/* All variants may say otherwise. */
	load(trying, true, &err);
	if (err_any(&err) && is_told(&err, name))
		return;
	trying->silent++;
	diag("%s, %s: %s is %s", trying->path, path, what,
	     !err_any(&err) ? "passed over" : arena_format(&arena, "told elsewhere: %s:%d: %s",
								  err.message[0].file, err.message[0].line,
								  err.message[0].text));
}

static const struct place place = {"inserted", LINE, 1};

static void try_key(struct trying *trying, struct tree *map, const char *path)
{
	struct tree *last = map->last_child;
	tree_append(map, key, place, tree_scalar(&arena, "1", place));
	judge(trying, path, "an unknown key", key);
	if (last)
		last->next = NULL;
	else
		map->child = NULL;
	map->last_child = last;
	trying->maps++;
}

static void try_value(struct trying *trying, struct tree *value, const char *path)
{
	struct tree was = *value;
	value->kind = TREE_MAP;
	value->place = place;
	value->child = value->last_child = NULL;
	tree_append(value, key, place, tree_scalar(&arena, "1", place));
	judge(trying, path, "a map in place of a value", NULL);
	*value = was;
	trying->values++;
}

/*
 * Sources are named as one likes, and shown; pools may be left for others to use. What a model says of a trace file is
 * read when that is opened: see check_file.
 */
static bool left_out(const struct trying *trying, const char *path)
{
	const char *dot = strrchr(path, '.');
	bool of_file = !trying->opens && tree_get(tree_get(trying->tree, "trace"), "file");
	return strcmp(path, ".sources") == 0 || (dot && strcmp(dot, ".pools") == 0) ||
	       (of_file && strstr(path, ".trace"));
}

static void walk(struct trying *trying, struct tree *node, const char *path)
{
	if (left_out(trying, path))
		return;
	const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;
	bool names = words_find(WORDS(named), name) >= 0;
	if (node->kind == TREE_SCALAR && !tried_enough(arena_format(&arena, "%s=", path)))
		try_value(trying, node, path);
	if (node->kind == TREE_MAP && !tried_enough(path))
		try_key(trying, node, path);
	for (struct tree *child = node->child; child; child = child->next)
		if (!child->key || strncmp(child->key, "x-", 2) != 0)
			walk(trying, child,
			     node->kind == TREE_LIST ? arena_format(&arena, "%s[]", path)
			     : names		      ? arena_format(&arena, "%s.*", path)
						      : arena_format(&arena, "%s.%s", path, child->key));
}

static void begin(struct trying *trying, struct reading *reading, const char *path, struct tree *tree)
{
	static struct err err;
	*reading = (struct reading){.files = readers_of(&arena, path)};
	*trying = (struct trying){.path = path, .tree = tree, .files = *reading->files};
	trying->files.read = read_once;
	trying->files.host = reading;
	seens = 0;
	if (!tree || !load(trying, false, &err))
		case_give_up(path, &err);
}

static void finish(const struct trying *trying, const char *what)
{
	is_int(trying->silent, 0, "%s: a key that nobody knows in %d maps, and a map in place of %d values", what,
	       trying->maps, trying->values);
}

static void check_model(const char *name)
{
	static struct err err;
	static struct trying trying, of_recipe;
	static struct reading reading, other;
	const char *path = paths_model(&arena, name);
	err_init(&err);
	begin(&trying, &reading, path, yaml_read(&arena, path, &err));
	walk(&trying, trying.tree, "");
	finish(&trying, name);
	/* A recipe by itself: the model may say otherwise of all that it says. */
	const char *recipe = reading.reads ? reading.read[0].path : NULL;
	if (!recipe || !strstr(recipe, "traces/"))
		return;
	struct tree *alone = flow(&arena, arena_format(&arena, "{case: %s, format: 2, trace: {recipe: %s}}",
						       tree_get(trying.tree, "case")->text, recipe));
	const struct tree *model = tree_get(trying.tree, "model");
	if (model)
		alone = tree_merge(&arena, alone, tree_path(&arena, "model", tree_merge(&arena, NULL, model), place));
	begin(&of_recipe, &other, path, alone);
	walk(&of_recipe, other.read[0].tree, "");
	finish(&of_recipe, recipe);
}

/* What may be said of a trace file. */
static void check_file(void)
{
	static struct trying trying;
	static struct reading reading;
	char name[] = "/tmp/t-silence-XXXXXX";
	int descriptor = mkstemp(name);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!file)
		bail("no temporary file");
	fputs("when,what,which,day\n0,GET,17,1\n1,POST,18,2\n", file);
	fclose(file);
	static const char model[] =
		"{case: discord, format: 2, trace: {file: %s, time_scale: 2, superpose: 2, sort: true, "
		"skip_bad: 1, columns: {time: {from: when, unit: s, origin: first}, window: day, "
		"op: {from: what, words: {GET: read, POST: write}, missing: read}, "
		"channel: {from: which, missing: 17}, class: {mix: {voice: 50 %%, private: 50 %%}}, "
		"sent: calendar, stored: {constant: 5}, bytes: 1 B * which}}}";
	begin(&trying, &reading, name, flow(&arena, arena_format(&arena, model, name)));
	trying.opens = true;
	walk(&trying, trying.tree, "");
	finish(&trying, "a map of a trace file");
	unlink(name);
}

static void check_canary(void)
{
	static struct trying trying;
	static struct reading reading;
	begin(&trying, &reading, "test",
	      flow(&arena, "{case: station, format: 2, trace: {windows: {rate: 1/s, for: 1 s}}, sources: {a: b}}"));
	walk(&trying, trying.tree, "");
	ok(trying.silent == 0 && trying.maps > 2, "a small model");
	try_key(&trying, (struct tree *)(uintptr_t)tree_get(trying.tree, "sources"), ".sources");
	is_int(trying.silent, 1, "canary: a key that is passed over is noticed");
}

int main(int argc, char **argv)
{
	arena_init(&arena);
	for (const char **name = paths_models(&arena); *name; name++)
		if (argc < 2 || strcmp(argv[1], *name) == 0)
			check_model(*name);
	check_file();
	check_canary();
	arena_free(&arena);
	return done_testing();
}
