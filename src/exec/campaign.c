/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec/campaign.h"
#include "exec/world.h"
#include "io/memory.h"
#include "io/results.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PILOTS = 5 };

void campaign_init(struct campaign *campaign, int slowest, const struct dist_reader *values)
{
	*campaign = (struct campaign){.slowest = slowest, .values = values};
}

void campaign_free(struct campaign *campaign)
{
	for (int i = 0; i < campaign->entries; i++)
		outcome_free(campaign->entry[i].outcome);
	for (int i = 0; i < campaign->files; i++)
		trace_file_close(campaign->file[i].file);
	free(campaign->file);
	free(campaign->entry);
}

/* Variants that say the same of the trace share its file: a pipe can be read once only. */
static struct trace_file *file_of(struct campaign *campaign, const struct setup *setup, struct err *err)
{
	for (int i = 0; i < campaign->files; i++)
		if (campaign->file[i].study == setup->study && tree_same(campaign->file[i].trace, setup->trace.tree))
			return campaign->file[i].file;
	struct trace_file *file =
		trace_file_open(setup->trace.tree, setup->study->path, setup->columns, campaign->values, err);
	if (!file)
		return NULL;
	campaign->file = memory_sized(campaign->file, (size_t)(campaign->files + 1), sizeof *campaign->file);
	campaign->file[campaign->files++] = (struct campaign_file){setup->study, setup->trace.tree, file, NULL};
	return file;
}

bool campaign_open(struct campaign *campaign, struct setup *setup, struct err *err)
{
	if (setup->trace.recipe)
		return true;
	struct trace_file *file = file_of(campaign, setup, err);
	return file && trace_file_tell(file, setup, setup->study->arena, err);
}

/* Equal results: a trace's file that two models call the same may lie beside each of them. */
static bool equals(const struct setup *a, const struct setup *b)
{
	return a->digest == b->digest && strcmp(a->name, b->name) == 0 &&
	       (b->trace.recipe || strcmp(a->study->path, b->study->path) == 0);
}

struct outcome *campaign_add(struct campaign *campaign, const struct setup *setup, struct err *err)
{
	for (int i = 0; i < campaign->entries; i++) {
		struct outcome *known = campaign->entry[i].outcome;
		if (equals(known->setup, setup))
			return known;
	}
	struct setup opened = *setup;
	struct trace_file *file = NULL;
	if (!campaign_open(campaign, &opened, err))
		return NULL;
	if (!setup->trace.recipe)
		file = file_of(campaign, setup, err);
	if (campaign->entries == campaign->room) {
		campaign->room = campaign->room ? 2 * campaign->room : 16;
		campaign->entry = memory_sized(campaign->entry, (size_t)campaign->room, sizeof *campaign->entry);
	}
	struct outcome *outcome = outcome_new(&opened, (int)setup->run.reps, campaign->slowest);
	campaign->entry[campaign->entries++] = (struct campaign_entry){outcome, file};
	return outcome;
}

static struct outcome *add_for_trial(void *campaign, const struct setup *setup, struct err *err)
{
	return campaign_add(campaign, setup, err);
}

struct trial_host campaign_trials(struct campaign *campaign)
{
	return (struct trial_host){add_for_trial, campaign};
}

typedef void progress_fn(void *host, const struct exec_progress *progress);

/* ---- warm-up ---- */

struct pilot {
	struct outcome *outcome;
	struct setup setup;
	struct arena arena;
	struct meters meters;
};

static void pilot_finished(void *host, const struct exec_job *job, const struct replay *replay,
			   const struct row_records *records)
{
	struct pilot *pilot = job->of;
	(void)host;
	(void)records;
	/* More windows than one are a mistake that is told at the end. */
	if (pilot->meters.windows == 0 || pilot->meters.windows == replay->meters.windows)
		meters_merge(&pilot->meters, &replay->meters);
	else
		pilot->meters.windows = 2;
}

static bool pilot_end(struct pilot *pilot, struct err *err)
{
	const struct setup *setup = pilot->outcome->setup;
	int bins;
	struct warmup warmup = warmup_find(&pilot->meters, &bins);
	if (pilot->meters.windows > 1)
		return err_add(err, ERR_MODEL, NULL,
			       "%s: warmup: auto is for a trace of one window, this one has more; say how much of each "
			       "is not counted, e.g. warmup: 5 s",
			       setup->name);
	if (bins < SETUP_WARMUP_BINS)
		return err_add(err, ERR_MODEL, NULL,
			       "%s: warmup: auto needs a series of %d bins or more, this trace has %d: make series "
			       "shorter",
			       setup->name, SETUP_WARMUP_BINS, bins);
	outcome_cut(pilot->outcome, &warmup);
	return true;
}

