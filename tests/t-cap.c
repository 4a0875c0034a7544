/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers with copies: freshness beside a Monte Carlo of the WARS model that shares no code with the simulation, how
 * many versions old reads are and what a partition does beside closed forms, and observers that must catch what is
 * planted.
 */
#include "flow.h"
#include "run/replay.h"
#include "stats/interval.h"
#include "tap.h"

enum { REPS = 6, SAMPLES = 200000 };

static struct arena arena;
static struct err err;

/* ---- the case ---- */

static struct setup *setup_of(const char *windows, const char *columns, const char *model, const char *more)
{
	static const struct study_files files = {NULL, NULL, NULL, NULL};
	char text[2048];
	snprintf(text, sizeof text,
		 "{case: cap, trace: {windows: %s, columns: {%s}}, model: {%s}, "
		 "run: {warmup: 0 s, series: 1 h, drain: 1 h}%s}",
		 windows, columns, model, more);
	err_init(&err);
	struct study *study = study_load(&arena, "test", flow(&arena, text), NULL, &files, &err);
	return study && !err_any(&err) ? setup_resolve(study, "cap", NULL, &err) : NULL;
}

static double count_of(const struct replay *replay, const char *name)
{
	return (double)replay->meters.meter[metric_find(replay->meters.metric, name)].all.total;
}

/* One metric over another in each replication; its 99.9 % interval. `of` NULL: the metric alone. */
static struct interval share(const struct setup *setup, const char *metric, const char *of)
{
	double value[REPS];
	if (!setup)
		bail("%s", err.message[0].text);
	for (int rep = 0; rep < REPS; rep++) {
		struct replay *replay = replay_run(setup, NULL, rep, 0, NULL);
		value[rep] = count_of(replay, metric) / (of ? count_of(replay, of) : 1);
		replay_free(replay);
	}
	return interval_of(value, REPS, 0.999);
}

static bool covers(struct interval interval, double value, double margin)
{
	return interval.low - margin <= value && value <= interval.high + margin;
}

/* ---- WARS, once more ---- */

struct law {
	double pareto, min, alpha, mean; /* `pareto` of one hundred are min / U^(1/alpha), the others exponential; ms */
};

struct wars {
	const char *name, *model;
	struct law write, others;
	double between;
	int read, quorum;
	double published;
};

#define SSD_LAW "mix(91.22 pareto(min=235 us, alpha=10), 8.78 exp(602.409639 us))"
#define DISK_LAW "mix(38 pareto(min=1.05 ms, alpha=1.51), 62 exp(5.464481 ms))"
#define YMMR_LAW "mix(98.2 pareto(min=1.5 ms, alpha=3.8), 1.8 exp(46.082949 ms))"
#define WAYS(write, other) "write_way: " write ", ack_way: " other ", read_way: " other ", response_way: " other
#define SSD {91.22, .235, 10, 1 / 1.66}
#define DISK {38, 1.05, 1.51, 1 / .183}

static const struct wars deployments[] = {
	{"LNKD-SSD", WAYS(SSD_LAW, SSD_LAW), SSD, SSD, 0, 1, 1, 97.4},
	{"LNKD-DISK", WAYS(DISK_LAW, SSD_LAW), DISK, SSD, 0, 1, 1, 43.7},
	{"YMMR", WAYS("mix(93.9 pareto(min=3 ms, alpha=3.5), 6.1 exp(357.142857 ms))", YMMR_LAW),
	 {93.9, 3, 3.5, 1 / .0028}, {98.2, 1.5, 3.8, 1 / .0217}, 0, 1, 1, 89.3},
	{"WAN", "datacentres: 3, between: 75 ms, " WAYS(DISK_LAW, SSD_LAW), DISK, SSD, 75, 1, 1, 33.3},
	{"LNKD-DISK, R = 2", "read_quorum: 2, " WAYS(DISK_LAW, SSD_LAW), DISK, SSD, 0, 2, 1, 0},
	{"LNKD-DISK, W = 2", "write_quorum: 2, " WAYS(DISK_LAW, SSD_LAW), DISK, SSD, 0, 1, 2, 0}};

static double draw(const struct law *law, struct rng *rng)
{
	bool heavy = rng_unit(rng) * 100 < law->pareto;
	double u = rng_unit_open(rng);
	return heavy ? law->min / pow(u, 1 / law->alpha) : -law->mean * log(u);
}

