/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post made of its model: read, measured, and its parts written. */
#ifndef CLI_POSTING_H
#define CLI_POSTING_H

#include "cli/webpage.h"
#include "post/measured.h"

struct posting {
	struct command_line *line;
	int64_t jobs;
	char *const *arguments; /* of the command that makes just this one; ends with NULL */
	struct webpage page;       /* its study, and the model as one text */
	const char *name;       /* of the model */
	const char *path;       /* of the post */
	const char *bytes;
	/* By posting_measure: */
	const struct post *post;
	struct measured *measured;
	const char *title, *summary, *digest, *manifest;
	bool explored; /* its page can be made */
};

/*
 * Finds and reads the model and the post of `argument`: NAME.md beside NAME.yaml, or casebook's own posts/NAME.md.
 * False and messages when one of them is not there.
 */
bool posting_open(struct posting *posting, const char *argument);

/* Whether `argument` has a post. */
bool posting_exists(struct command_line *line, const char *argument);

/* A digest over all that it is made of: post, model, parts of its page, and this program. */
uint64_t posting_key(const struct posting *posting);

/* Runs the model. False and messages when the post names what is not there, or says what does not hold. */
bool posting_measure(struct posting *posting);
void posting_close(struct posting *posting);

/* Draws the post's figures into a directory, which is made, and the card of the first. */
bool posting_figures(const struct posting *posting, const char *dir);

/* The whole text as Markdown, but for title and sources: body, what `before_end` is, claims, limits, commands. */
bool posting_markdown(const struct posting *posting, measured_figure_fn *put, void *context, const char *before_end,
		      struct text *into);

/* Writes the page. */
bool posting_page(struct posting *posting, const char *path);

/* What stands for a figure where it cannot be seen: its title. */
const char *posting_alt(const struct posting *posting, const char *figure);

#endif
