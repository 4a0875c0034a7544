/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The observer of effects beside an array that counts the same, on random sequences; strays; what it forgets. */
#include "engine/rng.h"
#include "model/effects.h"
#include "tap.h"

enum { THINGS = 50, STEPS = 100000 };

int main(void)
{
	struct arena arena;
	arena_init(&arena);
	struct effects effects;
	effects_init(&effects, &arena);
	struct rng rng = rng_of(rng_stream(1, 0, "effects"), 0);
	bool watched[THINGS] = {false};
	int64_t times[THINGS] = {0}, since[THINGS] = {0}, wrong = 0, strays = 0, twice = 0, open = 0;
	for (int64_t step = 0; step < STEPS; step++) {
		uint64_t i = rng_below(&rng, THINGS), thing = i << 40;
		if (rng_below(&rng, 2)) {
			const struct effects_thing *seen = effects_happen(&effects, thing);
			wrong += (seen != NULL) != watched[i];
			strays += !watched[i];
			times[i] += watched[i];
			wrong += seen && (seen->times != times[i] || seen->since != since[i]);
			twice += seen && seen->times > 1;
		} else if (watched[i]) {
			wrong += effects_end(&effects, thing) != times[i];
			watched[i] = false;
			open--;
		} else {
			effects_begin(&effects, thing, step);
			since[i] = step;
			times[i] = 0;
			watched[i] = true;
			open++;
		}
	}
	is_int(wrong, 0, "as an array counts");
	ok(twice > STEPS / 20, "canary: what happened more than once was seen (%lld times)", (long long)twice);
	is_int((long long)effects.strays, strays, "what nobody watches is counted as well");
	is_int((long long)effects.things.count, open, "only what is watched takes room");
	arena_free(&arena);
	return done_testing();
}
