/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The variants to be run, and those that only figures need, make a campaign; its outcomes become files, figures and
 * tables. Nothing is written before everything that can be checked has been.
 */
#include "cli/capacity.h"
#include "cli/command.h"
#include "cli/drawing.h"
#include "cli/grid.h"
#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/manifest.h"
#include "cli/message.h"
#include "cli/needless.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/version.h"
#include "exec/campaign.h"
#include "io/resultdir.h"
#include "io/paths.h"
#include "io/readers.h"
#include "figure/chart.h"
#include "run/figures.h"
#include "stats/judgement.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* With --precision: replications of the first round, and at most unless --reps says. */
enum { OUTCOMES_MAX = 256, REPS_FIRST = 5, REPS_MOST = 200, HANG = 4 };
static const double confidence = 0.95;

struct run_options {
	struct study_options study;
	int64_t jobs, slowest, skip_bad;
	const char *precision;
	struct drawing_options drawing;
	bool json, markdown, sort, replace;
};

static const struct option options[] = {
	STUDY_OPTIONS(struct run_options, study),
	OPTION_FLAG(struct run_options, sort, "sort", 0, "accept a trace whose rows are not in order of time"),
	OPTION_COUNT(struct run_options, skip_bad, "skip-bad", 0, "N", -1, 0, 1000000000,
		     "skip at most N malformed rows of a trace, and count them"),
	OPTION_TEXT(struct run_options, precision, "precision", 0, "PART",
		    "replications until half the interval of every claimed metric (of the table's, without claims) is "
		    "at most this part of it, e.g. 2%; --reps is then the most (default: 200)"),
	STUDY_EXPLORE(struct run_options, study, "run what readers of the page explore, the small setup of `explore:`"),
	OPTION_JOBS(struct run_options, jobs),
	OPTION_COUNT(struct run_options, slowest, "slowest", 0, "N", 0, 1, 1000,
		     "show the journeys of the N slowest requests of each variant"),
	DRAWING_OPTIONS(struct run_options, drawing, "where results go; default: casebook-NAME of the model",
			"of figures"),
	OPTION_FLAG(struct run_options, replace, "replace", 0, "results of another model in casebook-NAME give way"),
	OPTION_MARKDOWN(struct run_options, markdown),
	OPTION_FLAG(struct run_options, json, "json", 0, "print summary.json instead of tables"),
	OPTION_END};

struct session {
	struct command_line *line;
	const struct run_options *given;
	struct study *study;
	struct campaign campaign;
	struct outcome *outcome[OUTCOMES_MAX]; /* those to be shown first, then those that only figures need */
	const char *trace[OUTCOMES_MAX], *contents[OUTCOMES_MAX];
	int shown, outcomes;
	const struct study_figure *figure[OUTCOMES_MAX];
	int figures;
	struct judgement *trial[OUTCOMES_MAX];
	int trials;
	double precision; /* 0: not asked for */
	struct settling *settling;
	struct resultdir *results;
};

/* How near the claimed metrics are to the wanted precision: the one that is furthest. */
struct settling {
	struct session *session;
	double worst;
	const char *term; /* that one */
	int64_t needed;   /* replications it seems to need */
	bool narrow;
	bool at_least;    /* it hangs on requests that had not ended: no replications settle it */
};

/* What the trace's options say, in the form of --set. */
static void add_set(struct arena *arena, struct option_texts *texts, const char *text)
{
	const char **grown = ARENA_ARRAY(arena, (size_t)texts->count + 2, const char *);
	if (texts->count)
		memcpy(grown, texts->text, (size_t)texts->count * sizeof(*grown));
	grown[texts->count++] = text;
	texts->text = grown;
}

static struct study *load(struct session *session)
{
	struct arena *arena = session->line->arena;
	struct study_options over = session->given->study;
	if (session->given->sort)
		add_set(arena, &over.set, "trace.sort=on");
	if (session->given->skip_bad >= 0)
		add_set(arena, &over.set,
			arena_format(arena, "trace.skip_bad=%lld", (long long)session->given->skip_bad));
	if (session->precision > 0 && over.reps < 0)
		over.reps = REPS_MOST;
	return load_study(arena, session->line->operand[0], &over, session->line->err);
}

