/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The FILE is one of our own making (fopencookie), because stdio forgets why an earlier write failed: the reason,
 * errno, is kept here until output_commit tells it. Where the file system can do that, a file has no name at all until
 * it is whole, so that not even a program that is killed leaves one behind; elsewhere temporary names are kept in slots
 * that a signal's handler can empty without a lock.
 */
#include "io/output.h"
#include "base/check.h"
#include "io/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 4096, NAME_TRIES = 100, BUFFER = 1 << 16 };

struct output {
	FILE *file;
	int descriptor;
	int failed;      /* errno of the first write that failed; 0 */
	char *path;      /* as given */
	char *target;    /* what the temporary file is renamed to; NULL: written in place */
	char *temporary; /* also in `slot` */
	int slot;
	bool unnamed;    /* it has not been given its temporary name yet */
	bool settled;
	mode_t mode; /* of the file that is replaced; 0: there was none */
};

static _Atomic(char *) temporaries[SLOTS];
static atomic_uint names;

static char *copy(const char *text)
{
	size_t length = strlen(text) + 1;
	return memcpy(memory_zeroed(length, 1), text, length);
}

static bool complain(struct err *err, const char *path, const char *what, int reason)
{
	struct place place = {strcmp(path, "-") == 0 ? "standard output" : path, 0, 0};
	return err_add(err, ERR_OUTPUT, &place, "%s: %s", what, strerror(reason));
}

static ssize_t write_some(void *cookie, const char *bytes, size_t length)
{
	struct output *output = cookie;
	size_t done = 0;
	while (done < length && !output->failed) {
		ssize_t written = write(output->descriptor, bytes + done, length - done);
		if (written >= 0)
			done += (size_t)written;
		else if (errno != EINTR)
			output->failed = errno;
	}
	if (output->failed)
		errno = output->failed;
	return output->failed ? 0 : (ssize_t)length;
}

static bool slot_take(struct output *output)
{
	for (int i = 0; i < SLOTS; i++) {
		char *none = NULL;
		if (atomic_compare_exchange_strong(&temporaries[i], &none, output->temporary)) {
			output->slot = i;
			return true;
		}
	}
	return false;
}

/* After this no handler touches output->temporary. */
static void slot_give(struct output *output)
{
	if (output->slot >= 0)
		atomic_store(&temporaries[output->slot], NULL);
	output->slot = -1;
}

