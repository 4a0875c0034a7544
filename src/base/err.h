/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user's mistakes: up to ERR_MAX of them are collected before anything is done, each with the place it was made.
 * A function that can meet one takes a `struct err *`, adds to it and returns false.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum {
	ERR_MAX = 20,    /* messages kept; later ones are only counted */
	ERR_TEXT = 480,  /* longest message, with its NUL; longer ones are cut */
	ERR_FILE = 256
};

/* Exit codes of the command line; the kind of a mistake decides which one is used. */
enum err_kind {
	ERR_NONE = 0,
	ERR_EXPECTATION = 1,
	ERR_USAGE = 2,
	ERR_MODEL = 3,
	ERR_TRACE = 4,
	ERR_INCONCLUSIVE = 5,
	ERR_OUTPUT = 6,
	ERR_BUG = 70,
	ERR_INTERRUPTED = 130
};

/* Where something was written. line and column count from 1; 0 = not known. */
struct place {
	const char *file; /* or "--set", "" when not known; not owned */
	int line, column;
};

struct err_message {
	char file[ERR_FILE];
	int line, column;
	char text[ERR_TEXT];
};

struct err {
	enum err_kind kind; /* of the first message */
	int count;          /* all mistakes, kept or not */
	struct err_message message[ERR_MAX];
};

void err_init(struct err *err);

/* Adds one message; `place` may be NULL. Always returns false, so that callers write `return err_add(...)`. */
bool err_add(struct err *err, enum err_kind kind, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Adds those messages of `from` that are not there yet. */
void err_absorb(struct err *err, const struct err *from);

static inline bool err_any(const struct err *err)
{
	return err->count > 0;
}

#endif
