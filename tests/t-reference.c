/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference of model files: every example of it is read without a mistake, every key stands in one, figures take
 * the keys that it tells, and completions know whatever stands for a value.
 */
#include "tap.h"

#include "cli/completion.h"
#include "cli/load.h"
#include "cli/manual.h"
#include "cli/reference.h"
#include "io/output.h"
#include "io/readers.h"
#include "io/tracefile.h"

#include <unistd.h>

static struct arena arena;
static struct err err;
static char directory[] = "/tmp/casebook-reference-XXXXXX";

static const char *path_of(const char *name)
{
	return arena_format(&arena, "%s/%s", directory, name);
}

static bool write_text(const char *name, const char *text)
{
	return output_write(path_of(name), text, strlen(text), &err);
}

/* Whether a file of that text is read, and the file of the trace that it names. */
static bool reads(const char *example)
{
	err_init(&err);
	bool whole = strncmp(example, "case:", 5) == 0;
	const char *text =
		arena_format(&arena, "%s%s", whole ? "" : "case: station\nformat: 2\nextends: base.yaml\n", example);
	if (!write_text("example.yaml", text))
		return false;
	const struct study *study = load_study(&arena, path_of("example.yaml"), NULL, &err);
	if (study && study->setup[0]->trace.file) {
		struct trace_file *file =
			trace_file_open(study->setup[0]->trace.tree, study->path, study->setup[0]->columns,
					readers_of(&arena, study->path)->values, &err);
		if (file)
			trace_file_close(file);
	}
	return study && !err_any(&err);
}

/* Whether "KEY:" stands in a text. */
static bool tells(const char *text, const char *key)
{
	size_t length = strlen(key);
	for (const char *at = text; (at = strstr(at, key)); at++)
		if (at[length] == ':' && (at == text || strchr(" \n{[", at[-1])))
			return true;
	return false;
}

static bool in_examples(const struct reference_section *all, int count, const char *key)
{
	for (int i = 0; i < count; i++)
		if (all[i].example && tells(all[i].example, key))
			return true;
	return false;
}

static void check_section(const struct reference_section *all, int count, const struct reference_section *section)
{
	if (section->example && !ok(reads(section->example), "%s: the example is read", section->id))
		tap_comment(err.message[0].text);
	for (int k = 0; k < section->keys; k++) {
		const char *name = section->key[k].name;
		bool found = section->example ? tells(section->example, name) : in_examples(all, count, name);
		/* What is refused, or of what the example's case has not, is told in a comment. */
		if (!found && section->example)
			found = strstr(section->example, name) != NULL;
		if (!found)
			ok(false, "%s: an example has %s", section->id, name);
	}
}

/* The section that a type names, "[@claim]"; true where it names none. */
static bool leads_somewhere(const struct reference_section *all, int count, const char *type)
{
	const char *at = strchr(type, '@');
	if (!at)
		return true;
	at += 1 + (at[1] == '[');
	const char *id = arena_text_of(&arena, at, strcspn(at, "]}"));
	return strcmp(id, "trace") == 0 || reference_find(all, count, id);
}

static void check_values(const struct command *command)
{
	for (const struct option *option = command->options; option && option->name; option++)
		if (option->value && !completion_knows(option->value))
			ok(false, "%s --%s: completions know %s", command->name, option->name, option->value);
	for (const struct command *const *each = command->commands; each && *each; each++)
		check_values(*each);
}

int main(void)
{
	int count;
	arena_init(&arena);
	err_init(&err);
	ok(mkdtemp(directory) && write_text("base.yaml", reference_base) &&
		   write_text("requests.csv", "arrived_us,ended_us,tokens,took_ms,part,url\n"
					      "10,1510,3,1.5,1,/a/b\n"
					      "2000,4000,5,2,1,/c\n") &&
		   write_text("cost.csv", "url,ms\n/a,3\n/,5\n"),
	   "a directory for examples");
	const struct reference_section *all = reference_sections(&arena, &count);
	ok(count > 20 && reference_find(all, count, "claim") && !reference_find(all, count, "clam"),
	   "there are sections");
	for (int i = 0; i < count; i++)
		check_section(all, count, &all[i]);
	for (int i = 0; i < count; i++)
		for (int k = 0; k < all[i].keys; k++)
			if (!leads_somewhere(all, count, all[i].key[k].type))
				ok(false, "%s: %s is of a section: %s", all[i].id, all[i].key[k].name,
				   all[i].key[k].type);
			else if (!*all[i].key[k].help)
				ok(false, "%s: %s has a meaning", all[i].id, all[i].key[k].name);
	for (const struct command *const *each = commands; *each; each++)
		check_values(*each);
	ok(!reads("model: {servers: 2, servrs: 3}\n"), "canary: an example with a slip is refused");
	ok(!reads("trace: {file: requests.csv, columns: {time: {from: arived_us, unit: us}}}\n"),
	   "canary: an example with a map that is wrong is refused");
	ok(!tells("model: {servers: 2}", "server") && tells("model: {servers: 2}", "servers"),
	   "canary: a key in no example");
	ok(!leads_somewhere(all, count, "@[nowhere]"), "canary: a type of a section that there is not");
	ok(!completion_knows("WHATEVER"), "canary: a value that completions do not know");
	for (const char *const *name =
		     (const char *const[]){"base.yaml", "requests.csv", "cost.csv", "example.yaml", NULL};
	     *name; name++)
		unlink(path_of(*name));
	rmdir(directory);
	int status = done_testing();
	arena_free(&arena);
	return status;
}
