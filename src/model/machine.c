/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is worked on carries the running time at which it will be done. Its event is scheduled as if no pause came; when
 * it fires too early, it is scheduled again, so that a pause costs one event for each thing that it delays.
 */
#include "model/machine.h"

#define PER_SECOND INT64_C(1000000000)

__extension__ typedef __int128 wide;

struct machine_task {
	struct machine_task *next;
	struct machine *machine;
	uint64_t crashes; /* of the machine when this began */
	int64_t done_at;  /* running time */
	struct machine_timer *timer; /* that is due; NULL: none */
	sim_event_fn *fn; /* NULL: not wanted any more */
	void *subject;
	uint64_t detail;
};

void machine_init(struct machine *machine, struct sim *sim, int64_t number, int64_t offset, int64_t drift)
{
	CHECK(drift >= -MACHINE_DRIFT_MAX && drift <= MACHINE_DRIFT_MAX);
	*machine = (struct machine){.sim = sim, .number = number, .up = true, .paused_until = sim->now,
				    .set_at = sim->now, .set_to = offset, .drift = drift};
}

/* ---- the clock ---- */

/* The greatest integer up to time * drift / divisor. Nearly always 64 bits are enough, and divided much faster. */
static wide drifted(int64_t time, int64_t drift, int64_t divisor)
{
	int64_t product;
	if (drift == 0)
		return 0;
	if (!__builtin_mul_overflow(time, drift, &product))
		return product / divisor - (product % divisor < 0);
	wide whole = (wide)time * drift;
	return whole / divisor - (whole % divisor < 0);
}

int64_t machine_local(const struct machine *machine)
{
	int64_t passed = machine->sim->now - machine->set_at;
	return machine->set_to + passed + (int64_t)drifted(passed, machine->drift, PER_SECOND);
}

int64_t machine_true(const struct machine *machine, int64_t local)
{
	int64_t ahead = local - machine->set_to;
	if (local <= machine->set_to)
		return machine->set_at;
	wide passed = ahead - drifted(ahead, machine->drift, PER_SECOND + machine->drift); /* rounded up */
	return passed < INT64_MAX / 2 ? machine->set_at + (int64_t)passed : INT64_MAX / 2;
}

static void ring(struct sim *sim, void *subject, uint64_t unused);

static void arm(struct machine_timer *timer)
{
	struct sim *sim = timer->machine->sim;
	int64_t when = machine_true(timer->machine, timer->local);
	timer->event = sim_at(sim, when > sim->now ? when : sim->now, ring, timer, 0);
}

static void set_clock(struct machine *machine, int64_t local, int64_t drift)
{
	CHECK(drift >= -MACHINE_DRIFT_MAX && drift <= MACHINE_DRIFT_MAX);
	machine->set_at = machine->sim->now;
	machine->set_to = local;
	machine->drift = drift;
	for (struct machine_timer *timer = machine->timers; timer; timer = timer->next) {
		if (timer->task)
			continue; /* it was due before the clock was set */
		sim_cancel(machine->sim, timer->event);
		arm(timer);
	}
}

void machine_clock_step(struct machine *machine, int64_t by)
{
	set_clock(machine, machine_local(machine) + by, machine->drift);
}

void machine_clock_drift(struct machine *machine, int64_t drift)
{
	set_clock(machine, machine_local(machine), drift);
}

/* ---- what waits until it runs ---- */

static struct machine_task *make_task(struct machine *machine, sim_event_fn *fn, void *subject, uint64_t detail)
{
	struct machine_task *task = FREELIST_TAKE(&machine->tasks, &machine->sim->arena, struct machine_task);
	*task = (struct machine_task){.machine = machine, .crashes = machine->crashes, .fn = fn, .subject = subject,
				      .detail = detail};
	return task;
}

static void wait_for_machine(struct machine_task *task)
{
	struct machine *machine = task->machine;
	task->next = NULL;
	if (machine->first)
		machine->last->next = task;
	else
		machine->first = task;
	machine->last = task;
}

static void run_waiting(struct machine *machine)
{
	while (machine->first && machine_runs(machine)) {
		struct machine_task *task = machine->first, now = *task;
		machine->first = task->next;
		freelist_give(&machine->tasks, task);
		if (now.timer) {
			now.timer->task = NULL;
			machine_timer_stop(now.timer);
		}
		if (now.fn)
			now.fn(machine->sim, now.subject, now.detail);
	}
}

static void wake(struct sim *sim, void *subject, uint64_t unused)
{
	struct machine *machine = subject;
	(void)sim;
	(void)unused;
	machine->wake = 0;
	run_waiting(machine);
}

bool machine_do(struct machine *machine, sim_event_fn *fn, void *subject, uint64_t detail)
{
	if (!machine->up)
		return false;
	if (!machine->first && machine_runs(machine))
		fn(machine->sim, subject, detail);
	else
		wait_for_machine(make_task(machine, fn, subject, detail));
	return true;
}

/* ---- work ---- */

int64_t machine_ran(const struct machine *machine)
{
	int64_t now = machine->sim->now, rest = machine->paused_until - now;
	return now - machine->stood + (rest > 0 ? rest : 0);
}

static void work(struct machine_task *task);

static void worked(struct sim *sim, void *subject, uint64_t unused)
{
	struct machine_task *task = subject, done = *task;
	struct machine *machine = task->machine;
	(void)sim;
	(void)unused;
	if (task->crashes == machine->crashes && machine_ran(machine) < task->done_at) {
		work(task);
		return;
	}
	freelist_give(&machine->tasks, task);
	if (done.crashes == machine->crashes)
		machine_do(machine, done.fn, done.subject, done.detail);
}

