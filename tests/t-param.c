/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameter table: every type read, printed and read again; ranges, units and names checked; and, over the tables
 * of all cases, that defaults pass their ranges and help is there.
 */
#include "tap.h"

#include "cases/case.h"
#include "flow.h"
#include "param/param_walk.h"

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
	ok(!set(&things, "count", cell) && complains("files cannot be read here"), "nobody reads cells");
	static const char *const bad[] = {
		"cell(", "cell()", "cell(f)", "cell(f,)", "cell(f,c)", "cell(f,a=)", "cell(f,a=b", "cell(f,a=b)",
		"cell(f,a=b,c", "cell(f,a=b,c,)", "cell(f,a=b,c)d", "cell(\"f,a=b,c)", "cell(f,=b,c)",
		"cell(f,1=,2=,3)", "cell(f,1=1,2=2,3=3,4=4,5=5,6=6,7=7,8=8,9=9,c)"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!set(&things, "count", bad[i]) && complains("is not a cell"), "%s is none", bad[i]);
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

/* ---- tables of rows ---- */

struct call {
	struct param_ref to;
	int64_t timeout;
};
static const struct param call_table[] = {
	PARAM_REF(struct call, to, "services", PARAM_OWN_NAME, "whom"),
	PARAM_TIME(struct call, timeout, "1 s", "1 us", "1 h", "how long it waits"),
	PARAM_END};

struct pool {
	int64_t size;
};
static const struct param pool_table[] = {PARAM_COUNT(struct pool, size, "1", "1", "1k", "threads"), PARAM_END};

struct service {
	int64_t servers;
	struct dist work;
	struct param_texts steps;
	struct param_rows calls, pools;
	struct param_ref pool;
};
#define CALL_METRICS(METRIC) METRIC(OF_CALL, response, TIME, NULL, "a call's time")
METRIC_TABLE(call_metrics, CALL_METRICS);
#define SERVICE_METRICS(METRIC) \
	METRIC(OF_SERVICE, response, TIME, NULL, "time in it") \
	METRIC(QUEUE, queue, LEVEL, "requests", "waiting")
METRIC_TABLE(service_metrics, SERVICE_METRICS);
static const struct param service_table[] = {
	PARAM_COUNT(struct service, servers, "2", "1", "1k", "how many"),
	PARAM_DIST(struct service, work, TIME, "exp(1 ms)", "1 ns", "1 h", "of a request"),
	PARAM_TEXTS(struct service, steps, "[]", "one after the other"),
	PARAM_TABLE(struct service, calls, struct call, call_table, call_metrics, "whom it calls"),
	PARAM_TABLE(struct service, pools, struct pool, pool_table, NULL, "of its threads"),
	PARAM_REF(struct service, pool, "pools", PARAM_NONE, "the pool that is used"),
	PARAM_END};

struct class {
	struct param_ref enter;
};
static const struct param class_table[] = {PARAM_REF(struct class, enter, "services", NULL, "where it comes in"),
					   PARAM_END};

struct graph {
	int64_t seed;
	struct param_rows services, classes;
};
#define GRAPH_METRICS(METRIC) METRIC(OF_GRAPH, response, TIME, NULL, "of all")
METRIC_TABLE(graph_metrics, GRAPH_METRICS);
static const struct param graph_table[] = {
	PARAM_COUNT(struct graph, seed, "7", "0", "1k", "a number"),
	PARAM_TABLE(struct graph, services, struct service, service_table, service_metrics, "what there is"),
	PARAM_TABLE(struct graph, classes, struct class, class_table, NULL, "what comes in"),
	PARAM_END};

static const char graph_text[] =
	"{services: {gateway: {servers: 4, steps: [auth, 2 of cart], calls: {auth: {timeout: 50 ms}, again: {to:"
	" auth}},"
	" pools: {bank: 10, rest: {size: 5}}, pool: rest}, auth: {}, cart: {work: exp(3 ms)}},"
	" classes: {buy: gateway, browse: {enter: cart}}}";

static struct tree *graph_tree(const char *over)
{
	struct tree *base = flow(&arena, graph_text);
	return over ? tree_merge(&arena, base, flow(&arena, over)) : base;
}

