/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What clients believe a name means. The answer of the name changes at known times; a client asks again once in a
 * lifetime, at a phase of its own, and believes in between what it was told. Some resolvers keep answers for longer
 * than they were told to.
 */
#ifndef MODEL_RESOLVER_H
#define MODEL_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

enum { RESOLVER_CHANGES = 64 };

struct resolver {
	int64_t lifetime, longer; /* ns that an answer is kept; by those who keep it longer */
	double violators;         /* share of those */
	int initial, changes;
	struct resolver_change {
		int64_t at;
		int answer;
	} change[RESOLVER_CHANGES];
};

void resolver_init(struct resolver *resolver, int64_t lifetime, double violators, int64_t longer, int initial);

/* The name means `answer` from now on. Changes come in order of time. */
void resolver_change(struct resolver *resolver, int64_t now, int answer);

/* What the client believes now. */
int resolver_answer(const struct resolver *resolver, uint64_t client, int64_t now);

#endif
