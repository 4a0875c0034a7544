/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/backoff.h"
#include "base/check.h"

#include <string.h>

static int64_t uniform(int64_t below, struct rng *rng)
{
	return (int64_t)(rng_unit(rng) * (double)below);
}

static int64_t none(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng)
{
	(void)backoff;
	(void)sleep;
	(void)last;
	(void)rng;
	return 0;
}

static int64_t exponential(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng)
{
	(void)backoff;
	(void)last;
	(void)rng;
	return sleep;
}

static int64_t equal(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng)
{
	(void)backoff;
	(void)last;
	return sleep / 2 + uniform(sleep / 2, rng);
}

static int64_t full(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng)
{
	(void)backoff;
	(void)last;
	return uniform(sleep, rng);
}

static int64_t decorrelated(const struct backoff *backoff, int64_t sleep, int64_t last, struct rng *rng)
{
	(void)sleep;
	int64_t range = 3 * last - backoff->base;
	int64_t wait = backoff->base + uniform(range > 0 ? range : 0, rng);
	return wait < backoff->most ? wait : backoff->most;
}

#define BACKOFFS(_) _(none) _(exponential) _(equal) _(full) _(decorrelated)

#define KIND(kind) static const struct backoff_kind kind_##kind = {#kind, kind};
BACKOFFS(KIND)

#define LISTED(kind) &kind_##kind,
const struct backoff_kind *const backoff_kinds[] = {BACKOFFS(LISTED) NULL};

#define NAME(kind) #kind,
const char *const backoff_names[] = {BACKOFFS(NAME) NULL};

const struct backoff_kind *backoff_find(const char *name)
{
	for (int i = 0; backoff_kinds[i]; i++)
		if (strcmp(backoff_kinds[i]->name, name) == 0)
			return backoff_kinds[i];
	return NULL;
}

int64_t backoff_wait(const struct backoff *backoff, int retry, int64_t last, struct rng *rng)
{
	CHECK(retry >= 1);
	int64_t sleep = backoff->base;
	for (int i = 1; i < retry && sleep < backoff->most; i++)
		sleep *= 2;
	if (sleep > backoff->most)
		sleep = backoff->most;
	return backoff->kind->wait(backoff, sleep, retry > 1 ? last : backoff->base, rng);
}
