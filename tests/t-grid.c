/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of values in their three forms, and lines that are too long for a terminal. */
#include "tap.h"

#include "cli/grid.h"

static struct arena arena;

static const char *printed(struct grid *grid, enum grid_form form)
{
	static char *text;
	size_t length;
	free(text);
	FILE *into = open_memstream(&text, &length);
	grid->form = form;
	grid_print(grid, into);
	fclose(into);
	return text;
}

/* The longest line, in characters. */
static int widest(const char *text)
{
	int most = 0, width = 0;
	for (; *text; text++) {
		width = *text == '\n' ? 0 : width + ((*text & 0xc0) != 0x80);
		most = width > most ? width : most;
	}
	return most;
}

static struct grid_row *add(struct grid *grid, const char *name, const char *under, const char *label)
{
	struct grid_row *row = grid_add(grid);
	row->name = name;
	row->under = under;
	row->label = label;
	for (int c = 0; label && c < GRID_CELLS; c++)
		row->cell[c] = (struct grid_cell){"39.9 ms", c == 5 ? "" : "±4.1%"};
	return row;
}

int main(void)
{
	struct grid grid = {.title = "station",
			    .head = {"mean", "p50", "p90", "p99", "p99.9", "max", "served", "in use (servers)"},
			    .arena = &arena};
	arena_init(&arena);
	add(&grid, "one-server", "at 11", "wait");
	add(&grid, "", "", "response");
	add(&grid, "", "", NULL)->text = "refused    3 of 4";
	add(&grid, "a-name-that-is-longer-than-its-column", "", "wait|less");
	const char *wide = printed(&grid, GRID_WIDE);
	ok(strstr(wide, "\n  at 11            response"), "wide: the window stands before the second row");
	ok(strstr(wide, "\na-name-that-is-longer-than-its-column\n                   wait"),
	   "wide: a long name has a line");
	ok(widest(wide) > 80, "canary: the wide form is wider than 80 columns (%d)", widest(wide));
	grid.head[7] = "in use";
	const char *narrow = printed(&grid, GRID_NARROW);
	ok(widest(narrow) <= 80, "narrow: 80 columns (%d)", widest(narrow));
	ok(strstr(narrow, "one-server (at 11)\n  wait         39.9 ms"), "narrow: names have lines of their own");
	ok(strstr(narrow, "\n                 ±4.1%   ±4.1%"), "narrow: intervals stand below");
	const char *markdown = printed(&grid, GRID_MARKDOWN);
	ok(strstr(markdown, "| one-server (at 11) | wait | 39.9 ms ±4.1% |"), "Markdown: a row");
	ok(strstr(markdown, "wait\\|less"), "Markdown: a bar does not end a cell");
	int bars = 0, lines = 0;
	for (const char *c = markdown; *c; c++) {
		bars += *c == '|' && (c == markdown || c[-1] != '\\');
		lines += *c == '\n';
	}
	is_int(bars, (lines - 1) * (GRID_CELLS + 3), "Markdown: every line has as many cells");
	int status = done_testing();
	arena_free(&arena);
	return status;
}
