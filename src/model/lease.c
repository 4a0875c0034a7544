/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing happens when a lease ends: whoever looks next finds out. */
#include "model/lease.h"
#include "base/check.h"

uint64_t lease_holder(const struct lease *lease, int64_t local)
{
	return lease->holder && local < lease->expires ? lease->holder : 0;
}

int64_t lease_remains(const struct lease *lease, int64_t local, int64_t delay)
{
	int64_t until = lease->holder ? lease->expires + delay : lease->free_at;
	return until > local ? until - local : 0;
}

bool lease_acquire(struct lease *lease, int64_t local, uint64_t holder, int64_t length, int64_t delay)
{
	CHECK(holder > 0);
	if (lease_holder(lease, local) != holder && lease_remains(lease, local, delay) > 0)
		return false;
	lease->holder = holder;
	lease->token++;
	lease->expires = local + length;
	return true;
}

bool lease_renew(struct lease *lease, int64_t local, uint64_t holder, int64_t length)
{
	if (lease_holder(lease, local) != holder)
		return false;
	lease->expires = local + length;
	return true;
}

bool lease_release(struct lease *lease, int64_t local, uint64_t holder, bool unchecked)
{
	uint64_t present = lease_holder(lease, local);
	if (!present || (present != holder && !unchecked))
		return false;
	lease->holder = 0;
	lease->free_at = local;
	return true;
}

bool fence_admits(struct fence *fence, uint64_t token)
{
	if (token < fence->greatest)
		return false;
	fence->greatest = token;
	return true;
}
