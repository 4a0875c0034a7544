/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML to trees (base/tree.h). A subset: one document of maps with text keys, lists and scalars, in UTF-8. Anchors,
 * aliases, merge keys and tags are refused with a word, and so are duplicate keys. Every mistake is an ERR_MODEL with
 * its place.
 */
#ifndef IO_YAML_H
#define IO_YAML_H

#include "base/tree.h"

enum {
	YAML_SIZE_MAX = 4 << 20, /* bytes of a file */
	YAML_DEPTH_MAX = 32      /* maps and lists in one another */
};

/*
 * Reads a file; "-" is standard input. The tree's places name `path`, which is copied. NULL and messages on mistakes.
 */
struct tree *yaml_read(struct arena *arena, const char *path, struct err *err);

/* The same from memory. `name` stands for the file in messages. */
struct tree *yaml_parse(struct arena *arena, const char *name, const char *text, size_t length, struct err *err);

#endif
