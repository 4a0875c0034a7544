/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each library is wrapped as one step: take some of the input, give some output, and say whether a member has ended.
 * What all of them have in common (members that follow one another, an end too early, bytes behind the end) is looked
 * after once.
 */
#include "io/codec.h"
#include "base/check.h"
#include "io/memory.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 1 << 16, LEVEL_GZIP = 6, LEVEL_XZ = 6, LEVEL_ZSTD = 3, XZ_MEMORY = 1 << 30 };

enum step { STEP_ON, STEP_ENDED, STEP_BAD };

/* What a step works on. */
struct flow {
	const unsigned char *in;
	size_t in_left;
	unsigned char *out;
	size_t out_left;
	bool last; /* there is no more input */
};

/* A library at work; `state` is what `open` has returned. */
struct machine {
	void *(*open)(void);
	enum step (*step)(void *state, struct flow *flow, const char **why);
	void (*again)(void *state); /* of a reader: for the next member */
	void (*close)(void *state);
};

struct codec {
	const char *suffix;
	size_t sign_length;
	const char *sign;
	struct machine read, write; /* write.open is NULL: it is only read */
};

/* ---- gzip ---- */

/* The bits that fill up the last byte of the data are looked at too: no checksum covers them. */
struct gzip_reader {
	z_stream z;
	unsigned char last; /* byte that was taken */
};

static void *gzip_reader(void)
{
	struct gzip_reader *reader = memory_zeroed(1, sizeof *reader);
	if (inflateInit2(&reader->z, 15 + 16) != Z_OK)
		check_out_of_memory(CHUNK);
	return reader;
}

static void z_give(z_stream *z, struct flow *flow)
{
	z->next_in = (unsigned char *)(uintptr_t)flow->in;
	z->avail_in = flow->in_left < UINT32_MAX ? (unsigned)flow->in_left : UINT32_MAX;
	z->next_out = flow->out;
	z->avail_out = flow->out_left < UINT32_MAX ? (unsigned)flow->out_left : UINT32_MAX;
}

static void z_take(const z_stream *z, struct flow *flow)
{
	flow->in_left -= (size_t)(z->next_in - flow->in);
	flow->in = z->next_in;
	flow->out_left -= (size_t)(z->next_out - flow->out);
	flow->out = z->next_out;
}

static enum step gzip_read(void *state, struct flow *flow, const char **why)
{
	struct gzip_reader *reader = state;
	z_stream *z = &reader->z;
	z_give(z, flow);
	const unsigned char *from = flow->in;
	int status = inflate(z, Z_BLOCK);
	z_take(z, flow);
	if (flow->in > from)
		reader->last = flow->in[-1];
	bool data_end = status == Z_OK && (z->data_type & 128) && (z->data_type & 64);
	if (data_end && reader->last >> (8 - (z->data_type & 7))) {
		*why = "its gzip data are damaged";
		return STEP_BAD;
	}
	if (status == Z_STREAM_END)
		return STEP_ENDED;
	if (status == Z_OK || status == Z_BUF_ERROR)
		return STEP_ON;
	if (status == Z_MEM_ERROR)
		check_out_of_memory(CHUNK);
	*why = !z->msg ? "its gzip data are damaged"
	     : strcmp(z->msg, "incorrect data check") == 0 ? "its gzip checksum does not agree with what it holds"
	     : strcmp(z->msg, "incorrect length check") == 0 ? "its gzip length does not agree with what it holds"
							     : "its gzip data are damaged";
	return STEP_BAD;
}

static void gzip_again(void *state)
{
	inflateReset(&((struct gzip_reader *)state)->z);
}

static void gzip_reader_close(void *state)
{
	inflateEnd(&((struct gzip_reader *)state)->z);
	free(state);
}

/* The header has no time and no name, so that the same rows make the same bytes, and a checksum of its own. */
struct gzip_writer {
	z_stream z;
	gz_header header;
};

