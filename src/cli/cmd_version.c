/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/version.h"

#include <jansson.h>
#include <stdio.h>

struct version_options {
	bool json;
};

static const struct option options[] = {OPTION_JSON(struct version_options, json), OPTION_END};

static int run(struct command_line *line)
{
	const struct version_options *given = line->options;
	const char *commit = version_commit();
	if (given->json) {
		json_t *version = json_pack("{s:s, s:s}", "version", version_number(), "commit", commit);
		json_dumpf(version, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(version);
		return 0;
	}
	printf("casebook %s%s%s%s\n", version_number(), *commit ? " (" : "", commit, *commit ? ")" : "");
	puts("GPL-3.0-or-later. There is no warranty.");
	return 0;
}

const struct command command_version = {
	.name = "version",
	.operands = "",
	.about = "which version this is",
	.options = options,
	.options_size = sizeof(struct version_options),
	.run = run,
};