static bool read_precision(struct session *session)
{
	const char *text = session->given->precision;
	struct quantity part;
	char why[QUANTITY_WHY];
	if (!text)
		return true;
	if (!quantity_parse(QUANTITY_RATIO, text, &part, why) || !(part.real > 0 && part.real < 1))
		return err_add(session->line->err, ERR_USAGE, NULL,
			       "--precision %.60s: a part of the metric between 0 and 100 %%, e.g. 2%%", text);
	session->precision = part.real;
	return true;
}

static void look_at(void *context, const struct outcome *outcome, int term)
{
	struct settling *settling = context;
	struct session *session = settling->session;
	struct estimate estimate = outcome_estimate(outcome, term);
	struct interval interval = {estimate.value, estimate.low, estimate.high, outcome->reps};
	double precision = interval_precision(&interval);
	const char *statistic = outcome->term[term].statistic;
	if (strcmp(statistic, "max") == 0 || strcmp(statistic, "min") == 0 || strcmp(statistic, "param") == 0)
		return;
	/* An interval that is too narrow tells nothing yet. */
	if (estimate.narrow || estimate.at_least)
		precision = INFINITY;
	if (settling->term && (precision <= settling->worst && !(estimate.at_least && !settling->at_least)))
		return;
	settling->worst = precision;
	settling->term = report_term(outcome, term, session->line->arena);
	settling->narrow = estimate.narrow;
	settling->at_least = estimate.at_least;
	settling->needed = estimate.narrow
				   ? 2 * outcome->reps
				   : interval_needed(&interval, session->precision * fabs(interval.mean), confidence);
}

static void look_at_all(struct session *session, struct settling *settling)
{
	*settling = (struct settling){.session = session};
	for (int t = 0; t < session->trials; t++)
		trial_each(session->study, session->trial[t]->trial, look_at, settling);
	for (int i = 0; session->trials == 0 && i < session->shown; i++)
		report_each(session->study, session->outcome[i], look_at, settling);
}

/*
 * In rounds: each goes to where the last one says that the precision is met, but at most doubles. What was run stays,
 * and the outcomes are those of --reps with the number that was reached.
 */
static enum exec_end run_until_settled(struct session *session, int threads, const volatile sig_atomic_t *stop)
{
	int64_t reps = REPS_FIRST, most = session->outcome[0]->room;
	struct settling *settling = session->settling;
	for (;;) {
		reps = reps < most ? reps : most;
		enum exec_end end = campaign_run_to(&session->campaign, reps, threads, progress_paint, NULL, stop,
						    session->line->err);
		if (end != EXEC_DONE)
			return end;
		look_at_all(session, settling);
		if (settling->worst <= session->precision || settling->at_least || reps == most)
			break;
		int64_t least = reps + reps / 4 + 1;
		int64_t next = settling->needed < least ? least : settling->needed;
		reps = next > 2 * reps ? 2 * reps : next;
	}
	for (int i = 0; i < session->campaign.entries; i++)
		outcome_settle(session->campaign.entry[i].outcome);
	return EXEC_DONE;
}

/* What came of --precision; the exit code. */
static int tell_precision(const struct session *session)
{
	const struct settling *settling = session->settling;
	int reps = session->outcome[0]->reps;
	if (!settling->term) {
		message_warning("there was nothing to settle: no metric of a claim or of the table was measured");
		return ERR_INCONCLUSIVE;
	}
	if (settling->worst <= session->precision) {
		message_note("settled within %.3g %% by %d replications; the widest is %s, %.2g %% either way",
			     100 * session->precision, reps, settling->term, 100 * settling->worst);
		return 0;
	}
	const char *more = "";
	const char *known = "could not be measured in all of them";
	if (settling->at_least)
		known = "depends on requests that had not ended, which a longer run: drain would mend";
	else if (settling->narrow)
		known = "has too few independent excursions beyond it, which more would mend";
	struct arena *arena = session->line->arena;
	if (settling->worst < 1e9) {
		known = arena_format(arena, "is known to %.2g %% either way", 100 * settling->worst);
		more = settling->needed < SETUP_REPS_MAX
			       ? arena_format(arena, "; about %lld replications would settle it (--reps)",
					      (long long)settling->needed)
			       : arena_format(arena, "; more than %d would be needed", SETUP_REPS_MAX);
	}
	message_warning("not settled within %.3g %% by %d replications: %s %s%s", 100 * session->precision, reps,
			settling->term, known, more);
	return ERR_INCONCLUSIVE;
}

