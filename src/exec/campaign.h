/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The setups of a study that are to be run, each with all its replications; equal setups are run once. Trace files are
 * opened once and shared.
 */
#ifndef EXEC_CAMPAIGN_H
#define EXEC_CAMPAIGN_H

#include "exec/exec.h"
#include "stats/trial.h"

struct campaign_entry {
	struct outcome *outcome;
	struct trace_file *file; /* NULL with a recipe */
};

/* A trace file that is open, for what this study says of it. */
struct campaign_file {
	const struct study *study;
	const struct tree *trace;
	struct trace_file *file;
	const char *contents; /* by campaign_contents */
};

struct campaign {
	struct campaign_entry *entry;
	int entries, room;
	struct campaign_file *file;
	int files;
	int slowest;
	bool any_window; /* terms of windows that a trace does not have are no mistake, and have no value */
	const struct dist_reader *values;
};

/* `slowest` journeys are kept of each setup; `values` reads empirical distributions in the maps of trace files. */
void campaign_init(struct campaign *campaign, int slowest, const struct dist_reader *values);
void campaign_free(struct campaign *campaign);

/*
 * Opens the file of the setup's trace, and tells the setup its windows, for those who want to know them before they add
 * it. False and messages when the file cannot be used.
 */
bool campaign_open(struct campaign *campaign, struct setup *setup, struct err *err);

/*
 * Adds a setup, or finds it among those added: the outcome that its replications will be collected in. The setup must
 * outlive the campaign. NULL and messages when its trace file cannot be used.
 */
struct outcome *campaign_add(struct campaign *campaign, const struct setup *setup, struct err *err);

/*
 * Finds the warm-up of every setup that says `auto` and has none yet, from pilots: its first replications, run without
 * one. Running a campaign begins with this; it is for those who want to know before. On mistakes EXEC_FAILED and a
 * message.
 */
enum exec_end campaign_warm(struct campaign *campaign, int threads,
			    void (*progress)(void *host, const struct exec_progress *progress), void *host,
			    const volatile sig_atomic_t *stop, struct err *err);

/*
 * Runs replications until every setup has `reps` of them, or all that it asks for when these are fewer. What has been
 * run is not run again: going up in steps gives the same as going there at once.
 */
enum exec_end campaign_run_to(struct campaign *campaign, int64_t reps, int threads,
			      void (*progress)(void *host, const struct exec_progress *progress), void *host,
			      const volatile sig_atomic_t *stop, struct err *err);

/*
 * Runs all replications of all setups, replication by replication, so that every setup has some when it is interrupted.
 * Outcomes are filled as far as it gets.
 */
enum exec_end campaign_run(struct campaign *campaign, int threads,
			   void (*progress)(void *host, const struct exec_progress *progress), void *host,
			   const volatile sig_atomic_t *stop, struct err *err);

/* The campaign as the host of trials; `campaign` must outlive it. */
struct trial_host campaign_trials(struct campaign *campaign);

/* The trace file of an outcome, or NULL. */
const struct trace_file *campaign_file(const struct campaign *campaign, const struct outcome *outcome);

/* A digest of what is in that file, in the arena; NULL: there is none, or it is a pipe, which can be read once. */
const char *campaign_contents(struct campaign *campaign, const struct outcome *outcome, struct arena *arena);

#endif
