/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every case must do, asked of all that are registered, as their model files have them: every variant of every
 * file is built and runs a while; every kind of fault can be had and changes something; every parameter can be at both
 * ends of its range, or is refused with a reason; and somewhere among all this every metric is measured.
 */
#include "case.h"
#include "param/param_walk.h"

#include <stdlib.h>
#include <string.h>

enum { STUDIES_MAX = 64, METRICS_MAX = 4096, ROWS_FIRST = 1500, ROWS_MOST = 100000, ROWS_AT_ENDS = 300,
       ROWS_SILENT = 9000, ROWS_ENOUGH = 1000, TRIED = 12, TRIED_SLOWLY = 3 };

/* One replication, of which nothing is cut off as warm-up. */
#define SHORT_RUN "{run: {reps: 1, warmup: 0 s}}"

static struct arena arena;
static struct err err;

/* A case and what has been seen of it. */
struct battery {
	const struct case_study *of;
	struct study *study[STUDIES_MAX];
	int studies;
	int variants; /* of all studies */
	const char
		*metric[METRICS_MAX]; /* the names of those declared, by the case and by its tables; ends with NULL */
	bool seen[METRICS_MAX];
	int metrics, missing; /* missing: not seen */
	bool all;             /* variants are tried where some will do */
	uint64_t *without[2]; /* digests of variants without faults, with few and with many rows; 0: not known yet */
};

/* A variant by its number among those of all studies. */
static const char *variant_of(const struct battery *battery, int number, struct study **study)
{
	for (int s = 0;; s++) {
		*study = battery->study[s];
		if (number < (*study)->variants)
			return (*study)->variant[number];
		number -= (*study)->variants;
	}
}

typedef struct tree *fewer_fn(struct arena *arena, const struct setup *setup, double rows);

/* The variant with about so many rows; NULL, with messages in err, when `over` cannot be laid over it. */
static struct setup *make(const struct battery *battery, int number, fewer_fn *fewer, double rows,
			  const struct tree *over)
{
	struct study *study;
	const char *variant = variant_of(battery, number, &study);
	err_init(&err);
	struct setup *setup = setup_resolve(study, variant, NULL, &err);
	const struct tree *shorter = setup ? fewer(&arena, setup, rows) : NULL;
	return setup && (shorter || over) ? setup_resolve(study, variant, tree_merge(&arena, shorter, over), &err)
					  : setup;
}

static bool has_value(const struct meters *meters, int metric)
{
	if (metric_is_distribution(&meters->metric[metric]))
		return meter_hist(meters, metric, -1)->count > 0;
	return meter_total(meters, metric, -1) > 0;
}

static bool enough(void *host, int64_t now, uint64_t rows, uint64_t events)
{
	(void)now;
	(void)rows;
	return events < *(const uint64_t *)host;
}

/* Runs a setup that has a recipe, for at most so many events, and notes which metrics were measured. */
static uint64_t run(struct battery *battery, const struct setup *setup, uint64_t events)
{
	struct sim_progress progress = {enough, &events};
	if (!setup->trace.recipe)
		return 0;
	struct replay *replay = replay_run(setup, NULL, 0, 0, &progress);
	uint64_t digest = replay->digest;
	for (int m = 0; m < replay->meters.metrics; m++) {
		/* Of a row of a table it is called after the row: "gateway.auth.response". */
		const char *name = replay->meters.metric[m].name, *dot = strrchr(name, '.');
		int index = words_find(WORDS(battery->metric), dot ? dot + 1 : name);
		CHECK(index >= 0);
		if (!battery->seen[index] && has_value(&replay->meters, m)) {
			battery->seen[index] = true;
			battery->missing--;
		}
	}
	replay_free(replay);
	return digest;
}

static void declare(struct battery *battery, const struct metric *metric)
{
	for (; metric && metric->name; metric++)
		if (words_find(WORDS(battery->metric), metric->name) < 0) {
			CHECK(battery->metrics < METRICS_MAX - 1);
			battery->metric[battery->metrics++] = metric->name;
			battery->missing++;
		}
}

