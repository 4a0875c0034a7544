/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.json of the run before tells its model, its figures and its percentiles. Names are taken from it only as far as
 * they are names of such files; nothing outside of the directory is touched.
 */
#include "io/resultdir.h"
#include "base/check.h"
#include "io/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUN_MAX = 64 << 20 };

struct resultdir {
	char *path;
	int descriptor;
	bool is_new;
	json_t *before; /* run.json of the run before; NULL */
};

static json_t *read_before(int directory)
{
	int descriptor = openat(directory, "run.json", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat is;
	json_t *before = NULL;
	if (descriptor >= 0 && fstat(descriptor, &is) == 0 && S_ISREG(is.st_mode) && is.st_size <= RUN_MAX)
		before = json_loadfd(descriptor, 0, NULL);
	if (descriptor >= 0)
		close(descriptor);
	return before;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat one, other;
	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* Nobody else is at work here: what has a temporary name is of a run that was killed. */
static void remove_temporaries(int directory)
{
	int copy = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	for (struct dirent *entry; list && (entry = readdir(list));) {
		size_t length = strlen(entry->d_name);
		bool temporary = strncmp(entry->d_name, ".casebook-", 10) == 0 && length > 14 &&
				 strcmp(entry->d_name + length - 4, ".tmp") == 0;
		bool drawn = *entry->d_name == '.' && length > 7 &&
			     (strcmp(entry->d_name + length - 6, ".drawn") == 0 ||
			      (length > 4 && strcmp(entry->d_name + length - 4, ".log") == 0));
		if (temporary || drawn)
			unlinkat(directory, entry->d_name, 0);
	}
	if (list)
		closedir(list);
}

struct resultdir *resultdir_open(const char *path, const char *model, bool replace, struct err *err)
{
	struct place place = {path, 0, 0};
	struct resultdir *dir = calloc(1, sizeof *dir);
	if (!dir || !(dir->path = strdup(path)))
		check_out_of_memory(sizeof *dir);
	dir->is_new = access(path, F_OK) != 0;
	dir->descriptor = -1;
	bool good = output_dir(path, err);
	if (good && (dir->descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		good = err_add(err, ERR_OUTPUT, &place, "cannot be opened: %s", strerror(errno));
	if (good && flock(dir->descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		good = err_add(err, ERR_OUTPUT, &place, "another run is writing into it; -o DIR says where else");
	if (good) {
		dir->before = read_before(dir->descriptor);
		const char *was = json_string_value(json_object_get(dir->before, "model_file"));
		if (was && !replace && !is_same_file(was, model))
			good = err_add(err, ERR_OUTPUT, &place,
				       "holds results of %.200s; --replace replaces them, -o DIR writes elsewhere",
				       was);
	}
	if (good) {
		remove_temporaries(dir->descriptor);
		return dir;
	}
	resultdir_close(dir);
	return NULL;
}

void resultdir_clean(const char *path)
{
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return;
	remove_temporaries(directory);
	close(directory);
}

/* A name that a run gives to a file. */
static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	return name && *name && *name != '.' && strlen(name) < 250 && !name[strspn(name, letters)];
}

static void remove_of(const struct resultdir *dir, const char *name, const char *ending)
{
	char whole[300];
	if (!is_name(name))
		return;
	snprintf(whole, sizeof whole, "%s%s", name, ending);
	unlinkat(dir->descriptor, whole, 0);
}

void resultdir_replaced(struct resultdir *dir, const char *const *figures)
{
	static const char *const pictures[] = {".svg", "-card.png", ".png", ".pdf", NULL};
	static const char *const others[] = {".gp", ".tsv", ".alt.txt", NULL};
	json_t *after = read_before(dir->descriptor), *now = json_object_get(after, "percentiles"), *entry;
	size_t index, at;
	json_array_foreach(json_object_get(dir->before, "percentiles"), index, entry) {
		const char *name = json_string_value(entry);
		bool again = false;
		json_t *new;
		json_array_foreach(now, at, new)
			again = again || (name && json_is_string(new) && strcmp(json_string_value(new), name) == 0);
		if (!again && name && strncmp(name, "percentiles-", 12) == 0)
			remove_of(dir, name, ".hgrm");
	}
	json_array_foreach(json_object_get(dir->before, "figures"), index, entry) {
		const char *name = json_string_value(entry);
		bool again = false;
		for (int f = 0; name && figures[f]; f++)
			again = again || strcmp(figures[f], name) == 0;
		for (int i = 0; pictures[i]; i++)
			remove_of(dir, name, pictures[i]);
		for (int i = 0; others[i] && !again; i++)
			remove_of(dir, name, others[i]);
	}
	json_decref(after);
}

void resultdir_close(struct resultdir *dir)
{
	if (!dir)
		return;
	if (dir->is_new)
		rmdir(dir->path); /* when nothing came of it */
	if (dir->descriptor >= 0)
		close(dir->descriptor);
	json_decref(dir->before);
	free(dir->path);
	free(dir);
}
