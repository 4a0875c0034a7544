/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libarchive's "raw" format is one member without a name: its filters are what is used here. It cannot be told to stay
 * out of the way of plain text, which is why a file whose first bytes are those of no filter is read without it.
 * Readers share the descriptor of their file and read at offsets of their own (pread).
 */
#include "io/stream.h"
#include "base/check.h"
#include "io/output.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

struct stream_file {
	int descriptor;
	enum err_kind kind;
	char *name;
};

struct stream {
	struct archive *archive; /* NULL: plain */
	int descriptor;          /* -1: memory */
	off_t at;
	const char *bytes; /* of memory */
	size_t length;
	char *name;
	enum err_kind kind;
	char *chunk; /* for libarchive */
	char peeked[STREAM_PEEK];
	size_t peeked_at, peeked_length; /* those from `peeked_at` on are to be read again */
};

struct stream_output {
	struct output *output;
	struct archive *archive; /* NULL: plain */
	FILE *file;
	bool broken; /* libarchive failed for a reason of its own */
};

static void *allocate(size_t bytes)
{
	void *memory = calloc(1, bytes ? bytes : 1);
	if (!memory)
		check_out_of_memory(bytes);
	return memory;
}

static char *copy(const char *text)
{
	size_t length = strlen(text) + 1;
	return memcpy(allocate(length), text, length);
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
	char *buffer = allocate(CHUNK);
	int into = nameless(), reason = into < 0 ? errno : 0;
	while (!reason) {
		ssize_t got = read(from, buffer, CHUNK);
		if (got == 0)
			break;
		if (got < 0) {
			reason = errno == EINTR ? 0 : errno;
			continue;
		}
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

struct stream_file *stream_file_open(const char *path, enum err_kind kind, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	struct stat is = {0};
	int descriptor = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0 || fstat(descriptor, &is) != 0) {
		complain(err, kind, name, "cannot be read", strerror(errno));
		return NULL;
	}
	if (S_ISDIR(is.st_mode)) {
		if (!standard)
			close(descriptor);
		complain(err, kind, name, "cannot be read", "is a directory");
		return NULL;
	}
	if (standard || !S_ISREG(is.st_mode)) {
		descriptor = standard ? spool_input() : spool(descriptor);
		if (descriptor < 0) {
			complain(err, kind, name, "cannot be copied to a temporary file", strerror(errno));
			return NULL;
		}
	}
	struct stream_file *file = allocate(sizeof *file);
	*file = (struct stream_file){descriptor, kind, copy(name)};
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

static long read_raw(struct stream *stream, void *buffer, size_t capacity)
{
	if (stream->descriptor < 0) {
		size_t left = stream->length - (size_t)stream->at, count = left < capacity ? left : capacity;
		if (count)
			memcpy(buffer, stream->bytes + stream->at, count);
		stream->at += (off_t)count;
		return (long)count;
	}
	for (;;) {
		ssize_t got = pread(stream->descriptor, buffer, capacity, stream->at);
		if (got >= 0) {
			stream->at += got;
			return got;
		}
		if (errno != EINTR)
			return -1;
	}
}

static la_ssize_t archive_reads(struct archive *archive, void *data, const void **buffer)
{
	struct stream *stream = data;
	long got = read_raw(stream, stream->chunk, CHUNK);
	*buffer = stream->chunk;
	if (got < 0)
		archive_set_error(archive, errno, "%s", strerror(errno));
	return got;
}

static bool looks_compressed(const unsigned char *start, size_t length)
{
	static const struct {
		size_t length;
		const char *bytes;
	} signs[] = {{2, "\x1f\x8b"},
		     {3, "BZh"},
		     {6, "\xfd"
			 "7zXZ"},
		     {4, "\x28\xb5\x2f\xfd"},
		     {4, "\x04\x22\x4d\x18"}};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (length >= signs[i].length && memcmp(start, signs[i].bytes, signs[i].length) == 0)
			return true;
	/* skippable frames may come before the first one of zstd and lz4 */
	return length >= 4 && start[0] >= 0x50 && start[0] <= 0x5f && memcmp(start + 1, "\x2a\x4d\x18", 3) == 0;
}

static struct stream *begin(struct stream *stream, struct err *err)
{
	unsigned char start[8];
	struct archive_entry *entry;
	long got = read_raw(stream, start, sizeof start);
	if (got < 0) {
		complain(err, stream->kind, stream->name, "cannot be read", strerror(errno));
		stream_close(stream);
		return NULL;
	}
	stream->at = 0;
	if (!looks_compressed(start, (size_t)got))
		return stream;
	stream->chunk = allocate(CHUNK);
	stream->archive = archive_read_new();
	if (!stream->archive)
		check_out_of_memory(CHUNK);
	struct archive *archive = stream->archive;
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_format_raw(archive);
	archive_read_support_format_empty(archive);
	int status = archive_read_open(archive, stream, NULL, archive_reads, NULL);
	if (status == ARCHIVE_OK)
		status = archive_read_next_header(archive, &entry);
	if (status == ARCHIVE_OK || status == ARCHIVE_EOF)
		return stream;
	complain(err, stream->kind, stream->name, "cannot be decompressed", archive_error_string(archive));
	stream_close(stream);
	return NULL;
}

struct stream *stream_open(struct stream_file *file, struct err *err)
{
	struct stream *stream = allocate(sizeof *stream);
	stream->descriptor = file->descriptor;
	stream->kind = file->kind;
	stream->name = copy(file->name);
	return begin(stream, err);
}

struct stream *stream_of_memory(const char *name, const void *bytes, size_t length, enum err_kind kind, struct err *err)
{
	struct stream *stream = allocate(sizeof *stream);
	stream->descriptor = -1;
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
		long got = stream->archive ? (long)archive_read_data(stream->archive, at, left)
					   : read_raw(stream, at, left);
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
	long got = stream->archive ? (long)archive_read_data(stream->archive, buffer, capacity)
				   : read_raw(stream, buffer, capacity);
	if (got >= 0)
		return got;
	if (stream->archive)
		complain(err, stream->kind, stream->name, "cannot be decompressed",
			 archive_error_string(stream->archive));
	else
		complain(err, stream->kind, stream->name, "cannot be read", strerror(errno));
	return -1;
}

const char *stream_name(const struct stream *stream)
{
	return stream->name;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->archive)
		archive_read_free(stream->archive);
	free(stream->chunk);
	free(stream->name);
	free(stream);
}

/* ---- writing ---- */

static la_ssize_t archive_writes(struct archive *archive, void *data, const void *bytes, size_t length)
{
	struct stream_output *output = data;
	if (fwrite(bytes, 1, length, output_file(output->output)) == length)
		return (la_ssize_t)length;
	archive_set_error(archive, errno, "%s", strerror(errno));
	return -1;
}

static ssize_t filter(void *cookie, const char *bytes, size_t length)
{
	struct stream_output *output = cookie;
	for (size_t done = 0; done < length && !output->broken;) {
		la_ssize_t put = archive_write_data(output->archive, bytes + done, length - done);
		output->broken = put <= 0;
		done += put > 0 ? (size_t)put : 0;
	}
	return output->broken ? 0 : (ssize_t)length;
}

static bool ends_in(const char *path, const char *end)
{
	size_t length = strlen(path), of = strlen(end);
	return length > of && strcmp(path + length - of, end) == 0;
}

static int add_filter(struct archive *archive, const char *path)
{
	if (ends_in(path, ".gz")) {
		int status = archive_write_add_filter_gzip(archive);
		archive_write_set_filter_option(archive, "gzip", "timestamp", NULL); /* same rows, same bytes */
		return status;
	}
	return ends_in(path, ".zst") ? archive_write_add_filter_zstd(archive) : archive_write_add_filter_xz(archive);
}

static bool start_filter(struct stream_output *output, const char *path)
{
	static const cookie_io_functions_t functions = {.write = filter};
	struct archive *archive = output->archive = archive_write_new();
	if (!archive || archive_write_set_format_raw(archive) != ARCHIVE_OK || add_filter(archive, path) != ARCHIVE_OK)
		return false;
	archive_write_set_bytes_per_block(archive, 0);
	struct archive_entry *entry = archive_entry_new();
	archive_entry_set_filetype(entry, AE_IFREG);
	bool good = archive_write_open(archive, output, NULL, archive_writes, NULL) == ARCHIVE_OK &&
		    archive_write_header(archive, entry) == ARCHIVE_OK;
	archive_entry_free(entry);
	output->file = fopencookie(output, "w", functions);
	if (!output->file)
		check_out_of_memory(CHUNK);
	setvbuf(output->file, NULL, _IOFBF, CHUNK);
	return good;
}

struct stream_output *stream_output_open(const char *path, struct err *err)
{
	struct stream_output *output = allocate(sizeof *output);
	output->output = output_open(path, err);
	if (!output->output) {
		free(output);
		return NULL;
	}
	if (!ends_in(path, ".gz") && !ends_in(path, ".zst") && !ends_in(path, ".xz")) {
		output->file = output_file(output->output);
	} else if (!start_filter(output, path)) {
		complain(err, ERR_OUTPUT, path, "cannot be compressed",
			 output->archive ? archive_error_string(output->archive) : "no memory");
		stream_output_abort(output);
		return NULL;
	}
	return output;
}

FILE *stream_output_file(struct stream_output *output)
{
	return output->file;
}

bool stream_output_commit(struct stream_output *output, struct err *err)
{
	bool good = true;
	if (output->archive) {
		good = fclose(output->file) == 0 && !output->broken &&
		       archive_write_close(output->archive) == ARCHIVE_OK;
		bool ours = good || ferror(output_file(output->output)); /* then output_commit knows the reason */
		if (!ours) {
			complain(err, ERR_OUTPUT, output_path(output->output), "cannot be compressed",
				 archive_error_string(output->archive));
			output_abort(output->output);
		}
		archive_write_free(output->archive);
		if (!ours) {
			free(output);
			return false;
		}
	}
	good = output_commit(output->output, err) && good;
	free(output);
	return good;
}

void stream_output_abort(struct stream_output *output)
{
	if (!output)
		return;
	if (output->archive) {
		output->broken = true;
		if (output->file)
			fclose(output->file);
		archive_write_fail(output->archive);
		archive_write_free(output->archive);
	}
	output_abort(output->output);
	free(output);
}
