/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of a trace for a libFuzzer target: through a map they are in order, with times and values that are not negative,
 * and so are its windows; a CHECK that fails ends the program. Include it in one file of a program only.
 */
#ifndef TESTS_FUZZ_ROWS_H
#define TESTS_FUZZ_ROWS_H

#include "fuzz.h"
#include "io/tracefile.h"
#include "io/yaml.h"

enum { BLOCK = 64, ROWS_MAX = 200000 };

/* Reads the file by the map of its columns, this share of its rows; the first column is a choice of two. */
static void read_rows(const char *path, const char *map, const struct column *columns, double share)
{
	struct arena arena;
	struct err err;
	char section[512];
	struct row block[BLOCK];
	arena_init(&arena);
	err_init(&err);
	int length = snprintf(section, sizeof section, "file: %s\n%s", path, map);
	struct tree *tree = yaml_parse(&arena, "model.yaml", section, (size_t)length, &err);
	CHECK(tree);
	struct trace_file *file = trace_file_open(tree, NULL, columns, NULL, &err);
	const struct trace_window *stretch;
	int stretches = 0;
	if (file && trace_file_windows(file, &stretch, &stretches, &err))
		for (int i = 0; i < stretches; i++)
			CHECK(stretch[i].lasts >= 0 &&
			      (i == 0 ? stretch[i].start == 0
				      : stretch[i].start >= stretch[i - 1].start + stretch[i - 1].lasts));
	struct trace_rows *rows = file ? trace_rows_open(file, 1, 0, share, &err) : NULL;
	CHECK(rows || err_any(&err));
	int64_t last = 0, total = 0;
	for (size_t got = 1; rows && got > 0 && total < ROWS_MAX; total += (int64_t)got) {
		got = trace_rows_source(rows)->fill(trace_rows_source(rows), block, BLOCK);
		for (size_t i = 0; i < got; i++) {
			CHECK(block[i].time >= last && block[i].window >= 0);
			last = block[i].time;
			for (int k = 0; columns[k].name; k++)
				CHECK(block[i].value[k] >= 0 && (k > 0 || block[i].value[k] <= 1));
		}
	}
	if (rows)
		trace_rows_failed(rows, &err);
	trace_rows_close(rows);
	trace_file_close(file);
	arena_free(&arena);
}

#endif