static void *gzip_writer(void)
{
	struct gzip_writer *writer = memory_zeroed(1, sizeof *writer);
	writer->header = (gz_header){.os = 3, .hcrc = 1};
	if (deflateInit2(&writer->z, LEVEL_GZIP, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
	    deflateSetHeader(&writer->z, &writer->header) != Z_OK)
		check_out_of_memory(CHUNK);
	return writer;
}

static enum step gzip_write(void *state, struct flow *flow, const char **why)
{
	z_stream *z = &((struct gzip_writer *)state)->z;
	(void)why;
	z_give(z, flow);
	int status = deflate(z, flow->last ? Z_FINISH : Z_NO_FLUSH);
	z_take(z, flow);
	return status == Z_STREAM_END ? STEP_ENDED : STEP_ON;
}

static void gzip_writer_close(void *state)
{
	deflateEnd(&((struct gzip_writer *)state)->z);
	free(state);
}

/* ---- bzip2 ---- */

enum { BZIP2_END = 11 }; /* bytes that hold the sign of the end, the checksum of all blocks, and the bits behind it */

struct bzip2_reader {
	bz_stream bz;
	unsigned char end[BZIP2_END]; /* the last bytes taken */
};

static void bzip2_begin(struct bzip2_reader *reader)
{
	*reader = (struct bzip2_reader){.end = {0}};
	if (BZ2_bzDecompressInit(&reader->bz, 0, 0) != BZ_OK)
		check_out_of_memory(CHUNK);
}

static void *bzip2_reader(void)
{
	struct bzip2_reader *reader = memory_zeroed(1, sizeof *reader);
	bzip2_begin(reader);
	return reader;
}

static void bzip2_keep(struct bzip2_reader *reader, const unsigned char *from, size_t length)
{
	size_t count = length < BZIP2_END ? length : BZIP2_END;
	memmove(reader->end, reader->end + count, BZIP2_END - count);
	memcpy(reader->end + BZIP2_END - count, from + length - count, count);
}

/* Whether the bits that fill up the last byte, behind the sign of the end and 32 bits of checksum, are 0. */
static bool bzip2_padded(const struct bzip2_reader *reader)
{
	uint64_t high = 0, last = reader->end[BZIP2_END - 1];
	for (int i = 0; i < 7; i++)
		high = high << 8 | reader->end[i];
	for (int padding = 0; padding < 8; padding++) /* the sign: 48 bits, 32 + padding before the end */
		if ((high >> padding & UINT64_C(0xffffffffffff)) == UINT64_C(0x177245385090))
			return (last & ((1u << padding) - 1)) == 0;
	return true;
}

static enum step bzip2_read(void *state, struct flow *flow, const char **why)
{
	struct bzip2_reader *reader = state;
	bz_stream *bz = &reader->bz;
	const unsigned char *from = flow->in;
	bz->next_in = (char *)(uintptr_t)flow->in;
	bz->avail_in = flow->in_left < UINT32_MAX ? (unsigned)flow->in_left : UINT32_MAX;
	bz->next_out = (char *)flow->out;
	bz->avail_out = flow->out_left < UINT32_MAX ? (unsigned)flow->out_left : UINT32_MAX;
	int status = BZ2_bzDecompress(bz);
	flow->in_left -= (size_t)((const unsigned char *)bz->next_in - flow->in);
	flow->in = (const unsigned char *)bz->next_in;
	flow->out_left -= (size_t)((unsigned char *)bz->next_out - flow->out);
	flow->out = (unsigned char *)bz->next_out;
	bzip2_keep(reader, from, (size_t)(flow->in - from));
	if (status == BZ_STREAM_END && bzip2_padded(reader))
		return STEP_ENDED;
	if (status == BZ_OK)
		return STEP_ON;
	if (status == BZ_MEM_ERROR)
		check_out_of_memory(CHUNK);
	*why = "its bzip2 data are damaged";
	return STEP_BAD;
}

static void bzip2_again(void *state)
{
	BZ2_bzDecompressEnd(&((struct bzip2_reader *)state)->bz);
	bzip2_begin(state);
}

static void bzip2_close(void *state)
{
	BZ2_bzDecompressEnd(&((struct bzip2_reader *)state)->bz);
	free(state);
}

/* ---- xz: its library goes through all streams, and the padding between them, by itself ---- */

static void xz_begin(lzma_stream *xz)
{
	if (lzma_stream_decoder(xz, XZ_MEMORY, LZMA_TELL_UNSUPPORTED_CHECK | LZMA_CONCATENATED) != LZMA_OK)
		check_out_of_memory(CHUNK);
}

static void *xz_reader(void)
{
	lzma_stream *xz = memory_zeroed(1, sizeof *xz);
	xz_begin(xz);
	return xz;
}

static lzma_ret xz_code(lzma_stream *xz, struct flow *flow, lzma_action action)
{
	xz->next_in = flow->in;
	xz->avail_in = flow->in_left;
	xz->next_out = flow->out;
	xz->avail_out = flow->out_left;
	lzma_ret status = lzma_code(xz, action);
	flow->in = xz->next_in;
	flow->in_left = xz->avail_in;
	flow->out = xz->next_out;
	flow->out_left = xz->avail_out;
	return status;
}

static enum step xz_read(void *state, struct flow *flow, const char **why)
{
	lzma_ret status = xz_code(state, flow, flow->last ? LZMA_FINISH : LZMA_RUN);
	if (status == LZMA_STREAM_END)
		return STEP_ENDED;
	if (status == LZMA_OK || status == LZMA_BUF_ERROR)
		return STEP_ON;
	if (status == LZMA_MEM_ERROR)
		check_out_of_memory(CHUNK);
	*why = status == LZMA_UNSUPPORTED_CHECK || status == LZMA_OPTIONS_ERROR
		       ? "it is compressed by a kind of xz that cannot be read"
	     : status == LZMA_MEMLIMIT_ERROR ? "its xz data need more than 1 GiB of memory"
					     : "its xz data are damaged";
	return STEP_BAD;
}

static void xz_again(void *state)
{
	xz_begin(state);
}

static void *xz_writer(void)
{
	lzma_stream *xz = memory_zeroed(1, sizeof *xz);
	if (lzma_easy_encoder(xz, LEVEL_XZ, LZMA_CHECK_CRC64) != LZMA_OK)
		check_out_of_memory(CHUNK);
	return xz;
}

static enum step xz_write(void *state, struct flow *flow, const char **why)
{
	lzma_ret status = xz_code(state, flow, flow->last ? LZMA_FINISH : LZMA_RUN);
	(void)why;
	if (status == LZMA_MEM_ERROR)
		check_out_of_memory(CHUNK);
	CHECK(status == LZMA_OK || status == LZMA_STREAM_END || status == LZMA_BUF_ERROR);
	return status == LZMA_STREAM_END ? STEP_ENDED : STEP_ON;
}

static void xz_close(void *state)
{
	lzma_end(state);
	free(state);
}

/* ---- zstd ---- */

static void *zstd_reader(void)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	if (!zstd)
		check_out_of_memory(CHUNK);
	return zstd;
}

