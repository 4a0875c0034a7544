/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/page.h"
#include "cli/options.h"
#include "cli/version.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPER = 4, LINE = 120, TEXT = 4096 };

/*
 * Bytes of roff, of which none is taken for a request. In what is typed "-" is no hyphen, but the sign. A backquote
 * begins and ends what is typed.
 */
static void put_roff(const char *text, bool typed, FILE *into)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", into);
	for (; *text; text++) {
		switch (*text) {
		case '\\':
			fputs("\\e", into);
			break;
		case '-':
			fputs(typed ? "\\-" : "-", into);
			break;
		case '\'':
			fputs(typed ? "\\(aq" : "'", into);
			break;
		case '^':
			fputs("\\(ha", into);
			break;
		case '~':
			fputs("\\(ti", into);
			break;
		case '`':
			typed = !typed;
			fputs(typed ? "\\fB" : "\\fR", into);
			break;
		default:
			fputc(*text, into);
		}
	}
}

/* A paragraph of Markdown in lines; what is outside of backquotes loses its special meaning. */
static void put_markdown(const char *text, FILE *into)
{
	char out[TEXT];
	size_t length = 0, begin = 0, blank = 0;
	bool item = strncmp(text, "- ", 2) == 0;
	bool typed = false;
	for (; *text && length + 5 < sizeof out; text++) {
		typed ^= *text == '`';
		if (!typed && strchr("*_<|[]", *text))
			out[length++] = '\\';
		if (*text == ' ' && !typed)
			blank = length;
		out[length++] = *text;
		if (length - begin > LINE && blank > begin) {
			out[blank] = '\n';
			begin = blank + 1;
			if (item) { /* what follows belongs to it */
				memmove(out + begin + 2, out + begin, length - begin);
				memset(out + begin, ' ', 2);
				length += 2;
			}
		}
	}
	fprintf(into, "%.*s\n", (int)length, out);
}

void page_title(struct page *page, const char *name, int section, const char *about)
{
	char upper[64];
	size_t i = 0;
	for (; name[i] && i + 1 < sizeof upper; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	upper[i] = '\0';
	if (page->form == PAGE_MAN) {
		fprintf(page->into, ".TH %s %d \"\" \"casebook %s\" \"casebook\"\n.nh\n.ad l\n.SH NAME\n%s \\- ", upper,
			section, version_number(), name);
		put_roff(about, false, page->into);
		fputc('\n', page->into);
	} else if (page->form == PAGE_MARKDOWN) {
		fprintf(page->into, "# %s(%d)\n\n", name, section);
		put_markdown(about, page->into);
	} else {
		fprintf(page->into, "%s(%d) - ", name, section);
		options_help_text(0, about, page->into);
	}
	page->item = false;
}

void page_heading(struct page *page, int level, const char *text)
{
	if (page->form == PAGE_MAN) {
		fputs(level == 1 ? ".SH \"" : ".SS \"", page->into);
		for (; *text; text++)
			if (level == 1)
				fputc(toupper((unsigned char)*text), page->into);
			else
				fputs(*text == '-' ? "\\-" : (char[]){*text, '\0'}, page->into);
		fputs("\"\n", page->into);
	} else if (page->form == PAGE_MARKDOWN) {
		fprintf(page->into, level == 1 ? "\n## %s\n" : strchr(text, ':') ? "\n### `%s`\n" : "\n### %s\n", text);
	} else {
		fprintf(page->into, "\n%s\n", text);
	}
	page->item = false;
}

void page_paragraph(struct page *page, const char *text)
{
	if (page->form == PAGE_MAN) {
		fputs(".PP\n", page->into);
		put_roff(text, false, page->into);
		fputc('\n', page->into);
	} else if (page->form == PAGE_MARKDOWN) {
		fputc('\n', page->into);
		put_markdown(text, page->into);
	} else {
		options_help_text(page->indent, text, page->into);
	}
	page->item = false;
}

void page_item(struct page *page, const char *term, const char *more, const char *text)
{
	char told[TEXT];
	bool sentence = more && *more;
	if (page->form == PAGE_MAN) {
		fputs(".TP\n.B ", page->into);
		put_roff(term, true, page->into);
		fputc('\n', page->into);
		put_roff(text, false, page->into);
		if (sentence) {
			fputs("\n.br\n", page->into);
			put_roff(more, false, page->into);
		}
		fputc('\n', page->into);
	} else if (page->form == PAGE_MARKDOWN) {
		snprintf(told, sizeof told, "- `%s`%s%s%s%s%s", term, sentence ? " (" : "", sentence ? more : "",
			 sentence ? ")" : "", *text ? ": " : "", text);
		if (!page->item)
			fputc('\n', page->into);
		put_markdown(told, page->into);
	} else {
		options_help_line(term, text, page->into);
		if (sentence)
			options_help_line("", more, page->into);
	}
	page->item = true;
}

void page_lines(struct page *page, const char *language, const char *lines)
{
	if (page->form == PAGE_MAN)
		fputs(".PP\n.RS 4\n.EX\n", page->into);
	else if (page->form == PAGE_MARKDOWN)
		fprintf(page->into, "\n```%s\n", language);
	for (const char *line = lines; *line;) {
		size_t length = strcspn(line, "\n");
		char copy[TEXT];
		snprintf(copy, sizeof copy, "%.*s", (int)length, line);
		if (page->form == PAGE_MAN)
			put_roff(copy, true, page->into);
		else
			fprintf(page->into, "%*s%s", page->form == PAGE_TEXT ? page->indent + DEEPER : 0, "", copy);
		fputc('\n', page->into);
		line += length + (line[length] == '\n');
	}
	if (page->form == PAGE_MAN)
		fputs(".EE\n.RE\n", page->into);
	else if (page->form == PAGE_MARKDOWN)
		fputs("```\n", page->into);
	page->item = false;
}

void page_detail(struct page *page, const char *lines)
{
	char told[TEXT];
	while (*lines) {
		bool typed = *lines == ' ';
		size_t length = 0;
		for (const char *line = lines; *line && (*line == ' ') == typed; line = lines) {
			size_t blanks = strspn(line, " "), bytes = strcspn(line, "\n") - blanks;
			if (length + bytes + 2 > sizeof told)
				return;
			memcpy(told + length, line + blanks, bytes);
			length += bytes;
			told[length++] = typed ? '\n' : ' ';
			lines = line + blanks + bytes + (line[blanks + bytes] == '\n');
		}
		told[length - 1] = '\0';
		if (typed)
			page_lines(page, "sh", told);
		else
			page_paragraph(page, told);
	}
}
