/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model is copied with the files it names, each to where it is called from the copy. Files that it does not bring
 * along (traces far away, named by an absolute path or through ..) stay where they are.
 */
#include "cli/command.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/sketch.h"
#include "io/memory.h"
#include "io/output.h"
#include "io/paths.h"
#include "io/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPIES_MAX = 64, COPY_SIZE = 64 << 20 };

struct copies {
	struct command_line *line;
	const char *directory;
	const char *from[COPIES_MAX], *to[COPIES_MAX];
	int count;
};

static bool stays_inside(const char *path)
{
	return *path != '/' && strcmp(path, "-") != 0 && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 &&
	       !strstr(path, "/../");
}

static void add_copy(struct copies *copies, const char *from, const char *to);

/* The files that a tree names: parents, recipes, traces. */
static void add_named(struct copies *copies, const struct tree *tree, const char *from, const char *to)
{
	struct arena *arena = copies->line->arena;
	for (const struct tree *entry = tree->child; entry; entry = entry->next) {
		add_named(copies, entry, from, to);
		if (entry->kind != TREE_SCALAR || !entry->key || !stays_inside(entry->text) ||
		    (strcmp(entry->key, "extends") != 0 && strcmp(entry->key, "recipe") != 0 &&
		     strcmp(entry->key, "file") != 0))
			continue;
		const char *found = paths_named_in(arena, from, entry->text);
		const char *slash = strrchr(to, '/');
		if (found)
			add_copy(copies, found, arena_format(arena, "%.*s/%s", (int)(slash - to), to, entry->text));
	}
}

static void add_copy(struct copies *copies, const char *from, const char *to)
{
	size_t length = strlen(from);
	for (int i = 0; i < copies->count; i++)
		if (strcmp(copies->to[i], to) == 0)
			return;
	if (copies->count == COPIES_MAX)
		return;
	copies->from[copies->count] = from;
	copies->to[copies->count++] = to;
	if (length < 5 || strcmp(from + length - 5, ".yaml") != 0)
		return;
	const struct tree *tree = yaml_read(copies->line->arena, from, copies->line->err);
	if (tree)
		add_named(copies, tree, from, to);
}

static bool copy_file(struct command_line *line, const char *from, const char *to)
{
	const char *slash = strrchr(to, '/');
	struct place place = {from, 0, 0};
	FILE *file = fopen(from, "rb");
	if (!file)
		return err_add(line->err, ERR_OUTPUT, &place, "cannot be read: %s", strerror(errno));
	char *bytes = memory_sized(NULL, COPY_SIZE, 1);
	size_t length = fread(bytes, 1, COPY_SIZE, file);
	bool good = !ferror(file) && length < COPY_SIZE;
	fclose(file);
	if (!good)
		err_add(line->err, ERR_OUTPUT, &place, "cannot be copied");
	good = good && output_dir(arena_text_of(line->arena, to, (size_t)(slash - to)), line->err) &&
	       output_write(to, bytes, length, line->err);
	free(bytes);
	return good;
}

struct init_options {
	const char *services;
};
static const struct option options[] = {
	OPTION_TEXT(struct init_options, services, "services", 0, "NAME,NAME",
		    "of microservices: a model with these services, of which the first calls the others"),
	OPTION_END};

/* The directory that was asked for, without slashes at its end. */
static const char *directory_of(struct command_line *line, const char *name)
{
	const char *directory = line->operands > 1 ? line->operand[1] : name;
	size_t length = strlen(directory);
	while (length > 1 && directory[length - 1] == '/')
		length--;
	return arena_text_of(line->arena, directory, length);
}

static bool is_new(struct command_line *line, const char *path)
{
	struct place place = {path, 0, 0};
	return access(path, F_OK) != 0 || err_add(line->err, ERR_OUTPUT, &place,
						  "already exists, and was left as it is; choose another directory");
}

static int run_sketch(struct command_line *line, const char *services)
{
	const char *name = line->operand[0], *directory = directory_of(line, name);
	if (strcmp(name, "microservices") != 0) {
		err_add(line->err, ERR_USAGE, NULL,
			"--services is for microservices: casebook init microservices %s --services %s", directory,
			services);
		return 0;
	}
	const char *to = arena_format(line->arena, "%s/%s.yaml", directory, name);
	const char *text = sketch_services(line->arena, services, line->err);
	if (!text || !is_new(line, to) || !output_dir(directory, line->err) ||
	    !output_write(to, text, strlen(text), line->err))
		return 0;
	message_note("wrote %s", to);
	if (load_study(line->arena, to, NULL, line->err))
		printf("casebook run %s\n", to);
	return 0;
}

static int run(struct command_line *line)
{
	struct arena *arena = line->arena;
	const struct init_options *given = line->options;
	if (given->services)
		return run_sketch(line, given->services);
	const char *name = line->operand[0], *model = paths_model(arena, name);
	/* Loading it first says what is wrong with the name, and keeps broken models from spreading. */
	if (!load_study(arena, name, NULL, line->err))
		return 0;
	if (paths_is_file(name)) {
		const char *slash = strrchr(name, '/');
		name = slash ? slash + 1 : name;
		name = arena_text_of(arena, name, strcspn(name, "."));
	}
	struct copies copies = {.line = line, .directory = directory_of(line, name)};
	const char *to = arena_format(arena, "%s/%s.yaml", copies.directory, name);
	add_copy(&copies, model, to);
	for (int i = 0; i < copies.count; i++)
		is_new(line, copies.to[i]);
	for (int i = 0; i < copies.count && !err_any(line->err); i++)
		if (copy_file(line, copies.from[i], copies.to[i]))
			message_note("wrote %s", copies.to[i]);
	if (!err_any(line->err) && load_study(arena, to, NULL, line->err))
		printf("casebook run %s\n", to);
	return 0;
}

const struct command command_init = {
	.name = "init",
	.operands = "CASE [DIR]",
	.operands_least = 1,
	.operands_most = 2,
	.about = "copy a model and its recipe into a directory, to change them; prints the command that runs the copy",
	.options = options,
	.options_size = sizeof(struct init_options),
	.run = run,
};
