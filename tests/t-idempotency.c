/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Payments that are sent again, against closed forms; the oracle on planted faults; crash points counted out; the
 * contest against the published simulator.
 */
#include "measured.h"

static struct outcome *run(const char *variant, const char *over)
{
	return measured("idempotency", variant, over, NULL);
}

static double count(const struct outcome *outcome, const char *metric)
{
	return measured_value(outcome, "count", metric, 0);
}

static double share(const struct outcome *outcome, const char *metric)
{
	return count(outcome, metric) / count(outcome, "payments");
}

#define SHORT "trace: {windows: [{rate: 500/s, for: 100 s}]}"

/* (1 - p) (1 - (1 - a)^m) / a charges, a = (1 - p) (1 - q); none of them, one of them, more of them. */
static void check_retries(void)
{
	static const struct {
		double p, q;
		int m;
	} row[] = {{.1, .1, 4}, {0, .2, 2}, {.3, .05, 3}, {.2, .2, 1}};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		double p = row[i].p, q = row[i].q, a = (1 - p) * (1 - q), charges = 0, doubled = 0, failed = 1;
		/* Attempt by attempt: the chance that so many have charged (0, 1, more) and none was answered. */
		double none = 1, one = 0, more = 0;
		for (int attempt = 0; attempt < row[i].m; attempt++) {
			double lost = p, unheard = (1 - p) * q, open = none + one + more;
			charges += open * (1 - p);
			doubled += one * (1 - p);
			more = more * (lost + unheard) + one * unheard;
			one = one * lost + none * unheard;
			none *= lost;
		}
		failed = none + one + more;
		const char *over = arena_format(&measured_arena, "{request_loss: %g, reply_loss: %g, attempts: %d, "
						"work: 0 s, charge: 100 ms, " SHORT "}", p, q, row[i].m);
		struct outcome *outcome = run("lossy", over);
		near_to(charges, (1 - p) * (1 - pow(1 - a, row[i].m)) / a, 1e-12, "the closed form, counted out");
		near_to(share(outcome, "charges"), charges, 0.006, "p=%g q=%g m=%d: charges a payment", p, q, row[i].m);
		near_to(share(outcome, "doubled"), doubled, 0.005, "charged twice");
		near_to(share(outcome, "failed"), failed, 0.005, "reported failed");
		near_to(share(outcome, "uncertain"), one + more, 0.005, "of these charged");
		is_int((long long)count(outcome, "late"), 0, "none escapes the oracle");
	}
	struct outcome *keyed = run("lossy-keyed", "{" SHORT "}");
	is_int((long long)count(keyed, "doubled"), 0, "with a key none is charged twice");
	ok(count(keyed, "charges") <= count(keyed, "payments"), "nor more are charged than there are");
}

/* P(exp(8 h) > lifetime) of the copies; P(exp(g) < w), w the time from the look to the record. */
static void check_copies(void)
{
	static const int hours[] = {2, 24};
	for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
		const char *over = arena_format(&measured_arena, "{lifetime: %d h, copies: 50 %%, " SHORT "}",
						hours[i]);
		near_to(share(run("lifetime-24h", over), "doubled"), .5 * exp(-hours[i] / 8.), 0.006,
			"a key that is kept for %d h", hours[i]);
	}
	is_int((long long)count(run("lifetime-24h", "{lifetime: 0 s, " SHORT "}"), "doubled"), 0,
	       "kept for ever: none");
	static const int gap[] = {50, 400};
	for (size_t i = 0; i < sizeof gap / sizeof *gap; i++) {
		const char *over = arena_format(&measured_arena, "{copies: 50 %%, copy_after: exp(%d ms), "
						"store_work: 0 s, " SHORT "}", gap[i]);
		near_to(share(run("race", over), "doubled"), .5 * (1 - exp(-101. / gap[i])), 0.008,
			"copies %d ms later, 101 ms between look and record", gap[i]);
	}
}

