/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/sketch.h"

#include <string.h>

enum { SERVICES_MAX = 200, NAME_MAX_LENGTH = 40 };

static const char head[] = "# An architecture of your own. Every line can be changed; `casebook show FILE` tells what "
			   "else can be written,\n"
			   "# docs/architecture.md teaches it in ten minutes.\n"
			   "case: microservices\n"
			   "format: 2\n"
			   "\n"
			   "trace:\n"
			   "  # Requests come at random, so many a second, for a minute. A trace of your own: {file: "
			   "my.csv, columns: ...}\n"
			   "  windows: {rate: 100 /s, for: 60 s}\n"
			   "\n"
			   "model:\n"
			   "  # What a message takes, one way.\n"
			   "  network: exp(0.3 ms)\n"
			   "  # What comes in, and where.\n"
			   "  classes:\n"
			   "    all: {enter: %s, timeout: 2 s}\n"
			   "  services:\n"
			   "    %s:\n"
			   "      instances: 2\n"
			   "      threads: 50        # of each; held while its calls are under way\n"
			   "      work: exp(1 ms)    # what a thread does for a request\n";

static const char tail[] =
	"\n"
	"# What is compared: each variant is the model above with something else laid over it.\n"
	"variants:\n"
	"  as-it-is: {}\n"
	"  200-a-second: {trace: {windows: {rate: 200 /s}}}\n"
	"  %s-slow:\n"
	"    about: for ten seconds the work of %s takes five times as long\n"
	"    faults: [{at: 20 s, for: 10 s, kind: slow, target: %s, factor: 5}]\n"
	"\n"
	"run: {reps: 3, seed: 1, warmup: 5 s}\n";

static const char *steps_of(struct arena *arena, const char *const *name, int count)
{
	const char *steps = "", *calls = "";
	for (int i = 1; i < count; i++) {
		steps = arena_format(arena, "%s%s%s", steps, i > 1 ? ", " : "", name[i]);
		calls = arena_format(arena,
				     "%s        %s: {timeout: 500 ms, attempts: 2, wait: 10 ms, budget: 10 %%}\n",
				     calls, name[i]);
	}
	if (count == 1)
		return "";
	return arena_format(arena, "      # One after the other; `a and b` at once, `later a` without waiting.\n"
				   "      steps: [%s]\n      calls:\n%s", steps, calls);
}

static bool read_names(struct arena *arena, const char *services, const char **name, int *count, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	for (const char *at = services; *at || *count == 0;) {
		size_t length = strcspn(at, ",");
		const char *one = arena_text_of(arena, at, length);
		if (length == 0 || length > NAME_MAX_LENGTH || strspn(one, letters) < length)
			return err_add(err, ERR_USAGE, NULL,
				       "--services: \"%s\" cannot be a name: letters, digits, _ and -, at "
				       "most %d of them; e.g. --services web,auth,db",
				       one, NAME_MAX_LENGTH);
		for (int i = 0; i < *count; i++)
			if (strcmp(name[i], one) == 0)
				return err_add(err, ERR_USAGE, NULL, "--services: \"%s\" is named twice", one);
		if (*count == SERVICES_MAX)
			return err_add(err, ERR_USAGE, NULL, "--services: at most %d of them", SERVICES_MAX);
		name[(*count)++] = one;
		at += length;
		if (*at == ',' && !at[1])
			return err_add(err, ERR_USAGE, NULL, "--services: a name is missing after the last comma");
		at += *at == ',';
	}
	return true;
}

const char *sketch_services(struct arena *arena, const char *services, struct err *err)
{
	const char *name[SERVICES_MAX];
	int count = 0;
	if (!read_names(arena, services, name, &count, err))
		return NULL;
	const char *text = arena_format(arena, head, name[0], name[0]), *last = name[count - 1];
	text = arena_format(arena, "%s%s", text, steps_of(arena, name, count));
	for (int i = 1; i < count; i++)
		text = arena_format(arena, "%s    %s: {instances: 2, threads: 4, work: exp(5 ms)}\n", text, name[i]);
	return arena_format(arena, "%s%s", text, arena_format(arena, tail, last, last, last));
}
