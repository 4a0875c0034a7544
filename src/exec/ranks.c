/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages: a worker says HELLO with a digest of what it loaded, gets RUN with the number of a run, answers with RESULT
 * or FAILED (empty when it was stopped), says ALIVE every second meanwhile, and BYE when it is told to STOP. Nobody
 * waits inside of MPI, which would take a processor that others could use.
 *
 * Where runs are short, rank 0 sends several ahead, a tenth of a second's worth, so that a worker finds its next one
 * there when it has finished one. When none is left, a rank without work gets one that was sent to another and has not
 * begun there; whoever finishes it first has it stored.
 */
#include "exec/exec.h"
#include "exec/ranks.h"
#include "io/memory.h"

#include <stdlib.h>

#ifdef WITH_MPI

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { HELLO = 1, RUN, RESULT, FAILED, ALIVE, STOP, BYE };
enum { AHEAD_MAX = 64, LISTENS = 16, SENDING = 16 };

/* Seconds. A test builds this with a shorter silence. */
#ifndef RANKS_SILENCE
#define RANKS_SILENCE 60
#endif
static const double silence = RANKS_SILENCE, farewell = 10, ahead = 0.1;

/* MPI itself is global to the program, and so is what is known of it. */
static int rank_own, rank_count = 1;
static bool begun, let_go;
static int given_up;