enum exec_end campaign_warm(struct campaign *campaign, int threads, progress_fn *progress, void *host,
			    const volatile sig_atomic_t *stop, struct err *err)
{
	struct pilot *pilot = memory_zeroed((size_t)campaign->entries, sizeof *pilot);
	struct exec_job *jobs = memory_zeroed((size_t)campaign->entries * PILOTS, sizeof *jobs);
	int pilots = 0, count = 0;
	for (int i = 0; i < campaign->entries; i++) {
		struct outcome *outcome = campaign->entry[i].outcome;
		if (outcome->setup->run.warmup != SETUP_WARMUP_AUTO)
			continue;
		struct pilot *one = &pilot[pilots++];
		one->outcome = outcome;
		one->setup = *outcome->setup;
		one->setup.run.warmup = 0;
		arena_init(&one->arena);
		meters_init(&one->meters, &one->arena, one->setup.metrics, 0, one->setup.run.series);
		for (int rep = 0; rep < PILOTS; rep++)
			jobs[count++] = (struct exec_job){.setup = &one->setup, .replication = rep,
							  .file = campaign->entry[i].file, .of = one};
	}
	struct exec_host exec_host = {.finished = pilot_finished, .progress = progress, .host = host};
	enum exec_end end = EXEC_DONE;
	if (count > 0)
		end = exec_run(jobs, count, threads, &exec_host, stop, err);
	for (int i = 0; i < pilots; i++) {
		if (end == EXEC_DONE && !pilot_end(&pilot[i], err))
			end = EXEC_FAILED;
		arena_free(&pilot[i].arena);
	}
	free(jobs);
	free(pilot);
	return end;
}

/* ---- all ---- */

static void finished(void *host, const struct exec_job *job, const struct replay *replay,
		     const struct row_records *records)
{
	(void)host;
	outcome_add(job->of, replay, job->replication, records);
}

static int64_t wanted(const struct outcome *outcome, int64_t reps)
{
	int64_t all = outcome->setup->run.reps;
	return reps < all ? reps : all;
}

/* Windows of files are known since these have been opened: those that somebody asks for must be there. */
static bool check_windows(const struct campaign *campaign, struct err *err)
{
	bool good = true;
	for (int i = 0; i < campaign->entries && !campaign->any_window; i++) {
		const struct outcome *outcome = campaign->entry[i].outcome;
		for (int t = 0; campaign->entry[i].file && outcome->reps == 0 && t < outcome->terms; t++) {
			const struct term *term = &outcome->term[t];
			if (term->windowed)
				good = setup_trace_has_window(outcome->setup, term->window, &term->place, err) && good;
		}
	}
	return good;
}

enum exec_end campaign_run_to(struct campaign *campaign, int64_t reps, int threads, progress_fn *progress, void *host,
			      const volatile sig_atomic_t *stop, struct err *err)
{
	int64_t count = 0, most = 0;
	if (!check_windows(campaign, err))
		return EXEC_FAILED;
	enum exec_end end = campaign_warm(campaign, threads, progress, host, stop, err);
	if (end != EXEC_DONE)
		return end;
	for (int i = 0; i < campaign->entries; i++) {
		const struct outcome *outcome = campaign->entry[i].outcome;
		int64_t to = wanted(outcome, reps);
		count += to > outcome->reps ? to - outcome->reps : 0;
		most = to > most ? to : most;
	}
	struct exec_job *jobs = memory_zeroed((size_t)count + 1, sizeof(*jobs));
	int job = 0;
	for (int64_t rep = 0; rep < most; rep++)
		for (int i = 0; i < campaign->entries; i++) {
			struct campaign_entry *entry = &campaign->entry[i];
			if (rep >= entry->outcome->reps && rep < wanted(entry->outcome, reps))
				jobs[job++] = (struct exec_job){.setup = entry->outcome->setup, .replication = rep,
								.file = entry->file, .of = entry->outcome,
								.slowest = entry->outcome->kept};
		}
	struct exec_host exec_host = {.finished = finished, .progress = progress, .host = host};
	end = exec_run(jobs, job, threads, &exec_host, stop, err);
	free(jobs);
	return end;
}

enum exec_end campaign_run(struct campaign *campaign, int threads, progress_fn *progress, void *host,
			   const volatile sig_atomic_t *stop, struct err *err)
{
	return campaign_run_to(campaign, INT64_MAX, threads, progress, host, stop, err);
}

const struct trace_file *campaign_file(const struct campaign *campaign, const struct outcome *outcome)
{
	for (int i = 0; i < campaign->entries; i++)
		if (campaign->entry[i].outcome == outcome)
			return campaign->entry[i].file;
	return NULL;
}

const char *campaign_contents(struct campaign *campaign, const struct outcome *outcome, struct arena *arena)
{
	const struct trace_file *file = campaign_file(campaign, outcome);
	char digest[RESULTS_DIGEST];
	struct stat status;
	for (int i = 0; file && i < campaign->files; i++) {
		struct campaign_file *at = &campaign->file[i];
		const char *name = trace_file_name(at->file);
		if (at->file != file)
			continue;
		if (!at->contents && stat(name, &status) == 0 && S_ISREG(status.st_mode))
			at->contents = arena_text(arena, results_digest(world_file_digest(name), digest));
		return at->contents;
	}
	return NULL;
}
