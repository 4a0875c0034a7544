/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * step = ["later"] [("all" | "first" | NUMBER) "of"] part {("," | "and") part}
 * part = ["each" | NUMBER] NAME [NUMBER "times"]
 */
#include "model/steps.h"

#include <string.h>

enum { WORD = 80 };

struct reading {
	const char *text, *at;
	const struct place *place;
	const struct step_names *names;
	struct err *err;
};

/* The word that comes next, "" at the end: a comma, or what stands between blanks and commas. */
static size_t peek(const struct reading *reading, const char **from)
{
	*from = reading->at + strspn(reading->at, " \t");
	return **from == ',' ? 1 : strcspn(*from, " \t,");
}

static bool next_is(struct reading *reading, const char *word)
{
	const char *from;
	size_t length = peek(reading, &from);
	if (length != strlen(word) || strncmp(from, word, length) != 0)
		return false;
	reading->at = from + length;
	return true;
}

static void take(struct reading *reading, char word[WORD])
{
	const char *from;
	size_t length = peek(reading, &from), kept = length < WORD ? length : WORD - 1;
	memcpy(word, from, kept);
	word[kept] = '\0';
	reading->at = from + length;
}

static bool wrong(const struct reading *reading, const char *what)
{
	return err_add(reading->err, ERR_MODEL, reading->place, "in the step \"%.80s\" %s", reading->text, what);
}

/* A number, when one comes next. */
static bool take_number(struct reading *reading, int64_t *number)
{
	const char *from;
	size_t length = peek(reading, &from);
	if (length == 0 || length > 9 || strspn(from, "0123456789") < length)
		return false;
	*number = 0;
	for (size_t i = 0; i < length; i++)
		*number = *number * 10 + (from[i] - '0');
	reading->at = from + length;
	return true;
}

static bool read_part(struct reading *reading, struct step *step, bool counted, int64_t count)
{
	char word[WORD];
	int64_t turns;
	struct step_part *part = &step->part[step->parts];
	*part = (struct step_part){.copies = 1};
	if (counted)
		part->copies = count;
	else if (next_is(reading, "each"))
		part->each = true;
	else
		take_number(reading, &part->copies);
	if (part->copies < 1 || part->copies > STEP_COPIES)
		return wrong(reading, "a call is sent 1 to 100000 times at once");
	take(reading, word);
	if (!*word || *word == ',')
		return wrong(reading, "a name is missing");
	part->call = reading->names->find(reading->names->of, word);
	if (part->call < 0)
		return words_unknown(reading->err, ERR_MODEL, reading->place, "service or call", word, " in a step",
				     reading->names->words);
	step->parts++;
	if (!take_number(reading, &turns))
		return true;
	if (!next_is(reading, "times") || turns < 1 || turns > STEP_COPIES)
		return wrong(reading, "\"times\" is expected after a name and a number");
	if (step->parts > 1)
		return wrong(reading, "only one call can be made so many times, one after the other");
	step->turns = turns;
	return true;
}

static bool read_parts(struct reading *reading, struct step *step)
{
	const char *from;
	int64_t count = 1;
	bool counted = false;
	if (next_is(reading, "first"))
		step->needed = 1;
	else if (take_number(reading, &count))
		counted = true;
	bool all = step->needed == 0 && !counted && next_is(reading, "all");
	bool of = (step->needed > 0 || counted || all) && next_is(reading, "of");
	if ((step->needed > 0 || all) && !of)
		return wrong(reading, "\"of\" is expected after \"first\" and \"all\"");
	if (of && counted) {
		step->needed = count;
		counted = false;
		if (count < 1)
			return wrong(reading, "at least one answer must be needed");
	}
	do {
		if (step->parts == STEP_PARTS)
			return wrong(reading, "there are more than 100 names");
		if (!read_part(reading, step, counted, count))
			return false;
		counted = false;
	} while (next_is(reading, ",") || next_is(reading, "and"));
	if (peek(reading, &from) > 0)
		return wrong(reading, "\"and\", a comma or the end is expected after a name");
	return true;
}

bool step_read(const char *text, const struct place *place, const struct step_names *names, struct arena *arena,
	       struct step *step, struct err *err)
{
	struct step_part part[STEP_PARTS];
	struct reading reading = {text, text, place, names, err};
	*step = (struct step){.turns = 1, .part = part};
	step->later = next_is(&reading, "later");
	if (!read_parts(&reading, step))
		return false;
	step->part = ARENA_ARRAY(arena, (size_t)step->parts, struct step_part);
	int64_t sent = 0;
	bool each = false;
	for (int i = 0; i < step->parts; i++) {
		step->part[i] = part[i];
		sent += part[i].copies;
		each = each || part[i].each;
	}
	if (step->needed > sent && !each)
		return wrong(&reading, "more answers are needed than calls are made");
	if (step->later && step->needed > 0)
		return wrong(&reading, "nobody waits for what is sent later, so no number of answers is needed");
	return true;
}
