/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/traceoutput.h"
#include "io/cbt_text.h"
#include "io/cbt_write.h"
#include "io/memory.h"
#include "io/stream.h"
#include "io/tracewrite.h"

#include <stdlib.h>
#include <string.h>

struct trace_output {
	struct stream_output *stream;
	FILE *file;
	bool packed;
	struct cbt_writer *writer; /* packed, after the header */
	int columns;
	struct trace_write write; /* rows of a case */
};

struct trace_output *trace_output_open(const char *path, struct err *err)
{
	struct stream_output *stream = stream_output_open(path, err);
	if (!stream)
		return NULL;
	struct trace_output *output = memory_zeroed(1, sizeof *output);
	output->stream = stream;
	output->file = stream_output_file(stream);
	output->packed = cbt_named(path);
	return output;
}

void trace_output_header(struct trace_output *output, const char *const *names, int columns, int time, int64_t unit)
{
	output->columns = columns;
	if (output->packed) {
		output->writer = cbt_writer_open(output->file, names, columns, time, unit);
		return;
	}
	for (int i = 0; i < columns; i++) {
		if (i)
			putc(',', output->file);
		csv_put(output->file, names[i]);
	}
	putc('\n', output->file);
}

void trace_output_record(struct trace_output *output, const struct csv_field *fields, int64_t time)
{
	if (output->packed) {
		cbt_writer_put(output->writer, fields, time);
		return;
	}
	for (int i = 0; i < output->columns; i++) {
		if (i)
			putc(',', output->file);
		csv_put(output->file, fields[i].text);
	}
	putc('\n', output->file);
}

void trace_output_case(struct trace_output *output, const struct column *columns, const struct trace_window *stretch,
		       int stretches)
{
	const char *names[TRACE_WRITE_COLUMNS];
	output->write = (struct trace_write){.columns = columns, .stretch = stretch, .stretches = stretches};
	if (output->packed)
		trace_output_header(output, names, trace_write_names(&output->write, names), 0, 1);
	else
		trace_write_header(output->file, &output->write);
}

static struct csv_field text_field(const char *text)
{
	return (struct csv_field){.text = text, .length = strlen(text), .number = -1, .missing = !*text};
}

static struct csv_field number_field(int64_t value, char *buffer)
{
	return (struct csv_field){.text = buffer, .length = cbt_number_print(value, 0, buffer), .number = -1};
}

void trace_output_rows(struct trace_output *output, const struct row *rows, size_t count)
{
	const struct column *columns = output->write.columns;
	struct csv_field fields[TRACE_WRITE_COLUMNS];
	char buffer[TRACE_WRITE_COLUMNS][CBT_TEXT_PRINT];
	if (!output->packed) {
		trace_write_rows(output->file, &output->write, rows, count);
		return;
	}
	for (size_t k = 0; k < count; k++) {
		const struct trace_window *begins = trace_write_window(&output->write, &rows[k]);
		int at = 0;
		fields[at++] = number_field(rows[k].time, buffer[0]);
		fields[at++] = text_field(output->write.text);
		if (output->write.stretches) {
			fields[at] = begins ? number_field(begins->start, buffer[at]) : text_field("");
			at++;
			fields[at] = begins ? number_field(begins->lasts, buffer[at]) : text_field("");
			at++;
		}
		for (int i = 0; columns[i].name; i++, at++)
			fields[at] = columns[i].type == COLUMN_CHOICE
					     ? text_field(columns[i].choices[rows[k].value[i]])
					     : number_field(rows[k].value[i], buffer[at]);
		cbt_writer_put(output->writer, fields, rows[k].time);
	}
}

bool trace_output_failed(const struct trace_output *output)
{
	return ferror(output->file);
}

bool trace_output_commit(struct trace_output *output, struct err *err)
{
	if (output->writer)
		cbt_writer_end(output->writer);
	cbt_writer_close(output->writer);
	bool good = stream_output_commit(output->stream, err);
	free(output);
	return good;
}

void trace_output_abort(struct trace_output *output)
{
	if (!output)
		return;
	cbt_writer_close(output->writer);
	stream_output_abort(output->stream);
	free(output);
}
