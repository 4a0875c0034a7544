/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs replications on threads. Every replication is a world of its own, so the order in which they run changes
 * nothing; their results are handed over in the order of the list.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "io/tracefile.h"
#include "run/replay.h"

#include <signal.h>

struct exec_job {
	const struct setup *setup;
	int64_t replication;
	struct trace_file *file; /* of its rows; NULL: they come from the setup's recipe */
	void *of;                /* the caller's */
	int slowest;             /* journeys that are kept */
};

/* How far it is, for people. */
struct exec_progress {
	double part;          /* of all work, 0..1 */
	int64_t done, jobs;
	uint64_t rows, events;/* of all jobs, also those under way */
	int64_t now;          /* ns of simulated time of the job that is furthest behind in the list */
	const struct exec_job *job; /* that one; NULL at the end */
	double seconds;       /* since the start */
};

/* What the caller does for it. */
struct exec_host {
	/*
	 * A job is done; the replay is freed afterwards. In the order of the list, by several threads but never by two
	 * at a time.
	 */
	void (*finished)(void *host, const struct exec_job *job, const struct replay *replay,
			 const struct row_records *records);
	/* Called by the caller's thread about ten times a second, and at the end. May be NULL. */
	void (*progress)(void *host, const struct exec_progress *progress);
	void *host;
};

enum exec_end { EXEC_DONE, EXEC_INTERRUPTED, EXEC_FAILED };

/*
 * Runs `count` jobs on `threads` threads. Ends early when *stop becomes nonzero (jobs that are done have been handed
 * over), or when a trace cannot be read (message in err).
 */
enum exec_end exec_run(const struct exec_job *jobs, int count, int threads, const struct exec_host *host,
		       const volatile sig_atomic_t *stop, struct err *err);

/*
 * Whether something was measured of a trace that has been read: false and a message when the warm-up has swallowed it.
 * (Of windows that are known this is known before.)
 */
bool exec_measured(const struct setup *setup, const struct replay *replay, struct err *err);

/* Whether a flag is up that a signal's handler raises: it may run in any thread. */
static inline bool exec_stopped(const volatile sig_atomic_t *stop)
{
	return __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

/* Processors that this process may use; and how many threads are meant by so many `jobs`, of which 0 means all. */
int exec_processors(void);
int exec_threads(int64_t jobs);

#endif
