/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "base/words.h"

#include <string.h>

enum { COLUMN = 26, WIDTH = 80 };

const struct option options_of_all[] = {
	OPTION_FLAG(struct options_common, quiet, "quiet", 'q', "say nothing but mistakes on standard error"),
	OPTION_FLAG(struct options_common, verbose, "verbose", 'v', "say more"),
	OPTION_TEXT(struct options_common, color, "color", 0, "WHEN",
		    "colours: always, never, or auto: on a terminal, unless NO_COLOR is set; default: auto"),
	OPTION_FLAG(struct options_common, help, "help", 'h', "show this"), OPTION_END};

struct reading {
	const struct option *options;
	char *target;
	struct options_common *common;
	struct arena *arena;
	struct err *err;
	int room; /* of every list of texts: no more can be given than there are arguments */
};

/* The row, and what it fills. */
static const struct option *find(struct reading *reading, const char *name, size_t length, char letter, char **into)
{
	for (int table = 0; table < 2; table++) {
		const struct option *option = table ? options_of_all : reading->options;
		for (; option && option->name; option++)
			if (letter ? option->letter == letter
				   : strlen(option->name) == length && memcmp(option->name, name, length) == 0) {
				*into = (table ? (char *)reading->common : reading->target) + option->offset;
				return option;
			}
	}
	return NULL;
}

static bool unknown(struct reading *reading, const char *argument)
{
	struct words common = WORDS(options_of_all);
	const char *word = arena_text_of(reading->arena, argument, strcspn(argument, "="));
	const char *near = NULL;
	if (strncmp(word, "--", 2) == 0)
		near = words_near(WORDS_AND(reading->options, &common), word + 2);
	return err_add(reading->err, ERR_USAGE, NULL,
		       near ? "unknown option %.60s; did you mean --%s?" : "unknown option %.60s; --help lists them%s",
		       word, near ? near : "");
}

static bool set_value(struct reading *reading, const struct option *option, char *into, const char *text)
{
	struct quantity value;
	char why[QUANTITY_WHY];
	if (option->type == OPTION_TYPE_TEXT) {
		*(const char **)(void *)into = text;
		return true;
	}
	if (option->type == OPTION_TYPE_TEXTS) {
		struct option_texts *texts = (struct option_texts *)(void *)into;
		if (!texts->text)
			texts->text = ARENA_ARRAY(reading->arena, (size_t)reading->room, const char *);
		texts->text[texts->count++] = text;
		return true;
	}
	if (!quantity_parse(QUANTITY_COUNT, text, &value, why))
		return err_add(reading->err, ERR_USAGE, NULL, "--%s: \"%.60s\" %s", option->name, text, why);
	if (value.integer < option->least || value.integer > option->greatest)
		return err_add(reading->err, ERR_USAGE, NULL,
			       option->greatest == INT64_MAX ? "--%s: %.60s is out of range; allowed: %lld or more"
							     : "--%s: %.60s is out of range; allowed: %lld .. %lld",
			       option->name, text, (long long)option->least, (long long)option->greatest);
	*(int64_t *)(void *)into = value.integer;
	return true;
}

/* One argument that begins with a dash, and its value. Moves *next past what it takes. */
static bool read_option(struct reading *reading, int count, char *const *arguments, int *next)
{
	const char *argument = arguments[(*next)++];
	bool is_long = argument[1] == '-';
	for (const char *letter = argument + 1; is_long || *letter; letter++) {
		const char *name = argument + 2, *equals = is_long ? strchr(name, '=') : NULL;
		char *into;
		const struct option *option =
			find(reading, name, is_long ? strcspn(name, "=") : 0, is_long ? '\0' : *letter, &into);
		if (!option)
			return unknown(reading, argument);
		if (option->type == OPTION_TYPE_FLAG) {
			if (equals)
				return err_add(reading->err, ERR_USAGE, NULL, "--%s takes no value", option->name);
			*(bool *)(void *)into = true;
			if (is_long)
				return true;
			continue;
		}
		const char *value = equals ? equals + 1 : !is_long && letter[1] ? letter + 1 : NULL;
		if (!value && *next == count)
			return err_add(reading->err, ERR_USAGE, NULL, "--%s needs a value: %s", option->name,
				       option->value);
		return set_value(reading, option, into, value ? value : arguments[(*next)++]);
	}
	return true;
}

bool options_read(const struct option *options, void *target, int count, char *const *arguments, struct arena *arena,
		  struct option_texts *operands, struct options_common *common, struct err *err)
{
	struct reading reading = {options, target, common, arena, err, count + 1};
	bool good = true;
	*common = (struct options_common){false, false, false, NULL};
	*operands = (struct option_texts){ARENA_ARRAY(arena, (size_t)count + 1, const char *), 0};
	for (const struct option *option = options; option && option->name; option++)
		if (option->type == OPTION_TYPE_COUNT)
			*(int64_t *)(void *)((char *)target + option->offset) = option->fallback;
	for (int next = 0; next < count && !common->help;) {
		const char *argument = arguments[next];
		if (strcmp(argument, "--") == 0) {
			for (next++; next < count; next++)
				operands->text[operands->count++] = arguments[next];
		} else if (argument[0] == '-' && argument[1]) {
			good = read_option(&reading, count, arguments, &next) && good;
		} else {
			operands->text[operands->count++] = argument;
			next++;
		}
	}
	return good;
}

/* From `column` on, to lines that begin at `indent`. */
static void put_wrapped(int column, int indent, const char *text, FILE *into)
{
	do {
		fprintf(into, "%*s", indent - column, "");
		size_t length = strlen(text), fits = (size_t)(WIDTH - indent);
		if (length > fits)
			for (length = fits; length > 1 && text[length] != ' ';)
				length--;
		/* A word longer than a line is not cut. */
		if (length <= 1 && strlen(text) > fits)
			length = strcspn(text, " ");
		fprintf(into, "%.*s\n", (int)length, text);
		text += length;
		text += strspn(text, " ");
		column = 0;
	} while (*text);
}

void options_help_line(const char *name, const char *text, FILE *into)
{
	int column = fprintf(into, "  %-*s", COLUMN - 3, name);
	if (column >= COLUMN) {
		fputc('\n', into);
		column = 0;
	}
	put_wrapped(column, COLUMN, text, into);
}

void options_help_text(int indent, const char *text, FILE *into)
{
	put_wrapped(0, indent, text, into);
}

char *options_name(const struct option *option, char buffer[OPTIONS_NAME])
{
	char letter[] = {'-', option->letter, ',', ' ', '\0'};
	snprintf(buffer, OPTIONS_NAME, "%s--%s%s%s", option->letter ? letter : "", option->name,
		 option->value ? " " : "", option->value ? option->value : "");
	return buffer;
}

static void help_table(const struct option *options, FILE *into)
{
	char name[OPTIONS_NAME], shifted[OPTIONS_NAME + 4];
	for (; options && options->name; options++) {
		options_name(options, name);
		snprintf(shifted, sizeof shifted, "%s%s", options->letter ? "" : "    ", name);
		options_help_line(shifted, options->help, into);
	}
}

void options_help(const struct option *options, FILE *into)
{
	help_table(options, into);
	help_table(options_of_all, into);
}
