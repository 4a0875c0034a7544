/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has been found out of a state, as JSON (web/web.h tells its form). */
#ifndef WEB_FINDINGS_H
#define WEB_FINDINGS_H

#include "web/jsontext.h"
#include "web/side.h"
#include "web/state.h"

struct findings {
	const struct state *state;
	struct side *side;
	const struct side *standard; /* the default; NULL: it has not run, or it is the state */
	const char *job;
	bool done, whole;            /* the job; everything that it could find, ablations too */
	int64_t of;                  /* replications there will be */
};

void findings_put(struct jsontext *json, const struct findings *findings);

#endif
