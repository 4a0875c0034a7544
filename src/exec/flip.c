/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/flip.h"

#include <math.h>

static double round_value(void *self, double x)
{
	const struct flip *flip = self;
	return knob_round(&flip->knob, x);
}

static bool holds(const struct claim *claim, const struct verdict_of_one *one, int which)
{
	return expectation_holds(&claim->expect[which], one[which].left.mean, one[which].low, one[which].high);
}

static void judge(const struct flip *flip, const struct trial *trial, struct search_point *point)
{
	const struct claim *claim = flip->claim;
	struct flip_detail *detail = ARENA_NEW(flip->study->arena, struct flip_detail);
	detail->one = trial_judge(flip->study, trial);
	detail->reps = trial->side ? trial->side->outcome->reps : 0;
	point->detail = detail;
	point->verdict = verdict_all(detail->one, claim->expects);
	point->holds = true;
	for (int i = 0; i < claim->expects; i++)
		point->holds = point->holds && holds(claim, detail->one, i);
}

static bool try_value(void *self, struct search_point *point, struct err *err)
{
	struct flip *flip = self;
	struct campaign campaign;
	int before = err->count;
	campaign_init(&campaign, 0, flip->values);
	const struct trial_host trials = campaign_trials(&campaign);
	const struct trial *trial =
		trial_new(flip->study, flip->claim, knob_tree(&flip->knob, point->x, flip->study->arena), flip->variant,
			  &trials, err);
	flip->end = EXEC_FAILED;
	if (trial && err->count == before)
		flip->end = flip->run(flip->host, &campaign, err);
	if (flip->end == EXEC_DONE)
		judge(flip, trial, point);
	campaign_free(&campaign);
	if (flip->end == EXEC_DONE && flip->tell)
		flip->tell(flip->host, point);
	return flip->end == EXEC_DONE;
}

void flip_begin(struct flip *flip, double within)
{
	flip->end = EXEC_DONE;
	flip->search = (struct search){
		.within = within, .whole = flip->knob.whole, .round = round_value, .try = try_value, .host = flip};
}

const struct flip_detail *flip_detail(const struct search_point *point)
{
	return point->detail;
}

bool flip_measured(const struct flip *flip)
{
	const double end[] = {flip->result.below, flip->result.above};
	for (int k = 0; k < 2; k++) {
		const struct verdict_of_one *one = flip_detail(search_at(&flip->search, end[k]))->one;
		for (int i = 0; i < flip->claim->expects; i++)
			if (isnan(one[i].left.mean) || isnan(one[i].low))
				return false;
	}
	return true;
}

int flip_expectation(const struct flip *flip)
{
	const struct verdict_of_one *below = flip_detail(search_at(&flip->search, flip->result.below))->one;
	const struct verdict_of_one *above = flip_detail(search_at(&flip->search, flip->result.above))->one;
	for (int i = 0; i < flip->claim->expects; i++)
		if (holds(flip->claim, below, i) != holds(flip->claim, above, i))
			return i;
	return 0;
}
