/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

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
