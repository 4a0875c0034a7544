/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libFuzzer target for records of other forms than a usual CSV, for conditions, and for times: the first byte
 * chooses. Fields are whole texts of the length that is told; numbers are what their texts say; what is bad is told.
 * See tests/fuzz.sh.
 */
#include "fuzz.h"
#include "io/condition.h"
#include "io/instant.h"
#include "io/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_records(const struct format *format, const char *bytes, size_t length)
{
	static struct err err;
	struct records records;
	const struct csv_field *fields;
	enum csv_status status = CSV_ROW;
	err_init(&err);
	struct stream *stream = stream_of_memory("x", bytes, length, ERR_TRACE, &err);
	if (!stream || !records_open(&records, stream, format, &err)) {
		CHECK(err_any(&err));
		return;
	}
	for (int i = 0; i < records_columns(&records); i++)
		records_want(&records, i, i % 2 ? CSV_NUMBER : CSV_TEXT);
	while (status == CSV_ROW || status == CSV_BAD) {
		int before = err.count;
		status = records_next(&records, &fields, &err);
		CHECK((err.count > before) == (status == CSV_BAD || status == CSV_BROKEN));
		for (int i = 0; status == CSV_ROW && i < records_columns(&records); i++) {
			CHECK(strlen(fields[i].text) <= fields[i].length && records_place(&records, i).line > 0);
			CHECK(fields[i].number < 0 || fields[i].number == strtoll(fields[i].text, NULL, 10));
		}
	}
	records_close(&records);
}

static void read_condition(const char *text)
{
	static const char *const names[] = {"a", "a b", "t-1", "in", NULL};
	static const char *const texts[] = {"1", "2.50", "2020-01-01", ""};
	struct csv_field fields[4];
	struct place place = {"x", 1, 1};
	static struct err err;
	struct arena arena;
	const char *why;
	int bad;
	err_init(&err);
	arena_init(&arena);
	for (int i = 0; i < 4; i++)
		fields[i] = (struct csv_field){texts[i], strlen(texts[i]), -1, !*texts[i]};
	const struct condition *condition = condition_read(&arena, text, names, "x.csv", &place, &err);
	CHECK(!condition == err_any(&err));
	if (condition)
		condition_holds(condition, fields, &bad, &why);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const names[] = {"a", "b", NULL};
	static const struct format forms[] = {
		{.kind = FORMAT_JSON},
		{.kind = FORMAT_BLANKS, .comment = ';', .names = names},
		{.kind = FORMAT_LOG, .pattern = "combined"},
		{.kind = FORMAT_LOG, .pattern = "$a [$b] \"$request\" $c"},
		{.kind = FORMAT_CSV, .delimiter = ';', .comment = '#', .header = FORMAT_HEADER_NONE, .names = names},
		{.kind = FORMAT_CSV, .delimiter = '\t'},
	};
	enum { FORMS = sizeof forms / sizeof *forms };
	if (length == 0)
		return 0;
	char *text = malloc(length);
	int64_t ns;
	const char *why;
	CHECK(text);
	memcpy(text, bytes + 1, length - 1);
	text[length - 1] = '\0';
	if (*bytes % (FORMS + 3) < FORMS)
		read_records(&forms[*bytes % (FORMS + 3)], text, length - 1);
	else if (*bytes % (FORMS + 3) == FORMS)
		read_condition(text);
	else if (*bytes % (FORMS + 3) == FORMS + 1)
		CHECK(!instant_parse_date(text, &ns) || ns >= 0);
	else
		read_records(&(struct format){.kind = FORMAT_LOG, .pattern = text}, "a b \"c\" d\n", 10);
	instant_parse(text, 100, &ns, &why);
	free(text);
	return 0;
}
