/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON as it is written, one value after the other; commas come by themselves. What stands in a string can stand in a
 * script of an HTML document too: "<" is escaped, bytes that are no UTF-8 are "?".
 */
#ifndef WEB_JSONTEXT_H
#define WEB_JSONTEXT_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct jsontext {
	struct text *into;
	bool comma; /* before the next value */
};

/* '{' or '[', and what ends it, '}' or ']'. */
void jsontext_open(struct jsontext *json, char bracket);
void jsontext_close(struct jsontext *json, char bracket);

/* The key of the next value. */
void jsontext_key(struct jsontext *json, const char *key);

/* NULL is null. */
void jsontext_string(struct jsontext *json, const char *text);

/* Read again it has the same bits; what is not finite is null. */
void jsontext_number(struct jsontext *json, double number);
void jsontext_integer(struct jsontext *json, int64_t number);
void jsontext_bool(struct jsontext *json, bool truth);

/* The same under a key. */
void jsontext_put_string(struct jsontext *json, const char *key, const char *text);
void jsontext_put_number(struct jsontext *json, const char *key, double number);
void jsontext_put_integer(struct jsontext *json, const char *key, int64_t number);
void jsontext_put_bool(struct jsontext *json, const char *key, bool truth);
void jsontext_put_open(struct jsontext *json, const char *key, char bracket);

/* An array of texts that ends with NULL. */
void jsontext_put_texts(struct jsontext *json, const char *key, const char *const *texts);

#endif