static void declare_tables(struct battery *battery, const struct param *row)
{
	for (; row->name; row++)
		if (param_is_table(row)) {
			declare(battery, row->metrics);
			declare_tables(battery, row->rows);
		}
}

static void begin(struct battery *battery, const struct case_study *of)
{
	*battery = (struct battery){.of = of};
	declare(battery, of->metrics);
	declare_tables(battery, of->params);
}

/* ---- variants ---- */

static void check_variants(struct battery *battery)
{
	int built = 0;
	for (int v = 0; v < battery->variants; v++) {
		struct setup *setup = make(battery, v, case_short, ROWS_FIRST, NULL);
		if (setup)
			run(battery, setup, UINT64_MAX);
		else
			diag("%s", err.message[0].text);
		built += setup != NULL;
	}
	is_int(built, battery->variants, "%s: every variant of its model files is built, and runs for a while",
	       battery->of->name);
}

/* ---- faults ---- */

/* Within the trace; in parts of its length. A factor of 0 is 8 for the first of a list, then 1. */
struct part {
	double from, to;
	int factor;
};

/* Without parts, from the beginning to the end, gaps between windows too, and by 1,000. */
static const char *fault_text(const struct fault_kind *kind, const struct setup *setup, const char *target,
			      const struct part *part, int parts)
{
	static const struct part all = {0.2, 0.8, 1000};
	const struct trace_window *last = &setup->trace.stretch[setup->trace.stretches - 1];
	double lasts = part ? 0 : (double)(last->start + last->lasts);
	for (int w = 0; part && w < setup->trace.stretches; w++)
		lasts += (double)setup->trace.stretch[w].lasts;
	part = part ? part : &all;
	const char *text = "{faults: [";
	for (int i = 0; i < parts; i++) {
		text = arena_format(&arena, "%s{kind: %s, at: %.0f ns", text, kind->name, lasts * part[i].from);
		if (!kind->moment)
			text = arena_format(&arena, "%s, for: %.0f ns", text,
					    floor(lasts * part[i].to + 0.5) - floor(lasts * part[i].from + 0.5));
		if (kind->target)
			text = arena_format(&arena, "%s, target: %s", text, target);
		if (kind->factor)
			text = arena_format(&arena, "%s, factor: %d", text,
					    part[i].factor ? part[i].factor : i ? 1 : 8);
		if (kind->rate)
			text = arena_format(&arena, "%s, rate: 2k/s", text);
		text = arena_format(&arena, "%s}%s", text, i + 1 < parts ? ", " : "]}");
	}
	return text;
}

static const struct part whole[] = {{0.25, 0.5, 0}}, touching[] = {{0.25, 0.3, 0}, {0.3, 0.5, 0}},
			 overlapping[] = {{0.25, 0.5, 0}, {0.3, 0.35, 0}, {0.25, 0.5, 0}, {0.34, 0.4, 0}};

/* A setup with the faults, at the first target that there is; NULL when there is none. */
static struct setup *with_fault(const struct battery *battery, int variant, const struct fault_kind *kind, double rows,
				const struct part *part, int parts)
{
	const struct case_study *of = battery->of;
	struct setup *base = make(battery, variant, case_short, rows, NULL);
	const char *target = "";
	if (!base || !base->trace.recipe)
		return NULL;
	if (kind->target) {
		struct fault_targets targets = of->targets(base->params, base->slice, (int)(kind - of->faults), &arena);
		int64_t first = 0;
		while (targets.name && first < targets.count && !targets.name[first])
			first++;
		if (first >= targets.count)
			return NULL;
		target = targets.name ? targets.name[first] : arena_format(&arena, "%lld", (long long)first);
	}
	return make(battery, variant, case_short, rows, flow(&arena, fault_text(kind, base, target, part, parts)));
}