static bool load_graph(struct graph *graph, const struct tree *tree)
{
	param_defaults(graph_table, graph, &reader);
	err_init(&err);
	return param_load(graph_table, graph, tree, "model", &reader, &err);
}

static const struct service *service_of(const struct graph *graph, const char *name)
{
	int row = param_row(&graph->services, name);
	return row < 0 ? NULL : (const struct service *)graph->services.row + row;
}

static const char *value_at(const struct graph *graph, const char *path)
{
	static char text[PARAM_TEXT];
	struct param_walk found;
	return param_walk_find(&found, graph_table, graph, path) ? param_print(found.row, found.in, text, sizeof text)
								 : "no such field";
}

static void check_rows(void)
{
	struct graph graph;
	if (!ok(load_graph(&graph, graph_tree(NULL)), "tables of rows"))
		diag("%s", err.message[0].text);
	const struct service *gateway = service_of(&graph, "gateway");
	const struct call *calls = gateway->calls.row;
	const struct class *classes = graph.classes.row;
	is_text(value_at(&graph, "services"), "gateway, auth, cart", "rows keep their order");
	is_int(gateway->servers, 4, "a field of a row");
	is_int(service_of(&graph, "auth")->servers, 2, "what is not said is the default");
	near_to(dist_mean(&service_of(&graph, "cart")->work), 3e6, 1e-9, "a distribution in a row");
	is_int(gateway->calls.count, 2, "a table in a row");
	is_int(calls[0].timeout, 50000000, "a field of a row of a row");
	is_int(calls[0].to.row, 1, "a name that is a reference, to a table around");
	is_int(calls[1].to.row, 1, "a reference that is told");
	is_int(gateway->pool.row, 1, "a reference to a table beside it");
	is_int(service_of(&graph, "cart")->pool.row, -1, "a reference to none");
	is_int(classes[0].enter.row, 0, "a row with one field may be its value");
	is_int(classes[1].enter.row, 2, "or a map");
	is_int(((const struct pool *)gateway->pools.row)[0].size, 10, "also of numbers");
	is_int(gateway->steps.count, 2, "a list of texts");
	is_text(gateway->steps.text[1], "2 of cart", "in its order");
	is_int(gateway->steps.place[1].line, 1, "with its places");
}

static bool declares(const struct graph *graph, const char *pattern)
{
	return param_walk_declared(graph_table, graph, pattern) != NULL;
}

