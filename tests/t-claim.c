/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expectations: their grammar, precedence, units and names; what is refused, and where. */
#include "tap.h"

#include "run/claim.h"

static struct arena arena;
static struct err err;

/* The value of a term in these tests: 8 for times, 1000 for rates, nothing for "none". */
static double value_of(void *context, const struct term *term)
{
	(void)context;
	if (strcmp(term->metric, "none") == 0)
		return (double)NAN;
	if (strcmp(term->statistic, "rate") == 0)
		return 1000;
	return strcmp(term->metric, "half") == 0 ? 4 : 8;
}

static enum quantity_kind kind_of(const void *context, const struct term *term)
{
	(void)context;
	if (strcmp(term->statistic, "rate") == 0)
		return QUANTITY_RATE;
	return strcmp(term->metric, "size") == 0   ? QUANTITY_BYTES
	       : strcmp(term->metric, "many") == 0 ? QUANTITY_COUNT
						   : QUANTITY_TIME;
}

static const struct arithmetic {
	const char *text;
	double value;
} sums[] = {
	{"1 + 2 * 3", 7},
	{"(1 + 2) * 3", 9},
	{"10 - 4 - 3", 3},
	{"16 / 4 / 2", 2},
	{"2 - -3", 5},
	{"-2 * 3", -6},
	{"1.5", 1.5},
	{"2e3", 2000},
	{"40 ms", 0.04},
	{"2 s", 2},
	{"12k/s", 12000},
	{"60 /min", 1},
	{"64 KiB", 65536},
	{"85 %", 0.85},
	{"1.5 k", 1500},
	{"0.4 M", 400000},
	{"3 / 2", 1.5},
	{"3/2", 1.5},
	{"40 ms/4", 0.01},
	{"8 k / 2", 4000},
	{"p99(read)[a]", 8},
	{"p99(read)[a] / mean(half)[a]", 2},
	{"10 / p99(read)[a]", 1.25},
	{"2/max(read)[a]", 0.25},
	{"40 ms/p99(read)[a]", 0.005},
	{"4 k/min(1, 2)", 4000},
	{"6/min(2, 3)", 3},
	{"6 /min(2, 3)", 3},
	{"log(1)", 0},
	{"log(p99(read)[a])", 2.0794415416798357},
	{"abs(3 - 5)", 2},
	{"min(3, 2, 5)", 2},
	{"max(3, 2, 5)", 5},
	{"max(p99(read)[a], 9)", 9},
	{"max(read)[a]", 8},
	{"min( half )", 4},
	{"rate(many)[x-1.2] / 4", 250},
};

static void check_arithmetic(void)
{
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
		err_init(&err);
		struct expression *expression = expression_parse(&arena, sums[i].text, NULL, &err);
		near_to(expression ? expression_value(expression, value_of, NULL) : (double)NAN, sums[i].value, 1e-12,
			"%s is %g", sums[i].text, sums[i].value);
	}
	err_init(&err);
	ok(isnan(expression_value(expression_parse(&arena, "1 + p50(none)[a]", NULL, &err), value_of, NULL)),
	   "what has no value makes the whole have none");
	ok(isnan(expression_value(expression_parse(&arena, "min(1, p50(none)[a])", NULL, &err), value_of, NULL)),
	   "also in a function");
	ok(isnan(expression_value(expression_parse(&arena, "1 / (2 - 2)", NULL, &err), value_of, NULL)),
	   "a division by zero has no value");
	ok(isnan(expression_value(expression_parse(&arena, "log(0)", NULL, &err), value_of, NULL)),
	   "the logarithm of zero has no value");
}

static void collect(void *context, struct term *term)
{
	struct term **into = context;
	while (*into)
		into++;
	*into = term;
}

static void check_terms(void)
{
	struct term *found[8] = {NULL};
	struct expectation expectation;
	err_init(&err);
	ok(expectation_parse(
		   &arena,
		   "p99.9(read)[cassandra-2022 @ 2016-04-01] >= 10 * p99(read)[mongodb@3] + offered()[x] + mean(y)",
		   NULL, &expectation, &err),
	   "four terms");
	expression_terms(expectation.left, collect, found);
	expression_terms(expectation.low, collect, found);
	if (!found[3])
		bail("not four terms");
	is_text(found[0]->statistic, "p99.9", "the statistic");
	near_to(found[0]->p, 0.999, 1e-15, "which percentile it is");
	is_text(found[0]->metric, "read", "the metric");
	is_text(found[0]->variant, "cassandra-2022", "the variant");
	ok(found[0]->windowed, "it has a window");
	is_int(found[0]->window, 16892, "a date is a number of days");
	is_text(found[1]->variant, "mongodb", "no blanks are needed");
	is_int(found[1]->window, 3, "a step is its number");
	is_text(found[2]->metric, "", "offered has no metric");
	ok(!found[2]->windowed, "no window");
	ok(!found[3]->variant && found[3]->p < 0, "no variant, and no percentile");
}

