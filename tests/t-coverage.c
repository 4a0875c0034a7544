/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short form of `make coverage`, and outcomes in two groups. */
#include "coverage.h"

enum { SEEDS = 120, CUSTOMERS = 5000 };

static void check_intervals(const struct setup *setup)
{
	struct coverage coverage = {.seeds = SEEDS, .customers = CUSTOMERS, .replications = {3, 6, 12}};
	coverage_measure(&coverage, setup, 0.5);
	for (int s = 0; s < 4; s++)
		for (int n = 0; n < COVERAGE_NUMBERS; n++) {
			double holds = (double)coverage.holds[s][n] / SEEDS;
			diag("%s, %d replications: %.1f %% hold the truth, %d of %d marked", coverage_statistics[s],
			     coverage.replications[n], 100 * holds, SEEDS - coverage.plain[s][n], SEEDS);
			ok(holds >= 0.88, "95 %% intervals of %s hold it", coverage_statistics[s]);
			if (n == COVERAGE_NUMBERS - 1)
				ok(coverage.half_holds[s][n] < 0.88 * SEEDS, "canary: of half the width they do not");
			is_int(coverage.outside[s][n], 0, "every interval holds its own value");
		}
	int p999 = COVERAGE_STATISTICS - 1;
	ok(coverage.plain[p999][0] < SEEDS / 2, "where too little lies beyond, most intervals are marked (%d)",
	   SEEDS - coverage.plain[p999][0]);
	is_int(coverage.plain[1][2], SEEDS, "canary: none of the median's is");
}

static void check_groups(const struct setup *setup)
{
	struct coverage coverage = {.seeds = SEEDS, .customers = CUSTOMERS, .replications = {6, 12, 24}};
	coverage_measure(&coverage, setup, 0.9);
	for (int n = 0; n < COVERAGE_NUMBERS; n++)
		ok(coverage.two_groups[n] <= SEEDS / 100, "a busy queue ends in one way: %d false alarms in %d",
		   coverage.two_groups[n], SEEDS);
	static const double two[] = {40, 41, 39, 42, 900, 950, 40, 870}, one[] = {40, 41, 39, 42, 44, 37, 40, 45};
	struct groups groups = groups_find(two, 8);
	ok(groups.two && groups.low == 5 && groups.high == 3, "canary: three of eight that collapse are noticed");
	near_to(groups.high_mean, 906.07, 0.1, "with the mean of each group");
	ok(!groups_find(one, 8).two, "alike ones are one group");
	ok(!groups_find(two, 5).two, "too few to tell");
	double rare[30], zero[8] = {0};
	for (int i = 0; i < 30; i++)
		rare[i] = i == 17 ? 4000 : 40 + i % 5;
	groups = groups_find(rare, 30);
	ok(groups.two && groups.high == 1, "one of thirty is noticed");
	ok(!groups_find(zero, 8).two, "zeros are one group");
}

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	const struct setup *setup = coverage_setup(&arena);
	check_intervals(setup);
	check_groups(setup);
	arena_free(&arena);
	return done_testing();
}
