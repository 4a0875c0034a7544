/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *files_read(struct arena *arena, const char *path, size_t *length, struct err *err)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	char *bytes = NULL;
	errno = file ? 0 : errno;
	if (file && fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)) {
		bytes = ARENA_ARRAY(arena, (size_t)status.st_size + 1, char);
		*length = fread(bytes, 1, (size_t)status.st_size, file);
		if (ferror(file))
			bytes = NULL;
	}
	if (!bytes)
		err_add(err, ERR_OUTPUT, &(struct place){path, 0, 0}, "cannot be read: %s",
			errno ? strerror(errno) : "it is no file");
	if (file)
		fclose(file);
	return bytes;
}

char *files_scratch(struct arena *arena, struct err *err)
{
	const char *home = getenv("TMPDIR");
	char *path = arena_format(arena, "%s/casebook-XXXXXX", home && *home ? home : "/tmp");
	if (mkdtemp(path))
		return path;
	err_add(err, ERR_OUTPUT, &(struct place){path, 0, 0}, "cannot be made: %s", strerror(errno));
	return NULL;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	remove(path);
	return 0;
}

void files_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
