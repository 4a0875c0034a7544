/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The body is read line by line. Of prose a shadow is kept, sentence by sentence: whether it has a number that somebody
 * typed, and whether it names a source. Code, expressions and targets of links throw no shadow.
 */
#include "post/post.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/words.h"
#include "io/yaml.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 16 };

struct reading {
	struct arena *arena;
	struct err *err;
	struct post *post;
	struct post_piece **piece;
	struct post_check **check;
	struct post_source **source;
	struct text plain; /* Markdown that is no piece yet */
	int line;
	/* The sentence so far: the first number that was typed in it. */
	char typed[WORD_MAX];
	struct place at;
	bool sourced, ended;
};

static struct place here(const struct reading *reading, int column)
{
	return (struct place){reading->post->path, reading->line, column};
}

/* ---- pieces ---- */

static struct post_piece *add_piece(struct reading *reading, enum post_kind kind, const char *text)
{
	struct post_piece *piece = ARENA_NEW(reading->arena, struct post_piece);
	*piece = (struct post_piece){.kind = kind, .text = text, .place = here(reading, 0)};
	*reading->piece = piece;
	reading->piece = &piece->next;
	return piece;
}

static void end_plain(struct reading *reading)
{
	if (reading->plain.length > 0)
		add_piece(reading, POST_PLAIN, reading->plain.bytes);
	text_begin(&reading->plain, reading->arena);
}

static void add_source(struct reading *reading, const char *key, struct place place)
{
	for (const struct post_source *source = reading->post->source; source; source = source->next)
		if (strcmp(source->key, key) == 0)
			return;
	struct post_source *source = ARENA_NEW(reading->arena, struct post_source);
	*source = (struct post_source){key, place, NULL};
	*reading->source = source;
	reading->source = &source->next;
}

/* ---- sentences ---- */

static void end_sentence(struct reading *reading)
{
	if (*reading->typed && !reading->sourced)
		err_add(reading->err, ERR_MODEL, &reading->at,
			"\"%s\" is typed: write an {EXPRESSION}, which is computed, or name in this sentence where the "
			"number is from, as [^KEY]",
			reading->typed);
	reading->typed[0] = '\0';
	reading->sourced = reading->ended = false;
}

static const char *const unit_words[] = {"milliseconds", "seconds", "minutes", "hours",
					 "days",         "percent", "bytes",   NULL};
static const char *const number_words[] = {"dozen",  "twenty", "thirty",  "forty",    "fifty",   "sixty",   "seventy",
					   "eighty", "ninety", "hundred", "thousand", "million", "billion", NULL};

static size_t word_length(const char *at)
{
	size_t length = 0;
	while (isalnum((unsigned char)at[length]) || at[length] == '_' ||
	       (strchr(".,", at[length]) && length > 0 && isdigit((unsigned char)at[length - 1]) &&
		isdigit((unsigned char)at[length + 1])))
		length++;
	return length;
}

/* The word at `at` in small letters, cut to WORD_MAX. */
static void copy_word(const char *at, char *word)
{
	size_t length = word_length(at), kept = length < WORD_MAX ? length : WORD_MAX - 1;
	for (size_t i = 0; i < kept; i++)
		word[i] = (char)tolower((unsigned char)at[i]);
	word[kept] = '\0';
}

/* Whether a number begins at `at`: in digits, or a word such as "thousand" before the name of a unit. */
static bool is_number(const char *at, const char *word)
{
	char unit[WORD_MAX];
	const char *next = at + word_length(at);
	if (isdigit((unsigned char)*at))
		return true;
	if (words_find(WORDS(number_words), word) < 0 || *next != ' ')
		return false;
	copy_word(next + 1, unit);
	return words_find(WORDS(unit_words), unit) >= 0;
}

/* The word or number at `at`, which is the start of one; how long it is. The first number of a sentence is noted. */
static size_t take_word(struct reading *reading, const char *at, int column)
{
	char word[WORD_MAX];
	copy_word(at, word);
	if (!*reading->typed && is_number(at, word)) {
		memcpy(reading->typed, word, sizeof word);
		reading->at = here(reading, column);
	}
	return word_length(at);
}

/* ---- a line of prose ---- */

