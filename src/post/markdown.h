/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markdown to HTML, by the program cmark-gfm. */
#ifndef POST_MARKDOWN_H
#define POST_MARKDOWN_H

#include "base/err.h"
#include "base/text.h"

/*
 * Adds the HTML of a text in GitHub's Markdown, with tables; markup in it stays. Each heading of the
 * second level gets an id, made of its words, and `contents` (may be NULL) a list item with a link to it. False and a
 * message when cmark-gfm is not installed, or fails.
 */
bool markdown_html(const char *markdown, struct text *into, struct text *contents, struct err *err);

#endif