static void check_comparisons(void)
{
	static const struct {
		const char *text;
		bool holds;
	} table[] = {
		{"p99(read)[a] < 8.001 s", true},      {"p99(read)[a] < 8 s", false},
		{"p99(read)[a] <= 8 s", true},         {"p99(read)[a] > 8 s", false},
		{"p99(read)[a] >= 8 s", true},         {"p99(read)[a] in 7 s..8 s", true},
		{"p99(read)[a] in 8 s .. 9 s", true},  {"p99(read)[a] in 8.1 s..9 s", false},
		{"p99(read)[a] in 1 s..7.9 s", false}, {"2 in 1..3", true},
		{"p50(none)[a] < 1 s", false},         {"p50(none)[a] >= 0 s", false},
		{"1.5 in 1.25..1.75", true},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct expectation e;
		err_init(&err);
		bool read = expectation_parse(&arena, table[i].text, NULL, &e, &err);
		double low = 0, high = 0, left = 0;
		if (read) {
			left = expression_value(e.left, value_of, NULL);
			low = expression_value(e.low, value_of, NULL);
			high = e.high ? expression_value(e.high, value_of, NULL) : 0;
		}
		ok(read && expectation_holds(&e, left, low, high) == table[i].holds, "%s: %s", table[i].text,
		   table[i].holds ? "holds" : "does not hold");
	}
}

static bool complains(int column, const char *fragment)
{
	return err.count == 1 && err.kind == ERR_MODEL && err.message[0].line == 7 && err.message[0].column == column &&
	       strstr(err.message[0].text, fragment);
}

static void check_bad(void)
{
	static const struct {
		const char *text;
		int column; /* in the file; the text begins at 5 */
		const char *fragment;
	} table[] = {
		{"", 5, "expected a number"},
		{"p99(read)[a]", 17, "a comparison"},
		{"p99(read)[a] <", 19, "a number or a term"},
		{"p99(read)[a] 3", 18, "a comparison"},
		{"p99(read)[a] = 3", 21, "\"within\" and how much"},
		{"p99(read)[a] = 3 ms within p50(read)[a]", 32, "\"within\" and how much"},
		{"p99(read)[a] == 3", 19, "a number or a term"},
		{"p99(read)[a] in 3 ms", 25, "\"..\""},
		{"p99(read)[a] in 3 ms..", 27, "a number or a term"},
		{"p99(read)[a] < 3 ms < 4 ms", 25, "the end"},
		{"p99 < 3 ms", 9, "\"(\""},
		{"p99(read < 3 ms", 9, "\")\""},
		{"p99(read)[a < 3 ms", 15, "\"]\""},
		{"p99()[a] < 3 ms", 9, "the name of a metric"},
		{"p99(re ad)[a] < 3 ms", 9, "the name of a metric"},
		{"p99(read)[] < 3 ms", 15, "the name of a variant"},
		{"p99(read)[a @ soon] < 3 ms", 18, "a window"},
		{"p99(read)[a @ 2016-02-30] < 3 ms", 18, "a window"},
		{"p99(read)[a @ 0] < 3 ms", 18, "a window"},
		{"p100(read)[a] < 3 ms", 5, "not a percentile"},
		{"p9(read)[a] < 3 ms", 5, "not a percentile"},
		{"p00(read)[a] < 3 ms", 5, "not a percentile"},
		{"p99(read)[a] < 3 mss", 20, "\"mss\" is not a unit"},
		{"p99(read)[a] < 3 MS", 20, "\"MS\" is not a unit (case matters)"},
		{"(1 + 2 < 3", 12, "\")\""},
		{"1 + + 2 < 3", 9, "a number or a term"},
		{"max(1) < 3", 10, "\",\" and another value"},
		{"log(1, 2) < 3", 10, "\")\""},
		{"1 < 2 # 3", 11, "the end"},
		{"offered(x)[a] < 3 /s", 13, "\")\""},
	};
	struct place place = {"m.yaml", 7, 5};
	struct expectation expectation;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		err_init(&err);
		bool read = expectation_parse(&arena, table[i].text, &place, &expectation, &err);
		if (!ok(!read && complains(table[i].column, table[i].fragment), "\"%s\" is refused", table[i].text))
			diag("%d:%d: %s", err.message[0].line, err.message[0].column, err.message[0].text);
	}
	err_init(&err);
	expectation_parse(&arena, "p99 < 3 ms", &place, &expectation, &err);
	ok(!complains(10, "\"(\"") && !complains(9, "nonsense"), "canary: a wrong column or message is noticed");

	char deep[400] = "", wide[400] = "(1)";
	for (int i = 0; i < 60; i++)
		strcat(deep, "(");
	strcat(deep, "1");
	for (int i = 0; i < 60; i++) {
		strcat(deep, ")");
		strcat(wide, "+(1)");
	}
	err_init(&err);
	ok(!expression_parse(&arena, deep, &place, &err) && strstr(err.message[0].text, "nested too deeply"),
	   "too many parentheses in one another");
	err_init(&err);
	ok(expression_parse(&arena, wide, &place, &err), "as many beside one another are fine");
	char *large = arena_get(&arena, 2000);
	memset(large, '1', 1999);
	err_init(&err);
	ok(!expression_parse(&arena, large, &place, &err) && strstr(err.message[0].text, "more than 1000"), "too long");
}

