/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/ratecap.h"
#include "base/check.h"

void ratecap_init(struct ratecap *cap, double rate, double burst)
{
	CHECK(rate >= 1e-6 && burst >= 1);
	double interval = 1e9 / rate;
	*cap = (struct ratecap){.interval = (int64_t)(interval + 0.5),
				.ahead = (int64_t)((burst - 1) * interval + 0.5)};
}

bool ratecap_admits(struct ratecap *cap, int64_t now)
{
	int64_t due = cap->next > now ? cap->next : now;
	if (due - now > cap->ahead)
		return false;
	cap->next = due + cap->interval;
	return true;
}