static bool among(const struct session *session, const char *variant)
{
	for (int i = 0; i < session->outcomes; i++)
		if (strcmp(session->outcome[i]->setup->name, variant) == 0)
			return true;
	return false;
}

static bool add_variant(struct session *session, const char *variant)
{
	struct err *err = session->line->err;
	if (among(session, variant) || session->outcomes == OUTCOMES_MAX)
		return true;
	const struct setup *setup = setup_resolve(session->study, variant, NULL, err);
	struct outcome *outcome = setup ? campaign_add(&session->campaign, setup, err) : NULL;
	if (!outcome)
		return false;
	const struct trace_file *file = campaign_file(&session->campaign, outcome);
	session->trace[session->outcomes] = file ? trace_file_describe(file) : NULL;
	session->contents[session->outcomes] = campaign_contents(&session->campaign, outcome, session->line->arena);
	session->outcome[session->outcomes++] = outcome;
	return true;
}

/* Figures may show variants that are not in `run: variants`; with --variant they do without. */
static bool add_variants(struct session *session)
{
	const struct study *study = session->study;
	for (const char *const *variant = study->shown; *variant; variant++)
		if (!add_variant(session, *variant))
			return false;
	session->shown = session->outcomes;
	const struct study_options *given = &session->given->study;
	if (session->given->drawing.no_figures || given->variant.count > 0 || given->explore)
		return true;
	for (const char **variant = figures_variants(study); *variant; variant++)
		if (!add_variant(session, *variant))
			return false;
	return true;
}

struct looking {
	const struct session *session;
	bool found;
};

static void look_for_window(void *context, struct term *term)
{
	struct looking *looking = context;
	const struct session *session = looking->session;
	for (int i = 0; term->windowed && i < session->outcomes; i++) {
		const struct setup *setup = session->outcome[i]->setup;
		if (term->variant && strcmp(setup->name, term->variant) != 0)
			continue;
		bool found = false;
		for (int w = 0; w < setup->trace.windows; w++)
			found = found || setup->trace.window[w].window == term->window;
		looking->found = looking->found && found;
	}
}

/* Whether the traces have the windows that a claim names. */
static bool has_windows(const struct session *session, const struct claim *claim)
{
	struct looking looking = {session, true};
	for (int i = 0; i < claim->expects; i++) {
		const struct expectation *expectation = &claim->expect[i];
		const struct expression *part[] = {expectation->left, expectation->low, expectation->high};
		for (int p = 0; p < 3; p++)
			if (part[p])
				expression_terms(part[p], look_for_window, &looking);
	}
	return looking.found;
}

static bool prepare(struct session *session)
{
	struct err *err = session->line->err;
	const struct study *study = session->study;
	if (!add_variants(session))
		return false;
	for (int i = 0; i < session->outcomes; i++) {
		results_want(session->outcome[i]);
		report_want(study, session->outcome[i], err);
	}
	struct chart_outcomes outcomes = {study, session->outcome, session->outcomes};
	const char *left_out = "";
	for (int f = 0; !session->given->drawing.no_figures && f < study->figures && f < OUTCOMES_MAX; f++) {
		const char *missing;
		if (chart_want(&outcomes, &study->figure[f], &missing, err))
			session->figure[session->figures++] = &study->figure[f];
		else if (missing)
			left_out = arena_format(session->line->arena, "%s %s", left_out, study->figure[f].name);
	}
	if (*left_out)
		message_note("figures left out, because not all that they show was run:%s", left_out);
	const struct trial_host trials = campaign_trials(&session->campaign);
	left_out = "";
	for (int c = 0; c < study->claims && session->trials < OUTCOMES_MAX; c++) {
		const struct claim *claim = &study->claim[c];
		if (!trial_covered(study, claim, session->outcome, session->outcomes))
			continue;
		if (session->campaign.any_window && !has_windows(session, claim))
			left_out = arena_format(session->line->arena, "%s %s", left_out, claim->id);
		else
			session->trial[session->trials++] =
				judgement_new(study, claim, NULL, false, &trials, err);
	}
	if (*left_out)
		message_note("claims left out, because they name windows that the trace does not have:%s", left_out);
	return !err_any(err);
}

