/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A post with its model run: what its expressions come to, whether its checks hold, its figures, and what came of the
 * model's claims. Variants, replications and so the digest of its figures are those of `casebook run`.
 *
 *   measured = measured_new(arena, post, study, values, err)      asks for everything
 *   campaign_run(&measured->campaign, ...)                        by the caller
 *   measured_judge(measured, err)                                 checks that do not hold are mistakes
 */
#ifndef POST_MEASURED_H
#define POST_MEASURED_H

#include "base/text.h"
#include "exec/campaign.h"
#include "figure/chart.h"
#include "post/post.h"
#include "stats/judgement.h"

enum { MEASURED_MAX = 256 };

struct measured {
	struct arena *arena;
	const struct post *post;
	struct study *study;
	struct campaign campaign;
	struct outcome *outcome[MEASURED_MAX]; /* first those of a run, then those that only the text needs */
	int run, outcomes;
	const struct study_figure *figure[MEASURED_MAX]; /* that the post shows, each once; the card's is the first */
	int figures;
	struct judgement *claim[MEASURED_MAX];
	int claims;
	struct trial *check[MEASURED_MAX]; /* beside the post's checks */
};

/* NULL and messages with lines when something that the post names is not there. */
struct measured *measured_new(struct arena *arena, const struct post *post, struct study *study, struct err *err);
void measured_free(struct measured *measured);

/* Once all has run: judges claims and checks. False and a message for each check that does not hold, or is not settled.
 */
bool measured_judge(struct measured *measured, struct err *err);

/* A text with its expressions computed. */
const char *measured_words(const struct measured *measured, const struct tree *words, struct err *err);

/* Figure number `index`, with the given footer. */
struct figure *measured_figure(const struct measured *measured, int index, const char *footer, struct err *err);

/* Adds the body as Markdown; `put` adds a figure as it should stand there, with its caption. */
typedef void measured_figure_fn(void *context, const char *name, const char *caption, struct text *into);
bool measured_body(const struct measured *measured, measured_figure_fn *put, void *context, struct text *into,
		   struct err *err);

/* Adds the table of the model's claims as Markdown. */
void measured_claims(const struct measured *measured, struct text *into);

#endif
