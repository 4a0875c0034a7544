/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A sweep on many machines, by MPI (./configure --with-mpi). Rank 0 hands out runs and owns the database; the others
 * replay and send records. Which rank replays a run changes nothing in its result. Without MPI, or started alone, there
 * is one rank.
 *
 * A worker that is silent for a minute is given up, and its runs are given to others: this helps where the MPI library
 * lets a job live on after one of its processes died. Where it does not, --resume goes on.
 */
#ifndef EXEC_RANKS_H
#define EXEC_RANKS_H

#include "exec/sweep_run.h"

/*
 * Joins the others, if the program was started by mpirun or the like. The rank, and how many there are. Without MPI
 * each of several processes would take itself for the only one: that is an error.
 */
int ranks_begin(int *count, struct err *err);

/* At the end, of every rank. Lets go of ranks that still wait for work. Returns `status`, or does not return. */
int ranks_end(int status);

/*
 * As sweep_run, on ranks 1 and above; by rank 0. All must have loaded the same sweep: `definition` is that of
 * sweep_definition.
 */
enum sweep_end ranks_sweep(const struct sweep *sweep, const json_t *definition, struct store *store,
			   unsigned char *done, void (*progress)(void *host, const struct sweep_progress *progress),
			   void *host, const volatile sig_atomic_t *stop, struct err *err);

/* How many ranks were silent for so long that rank 0 no longer counts on them. */
int ranks_given_up(void);

/* The other ranks' part, until rank 0 lets them go. `sweep` is NULL where it could not be loaded. */
void ranks_work(const struct sweep *sweep, const json_t *definition, const volatile sig_atomic_t *stop);

#endif
