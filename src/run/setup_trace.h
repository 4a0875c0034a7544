/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `trace` of a variant: where its rows come from. */
#ifndef RUN_SETUP_TRACE_H
#define RUN_SETUP_TRACE_H

#include "run/setup.h"

/*
 * A trace laid over another; either may be NULL. Keys merge one by one, but a recipe that is named replaces one that is
 * written out, and a file or a recipe replaces the other.
 */
const struct tree *setup_trace_merge(struct arena *arena, const struct tree *base, const struct tree *over);

/* Fills the setup's trace from the section as merged; NULL when there is none. False and messages on mistakes. */
bool setup_trace_load(struct setup *setup, const struct tree *trace, const struct param_reader *reader,
		      struct err *err);

/* The name of a window: "2016-07-01", or the number of a step. `buffer` holds DATE_TEXT. */
const char *setup_trace_window(const struct recipe_window *window, char *buffer);

#endif
