/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Netflix's regions: what each fault does and does not do, a part of the fleet that stands for the whole, equal seeds,
 * and the day of a recipe whose members live in several time zones.
 */
#include "case.h"
#include "exec/campaign.h"
#include "io/yaml.h"
#include "figure/chart.h"
#include "trace/date.h"

static struct arena arena;
static struct err err;

static const char *in_top(const char *path)
{
	const char *top = getenv("top_srcdir");
	return arena_format(&arena, "%s/%s", top ? top : ".", path);
}

static void give_up(const char *what)
{
	case_give_up(what, &err);
}

static struct study *load(const char *over)
{
	return case_study(&arena, "netflix", over);
}

static struct setup *setup_of(const struct study *study, const char *variant, const char *other)
{
	return case_setup(&arena, study, variant, other);
}

static struct outcome *add(struct campaign *campaign, const struct setup *setup)
{
	struct outcome *outcome = campaign_add(campaign, setup, &err);
	if (!outcome)
		give_up(setup->name);
	return outcome;
}

static void run(struct campaign *campaign, int threads)
{
	static const volatile sig_atomic_t never = 0;
	if (campaign_run(campaign, threads, NULL, NULL, &never, &err) != EXEC_DONE)
		give_up("run");
}

static double measured(const struct outcome *outcome, const char *statistic, const char *metric, int window)
{
	struct term term = outcome_term(statistic, metric);
	term.windowed = window > 0;
	term.window = window;
	return replay_term(outcome->setup, &outcome->pooled, &term);
}

static double count(const struct outcome *outcome, const char *metric)
{
	return measured(outcome, "count", metric, 0);
}

static double count_at(const struct outcome *outcome, const char *metric, int window)
{
	return measured(outcome, "count", metric, window);
}

/* Three windows of twenty seconds; the fault lasts through the second. */
#define MINUTE "trace: {windows: [{date: 2018-05-09, at: 12 h, rate: 200/s, for: 20 s}, " \
	       "{date: 2018-05-09, at: 12 h, rate: 200/s, for: 20 s}, " \
	       "{date: 2018-05-09, at: 12 h, rate: 200/s, for: 20 s}]}"
#define FAULT(kind, target) "faults: [{at: 20 s, for: 20 s, kind: " kind ", target: " target "}]"
#define FACTOR(kind, target, by) "faults: [{at: 20 s, for: 20 s, kind: " kind ", target: " target ", factor: " by "}]"