static void work(struct machine_task *task)
{
	struct machine *machine = task->machine;
	struct sim *sim = machine->sim;
	int64_t start = machine->paused_until > sim->now ? machine->paused_until : sim->now;
	sim_at(sim, start + task->done_at - machine_ran(machine), worked, task, 0);
}

bool machine_work(struct machine *machine, int64_t length, sim_event_fn *fn, void *subject, uint64_t detail)
{
	CHECK(length >= 0);
	if (!machine->up)
		return false;
	struct machine_task *task = make_task(machine, fn, subject, detail);
	task->done_at = machine_ran(machine) + length;
	work(task);
	return true;
}

/* ---- timers ---- */

static void ring(struct sim *sim, void *subject, uint64_t unused)
{
	struct machine_timer *timer = subject;
	struct machine *machine = timer->machine;
	(void)unused;
	timer->event = 0;
	if (machine->first || !machine_runs(machine)) {
		timer->task = make_task(machine, timer->fn, timer->subject, timer->detail);
		timer->task->timer = timer;
		wait_for_machine(timer->task);
		return;
	}
	struct machine_timer now = *timer;
	machine_timer_stop(timer);
	now.fn(sim, now.subject, now.detail);
}

void machine_timer_set(struct machine *machine, struct machine_timer *timer, int64_t local, sim_event_fn *fn,
		       void *subject, uint64_t detail)
{
	CHECK(machine->up && !timer->machine);
	*timer = (struct machine_timer){.machine = machine, .next = machine->timers, .local = local, .fn = fn,
					.subject = subject, .detail = detail};
	if (timer->next)
		timer->next->previous = timer;
	machine->timers = timer;
	arm(timer);
}

void machine_timer_stop(struct machine_timer *timer)
{
	struct machine *machine = timer->machine;
	if (!machine)
		return;
	if (timer->task) {
		timer->task->fn = NULL;
		timer->task->timer = NULL;
	} else if (timer->event) {
		sim_cancel(machine->sim, timer->event);
	}
	if (timer->previous)
		timer->previous->next = timer->next;
	else
		machine->timers = timer->next;
	if (timer->next)
		timer->next->previous = timer->previous;
	*timer = (struct machine_timer){0};
}

/* ---- pauses and crashes ---- */

void machine_pause(struct machine *machine, int64_t length)
{
	struct sim *sim = machine->sim;
	int64_t until = sim->now + length, from = machine->paused_until > sim->now ? machine->paused_until : sim->now;
	CHECK(length >= 0);
	if (!machine->up || until <= from)
		return;
	machine->stood += until - from;
	machine->paused_until = until;
	if (machine->wake)
		sim_cancel(sim, machine->wake);
	machine->wake = sim_at(sim, until, wake, machine, 0);
}

static void stall(struct sim *sim, void *subject, uint64_t unused)
{
	struct machine *machine = subject;
	struct machine_law *law = &machine->stalls;
	(void)sim;
	(void)unused;
	machine_pause(machine, dist_draw_time(law->length, &law->rng));
	machine_work(machine, dist_draw_time(law->between, &law->rng), stall, machine, 0);
}

static void next_stall(struct machine *machine)
{
	struct machine_law *law = &machine->stalls;
	if (law->between)
		machine_work(machine, dist_draw_time(law->between, &law->rng), stall, machine, 0);
}

static void repaired(struct sim *sim, void *subject, uint64_t unused);

static void fail(struct sim *sim, void *subject, uint64_t crashes)
{
	struct machine *machine = subject;
	struct machine_law *law = &machine->fails;
	if (machine->crashes != crashes)
		return; /* it went down otherwise, and its restart has begun anew */
	machine_crash(machine);
	sim_after(sim, dist_draw_time(law->length, &law->rng), repaired, machine, machine->crashes);
}

static void repaired(struct sim *sim, void *subject, uint64_t crashes)
{
	struct machine *machine = subject;
	(void)sim;
	if (machine->crashes == crashes)
		machine_restart(machine);
}

static void next_failure(struct machine *machine)
{
	struct machine_law *law = &machine->fails;
	if (law->between)
		sim_after(machine->sim, dist_draw_time(law->between, &law->rng), fail, machine, machine->crashes);
}

void machine_crash(struct machine *machine)
{
	struct sim *sim = machine->sim;
	if (!machine->up)
		return;
	machine->up = false;
	machine->crashes++;
	if (machine->paused_until > sim->now) {
		machine->stood -= machine->paused_until - sim->now;
		machine->paused_until = sim->now;
	}
	if (machine->wake)
		sim_cancel(sim, machine->wake);
	machine->wake = 0;
	while (machine->timers)
		machine_timer_stop(machine->timers);
	while (machine->first) {
		struct machine_task *task = machine->first;
		machine->first = task->next;
		freelist_give(&machine->tasks, task);
	}
	if (machine->crashed)
		machine->crashed(machine->owner, machine);
}

void machine_restart(struct machine *machine)
{
	if (machine->up)
		return;
	machine->up = true;
	if (machine->restarted)
		machine->restarted(machine->owner, machine);
	next_stall(machine);
	next_failure(machine);
}

void machine_stalls(struct machine *machine, const struct dist *between, const struct dist *length,
		    struct rng_stream stream)
{
	CHECK(!machine->stalls.between);
	machine->stalls = (struct machine_law){between, length, rng_of(stream, (uint64_t)machine->number)};
	next_stall(machine);
}

void machine_fails(struct machine *machine, const struct dist *between, const struct dist *length,
		   struct rng_stream stream)
{
	CHECK(!machine->fails.between);
	machine->fails = (struct machine_law){between, length, rng_of(stream, (uint64_t)machine->number)};
	next_failure(machine);
}
