/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers on their way count as there when it is decided whether to order more, or each period would order the same
 * ones again.
 */
#include "model/autoscaler.h"
#include "base/check.h"

#include <math.h>

void autoscaler_init(struct autoscaler *scaler, int64_t servers, int64_t least, int64_t most, double target,
		     int64_t delay, double shrink)
{
	CHECK(least >= 1 && servers >= least && most >= servers && target > 0);
	*scaler = (struct autoscaler){.servers = servers, .least = least, .most = most, .target = target,
				      .delay = delay, .shrink = shrink};
}

int64_t autoscaler_take(struct autoscaler *scaler, int64_t now)
{
	int kept = 0;
	for (int i = 0; i < scaler->orders; i++) {
		struct autoscaler_order order = scaler->order[i];
		if (order.ready > now) {
			scaler->order[kept++] = order;
			continue;
		}
		scaler->servers += order.count;
		scaler->ordered -= order.count;
	}
	scaler->orders = kept;
	return scaler->servers;
}

int64_t autoscaler_order(struct autoscaler *scaler, int64_t now, int64_t count, int64_t delay)
{
	int64_t room = scaler->most - scaler->servers - scaler->ordered;
	if (count > room)
		count = room;
	if (count <= 0 || scaler->orders == AUTOSCALER_ORDERS)
		return 0;
	scaler->order[scaler->orders++] = (struct autoscaler_order){now + delay, count};
	scaler->ordered += count;
	return count;
}

int64_t autoscaler_step(struct autoscaler *scaler, int64_t now, double busy)
{
	autoscaler_take(scaler, now);
	double wanted = ceil(busy / scaler->target);
	int64_t aim = wanted < (double)scaler->most ? (int64_t)wanted : scaler->most;
	if (aim < scaler->least)
		aim = scaler->least;
	int64_t coming = scaler->servers + scaler->ordered;
	if (aim > coming) {
		autoscaler_order(scaler, now, aim - coming, scaler->delay);
	} else if (aim < scaler->servers && scaler->ordered == 0) {
		int64_t back = (int64_t)((double)scaler->servers * scaler->shrink);
		if (back < 1)
			back = 1;
		if (back > scaler->servers - aim)
			back = scaler->servers - aim;
		scaler->servers -= back;
	}
	return scaler->servers;
}