static enum step zstd_read(void *state, struct flow *flow, const char **why)
{
	ZSTD_inBuffer in = {flow->in, flow->in_left, 0};
	ZSTD_outBuffer out = {flow->out, flow->out_left, 0};
	size_t left = ZSTD_decompressStream(state, &out, &in);
	if (ZSTD_isError(left)) {
		*why = "its zstd data are damaged";
		return STEP_BAD;
	}
	flow->in += in.pos;
	flow->in_left -= in.pos;
	flow->out += out.pos;
	flow->out_left -= out.pos;
	return left == 0 ? STEP_ENDED : STEP_ON;
}

static void zstd_again(void *state)
{
	ZSTD_DCtx_reset(state, ZSTD_reset_session_only);
}

static void zstd_reader_close(void *state)
{
	ZSTD_freeDCtx(state);
}

static void *zstd_writer(void)
{
	ZSTD_CCtx *zstd = ZSTD_createCCtx();
	if (!zstd || ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, LEVEL_ZSTD)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1)))
		check_out_of_memory(CHUNK);
	return zstd;
}

static enum step zstd_write(void *state, struct flow *flow, const char **why)
{
	ZSTD_inBuffer in = {flow->in, flow->in_left, 0};
	ZSTD_outBuffer out = {flow->out, flow->out_left, 0};
	size_t left = ZSTD_compressStream2(state, &out, &in, flow->last ? ZSTD_e_end : ZSTD_e_continue);
	(void)why;
	CHECK(!ZSTD_isError(left));
	flow->in += in.pos;
	flow->in_left -= in.pos;
	flow->out += out.pos;
	flow->out_left -= out.pos;
	return flow->last && left == 0 ? STEP_ENDED : STEP_ON;
}

