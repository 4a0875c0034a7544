/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Options are rows beside the struct they fill, as parameters are; parsing and --help work from the rows.
 *
 *   struct list_options { bool json; };
 *   static const struct option options[] = {
 *       OPTION_FLAG(struct list_options, json, "json", 0, "print JSON"),
 *       OPTION_END
 *   };
 *
 * A row over a field of the wrong C type does not compile:
 *   FLAG bool   TEXT const char *   COUNT int64_t   TEXTS struct option_texts (may be given more than once)
 * Fields that no option sets stay zero (NULL, false); a COUNT has its `fallback`.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type { OPTION_TYPE_FLAG, OPTION_TYPE_TEXT, OPTION_TYPE_COUNT, OPTION_TYPE_TEXTS };

struct option_texts {
	const char **text;
	int count;
};

struct option {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	enum option_type type;
	size_t offset;
	const char *value; /* what stands for the value in --help: "FILE" */
	int64_t fallback, least, greatest; /* of a COUNT */
	const char *help;
};

#define OPTION_OFFSET(type, field, c_type) \
	(offsetof(type, field) + 0 * sizeof(char[_Generic(((type *)0)->field, c_type: 1)]))
#define OPTION_FLAG(type, field, name, letter, help) \
	{name, letter, OPTION_TYPE_FLAG, OPTION_OFFSET(type, field, bool), NULL, 0, 0, 0, help}
#define OPTION_TEXT(type, field, name, letter, value, help) \
	{name, letter, OPTION_TYPE_TEXT, OPTION_OFFSET(type, field, const char *), value, 0, 0, 0, help}
#define OPTION_COUNT(type, field, name, letter, value, fallback, least, greatest, help) \
	{name, letter, OPTION_TYPE_COUNT, OPTION_OFFSET(type, field, int64_t), value, fallback, least, greatest, help}
#define OPTION_TEXTS(type, field, name, letter, value, help) \
	{name, letter, OPTION_TYPE_TEXTS, OPTION_OFFSET(type, field, struct option_texts), value, 0, 0, 0, help}
/* Those that several commands have. */
#define OPTION_JOBS(type, field) \
	OPTION_COUNT(type, field, "jobs", 'j', "N", 0, 1, 1024, "threads; default: all processors")
#define OPTION_JSON(type, field) OPTION_FLAG(type, field, "json", 0, "print JSON")
#define OPTION_MARKDOWN(type, field) OPTION_FLAG(type, field, "markdown", 0, "print the table in Markdown")
#define OPTION_END {NULL, 0, OPTION_TYPE_FLAG, 0, NULL, 0, 0, 0, NULL}

/*
 * Reads the arguments of a command into `target`. Accepted: --name value, --name=value, -n value, -nvalue, flags
 * together (-qv), "--" before operands that begin with a dash; "-" is an operand. Options and operands may be mixed.
 * Operands are put into `operands`; the array ends with NULL. Every command also takes --help (-h), which ends the
 * reading, --quiet (-q) and --verbose (-v): these are in `common`. On mistakes adds ERR_USAGE, with a suggestion for an
 * unknown option, and returns false.
 */
struct options_common {
	bool help, quiet, verbose;
	const char *color;
};

bool options_read(const struct option *options, void *target, int count, char *const *arguments, struct arena *arena,
		  struct option_texts *operands, struct options_common *common, struct err *err);

/* Those of every command; ends with OPTION_END. */
extern const struct option options_of_all[];

/* The rows as lines of a help text; `options` may be NULL. */
void options_help(const struct option *options, FILE *into);

/* "-o, --output FILE". Returns `buffer`. */
enum { OPTIONS_NAME = 128 };
char *options_name(const struct option *option, char buffer[OPTIONS_NAME]);

/* A line of a help text: a name, and beside it a text that is broken into lines of 80 columns. */
void options_help_line(const char *name, const char *text, FILE *into);

/* A text broken into lines of 80 columns that begin at `indent`. */
void options_help_text(int indent, const char *text, FILE *into);

#endif
