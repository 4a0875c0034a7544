/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for packed traces. The bytes are sealed first, so that the checks do not stop what they would
 * find; then they are read as records, and as rows through a map that the first byte chooses. Not a part of `make
 * check`:
 *
 *   tests/fuzz.sh DIRECTORY 600 cbt
 *
 * Rows must be in order, texts as long as they say: a CHECK that fails ends the program.
 */
#include "fuzz-rows.h"
#include "io/cbt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned chance);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t most);

static const char *const operations[] = {"read", "write", NULL};
static const struct column columns[] = {{"op", COLUMN_CHOICE, operations, "read", "what is done"},
					{"channel", COLUMN_KEY, NULL, "0", "with what"},
					{"bytes", COLUMN_BYTES, NULL, "1 B", "how large"},
					{"sent", COLUMN_TIME, NULL, "0 s", "when"},
					{"count", COLUMN_COUNT, NULL, "0", "how many"},
					{NULL, COLUMN_COUNT, NULL, NULL, NULL}};

static const char *const maps[] = {
	"",
	"skip_bad: 1000000\ntime_scale: 0.37",
	"sort: true\nsuperpose: 3\nskip_bad: 1000000",
	"columns: {sent: 1 ms + 0.3 us * bytes - 2 ns * time_ns, count: '3 * bytes'}\nskip_bad: 1000000",
	"sort: true\nskip_bad: 1000000\n"
	"columns: {time: {from: sent, unit: date, origin: 0}, channel: op, bytes: {from: bytes, unit: kB, missing: 1 "
	"B}}",
	"columns: {op: {from: channel, words: {'0': read}, missing: write}, window: sent}\nskip_bad: 1000000",
};

static void seal(uint8_t *bytes, size_t length)
{
	uint64_t before = 0;
	for (size_t at = CBT_START; at < length && length - at >= CBT_PART + CBT_SEAL;) {
		size_t left = length - at - CBT_SEAL, part = CBT_PART + cbt_get4(bytes + at + 4);
		if (part > left)
			return;
		before = cbt_seal(bytes + at, part, before);
		cbt_set(bytes + at + part, before, CBT_SEAL);
		at += part + CBT_SEAL;
	}
}

static void read_records(const uint8_t *bytes, size_t length)
{
	struct err err;
	const struct csv_field *fields;
	enum csv_status status = CSV_BROKEN;
	err_init(&err);
	struct cbt_reader *reader = cbt_open(stream_of_memory("x", bytes, length, ERR_TRACE, &err), &err);
	for (int rows = 0; reader && rows < ROWS_MAX && (status = cbt_next(reader, &fields, &err)) == CSV_ROW; rows++)
		for (int i = 0; i < cbt_columns(reader); i++)
			CHECK(strlen(fields[i].text) == fields[i].length);
	CHECK(status == CSV_ROW || (status == CSV_END) == !err_any(&err));
	cbt_close(reader);
}

/* ---- changes below the compression ---- */

/* The bytes of one column of one block in `bytes`, a whole input, and where what tells of it lies. */
struct found {
	size_t part, head, stored;
	uint32_t stored_length, length;
};

/* A column, by chance. */
static bool find_column(const uint8_t *bytes, size_t length, unsigned chance, struct found *found)
{
	if (length < 1 + CBT_START + CBT_PART + 4)
		return false;
	uint32_t columns = cbt_get4(bytes + 1 + CBT_START + CBT_PART);
	size_t at = 1 + CBT_START;
	int blocks = 0;
	bool any = false;
	if (columns == 0 || columns > CBT_COLUMNS_MAX)
		return false;
	while (at < length && length - at >= CBT_PART + CBT_SEAL) {
		size_t left = length - at - CBT_SEAL, part = CBT_PART + cbt_get4(bytes + at + 4);
		size_t stored = at + CBT_PART + 12 + (size_t)columns * CBT_COLUMN;
		if (part > left)
			break;
		if (cbt_get4(bytes + at) == CBT_ROWS && stored <= at + part && chance / 7 % ++blocks == 0)
			for (uint32_t i = 0; i < columns; i++) {
				size_t head = at + CBT_PART + 12 + i * CBT_COLUMN;
				uint32_t size = cbt_get4(bytes + head + 8);
				if (size > at + part - stored)
					break;
				if (i == chance % columns) {
					*found = (struct found){at, head, stored, size, cbt_get4(bytes + head + 4)};
					any = true;
				}
				stored += size;
			}
		at += part + CBT_SEAL;
	}
	return any;
}

/* Half of the changes are made to a column as it is when decompressed. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t most, unsigned chance)
{
	static uint8_t raw[1 << 16], packed[(1 << 16) + 1024];
	struct found found;
	if (chance % 2 || !find_column(bytes, length, chance / 2, &found) || found.length > sizeof raw)
		return LLVMFuzzerMutate(bytes, length, most);
	size_t size = ZSTD_decompress(raw, sizeof raw, bytes + found.stored, found.stored_length);
	if (ZSTD_isError(size))
		return LLVMFuzzerMutate(bytes, length, most);
	size = LLVMFuzzerMutate(raw, size, sizeof raw);
	size_t stored = ZSTD_compress(packed, sizeof packed, raw, size, 1), behind = found.stored + found.stored_length;
	if (ZSTD_isError(stored) || length - found.stored_length + stored > most)
		return LLVMFuzzerMutate(bytes, length, most);
	memmove(bytes + found.stored + stored, bytes + behind, length - behind);
	memcpy(bytes + found.stored, packed, stored);
	uint32_t part = cbt_get4(bytes + found.part + 4) - found.stored_length + (uint32_t)stored;
	cbt_set(bytes + found.part + 4, part, 4);
	cbt_set(bytes + found.head + 4, size, 4);
	cbt_set(bytes + found.head + 8, stored, 4);
	return length - found.stored_length + stored;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char path[64];
	if (length < 1 + CBT_START)
		return 0;
	uint8_t *sealed = malloc(length);
	memcpy(sealed, bytes, length);
	memcpy(sealed + 1, CBT_MAGIC, CBT_MAGIC_LENGTH);
	seal(sealed + 1, length - 1);
	read_records(sealed + 1, length - 1);
	int descriptor = memfd_create("trace", MFD_CLOEXEC);
	if (descriptor < 0 || write(descriptor, sealed + 1, length - 1) != (ssize_t)length - 1)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
	read_rows(path, maps[bytes[0] % (sizeof maps / sizeof *maps)], columns, 1);
	close(descriptor);
	free(sealed);
	return 0;
}