static void check_units(void)
{
	static const struct {
		const char *text, *fragment; /* NULL: fine */
	} table[] = {
		{"p99(read)[a] < 40 ms", NULL},
		{"p99(read)[a] < 40", "needs a time unit, e.g. 40 ms"},
		{"p99(read)[a] < 40 k", "needs a time unit"},
		{"p99(read)[a] > 0", NULL},
		{"p99(read)[a] < 10 / rate(many)[a]", NULL},
		{"10 / rate(many)[a] < 40", "needs a time unit"},
		{"p99(read)[a] in 40 ms..125", "needs a time unit"},
		{"p99(read)[a] in 40..125 ms", "needs a time unit"},
		{"p99(read)[a] / p99(read)[b] < 0.5", NULL},
		{"p99(read)[a] < 2 * p99(read)[b]", NULL},
		{"p99(read)[a] < p99(read)[b] + 5", "needs a time unit"},
		{"p99(read)[a] < p99(read)[b] + 5 ms", NULL},
		{"max(p99(read)[a], 5) < 1 s", "needs a time unit"},
		{"mean(size)[a] < 64 KiB", NULL},
		{"mean(size)[a] < 64", "needs a size unit"},
		{"mean(size)[a] < 64 ms", "a time is compared with a size"},
		{"mean(many)[a] < 64", NULL},
		{"rate(many)[a] > 12k/s", NULL},
		{"rate(many)[a] > 12k", NULL},
		{"log(p99(read)[a]) < 3", NULL},
		{"abs(p99(read)[a] - 3 ms) < 1", "needs a time unit"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct expectation expectation;
		err_init(&err);
		bool good = expectation_parse(&arena, table[i].text, NULL, &expectation, &err) &&
			    expectation_check_units(&expectation, kind_of, NULL, &err);
		if (!ok(table[i].fragment ? !good && err.count == 1 && strstr(err.message[0].text, table[i].fragment)
					  : good,
			"%s: %s", table[i].text, table[i].fragment ? table[i].fragment : "fine"))
			diag("%s", err.count ? err.message[0].text : "no message");
	}
	err_init(&err);
	is_int(expression_kind(expression_parse(&arena, "p99(read)[a] * 2", NULL, &err), kind_of, NULL), QUANTITY_TIME,
	       "twice a time is a time");
	is_int(expression_kind(expression_parse(&arena, "p99(read)[a] / p99(read)[b]", NULL, &err), kind_of, NULL),
	       QUANTITY_REAL, "a ratio of times is a number");
}

static void check_percentiles(void)
{
	double p;
	ok(claim_percentile("p50", &p) && p == 0.5, "p50");
	ok(claim_percentile("p99", &p) && p == 0.99, "p99");
	ok(claim_percentile("p999", &p) && p == 0.999, "p999");
	ok(claim_percentile("p9999", &p) && p == 0.9999, "p9999");
	ok(claim_percentile("p99.95", &p) && p == 0.9995, "p99.95");
	ok(!claim_percentile("p", &p) && !claim_percentile("p5", &p) && !claim_percentile("p100", &p) &&
		   !claim_percentile("p00", &p) && !claim_percentile("p99x", &p) && !claim_percentile("mean", &p) &&
		   !claim_percentile("p99.", &p),
	   "what is no percentile");
}

int main(void)
{
	arena_init(&arena);
	check_arithmetic();
	check_terms();
	check_comparisons();
	check_bad();
	check_units();
	check_percentiles();
	arena_free(&arena);
	return done_testing();
}