/* Faults that lie within each other, or touch, are one; only factors and rates tell how many there are. */
static void check_together(struct battery *battery, const struct fault_kind *kind, int variant, double rows)
{
	if (kind->moment || kind->rate)
		return;
	struct setup *one = with_fault(battery, variant, kind, rows, whole, 1);
	uint64_t digest = run(battery, one, UINT64_MAX);
	struct setup *many = with_fault(battery, variant, kind, rows, overlapping, 4);
	ok(run(battery, many, UINT64_MAX) == digest, "%s: %s within itself is one", battery->of->name, kind->name);
	if (kind->factor)
		return;
	struct setup *two = with_fault(battery, variant, kind, rows, touching, 2);
	ok(run(battery, two, UINT64_MAX) == digest, "%s: so is what touches", battery->of->name);
}

/* Of the only fault of a setup. */
static const char *idle_why(const struct setup *setup)
{
	const struct fault *fault = &setup->faults[0];
	return setup->of->idle ? setup->of->idle(setup->params, fault->kind, fault->target, &arena) : NULL;
}

/* Whether a fault of that kind can be had, and in some variant gives other results than none. */
static void check_fault(struct battery *battery, const struct fault_kind *kind)
{
	bool had = false, changes = false;
	int untrue = 0, idle = 0;
	for (double rows = ROWS_FIRST; rows <= ROWS_MOST && !changes; rows *= 8)
		for (int v = 0; v < battery->variants && !changes; v++) {
			struct setup *with = with_fault(battery, v, kind, rows, whole, 1);
			if (!with)
				continue;
			had = true;
			const char *why = idle_why(with);
			if (why && idle++ > 0)
				continue; /* one will do */
			changes = run(battery, with, UINT64_MAX) !=
				  run(battery, make(battery, v, case_short, rows, flow(&arena, "{faults: []}")),
				      UINT64_MAX);
			untrue += why && changes;
			changes = changes && !why;
			if (changes)
				check_together(battery, kind, v, rows);
		}
	ok(had, "%s: %s can be had", battery->of->name, kind->name);
	ok(changes, "%s: %s changes something", battery->of->name, kind->name);
	is_int(untrue, 0, "%s: %s changes nothing where the case says so (%d times)", battery->of->name, kind->name,
	       idle);
}

/* Of a variant without faults, with few rows or with many. */
static uint64_t digest_without(struct battery *battery, int variant, bool many)
{
	uint64_t *known = &battery->without[many][variant];
	if (!*known)
		*known = run(battery, make(battery, variant, case_short, many ? ROWS_SILENT : ROWS_FIRST,
					   flow(&arena, "{faults: []}")), UINT64_MAX);
	return *known;
}

/* Whether a fault of that kind, first as in the other checks and then longer and harder, changes something. */
static bool ever_changes(struct battery *battery, const struct fault_kind *kind, int variant)
{
	struct setup *first = with_fault(battery, variant, kind, ROWS_FIRST, whole, 1);
	if (run(battery, first, UINT64_MAX) != digest_without(battery, variant, false))
		return true;
	struct setup *hard = with_fault(battery, variant, kind, ROWS_SILENT, NULL, 1);
	return run(battery, hard, UINT64_MAX) != digest_without(battery, variant, true);
}

/*
 * Variants whose model a fault could hit, and whose trace or other faults keep it from doing anything: no parameter
 * tells that.
 */
