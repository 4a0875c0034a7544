/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page of a manual, written once and printed in three forms: for a terminal, as roff for man(1), as Markdown. Within
 * texts what stands in backquotes is to be typed. Headings, paragraphs, items and examples follow one another.
 */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stdbool.h>
#include <stdio.h>

enum page_form { PAGE_TEXT, PAGE_MAN, PAGE_MARKDOWN };

struct page {
	FILE *into;
	enum page_form form;
	int indent; /* of paragraphs on a terminal */
	bool item;  /* the last thing was one */
};

/* "casebook-run", 1, "replay a trace ..." */
void page_title(struct page *page, const char *name, int section, const char *about);

/* Of level 1 (a section of the page) or 2. */
void page_heading(struct page *page, int level, const char *text);

void page_paragraph(struct page *page, const char *text);

/* Something and what it is. `more` (may be NULL) is what is told of it in short: its type, its default. */
void page_item(struct page *page, const char *term, const char *more, const char *text);

/* Lines as they are; `language` names their kind in Markdown ("yaml"). */
void page_lines(struct page *page, const char *language, const char *lines);

/* Lines of --help: those that begin with a blank are as they are, others flow. */
void page_detail(struct page *page, const char *lines);

#endif
