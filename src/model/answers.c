/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/answers.h"
#include "base/check.h"

enum { ROOM_FIRST = 1024 };

void answers_init(struct answers *answers, struct arena *arena)
{
	*answers = (struct answers){.room = ROOM_FIRST, .arena = arena};
	answers->answered = ARENA_ARRAY(arena, ROOM_FIRST, bool);
}

static bool *at(const struct answers *answers, int64_t position)
{
	return &answers->answered[position & (answers->room - 1)];
}

int64_t answers_append(struct answers *answers, int64_t safe)
{
	CHECK(safe >= answers->safe && safe <= answers->last);
	answers->safe = safe;
	if (answers->last - safe == answers->room) {
		struct answers before = *answers;
		answers->room *= 2;
		answers->answered = ARENA_ARRAY(answers->arena, (size_t)answers->room, bool);
		for (int64_t i = safe + 1; i <= answers->last; i++)
			*at(answers, i) = *at(&before, i);
	}
	*at(answers, ++answers->last) = false;
	return answers->last;
}

void answers_give(struct answers *answers, int64_t position)
{
	CHECK(position > 0 && position <= answers->last);
	if (position > answers->safe)
		*at(answers, position) = true;
}

int64_t answers_beyond(const struct answers *answers, int64_t kept)
{
	int64_t count = 0;
	CHECK(kept >= answers->safe);
	for (int64_t i = kept + 1; i <= answers->last; i++)
		count += *at(answers, i);
	return count;
}

void answers_clear(struct answers *answers)
{
	answers->safe = answers->last = 0;
}
