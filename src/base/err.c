/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void err_init(struct err *err)
{
	err->kind = ERR_NONE;
	err->count = 0;
}

bool err_add(struct err *err, enum err_kind kind, const struct place *place, const char *format, ...)
{
	if (err->count == 0)
		err->kind = kind;
	if (err->count < ERR_MAX) {
		struct err_message *message = &err->message[err->count];
		snprintf(message->file, sizeof message->file, "%s", place && place->file ? place->file : "");
		message->line = place ? place->line : 0;
		message->column = place ? place->column : 0;
		va_list arguments;
		va_start(arguments, format);
		vsnprintf(message->text, sizeof message->text, format, arguments);
		va_end(arguments);
	}
	err->count++;
	return false;
}

void err_absorb(struct err *err, const struct err *from)
{
	for (int i = 0; i < from->count && i < ERR_MAX; i++) {
		const struct err_message *new = &from->message[i];
		bool known = false;
		for (int k = 0; k < err->count && k < ERR_MAX && !known; k++) {
			const struct err_message *old = &err->message[k];
			known = old->line == new->line &&
				old->column == new->column && strcmp(old->file, new->file) == 0 &&
				strcmp(old->text, new->text) == 0;
		}
		struct place place = {new->file, new->line, new->column};
		if (!known)
			err_add(err, from->kind, &place, "%s", new->text);
	}
	if (from->count > ERR_MAX)
		err->count += from->count - ERR_MAX;
}
