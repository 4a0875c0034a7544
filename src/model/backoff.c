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

#define TYPE(kind) static const struct backoff_type type_##kind = {#kind, kind};
BACKOFFS(TYPE)

#define LISTED(kind) &type_##kind,
const struct backoff_type *const backoff_types[] = {BACKOFFS(LISTED) NULL};

#define NAME(kind) #kind,
const char *const backoff_names[] = {BACKOFFS(NAME) NULL};

const struct backoff_type *backoff_find(const char *name)
{
	for (int i = 0; backoff_types[i]; i++)
		if (strcmp(backoff_types[i]->name, name) == 0)
			return backoff_types[i];
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
	return backoff->type->wait(backoff, sleep, retry > 1 ? last : backoff->base, rng);
}
