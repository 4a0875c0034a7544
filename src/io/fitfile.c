/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/fitfile.h"
#include "io/decimal.h"
#include "io/instant.h"
#include "io/memory.h"
#include "trace/maker.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 10 };

/* A column of the file that is fitted. */
struct source {
	int column;
	int64_t unit; /* of numbers */
	const char *word[WORDS + 1];
};

/* What a number in a column of that name is worth in ns, or bytes; 0: it does not tell. */
static int64_t unit_of(const char *name, enum trace_fit_kind *kind)
{
	const char *last = strrchr(name, '_');
	*kind = TRACE_FIT_TIME;
	if (last && instant_unit(last + 1))
		return instant_unit(last + 1);
	*kind = strcasestr(name, "bytes") || strcasestr(name, "size") ? TRACE_FIT_BYTES : TRACE_FIT_COUNT;
	return *kind == TRACE_FIT_BYTES;
}

/* What kind a column is fitted as; false: it is not. */
static bool choose(const struct trace_info_column *info, struct trace_fit_column *into, struct source *source,
		   FILE *file)
{
	into->name = info->name;
	source->unit = 1;
	if (info->values == 0)
		return false;
	if (info->numeric) {
		source->unit = unit_of(info->name, &into->kind);
		if (info->least < 0 || (source->unit == 0 && !info->whole)) {
			fprintf(file, "# %s: numbers %s are not told by a recipe\n", info->name,
				info->least < 0 ? "below 0" : "with fractions, and without a unit in the name,");
			return false;
		}
		source->unit = source->unit ? source->unit : 1;
		return true;
	}
	into->kind = info->distinct <= WORDS ? TRACE_FIT_WORD : TRACE_FIT_KEY;
	into->words = source->word;
	return true;
}

/* The value of a field; -1: none. */
static int64_t value_of(struct arena *arena, const struct trace_fit_column *column, struct source *source,
			const struct csv_field *field)
{
	struct decimal decimal;
	const char *why;
	int64_t value;
	int i = 0;
	if (field->missing)
		return -1;
	if (column->kind == TRACE_FIT_KEY)
		return maker_key(field->text, field->length);
	if (column->kind != TRACE_FIT_WORD)
		return decimal_parse(field->text, &decimal, &why) && decimal_times(decimal, source->unit, &value)
			       ? value
			       : -1;
	while (i < WORDS && source->word[i] && strcmp(source->word[i], field->text) != 0)
		i++;
	if (i < WORDS && !source->word[i])
		source->word[i] = arena_text(arena, field->text);
	return i < WORDS ? i : -1;
}

static bool read_rows(struct arena *arena, struct timed *timed, struct trace_fit *fit,
		      const struct trace_fit_column *columns, struct source *source, int count, struct err *err)
{
	const struct csv_field *fields;
	int64_t time, *values = memory_zeroed((size_t)count, sizeof *values);
	enum csv_status status;
	while ((status = timed_next(timed, &fields, &time, err)) == CSV_ROW) {
		for (int i = 0; i < count; i++)
			values[i] = value_of(arena, &columns[i], &source[i], &fields[source[i].column]);
		trace_fit_row(fit, time, values);
	}
	free(values);
	return status == CSV_END;
}

bool fit_file(struct arena *arena, const char *path, const struct trace_info_options *options, FILE *file,
	      struct err *err)
{
	struct trace_info *info = trace_info_read(arena, path, options, err);
	if (!info)
		return false;
	struct timed_options timed_options = options->timed;
	timed_options.any_order = timed_options.any_order || info->unsorted;
	struct timed *timed = timed_open(path, &timed_options, err);
	if (!timed)
		return false;
	struct trace_fit_column *columns = ARENA_ARRAY(arena, (size_t)info->columns + 1, struct trace_fit_column);
	struct source *source = ARENA_ARRAY(arena, (size_t)info->columns + 1, struct source);
	int count = 0, column = 0;
	for (int i = 0; i < info->columns; i++, column++) {
		column += column == timed_source(timed);
		source[count].column = column;
		count += choose(&info->column[i], &columns[count], &source[count], file);
	}
	struct trace_fit *fit = trace_fit_open(columns, count);
	bool good = read_rows(arena, timed, fit, columns, source, count, err) &&
		    trace_fit_write(fit, info->file, file, err);
	trace_fit_close(fit);
	timed_close(timed);
	return good;
}
