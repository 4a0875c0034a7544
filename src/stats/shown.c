/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/shown.h"

#include <math.h>
#include <stdio.h>

const char *shown_value(double value, enum quantity_kind kind, char *buffer)
{
	if (!isfinite(value))
		return "-";
	static const struct { double least, unit; const char *name;
	} times[] = {{86400, 86400, "d"}, {3600, 3600, "h"},  {1, 1, "s"},
		     {1e-3, 1e-3, "ms"},  {1e-6, 1e-6, "us"}, {0, 1e-9, "ns"}};
	static const struct { double least, unit; const char *name; } numbers[] = {
		{1e12, 1e12, " T"}, {1e9, 1e9, " G"}, {1e6, 1e6, " M"}, {1e4, 1e3, " k"}, {0, 1, ""}
	};
	double size = fabs(value);
	const char *name = "";
	double unit = 1;
	if (kind == QUANTITY_TIME) {
		for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
			if (size >= times[i].least) {
				unit = times[i].unit;
				name = times[i].name;
				break;
			}
		snprintf(buffer, SHOWN_VALUE,
			 size == 0           ? "0 s"
			 : size / unit < 100 ? "%.3g %s"
					     : "%.0f %s",
			 value / unit, name);
		return buffer;
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (size >= numbers[i].least) {
			unit = numbers[i].unit;
			name = numbers[i].name;
			break;
		}
	snprintf(buffer, SHOWN_VALUE, size / unit < 100 ? "%.3g%s%s" : "%.0f%s%s", value / unit, name,
		 kind == QUANTITY_RATE ? "/s" : kind == QUANTITY_BYTES ? "B" : "");
	return buffer;
}

const char *shown_step(const struct journey_step *step, struct arena *arena)
{
	char length[SHOWN_VALUE];
	if (step->lasts)
		return arena_format(arena, "%s %s", step->what,
				    shown_value((double)step->value * 1e-9, QUANTITY_TIME, length));
	return step->value < 0 ? step->what : arena_format(arena, "%s %lld", step->what, (long long)step->value);
}