/* The length of code that begins at `at`, marks included; 0: it is none. */
static size_t code_length(const char *at)
{
	size_t marks = strspn(at, "`");
	for (const char *end = at + marks; marks && (end = strchr(end, '`'));) {
		size_t these = strspn(end, "`");
		if (these == marks)
			return (size_t)(end - at) + marks;
		end += these;
	}
	return 0;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The target of the image that begins at `at` when it is a figure, which has no dot and no slash; else NULL. */
static const char *figure_target(struct arena *arena, const char *at)
{
	const char *open = begins(at, "![") ? strstr(at, "](") : NULL, *close = open ? strchr(open, ')') : NULL;
	const char *target = close ? arena_text_of(arena, open + 2, (size_t)(close - open - 2)) : NULL;
	return target && !strpbrk(target, "./") ? target : NULL;
}

/* Checks and figures that are not where they are understood would be left out in silence. */
static void refuse_lost(struct reading *reading, const char *at, size_t length, int column)
{
	const char *figure = figure_target(reading->arena, at), *whole = arena_text_of(reading->arena, at, length);
	struct place place = here(reading, column);
	if (figure)
		err_add(reading->err, ERR_MODEL, &place,
			"the figure \"%.60s\" stands in a line of its own, without blanks before it: ![CAPTION](%.60s)",
			figure, figure);
	else if (*at != '`' && (strstr(whole, "{check") || (begins(at, "<!--") && at[4 + strspn(at + 4, " ")] == '{')))
		err_add(reading->err, ERR_MODEL, &place,
			"a comment that begins with { is a check, in a line of its own: <!-- {check EXPECTATION} -->");
}

/* An expression in braces at `at`; the length of it, or 0 and a message. */
static size_t take_words(struct reading *reading, const char *at, int column)
{
	const char *close = strchr(at, '}');
	struct place place = here(reading, column);
	if (!close) {
		err_add(reading->err, ERR_MODEL, &place,
			"a { begins an expression, which must end with } in the same line; in code, `{`, it is left "
			"alone");
		return 0;
	}
	size_t length = (size_t)(close - at) + 1;
	refuse_lost(reading, at, length, column);
	end_plain(reading);
	add_piece(reading, POST_WORDS, NULL)->words =
		tree_scalar(reading->arena, arena_text_of(reading->arena, at, length), place);
	reading->post->values++;
	return length;
}

/* What is taken whole: code, comments, targets of links, sources, expressions. 0: nothing of that begins here. */
static size_t take_whole(struct reading *reading, const char *line, const char *at)
{
	int column = (int)(at - line) + 1;
	const char *end = NULL;
	size_t length = 0;
	if (*at == '`')
		length = code_length(at);
	else if (strncmp(at, "<!--", 4) == 0 && (end = strstr(at, "-->")))
		length = (size_t)(end - at) + 3;
	else if (strncmp(at, "](", 2) == 0 && (end = strchr(at, ')')))
		length = (size_t)(end - at) + 1;
	else if (*at == '<' && (isalpha((unsigned char)at[1]) || at[1] == '/') && (end = strchr(at, '>')))
		length = (size_t)(end - at) + 1;
	else if (strncmp(at, "[^", 2) == 0 && (end = strchr(at, ']'))) {
		length = (size_t)(end - at) + 1;
		add_source(reading, arena_text_of(reading->arena, at + 2, length - 3), here(reading, column));
		reading->sourced = true;
	}
	refuse_lost(reading, at, length, column);
	text_bytes(&reading->plain, at, length);
	return length;
}

static void read_prose(struct reading *reading, const char *line)
{
	/* The number of an item in a list is none of ours. */
	size_t digits = strspn(line, " 0123456789");
	const char *at = line + (strncmp(line + digits, ". ", 2) == 0 ? digits : 0);
	text_bytes(&reading->plain, line, (size_t)(at - line));
	while (*at) {
		size_t length =
			*at == '{' ? take_words(reading, at, (int)(at - line) + 1) : take_whole(reading, line, at);
		if (length > 0) {
			at += length;
			continue;
		}
		if (*at == '{') /* that was a mistake, and has been told */
			return;
		if (reading->ended && isspace((unsigned char)*at))
			end_sentence(reading);
		if (strchr(".?!", *at))
			reading->ended = true;
		else if (!strchr("\"')*_", *at))
			reading->ended = false;
		length = isalnum((unsigned char)*at) ? take_word(reading, at, (int)(at - line) + 1) : 1;
		text_bytes(&reading->plain, at, length);
		at += length;
	}
	if (reading->ended)
		end_sentence(reading);
}

/* ---- lines of their own ---- */

/* "<!-- {check EXPECTATION} -->"; false: the line is none. */
static bool take_check(struct reading *reading, const char *line)
{
	static const char open[] = "{check ";
	const char *at = line + strspn(line, " ");
	if (!begins(at, "<!--") || !begins(at + 4 + strspn(at + 4, " "), open))
		return false;
	at += 4 + strspn(at + 4, " ") + strlen(open);
	const char *end = strrchr(at, '}'), *close = end ? end + 1 + strspn(end + 1, " ") : "";
	struct place place = here(reading, (int)(at - line) + 1);
	if (!begins(close, "-->") || close[3 + strspn(close + 3, " ")]) {
		err_add(reading->err, ERR_MODEL, &place, "a check is one line: <!-- {check EXPECTATION} -->");
		return true;
	}
	struct post_check *check = ARENA_NEW(reading->arena, struct post_check);
	check->text = tree_scalar(reading->arena, arena_text_of(reading->arena, at, (size_t)(end - at)), place);
	*reading->check = check;
	reading->check = &check->next;
	reading->post->checks++;
	return true;
}

/* Expressions of a text that stays whole. */
static int count_values(const char *text)
{
	int count = 0;
	for (; (text = strchr(text, '{')); text++)
		count++;
	return count;
}

/* Numbers that are typed in a text that stays whole, such as a title. */
static void scan_words(struct reading *reading, const struct tree *words)
{
	struct post_piece **piece = reading->piece, *kept = *piece;
	struct text plain = reading->plain;
	int line = reading->line, values = reading->post->values;
	text_begin(&reading->plain, reading->arena);
	reading->line = words->place.line;
	read_prose(reading, words->text);
	end_sentence(reading);
	reading->post->values = values + count_values(words->text);
	reading->line = line;
	reading->plain = plain;
	reading->piece = piece;
	*piece = kept;
}

/* "![CAPTION](FIGURE)"; false: the line is none. */
static bool take_figure(struct reading *reading, const char *line)
{
	const char *close = strrchr(line, ')'), *open = close ? strstr(line, "](") : NULL;
	if (!begins(line, "![") || !open || close < open || close[1 + strspn(close + 1, " ")])
		return false;
	const char *name = arena_text_of(reading->arena, open + 2, (size_t)(close - open - 2));
	if (strpbrk(name, "./"))
		return false;
	end_plain(reading);
	struct post_piece *piece = add_piece(reading, POST_FIGURE, name);
	piece->words = tree_scalar(reading->arena, arena_text_of(reading->arena, line + 2, (size_t)(open - line - 2)),
				   here(reading, 3));
	scan_words(reading, piece->words);
	return true;
}

static void read_body(struct reading *reading, const char *text)
{
	const char *fence = NULL;
	for (; *text; reading->line++) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_text_of(reading->arena, text, length), *inner = line + strspn(line, " ");
		bool mark = begins(inner, "```") || begins(inner, "~~~");
		text += length + (text[length] == '\n');
		bool apart = mark || fence || !*inner || strchr("-*#|>", *inner) || begins(inner, "![");
		if (apart || isdigit((unsigned char)*inner))
			end_sentence(reading);
		if (fence || mark) {
			text_bytes(&reading->plain, line, length);
			if (mark)
				fence = !fence ? inner : *inner == *fence ? NULL : fence;
		} else if (take_check(reading, line)) {
			continue;
		} else if (!take_figure(reading, line)) {
			read_prose(reading, line);
		}
		text_bytes(&reading->plain, "\n", 1);
	}
	end_sentence(reading);
	end_plain(reading);
}

