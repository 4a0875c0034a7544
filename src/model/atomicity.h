/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An observer of transactions that several take part in: sees, in true time, what each of them makes of it and what the
 * client was told, and counts those that are committed by one and aborted by another. It watches only; nobody who is
 * watched can ask it.
 */
#ifndef MODEL_ATOMICITY_H
#define MODEL_ATOMICITY_H

#include "engine/meter.h"

enum atomicity_outcome { ATOMICITY_OPEN, ATOMICITY_COMMITTED, ATOMICITY_ABORTED };

/* A transaction that is watched; zeroed when it begins. */
struct atomicity_thing {
	int committed, aborted;          /* participants */
	enum atomicity_outcome told;     /* to the client */
	bool broken;
};

struct atomicity {
	uint64_t things;                 /* whose outcome somebody has made his own */
	uint64_t broken;
	struct booking booking;          /* COUNT: broken ones, when they break */
};

/* A participant commits or aborts. True: this has broken it. */
bool atomicity_finish(struct atomicity *atomicity, struct atomicity_thing *thing, enum atomicity_outcome outcome,
		      int64_t now);

/* The client is told that it was committed, or aborted. True: this has broken it. */
bool atomicity_tell(struct atomicity *atomicity, struct atomicity_thing *thing, enum atomicity_outcome outcome,
		    int64_t now);

#endif
