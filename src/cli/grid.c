/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/grid.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NAME_WIDTH = 18, LABEL_WIDTH = 10, VALUE_WIDTH = 8, HALF_WIDTH = 6, NARROW_LABEL = 14 };

/* Of the narrow form: the width of each column with the blank before it; the last but one holds rates. */
static const int narrow_width[GRID_CELLS] = {8, 8, 8, 8, 8, 8, 9, 8};

int grid_columns(void)
{
	struct winsize size;
	if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

enum grid_form grid_form(bool markdown, int columns_wanted)
{
	int columns = grid_columns();
	return markdown ? GRID_MARKDOWN : columns > 0 && columns < columns_wanted ? GRID_NARROW : GRID_WIDE;
}

struct grid_row *grid_add(struct grid *grid)
{
	if (grid->rows == grid->room) {
		int room = grid->room ? 2 * grid->room : 32;
		struct grid_row *grown = ARENA_ARRAY(grid->arena, (size_t)room, struct grid_row);
		if (grid->rows)
			memcpy(grown, grid->row, (size_t)grid->rows * sizeof(*grown));
		grid->row = grown;
		grid->room = room;
	}
	struct grid_row *row = &grid->row[grid->rows++];
	*row = (struct grid_row){.name = "", .under = "", .text = ""};
	return row;
}

static int cells(const struct grid *grid)
{
	int count = 0;
	while (grid->head[count])
		count++;
	return count;
}

/* How many columns a text takes: a character of UTF-8 is one. */
static int width_of(const char *text)
{
	int width = 0;
	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static void put_right(const char *text, int width, FILE *into)
{
	fprintf(into, "%*s%s", width > width_of(text) ? width - width_of(text) : 0, "", text);
}

static void put_left(const char *text, int width, FILE *into)
{
	fprintf(into, "%s%*s", text, width > width_of(text) ? width - width_of(text) : 0, "");
}

/* How many bytes of a line fit into so many columns, to the last blank; all of a word that does not. */
static size_t fitting(const char *line, size_t length, int columns)
{
	size_t at = 0, blank = 0;
	int width = 0;
	for (; at < length && width < columns; at++) {
		width += (line[at] & 0xc0) != 0x80;
		if (line[at] == ' ')
			blank = at;
	}
	while (at < length && (line[at] & 0xc0) == 0x80)
		at++;
	if (at == length || line[at] == ' ')
		return at;
	return blank > 0 ? blank : strcspn(line, " \n");
}

void grid_lines(const char *lines, int hang, FILE *into)
{
	int columns = grid_columns();
	while (*lines) {
		size_t length = strcspn(lines, "\n"), begins = strspn(lines, " ");
		int left = (int)begins > hang ? (int)begins : hang, column = 0;
		while (columns > left + 20) {
			size_t skip = column ? 0 : begins;
			size_t fits =
				skip + fitting(lines + skip, length - skip, columns - (column ? left : (int)skip));
			if (fits >= length)
				break;
			fprintf(into, "%*s%.*s\n", column, "", (int)fits, lines);
			fits += strspn(lines + fits, " ");
			lines += fits;
			length -= fits;
			column = left;
		}
		fprintf(into, "%*s%.*s\n", column, "", (int)length, lines);
		lines += length + (lines[length] == '\n');
	}
}

/* ---- wide ---- */

static void wide_row(const struct grid *grid, const struct grid_row *row, const char *name, FILE *into)
{
	int spaces = 0;
	if (width_of(name) > NAME_WIDTH) {
		fprintf(into, "%s\n", name);
		name = "";
	}
	put_left(name, NAME_WIDTH, into);
	if (!row->label) {
		fprintf(into, " %s\n", row->text);
		return;
	}
	fprintf(into, " %-10.10s", row->label);
	for (int c = 0; c < cells(grid) && row->cell[c].value; c++) {
		const char *half = row->cell[c].half;
		fprintf(into, "%*s ", spaces, "");
		put_right(row->cell[c].value, VALUE_WIDTH, into);
		fprintf(into, "%s%s", *half ? " " : "", half);
		spaces = HALF_WIDTH - width_of(half) - (*half != '\0');
	}
	fputc('\n', into);
}

static void print_wide(const struct grid *grid, FILE *into)
{
	put_left(grid->title, NAME_WIDTH + 1 + LABEL_WIDTH, into);
	for (int c = 0; grid->head[c]; c++)
		if (c < GRID_CELLS - 1)
			fprintf(into, " %*s%-*s", VALUE_WIDTH, grid->head[c], grid->head[c + 1] ? HALF_WIDTH : 0, "");
		else
			fprintf(into, "   %s", grid->head[c]); /* what is longer than its column goes on */
	fputc('\n', into);
	const char *under = "";
	for (int r = 0; r < grid->rows; r++) {
		const struct grid_row *row = &grid->row[r];
		if (*row->name && *under)
			fprintf(into, "  %s\n", under);
		if (*row->name)
			under = "";
		bool below = !*row->name && *under;
		wide_row(grid, row, below ? arena_format(grid->arena, "  %s", under) : row->name, into);
		under = *row->name ? row->under : below ? "" : under;
	}
	if (*under)
		fprintf(into, "  %s\n", under);
}

/* ---- narrow ---- */

static void narrow_row(const struct grid *grid, const struct grid_row *row, FILE *into)
{
	bool halves = false;
	if (!row->label) {
		fprintf(into, "  %s\n", row->text);
		return;
	}
	fputs("  ", into);
	put_left(row->label, NARROW_LABEL - 2, into);
	for (int c = 0; c < cells(grid) && row->cell[c].value; c++) {
		put_right(row->cell[c].value, narrow_width[c], into);
		halves = halves || *row->cell[c].half;
	}
	fputc('\n', into);
	if (!halves)
		return;
	int last = 0, spaces = NARROW_LABEL;
	for (int c = 0; c < cells(grid) && row->cell[c].value; c++)
		last = *row->cell[c].half ? c : last;
	for (int c = 0; c <= last; c++, spaces = 0) {
		fprintf(into, "%*s", spaces, "");
		put_right(row->cell[c].half, narrow_width[c], into);
	}
	fputc('\n', into);
}

static void print_narrow(const struct grid *grid, FILE *into)
{
	put_left(grid->title, NARROW_LABEL, into);
	for (int c = 0; grid->head[c]; c++)
		put_right(grid->head[c], narrow_width[c], into);
	fputc('\n', into);
	for (int r = 0; r < grid->rows; r++) {
		const struct grid_row *row = &grid->row[r];
		if (*row->name)
			fprintf(into, "%s%s%s%s\n", row->name, *row->under ? " (" : "", row->under,
				*row->under ? ")" : "");
		narrow_row(grid, row, into);
	}
}

/* ---- Markdown ---- */

/* "|" would end a cell. */
static void put_cell(const char *text, FILE *into)
{
	for (; *text; text++)
		fprintf(into, *text == '|' ? "\\%c" : "%c", *text);
}

static void print_markdown(const struct grid *grid, FILE *into)
{
	fputs("| ", into);
	put_cell(grid->title, into);
	fputs(" | |", into);
	for (int c = 0; grid->head[c]; c++)
		fprintf(into, " %s |", grid->head[c]);
	fputs("\n|---|---|", into);
	for (int c = 0; grid->head[c]; c++)
		fputs("---:|", into);
	fputc('\n', into);
	for (int r = 0; r < grid->rows; r++) {
		const struct grid_row *row = &grid->row[r];
		fputs("| ", into);
		put_cell(row->name, into);
		fprintf(into, "%s%s%s | ", *row->name && *row->under ? " (" : "", *row->name ? row->under : "",
			*row->name && *row->under ? ")" : "");
		put_cell(row->label ? row->label : row->text, into);
		fputs(" |", into);
		for (int c = 0; c < cells(grid); c++) {
			const struct grid_cell *cell = &row->cell[c];
			bool filled = row->label && cell->value;
			fprintf(into, " %s%s%s |", filled ? cell->value : "", filled && *cell->half ? " " : "",
				filled ? cell->half : "");
		}
		fputc('\n', into);
	}
	fputc('\n', into);
}

void grid_print(const struct grid *grid, FILE *into)
{
	if (grid->form == GRID_MARKDOWN)
		print_markdown(grid, into);
	else if (grid->form == GRID_NARROW)
		print_narrow(grid, into);
	else
		print_wide(grid, into);
}
