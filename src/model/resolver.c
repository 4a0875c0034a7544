/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nothing is kept for a client: when it last asked follows from its number and the time.
 */
#include "model/resolver.h"
#include "base/check.h"
#include "engine/rng.h"

void resolver_init(struct resolver *resolver, int64_t lifetime, double violators, int64_t longer, int initial)
{
	CHECK(lifetime >= 0 && longer >= 0);
	*resolver = (struct resolver){.lifetime = lifetime, .longer = longer, .violators = violators,
				      .initial = initial};
}

void resolver_change(struct resolver *resolver, int64_t now, int answer)
{
	if (resolver->changes == RESOLVER_CHANGES) { /* the oldest is forgotten by everybody */
		resolver->initial = resolver->change[0].answer;
		for (int i = 1; i < RESOLVER_CHANGES; i++)
			resolver->change[i - 1] = resolver->change[i];
		resolver->changes--;
	}
	resolver->change[resolver->changes++] = (struct resolver_change){now, answer};
}

int resolver_answer(const struct resolver *resolver, uint64_t client, int64_t now)
{
	uint64_t bits = rng_mix(client + UINT64_C(0x9e3779b97f4a7c15));
	bool violates = (double)(int64_t)(bits >> 11) * 0x1p-53 < resolver->violators;
	int64_t lifetime = violates ? resolver->longer : resolver->lifetime, asked = now;
	if (lifetime > 0) {
		int64_t phase = (int64_t)(rng_mix(bits) % (uint64_t)lifetime);
		asked = now - (now + lifetime - phase) % lifetime;
	}
	int answer = resolver->initial;
	for (int i = 0; i < resolver->changes && resolver->change[i].at <= asked; i++)
		answer = resolver->change[i].answer;
	return answer;
}