/* ---- what stands before it ---- */

static const struct tree *text_at(struct reading *reading, const struct tree *map, const char *key, bool needed)
{
	const struct tree *entry = tree_get(map, key);
	if (!entry && needed)
		err_add(reading->err, ERR_MODEL, &map->place, "%s is missing before the text of the post", key);
	return entry && reader_must_be(reading->err, entry, TREE_SCALAR, key) ? entry : NULL;
}

static void read_head(struct reading *reading, const struct tree *head)
{
	static const char *const keys[] = {"title", "summary", "group", "date", "card", NULL};
	struct post *post = reading->post;
	if (!reader_must_be(reading->err, head, TREE_MAP, "what stands before a post"))
		return;
	reader_keys(head, "a post", keys, reading->err);
	const struct tree *group = text_at(reading, head, "group", true), *date = text_at(reading, head, "date", true);
	post->title = text_at(reading, head, "title", true);
	post->summary = text_at(reading, head, "summary", true);
	post->card = text_at(reading, head, "card", false);
	post->group = group ? group->text : "";
	post->date = date ? date->text : "";
	int year, month, day, end = 0;
	if (date &&
	    (sscanf(post->date, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || post->date[end] || end != 10))
		err_add(reading->err, ERR_MODEL, &date->place, "date: \"%.40s\": expected YYYY-MM-DD", post->date);
	if (post->title)
		scan_words(reading, post->title);
	if (post->summary)
		scan_words(reading, post->summary);
}

struct post *post_read(struct arena *arena, const char *path, const char *bytes, size_t length, struct err *err)
{
	struct post *post = ARENA_NEW(arena, struct post);
	struct reading reading = {.arena = arena, .err = err, .post = post, .line = 1};
	int mistakes = err->count;
	post->path = arena_text(arena, path);
	reading.piece = &post->piece;
	reading.check = &post->check;
	reading.source = &post->source;
	text_begin(&reading.plain, arena);
	const char *end = begins(bytes, "---\n") ? strstr(bytes + 3, "\n---\n") : NULL;
	struct place top = here(&reading, 0);
	if (strlen(bytes) != length || !end) {
		err_add(err, ERR_MODEL, &top,
			"a post is a text that begins with ---, its title, summary, group and date, "
			"and --- again");
		return NULL;
	}
	const struct tree *head = yaml_parse(arena, path, bytes, (size_t)(end + 1 - bytes), err);
	if (head)
		read_head(&reading, head);
	const char *body = end + strlen("\n---\n");
	for (const char *at = bytes; at < body; at++)
		reading.line += *at == '\n';
	read_body(&reading, body);
	return err->count == mistakes ? post : NULL;
}