/* What the command line laid over the model, in short, for footers: "servers=4, ... · "; "" when it is nothing. */
static const char *changes(const struct session *session)
{
	enum { CHANGES_MAX = 60 };
	const struct option_texts *all[] = {&session->given->study.set, &session->given->study.fault};
	struct arena *arena = session->line->arena;
	const char *text = "";
	for (int k = 0; k < 2; k++)
		for (int i = 0; i < all[k]->count && strlen(text) <= CHANGES_MAX; i++)
			text = arena_format(arena, "%s%s%.200s", text, *text ? ", " : "", all[k]->text[i]);
	size_t length = strlen(text), kept = length > CHANGES_MAX ? CHANGES_MAX : length;
	while (kept < length && kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80) /* not within a letter */
		kept--;
	return length ? arena_format(arena, "%.*s%s · ", (int)kept, text, kept < length ? "..." : "") : "";
}

static void draw(struct session *session, const char *dir, unsigned formats, const char *digest,
		 const struct results *results)
{
	struct arena *arena = session->line->arena;
	struct err *err = session->line->err;
	struct figure *figure[OUTCOMES_MAX];
	struct chart_outcomes outcomes = {session->study, session->outcome, session->outcomes};
	const char *footer = arena_format(arena, "%s%scasebook %s · %s", results->interrupted ? "interrupted · " : "",
					  changes(session), version_number(), digest);
	const char *manifest = manifest_of(session->line, results, digest);
	int count = 0;
	for (int f = 0; f < session->figures; f++)
		if ((figure[count] = chart_figure(arena, &outcomes, session->figure[f], footer, err)))
			figure[count++]->manifest = results->interrupted ? NULL : manifest;
	const char *templates = paths_data_file(arena, "plots");
	if (count > 0 && templates)
		figure_write_all(figure, count, dir, formats, templates, err);
}

/* Drops outcomes of which no replication was finished, after an interruption. */
static void drop_empty(struct session *session)
{
	int kept = 0, shown = 0;
	for (int i = 0; i < session->outcomes; i++) {
		if (session->outcome[i]->reps == 0)
			continue;
		shown += i < session->shown;
		session->trace[kept] = session->trace[i];
		session->contents[kept] = session->contents[i];
		session->outcome[kept++] = session->outcome[i];
	}
	if (kept < session->outcomes)
		session->figures = session->trials = 0;
	session->outcomes = kept;
	session->shown = shown;
}

/* What tables of a model bring is too much for files when it is thousands. */
static void tell_left_out(const struct session *session)
{
	for (int i = 0; i < session->outcomes; i++) {
		const struct setup *setup = session->outcome[i]->setup;
		int kept, metrics = results_metrics(setup, &kept);
		if (kept < metrics) {
			message_note("%s has %d metrics; %d are in files, and what claims and figures ask for; others: "
				     "--set 'run.keep=[%s]', or run: {keep: [...]} (* is any name)",
				     setup->name, metrics, kept, setup->metrics[metrics - 1].name);
			return;
		}
	}
}

/* Columns of text in Markdown stand between two of these. */
static void put_fence(bool wanted)
{
	if (wanted)
		puts("```");
}