int ranks_begin(int *count, struct err *err)
{
	static const char *const told_by[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMI_RANK", "PMIX_RANK"};
	bool started = false;
	(void)err;
	for (size_t i = 0; i < sizeof told_by / sizeof *told_by; i++)
		started = started || getenv(told_by[i]);
	if (started && MPI_Init(NULL, NULL) == MPI_SUCCESS) {
		begun = true;
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
		MPI_Comm_rank(MPI_COMM_WORLD, &rank_own);
		MPI_Comm_size(MPI_COMM_WORLD, &rank_count);
	}
	*count = rank_count;
	return rank_own;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void pause_for(long microseconds)
{
	struct timespec time = {0, microseconds * 1000};
	nanosleep(&time, NULL);
}

static bool waiting(int from, int tag, MPI_Status *status)
{
	int there = 0;
	return MPI_Iprobe(from, tag, MPI_COMM_WORLD, &there, status) == MPI_SUCCESS && there;
}

static uint64_t digest_of(const json_t *definition)
{
	char *text = json_dumps(definition, JSON_COMPACT | JSON_REAL_PRECISION(12));
	uint64_t digest = UINT64_C(0xcbf29ce484222325);
	for (const char *c = text; *c; c++)
		digest = (digest ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	free(text);
	return digest;
}

/* ---- workers ---- */

/* A result under way to rank 0, or the place for one. */
struct sending {
	struct record record;
	struct err err;
	MPI_Request request; /* MPI_REQUEST_NULL: it has arrived */
};

struct working {
	const volatile sig_atomic_t *stop;
	double said;
	struct sending *sending; /* [SENDING], used in turn */
	int next;
};

static bool report(void *self, int64_t now, uint64_t rows, uint64_t events)
{
	struct working *working = self;
	MPI_Status status;
	(void)now;
	(void)events;
	double time = seconds();
	if (time - working->said >= 1) {
		working->said = time;
		MPI_Send(&rows, 1, MPI_UINT64_T, 0, ALIVE, MPI_COMM_WORLD);
	}
	return !exec_stopped(working->stop) && !waiting(0, STOP, &status);
}

static void wait_for(struct sending *sending)
{
	int arrived = 0;
	while (MPI_Test(&sending->request, &arrived, MPI_STATUS_IGNORE) == MPI_SUCCESS && !arrived)
		pause_for(50);
}

static void run_one(const struct sweep *sweep, int64_t run, struct world **world, struct working *working)
{
	struct sim_progress progress = {.report = report, .host = working};
	struct sending *sending = &working->sending[working->next++ % SENDING];
	int64_t point = sweep_place(sweep, run).point;
	wait_for(sending);
	err_init(&sending->err);
	if (!*world || world_point(*world) != point) {
		world_free(*world);
		*world = sweep_world(sweep, point, &sending->err);
	}
	if (*world && sweep_replay(sweep, *world, run, &progress, &sending->record, &sending->err))
		MPI_Isend(sending->record.byte, (int)sending->record.length, MPI_BYTE, 0, RESULT, MPI_COMM_WORLD,
			  &sending->request);
	else
		MPI_Isend(&sending->err, err_any(&sending->err) ? (int)sizeof sending->err : 0, MPI_BYTE, 0, FAILED,
			  MPI_COMM_WORLD, &sending->request);
}

void ranks_work(const struct sweep *sweep, const json_t *definition, const volatile sig_atomic_t *stop)
{
	struct working working = {.stop = stop, .said = seconds()};
	struct world *world = NULL;
	MPI_Status status;
	uint64_t digest = sweep ? digest_of(definition) : 0;
	int64_t run;
	long patience = 50;
	working.sending = memory_zeroed(SENDING, sizeof *working.sending);
	for (int i = 0; i < SENDING; i++)
		working.sending[i].request = MPI_REQUEST_NULL;
	MPI_Send(&digest, 1, MPI_UINT64_T, 0, HELLO, MPI_COMM_WORLD);
	while (!waiting(0, STOP, &status)) {
		if (!waiting(0, RUN, &status)) {
			pause_for(patience);
			patience = patience < 5000 ? patience * 2 : patience;
			continue;
		}
		patience = 50;
		MPI_Recv(&run, 1, MPI_INT64_T, 0, RUN, MPI_COMM_WORLD, &status);
		run_one(sweep, run, &world, &working);
	}
	while (waiting(0, RUN, &status))
		MPI_Recv(&run, 1, MPI_INT64_T, 0, RUN, MPI_COMM_WORLD, &status);
	MPI_Recv(NULL, 0, MPI_BYTE, 0, STOP, MPI_COMM_WORLD, &status);
	for (int i = 0; i < SENDING; i++) {
		wait_for(&working.sending[i]);
		record_free(&working.sending[i].record);
	}
	free(working.sending);
	MPI_Send(NULL, 0, MPI_BYTE, 0, BYE, MPI_COMM_WORLD);
	world_free(world);
}

/* ---- rank 0 ---- */

struct peer {
	int64_t run[AHEAD_MAX]; /* that it has, the one that it is at first */
	int runs;
	double heard;
	double since; /* when it began the first of them */
	double pace;  /* seconds that a run takes it, lately; 0 before the first */
	bool known, dead, gone;
	bool resting; /* it was told to stop by somebody else, and gets no more */
};

struct master {
	const struct sweep *sweep;
	uint64_t digest;
	struct store *store;
	unsigned char *done;
	struct peer *peer; /* [rank] */
	int64_t *again;    /* runs of ranks that get no more; each has at most AHEAD_MAX, once */
	int agains;
	int64_t next, finished;
	bool failed;
	struct err *err;
	unsigned char *buffer;
	int room;
};

static bool is_done(const struct master *master, int64_t run)
{
	return master->done[run / 8] >> run % 8 & 1;
}

static void fail(struct master *master, const struct err *err)
{
	if (!master->failed && err)
		*master->err = *err;
	master->failed = true;
}

/* A run that nobody has, or -1. */
static int64_t take(struct master *master)
{
	while (master->agains > 0)
		if (!is_done(master, master->again[--master->agains]))
			return master->again[master->agains];
	while (master->next < master->sweep->runs && is_done(master, master->next))
		master->next++;
	return master->next < master->sweep->runs ? master->next++ : -1;
}

/* The last run of whoever has most that wait for it, or -1. From now on it counts as the other's. */
static int64_t take_over(struct master *master)
{
	struct peer *most = NULL;
	for (int r = 1; r < rank_count; r++)
		if (master->peer[r].runs > 1 && (!most || master->peer[r].runs > most->runs))
			most = &master->peer[r];
	return most ? most->run[--most->runs] : -1;
}

/* How many runs a peer should have. */
static int wanted(const struct peer *peer)
{
	if (!peer->known || peer->dead || peer->resting)
		return 0;
	if (peer->pace <= 0 || peer->pace > ahead)
		return 1;
	return peer->pace * AHEAD_MAX < ahead ? AHEAD_MAX : (int)(ahead / peer->pace);
}

static void hand_out(struct master *master, int rank)
{
	struct peer *peer = &master->peer[rank];
	for (int want = wanted(peer); peer->runs < want;) {
		int64_t run = take(master);
		if (run < 0 && peer->runs == 0)
			run = take_over(master);
		if (run < 0)
			return;
		if (peer->runs == 0)
			peer->since = seconds();
		peer->run[peer->runs++] = run;
		if (MPI_Send(&run, 1, MPI_INT64_T, rank, RUN, MPI_COMM_WORLD) != MPI_SUCCESS) {
			peer->heard = -silence; /* it will be given up */
			return;
		}
	}
}

/* What it has goes to others. */
static void take_back(struct master *master, struct peer *peer)
{
	while (peer->runs > 0)
		master->again[master->agains++] = peer->run[--peer->runs];
}

/* A peer has finished a run; it may count as another's by now. */
static void strike(struct peer *peer, int64_t run)
{
	int at = 0;
	while (at < peer->runs && peer->run[at] != run)
		at++;
	if (at < peer->runs)
		memmove(&peer->run[at], &peer->run[at + 1], (size_t)(--peer->runs - at) * sizeof *peer->run);
	double now = seconds(), took = now - peer->since;
	peer->pace = peer->pace > 0 ? 0.8 * peer->pace + 0.2 * took : took;
	peer->since = now;
}

static void got_result(struct master *master, int rank, int length)
{
	struct record_reader reader;
	struct record_run run;
	static struct err err;
	err_init(&err);
	record_read(&reader, master->buffer, (size_t)length, &run);
	strike(&master->peer[rank], run.number);
	if (is_done(master, run.number) || master->failed)
		return;
	if (!store_add(master->store, master->buffer, (size_t)length, &err)) {
		fail(master, &err);
		return;
	}
	master->done[run.number / 8] |= (unsigned char)(1 << run.number % 8);
	master->finished++;
}

static void got_hello(struct master *master, int rank)
{
	uint64_t digest;
	memcpy(&digest, master->buffer, sizeof digest);
	master->peer[rank].known = true;
	if (digest == master->digest || master->failed)
		return;
	err_add(master->err, ERR_MODEL, NULL, "rank %d has another model, trace or program than rank 0", rank);
	master->failed = true;
}

/* Receives a message, if there is one. */
static bool listen(struct master *master)
{
	MPI_Status status;
	int length;
	if (!waiting(MPI_ANY_SOURCE, MPI_ANY_TAG, &status))
		return false;
	MPI_Get_count(&status, MPI_BYTE, &length);
	if (length > master->room || !master->buffer) {
		master->room = length + 4096;
		free(master->buffer);
		master->buffer = memory_sized(NULL, (size_t)master->room, 1);
	}
	int rank = status.MPI_SOURCE;
	if (MPI_Recv(master->buffer, length, MPI_BYTE, rank, status.MPI_TAG, MPI_COMM_WORLD, &status) != MPI_SUCCESS)
		return false;
	struct peer *peer = &master->peer[rank];
	peer->heard = seconds();
	if (status.MPI_TAG == HELLO) {
		got_hello(master, rank);
	} else if (status.MPI_TAG == RESULT) {
		got_result(master, rank, length);
	} else if (status.MPI_TAG == BYE) {
		peer->gone = true;
	} else if (status.MPI_TAG == FAILED) {
		if (length == (int)sizeof(struct err))
			fail(master, (const struct err *)(const void *)master->buffer);
		peer->resting = true;
		take_back(master, peer);
	}
	return true;
}

static void give_up_silent(struct master *master)
{
	double now = seconds();
	for (int r = 1; r < rank_count; r++) {
		struct peer *peer = &master->peer[r];
		if (peer->dead || peer->runs == 0 || now - peer->heard < silence)
			continue;
		peer->dead = true;
		given_up++;
		take_back(master, peer);
	}
}

static bool anybody(const struct master *master)
{
	for (int r = 1; r < rank_count; r++)
		if (!master->peer[r].dead && !master->peer[r].resting)
			return true;
	return false;
}

/* All stop; what they had finished is still taken. */
static void let_all_go(struct master *master)
{
	double until = seconds() + farewell;
	for (int r = 1; r < rank_count; r++)
		if (!master->peer[r].dead)
			MPI_Send(NULL, 0, MPI_BYTE, r, STOP, MPI_COMM_WORLD);
	for (;;) {
		bool all = true;
		for (int r = 1; r < rank_count; r++)
			all = all && (master->peer[r].dead || master->peer[r].gone);
		if (all)
			break;
		if (seconds() > until) {
			given_up++;
			break;
		}
		if (!listen(master))
			pause_for(200);
	}
	let_go = true;
}

enum sweep_end ranks_sweep(const struct sweep *sweep, const json_t *definition, struct store *store,
			   unsigned char *done, void (*progress)(void *host, const struct sweep_progress *progress),
			   void *host, const volatile sig_atomic_t *stop, struct err *err)
{
	struct master master = {
		.sweep = sweep, .digest = digest_of(definition), .store = store, .done = done, .err = err};
	double begun_at = seconds(), told = 0;
	master.peer = memory_zeroed((size_t)rank_count, sizeof *master.peer);
	master.again = memory_zeroed((size_t)rank_count * AHEAD_MAX, sizeof *master.again);
	for (int r = 0; r < rank_count; r++)
		master.peer[r].heard = begun_at;
	for (int64_t r = 0; r < sweep->runs; r++)
		master.finished += is_done(&master, r);
	int64_t before = master.finished;
	while (master.finished < sweep->runs && !exec_stopped(stop) && !master.failed) {
		int heard = 0;
		for (int r = 1; r < rank_count; r++)
			hand_out(&master, r);
		while (heard < LISTENS && listen(&master))
			heard++;
		if (heard == 0)
			pause_for(200);
		give_up_silent(&master);
		if (!anybody(&master)) {
			err_add(err, ERR_OUTPUT, NULL, "no rank is left to run on; --resume continues");
			master.failed = true;
		}
		if (progress && seconds() - told > 0.1) {
			struct sweep_progress at = {.done = master.finished, .runs = sweep->runs, .point = -1};
			told = seconds();
			at.seconds = told - begun_at;
			at.part = (double)(master.finished - before) / (double)(sweep->runs - before);
			progress(host, &at);
		}
	}
	let_all_go(&master);
	free(master.peer);
	free(master.again);
	free(master.buffer);
	return master.failed ? SWEEP_FAILED : master.finished == sweep->runs ? SWEEP_DONE : SWEEP_INTERRUPTED;
}

int ranks_given_up(void)
{
	return given_up;
}

int ranks_end(int status)
{
	if (!begun)
		return status;
	if (rank_own == 0 && rank_count > 1 && !let_go) {
		struct peer *peer = calloc((size_t)rank_count, sizeof *peer);
		struct master master = {.peer = peer, .failed = true};
		int64_t none[64];
		static struct err err;
		master.again = none;
		master.err = &err;
		if (peer)
			let_all_go(&master);
		free(peer);
		free(master.buffer);
	}
	if (given_up > 0 && rank_own == 0) {
		fflush(NULL);
		MPI_Abort(MPI_COMM_WORLD, status); /* to finalize would wait for the dead */
	}
	MPI_Finalize();
	return status;
}

#else

int ranks_given_up(void)
{
	return 0;
}

int ranks_begin(int *count, struct err *err)
{
	static const char *const told_by[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
	*count = 1;
	for (size_t i = 0; i < sizeof told_by / sizeof *told_by; i++) {
		const char *told = getenv(told_by[i]);
		long processes = told ? strtol(told, NULL, 10) : 0;
		if (processes > 1) {
			err_add(err, ERR_USAGE, NULL,
				"started as %ld processes of MPI, but built without it: configure --with-mpi, or "
				"start it once; it takes all processors of this machine",
				processes);
			break;
		}
	}
	return 0;
}

int ranks_end(int status)
{
	return status;
}

/* With one rank nobody calls the rest. */
enum sweep_end ranks_sweep(const struct sweep *sweep, const json_t *definition, struct store *store,
			   unsigned char *done, void (*progress)(void *host, const struct sweep_progress *progress),
			   void *host, const volatile sig_atomic_t *stop, struct err *err)
{
	(void)definition;
	return sweep_run(sweep, store, done, 1, progress, host, stop, err);
}

void ranks_work(const struct sweep *sweep, const json_t *definition, const volatile sig_atomic_t *stop)
{
	(void)sweep;
	(void)definition;
	(void)stop;
}

#endif
