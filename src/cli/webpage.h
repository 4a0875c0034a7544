/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a model: one HTML file that its readers explore. */
#ifndef CLI_WEBPAGE_H
#define CLI_WEBPAGE_H

#include "base/text.h"
#include "cli/command.h"
#include "run/study.h"

#include <jansson.h>

struct webpage {
	struct command_line *line;
	const char *argument; /* the case or the file */
	/* By webpage_open: */
	struct study *whole;
	const char *called, *name; /* the file without its directory; and without its ending, as a title */
	struct text read;          /* the model and all that it reads, as one text */
	/* By webpage_bundle: what is explored, alone, and as one text. */
	struct study *study;
	struct text bundle;
	/* While webpage_html works: */
	json_t *results;
	const char *figure; /* an svg element, or "" */
};

/* Reads what line and argument name. False and messages when it cannot be. */
bool webpage_open(struct webpage *page);

/* False and messages when it has nothing to explore. */
bool webpage_bundle(struct webpage *page);

/* Adds the page. False and messages when a part of it is missing, or what it shows first cannot be run. */
bool webpage_html(struct webpage *page, struct text *into);

/* Whether the engine of this case was built, without which there is no page. */
bool webpage_possible(struct command_line *line, const char *name);

#endif
