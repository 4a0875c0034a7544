/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every point is tried before any runs. The database is what a sweep leaves behind; tables and figures are made from it
 * once all runs are in it.
 */
#include "cli/command.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/message.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/sweep_figure.h"
#include "cli/version.h"
#include "exec/exec.h"
#include "exec/ranks.h"
#include "exec/tables.h"
#include "io/memory.h"
#include "io/output.h"
#include "io/resultdir.h"
#include "io/paths.h"
#include "plot/figure_files.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct sweep_options {
	struct study_options study;
	struct option_texts grid, zip;
	const char *where, *show;
	struct drawing_options drawing;
	int64_t jobs;
	bool dry_run, resume, markdown;
};

static const struct option options[] = {
	OPTION_TEXTS(struct sweep_options, grid, "grid", 0, "KEY=VALUES",
		     "sweep a key over a list A,B,C or a range LOW:HIGH:N or LOW:HIGH:N:log; several make a grid"),
	OPTION_TEXTS(struct sweep_options, zip, "zip", 0, "KEY=VALUES",
		     "the same; all keys given this way go in lockstep"),
	OPTION_TEXT(struct sweep_options, where, "where", 0, "CONDITION",
		    "only points that it holds for: 'nodes > 48 and rtt < 5 ms'"),
	OPTION_FLAG(struct sweep_options, dry_run, "dry-run", 'n', "list points, runs, time and disk; run nothing"),
	OPTION_FLAG(struct sweep_options, resume, "resume", 0, "continue the same sweep from what DIR holds"),
	STUDY_OPTIONS(struct sweep_options, study),
	OPTION_TEXT(struct sweep_options, show, "show", 0, "METRIC",
		    "what figures and the table show, e.g. 'p99(wait)'; default: p99 of the case's first time"),
	OPTION_MARKDOWN(struct sweep_options, markdown),
	OPTION_JOBS(struct sweep_options, jobs),
	DRAWING_OPTIONS(struct sweep_options, drawing, "where results go; default: casebook-sweep-CASE",
			"of figures"),
	OPTION_END};

struct session {
	struct command_line *line;
	const struct sweep_options *given;
	struct sweep *sweep;
	struct sweep_figures *figures;
	const char *dir, *version;
	unsigned formats;
	unsigned char *done;
	int64_t finished; /* runs found finished */
	int rank, ranks;
};

static void paint(void *host, const struct sweep_progress *progress)
{
	const struct session *session = host;
	char text[80];
	int length = snprintf(text, sizeof text, "%" PRId64 " of %" PRId64 " runs", progress->done, progress->runs);
	if (progress->point >= 0)
		snprintf(text + length, sizeof text - (size_t)length, ", point %" PRId64 " of %" PRId64,
			 progress->point, session->sweep->points.count);
	progress_show(progress->part, progress->seconds, text);
}

static const char *runs_text(const struct session *session)
{
	const struct sweep *sweep = session->sweep;
	return arena_format(session->line->arena, "%" PRId64 " point%s, %d variant%s, %" PRId64 " runs",
			    sweep->points.count, sweep->points.count == 1 ? "" : "s", sweep->variants,
			    sweep->variants == 1 ? "" : "s", sweep->runs);
}

static int threads_of(const struct session *session)
{
	return exec_threads(session->given->jobs);
}

/* ---- dry run ---- */

static const char *duration(double seconds, char *buffer)
{
	if (isnan(seconds))
		return "a time that is not known";
	if (seconds < 1)
		return "less than a second";
	if (seconds < 120)
		snprintf(buffer, SHOWN_VALUE, "%.0f s", seconds);
	else if (seconds < 7200)
		snprintf(buffer, SHOWN_VALUE, "%.0f min", seconds / 60);
	else
		snprintf(buffer, SHOWN_VALUE, "%.1f h", seconds / 3600);
	return buffer;
}

static int dry_run(struct session *session)
{
	const struct sweep *sweep = session->sweep;
	struct arena scratch;
	char time[SHOWN_VALUE], disk[SHOWN_VALUE];
	for (int64_t p = 0; p < sweep->points.count; p++) {
		arena_init(&scratch);
		printf("%" PRId64 "\t%s\n", p, points_text(&sweep->points, p, &scratch));
		arena_free(&scratch);
	}
	struct sweep_cost cost = sweep_cost(sweep, session->done, session->line->err);
	int threads = threads_of(session);
	printf("%s", runs_text(session));
	if (session->finished > 0)
		printf(", of which %" PRId64 " are finished", session->finished);
	printf("; about %s on %d thread%s and %s of disk\n", duration(cost.seconds / threads, time), threads,
	       threads == 1 ? "" : "s", shown_value(cost.bytes, QUANTITY_BYTES, disk));
	return 0;
}

/* ---- the end ---- */

static int finish(struct session *session, struct store *store)
{
	struct err *err = session->line->err;
	struct sweep *sweep = session->sweep;
	if (!tables_write(sweep, store, session->dir, sweep_figures_add, session->figures, err))
		return ERR_OUTPUT;
	sweep_figures_print(session->figures, session->given->markdown, stdout);
	const char *templates = paths_data_file(session->line->arena, "plots"), *drawn = NULL;
	if (!session->given->drawing.no_figures && templates)
		drawn = sweep_figures_draw(session->figures, session->dir, session->formats, templates,
					   arena_format(session->line->arena, "casebook %s", version_number()), err);
	printf("%s, seed %lld\n", runs_text(session), (long long)sweep->base[0]->run.seed);
	if (drawn)
		printf("figures: %s\n", drawn);
	printf("data: %s/results.sqlite, points.csv, samples.csv\n", session->dir);
	return 0;
}

