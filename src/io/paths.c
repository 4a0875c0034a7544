/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/paths.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PKGDATADIR
#define PKGDATADIR "/usr/local/share/casebook"
#endif

enum { PATH_LENGTH = 4096 };

static bool is_directory(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool holds_data(struct arena *arena, const char *directory)
{
	return is_directory(arena_format(arena, "%s/models", directory)) &&
	       is_directory(arena_format(arena, "%s/traces", directory));
}

/* Up to and without the last slash; "." when there is none. */
static char *directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return arena_text(arena, ".");
	return slash == path ? arena_text(arena, "/") : arena_text_of(arena, path, (size_t)(slash - path));
}

const char *paths_data(struct arena *arena)
{
	char program[PATH_LENGTH];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	if (length > 0) {
		const char *beside = directory_of(arena, arena_text_of(arena, program, (size_t)length));
		const char *above = directory_of(arena, beside);
		const char *shared = arena_format(arena, "%s/share/casebook", above);
		if (holds_data(arena, beside))
			return beside;
		if (holds_data(arena, above))
			return above;
		if (holds_data(arena, shared))
			return shared;
	}
	return holds_data(arena, PKGDATADIR) ? PKGDATADIR : NULL;
}

const char *paths_data_file(struct arena *arena, const char *name)
{
	const char *data = paths_data(arena);
	return data ? arena_format(arena, "%s/%s", data, name) : NULL;
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), of_end = strlen(end);
	return length > of_end && strcmp(text + length - of_end, end) == 0;
}

bool paths_is_file(const char *argument)
{
	return strcmp(argument, "-") == 0 || strchr(argument, '/') || ends_in(argument, ".yaml") ||
	       ends_in(argument, ".yml");
}

const char *paths_model(struct arena *arena, const char *argument)
{
	if (paths_is_file(argument))
		return argument;
	const char *path = paths_data_file(arena, arena_format(arena, "models/%s.yaml", argument));
	return path && access(path, F_OK) == 0 ? path : NULL;
}

const char *paths_named_in(struct arena *arena, const char *from, const char *path)
{
	if (*path == '/' || !from || strcmp(from, "-") == 0 || strncmp(from, "--", 2) == 0)
		return access(path, F_OK) == 0 ? arena_text(arena, path) : NULL;
	const char *directory = directory_of(arena, from);
	const char *beside = strchr(from, '/') ? arena_format(arena, "%s/%s", directory, path) : path;
	if (access(beside, F_OK) == 0)
		return arena_text(arena, beside);
	const char *data = paths_data_file(arena, path);
	return data && access(data, F_OK) == 0 ? data : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **paths_models(struct arena *arena)
{
	enum { MODELS_MAX = 1000 };
	const char **names = ARENA_ARRAY(arena, MODELS_MAX + 1, const char *);
	const char *path = paths_data_file(arena, "models");
	DIR *directory = path ? opendir(path) : NULL;
	size_t count = 0;
	for (struct dirent *entry; directory && (entry = readdir(directory));)
		if (entry->d_name[0] != '.' && ends_in(entry->d_name, ".yaml") && count < MODELS_MAX)
			names[count++] = arena_text_of(arena, entry->d_name, strlen(entry->d_name) - strlen(".yaml"));
	if (directory)
		closedir(directory);
	qsort(names, count, sizeof *names, by_name);
	return names;
}