static void check_paths(void)
{
	static const struct {
		const char *path, *value;
	} rows[] = {{"seed", "7"},
		    {"services.gateway.servers", "4"},
		    {"services.gateway.calls.auth.timeout", "50 ms"},
		    {"services.gateway.calls.again.to", "auth"},
		    {"services.gateway.pools.bank", "10"},
		    {"services.gateway.pools.rest.size", "5"},
		    {"services.gateway.steps", "[auth, 2 of cart]"},
		    {"services.cart.pool", "none"},
		    {"classes.browse", "cart"},
		    {"classes", "buy, browse"},
		    {"services.gateway", "no such field"},
		    {"services.gatway.servers", "no such field"},
		    {"services.gateway.servers.x", "no such field"},
		    {"services..servers", "no such field"},
		    {"services.", "no such field"},
		    {"", "no such field"}};
	static const char *const near[][2] = {{"services.gatway.servers", "services.gateway.servers"},
					      {"services.gateway.sevrers", "services.gateway.servers"},
					      {"servcies.gateway.servers", "services.gateway.servers"},
					      {"services.gateway.calls.auht", "services.gateway.calls.auth"},
					      {"gateway.calls.auth.timeout", "services.gateway.calls.auth.timeout"}};
	struct graph graph;
	struct param_walk walk, found;
	char first[PARAM_TEXT], again[PARAM_TEXT];
	int count = 0, wrong = 0;
	load_graph(&graph, graph_tree(NULL));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		is_text(value_at(&graph, rows[i].path), rows[i].value, "the field %s", rows[i].path);
	for (param_walk_begin(&walk, graph_table, &graph); param_walk_next(&walk); count++) {
		param_print(walk.row, walk.in, first, sizeof first);
		if (!param_walk_find(&found, graph_table, &graph, walk.path) || strcmp(found.path, walk.path) != 0 ||
		    strcmp(param_print(found.row, found.in, again, sizeof again), first) != 0) {
			diag("%s", walk.path);
			wrong++;
		}
	}
	is_int(count, 3 + 3 * 6 + 2 * 2 + 2 + 2, "a walk meets every field, and every table");
	is_int(wrong, 0, "each of them is found by its path");
	ok(param_walk_find(&found, graph_table, &graph, "services.gateway.pools.rest.size") &&
	   strcmp(found.path, "services.gateway.pools.rest") == 0, "a field has one path");
	for (size_t i = 0; i < sizeof near / sizeof *near; i++)
		is_text(param_walk_near(graph_table, &graph, near[i][0], &arena), near[i][1], "%s is near to it",
			near[i][0]);
	ok(!param_walk_near(graph_table, &graph, "elephant", &arena) &&
	   !param_walk_near(graph_table, &graph, "seed.x", &arena), "nothing is near to what is far");
	ok(declares(&graph, "services.cart") &&
	   declares(&graph, "services") &&
	   declares(&graph, "services.cart.calls.auth.timeout") &&
	   !declares(&graph, "services.crat.servers") &&
	   !declares(&graph, "services.cart.calls.auth.timeuot") &&
	   !declares(&graph, "services.cart.pools.new"), "what can be laid over a model");
	is_int(param_walk_covers("services.*.servers", "services.cart.servers"), 3, "a pattern");
	is_int(param_walk_covers("services", "services.cart.servers"), 1, "the beginning of a path");
	is_int(param_walk_covers("service", "services.cart.servers"), 0, "a name that goes on is another");
	is_int(param_walk_covers("services.cart.servers.x", "services.cart.servers"), 0, "longer than the path");
	ok(declares(&graph, "services.*.work") &&
	   declares(&graph, "services.*.calls.*.timeout") &&
	   declares(&graph, "services.*") &&
	   !declares(&graph, "services.*.wrok") &&
	   !declares(&graph, "seed.*.x") &&
	   !declares(&graph, "services.crat"),
	   "patterns that mean something");
}

static void check_layers(void)
{
	static const struct {
		const char *over, *path, *value, *what;
	} rows[] = {
		{"{services: {cart: {servers: 9}}}", "services.cart.work", "exp(3 ms)", "a row merges field by field"},
		{"{services: {cart: off}, classes: {browse: gateway}}", "services",
		 "gateway, auth", "off removes a row"},
		{"{services: {new: {servers: 3}}}", "services", "gateway, auth, cart, new",
		 "a row is added at the end"},
		{"{services: {gateway: {steps: [cart]}}}", "services.gateway.steps", "[cart]", "a list replaces"},
		{"{services: {gateway: {calls: off}}}", "services.gateway.calls", "none",
		 "off removes all rows of a table"},
		{"{services: {gateway: {pools: {bank: 20}}}}", "services.gateway.pools.bank", "20", "a value replaces"},
	};
	struct graph graph;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!load_graph(&graph, graph_tree(rows[i].over)))
			diag("%s", err.message[0].text);
		is_text(value_at(&graph, rows[i].path), rows[i].value, "%s", rows[i].what);
	}
	struct tree *back = tree_merge(&arena, graph_tree("{services: {cart: off}}"),
				       flow(&arena, "{services: {cart: {servers: 5}}}"));
	ok(load_graph(&graph, back) && strcmp(value_at(&graph, "services.cart.work"), "exp(1 ms)") == 0,
	   "a row that was removed and comes back is a new one");
}