static const struct untouched {
	const char *of, *faults, *variants, *why;
} untouched[] = {
	{"ratelimit", "set-back", "crowd fail-open fail-closed fail-alone no-expire expire limit-10000",
	 "clients are far from the limit"},
	{"indexes", "stale", "uuid-grows ascending-grows halves-grow wide-grows random-0 random-1 random-2 random-5 "
			     "ascending-0 ascending-5 ascending-random-5 small-updates small-updates-doublewrite "
			     "hot-updates million billion billion-69 billion-100 grown-ranges",
	 "nobody asks for ranges, or for more than one row of them"},
	{"indexes", "checkpoint", "million billion billion-69 billion-100", "nothing is written"},
	{"indexes", "slow-disk", "ascending-grows halves-grow ascending-0 ascending-5", "all of it is in memory"},
	{"microservices", "kill crash pause pause-instance cut", "alone",
	 "no class of its trace comes to the first service"},
	{"lsm", "slow-disk", "grown", "at first all of it is in memory"},
	{"mvcc", "stop-vacuum", "doctors-snapshot doctors-read-committed doctors-serializable doctors-row-locks "
				"doctors-optimistic",
	 "too few rows are changed for a vacuum"},
	{"uber", "kill lose late", "cache cache-off store-uneven store-even store-routed",
	 "nobody asks for a ride"},
	{"netflix", "cut fail slow", "oregon-ireland oregon-ohio ireland-ohio", "Virginia is lost, or has nobody"},
	{"discord", "slow-disk", "mongodb", "at first all of it is in memory"},
	{"discord", "kill pause slow slow-disk drain", "coalescing-off coalescing-on coalescing-unrouted",
	 "all read one channel, of which node 0 keeps nothing"},
};

static bool holds_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static const char *untouched_why(const struct battery *battery, const struct fault_kind *kind, const char *variant)
{
	for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++)
		if (strcmp(untouched[i].of, battery->of->name) == 0 && holds_word(untouched[i].faults, kind->name) &&
		    holds_word(untouched[i].variants, variant))
			return untouched[i].why;
	return NULL;
}

/*
 * In how many variants a fault changes nothing, at the first target that there is, and the case does not say why. Those
 * with too few rows to be hit are left out. `t-cases CASE` tries all variants, the suite some.
 */
static int silent_faults(struct battery *battery, const struct fault_kind *kind)
{
	const char *sanitizers = getenv("SANITIZERS"); /* the suite without them tries more */
	int tried = sanitizers && strcmp(sanitizers, "yes") == 0 ? TRIED_SLOWLY : TRIED;
	int silent = 0, step = battery->all || battery->variants <= tried ? 1 : battery->variants / tried;
	for (int v = 0; v < battery->variants; v += step) {
		struct study *study;
		const char *variant = variant_of(battery, v, &study);
		struct setup *with = with_fault(battery, v, kind, ROWS_FIRST, whole, 1);
		if (!with || case_rows(with) < ROWS_ENOUGH || idle_why(with) || untouched_why(battery, kind, variant) ||
		    ever_changes(battery, kind, v))
			continue;
		diag("%s, %s: %s changes nothing, and the case does not say why", study->path, variant, kind->name);
		silent++;
	}
	return silent;
}

/* ---- titles ---- */

/* Whether a text says that something has become another, which --set may make untrue. */
static bool compares(const char *text)
{
	static const char *const verbs[] = {"fall", "falls", "fell", "rise", "rises", "rose", "cuts", "shorten",
					    "shortens", "slows", "flatten", "flattens", "halve", "halves", "double",
					    "doubles", "grows", "shrinks", "improves", "drops", "reduces", "lowers",
					    "raises", "beats", "tie", "buys", "stops", "away", "later", "sooner", NULL};
	char word[64];
	for (const char *at = text; *at; at += strspn(at, " ,;:.()")) {
		size_t length = *at == '{' ? strcspn(at, "}") : strcspn(at, " ,;:.(){");
		snprintf(word, sizeof word, "%.*s", (int)(length < 60 ? length : 60), at);
		if (*at != '{' && words_find(WORDS(verbs), word) >= 0)
			return true;
		at += length;
		at += *at == '}';
	}
	return false;
}

