/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameter table: every type read, printed and read again; ranges, units and names checked; and, over the tables
 * of all cases, that defaults pass their ranges and help is there.
 */
#include "tap.h"

#include "cases/case.h"

enum { FAST, SLOW };
static const char *const speeds[] = {"fast", "slow", NULL};

struct things {
	int64_t count, time, bytes;
	double real, ratio, rate;
	bool flag;
	int speed;
	struct dist dist;
};

static const struct param table[] = {
	PARAM_COUNT(struct things, count, "12", "3", "10k", "a count"),
	PARAM_TIME(struct things, time, "150 ms", "0 s", "60 s", "a time"),
	PARAM_BYTES(struct things, bytes, "64 GiB", "1 B", "1 TiB", "a size"),
	PARAM_REAL(struct things, real, "1.5", "-2", "2", "a number"),
	PARAM_RATIO(struct things, ratio, "85 %", "0", "1", "a ratio"),
	PARAM_RATE(struct things, rate, "12k/s", "1 /h", "1 M/s", "a rate"),
	PARAM_BOOL(struct things, flag, "off", "a flag"),
	PARAM_CHOICE(struct things, speed, speeds, "slow", "a choice"),
	PARAM_DIST(struct things, dist, TIME, "exp(8 ms)", "1 us", "1 s", "a distribution"),
	PARAM_END};

static struct arena arena;
static struct err err;
static const struct param_reader reader = {&arena, NULL, NULL};

static bool set(struct things *things, const char *name, const char *text)
{
	static const struct place place = {"m.yaml", 3, 4};
	err_init(&err);
	return param_set(param_find(table, name), things, text, &reader, &place, &err);
}

static bool complains(const char *fragment)
{
	return err.count == 1 && err.kind == ERR_MODEL && err.message[0].line == 3 && err.message[0].column == 4 &&
	       strstr(err.message[0].text, fragment);
}

/* A table of one cell, which holds `host`. */
static bool read_cell(void *host, const struct param_cell *cell, enum quantity_kind unit, struct arena *into,
		      const struct place *place, const char **text, struct place *at, struct err *errors)
{
	(void)unit;
	(void)into;
	if (cell->keys != 2 || strcmp(cell->file, "f.csv") != 0 || strcmp(cell->key[0], "a") != 0 ||
	    strcmp(cell->value[0], "b c") != 0 || strcmp(cell->key[1], "d,") != 0 ||
	    strcmp(cell->value[1], "e)") != 0 || strcmp(cell->column, "f=") != 0)
		return err_add(errors, ERR_MODEL, place, "another cell");
	*text = host;
	*at = (struct place){"f.csv", 7, 9};
	return true;
}

static void check_cells(void)
{
	static const char cell[] = "cell( f.csv , a = b c, \"d,\"=\"e)\", \"f=\" ) ";
	static char value[8] = "77";
	const struct param_cells cells = {read_cell, value};
	const struct param_reader own = {&arena, NULL, &cells};
	struct things things;
	param_defaults(table, &things, &own);
	static const struct place place = {"m.yaml", 3, 4};
	err_init(&err);
	ok(param_set(param_find(table, "count"), &things, cell, &own, &place, &err) && things.count == 77, "a cell");
	ok(!param_set(param_find(table, "time"), &things, cell, &own, &place, &err) && err.message[0].line == 7 &&
	   err.message[0].column == 9 && strstr(err.message[0].text, "time: \"77\" needs a time"),
	   "what a cell must hold is told at its place");
	strcpy(value, "2");
	err_init(&err);
	ok(!param_set(param_find(table, "count"), &things, cell, &own, &place, &err) && err.message[0].line == 7 &&
	   strstr(err.message[0].text, "out of range") && things.count == 77, "and its range");
	err_init(&err);
	ok(!param_set(param_find(table, "count"), &things, "cell(f.csv, a=b, c)", &own, &place, &err) &&
	   complains("count: another cell"), "a complaint of the reader has the parameter's name");
	ok(!set(&things, "count", cell) && complains("no file can be read here"), "nobody reads cells");
	static const char *const bad[] = {
		"cell(", "cell()", "cell(f)", "cell(f,)", "cell(f,c)", "cell(f,a=)", "cell(f,a=b", "cell(f,a=b)",
		"cell(f,a=b,c", "cell(f,a=b,c,)", "cell(f,a=b,c)d", "cell(\"f,a=b,c)", "cell(f,=b,c)",
		"cell(f,1=,2=,3)", "cell(f,1=1,2=2,3=3,4=4,5=5,6=6,7=7,8=8,9=9,c)"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!set(&things, "count", bad[i]) && complains("is no cell"), "%s is none", bad[i]);
	ok(!set(&things, "count", "celle(f,a=b,c)") && complains("count: \"celle(f,a=b,c)\""),
	   "celle is no word of a cell");
}