static void check_row_errors(void)
{
	static const struct {
		const char *over, *message;
	} rows[] = {
		{"{services: {crat: off}}", "unknown name \"crat\" in services; did you mean \"cart\"?"},
		{"{services: {cart: off}}",
		 "classes.browse.enter: \"cart\" is not one of the services; known: gateway, auth"},
		{"{services: {auth: off}}",
		 "services.gateway.calls.auth.to: \"auth\" is not one of the services; known: gateway, cart"},
		{"{services: {cart: {sevrers: 3}}}",
		 "unknown key \"sevrers\" in services.cart; did you mean \"servers\"?"},
		{"{services: {cart: {servers: 0}}}", "services.cart.servers: 0 is out of range; allowed: 1 .. 1k"},
		{"{services: {gateway: {calls: {auth: {timeout: 5}}}}}",
		 "services.gateway.calls.auth.timeout: \"5\" needs a time unit, e.g. 80 ms"},
		{"{services: {gateway: {calls: {auht: {}}}}}",
		 "services.gateway.calls.auht.to: \"auht\" is not one of the services; did you mean \"auth\"?"},
		{"{services: {gateway: {pool: bnak}}}",
		 "services.gateway.pool: \"bnak\" is not one of the pools; did you mean \"bank\"?"},
		{"{services: {cart: {pool: bank}}}",
		 "services.cart.pool: \"bank\" is not one of the pools; there are none"},
		{"{classes: {sell: }}", "classes.sell needs enter, one of the services"},
		{"{classes: {sell: none}}", "classes.sell: must be one of the services"},
		{"{services: {a.b: {}}}", "\"a.b\" cannot be a name in services"},
		{"{services: {none: {}}}", "\"none\" cannot be a name in services"},
		{"{services: {cart: 3}}", "services.cart must be a map of its fields, not a value"},
		{"{services: [cart]}", "services must be a map from names to their fields, not a list"},
		{"{services: {gateway: }}", "services.gateway is inherited, and has no value here"},
		{"{services: {gateway: {steps: {a: b}}}}",
		 "services.gateway.steps needs one value or a list, not a map"},
	};
	struct graph graph;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool read = load_graph(&graph, graph_tree(rows[i].over));
		if (!ok(!read && err.count >= 1 && err.message[0].line == 1 &&
			strncmp(err.message[0].text, rows[i].message, strlen(rows[i].message)) == 0, "%s",
			rows[i].message))
			diag("%d: %s", err.count, err.count ? err.message[0].text : "");
	}
	/* What is typed must be there; calls may be named, since their names are checked. */
	struct place typed = {"--set", 0, 0};
	struct tree *slip = tree_path(&arena, "services.crat.servers", tree_scalar(&arena, "3", typed), typed);
	ok(!load_graph(&graph, tree_merge(&arena, graph_tree(NULL), slip)) &&
	   strstr(err.message[0].text, "unknown name \"crat\" in services; did you mean \"cart\"?"),
	   "a row is not added by a slip of the command line");
	ok(!load_graph(&graph, tree_merge(&arena, graph_tree(NULL), tree_merge(&arena, slip, slip))),
	   "nor when it is said twice");
	struct tree *value = tree_scalar(&arena, "3 s", typed);
	struct tree *call = tree_path(&arena, "services.cart.calls.auth.timeout", value, typed);
	ok(load_graph(&graph, tree_merge(&arena, graph_tree(NULL), call)) &&
	   strcmp(value_at(&graph, "services.cart.calls.auth.timeout"), "3 s") == 0, "a call may be");
	struct tree *many = tree_map(&arena, typed), *model = tree_map(&arena, typed);
	for (int i = 0; i <= PARAM_ROWS; i++)
		tree_append(many, arena_format(&arena, "s%d", i), (struct place){"m.yaml", 1, 1},
			    tree_map(&arena, (struct place){"m.yaml", 1, 1}));
	tree_append(model, "services", typed, many);
	ok(!load_graph(&graph, model) && strstr(err.message[0].text, "services has 10001 names; at most 10000"),
	   "a table has an end");
}

