/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace/column.h"
#include "base/check.h"
#include "base/words.h"

#include <string.h>

const char *const column_types[] = {[COLUMN_CHOICE] = "choice", [COLUMN_KEY] = "key",	  [COLUMN_COUNT] = "count",
				    [COLUMN_TIME] = "time",	[COLUMN_BYTES] = "size", [COLUMN_ROW] = "choice",
				    [COLUMN_TIMES] = "times",	NULL};

int column_find(const struct column *table, const char *name)
{
	for (int i = 0; table[i].name; i++)
		if (strcmp(table[i].name, name) == 0)
			return i;
	return -1;
}

int column_count(const struct column *table)
{
	int count = 0;
	while (table[count].name)
		count++;
	return count;
}

const struct column_use *column_use_find(const struct column_use *uses, const char *column)
{
	for (; uses && uses->column; uses++)
		if (strcmp(uses->column, column) == 0)
			return uses;
	return NULL;
}

bool column_is_read(const struct column_use *use, const struct param *table, const void *params)
{
	const struct param *row = param_find(table, use->with);
	CHECK(row && row->choices);
	return strcmp(row->choices[(int)param_number(row, params)], use->is) == 0;
}

static const struct param_rows *rows_of(const struct column *column, const struct param *table, const void *params)
{
	const struct param *row = param_find(table, column->choices[0]);
	CHECK(row && param_is_table(row));
	return (const struct param_rows *)(const void *)((const char *)params + row->offset);
}

static void resolve_words(struct column *column, const struct param_rows *rows)
{
	static const char *const none[] = {PARAM_NONE, NULL};
	column->type = COLUMN_CHOICE;
	column->choices = rows->count ? rows->name : none;
	if (!rows->count || (column->missing && !*column->missing))
		column->missing = column->choices[0];
}

const struct column *column_resolve(const struct column *columns, const struct param *table, const void *params,
				    struct arena *arena, struct err *err)
{
	static const char *const reserved[] = {"time", "window", NULL};
	struct column *made = ARENA_ARRAY(arena, ROW_VALUES + 1, struct column);
	int count = column_count(columns), filled = 0;
	bool any = false;
	for (int i = 0; i < count; i++) {
		any = any || columns[i].type == COLUMN_ROW || columns[i].type == COLUMN_TIMES;
		if (columns[i].type != COLUMN_TIMES) {
			CHECK(filled < ROW_VALUES);
			made[filled] = columns[i];
			if (columns[i].type == COLUMN_ROW)
				resolve_words(&made[filled], rows_of(&columns[i], table, params));
			filled++;
			continue;
		}
		CHECK(i == count - 1);
		const struct param_rows *rows = rows_of(&columns[i], table, params);
		for (int r = 0; r < rows->count; r++) {
			const char *name = rows->name[r];
			if (filled == ROW_VALUES) {
				err_add(err, ERR_MODEL, &rows->place[r],
					"%s: a row of a trace holds %d values; %d are for the names here", name,
					ROW_VALUES, ROW_VALUES - i);
				break;
			}
			if (column_find(made, name) >= 0 || words_find(WORDS(reserved), name) >= 0) {
				err_add(err, ERR_MODEL, &rows->place[r], "\"%s\" is another column of the trace", name);
				continue;
			}
			made[filled] = columns[i];
			made[filled].name = name;
			made[filled].type = COLUMN_TIME;
			made[filled++].choices = NULL;
		}
	}
	return any ? made : columns;
}
