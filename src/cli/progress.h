/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bar on a terminal while replications run: part of all, simulated time, rows per second, time left. Nothing where
 * standard error is no terminal, or with -q.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "exec/campaign.h"

/* Paints an empty bar at once. */
void progress_begin(void);

/* For exec_run; `host` is not used. */
void progress_paint(void *host, const struct exec_progress *progress);

/* The same bar with a text of the caller's; the time that is left is judged from `seconds` so far. */
void progress_show(double part, double seconds, const char *what);

/* Takes the bar away. */
void progress_end(void);

/* campaign_run under a bar. */
enum exec_end progress_campaign(struct campaign *campaign, int threads, const volatile sig_atomic_t *stop,
				struct err *err);

#endif
