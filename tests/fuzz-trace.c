/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for traces: bytes to records, in one pass and by libcsv; records to rows through a map that the
 * first byte chooses; and the description of the same bytes. Not a part of `make check`:
 *
 *   tests/fuzz.sh DIRECTORY 600 trace
 *
 * Both ways to records must agree; rows must be in order, their times and values not negative; a CHECK that fails ends
 * the program.
 */
#include "fuzz-rows.h"
#include "io/traceinfo.h"
#include "twoways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const operations[] = {"read", "write", NULL};
static const struct column columns[] = {{"op", COLUMN_CHOICE, operations, "read", "what is done"},
					{"key", COLUMN_KEY, NULL, "0", "with what"},
					{"bytes", COLUMN_BYTES, NULL, "1 B", "how large"},
					{"service", COLUMN_TIME, NULL, "0 s", "how long"},
					{"count", COLUMN_COUNT, NULL, "0", "how many"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

static const char *const maps[] = {
	"",
	"skip_bad: 1000000\ntime_scale: 0.37",
	"sort: true\nsuperpose: 3",
	"columns: {service: 1 ms + 0.3 us * a - 2 ns * b, count: '3 * a', time: {from: t, unit: s}}\nskip_bad: 1000000",
	"columns: {time: {from: t, unit: date, origin: 0}, key: a, bytes: {from: b, unit: kB, missing: 1 B}}",
	"columns: {op: {from: a, words: {GET: read}, missing: write}, time: {from: t, unit: min, origin: 5}}\nsort: "
	"true",
	"columns: {key: {zipf: {keys: 100}}, bytes: exp(5 B), window: b, time: {from: t, unit: ms}}\nsuperpose: 100",
	"format: json\nskip_bad: 1000000\ncolumns: {key: a, count: {from: b.c, missing: 5}, time: {from: t, unit: ms}}",
	"format: json\nsort: true\ncolumns: {bytes: {from: b.c, unit: B}, time: {from: t, unit: date}}\nwhere: a != x",
	"format: '$t [$a] \"$b\" $request'\nskip_bad: 1000000\ncolumns: {key: request_uri, time: {from: t, unit: s}}",
	"format: combined\nskip_bad: 1000000\nsort: true\ncolumns: {key: request, "
	"time: {from: time_local, unit: date, resolution: 1 s}}",
	"format: blanks\nskip_bad: 1000000\ncomment: ';'\n"
	"from: 1 s\nto: 5 h\n"
	"columns: {count: {from: 2}, time: {from: 1, unit: s}}",
	"delimiter: ';'\nheader: [t, a, b]\ncomment: '#'\nskip_bad: 1000000\nwhere: a < 5 or not b begins x\ncolumns: "
	"{service: {from: a, unit: s, minus: b}, time: {from: t, unit: 100ns, minus: {from: a, unit: ms}, resolution: "
	"1 min, spread: evenly}}\nsort: true",
};

static void describe(const char *path, bool any_order)
{
	static const char *const keys[] = {"a", NULL};
	struct trace_info_options options = {
		{.any_order = any_order, .skip_bad = any_order ? 1000000 : 0, .guess_unit = true}, keys, NULL};
	struct arena arena;
	struct err err;
	arena_init(&arena);
	err_init(&err);
	CHECK(trace_info_read(&arena, path, &options, &err) || err_any(&err));
	arena_free(&arena);
}

static void compare(const char *bytes, size_t length)
{
	static struct err err;
	long records = 0;
	err_init(&err);
	struct stream *mine = stream_of_memory("x", bytes, length, ERR_TRACE, &err);
	struct stream *theirs = stream_of_memory("x", bytes, length, ERR_TRACE, &err);
	CHECK(!mine == !theirs && (!mine || agree(mine, theirs, &records)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	char path[64];
	if (length == 0)
		return 0;
	int descriptor = memfd_create("trace", MFD_CLOEXEC);
	if (descriptor < 0 || write(descriptor, bytes + 1, length - 1) != (ssize_t)length - 1)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
	wanted_turn = bytes[0];
	compare((const char *)bytes + 1, length - 1);
	read_rows(path, maps[bytes[0] % (sizeof maps / sizeof *maps)], columns, 0.9);
	describe(path, bytes[0] & 1);
	close(descriptor);
	return 0;
}