static void zstd_writer_close(void *state)
{
	ZSTD_freeCCtx(state);
}

/* ---- lz4 ---- */

static void *lz4_reader(void)
{
	LZ4F_dctx *lz4;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION)))
		check_out_of_memory(CHUNK);
	return lz4;
}

static enum step lz4_read(void *state, struct flow *flow, const char **why)
{
	size_t in = flow->in_left, out = flow->out_left;
	size_t left = LZ4F_decompress(state, flow->out, &out, flow->in, &in, NULL);
	if (LZ4F_isError(left)) {
		*why = "its lz4 data are damaged";
		return STEP_BAD;
	}
	flow->in += in;
	flow->in_left -= in;
	flow->out += out;
	flow->out_left -= out;
	return left == 0 ? STEP_ENDED : STEP_ON;
}

static void lz4_again(void *state)
{
	LZ4F_resetDecompressionContext(state);
}

static void lz4_close(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

/* ---- all of them ---- */

static const struct codec codecs[] = {
	{".gz", 2, "\x1f\x8b", {gzip_reader, gzip_read, gzip_again, gzip_reader_close},
	 {gzip_writer, gzip_write, NULL, gzip_writer_close}},
	{".bz2", 3, "BZh", {bzip2_reader, bzip2_read, bzip2_again, bzip2_close}, {NULL, NULL, NULL, NULL}},
	{".xz", 6, "\xfd" "7zXZ", {xz_reader, xz_read, xz_again, xz_close}, {xz_writer, xz_write, NULL, xz_close}},
	{".zst", 4, "\x28\xb5\x2f\xfd", {zstd_reader, zstd_read, zstd_again, zstd_reader_close},
	 {zstd_writer, zstd_write, NULL, zstd_writer_close}},
	{".lz4", 4, "\x04\x22\x4d\x18", {lz4_reader, lz4_read, lz4_again, lz4_close}, {NULL, NULL, NULL, NULL}},
};

const struct codec *codec_of(const unsigned char *start, size_t length)
{
	size_t count = sizeof codecs / sizeof *codecs;
	for (size_t i = 0; i < count; i++)
		if (length >= codecs[i].sign_length && memcmp(start, codecs[i].sign, codecs[i].sign_length) == 0)
			return &codecs[i];
	/* Frames that are to be skipped are those of zstd and of lz4 alike, and taken for zstd's. */
	if (length >= 4 && start[0] >= 0x50 && start[0] <= 0x5f && memcmp(start + 1, "\x2a\x4d\x18", 3) == 0)
		return &codecs[3];
	return NULL;
}

const struct codec *codec_named(const char *path)
{
	size_t length = strlen(path);
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
		size_t of = strlen(codecs[i].suffix);
		if (codecs[i].write.open && length > of && strcmp(path + length - of, codecs[i].suffix) == 0)
			return &codecs[i];
	}
	return NULL;
}

/* ---- reading ---- */

struct codec_reader {
	const struct codec *codec;
	void *state;
	codec_fill *fill;
	void *of;
	struct flow flow;
	bool ended;          /* `fill` has given 0 */
	bool between, first; /* at the start of a member; of the first one */
	unsigned char chunk[CHUNK];
};

