/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of docs/statistics.md, in Markdown: coverage [SEEDS [LOAD]]. `make coverage` puts it there. */
#include "coverage.h"

int main(int count, char **argument)
{
	static const double rho[] = {0.5, 0.8, 0.9};
	int seeds = count > 1 ? atoi(argument[1]) : 2000;
	struct arena arena;
	arena_init(&arena);
	const struct setup *setup = coverage_setup(&arena);
	if (seeds < 1)
		bail("coverage [SEEDS]");
	bool all = count < 3, head = all || atof(argument[2]) == rho[0];
	if (head)
		printf("%d seeds; replications of 50,000 customers, from the steady state on.\n\n", seeds);
	if (head)
		puts("| load | replications | mean | p50 | p90 | p99 | p99.9 | two groups "
		     "|\n|--:|--:|--:|--:|--:|--:|--:|--:|");
	for (size_t i = 0; i < sizeof rho / sizeof *rho; i++) {
		if (!all && atof(argument[2]) != rho[i])
			continue;
		struct coverage coverage = {.seeds = seeds, .customers = 50000, .replications = {5, 10, 30}};
		coverage_measure(&coverage, setup, rho[i]);
		for (int n = 0; n < COVERAGE_NUMBERS; n++) {
			printf("| %.1f | %d |", rho[i], coverage.replications[n]);
			for (int s = 0; s < COVERAGE_STATISTICS; s++) {
				int plain = coverage.plain[s][n];
				printf(" %.1f", 100.0 * coverage.holds[s][n] / seeds);
				if (plain < seeds)
					printf(" (%.0f marked)", 100.0 * (seeds - plain) / seeds);
				fputs(" |", stdout);
			}
			printf(" %.1f |\n", 100.0 * coverage.two_groups[n] / seeds);
			fflush(stdout);
		}
	}
	arena_free(&arena);
	return 0;
}