/* What a crash of one attempt in ten does, by design and point: nothing, or that share charged twice, lost, failed. */
static void check_crashes(void)
{
	static const struct {
		const char *keys, *point, *wrong;
	} row[] = {
		{"none", "before-charge", NULL},
		{"none", "before-record", "doubled"},
		{"none", "before-reply", "doubled"},
		{"check-then-act", "before-charge", NULL},
		{"check-then-act", "before-record", "doubled"},
		{"check-then-act", "before-reply", NULL},
		{"record-first", "before-charge", "swallowed"},
		{"record-first", "before-record", NULL},
		{"record-first", "before-reply", NULL},
		{"insert", "before-charge", "failed"},
		{"insert", "before-record", "uncertain"},
		{"insert", "before-reply", NULL},
		{"insert, claim_for: 1 s", "before-charge", NULL},
		{"insert, claim_for: 1 s", "before-record", "doubled"},
		{"transaction", "before-charge", NULL},
		{"transaction", "before-record", NULL},
		{"transaction", "before-reply", NULL},
	};
	static const char *const all[] = {"doubled", "swallowed", "failed", "uncertain"};
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const char *over = arena_format(&measured_arena, "{keys: %s, crash_at: %s, crash: 10 %%, attempts: 12, "
						"trace: {windows: [{rate: 500/s, for: 20 s}]}}",
						row[i].keys, row[i].point);
		struct outcome *outcome = run("none-before-charge", over);
		for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
			bool wrong = row[i].wrong && (strcmp(all[k], row[i].wrong) == 0 ||
						      (strcmp(all[k], "failed") == 0 &&
						       strcmp(row[i].wrong, "uncertain") == 0));
			near_to(share(outcome, all[k]), wrong ? .1 : 0, wrong ? 0.008 : 0, "%s, %s: %s", row[i].keys,
				row[i].point, all[k]);
		}
	}
}

/* The means of the published simulator: 100 clients, 796 calls with full jitter, 1,860 without; 63.5 s and 2.0 s. */
static void check_contest(void)
{
#define HUNDRED "{trace: {windows: [{rate: 0.2/s, for: 100 s, columns: {clients: 100}}]}}"
	struct outcome *full = run("backoff-full", HUNDRED), *exponential = run("backoff-exponential", HUNDRED);
	struct outcome *none = run("backoff-none", HUNDRED);
	near_to(100 * share(full, "calls"), 796, 25, "full jitter: calls");
	near_to(100 * share(exponential, "calls"), 1860, 50, "exponential: calls");
	near_to(measured_value(exponential, "mean", "contest", 0), 63.5, 2, "exponential: until all have written, s");
	near_to(measured_value(none, "mean", "contest", 0), 2.0, .1, "none: until all have written, s");
	near_to(share(none, "charges"), 1, 0, "everybody writes once");
	near_to(count(full, "calls") - count(full, "conflicts"), count(full, "payments"), 0,
		"what is not refused holds");
	near_to(100 * share(run("backoff-full", "{trace: {windows: [{rate: 1/s, for: 20 s, columns: {clients: 1}}]}}"),
			    "calls"), 100, 0, "one client is never refused");
}

#define AT(kind) "{request_loss: 0 %, reply_loss: 0 %, faults: [{at: 30 s, for: 30 s, kind: " kind "}], " \
	"trace: {windows: [{rate: 100/s, for: 90 s}]}}"

static void check_faults(void)
{
	static const char *const kinds[] = {AT("cut-replies"), AT("deaf-store"), AT("cut-store"), AT("crash"),
					    AT("restart-store"), AT("slow, factor: 10")};
	is_int((long long)count(run("no-key", AT("cut")), "doubled"), 0, "what does not arrive is not charged");
	struct outcome *planted = run("no-key", AT("cut-replies"));
	ok(share(planted, "doubled") > .25, "canary: replies that are cut off make double charges, and they are seen");
	ok(share(planted, "uncertain") > .2, "canary: and clients who are wrong");
	ok(share(run("content-key", "{" SHORT "}"), "swallowed") > .1, "canary: what is never charged is seen");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct outcome *outcome = run("keyed", kinds[i]);
		if (i != 4)
			is_int((long long)count(outcome, "doubled"), 0, "one step for both: none twice with %s",
			       kinds[i]);
		is_int((long long)count(outcome, "swallowed"), 0, "and none is lost");
		is_int((long long)count(outcome, "late"), 0, "none escapes the oracle");
	}
	is_int((long long)count(run("store-deaf", NULL), "late"), 0, "what the store does unheard is seen in time");
	struct outcome *hangs = run("store-hangs", NULL);
	ok(count(hangs, "late") > 1000, "canary: charges that come when all have given up are seen");
}

static void check_mistakes(void)
{
	measured_refuses("idempotency", "{model: {timeout: 0 s}}", "never notices what is lost");
	measured_refuses("idempotency", "{model: {backoff_base: 1 min}}", "backoff_most is below");
	measured_refuses("idempotency", "{run: {variants: [keyed]}, model: {optimistic: on}}", "needs keys: none");
	measured_refuses("idempotency", "{run: {variants: [keyed]}, model: {claim_for: 1 s}}", "only keys: insert");
	measured_refuses("idempotency", "{run: {variants: [no-key]}, model: {scope: content}}",
			 "nothing is made of a key");
}

int main(void)
{
	arena_init(&measured_arena);
	check_retries();
	check_copies();
	check_crashes();
	check_contest();
	check_faults();
	check_mistakes();
	measured_free();
	return done_testing();
}
