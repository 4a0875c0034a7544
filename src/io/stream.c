/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file whose first bytes are those of a codec is read through it, another one as it is. Readers share the descriptor
 * of their file and read at offsets of their own (pread). Each reader holds the file against what it was when it was
 * opened: one that changes while it is read would give every replication other rows.
 */
#include "io/stream.h"
#include "base/check.h"
#include "io/codec.h"
#include "io/memory.h"
#include "io/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, WRITER_WAIT = 10000, WRITER_STEP = 100 /* ms */ };
#define SPOOL_MAX (INT64_C(1) << 36)

struct stream_file {
	int descriptor;
	enum err_kind kind;
	char *name;
	struct stat is; /* when it was opened */
};

struct stream {
	struct codec_reader *codec; /* NULL: plain */
	const struct stream_file *file; /* NULL: memory */
	off_t at;
	const char *bytes; /* of memory */
	size_t length;
	char *name;
	enum err_kind kind;
	bool changed; /* the file is not what it was */
	char peeked[STREAM_PEEK];
	size_t peeked_at, peeked_length; /* those from `peeked_at` on are to be read again */
	const char *why;                 /* of the codec: what is wrong; NULL: reading has failed */
};

struct stream_output {
	struct output *output;
	struct codec_writer *codec; /* NULL: plain */
	FILE *file;
};

static char *copy(const char *text)
{
	size_t length = strlen(text) + 1;
	return memcpy(memory_zeroed(length, 1), text, length);
}

static bool complain(struct err *err, enum err_kind kind, const char *name, const char *what, const char *reason)
{
	struct place place = {name, 0, 0};
	return err_add(err, kind, &place, "%s: %s", what, reason);
}

/* ---- files ---- */

/* A file in the directory for temporary files, without a name. */
static int nameless(void)
{
	const char *directory = getenv("TMPDIR");
	char name[4096];
	snprintf(name, sizeof name, "%s/casebook-XXXXXX", directory && *directory ? directory : "/tmp");
	int descriptor = mkostemp(name, O_CLOEXEC);
	if (descriptor >= 0)
		unlink(name);
	return descriptor;
}

/* Copies all of `from`, which is closed, to a nameless file. Returns its descriptor, or -1 and errno. */
static int spool(int from)
{
	char *buffer = memory_zeroed(CHUNK, 1);
	int into = nameless(), reason = into < 0 ? errno : 0;
	for (int64_t all = 0; !reason && all <= SPOOL_MAX;) {
		ssize_t got = read(from, buffer, CHUNK);
		if (got == 0)
			break;
		if (got < 0) {
			reason = errno == EINTR ? 0 : errno;
			continue;
		}
		all += got;
		if (all > SPOOL_MAX)
			reason = EFBIG;
		for (ssize_t done = 0; done < got && !reason;) {
			ssize_t put = write(into, buffer + done, (size_t)(got - done));
			if (put >= 0)
				done += put;
			else if (errno != EINTR)
				reason = errno;
		}
	}
	free(buffer);
	if (from != STDIN_FILENO)
		close(from);
	if (reason && into >= 0) {
		close(into);
		into = -1;
	}
	errno = reason;
	return into;
}

/* The standard input ends for good when it has been read: its copy is kept, for whoever asks for it again. */
static int spool_input(void)
{
	static int copied = -1;
	if (copied < 0)
		copied = spool(STDIN_FILENO);
	return copied < 0 ? -1 : fcntl(copied, F_DUPFD_CLOEXEC, 0);
}

/*
 * A pipe with a name: somebody has to write into it. Opening it does not wait for that, but reading does, for a while.
 * What is read is blocking again.
 */
static bool has_writer(int descriptor)
{
	struct pollfd pipe = {.fd = descriptor, .events = POLLIN};
	for (int waited = 0; waited < WRITER_WAIT; waited += WRITER_STEP) {
		int ready = poll(&pipe, 1, WRITER_STEP);
		if (ready > 0)
			return fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK) == 0;
	}
	return false;
}

/* Why a file of this kind is not read; NULL: it is. */
static const char *unreadable(const struct stat *is, int descriptor)
{
	if (S_ISDIR(is->st_mode))
		return "is a directory";
	if (S_ISBLK(is->st_mode) || (S_ISCHR(is->st_mode) && isatty(descriptor) != 1))
		return "is a device";
	if (S_ISFIFO(is->st_mode) && descriptor != STDIN_FILENO && !has_writer(descriptor))
		return "nobody has written into this pipe for 10 s";
	return NULL;
}

struct stream_file *stream_file_open(const char *path, enum err_kind kind, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	struct stat is = {0};
	int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0 || fstat(descriptor, &is) != 0) {
		complain(err, kind, name, "cannot be read", strerror(errno));
		return NULL;
	}
	const char *why = unreadable(&is, descriptor);
	if (why) {
		if (!standard)
			close(descriptor);
		complain(err, kind, name, "cannot be read", why);
		return NULL;
	}
	if (standard || !S_ISREG(is.st_mode)) {
		descriptor = standard ? spool_input() : spool(descriptor);
		if (descriptor < 0 || fstat(descriptor, &is) != 0) {
			complain(err, kind, name, "cannot be copied to a temporary file",
				 errno == EFBIG ? "it is longer than 64 GiB" : strerror(errno));
			return NULL;
		}
	}
	struct stream_file *file = memory_zeroed(1, sizeof *file);
	*file = (struct stream_file){descriptor, kind, copy(name), is};
	return file;
}

const char *stream_file_name(const struct stream_file *file)
{
	return file->name;
}

void stream_file_close(struct stream_file *file)
{
	if (!file)
		return;
	close(file->descriptor);
	free(file->name);
	free(file);
}

/* ---- reading ---- */