static int ascending(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

enum rule { AS_IT_IS, INVERTED, ANY_REPLICA };

/* Per cent of reads `after` ms after the write's answer that are fresh; or what two common mistakes make of it. */
static double fresh(const struct wars *wars, double after, enum rule rule)
{
	struct rng rng = rng_seed(2012);
	int count = 0;
	for (int n = 0; n < SAMPLES; n++) {
		double write[3], read[3], back[3], sorted[3];
		int writer = (int)rng_below(&rng, 3), reader = (int)rng_below(&rng, 3);
		for (int i = 0; i < 3; i++) {
			double far_write = i == writer ? 0 : wars->between, far_read = i == reader ? 0 : wars->between;
			write[i] = far_write + draw(&wars->write, &rng);
			sorted[i] = write[i] + far_write + draw(&wars->others, &rng);
			read[i] = far_read + draw(&wars->others, &rng);
			back[i] = read[i] + far_read + draw(&wars->others, &rng);
		}
		qsort(sorted, 3, sizeof *sorted, ascending);
		double committed = sorted[wars->quorum - 1];
		bool found = false, inverted = false;
		for (int i = 0; i < 3; i++) {
			int before = 0;
			for (int k = 0; k < 3; k++)
				before += back[k] < back[i];
			bool has = committed + after + read[i] >= write[i];
			bool counts = rule == ANY_REPLICA ? i < wars->read : before < wars->read;
			found = found || (counts && has);
			inverted = inverted || (counts && !has);
		}
		count += rule == INVERTED ? inverted : found;
	}
	return 100. * count / SAMPLES;
}

static struct interval simulated(const struct wars *wars, double after, int seconds)
{
	char windows[60], columns[100], model[600];
	snprintf(windows, sizeof windows, "{rate: 200 /s, for: %d s}", seconds);
	snprintf(columns, sizeof columns, "key: {zipf: {keys: 10000, exponent: 0}}, after: %.3f ms", after);
	snprintf(model, sizeof model, "timeout: 10 min, %s", wars->model);
	struct interval stale = share(setup_of(windows, columns, model, ""), "stale", "reads");
	return (struct interval){100 - 100 * stale.mean, 100 - 100 * stale.high, 100 - 100 * stale.low, REPS};
}

static void test_wars(void)
{
	const double noise = 100 * 3.3 * .5 / sqrt(SAMPLES); /* of the Monte Carlo, at most */
	for (size_t i = 0; i < sizeof deployments / sizeof *deployments; i++) {
		const struct wars *wars = &deployments[i];
		double want = fresh(wars, 0, AS_IT_IS);
		struct interval seen = simulated(wars, 0, 80);
		ok(covers(seen, want, noise), "%s at once: %.2f %% fresh by sampling, %.2f..%.2f simulated", wars->name,
		   want, seen.low, seen.high);
		if (wars->published > 0)
			ok(fabs(want - wars->published) < .5, "%s: %.1f %% are published", wars->name, wars->published);
	}
	const struct wars *disk = &deployments[1];
	struct interval later = simulated(disk, 10, 40);
	ok(covers(later, fresh(disk, 10, AS_IT_IS), noise), "LNKD-DISK after 10 ms: %.2f..%.2f", later.low, later.high);
	struct interval seen = simulated(disk, 0, 300);
	ok(!covers(seen, fresh(disk, 0, INVERTED), noise), "canary: the condition as it is printed gives %.2f",
	   fresh(disk, 0, INVERTED));
	double any = fresh(disk, 0, ANY_REPLICA);
	ok(any - seen.mean > .5, "canary: a replica at random is not the first that answers: %.2f, not %.2f", any,
	   seen.mean);
}

/* ---- closed forms ---- */

static void test_versions(void)
{
	static const int k[] = {1, 2, 3, 5, 10};
	for (size_t i = 0; i < sizeof k / sizeof *k; i++) {
		char columns[100];
		snprintf(columns, sizeof columns, "key: {zipf: {keys: 20, exponent: 0}}, versions: %d", k[i]);
		struct interval old = share(setup_of("{rate: 1 k/s, for: 40 s}", columns,
						     "ask: quorum, " WAYS("100 us", "100 us"), ""), "old", "reads");
		double want = pow(2. / 3, k[i]);
		ok(covers(old, want, .002), "%d versions: %.3f are as old, %.3f..%.3f are seen", k[i], want, old.low,
		   old.high);
	}
}

static const char parted[] = "{rate: 100 /s, for: 60 s}", mixed[] =
	"op: {mix: {read: 80 %, write: 20 %}}, key: {zipf: {keys: 1000, exponent: 0}}",
	split[] = ", faults: [{at: 0 s, for: 60 s, kind: split, target: after 2}]";

static void test_partition(void)
{
	struct setup *majority =
		setup_of(parted, mixed, "nodes: 5, replicas: 5, read_quorum: 3, write_quorum: 3", split);
	struct setup *any = setup_of(parted, mixed, "nodes: 5, replicas: 5, anti_entropy: 100 ms", split);
	struct interval refused = share(majority, "refused", "operations"), stale = share(majority, "stale", NULL);
	ok(covers(refused, .4, 0) && !covers(refused, .6, 0), "majorities refuse .4: %.4f..%.4f", refused.low,
	   refused.high);
	ok(stale.high == 0, "and answer nobody wrongly");
	refused = share(any, "refused", NULL);
	stale = share(any, "stale", "reads");
	ok(refused.high == 0, "one answer of any node is always there");
	/* It misses one when its key's latest write, of 1.2 t / 60 s at the time t, was on the other side. */
	double want = .48 * (1 - (1 - exp(-1.2)) / 1.2);
	ok(covers(stale, want, 0), "reads whose latest write was on the other side: %.4f, %.4f..%.4f are seen", want,
	   stale.low, stale.high);
	ok(!covers(stale, .48, 0), "canary: and not .48");
}

/* ---- observers ---- */

static const char busy[] = "{rate: 2 k/s, for: 5 s}",
	contended[] = "op: {mix: {read: 70 %, write: 30 %}}, key: {zipf: {keys: 10, exponent: 0}}";
#define QUORUMS "keys: 10, read_quorum: 2, write_quorum: 2, write_way: exp(10 ms), judged: 100000"

static void test_oracles(void)
{
	struct interval wrong = share(setup_of(busy, contended, QUORUMS, ""), "wrong", "judged");
	ok(wrong.low == 1, "canary: with quorums that meet, and nothing else, no key's history can be explained");
	wrong = share(setup_of(busy, contended, QUORUMS ", repair: before", ""), "wrong", "judged");
	ok(wrong.high == 0, "with reads that write back all can");
	wrong = share(setup_of(busy, contended, QUORUMS ", repair: before, skew: 100 ms", ""), "wrong", "judged");
	ok(wrong.low == 1, "canary: not with clocks that are off");
	wrong = share(setup_of(busy, contended, QUORUMS ", repair: before, skew: 100 ms, number: quorum", ""), "wrong",
		      "judged");
	ok(wrong.high == 0, "unless writes are numbered by a quorum");
	wrong = share(setup_of(busy, contended, QUORUMS ", repair: before, number: quorum, loss: 2 %",
			       ", faults: [{at: 1 s, for: 1 s, kind: split, target: after 0}, "
			       "{at: 3 s, for: 1 s, kind: deaf, target: node 2}]"),
		      "wrong", "judged");
	ok(wrong.high == 0, "also when messages are lost and nodes are cut off");
	struct interval stale = share(setup_of(busy, contended, QUORUMS, ""), "stale", NULL);
	ok(stale.high == 0, "no read is stale when quorums meet");
	stale = share(setup_of(busy, contended, QUORUMS ", ask: quorum", ""), "stale", NULL);
	ok(stale.high == 0, "nor when only as many are asked");
	stale = share(setup_of(busy, contended, "keys: 10, read_quorum: 1, write_quorum: 2, write_way: exp(10 ms)", ""),
		      "stale", "reads");
	ok(stale.low > .01, "canary: many are when they do not");
}

static void test_memory(void)
{
	size_t bytes[2];
	for (int i = 0; i < 2; i++) {
		struct setup *setup = setup_of(i ? "{rate: 500 /s, for: 100 s}" : "{rate: 500 /s, for: 10 s}",
					       "key: {zipf: {keys: 100, exponent: 0}}, after: 1 ms", "keys: 100", "");
		struct replay *replay = replay_run(setup, NULL, 0, 0, NULL);
		bytes[i] = replay->sim->arena.bytes;
		replay_free(replay);
	}
	ok((double)bytes[1] < 1.25 * (double)bytes[0], "ten times the rows take %.2f times the memory",
	   (double)bytes[1] / (double)bytes[0]);
}

static void refuses(const char *model, const char *why)
{
	bool refused = !setup_of("{rate: 1 /s, for: 10 s}", "key: {zipf: {keys: 10, exponent: 0}}", model, "") &&
		       err_any(&err);
	ok(refused && strstr(err.message[0].text, why), "%s: %s", model, refused ? err.message[0].text : "is taken");
}

int main(void)
{
	arena_init(&arena);
	test_wars();
	test_versions();
	test_partition();
	test_oracles();
	test_memory();
	refuses("read_quorum: 4", "a quorum of 4 is larger than the 3 replicas");
	refuses("write_quorum: 5", "a quorum of 5 is larger than the 3 replicas");
	refuses("replicas: 5", "5 copies need as many nodes, there are 3");
	refuses("datacentres: 4", "datacentres: 4, and 3 nodes");
	refuses("sloppy: on", "nodes that are no replicas");
	refuses("read_from: own", "only with design primary");
	refuses("repair: before, ask: quorum", "needs everybody to be asked");
	refuses("number: quorum", "must meet every write quorum");
	arena_free(&arena);
	return done_testing();
}
