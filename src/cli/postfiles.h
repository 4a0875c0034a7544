/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A post as files for those who have a site already. */
#ifndef CLI_POSTFILES_H
#define CLI_POSTFILES_H

#include "cli/posting.h"

/* "plain", "hugo", "jekyll"; ends with NULL. */
extern const char *const postfiles_for[];

/*
 * Writes a post that has been measured into `dir`, for the flavour `index`. Plain: NAME.md, its figures and NAME.html
 * beside. Hugo and Jekyll: where their sites keep such files, `dir` being the root of the site. *post is the Markdown.
 */
bool postfiles_write(struct posting *posting, int index, const char *dir, const char **post);

#endif