static void tell(struct session *session, struct results *results, const char *dir, const char *digest)
{
	const struct study *study = session->study;
	bool markdown = session->given->markdown;
	FILE *beside = markdown ? stderr : stdout; /* what is no Markdown */
	for (int t = 0; t < session->trials; t++)
		judgement_judge(session->trial[t]);
	for (int i = 0; i < session->outcomes; i++) {
		if (!session->trace[i] ||
		    (i > 0 && session->trace[i - 1] && !strcmp(session->trace[i], session->trace[i - 1])))
			continue;
		const struct row_records *records = &session->outcome[i]->rep[0].records;
		grid_lines(arena_format(session->line->arena, "trace: %s", session->trace[i]), HANG, beside);
		if (records->left_out > 0)
			fprintf(beside, "trace: %s\n", report_left_out(records, session->line->arena));
		if (records->skipped > 0)
			fprintf(beside, "trace: %lld malformed row%s skipped\n", (long long)records->skipped,
				records->skipped == 1 ? " was" : "s were");
	}
	struct results to_show = *results;
	to_show.outcomes = session->shown;
	report_table(&to_show, markdown, stdout);
	bool parts = session->outcome[0]->setup->of->parts != NULL;
	put_fence(markdown && parts);
	report_parts(session->outcome, session->shown, session->line->arena, stdout);
	put_fence(markdown && parts);
	report_warmup(session->outcome, session->shown, stdout);
	report_claims(session->trial, session->trials, session->line->arena, stdout);
	put_fence(markdown && session->given->slowest > 0);
	for (int i = 0; i < session->shown; i++)
		report_slowest(session->outcome[i], stdout);
	put_fence(markdown && session->given->slowest > 0);
	int least = session->outcome[0]->reps, most = least, sliced = 0;
	for (int i = 0; i < session->outcomes; i++) {
		least = session->outcome[i]->reps < least ? session->outcome[i]->reps : least;
		most = session->outcome[i]->reps > most ? session->outcome[i]->reps : most;
		sliced += session->outcome[i]->setup->slice > 1;
	}
	struct arena *arena = session->line->arena;
	const char *text = arena_format(arena, "seed %lld, ", (long long)session->outcome[0]->setup->run.seed);
	if (least < most)
		text = arena_format(arena, "%s%d to %d replications", text, least, most);
	else
		text = arena_format(arena, "%s%d replication%s", text, least, least == 1 ? "" : "s");
	for (int i = 0; sliced && i < session->shown; i++)
		if (session->outcome[i]->setup->slice > 1)
			text = arena_format(arena, "%s, 1/%lld of %s", text,
					    (long long)session->outcome[i]->setup->slice,
					    session->outcome[i]->setup->label);
	grid_lines(arena_format(arena, "%s, digest %s", text, digest), HANG, beside);
	if (session->figures > 0)
		text = arena_format(arena, "figures: %s/%s%s", dir, session->figure[0]->name,
				    drawing_ending(arena, &session->given->drawing));
	for (int f = 1; f < session->figures; f++)
		text = arena_format(arena, "%s, %s", text, session->figure[f]->name);
	if (session->figures > 0)
		grid_lines(text, HANG, beside);
	fprintf(beside, "data: %s/summary.json\n", dir);
	if (study->claims > 0 && session->given->study.trace)
		fprintf(beside, "next: casebook verify %s --trace %s\n", session->line->operand[0],
			session->given->study.trace);
	else if (study->claims > 0)
		fprintf(beside, "next: casebook verify %s%s\n", session->line->operand[0],
			session->given->study.explore ? " --explore" : "");
	else
		fprintf(beside, "next: casebook show %s\n", session->line->operand[0]);
}

static const char *const *figure_names(const struct session *session)
{
	const char **name = ARENA_ARRAY(session->line->arena, (size_t)session->figures + 1, const char *);
	for (int f = 0; f < session->figures; f++)
		name[f] = session->figure[f]->name;
	return name;
}

