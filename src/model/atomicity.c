/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/atomicity.h"

/* A transaction is broken when one side of it counts as committed and another one as aborted; once. */
static bool look(struct atomicity *atomicity, struct atomicity_thing *thing, int64_t now)
{
	bool committed = thing->committed > 0 || thing->told == ATOMICITY_COMMITTED;
	bool aborted = thing->aborted > 0 || thing->told == ATOMICITY_ABORTED;
	if (thing->broken || !committed || !aborted)
		return false;
	thing->broken = true;
	atomicity->broken++;
	booking_count(atomicity->booking, now, 1);
	return true;
}

bool atomicity_finish(struct atomicity *atomicity, struct atomicity_thing *thing, enum atomicity_outcome outcome,
		      int64_t now)
{
	CHECK(outcome != ATOMICITY_OPEN);
	atomicity->things += thing->committed + thing->aborted == 0;
	thing->committed += outcome == ATOMICITY_COMMITTED;
	thing->aborted += outcome == ATOMICITY_ABORTED;
	return look(atomicity, thing, now);
}

bool atomicity_tell(struct atomicity *atomicity, struct atomicity_thing *thing, enum atomicity_outcome outcome,
		    int64_t now)
{
	CHECK(outcome != ATOMICITY_OPEN && thing->told == ATOMICITY_OPEN);
	thing->told = outcome;
	return look(atomicity, thing, now);
}
