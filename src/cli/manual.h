/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The manual: casebook(1), a page of each command, casebook-model(5), casebook-trace(5) and casebook-cases(7), from the
 * tables by which casebook reads its command line, model files and traces.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/arena.h"
#include "cli/command.h"
#include "cli/page.h"

struct manual_page {
	const char *name; /* "casebook-run" */
	int section;
	const struct command *command; /* that it is of, or NULL */
	void (*body)(struct page *page, const struct manual_page *about, struct arena *arena);
	const char *topic; /* as `casebook help` calls it: "run", "model" */
	const char *about;
};

/* All pages, in the arena; ends with a NULL name. */
const struct manual_page *manual_pages(struct arena *arena);

/* Prints a page. */
void manual_print(const struct manual_page *of, struct page *page, struct arena *arena);

/* What a model file may hold, all of it, in Markdown: docs/models.md. */
void manual_models(FILE *into, struct arena *arena);

#endif
