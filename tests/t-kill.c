/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep is killed at random moments and resumed, again and again: no finished run is lost, the database is whole each
 * time, and in the end it holds what a sweep that nobody disturbed holds. KILLS=50 kills that often ("make soak").
 */
#include "sweep.h"

#include "engine/rng.h"

static pid_t sweep(const char *dir, bool resume)
{
	const char *const arguments[] = {program(),
					 "sweep",
					 "station",
					 "--grid",
					 "servers=1,2,3",
					 "--grid",
					 "trace.windows.rate=60 /s:90 /s:4",
					 "--set",
					 "trace.windows.for=120 s",
					 "--reps",
					 "4",
					 "--jobs",
					 "2",
					 "--no-figures",
					 "-o",
					 dir,
					 resume ? "--resume" : NULL,
					 NULL};
	return start(arguments);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void sleep_for(double seconds)
{
	struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
	nanosleep(&time, NULL);
}

int main(void)
{
	char whole[128], broken[128], whole_db[160], broken_db[160];
	const char *wanted = getenv("KILLS");
	int kills = wanted ? atoi(wanted) : 8, partial = 0, lost = 0, damaged = 0, torn = 0, fresh = 0;
	make_scratch();
	snprintf(whole, sizeof whole, "%s/whole", scratch);
	snprintf(whole_db, sizeof whole_db, "%s/results.sqlite", whole);
	double begun = now();
	is_int(ended(sweep(whole, false)), 0, "a sweep that nobody disturbs");
	double lasts = now() - begun;
	long long runs = ask(whole_db, "SELECT count(*) FROM run");
	is_int(runs, 3 * 4 * 3 * 4, "it has all runs");
	uint64_t undisturbed = content(whole_db);

	/* Every moment lies at another part of what a whole sweep takes; what is finished begins anew. */
	struct rng rng = rng_start(rng_stream((uint64_t)time(NULL), 0, "kills"));
	for (int i = 0; i < kills; i++) {
		if (i == 0 || ask(broken_db, "SELECT count(*) FROM run") == runs) {
			snprintf(broken, sizeof broken, "%s/broken-%d", scratch, fresh++);
			snprintf(broken_db, sizeof broken_db, "%s/results.sqlite", broken);
		}
		pid_t child = sweep(broken, true);
		sleep_for(rng_unit(&rng) * lasts * 0.6);
		long long before = access(broken_db, F_OK) == 0 ? ask(broken_db, "SELECT count(*) FROM run") : 0;
		kill(child, SIGKILL);
		ended(child);
		long long after = access(broken_db, F_OK) == 0 ? ask(broken_db, "SELECT count(*) FROM run") : 0;
		partial += after > 0 && after < runs;
		lost += after < before;
		if (after < 0)
			continue; /* killed before there were tables */
		damaged +=
			ask(broken_db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") > 0;
		/* A run is there with all its values and histograms. */
		torn += ask(broken_db, "SELECT count(*) FROM (SELECT run, (SELECT count(*) FROM metric m WHERE m.run = "
				       "r.run) AS n FROM run r) WHERE n <> (SELECT count(*) FROM metric WHERE run = "
				       "(SELECT min(run) FROM run))") > 0;
	}
	ok(partial > 0, "%d of %d kills left a part of the runs", partial, kills);
	is_int(lost, 0, "no finished run is lost");
	is_int(damaged, 0, "the database is whole after each kill");
	is_int(torn, 0, "no run is there in part");
	is_int(ended(sweep(broken, true)), 0, "the last one is resumed to its end");
	is_int(ask(broken_db, "SELECT count(*) FROM run"), runs, "it has all runs");
	ok(content(broken_db) == undisturbed && undisturbed != 0, "it holds what the undisturbed one holds");

	sqlite3 *database;
	sqlite3_open(broken_db, &database);
	sqlite3_exec(database, "UPDATE metric SET value = value + 1e-9 WHERE run = 7 AND number = 1", NULL, NULL, NULL);
	sqlite3_close(database);
	ok(content(broken_db) != undisturbed, "canary: another value is seen");
	done_testing();
	return 0;
}