static void check_faults(void)
{
	struct study *study = load("{run: {reps: 2}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
#define WITH(text) add(&campaign, setup_of(study, "active-active", "{" MINUTE ", " text "}"))
	struct outcome *calm = WITH("faults: []"), *lost = WITH(FAULT("lose", "region 0"));
	struct outcome *dark = WITH(FAULT("blackout", "region 1")), *cut = WITH(FAULT("cut", "link 1"));
	struct outcome *fails = WITH(FAULT("fail", "service 3")), *slow = WITH(FACTOR("slow", "service 0", "3"));
	struct outcome *zone = WITH("playback_servers: 12, catalog_servers: 12, " FAULT("lose-zone", "zone 4"));
	struct outcome *relay = WITH(FACTOR("slow-relay", "partition 2", "5000"));
	struct outcome *moved = WITH("failover: on, decide: 0 s, shift: 0 s, shift_first: on, prescale: off, "
				     FAULT("lose", "region 0"));
	run(&campaign, 2);
	is_int((long long)count(calm, "failed"), 0, "nothing fails where nothing is broken");
	is_int((long long)(count(calm, "ok") - count(calm, "requests")), 0, "of %.0f requests", count(calm, "ok"));
	is_int((long long)count(calm, "lost"), 0, "and nothing is lost");
	near_to(count_at(lost, "failed", 2) / count_at(lost, "requests", 2), 0.34, 0.02,
		"without an evacuation a lost region costs its members' requests");
	is_int((long long)count_at(lost, "virginia", 2), 0, "it serves no stream start");
	ok(count_at(lost, "virginia", 3) > 0.9 * count_at(lost, "virginia", 1), "and serves them again afterwards");
	ok(count_at(lost, "oregon", 2) > 0.9 * count_at(calm, "oregon", 2), "the others do not notice");
	ok(count_at(dark, "timed_out", 2) > 0.3 * count_at(dark, "requests", 2),
	   "from a region that is dark nobody hears: %.0f wait in vain", count_at(dark, "timed_out", 2));
	is_int((long long)count(dark, "lost"), 0, "when it is back, nothing that was acknowledged is lost");
	is_int((long long)count(cut, "failed"), 0, "a cut link fails nobody");
	ok(measured(cut, "max", "lag", 0) > 15, "it makes the other region late: %.1f s",
	   measured(cut, "max", "lag", 0));
	ok(measured(calm, "max", "lag", 0) < 0.2, "canary: which it is not otherwise: %.3f s",
	   measured(calm, "max", "lag", 0));
	ok(count_at(fails, "failed", 2) > 0.15 * count_at(fails, "requests", 2) &&
	   count_at(fails, "failed", 2) < 0.3 * count_at(fails, "requests", 2),
	   "a service that fails costs what its region's members ask of it");
	is_int((long long)count_at(fails, "missed", 2), 0, "stream starts are another service's");
	ok(measured(slow, "p99", "start", 2) > 1.5 * measured(calm, "p99", "start", 2),
	   "a slow service makes its requests slow: %.2f s", measured(slow, "p99", "start", 2));
	near_to(measured(slow, "p99", "browse", 2) / measured(calm, "p99", "browse", 2), 1, 0.1, "and no others");
	is_int((long long)count(zone, "lost"), 0, "a zone that is lost loses no acknowledged write");
	ok(count(zone, "acknowledged") > 1000, "of %.0f", count(zone, "acknowledged"));
	ok(measured(zone, "mean", "servers", 2) < measured(zone, "mean", "servers", 1) - 5, "but servers");
	ok(measured(relay, "max", "replication", 0) > 1.5 * measured(calm, "max", "replication", 0),
	   "a slow relay makes some cache entries late");
	is_int((long long)count_at(moved, "failed", 3), 0, "an evacuated region's members are served elsewhere");
	ok(count_at(moved, "proxied", 2) > 0.3 * count_at(moved, "requests", 2), "by proxy, at first");
	for (int r = 0; r < moved->reps; r++)
		is_int(moved->rep[r].unfinished, 0, "every request ends");
	campaign_free(&campaign);
}

/* ---- what a lost region takes with it ---- */

static void check_tail(void)
{
	struct study *study = load("{run: {reps: 2}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *dark = add(&campaign, setup_of(study, "blackout", NULL));
	struct outcome *far = add(&campaign, setup_of(study, "blackout", "{rtt_virginia_oregon: 400 ms}"));
	struct outcome *near = add(&campaign, setup_of(study, "blackout",
		"{faults: [{at: 3 s, for: 60 s, kind: lose, target: region 0}]}"));
	run(&campaign, 2);
	ok(count(dark, "tail") > 100, "a region that goes dark takes with it %.0f writes", count(dark, "tail"));
	ok(count(dark, "lost") <= count(dark, "tail") && count(dark, "lost") > 0.9 * count(dark, "tail"),
	   "of these %.0f are lost - the others had arrived, and were being written - and none of the other %.0f",
	   count(dark, "lost"), count(dark, "acknowledged"));
	ok(count(far, "lost") > 3 * count(dark, "lost"), "more when the other region is farther away: %.0f",
	   count(far, "lost"));
	is_int((long long)count(near, "lost"), 0, "canary: none when only its services fail");
	campaign_free(&campaign);
}

/* ---- a part of the fleet ---- */

static void check_slices(void)
{
	struct study *study = load("{run: {reps: 3}}");
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
#define PART "trace: {windows: [{date: 2016-03-01, at: 12 h, rate: 1 M/s, for: 5 s}]}"
	struct outcome *part = add(&campaign, setup_of(study, "pipeline", "{" PART "}"));
	struct outcome *twice = add(&campaign, setup_of(study, "pipeline", "{slice: 60, " PART "}"));
	struct outcome *loaded = add(&campaign, setup_of(study, "pipeline", "{partitions: 240, " PART "}"));
	struct outcome *all = add(&campaign, setup_of(study, "nodes-96", NULL));
	struct outcome *half = add(&campaign, setup_of(study, "nodes-96", "{slice: 2}"));
	run(&campaign, 2);
	near_to(measured(part, "rate", "acknowledged", 0) / measured(twice, "rate", "acknowledged", 0), 1, 0.02,
		"a part of the fleet and one twice as large write as much, for the whole fleet");
	near_to(measured(part, "rate", "replicated", 0) / measured(twice, "rate", "replicated", 0), 1, 0.02,
		"and put as much into the other cache: nobody is found more often in a larger part");
	near_to(measured(part, "p99", "replication", 0) / measured(twice, "p99", "replication", 0), 1, 0.05,
		"their relays are as fast: p99 %.0f and %.0f ms", measured(part, "p99", "replication", 0) * 1e3,
		measured(twice, "p99", "replication", 0) * 1e3);
	near_to(measured(part, "mean", "servers", 0) / measured(twice, "mean", "servers", 0), 1, 0.001,
		"with as many servers");
	ok(measured(loaded, "p99", "replication", 0) > 2 * measured(part, "p99", "replication", 0),
	   "canary: a fifth of the partitions is told apart");
	near_to(measured(all, "rate", "wrote", 0) / measured(half, "rate", "wrote", 0), 1, 0.03,
		"half of 96 nodes write as much, for the whole fleet");
	campaign_free(&campaign);
	ok(!setup_make(study, "nodes-96", flow(&arena, "{slice: 5}"), &err) && err_any(&err),
	   "a slice that would round a part of the fleet is refused");
	err_init(&err);
}

/* ---- equal seeds ---- */

static uint64_t digest_of(const char *variant, int seed, int threads)
{
	struct study *study = load(arena_format(&arena, "{run: {reps: 3, seed: %d}}", seed));
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct outcome *outcome = add(&campaign, setup_of(study, variant,
		"{decide: 1 s, shift: 10 s, dns_ttl: 10 s, " MINUTE ", " FAULT("blackout", "region 0") "}"));
	run(&campaign, threads);
	uint64_t digest = outcome_digest(outcome);
	campaign_free(&campaign);
	return digest;
}

static void check_seeds(void)
{
	static const char *const variant[] = {"fast-failover", "adaptive", "prescale-demand"};
	for (int v = 0; v < 3; v++) {
		uint64_t digest = digest_of(variant[v], 1, 1);
		ok(digest == digest_of(variant[v], 1, 2), "%s: the same again, and on two threads", variant[v]);
		ok(digest != digest_of(variant[v], 2, 1), "%s, canary: another seed, other results", variant[v]);
	}
}

/* ---- time zones ---- */

/* Of the rows of a recipe at an hour, how many come from each region; how many there are in all. */
static int from_each(const char *at, int each[4], bool flat)
{
	enum { ROWS = 16 * ROW_BLOCK };
	static struct row row[ROWS];
	struct err mistakes;
	err_init(&mistakes);
	const struct case_study *of = case_find("netflix");
	struct param_reader values = {&arena, NULL, NULL};
	struct tree *tree = yaml_read(&arena, in_top("traces/netflix.yaml"), &mistakes);
	CHECK(tree);
	tree = tree_merge(&arena, tree, flow(&arena, arena_format(&arena,
		"{growth: [{date: 2018-05-09, rate: 17.28 M/d}], weekly: [1, 1, 1, 1, 1, 1, 1], "
		"windows: [{date: 2018-05-09, at: %s, for: 60 s}]%s}", at,
		flat ? ", daily: {peak: 1, hour: 0 h}" : "")));
	struct recipe *recipe = recipe_load(&arena, tree, of->columns, &values, &mistakes);
	CHECK(recipe);
	struct row_source *source = recipe_rows(&arena, recipe, 1, 0, 1);
	size_t filled = 0;
	for (size_t got; filled < ROWS && (got = source->fill(source, row + filled, ROW_BLOCK)) > 0;)
		filled += got;
	for (int i = 0; i < 4; i++)
		each[i] = 0;
	int home = column_find(of->columns, "home");
	for (size_t i = 0; i < filled; i++)
		each[row[i].value[home]]++;
	return (int)filled;
}

static void check_day(void)
{
	static const double part[] = {0.3, 0.25, 0.3, 0.15};
	static const int64_t hour[] = {2, 5, 20, 3};
	static const char *const at[] = {"150 min", "510 min", "870 min", "1230 min"};
	for (int i = 0; i < 4; i++) {
		int each[4], rows = from_each(at[i], each, false);
		double sum = 0, weight[4];
		for (int r = 0; r < 4; r++)
			sum += weight[r] = part[r] * (1 + 0.6 * date_wave((150 + 360 * i) * INT64_C(60000000000),
									  hour[r] * INT64_C(3600000000000)));
		near_to(rows / 12000.0, sum, 0.04, "%s: the day's curve is the sum of the regions' (%d rows)", at[i],
			rows);
		for (int r = 0; r < 4; r++)
			near_to((double)each[r] / rows, weight[r] / sum, 0.02, "%s: the share of region %d", at[i], r);
	}
	int each[4], flat = from_each("150 min", each, true);
	ok(flat / 12000.0 < 1.1, "canary: a flat day is told apart: %d rows", flat);
}

/* ---- figures ---- */

static struct figure *drawn(const struct study *study, struct campaign *campaign, const char *name,
			    const char *const *variant, int variants, const char *other,
			    struct outcome **first)
{
	static struct outcome *outcome[6];
	const char *missing;
	const struct study_figure *wanted = NULL;
	for (int f = 0; f < study->figures; f++)
		if (strcmp(study->figure[f].name, name) == 0)
			wanted = &study->figure[f];
	CHECK(wanted);
	for (int v = 0; v < variants; v++)
		outcome[v] = add(campaign, setup_of(study, variant[v], other));
	const struct chart_outcomes outcomes = {study, outcome, variants};
	if (!chart_want(&outcomes, wanted, &missing, &err))
		give_up(name);
	run(campaign, 2);
	struct figure *figure = chart_figure(&arena, &outcomes, wanted, "", &err);
	if (!figure)
		give_up(name);
	*first = outcome[0];
	return figure;
}

static void check_figures(void)
{
	static const char *const both[] = {"classic-failover", "fast-failover"};
	static const char *const nodes[] = {"nodes-48", "nodes-96", "nodes-144", "nodes-288"};
	struct study *study = load("{run: {reps: 1, series: 1 s}}");
	struct outcome *first;
	struct campaign campaign;
	campaign_init(&campaign, 0, NULL);
	struct figure *figure = drawn(study, &campaign, "evacuation", both, 2,
				      "{decide: 5 s, shift: 5 s, " MINUTE ", "
				      FAULT("lose", "region 0") "}", &first);
	double lost = 0;
	for (int i = 0; i < figure->series->points; i++)
		lost += figure->series->point[i].high - figure->series->point[i].y;
	ok(count(first, "missed") > 50, "an evacuation loses %.0f stream starts", count(first, "missed"));
	near_to(lost, count(first, "missed"), 1e-6, "which stand on its line as a band, bin by bin");
	is_text(figure->series->label, "others grow first", "the line of the first way");
	campaign_free(&campaign);

	campaign_init(&campaign, 0, NULL);
	figure = drawn(study, &campaign, "throughput", nodes, 4, NULL, &first);
	is_text(figure->series->label, "simulated", "four stores make one line");
	is_int(figure->series->points, 4, "of four points");
	is_int((long long)figure->series->point[3].x, 288, "up to 288 nodes");
	is_text(figure->series->next->label, "published", "and the published ones beside it");
	campaign_free(&campaign);

	campaign_init(&campaign, 0, NULL);
	static const char *const one[] = {"fast-failover"};
	figure = drawn(study, &campaign, "regions", one, 1, "{" MINUTE "}", &first);
	is_text(figure->series->label, "Virginia", "metrics are called what `labels` says");
	campaign_free(&campaign);

	/* Rows from below: Ohio first. What is above the diagonal is measured, what is below it given. */
	static const char *const pairs[] = {"virginia-oregon", "virginia-ireland", "virginia-ohio",
					    "oregon-ireland",  "oregon-ohio",      "ireland-ohio"};
	campaign_init(&campaign, 0, NULL);
	figure = drawn(study, &campaign, "round-trips", pairs, 6, "{rtt_ireland_ohio: 300 ms}", &first);
	is_int(figure->x.categories, 4, "a column for each region");
	const struct figure_series *row[4] = {figure->series};
	for (int i = 1; i < 4; i++)
		row[i] = row[i - 1]->next;
	is_text(row[0]->label, "Ohio", "the lowest row");
	is_text(row[3]->label, "Virginia", "the highest row");
	for (int from = 0; from < 4; from++) {
		is_int(row[3 - from]->points, 3, "no cell on the diagonal, three beside it");
		for (int to = from + 1; to < 4; to++) {
			double added = row[3 - from]->point[to - 1].y * 1e-6;
			double given = row[3 - to]->point[from].y * 1e-6;
			is_int((long long)row[3 - from]->point[to - 1].x, to, "a cell in its column");
			near_to(added, given + 1.5, 8, "%d to %d: what is passed on takes a round trip longer", from,
				to);
		}
	}
	near_to(row[0]->point[2].y * 1e-6, 300, 1e-6, "canary: a round trip that was changed");
	campaign_free(&campaign);
}

/* What is wrong with a recipe whose column is made so. */
static const char *mistake(const char *column)
{
	static struct err mistakes;
	err_init(&mistakes);
	struct param_reader values = {&arena, NULL, NULL};
	const char *text = arena_format(&arena, "{windows: [{date: 2018-05-09, at: 2 h, rate: 1/s, for: 1 s}], "
					"columns: {op: start, member: 1, %s}}", column);
	struct recipe *recipe = recipe_load(&arena, flow(&arena, text), case_find("netflix")->columns, &values,
					    &mistakes);
	return recipe ? "" : mistakes.message[0].text;
}

static void check_mistakes(void)
{
	is_text(mistake("home: {phases: {virginia: {share: 100 %}}}"), "", "phases of one word");
	ok(strstr(mistake("home: {phases: {virginia: {share: 60 %}, oregon: {share: 50 %}}}"), "add up to 110 %"),
	   "shares that are not 100 %% together");
	ok(strstr(mistake("home: {phases: {texas: {share: 100 %}}}"), "is not one of virginia"),
	   "a word that is not there");
	ok(strstr(mistake("home: {phases: {virginia: {share: 100 %, peak: 3}}}"), "peak"),
	   "a peak that would make nights negative");
	ok(strstr(mistake("home: virginia, member: {phases: {virginia: {share: 100 %}}}"), "numbers"),
	   "phases of a column of numbers");
	ok(strstr(mistake("home: {phases: 7}"), "must be a map"), "phases that are no map");
}

int main(void)
{
	check_faults();
	check_tail();
	check_slices();
	check_seeds();
	check_day();
	check_mistakes();
	check_figures();
	return done_testing();
}