static void check_defaults(void)
{
	struct things things;
	memset(&things, 0x5a, sizeof things);
	param_defaults(table, &things, &reader);
	is_int(things.count, 12, "a count");
	is_int(things.time, 150000000, "a time in ns");
	is_int(things.bytes, INT64_C(64) << 30, "a size in bytes");
	ok(things.real == 1.5 && things.ratio == 0.85 && things.rate == 12000, "numbers, ratios, rates");
	ok(!things.flag, "a flag");
	is_int(things.speed, SLOW, "the index of a choice");
	near_to(dist_mean(&things.dist), 8e6, 1e-6, "a distribution in ns");
}

static void check_good(void)
{
	static const struct {
		const char *name, *text, *printed;
	} rows[] = {
		{"count", "3", "3"},
		{"count", "10k", "10 k"},
		{"count", "4.5 k", "4.5 k"},
		{"time", "80ms", "80 ms"},
		{"time", "60 s", "60 s"},
		{"time", "0 ns", "0 s"},
		{"bytes", "1 TiB", "1 TiB"},
		{"bytes", "12 kB", "12 kB"},
		{"real", "-2", "-2"},
		{"ratio", "100 %", "1"},
		{"rate", "60 /min", "1 /s"},
		{"flag", "on", "on"},
		{"flag", "true", "on"},
		{"flag", "no", "off"},
		{"speed", "fast", "fast"},
		{"dist", "3 ms", "const(3 ms)"},
		{"dist", "lognormal(median=1 ms, p99=5 ms)", "lognormal(median=1 ms, p99=5 ms)"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct things once, again;
		char text[PARAM_TEXT], back[PARAM_TEXT];
		const struct param *row = param_find(table, rows[i].name);
		memset(&once, 0, sizeof once);
		memset(&again, 0, sizeof again);
		if (!ok(set(&once, rows[i].name, rows[i].text), "%s: %s is read", rows[i].name, rows[i].text)) {
			diag("%s", err.message[0].text);
			continue;
		}
		is_text(param_print(row, &once, text, sizeof text), rows[i].printed, "and printed as %s",
			rows[i].printed);
		set(&again, rows[i].name, text);
		is_text(param_print(row, &again, back, sizeof back), text, "which reads back the same");
	}
}

static void check_bad(void)
{
	static const struct {
		const char *name, *text, *fragment;
	} rows[] = {
		{"count", "2", "2 is out of range; allowed: 3 .. 10k"},
		{"count", "10001", "out of range; allowed: 3 .. 10k"},
		{"count", "3 ms", "is not a unit of a count"},
		{"count", "", "needs a count"},
		{"count", "99999999999999999999", "too large"},
		{"time", "80", "needs a time unit, e.g. 80 ms"},
		{"time", "80 MS", "case matters"},
		{"time", "61 s", "out of range; allowed: 0 s .. 60 s"},
		{"time", "-1 ms", "out of range"},
		{"time", "nan", "needs a time"},
		{"time", "1 ms 2", "has \"2\" after the time"},
		{"bytes", "12 kb", "is not a unit of a size"},
		{"bytes", "0 B", "allowed: 1 B .. 1 TiB"},
		{"real", "2.1", "allowed: -2 .. 2"},
		{"real", "inf", "needs a number"},
		{"real", "0x10", "has \"x10\""},
		{"ratio", "101 %", "out of range"},
		{"rate", "12k", "is not a unit of a rate"},
		{"flag", "maybe", "neither on nor off"},
		{"speed", "fsat", "did you mean \"fast\"?"},
		{"speed", "12", "is not one of fast, slow"},
		{"dist", "exp(2 s)", "the mean of exp(2 s) is out of range; allowed: 1 us .. 1 s"},
		{"dist", "exq(2 ms)", "exq"},
		{"dist", "exp(2)", "time"},
		{"dist", "lognormal(median=1 ms)", "lognormal"},
	};
	struct things things;
	char before[PARAM_TEXT], after[PARAM_TEXT];
	param_defaults(table, &things, &reader);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct param *row = param_find(table, rows[i].name);
		param_print(row, &things, before, sizeof before);
		bool read = set(&things, rows[i].name, rows[i].text);
		param_print(row, &things, after, sizeof after);
		if (!ok(!read && complains(rows[i].fragment) && strstr(err.message[0].text, rows[i].name) &&
				strcmp(before, after) == 0,
			"%s: \"%s\" is refused, and the field stays", rows[i].name, rows[i].text))
			diag("%d messages; %s", err.count, err.count ? err.message[0].text : "");
	}
	set(&things, "count", "2");
	ok(!complains("allowed: 4 ..") && complains("allowed: 3 .."), "canary: another range is noticed");
}