struct codec_reader *codec_reader_open(const struct codec *codec, codec_fill *fill, void *of)
{
	struct codec_reader *reader = memory_zeroed(1, sizeof *reader);
	reader->codec = codec;
	reader->fill = fill;
	reader->of = of;
	reader->state = codec->read.open();
	reader->between = reader->first = true;
	return reader;
}

static bool refill(struct codec_reader *reader)
{
	if (reader->flow.in_left > 0 || reader->ended)
		return true;
	long got = reader->fill(reader->of, reader->chunk, CHUNK);
	reader->flow.in = reader->chunk;
	reader->flow.in_left = got > 0 ? (size_t)got : 0;
	reader->ended = got == 0;
	return got >= 0;
}

long codec_reader_read(struct codec_reader *reader, void *buffer, size_t capacity, const char **why)
{
	struct flow *flow = &reader->flow;
	flow->out = buffer;
	flow->out_left = capacity;
	*why = NULL;
	while (flow->out_left == capacity) {
		if (!refill(reader))
			return -1;
		if (reader->between && flow->in_left == 0 && !reader->first)
			return 0;
		bool fresh = reader->between && !reader->first;
		size_t in_left = flow->in_left;
		flow->last = reader->ended;
		enum step step = reader->codec->read.step(reader->state, flow, why);
		if (step == STEP_BAD) {
			*why = fresh ? "something follows its end" : *why;
			return -1;
		}
		reader->between = step == STEP_ENDED;
		reader->first = false;
		if (step == STEP_ENDED)
			reader->codec->read.again(reader->state);
		else if (flow->out_left == capacity && in_left == 0 && reader->ended) {
			*why = "it was cut: its end is missing";
			return -1;
		}
	}
	return (long)(capacity - flow->out_left);
}

void codec_reader_close(struct codec_reader *reader)
{
	if (!reader)
		return;
	reader->codec->read.close(reader->state);
	free(reader);
}

/* ---- writing ---- */

/* Input is gathered, so that how it was handed over does not show, and a short file is compressed in one step. */
struct codec_writer {
	const struct codec *codec;
	void *state;
	codec_put *put;
	void *of;
	bool failed;
	size_t gathered;
	unsigned char in[CHUNK], out[CHUNK];
};

struct codec_writer *codec_writer_open(const struct codec *codec, codec_put *put, void *of)
{
	struct codec_writer *writer = memory_zeroed(1, sizeof *writer);
	CHECK(codec->write.open);
	writer->codec = codec;
	writer->put = put;
	writer->of = of;
	writer->state = codec->write.open();
	return writer;
}

static void compress_gathered(struct codec_writer *writer, bool last)
{
	struct flow flow = {.in = writer->in, .in_left = writer->gathered, .last = last};
	enum step step = STEP_ON;
	const char *why;
	while (!writer->failed && step != STEP_ENDED && (last || flow.in_left > 0)) {
		flow.out = writer->out;
		flow.out_left = CHUNK;
		step = writer->codec->write.step(writer->state, &flow, &why);
		size_t made = CHUNK - flow.out_left;
		writer->failed = made > 0 && !writer->put(writer->of, writer->out, made);
	}
	writer->gathered = 0;
}

bool codec_writer_write(struct codec_writer *writer, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	while (length > 0 && !writer->failed) {
		size_t count = CHUNK - writer->gathered < length ? CHUNK - writer->gathered : length;
		memcpy(writer->in + writer->gathered, at, count);
		writer->gathered += count;
		at += count;
		length -= count;
		if (length > 0) /* full, and more is to come */
			compress_gathered(writer, false);
	}
	return !writer->failed;
}

bool codec_writer_end(struct codec_writer *writer)
{
	compress_gathered(writer, true);
	return !writer->failed;
}

void codec_writer_close(struct codec_writer *writer)
{
	if (!writer)
		return;
	writer->codec->write.close(writer->state);
	free(writer);
}
