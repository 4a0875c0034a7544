/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine: it runs, stands still for a while (a collection, a virtual machine that is moved, a laptop's lid), or is
 * down. It has a clock of its own, that was set wrong and goes too fast or too slowly.
 *
 * A machine that stands still does nothing and notices nothing: what arrives for it waits until it runs again, what it
 * was working on ends later, and a timer whose time has come fires then. Its clock goes on. Pauses that overlap do not
 * add up: the one that lasts longest decides. A crash forgets all of that: what waited, what was worked on, timers.
 *
 * Its clock reads set_to + floor((t - set_at) (10^9 + drift) / 10^9) at true time t: exact integers, both ways.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include "base/freelist.h"
#include "engine/dist.h"
#include "engine/sim.h"

struct machine;
struct machine_task;

/* Rings when the machine's own clock reads `local`. Whoever waits embeds one, zeroed. */
struct machine_timer {
	struct machine *machine;    /* NULL: not set */
	struct machine_timer *next, *previous;
	int64_t local;
	queue_handle event;
	struct machine_task *task;  /* its time has come while the machine stands still */
	sim_event_fn *fn;
	void *subject;
	uint64_t detail;
};

/* What happens again and again by a law: see machine_stalls and machine_fails. */
struct machine_law {
	const struct dist *between, *length; /* NULL: does not happen */
	struct rng rng;
};

struct machine {
	struct sim *sim;
	int64_t number;             /* which one; keys its random draws */
	bool up;
	uint64_t crashes;           /* so far */
	int64_t paused_until;       /* ns; not after now when it runs */
	int64_t stood;              /* ns of all pauses begun so far, in full */
	int64_t set_at, set_to;     /* ns of true time; what the clock read then */
	int64_t drift;              /* how much it gains in a second, ns; negative: it loses */
	queue_handle wake;
	struct machine_task *first, *last; /* what waits until it runs again */
	struct machine_timer *timers;      /* that are set, newest first */
	struct machine_law stalls, fails;
	struct freelist tasks;
	void (*crashed)(void *owner, struct machine *machine);   /* forget what is not on disk; may be NULL */
	void (*restarted)(void *owner, struct machine *machine); /* may be NULL */
	void *owner;
};

enum { MACHINE_DRIFT_MAX = 999999999 };

/* Up and running; its clock reads `offset` now and gains `drift` ns a second, MACHINE_DRIFT_MAX at most either way. */
void machine_init(struct machine *machine, struct sim *sim, int64_t number, int64_t offset, int64_t drift);

static inline bool machine_runs(const struct machine *machine)
{
	return machine->up && machine->paused_until <= machine->sim->now;
}

/* What the clock reads now. It goes on while the machine stands still or is down. */
int64_t machine_local(const struct machine *machine);

/* The first instant of true time, not before the clock was last set, at which the clock reads `local` or more. */
int64_t machine_true(const struct machine *machine, int64_t local);

/* The clock is put forward by `by` ns (back, when negative), or goes at another rate from now on. Timers follow. */
void machine_clock_step(struct machine *machine, int64_t by);
void machine_clock_drift(struct machine *machine, int64_t drift);

/* Stands still for `length` ns from now on; until a longer pause under way ends, when there is one. */
void machine_pause(struct machine *machine, int64_t length);

/*
 * Nanoseconds it has run since it was made: true time less pauses. Times of being down count as run, but nothing goes
 * on across them.
 */
int64_t machine_ran(const struct machine *machine);

/* Goes down, and comes up again with nothing in memory. No effect when it is down, or up, already. */
void machine_crash(struct machine *machine);
void machine_restart(struct machine *machine);

/*
 * fn(sim, subject, detail) as soon as the machine runs: before returning, or after what waits already. False: it is
 * down, and fn will not be called. After a crash it will not be called either.
 */
bool machine_do(struct machine *machine, sim_event_fn *fn, void *subject, uint64_t detail);

/* The same when the machine has run for `length` ns more. */
bool machine_work(struct machine *machine, int64_t length, sim_event_fn *fn, void *subject, uint64_t detail);

/*
 * Sets a timer that is not set: fn when the clock reads `local` (at once is the next event of this instant), or when
 * the machine runs again. `machine` is up. Stopping one that is not set does nothing.
 */
void machine_timer_set(struct machine *machine, struct machine_timer *timer, int64_t local, sim_event_fn *fn,
		       void *subject, uint64_t detail);
void machine_timer_stop(struct machine_timer *timer);

/*
 * From now on it stands still again and again, for a time drawn from `length`, after having run for one drawn from
 * `between` each; a restart begins anew. Or it goes down after a time drawn from `between` since it came up, and comes
 * up again after one drawn from `length`. The draws are those of `stream` and the machine's number. Call each once.
 */
void machine_stalls(struct machine *machine, const struct dist *between, const struct dist *length,
		    struct rng_stream stream);
void machine_fails(struct machine *machine, const struct dist *between, const struct dist *length,
		   struct rng_stream stream);

#endif