static struct tree *entry(struct tree *map, const char *key, const char *text, int line)
{
	struct place place = {"m.yaml", line, 10}, key_place = {"m.yaml", line, 3};
	struct tree *value = tree_scalar(&arena, text, place);
	tree_append(map, key, key_place, value);
	return value;
}

static void check_load(void)
{
	struct things things;
	struct tree *map = tree_map(&arena, (struct place){"m.yaml", 1, 1});
	entry(map, "count", "7", 2);
	entry(map, "x-note", "anything", 3);
	entry(map, "cuont", "7", 4);
	entry(map, "time", "7", 5);
	entry(map, "elephant", "7", 6);
	param_defaults(table, &things, &reader);
	err_init(&err);
	ok(!param_load(table, &things, map, "model", &reader, &err), "a map with mistakes is refused");
	is_int(err.count, 3, "all of them are told, and notes are none");
	is_int(things.count, 7, "what is right is set");
	is_text(err.message[0].text, "unknown key \"cuont\" in model; did you mean \"count\"?", "a slip");
	ok(err.message[0].line == 4 && err.message[0].column == 3, "at the place of the key");
	ok(err.message[1].line == 5 && err.message[1].column == 10, "a wrong value, at the place of the value");
	ok(strstr(err.message[2].text, "known: count, time, bytes, real"), "a word that is near to nothing: all names");
	err_init(&err);
	ok(!param_load(table, &things, tree_list(&arena, map->place), "model", &reader, &err) &&
		   strstr(err.message[0].text, "must be a map"),
	   "a list is no map of parameters");
	err_init(&err);
	ok(param_load(table, &things, NULL, "model", &reader, &err) && !err_any(&err), "nothing sets nothing");
}

static void check_texts(void)
{
	char text[PARAM_TEXT];
	is_text(param_type_text(param_find(table, "speed"), text, sizeof text), "one of fast, slow", "a choice's type");
	is_text(param_type_text(param_find(table, "dist"), text, sizeof text), "distribution of time",
		"a distribution's");
	is_text(param_range_text(param_find(table, "count"), text, sizeof text), "3 .. 10k", "a range");
	is_text(param_range_text(param_find(table, "flag"), text, sizeof text), "", "a flag has none");
	ok(!param_find(table, "nothing"), "no such row");
}

/* Whether a table is fit to be shown and set: what the parameters of every case must be. */
static int faults_of(const struct param *params, size_t size)
{
	void *target = arena_get(&arena, size), *again = arena_get(&arena, size);
	char text[PARAM_TEXT], back[PARAM_TEXT];
	int faults = 0;
	param_defaults(params, target, &reader);
	for (const struct param *row = params; row->name; row++) {
		err_init(&err);
		param_print(row, target, text, sizeof text);
		bool fine = row->help && *row->help && row->offset < size &&
			    param_set(row, again, text, &reader, NULL, &err) &&
			    strcmp(param_print(row, again, back, sizeof back), text) == 0 &&
			    param_find(params, row->name) == row;
		if (!fine)
			diag("%s: %s", row->name, err.count ? err.message[0].text : text);
		faults += !fine;
	}
	return faults;
}

static void check_cases(void)
{
	static const struct param poor[] = {PARAM_COUNT(struct things, count, "12", "3", "10k", ""),
					    PARAM_COUNT(struct things, count, "12", "3", "10k", "twice"), PARAM_END};
	for (int i = 0; case_studies[i]; i++)
		is_int(faults_of(case_studies[i]->params, case_studies[i]->params_size), 0, "parameters of %s",
		       case_studies[i]->name);
	is_int(faults_of(poor, sizeof(struct things)), 2, "canary: no help, and a name twice");
}

int main(void)
{
	arena_init(&arena);
	check_cells();
	check_defaults();
	check_good();
	check_bad();
	check_load();
	check_texts();
	check_cases();
	arena_free(&arena);
	return done_testing();
}
