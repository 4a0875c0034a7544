/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/campaign.h"

#include <stdlib.h>
#include <string.h>

void campaign_init(struct campaign *campaign, int slowest, const struct dist_reader *values)
{
	*campaign = (struct campaign){.slowest = slowest, .values = values};
}

void campaign_free(struct campaign *campaign)
{
	for (int i = 0; i < campaign->entries; i++) {
		struct trace_file *file = campaign->entry[i].file;
		for (int k = i + 1; k < campaign->entries; k++)
			if (campaign->entry[k].file == file)
				campaign->entry[k].file = NULL;
		if (file)
			trace_file_close(file);
		outcome_free(campaign->entry[i].outcome);
	}
	free(campaign->entry);
}

/* Variants that say the same of the trace share its file: a pipe can be read once only. */
static struct trace_file *file_of(struct campaign *campaign, const struct setup *setup, struct err *err)
{
	for (int i = 0; i < campaign->entries; i++)
		if (campaign->entry[i].file && campaign->entry[i].outcome->setup->study == setup->study &&
		    tree_same(campaign->entry[i].outcome->setup->trace.tree, setup->trace.tree))
			return campaign->entry[i].file;
	return trace_file_open(setup->trace.tree, setup->study->path, setup->of->columns, campaign->values, err);
}

struct outcome *campaign_add(struct campaign *campaign, const struct setup *setup, struct err *err)
{
	for (int i = 0; i < campaign->entries; i++) {
		const struct setup *known = campaign->entry[i].outcome->setup;
		if (known->digest == setup->digest && strcmp(known->name, setup->name) == 0)
			return campaign->entry[i].outcome;
	}
	struct trace_file *file = NULL;
	if (!setup->trace.recipe && !(file = file_of(campaign, setup, err)))
		return NULL;
	if (campaign->entries == campaign->room) {
		campaign->room = campaign->room ? 2 * campaign->room : 16;
		campaign->entry = realloc(campaign->entry, (size_t)campaign->room * sizeof(*campaign->entry));
		if (!campaign->entry)
			check_out_of_memory((size_t)campaign->room * sizeof(*campaign->entry));
	}
	struct outcome *outcome = outcome_new(setup, (int)setup->run.reps, campaign->slowest);
	campaign->entry[campaign->entries++] = (struct campaign_entry){outcome, file};
	return outcome;
}

static void finished(void *host, const struct exec_job *job, const struct replay *replay, uint64_t skipped)
{
	(void)host;
	outcome_add(job->of, replay, job->replication, skipped);
}

enum exec_end campaign_run(struct campaign *campaign, int threads,
			   void (*progress)(void *host, const struct exec_progress *progress), void *host,
			   const volatile sig_atomic_t *stop, struct err *err)
{
	int64_t count = 0, most = 0;
	for (int i = 0; i < campaign->entries; i++) {
		int64_t reps = campaign->entry[i].outcome->setup->run.reps;
		count += reps;
		most = reps > most ? reps : most;
	}
	struct exec_job *jobs = calloc((size_t)count + 1, sizeof(*jobs));
	if (!jobs)
		check_out_of_memory((size_t)count * sizeof(*jobs));
	int job = 0;
	for (int64_t rep = 0; rep < most; rep++)
		for (int i = 0; i < campaign->entries; i++) {
			struct campaign_entry *entry = &campaign->entry[i];
			if (rep < entry->outcome->setup->run.reps)
				jobs[job++] = (struct exec_job){.setup = entry->outcome->setup, .replication = rep,
								.file = entry->file, .of = entry->outcome};
		}
	struct exec_host exec_host = {.finished = finished, .progress = progress, .host = host};
	enum exec_end end = exec_run(jobs, job, threads, campaign->slowest, &exec_host, stop, err);
	free(jobs);
	return end;
}

const struct trace_file *campaign_file(const struct campaign *campaign, const struct outcome *outcome)
{
	for (int i = 0; i < campaign->entries; i++)
		if (campaign->entry[i].outcome == outcome)
			return campaign->entry[i].file;
	return NULL;
}