/* A title that compares says under which condition, and its alternative does not. */
static void check_titles(const struct battery *battery)
{
	int bold = 0;
	for (int s = 0; s < battery->studies; s++)
		for (int f = 0; f < battery->study[s]->figures; f++) {
			const struct tree *title = tree_get(battery->study[s]->figure[f].tree, "title");
			if (title && title->kind == TREE_MAP)
				title = tree_get(title, "else");
			if (!title || !compares(title->text))
				continue;
			diag("%s: %s", battery->study[s]->figure[f].name, title->text);
			bold++;
		}
	is_int(bold, 0, "%s: titles that compare have a condition", battery->of->name);
}

/* ---- parameters ---- */

/* Whether a variant's rows come from a recipe: files may not be there. */
static bool made_here(const struct battery *battery, int number)
{
	struct study *study;
	const char *variant = variant_of(battery, number, &study);
	return study->setup[words_find(WORDS(study->variant), variant)]->trace.recipe != NULL;
}

struct ends {
	struct battery *battery;
	int variant; /* of the next try: they take turns */
	int tried, refused, silent;
};

static void try_value(struct ends *ends, const char *path, const char *text)
{
	const struct place place = {"test", 1, 1};
	struct tree *over = tree_path(&arena, path, tree_scalar(&arena, text, place), place);
	struct setup *setup = make(ends->battery, ends->variant, case_short, ROWS_AT_ENDS, over);
	/* What a model names itself is only in that one. */
	int among = strchr(path, '.') ? ends->battery->study[0]->variants : ends->battery->variants;
	do
		ends->variant = (ends->variant + 1) % among;
	while (!made_here(ends->battery, ends->variant));
	ends->tried++;
	if (setup) {
		run(ends->battery, setup, 300000);
		return;
	}
	ends->refused++;
	ends->silent += !err_any(&err) || !*err.message[0].text;
	diag("%s = %s: %s", path, text, err.message[0].text);
}

/* Between the ends, by ratio; a little above a least value of 0, which often means that there is none of it. */
static const char *middle_of(const struct param *row)
{
	struct quantity least, greatest;
	char why[QUANTITY_WHY];
	bool read = quantity_parse(row->unit, row->least, &least, why) &&
		    quantity_parse(row->unit, row->greatest, &greatest, why);
	CHECK(read);
	double middle = least.real > 0 ? sqrt(least.real * greatest.real) : greatest.real * 1e-5;
	if (row->unit == QUANTITY_COUNT)
		middle = fmax(floor(middle), fmax(least.real, 1));
	return arena_format(&arena,
			    row->unit == QUANTITY_TIME    ? "%.0f ns"
			    : row->unit == QUANTITY_BYTES ? "%.0f B"
			    : row->unit == QUANTITY_RATE  ? "%.6g /s"
							  : "%.6g",
			    middle);
}

static void check_parameters(struct battery *battery)
{
	struct ends ends = {.battery = battery};
	struct param_walk walk;
	const struct setup *setup = battery->study[0]->setup[0];
	for (param_walk_begin(&walk, battery->of->params, setup->params); param_walk_next(&walk);) {
		const char *const *words = param_words(walk.row);
		for (int i = 0; words && words[i]; i++)
			try_value(&ends, walk.path, words[i]);
		if (!param_is_number(walk.row))
			continue;
		try_value(&ends, walk.path, walk.row->least);
		try_value(&ends, walk.path, middle_of(walk.row));
		try_value(&ends, walk.path, walk.row->greatest);
	}
	ok(ends.tried > ends.refused && ends.silent == 0,
	   "%s: parameters at both ends of their ranges and between: %d run, %d are refused with a reason",
	   battery->of->name, ends.tried - ends.refused, ends.refused);
}

/* ---- metrics ---- */

