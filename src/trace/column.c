/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace/column.h"

#include <string.h>

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
