/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `casebook run` of each case costs, with one thread and without figures: ns of processor time a request, start,
 * statistics and files included; beside it how many requests and events that were. All variants and replications that
 * the case's model asks for count. A median of three runs. And what a user waits for: seconds on the wall of the plain
 * command, with its figures and whatever variants they ask for, on all processors, once.
 *
 * Then what an event costs of all that, rows counted as events, against the bound of a hold with a thousand pending
 * events (bounds.h), which takes turns with the runs.
 *
 *   cases     calls ./casebook, or what CASEBOOK names
 */
#include "bounds.h"

#include <jansson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 3, PENDING = 1000, BIG = 3 };

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Runs the case with one thread and without figures, or, as a whole, as users do; returns seconds of processor time. */
static double run(const char *name, const char *out, bool whole)
{
	const char *casebook = getenv("CASEBOOK") ? getenv("CASEBOOK") : "./casebook";
	struct rusage usage;
	int status;
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		CHECK(freopen("/dev/null", "w", stdout));
		if (whole)
			execl(casebook, casebook, "run", name, "--quiet", "-o", out, (char *)NULL);
		else
			execl(casebook, casebook, "run", name, "--jobs", "1", "--no-figures", "--quiet", "-o", out,
			      (char *)NULL);
		perror(casebook);
		_exit(127);
	}
	CHECK(wait4(child, &status, 0, &usage) == child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "%s run %s fails\n", casebook, name);
		exit(1);
	}
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static void count(const char *out, double *rows, double *events)
{
	char path[100];
	const char *variant;
	json_t *of;
	snprintf(path, sizeof path, "%s/summary.json", out);
	json_t *summary = json_load_file(path, 0, NULL);
	CHECK(summary);
	*rows = *events = 0;
	json_object_foreach(json_object_get(summary, "variants"), variant, of) {
		*rows += (double)json_integer_value(json_object_get(of, "rows"));
		*events += (double)json_integer_value(json_object_get(of, "events"));
	}
	json_decref(summary);
	CHECK(*rows > 0 && *events > 0);
}

static void remove_all(const char *directory)
{
	int status;
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		execlp("rm", "rm", "-rf", directory, (char *)NULL);
		_exit(127);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* ns a hold, of the faster one. */
static double hold(struct bounds *bounds)
{
	double radix = bench_once(by_radix, &bounds->radix), heap = bench_once(by_heap, &bounds->heap);
	return radix < heap ? radix : heap;
}

int main(void)
{
	/* The first BIG have aims of their own. */
	static const char *const cases[] = {"discord", "uber", "netflix", "ratelimit", "hashing", "locks",
					    "replication", "microservices", "idempotency", "indexes", "cap",
					    "twophase", "lsm", "mvcc"};
	char scratch[] = "/tmp/bench-cases-XXXXXX", out[50], name[80];
	struct bounds *bounds = bounds_new(PENDING);
	CHECK(mkdtemp(scratch));
	snprintf(out, sizeof out, "%s/out", scratch);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double seconds[RUNS], of_hold[RUNS], ratio[RUNS], rows = 0, events = 0;
		for (int n = 0; n < RUNS; n++) {
			of_hold[n] = hold(bounds);
			seconds[n] = run(cases[i], out, false);
			count(out, &rows, &events);
			ratio[n] = seconds[n] * 1e9 / (rows + events) / of_hold[n];
			remove_all(out);
		}
		double took = bench_median(seconds, RUNS), begun = now();
		run(cases[i], out, true);
		double whole = now() - begun;
		remove_all(out);
		printf("run %s, a request\t%.2f\t-\t-\t0\t-\trequests %.0f\tevents_per_request %.2f\t"
		       "requests_per_second %.0f\tseconds %.2f\twhole_seconds %.2f\n",
		       cases[i], took * 1e9 / rows, rows, events / rows, rows / took, took, whole);
		snprintf(name, sizeof name, "run %s, an event: against a hold, 1k pending", cases[i]);
		bench_tell(name, took * 1e9 / (rows + events), bench_median(of_hold, RUNS), bench_median(ratio, RUNS),
			   i < BIG ? 0 : 3);
	}
	bounds_free(bounds);
	remove_all(scratch);
	return 0;
}
