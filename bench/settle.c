/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a page works out when a slider is let go, natively: the other half of bench/wasm.mjs. Reads a state a line, and
 * says how long it took, in ns of processor time: all replications, what they are compared with, and ablations.
 *
 *   settle STUDY <STATES
 */
#include "bench.h"

#include "web/web.h"

static size_t give(struct web *web, const char *text, size_t length)
{
	memcpy(web_input(web, length), text, length);
	return length;
}

int main(int count, char **argument)
{
	static char text[1 << 24];
	FILE *file = count == 2 ? fopen(argument[1], "r") : NULL;
	struct web *web = web_new();
	CHECK(file);
	CHECK(web_load(web, give(web, text, fread(text, 1, sizeof text, file))));
	fclose(file);
	while (fgets(text, sizeof text, stdin)) {
		CHECK(web_state(web, give(web, text, strcspn(text, "\n"))));
		int64_t start = bench_clock(CLOCK_PROCESS_CPUTIME_ID);
		web_start(web, WEB_SETTLE);
		while (web_step(web, 1 << 16) != WEB_DONE) {
		}
		printf("%lld\n", (long long)(bench_clock(CLOCK_PROCESS_CPUTIME_ID) - start));
		fflush(stdout);
	}
	web_free(web);
	return 0;
}
