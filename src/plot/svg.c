/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of the document is written anew up to the end of its start tag; of the rest only three things are changed,
 * each only where it is found as expected: elements <title> and <desc> go, colours written as rgb(r, g, b) become
 * #rrggbb, and nothing else. Dark mode is a style sheet that names the light colours by attribute, so a document that
 * gnuplot should one day write in another way stays valid and readable, in light colours.
 */
#include "plot/svg.h"
#include "figure/text.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	const char *light, *dark;
} scheme[] = {
	{"#1f2328", "#e6edf3"}, /* ink */
	{"#59636e", "#9aa4af"}, /* muted */
	{"#d9dee3", "#2d333b"}, /* grid */
	{"#6e7781", "#8b949e"}, /* shade */
	{"#2a62d0", "#82aaff"}, /* names of series; lines keep their colours, which do on both */
	{"#bd1c13", "#ff8078"}, {"#1d742c", "#4fbf65"}, {"#a3447a", "#e39ac4"}, {"#5d5b5c", "#a3a1a2"},
};

/* A clean text as XML character data. */
static void put_xml(FILE *file, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			fputs("&amp;", file);
			break;
		case '<':
			fputs("&lt;", file);
			break;
		case '>':
			fputs("&gt;", file);
			break;
		default:
			fputc(*text, file);
		}
}

static const char manifest_begins[] = "<metadata id=\"casebook\">", manifest_ends[] = "</metadata>";

static void style(FILE *file)
{
	fputs("<style>\n"
	      "text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;"
	      "font-variant-numeric:tabular-nums}\n"
	      "@media (prefers-color-scheme:dark){\n",
	      file);
	for (size_t i = 0; i < sizeof scheme / sizeof scheme[0]; i++) {
		static const char *const attribute[] = {"fill", "stroke", "color"};
		for (size_t j = 0; j < 3; j++)
			fprintf(file, "[%s=\"%s\"]{%s:%s}", attribute[j], scheme[i].light, attribute[j],
				scheme[i].dark);
		fputc('\n', file);
	}
	fputs("}\n</style>\n", file);
}

/* "rgb( 87, 141, 255)" at `at`: writes it as a number and returns its length, or 0. */
static size_t color(const char *at, const char *end, FILE *file)
{
	unsigned channel[3];
	const char *next = at + 4;
	for (int i = 0; i < 3; i++) {
		unsigned value = 0;
		int digits = 0;
		while (next < end && *next == ' ')
			next++;
		for (; next < end && *next >= '0' && *next <= '9' && digits < 3; next++, digits++)
			value = value * 10 + (unsigned)(*next - '0');
		if (digits == 0 || value > 255 || next == end || *next++ != (i < 2 ? ',' : ')'))
			return 0;
		channel[i] = value;
	}
	fprintf(file, "#%02x%02x%02x", channel[0], channel[1], channel[2]);
	return (size_t)(next - at);
}

static bool starts(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

static const char *find(const char *from, const char *end, const char *word)
{
	for (; from < end; from++)
		if (starts(from, end, word))
			return from;
	return NULL;
}

/* The length of an element without children, e.g. <title>...</title>, that starts at `at`; 0 when it is not one. */
static size_t element(const char *at, const char *end, const char *open, const char *close)
{
	const char *last = starts(at, end, open) ? find(at, end, close) : NULL;
	return last ? (size_t)(last - at) + strlen(close) : 0;
}

bool svg_finish(FILE *file, const char *svg, size_t length, const char *title, const char *description,
		const char *manifest)
{
	const char *end = svg + length, *root = find(svg, end, "<svg");
	const char *at = root ? find(root, end, ">") : NULL;
	while (end > svg && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	if (!at || (size_t)(end - at) < 7 || !starts(end - 6, end, "</svg>"))
		return false;
	fputs("<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"no\"?>\n<svg role=\"img\"", file);
	fwrite(root + 4, 1, (size_t)(at + 1 - (root + 4)), file);
	fputs("\n<title>", file);
	put_xml(file, title);
	fputs("</title>\n<desc>", file);
	put_xml(file, description);
	fputs("</desc>\n", file);
	if (manifest) {
		fputs(manifest_begins, file);
		put_xml(file, manifest);
		fprintf(file, "%s\n", manifest_ends);
	}
	style(file);
	bool in_tag = false;
	for (at++; at < end;) {
		size_t skip = element(at, end, "<title>", "</title>");
		if (skip == 0)
			skip = element(at, end, "<desc>", "</desc>");
		if (skip == 0 && in_tag && starts(at, end, "rgb("))
			skip = color(at, end, file);
		if (skip == 0 && starts(at, end, "]]>")) { /* gnuplot leaves it as it is, where XML does not allow it */
			fputs("]]&gt;", file);
			in_tag = false;
			skip = 3;
		}
		if (skip == 0) {
			in_tag = *at == '<' || (in_tag && *at != '>');
			fputc(*at, file);
			skip = 1;
		}
		at += skip;
	}
	fputc('\n', file);
	return true;
}

/* Undoes what XML makes of a line of JSON. */
static void plain(char *text)
{
	static const struct {
		const char *entity;
		char is;
	} known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
	char *to = text;
	for (const char *at = text; *at;) {
		size_t length = 1;
		char is = *at;
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			if (strncmp(at, known[k].entity, strlen(known[k].entity)) == 0)
				length = strlen(known[k].entity), is = known[k].is;
		*to++ = is;
		at += length;
	}
	*to = '\0';
}

char *svg_manifest(struct arena *arena, const char *svg, size_t length)
{
	const char *end = svg + length, *at = find(svg, end, manifest_begins);
	const char *last = at ? find(at, end, manifest_ends) : NULL;
	if (!last)
		return NULL;
	at += strlen(manifest_begins);
	char *text = arena_text_of(arena, at, (size_t)(last - at));
	plain(text);
	return text;
}
