/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands print with --json is JSON, and holds what it should. */
#include "tap.h"

#include <jansson.h>
#include <sys/wait.h>

static const char *casebook;

/* The JSON that a command prints, or NULL. */
static json_t *output(const char *arguments)
{
	char line[512];
	json_error_t error;
	snprintf(line, sizeof line, "'%s' %s 2>/dev/null", casebook, arguments);
	FILE *pipe = popen(line, "r");
	if (!pipe)
		bail("cannot run %s", line);
	json_t *json = json_loadf(pipe, JSON_REJECT_DUPLICATES, &error);
	int status = pclose(pipe);
	if (!json)
		diag("%s: line %d: %s", line, error.line, error.text);
	ok(json && WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s prints JSON and ends well", arguments);
	return json;
}

static json_t *named(json_t *list, const char *key, const char *name)
{
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry)
	{
		const char *text = json_string_value(json_object_get(entry, key));
		if (text && strcmp(text, name) == 0)
			return entry;
	}
	return NULL;
}

static const char *text(json_t *object, const char *key)
{
	const char *found = json_string_value(json_object_get(object, key));
	return found ? found : "(none)";
}

int main(void)
{
	const char *build = getenv("top_builddir");
	char path[512];
	snprintf(path, sizeof path, "%s/casebook", build ? build : ".");
	casebook = getenv("CASEBOOK") ? getenv("CASEBOOK") : path;

	json_t *list = output("list --json");
	json_t *station = named(list, "name", "station");
	is_text(text(station, "case"), "station", "list: the case");
	ok(json_integer_value(json_object_get(station, "claims")) > 0, "list: how many claims");
	ok(!named(list, "name", "elephant"), "canary: what is not in a list is not found");
	json_decref(list);

	json_t *show = output("show station --set servers=3 --fault '1 s for 2 s slow by 4' --json");
	json_t *servers = named(json_object_get(show, "parameters"), "name", "servers");
	json_t *value = json_object_get(json_object_get(servers, "variants"), "one-server");
	is_text(text(servers, "least"), "1", "show: the least of a range");
	is_text(text(value, "value"), "3", "show: a value");
	is_text(text(json_object_get(value, "from"), "file"), "--set servers=3", "show: where it came from");
	json_t *variant = named(json_object_get(show, "variants"), "name", "half-speed");
	is_int((long long)strlen(text(variant, "digest")), 16, "show: a digest");
	is_text(text(json_array_get(json_object_get(variant, "faults"), 0), "label"), "slow by 4", "show: a fault");
	json_t *window = json_array_get(json_object_get(variant, "windows"), 0);
	near_to(json_number_value(json_object_get(window, "rate_per_s")), 100, 1e-6, "show: the rate of a window");
	ok(json_array_size(json_object_get(show, "metrics")) > 3, "show: metrics");
	ok(json_array_size(json_object_get(json_array_get(json_object_get(show, "claims"), 0), "expect")) > 0,
	   "show: what a claim expects");
	ok(json_object_size(json_object_get(show, "sources")) > 0, "show: sources");
	json_decref(show);

	json_t *other = output("show station --set servers=4 --json");
	json_t *before = named(json_object_get(other, "variants"), "name", "half-speed");
	char digest[20];
	snprintf(digest, sizeof digest, "%s", text(before, "digest"));
	json_decref(other);
	other = output("show station --set servers=4 --json");
	before = named(json_object_get(other, "variants"), "name", "half-speed");
	is_text(text(before, "digest"), digest, "the same question has the same digest");
	json_decref(other);

	json_t *version = output("version --json");
	ok(strcmp(text(version, "version"), "(none)") != 0, "version: a version");
	json_decref(version);
	return done_testing();
}