static void check_row_texts(void)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {{"[]", "[]"}, {"", "[]"}, {"a", "[a]"}, {"a, b", "[\"a, b\"]"}, {"[a,b ,  c d]", "[a, b, c d]"},
		    {"[\"a, b\", c]", "[\"a, b\", c]"}, {"[\"say \\\"a\\\"\"]", "[\"say \\\"a\\\"\"]"},
		    {"[ \" x\" ]", "[\" x\"]"}};
	static const char *const bad[] = {"[a", "[a]b", "[\"a]", "[a, b"};
	static const struct place place = {"m.yaml", 3, 4};
	const struct param *steps = param_find(service_table, "steps");
	struct service service, again;
	char text[PARAM_TEXT], back[PARAM_TEXT];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		err_init(&err);
		ok(param_set(steps, &service, rows[i].text, &reader, &place, &err), "a list of texts");
		is_text(param_print(steps, &service, text, sizeof text), rows[i].printed, "is told as");
		param_set(steps, &again, text, &reader, &place, &err);
		is_text(param_print(steps, &again, back, sizeof back), text, "and read back");
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err_init(&err);
		ok(!param_set(steps, &service, bad[i], &reader, &place, &err) && complains("is not a list"),
		   "%s is none", bad[i]);
	}
	char *wide = arena_get(&arena, 2 * PARAM_TEXT);
	memset(wide, 'x', PARAM_TEXT + 10);
	err_init(&err);
	ok(!param_set(steps, &service, wide, &reader, &place, &err) && complains("is longer than"),
	   "nor too long ones");
}

static void check_row_digest(void)
{
	static const char *const differ[] = {
		NULL, "{seed: 8}", "{services: {cart: {servers: 9}}}", "{services: {new: {}}}",
		"{services: {gateway: {calls: {auth: {timeout: 51 ms}}}}}", "{services: {gateway: {steps: [auth]}}}",
		"{services: {gateway: {pool: bank}}}", "{classes: {buy: cart}}", "{services: {gateway: {calls: off}}}"};
	enum { COUNT = sizeof differ / sizeof *differ };
	uint64_t digest[COUNT];
	struct graph graph;
	int equal = 0;
	for (int i = 0; i < COUNT; i++) {
		load_graph(&graph, graph_tree(differ[i]));
		digest[i] = param_digest(1, graph_table, &graph);
		for (int k = 0; k < i; k++)
			equal += digest[k] == digest[i];
	}
	is_int(equal, 0, "whatever differs changes the digest");
	load_graph(&graph, graph_tree("{services: {cart: {work: exp(3000 us)}}}"));
	ok(param_digest(1, graph_table, &graph) == digest[0], "what is written otherwise does not");
}

static void check_row_metrics(void)
{
	static const char *const names[] = {"response", "gateway.response", "gateway.queue", "gateway.auth.response",
					    "gateway.again.response", "auth.response", "auth.queue", "cart.response",
					    "cart.queue", NULL};
	const struct metric *metrics, plain[] = {graph_metrics[0], {.name = NULL}};
	struct graph graph;
	struct things things;
	load_graph(&graph, graph_tree(NULL));
	ok(param_metrics(graph_table, &graph, graph_metrics, NULL, &arena, &metrics, &err), "metrics for each row");
	int i = 0;
	for (; names[i]; i++)
		is_text(metrics[i].name ? metrics[i].name : "the end", names[i], "metric %d", i);
	ok(!metrics[i].name, "and no more");
	is_int(graph.services.metric[1], 5, "where those of a row begin");
	is_int(service_of(&graph, "gateway")->calls.metric[1], 4, "and of a row of a row");
	ok(metrics[2].kind == METRIC_LEVEL && strcmp(metrics[2].unit, "requests") == 0, "each is as declared");
	param_defaults(table, &things, &reader);
	ok(param_metrics(table, &things, plain, NULL, &arena, &metrics, &err) && metrics == plain,
	   "without tables they stay what they are");
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
		bool fine = row->help && *row->help && row->offset < size && param_find(params, row->name) == row;
		if (param_is_table(row))
			fine = fine && faults_of(row->rows, row->row_size) == 0;
		else if (row->fallback)
			fine = fine && param_set(row, again, text, &reader, NULL, &err) &&
			       strcmp(param_print(row, again, back, sizeof back), text) == 0;
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
	check_rows();
	check_paths();
	check_layers();
	check_row_errors();
	check_row_texts();
	check_row_digest();
	check_row_metrics();
	check_cases();
	arena_free(&arena);
	return done_testing();
}