static enum sweep_end run_all(struct session *session, struct store *store, const volatile sig_atomic_t *stop)
{
	struct sweep *sweep = session->sweep;
	struct err *err = session->line->err;
	if (session->ranks == 1)
		return sweep_run(sweep, store, session->done, threads_of(session), paint, session, stop, err);
	json_t *definition = sweep_definition(sweep, session->version);
	enum sweep_end end = ranks_sweep(sweep, definition, store, session->done, paint, session, stop, err);
	json_decref(definition);
	return end;
}

/* A variant may be called after a value of its own that a point replaces. */
static void note_variants(const struct sweep_options *given, const struct study *study)
{
	if (given->grid.count + given->zip.count + given->study.set.count > 0 && study->variants > 1 &&
	    given->study.variant.count == 0)
		message_note("%s applies to all variants, in place of values of their own; --variant NAME chooses some",
			     given->grid.count + given->zip.count > 0 ? "what is swept" : "--set");
}

/* A rank above 0: rank 0 tells of mistakes, as it has the same. */
static void work(struct session *session)
{
	json_t *definition = session->sweep ? sweep_definition(session->sweep, session->version) : NULL;
	ranks_work(session->sweep, definition, interrupt_flag());
	json_decref(definition);
	err_init(session->line->err);
}

static int sweep_all(struct session *session, struct store *store)
{
	const volatile sig_atomic_t *stop = interrupt_flag();
	if (session->finished > 0)
		message_note("%" PRId64 " of %" PRId64 " runs were done before", session->finished,
			     session->sweep->runs);
	progress_begin();
	enum sweep_end end = run_all(session, store, stop);
	progress_end();
	int given_up = ranks_given_up();
	if (given_up > 0)
		message_warning("%d rank%s fell silent; what %s had to do was done by others or is left", given_up,
				given_up == 1 ? "" : "s", given_up == 1 ? "it" : "they");
	if (end == SWEEP_DONE)
		return finish(session, store);
	if (end == SWEEP_INTERRUPTED) {
		int64_t finished = 0;
		for (int64_t r = 0; r < session->sweep->runs; r++)
			finished += session->done[r / 8] >> r % 8 & 1;
		message_note("interrupted; %" PRId64 " of %" PRId64
			     " runs are in %s/results.sqlite, and --resume continues from there",
			     finished, session->sweep->runs, session->dir);
		return ERR_INTERRUPTED;
	}
	return 0;
}

/* With the database, or for a dry run without one. */
static int with_store(struct session *session)
{
	struct err *err = session->line->err;
	struct stat is;
	const char *path = arena_format(session->line->arena, "%s/results.sqlite", session->dir);
	bool dry = session->given->dry_run;
	session->done = memory_zeroed(1, sweep_done_bytes(session->sweep));
	struct store *store = NULL;
	int status = 0;
	bool good = true;
	if (!dry)
		good = output_dir(session->dir, err);
	if (good && (!dry || (session->given->resume && stat(path, &is) == 0)))
		good = (store = store_open(path, !dry, err)) &&
		       sweep_prepare(session->sweep, store, session->given->resume, session->version,
				     session->line->text, session->done, &session->finished, err);
	if (good && !dry)
		resultdir_clean(session->dir); /* the store holds it */
	if (good)
		status = dry ? dry_run(session) : sweep_all(session, store);
	store_close(store);
	free(session->done);
	return status;
}

static int sweep(struct session *session)
{
	struct command_line *line = session->line;
	int status = 0;
	session->figures = sweep_figures_new(line->arena, session->sweep, session->given->show, line->err);
	if (session->rank > 0)
		work(session);
	else if (session->figures) {
		note_variants(session->given, session->sweep->study);
		status = with_store(session);
	}
	sweep_close(session->sweep);
	return status;
}

static int run(struct command_line *line)
{
	static struct session session;
	session = (struct session){.line = line, .given = line->options};
	const struct sweep_options *given = session.given;
	session.formats = drawing_formats(given->drawing.formats, line->err);
	struct study *study =
		err_any(line->err) ? NULL : load_study(line->arena, line->operand[0], &given->study, line->err);
	if (!study)
		return 0;
	session.rank = ranks_begin(&session.ranks, line->err);
	if (err_any(line->err))
		return 0;
	const char *commit = version_commit();
	session.version = *commit ? arena_format(line->arena, "%s (%s)", version_number(), commit) : version_number();
	session.dir = given->drawing.out;
	if (!session.dir)
		session.dir = arena_format(line->arena, "casebook-sweep-%s", study->of->name);
	struct points_texts texts = {given->grid.text, given->zip.text, given->grid.count, given->zip.count,
				    given->where};
	session.sweep = sweep_load(study, &texts, line->err);
	int status = 0;
	if (session.sweep)
		status = sweep(&session);
	else if (session.rank > 0)
		work(&session);
	return ranks_end(status);
}

const struct command command_sweep = {
	.name = "sweep",
	.operands = "CASE|FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "run a case at many points of its parameters; keep every run in a database",
	.detail = "KEY is a parameter (`casebook show CASE` lists them), slice, or a key of the trace "
		  "(trace.time_scale).\n"
		  "A model file can have the same: sweep: {grid: {KEY: [A, B]}, zip: {KEY: LOW:HIGH:N}, where: ...}.\n"
		  "All points meet the same random numbers. Results go to casebook-sweep-CASE/: results.sqlite (every\n"
		  "finished run, at once), points.csv and samples.csv (when all are finished), and figures.\n"
		  "Interrupted or killed, the same command with --resume continues.\n",
	.options = options,
	.options_size = sizeof(struct sweep_options),
	.run = run,
};
