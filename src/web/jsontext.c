/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "web/jsontext.h"
#include "figure/text.h"

#include <math.h>
#include <string.h>

static void begin(struct jsontext *json)
{
	if (json->comma)
		text_add(json->into, ",");
	json->comma = true;
}

void jsontext_open(struct jsontext *json, char bracket)
{
	begin(json);
	text_bytes(json->into, &bracket, 1);
	json->comma = false;
}

void jsontext_close(struct jsontext *json, char bracket)
{
	text_bytes(json->into, &bracket, 1);
	json->comma = true;
}

static void put_quoted(struct jsontext *json, const char *text)
{
	const char *at = text_clean_lines(json->into->arena, text);
	text_add(json->into, "\"");
	while (*at) {
		size_t plain = strcspn(at, "\"\\\n<");
		text_bytes(json->into, at, plain);
		at += plain;
		if (*at)
			text_add(json->into, *at == '\n' ? "\\n" : *at == '<' ? "\\u003c" : "\\%c", *at);
		at += *at != '\0';
	}
	text_add(json->into, "\"");
}

void jsontext_key(struct jsontext *json, const char *key)
{
	begin(json);
	put_quoted(json, key);
	text_add(json->into, ":");
	json->comma = false;
}

void jsontext_string(struct jsontext *json, const char *text)
{
	begin(json);
	if (text)
		put_quoted(json, text);
	else
		text_add(json->into, "null");
}

void jsontext_number(struct jsontext *json, double number)
{
	begin(json);
	if (isfinite(number))
		text_add(json->into, "%.17g", number);
	else
		text_add(json->into, "null");
}

void jsontext_integer(struct jsontext *json, int64_t number)
{
	begin(json);
	text_add(json->into, "%lld", (long long)number);
}

void jsontext_bool(struct jsontext *json, bool truth)
{
	begin(json);
	text_add(json->into, truth ? "true" : "false");
}

void jsontext_put_string(struct jsontext *json, const char *key, const char *text)
{
	jsontext_key(json, key);
	jsontext_string(json, text);
}

void jsontext_put_number(struct jsontext *json, const char *key, double number)
{
	jsontext_key(json, key);
	jsontext_number(json, number);
}

void jsontext_put_integer(struct jsontext *json, const char *key, int64_t number)
{
	jsontext_key(json, key);
	jsontext_integer(json, number);
}

void jsontext_put_bool(struct jsontext *json, const char *key, bool truth)
{
	jsontext_key(json, key);
	jsontext_bool(json, truth);
}

void jsontext_put_open(struct jsontext *json, const char *key, char bracket)
{
	jsontext_key(json, key);
	jsontext_open(json, bracket);
}

void jsontext_put_texts(struct jsontext *json, const char *key, const char *const *texts)
{
	jsontext_put_open(json, key, '[');
	for (; texts && *texts; texts++)
		jsontext_string(json, *texts);
	jsontext_close(json, ']');
}
