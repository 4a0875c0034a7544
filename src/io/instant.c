/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/instant.h"
#include "io/decimal.h"
#include "trace/date.h"

#include <string.h>

static const struct {
	const char *name;
	int64_t ns;
} time_units[] = {
	{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000},
	{NULL, 0},
};

int64_t instant_unit(const char *unit)
{
	for (int i = 0; time_units[i].name; i++)
		if (strcmp(time_units[i].name, unit) == 0)
			return time_units[i].ns;
	return 0;
}

const char *instant_unit_named(const char *name)
{
	static const char *const stems[] = {"time", "t", "t_unix", "timestamp", "ts", NULL};
	for (int i = 0; stems[i]; i++) {
		size_t length = strlen(stems[i]);
		if (strncmp(name, stems[i], length) == 0 && name[length] == '_' && instant_unit(name + length + 1))
			return name + length + 1;
	}
	return NULL;
}

bool instant_parse_date(const char *text, int64_t *ns)
{
	char whole[40];
	const char *point = strchr(text, '.');
	size_t length = point ? (size_t)(point - text) : strlen(text);
	if (length >= sizeof whole)
		return false;
	memcpy(whole, text, length);
	whole[length] = '\0';
	if (!date_parse_instant(whole, ns))
		return false;
	if (!point)
		return true;
	int64_t part = 0, unit = 1000000000;
	const char *at = point + 1;
	for (; *at >= '0' && *at <= '9'; at++)
		if (unit > 1) {
			unit /= 10;
			part += (*at - '0') * unit;
		}
	*ns += part;
	return at > point + 1 && length == 19 && (*at == '\0' || strcmp(at, "Z") == 0);
}

bool instant_parse(const char *text, int64_t unit, int64_t *ns, const char **why)
{
	struct decimal decimal;
	if (unit == 0) {
		*why = "is not a date and time, e.g. 2014-04-07 18:30:05";
		return instant_parse_date(text, ns);
	}
	if (!decimal_parse(text, &decimal, why))
		return false;
	*why = decimal.digits < 0 ? "is a negative time" : "is too large a time";
	return decimal.digits >= 0 && decimal_times(decimal, unit, ns);
}