/* What has not been measured by all this: as long as the model files say but with few rows, and with each fault. */
static void check_metrics(struct battery *battery)
{
	for (int v = 0; v < battery->variants && battery->missing > 0; v++)
		run(battery, make(battery, v, case_thin, ROWS_FIRST, NULL), UINT64_MAX);
	for (const struct fault_kind *kind = battery->of->faults; kind && kind->name; kind++)
		for (int v = 0; v < battery->variants && battery->missing > 0; v++) {
			struct setup *setup = with_fault(battery, v, kind, 4 * ROWS_FIRST, whole, 1);
			if (setup)
				run(battery, setup, UINT64_MAX);
		}
	for (int m = 0; m < battery->metrics; m++)
		if (!battery->seen[m])
			diag("%s was never measured", battery->metric[m]);
	is_int(battery->missing, 0, "%s: every metric is measured somewhere", battery->of->name);
}

static void check_case(const struct case_study *of, bool all)
{
	struct battery *battery = ARENA_NEW(&arena, struct battery);
	begin(battery, of);
	battery->all = all;
	for (const char **name = paths_models(&arena); *name && battery->studies < STUDIES_MAX; name++) {
		struct study *study = case_study(&arena, *name, SHORT_RUN);
		if (study->of == of) {
			battery->study[battery->studies++] = study;
			battery->variants += study->variants;
		}
	}
	ok(battery->studies > 0, "%s has a model file", of->name);
	if (battery->studies == 0)
		return;
	for (int i = 0; i < 2; i++)
		battery->without[i] = ARENA_ARRAY(&arena, (size_t)battery->variants, uint64_t);
	check_variants(battery);
	check_titles(battery);
	for (const struct fault_kind *kind = of->faults; kind && kind->name; kind++) {
		check_fault(battery, kind);
		is_int(silent_faults(battery, kind), 0, "%s: where %s changes nothing the case says why", of->name,
		       kind->name);
	}
	check_parameters(battery);
	check_metrics(battery);
}

/* Every check is shown something that it must catch, on the first variant of a case. */
static void check_canaries(const struct case_study *of)
{
	struct battery *battery = ARENA_NEW(&arena, struct battery);
	struct ends ends = {.battery = battery};
	struct meters meters;
	begin(battery, of);
	battery->study[battery->studies++] = case_study(&arena, of->name, SHORT_RUN);
	battery->variants = battery->study[0]->variants;
	meters_init(&meters, &arena, of->metrics, 0, 1000000000);
	meters_window(&meters, 0, 0);
	meters_end(&meters, 1000000000);
	int values = 0;
	for (int m = 0; m < meters.metrics; m++)
		values += has_value(&meters, m);
	ok(compares("Hits fall from {a} to {b}") && compares("Later it rises.") && compares("it takes them away"),
	   "canary: verbs of comparison are noticed");
	ok(!compares("Half take {p50(cut)[rise]}, one of a hundred {p99(response)[a]}"), "and only those");
	is_int(values, 0, "canary: where nothing was booked no metric has a value");
	struct setup *setup = make(battery, 0, case_short, ROWS_FIRST, NULL);
	ok(run(battery, setup, UINT64_MAX) == run(battery, setup, UINT64_MAX), "canary: no fault changes nothing");
	static const struct part late[] = {{30, 31, 0}};
	ok(run(battery, with_fault(battery, 0, of->faults, ROWS_FIRST, late, 1), UINT64_MAX) ==
		   run(battery, setup, UINT64_MAX), "canary: nor does one after the end");
	ok(holds_word("a bc d", "bc") && holds_word("bc", "bc") && !holds_word("abc bcd", "bc"), "words of a list");
	try_value(&ends, of->params[0].name, "much");
	ok(ends.refused == 1 && ends.silent == 0, "canary: a value that cannot be is refused");
	double rows = case_rows(setup);
	ok(rows > 0.9 * ROWS_FIRST && rows < 1.1 * ROWS_FIRST, "a variant is made as short as asked: %g rows", rows);
}

int main(int argc, char **argv)
{
	arena_init(&arena);
	for (int i = 0; case_studies[i]; i++)
		if (argc < 2 || strcmp(argv[1], case_studies[i]->name) == 0)
			check_case(case_studies[i], argc > 1);
	check_canaries(case_find("station"));
	arena_free(&arena);
	return done_testing();
}