static bool has_changed(const struct stream *stream)
{
	const struct stat *then = &stream->file->is;
	struct stat now;
	return fstat(stream->file->descriptor, &now) != 0 || now.st_size != then->st_size ||
	       now.st_mtim.tv_sec != then->st_mtim.tv_sec || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

static long read_raw(void *of, void *buffer, size_t capacity)
{
	struct stream *stream = of;
	if (!stream->file) {
		size_t left = stream->length - (size_t)stream->at, count = left < capacity ? left : capacity;
		if (count)
			memcpy(buffer, stream->bytes + stream->at, count);
		stream->at += (off_t)count;
		return (long)count;
	}
	ssize_t got;
	do
		got = pread(stream->file->descriptor, buffer, capacity, stream->at);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		stream->at += got;
	else if (got == 0 && has_changed(stream))
		stream->changed = true;
	return stream->changed ? -1 : (long)got;
}

static long read_some(struct stream *stream, void *buffer, size_t capacity)
{
	stream->why = NULL;
	return stream->codec ? codec_reader_read(stream->codec, buffer, capacity, &stream->why)
			     : read_raw(stream, buffer, capacity);
}

static long tell_failure(const struct stream *stream, struct err *err)
{
	/* Bytes that somebody changes are damaged in many ways. */
	if (stream->changed || (stream->file && has_changed(stream))) {
		struct place place = {stream->name, 0, 0};
		err_add(err, stream->kind, &place, "was changed while it was read");
	} else if (stream->why) {
		complain(err, stream->kind, stream->name, "cannot be decompressed", stream->why);
	} else {
		complain(err, stream->kind, stream->name, "cannot be read", strerror(errno));
	}
	return -1;
}

static struct stream *begin(struct stream *stream, struct err *err)
{
	unsigned char start[CODEC_SIGN];
	long got = read_raw(stream, start, sizeof start);
	if (got < 0 || (stream->file && has_changed(stream))) {
		tell_failure(stream, err);
		stream_close(stream);
		return NULL;
	}
	stream->at = 0;
	const struct codec *codec = codec_of(start, (size_t)got);
	if (codec)
		stream->codec = codec_reader_open(codec, read_raw, stream);
	return stream;
}

struct stream *stream_open(struct stream_file *file, struct err *err)
{
	struct stream *stream = memory_zeroed(1, sizeof *stream);
	stream->file = file;
	stream->kind = file->kind;
	stream->name = copy(file->name);
	return begin(stream, err);
}

struct stream *stream_of_memory(const char *name, const void *bytes, size_t length, enum err_kind kind, struct err *err)
{
	struct stream *stream = memory_zeroed(1, sizeof *stream);
	stream->bytes = bytes;
	stream->length = length;
	stream->kind = kind;
	stream->name = copy(name);
	return begin(stream, err);
}

size_t stream_peek(struct stream *stream, void *buffer, size_t capacity)
{
	CHECK(capacity <= STREAM_PEEK);
	while (stream->peeked_length < capacity) {
		char *at = stream->peeked + stream->peeked_length;
		size_t left = capacity - stream->peeked_length;
		long got = read_some(stream, at, left);
		if (got <= 0)
			break;
		stream->peeked_length += (size_t)got;
	}
	size_t count = stream->peeked_length < capacity ? stream->peeked_length : capacity;
	memcpy(buffer, stream->peeked, count);
	return count;
}

long stream_read(struct stream *stream, void *buffer, size_t capacity, struct err *err)
{
	if (stream->peeked_at < stream->peeked_length) {
		size_t left = stream->peeked_length - stream->peeked_at, count = left < capacity ? left : capacity;
		memcpy(buffer, stream->peeked + stream->peeked_at, count);
		stream->peeked_at += count;
		return (long)count;
	}
	long got = read_some(stream, buffer, capacity);
	return got >= 0 ? got : tell_failure(stream, err);
}

const char *stream_name(const struct stream *stream)
{
	return stream->name;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	codec_reader_close(stream->codec);
	free(stream->name);
	free(stream);
}

/* ---- writing ---- */

static bool put(void *of, const void *bytes, size_t length)
{
	struct stream_output *output = of;
	return fwrite(bytes, 1, length, output_file(output->output)) == length;
}

static ssize_t filter(void *cookie, const char *bytes, size_t length)
{
	struct stream_output *output = cookie;
	return codec_writer_write(output->codec, bytes, length) ? (ssize_t)length : 0;
}

struct stream_output *stream_output_open(const char *path, struct err *err)
{
	static const cookie_io_functions_t functions = {.write = filter};
	struct stream_output *output = memory_zeroed(1, sizeof *output);
	const struct codec *codec = codec_named(path);
	output->output = output_open(path, err);
	if (!output->output) {
		free(output);
		return NULL;
	}
	output->file = output_file(output->output);
	if (!codec)
		return output;
	output->codec = codec_writer_open(codec, put, output);
	output->file = fopencookie(output, "w", functions);
	if (!output->file)
		check_out_of_memory(CHUNK);
	setvbuf(output->file, NULL, _IOFBF, CHUNK);
	return output;
}

FILE *stream_output_file(struct stream_output *output)
{
	return output->file;
}

/* Of a compressed one: the end of the codec is written. That a write has failed, the output below knows, and why. */
static void finish(struct stream_output *output, bool whole)
{
	if (!output->codec)
		return;
	fclose(output->file);
	if (whole)
		codec_writer_end(output->codec);
	codec_writer_close(output->codec);
}

bool stream_output_commit(struct stream_output *output, struct err *err)
{
	finish(output, true);
	bool good = output_commit(output->output, err);
	free(output);
	return good;
}

void stream_output_abort(struct stream_output *output)
{
	if (!output)
		return;
	finish(output, false);
	output_abort(output->output);
	free(output);
}
