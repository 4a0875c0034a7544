/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/breaker.h"
#include "base/check.h"

void breaker_init(struct breaker *breaker, double share, int64_t of, int64_t lasts)
{
	CHECK(share >= 0 && share <= 1 && (share == 0 || (of >= 1 && of <= BREAKER_MEMORY)) && lasts >= 0);
	*breaker = (struct breaker){.share = share, .of = (int)of, .lasts = lasts, .since = INT64_MIN};
}

static void enter(struct breaker *breaker, enum breaker_state state, int64_t now)
{
	breaker->state = state;
	breaker->since = now;
	breaker->failures = 0;
	breaker->seen = 0;
	breaker->opened += state == BREAKER_OPEN;
}

bool breaker_admits(struct breaker *breaker, int64_t now)
{
	if (breaker->state == BREAKER_CLOSED)
		return true;
	if (now - breaker->since < breaker->lasts)
		return false;
	enter(breaker, BREAKER_HALF_OPEN, now);
	return true;
}

void breaker_saw(struct breaker *breaker, int64_t now, int64_t asked, bool failed)
{
	if (breaker->share == 0 || breaker->state == BREAKER_OPEN || asked < breaker->since)
		return;
	if (breaker->state == BREAKER_HALF_OPEN) {
		enter(breaker, failed ? BREAKER_OPEN : BREAKER_CLOSED, now);
		return;
	}
	uint64_t remembered = breaker->of < BREAKER_MEMORY ? (UINT64_C(1) << breaker->of) - 1 : UINT64_MAX;
	breaker->failures = (breaker->failures << 1 | failed) & remembered;
	breaker->seen += breaker->seen < breaker->of;
	int failures = 0;
	for (uint64_t left = breaker->failures; left; left &= left - 1)
		failures++;
	if (breaker->seen == breaker->of && (double)failures >= breaker->share * (double)breaker->of)
		enter(breaker, BREAKER_OPEN, now);
}