static int create_named(struct output *output)
{
	return open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

enum { OPEN_NAME = 64 };

/* An open file, as /proc has it. */
static const char *open_name(int descriptor, char *buffer)
{
	snprintf(buffer, OPEN_NAME, "/proc/self/fd/%d", descriptor);
	return buffer;
}

static int give_name(struct output *output)
{
	char open_as[OPEN_NAME];
	return linkat(AT_FDCWD, open_name(output->descriptor, open_as), AT_FDCWD, output->temporary, AT_SYMLINK_FOLLOW);
}

/* Tries temporary names beside the target until one is free; what `with` returns, -1 and errno when none is. */
static int with_name(struct output *output, int (*with)(struct output *output))
{
	const char *slash = strrchr(output->target, '/');
	size_t directory = slash ? (size_t)(slash - output->target) + 1 : 0, size = directory + 64;
	int result = -1;
	for (int i = 0; i < NAME_TRIES && result < 0; i++) {
		snprintf(output->temporary, size, "%.*s.casebook-%ld-%u.tmp", (int)directory, output->target,
			 (long)getpid(), atomic_fetch_add(&names, 1));
		result = with(output);
		if (result < 0 && errno != EEXIST)
			break;
	}
	return result;
}

/* A file without a name, which can be given one later on. -1 where that cannot be had. */
static int create_unnamed(const struct output *output)
{
	char open_as[OPEN_NAME], *directory = copy(output->target), *slash = strrchr(directory, '/');
	if (slash)
		slash[slash == directory] = '\0';
	int descriptor = open(slash ? directory : ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	free(directory);
	if (descriptor >= 0 && access(open_name(descriptor, open_as), F_OK) != 0) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

/* A new file beside the target, for everybody as the umask says. */
static bool create_beside(struct output *output)
{
	output->temporary = memory_zeroed(strlen(output->target) + 64, 1);
	if (!slot_take(output)) {
		errno = EMFILE;
		return false;
	}
	output->descriptor = create_unnamed(output);
	output->unnamed = output->descriptor >= 0;
	if (!output->unnamed)
		output->descriptor = with_name(output, create_named);
	if (output->descriptor < 0) {
		int reason = errno;
		slot_give(output);
		errno = reason;
		return false;
	}
	if (output->mode)
		(void)fchmod(output->descriptor, output->mode & 0777); /* a file system without modes may refuse */
	return true;
}

/* A file, or a link that the file will be in place of. */
static bool open_in_place_of(struct output *output)
{
	struct stat is;
	if (lstat(output->path, &is) == 0) {
		if (!S_ISREG(is.st_mode) && !S_ISLNK(is.st_mode)) {
			errno = S_ISDIR(is.st_mode) ? EISDIR : EEXIST;
			return false;
		}
		if (S_ISREG(is.st_mode) && access(output->path, W_OK) != 0)
			return false;
		output->mode = S_ISREG(is.st_mode) ? is.st_mode : 0;
	}
	output->target = copy(output->path);
	return create_beside(output);
}

static bool open_target(struct output *output)
{
	struct stat is;
	if (strcmp(output->path, "-") == 0) {
		fflush(stdout);
		output->descriptor = STDOUT_FILENO;
		return true;
	}
	if (stat(output->path, &is) == 0) {
		if (S_ISDIR(is.st_mode)) {
			errno = EISDIR;
			return false;
		}
		if (!S_ISREG(is.st_mode)) {
			output->descriptor = open(output->path, O_WRONLY | O_CLOEXEC);
			return output->descriptor >= 0;
		}
		if (access(output->path, W_OK) !=
		    0) /* a rename would replace a file that says it must not be written */
			return false;
		output->mode = is.st_mode;
		output->target = realpath(output->path, NULL);
		if (!output->target)
			return false;
	} else {
		output->target = copy(output->path);
	}
	return create_beside(output);
}

static void release(struct output *output)
{
	slot_give(output);
	free(output->temporary);
	free(output->target);
	free(output->path);
	free(output);
}

static struct output *begin(const char *path, bool (*open)(struct output *output), struct err *err)
{
	static const cookie_io_functions_t functions = {.write = write_some};
	struct output *output = memory_zeroed(1, sizeof *output);
	output->path = copy(path);
	output->descriptor = -1;
	output->slot = -1;
	if (!open(output)) {
		complain(err, path, "cannot be written", errno);
		release(output);
		return NULL;
	}
	output->file = fopencookie(output, "w", functions);
	if (!output->file)
		check_out_of_memory(BUFSIZ);
	setvbuf(output->file, NULL, _IOFBF, BUFFER);
	return output;
}

struct output *output_open(const char *path, struct err *err)
{
	return begin(path, open_target, err);
}

struct output *output_replace(const char *path, struct err *err)
{
	return begin(path, open_in_place_of, err);
}

FILE *output_file(struct output *output)
{
	return output->file;
}

const char *output_path(const struct output *output)
{
	return output->path;
}

/* Closes; false when not everything arrived. Who reads our standard output and goes away has seen enough. */
static bool finish(struct output *output)
{
	if (fclose(output->file) != 0 && !output->failed)
		output->failed = errno;
	if (output->unnamed && !output->failed && with_name(output, give_name) != 0)
		output->failed = errno;
	if (output->descriptor != STDOUT_FILENO && close(output->descriptor) != 0 && !output->failed && errno != EINTR)
		output->failed = errno;
	if (output->failed == EPIPE && strcmp(output->path, "-") == 0)
		output->failed = 0;
	return !output->failed;
}

bool output_settle(struct output *output, struct err *err)
{
	if (!output->settled && !finish(output))
		complain(err, output->path, "cannot be written", output->failed);
	output->settled = true;
	return !output->failed;
}

bool output_commit(struct output *output, struct err *err)
{
	bool told = output->settled && output->failed;
	bool good = output->settled ? !output->failed : finish(output);
	if (good && output->temporary && rename(output->temporary, output->target) != 0) {
		output->failed = errno;
		good = false;
	}
	if (!good) {
		if (output->temporary)
			unlink(output->temporary);
		if (!told)
			complain(err, output->path, "cannot be written", output->failed);
	}
	release(output);
	return good;
}

void output_abort(struct output *output)
{
	if (!output)
		return;
	output->failed = output->failed ? output->failed : ECANCELED; /* what stdio still holds is not written */
	if (!output->settled)
		finish(output);
	if (output->temporary)
		unlink(output->temporary);
	release(output);
}

void output_abort_all(void)
{
	for (int i = 0; i < SLOTS; i++) {
		char *name = atomic_exchange(&temporaries[i], NULL);
		if (name)
			unlink(name);
	}
}

bool output_dir(const char *path, struct err *err)
{
	char *partial = copy(path);
	struct stat is;
	bool good = *path || err_add(err, ERR_OUTPUT, NULL, "the name of a directory cannot be empty");
	for (char *at = partial; good && *at; at++) {
		bool inner = at[1] == '/';
		if (!inner && at[1])
			continue;
		at[1] = '\0';
		if (mkdir(partial, 0777) != 0) {
			int reason = errno;
			bool there = stat(partial, &is) == 0;
			if (!there || !S_ISDIR(is.st_mode))
				good = complain(err, path, "cannot be created as a directory",
						there ? ENOTDIR : reason);
		}
		if (inner)
			at[1] = '/';
	}
	free(partial);
	return good;
}

bool output_write(const char *path, const void *bytes, size_t length, struct err *err)
{
	struct output *output = output_open(path, err);
	if (!output)
		return false;
	fwrite(bytes, 1, length, output->file);
	return output_commit(output, err);
}