static int finish(struct session *session, enum exec_end end, const char *dir, unsigned formats)
{
	struct err *err = session->line->err;
	struct results results = {.study = session->study, .outcome = session->outcome, .trace = session->trace,
				  .contents = session->contents,
				  .command = session->line->text, .arguments = manifest_kept(session->line),
				  .version = version_number(),
				  .commit = version_commit(), .interrupted = end == EXEC_INTERRUPTED};
	drop_empty(session);
	results.outcomes = session->outcomes;
	results.figures = figure_names(session);
	if (session->outcomes == 0) {
		message_note("interrupted before a replication was finished; nothing was written");
		return ERR_INTERRUPTED;
	}
	json_t *run = results_run(&results);
	const char *digest = arena_text(session->line->arena, json_string_value(json_object_get(run, "digest")));
	json_decref(run);
	if (!results_write(&results, dir, err))
		return ERR_OUTPUT;
	resultdir_replaced(session->results, results.figures);
	draw(session, dir, formats, digest, &results);
	tell_left_out(session);
	if (session->given->json) {
		json_t *summary = results_summary(&results);
		json_dumpf(summary, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
		putchar('\n');
		json_decref(summary);
	} else {
		tell(session, &results, dir, digest);
	}
	if (end == EXEC_INTERRUPTED)
		message_note("interrupted; what was finished is in %s", dir);
	if (end == EXEC_INTERRUPTED)
		return ERR_INTERRUPTED;
	return session->precision > 0 ? tell_precision(session) : 0;
}

/* Faults that can do nothing or come when the trace is over, and flags that make variants alike, are told. */
static void warn_of(const struct session *session)
{
	needless_tell(session->study, session->line->arena);
	for (int i = 0; i < session->shown; i++) {
		const struct setup *setup = session->outcome[i]->setup;
		const struct setup_trace *trace = &setup->trace;
		const struct trace_window *last = trace->stretches ? &trace->stretch[trace->stretches - 1] : NULL;
		capacity_warn(setup, session->line->arena);
		for (int f = 0; f < setup->fault_count; f++) {
			const struct fault *fault = &setup->faults[f];
			const char *why = setup->of->idle ? setup->of->idle(setup->params, fault->kind, fault->target,
									    session->line->arena)
							  : NULL;
			if (why)
				message_warning("%s: %s does nothing here: %s", setup->name, fault->label, why);
		}
		for (int f = 0; last && f < setup->fault_count; f++)
			if (setup->faults[f].at >= last->start + last->lasts) {
				char ends[QUANTITY_TEXT];
				message_warning("%s: %s begins when the trace has ended, at %s", setup->name,
						setup->faults[f].label,
						quantity_print_time(last->start + last->lasts, ends));
			}
	}
	if (session->given->study.set.count > 0 && session->study->variants > 1 &&
	    session->given->study.variant.count == 0)
		message_note("--set applies to all variants; --variant NAME chooses some, "
			     "--set variants.NAME.model.KEY=VALUE changes one");
}

static int run(struct command_line *line)
{
	static struct session session;
	struct settling settling;
	session = (struct session){.line = line, .given = line->options, .settling = &settling};
	unsigned formats = drawing_formats(session.given->drawing.formats, line->err);
	read_precision(&session);
	if (err_any(line->err) || !(session.study = load(&session)))
		return 0;
	const struct dist_reader *values = readers_of(line->arena, session.study->path)->values;
	campaign_init(&session.campaign, (int)session.given->slowest, values);
	session.campaign.any_window = session.given->study.trace != NULL; /* the model was made for another */
	const char *dir = drawing_dir(line->arena, &session.given->drawing, session.study->path);
	int status = 0;
	/* A directory that was named is meant. */
	bool replace = session.given->replace || session.given->drawing.out;
	struct resultdir *results = NULL;
	if (prepare(&session) && (results = resultdir_open(dir, session.study->path, replace, line->err))) {
		session.results = results;
		warn_of(&session);
		int threads = exec_threads(session.given->jobs);
		const volatile sig_atomic_t *stop = interrupt_flag();
		progress_begin();
		enum exec_end end = session.precision > 0
					    ? run_until_settled(&session, threads, stop)
					    : campaign_run(&session.campaign, threads, progress_paint, NULL, stop,
							   line->err);
		progress_end();
		if (end != EXEC_FAILED)
			status = finish(&session, end, dir, formats);
	}
	resultdir_close(results);
	campaign_free(&session.campaign);
	return status;
}

const struct command command_run = {
	.name = "run",
	.operands = "CASE|FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "replay a case's trace through its variants; write numbers and figures",
	.detail = "CASE is one of `casebook list`; FILE is a model file, as `casebook init CASE` makes it.\n"
		  "Results go to casebook-NAME/, after NAME.yaml; to casebook-DIRECTORY-NAME/ when a file of one's\n"
		  "own is called as a shipped model is. They replace those that are there (of another model only\n"
		  "with --replace, or where -o names the directory): run.json, summary.json, samples.csv,\n"
		  "percentiles-*.hgrm, and each figure as .svg and .png with its data (.tsv), script (.gp)\n"
		  "and description (.alt.txt).\n",
	.options = options,
	.options_size = sizeof(struct run_options),
	.run = run,
};
