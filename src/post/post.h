/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A post: a text about a model, in Markdown, whose results are computed.
 *
 *   ---
 *   title: A limiter may admit twice its limit
 *   summary: one sentence, for cards and feeds
 *   group: request path            under what it stands in an index
 *   date: 2026-11-28
 *   card: flood                    the figure that stands for it
 *   ---
 *   A flood gets {max(watched)[fixed-window]} requests through.[^KEY]
 *   <!-- {check max(watched)[fixed-window] > 1.9 * max(watched)[sliding-log]} -->
 *
 *   ![what one sees](flood)
 *
 * In braces stand expressions as in claims and titles of figures; title, summary and captions may have them too. What a
 * sentence compares is stated in a comment, and fails when it does not hold. An image without a dot and a slash in its
 * target is a figure of the model. [^KEY] is a source of the model. A sentence with a number that is typed, in digits
 * or as "a thousand seconds", names the source of it; all others are computed. Code is left as it is.
 */
#ifndef POST_POST_H
#define POST_POST_H

#include "base/err.h"
#include "base/tree.h"

enum post_kind { POST_PLAIN, POST_WORDS, POST_FIGURE };

/* A part of the body; together they are all of it but the checks. */
struct post_piece {
	enum post_kind kind;
	const char *text;         /* PLAIN: Markdown; FIGURE: its name */
	const struct tree *words; /* WORDS: one expression in braces; FIGURE: the caption */
	struct place place;
	struct post_piece *next;
};

struct post_check {
	const struct tree *text; /* the expectation */
	struct post_check *next;
};

struct post_source {
	const char *key;
	struct place place;
	struct post_source *next;
};

struct post {
	const char *path;
	const struct tree *title, *summary;
	const char *group, *date;
	const struct tree *card; /* NULL: the first figure */
	struct post_piece *piece;
	struct post_check *check;
	struct post_source *source; /* each key once, in the order of their first use */
	int values, checks;         /* how many expressions in braces, in title and summary too, and how many checks */
};

/* Understands the text of the file `path`. NULL and messages with lines on mistakes. */
struct post *post_read(struct arena *arena, const char *path, const char *bytes, size_t length, struct err *err);

#endif
