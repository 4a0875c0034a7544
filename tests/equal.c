/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a page finds out, natively: the same functions that pages/CASE.wasm exports, called in the same order. equal.mjs
 * does the same with the module; equal.t compares what they print.
 *
 *   equal states STUDY N SEED      the default, each preset, and N random positions of all sliders, one state a line,
 *                                  its own lines divided by "|"
 *   equal run STUDY EVENTS <STATES of each: the state in its shortest form, the digest of the outcomes, a digest of
 *                                  all results and of the description, the command, the sentence. EVENTS: of a step
 */
#include "base/fnv.h"
#include "engine/rng.h"
#include "web/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void check_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	exit(70);
}

_Noreturn void check_out_of_memory(size_t bytes)
{
	fprintf(stderr, "out of memory (%zu)\n", bytes);
	exit(70);
}

static size_t give(struct web *web, const char *text, size_t length)
{
	memcpy(web_input(web, length), text, length);
	return length;
}

static struct web *load(const char *path)
{
	static char bytes[1 << 24];
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(bytes, 1, sizeof bytes, file) : 0;
	struct web *web = web_new();
	if (!file || !web_load(web, give(web, bytes, length))) {
		fprintf(stderr, "%s: %s\n", path, file ? web_text(web) : "cannot be read");
		exit(1);
	}
	fclose(file);
	return web;
}

static uint64_t digest(uint64_t of, const struct web *web)
{
	const char *text = web_text(web);
	for (size_t i = 0; i < web_length(web); i++)
		of = fnv_byte(of, (unsigned char)text[i]);
	return of;
}

/* The string under a key of the last text, which has no escapes in it that matter here; "" when there is none. */
static const char *string_of(const struct web *web, const char *key)
{
	static char found[1 << 16];
	char pattern[64];
	snprintf(pattern, sizeof pattern, "\"%s\":\"", key);
	const char *at = strstr(web_text(web), pattern);
	size_t length = 0;
	for (at = at ? at + strlen(pattern) : ""; at[length] && at[length] != '"';)
		length += 1 + (at[length] == '\\');
	snprintf(found, sizeof found, "%.*s", (int)length, at);
	return found;
}

static void print_states(struct web *web, int positions, uint64_t seed)
{
	struct rng_stream stream = rng_stream(seed, 0, "positions of sliders");
	struct rng rng = rng_of(stream, 0);
	static char all[1 << 20];
	web_describe(web);
	snprintf(all, sizeof all, "%s", web_text(web));
	puts("");
	const char *presets = strstr(all, "\"presets\":["), *figures = strstr(all, "\"figures\":[");
	for (const char *at = presets; at && (at = strstr(at, "\"state\":\"")) && at < figures;) {
		for (at += 9; *at != '"'; at++) {
			if (*at == '\\')
				at++, putchar(*at == 'n' ? '|' : *at);
			else
				putchar(*at);
		}
		puts("");
	}
	for (int i = 0; i < positions; i++) {
		int slider = 0;
		for (const char *at = strstr(all, "\"sliders\":["); (at = strstr(at, "{\"key\":\"")) && at < presets;) {
			at += 8;
			web_slider(web, slider, rng_unit(&rng));
			printf("%s%.*s=%s", slider++ ? "|" : "", (int)strcspn(at, "\""), at, web_text(web));
		}
		puts("");
	}
}

static void run_states(struct web *web, uint32_t events)
{
	static char line[1 << 16];
	while (fgets(line, sizeof line, stdin)) {
		size_t length = strcspn(line, "\n");
		for (size_t i = 0; i < length; i++)
			if (line[i] == '|')
				line[i] = '\n';
		/* "~" before it: as while a slider moves. */
		size_t skipped = line[0] == '~';
		if (!web_state(web, give(web, line + skipped, length - skipped))) {
			printf("refused: %s\n", web_text(web));
			continue;
		}
		web_start(web, skipped ? WEB_DRAG : WEB_SETTLE);
		while (web_step(web, events) != WEB_DONE) {
		}
		web_describe(web);
		uint64_t all = digest(FNV_BASIS, web);
		web_results(web);
		all = digest(all, web);
		printf("%s", string_of(web, "state"));
		printf("\t%s", string_of(web, "digest"));
		printf("\t%016" PRIx64, all);
		printf("\t%s", string_of(web, "command"));
		printf("\t%s\n", string_of(web, "sentence"));
	}
}

int main(int count, char **argument)
{
	if (count == 5 && strcmp(argument[1], "states") == 0) {
		struct web *web = load(argument[2]);
		print_states(web, atoi(argument[3]), strtoull(argument[4], NULL, 16));
		web_free(web);
	} else if (count == 4 && strcmp(argument[1], "run") == 0) {
		struct web *web = load(argument[2]);
		run_states(web, (uint32_t)strtoul(argument[3], NULL, 10));
		web_free(web);
	} else if (count == 4 && strcmp(argument[1], "results") == 0) {
		struct web *web = load(argument[2]);
		if (!web_state(web, give(web, argument[3], strlen(argument[3]))))
			return 1;
		web_start(web, WEB_SETTLE);
		while (web_step(web, 1 << 16) != WEB_DONE) {
		}
		web_results(web);
		puts(web_text(web));
		web_free(web);
	} else {
		fputs("usage: equal states STUDY N SEED | run STUDY EVENTS | results STUDY STATE\n", stderr);
		return 2;
	}
	return 0;
}
