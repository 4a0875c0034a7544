/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which parameters matter, on measures whose dependence is known: one that is a parameter itself, so that its effects
 * are exact, and the wait of a queue.
 */
#include "exec/sensitivity.h"
#include "io/yaml.h"
#include "tap.h"

#include <string.h>

static struct arena arena;
static struct err err;
static const struct study_files files = {NULL, NULL, NULL, NULL};
static const volatile sig_atomic_t never = 0;
static struct sensitivity sensitivity;
static int campaigns, interrupted;

static enum exec_end run(void *host, struct campaign *campaign, struct err *into)
{
	(void)host;
	if (++campaigns == interrupted)
		return EXEC_INTERRUPTED;
	return campaign_run(campaign, 1, NULL, NULL, &never, into);
}

static void make(const char *measure)
{
	static const char text[] = "case: station\n"
				   "trace: {windows: [{rate: 80/s, for: 20 s}]}\n"
				   "model: {service: exp(10 ms), servers: 2}\n"
				   "run: {reps: 3, warmup: 1 s}\n";
	err_init(&err);
	struct tree *tree = yaml_parse(&arena, "test", text, strlen(text), &err);
	struct study *study = tree ? study_load(&arena, "test", tree, NULL, &files, &err) : NULL;
	sensitivity = (struct sensitivity){.study = study, .run = run};
	sensitivity.setup = study ? setup_resolve(study, "station", NULL, &err) : NULL;
	if (!sensitivity.setup || !measure_parse(&sensitivity.measure, sensitivity.setup, measure, "", &err))
		bail("%s: %s", measure, err.message[0].text);
	campaigns = interrupted = 0;
}

static const struct sensitivity_factor *factor_of(const char *name)
{
	for (int i = 0; i < sensitivity.factors; i++)
		if (strcmp(sensitivity.factor[i].name, name) == 0)
			return &sensitivity.factor[i];
	bail("no factor %s", name);
	return NULL;
}

static bool run_all(void)
{
	bool good = sensitivity_run_base(&sensitivity, &err);
	for (int i = 0; i < sensitivity.factors && good; i++)
		good = sensitivity_run_factor(&sensitivity, &sensitivity.factor[i], &err);
	return good;
}

static void check_exact(void)
{
	make("param(servers) * 2");
	sensitivity_add_number(&sensitivity, "service", 0.2);
	sensitivity_add_number(&sensitivity, "servers", 0.2);
	sensitivity_add_number(&sensitivity, "nonsense", 0.2);
	ok(!sensitivity_add_range(&sensitivity, "servers", "4..2", "--param", &err), "an empty range is refused");
	err_init(&err);
	ok(sensitivity_add_range(&sensitivity, "service", "10 ms..20 ms", "--param", &err), "a range");
	ok(run_all(), "one at a time");
	const struct sensitivity_factor *servers = factor_of("servers"), *service = factor_of("service");
	ok(servers->end[SENSITIVITY_LOW].x == 1 && servers->end[SENSITIVITY_HIGH].x == 3,
	   "whole numbers go at least 1");
	near_to(sensitivity.value.mean, 4, 1e-12, "as it is");
	near_to(servers->end[SENSITIVITY_LOW].paired.difference.mean, -2, 1e-12, "lower");
	near_to(servers->end[SENSITIVITY_HIGH].paired.difference.mean, 2, 1e-12, "higher");
	near_to(service->end[SENSITIVITY_HIGH].paired.difference.mean, 0, 1e-12,
		"what does not count makes no difference");
	ok(factor_of("nonsense")->left_out != NULL, "what does not exist is left out");
	ok(!sensitivity.factor[3].end[SENSITIVITY_LOW].any, "an end that is the model's own value is not run again");
	sensitivity_sort(&sensitivity);
	is_text(sensitivity.factor[0].name, "servers", "the greatest first");
	ok(sensitivity_matters(&sensitivity.factor[0]) && !sensitivity_matters(&sensitivity.factor[1]),
	   "it alone matters");
}

static void check_queue(void)
{
	make("mean(wait)");
	sensitivity_add_number(&sensitivity, "service", 0.2);
	struct param_walk walk;
	for (param_walk_begin(&walk, sensitivity.setup->of->params, sensitivity.setup->params);
	     param_walk_next(&walk);)
		if (param_words(walk.row))
			sensitivity_add_choices(&sensitivity, &walk);
	ok(run_all(), "a queue");
	const struct sensitivity_factor *service = factor_of("service"), *from = factor_of("service_from");
	ok(service->end[SENSITIVITY_LOW].paired.difference.mean < 0 &&
		   service->end[SENSITIVITY_HIGH].paired.difference.mean > 0,
	   "slower servers, longer waits");
	ok(sensitivity_farthest(service) == &service->end[SENSITIVITY_HIGH], "more so upwards");
	is_int(from->ends, 1, "a choice has its other words");
	ok(from->left_out && strstr(from->left_out, "makes no columns"), "one that cannot be run says why");
}

static void check_morris(void)
{
	make("param(servers) * 2");
	ok(sensitivity_add_range(&sensitivity, "servers", "1..9", "--param", &err) &&
		   sensitivity_add_range(&sensitivity, "service", "10 ms..12 ms", "--param", &err),
	   "two ranges");
	ok(sensitivity_run_base(&sensitivity, &err) && sensitivity_run_morris(&sensitivity, 6, &err), "Morris");
	is_int(campaigns, 7, "a campaign a point");
	near_to(factor_of("servers")->screened.mean, 16, 1e-9, "the effect of a linear term over its range");
	near_to(factor_of("servers")->screened.spread, 0, 1e-9, "is the same everywhere");
	near_to(factor_of("service")->screened.size.mean, 0, 1e-12, "canary: the other has none");
	make("param(servers) * 2");
	sensitivity_add_number(&sensitivity, "servers", 0.2);
	interrupted = 2;
	ok(!run_all() && sensitivity.end == EXEC_INTERRUPTED && !err_any(&err), "an interruption is no mistake");
}

int main(void)
{
	arena_init(&arena);
	check_exact();
	check_queue();
	check_morris();
	arena_free(&arena);
	return done_testing();
}
