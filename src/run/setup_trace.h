/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `trace` of a variant: where its rows come from. */
#ifndef RUN_SETUP_TRACE_H
#define RUN_SETUP_TRACE_H

#include "run/setup.h"

/*
 * A trace laid over another; either may be NULL. Keys merge one by one, but a recipe that is named replaces one that is
 * written out, and a file or a recipe replaces the other. Of windows that are listed, keys of one window without `for`
 * change each; with it, it replaces them.
 */
const struct tree *setup_trace_merge(struct arena *arena, const struct tree *base, const struct tree *over);

/*
 * Lays a model file, or what is laid over one, over another: maps key by key, the section `trace` as above. Either may
 * be NULL.
 */
struct tree *setup_trace_lay(struct arena *arena, const struct tree *base, const struct tree *over);

/* Fills the setup's trace from the section as merged; NULL when there is none. False and messages on mistakes. */
bool setup_trace_load(struct setup *setup, const struct tree *trace, const struct param_reader *reader,
		      struct err *err);

/*
 * The host has opened the file of the setup's trace, whose rows come in these stretches (none: they say nothing of
 * windows), which are copied
 * into `arena`. False and a message when the warm-up leaves nothing of one of them.
 */
bool setup_trace_opened(struct setup *setup, const struct trace_window *stretch, int stretches, struct arena *arena,
			struct err *err);

/* Whether the warm-up of the setup's run leaves something of each of its windows; else a message at `place`. */
bool setup_trace_check_warmup(const struct setup *setup, const struct place *place, struct err *err);

/* Whether the trace has a window; else a message at `place`, of the term that names it. */
bool setup_trace_has_window(const struct setup *setup, int64_t window, const struct place *place, struct err *err);

/* The name of a window: "2016-07-01", or the number of a step. `buffer` holds DATE_TEXT. */
const char *setup_trace_window(const struct trace_window *window, char *buffer);

#endif
