/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locks for programs on different machines. A row of the trace is a job that must not run twice at the same time: it
 * gets the lock of what it works on, works, writes its result to a store, and gives the lock back. Since a holder may
 * die, the lock is a lease. Since a holder may only stand still (a collection, a machine that is moved), its lease may
 * end while it believes to hold it; then another job begins, and the first one wakes up and writes.
 *
 * Who grants: one server, a server with an asynchronous replica, Redlock's several independent ones, or consensus (see
 * model/lockservice.h). What holders do about it: renew, leave a margin, look at their clock before they write, show
 * the token of their grant to the store, which refuses older ones than it has seen (fencing).
 *
 * Whether two jobs hold a lock, and which writes are unsafe, is seen by an observer in true time (model/exclusion.h).
 *
 * M. Kleppmann, How to do distributed locking, 2016; S. Sanfilippo, Distributed Locks with Redis; M. Burrows, The
 * Chubby lock service, OSDI 2006.
 */
#include "cases/case.h"
#include "model/exclusion.h"
#include "model/lockservice.h"
#include "model/request.h"

#include <stdio.h>

static const char *const designs[] = {"single", "replica", "redlock", "consensus", NULL};
static const struct lockservice_kind *const kinds[] = {&lockservice_single, &lockservice_replica, &lockservice_redlock,
						       &lockservice_consensus};
static const char *const guards[] = {"none", "clock", NULL};
static const char *const releases[] = {"own", "any", NULL};
enum { GUARD_NONE, GUARD_CLOCK };

struct params {
	int design;
	int64_t servers, locks, clients, waiters;
	int64_t lease, renew, lock_delay;
	struct dist hold, to_write, retry, one_way;
	int guard, release;
	double margin;
	bool fencing, announce, durable;
	bool pauses, crashes, failures;
	struct dist pause_every, pause, crash_every, crash_for, failure_every, failure_for;
	double client_drift, drifting, server_drift, loss;
	int64_t timeout, detect, lag;
};

static const struct param params[] = {
	PARAM_CHOICE(struct params, design, designs, "single", "what grants the locks"),
	PARAM_COUNT(struct params, servers, "1", "1", "9", "lock servers: 1 single, 2 replica, else 3 or more"),
	PARAM_COUNT(struct params, locks, "100", "1", "100 k", "things that are locked"),
	PARAM_COUNT(struct params, clients, "200", "1", "1 k", "machines that run jobs"),
	PARAM_COUNT(struct params, waiters, "1", "0", "1 k", "jobs that may wait for a lock; more are turned away"),
	PARAM_TIME(struct params, lease, "10 s", "1 ms", "1 d", "how long a lock is granted for"),
	PARAM_TIME(struct params, renew, "0 s", "0 s", "1 d", "time between a holder's renewals; 0: it does not renew"),
	PARAM_TIME(struct params, lock_delay, "0 s", "0 s", "1 d", "between a lapse and the next grant"),
	PARAM_DIST(struct params, hold, TIME, "5 s", "1 us", "30 d", "work of a job under the lock, pauses aside"),
	PARAM_DIST(struct params, to_write, TIME, "1 ms", "0 s", "1 h", "from a look at the clock to the write"),
	PARAM_DIST(struct params, retry, TIME, "exp(200 ms)", "1 us", "1 h", "wait before asking again, if not told"),
	PARAM_DIST(struct params, one_way, TIME, "exp(500 us)", "0 s", "10 s", "network, each way"),
	PARAM_CHOICE(struct params, guard, guards, "none", "what a holder looks at before it writes"),
	PARAM_CHOICE(struct params, release, releases, "own", "what may be given back: one's own lock, or any"),
	PARAM_RATIO(struct params, margin, "0 %", "0 %", "99 %", "part of the lease that a holder does not use"),
	PARAM_BOOL(struct params, fencing, "off", "the store refuses tokens older than the newest it has seen"),
	PARAM_BOOL(struct params, announce, "off", "holders show their token to the store as soon as they have it"),
	PARAM_BOOL(struct params, durable, "off", "lock servers find their locks again after a crash"),
	PARAM_BOOL(struct params, pauses, "on", "clients stand still now and then"),
	PARAM_DIST(struct params, pause_every, TIME, "exp(60 s)", "1 ms", "30 d", "running time between pauses"),
	PARAM_DIST(struct params, pause, TIME, "exp(2 s)", "0 s", "1 d", "how long a pause is"),
	PARAM_BOOL(struct params, crashes, "off", "clients crash now and then"),
	PARAM_DIST(struct params, crash_every, TIME, "exp(5 min)", "1 s", "3650 d", "time between crashes of a client"),
	PARAM_DIST(struct params, crash_for, TIME, "1 s", "0 s", "30 d", "until a client is back"),
	PARAM_BOOL(struct params, failures, "off", "lock servers crash now and then"),
	PARAM_DIST(struct params, failure_every, TIME, "exp(1 d)", "1 s", "3650 d", "time between crashes of a server"),
	PARAM_DIST(struct params, failure_for, TIME, "10 s", "0 s", "30 d", "until a server is back"),
	PARAM_RATIO(struct params, client_drift, "0 %", "-50 %", "50 %", "how much too fast clients' clocks go"),
	PARAM_RATIO(struct params, drifting, "50 %", "0 %", "100 %", "part of the clients whose clocks do"),
	PARAM_RATIO(struct params, server_drift, "0 %", "-50 %", "50 %", "how much too fast servers' clocks go"),
	PARAM_RATIO(struct params, loss, "0 %", "0 %", "90 %", "messages that are lost"),
	PARAM_TIME(struct params, timeout, "50 ms", "1 us", "1 h", "how long a client waits for lock servers"),
	PARAM_TIME(struct params, detect, "1 s", "1 us", "1 h", "until a dead leader is replaced"),
	PARAM_TIME(struct params, lag, "10 ms", "0 s", "1 h", "how much later the replica knows of a change"),
	PARAM_END};

enum { LOCK, LEASE, HOLD };
static const struct column columns[] = {
	{"lock", COLUMN_KEY, NULL, NULL, "what the job works on"},
	{"lease", COLUMN_TIME, NULL, "0 ns", "how long it wants the lock for; 0: as the model says"},
	{"hold", COLUMN_TIME, NULL, "0 ns", "its work under the lock; 0: as the model says"},
	{NULL, COLUMN_COUNT, NULL, NULL, NULL}
};

#define METRICS(METRIC) \
	METRIC(ARRIVED, arrived, COUNT, NULL, "jobs that arrived") \
	METRIC(REFUSED, refused, COUNT, NULL, "jobs turned away: too many waited, or their machine was down") \
	METRIC(HOLDS, holds, COUNT, NULL, "grants that a job took up") \
	METRIC(WAIT, wait, TIME, NULL, "from arrival to the lock") \
	METRIC(GRANT, grant, TIME, NULL, "from the question to the answer that grants the lock") \
	METRIC(HELD, held, TIME, NULL, "how long a job acted as holder") \
	METRIC(ASKED, leased, TIME, NULL, "how long the lock was granted for") \
	METRIC(LAPSED, lapsed, COUNT, NULL, "holds at whose end the lock was not the holder's any more") \
	METRIC(VIOLATIONS, violations, COUNT, NULL, "holds that began while another job held the lock") \
	METRIC(OVERLAP, overlap, TIME, NULL, "how long a lock had two holders, each time") \
	METRIC(WRITES, writes, COUNT, NULL, "writes that the store obeyed") \
	METRIC(UNSAFE, unsafe, COUNT, NULL, "of these by a job that another one had overtaken") \
	METRIC(REJECTED, rejected, COUNT, NULL, "late writes that the store refused, by their token") \
	METRIC(SPURNED, spurned, COUNT, NULL, "writes of rightful holders that the store refused") \
	METRIC(STOPPED, stopped, COUNT, NULL, "holders that saw their time was over, or were told, and did not write") \
	METRIC(CRASHED, crashed, COUNT, NULL, "holders whose machine crashed") \
	METRIC(GAP, gap, TIME, NULL, "from the crash of a holder to the next grant of its lock") \
	METRIC(FORGOTTEN, forgotten, COUNT, NULL, "held locks that a takeover or restart of lock servers forgot") \
	METRIC(SENT, messages, COUNT, NULL, "messages sent, of all kinds") \
	METRIC(LOCKED, locked, LEVEL, "locks", "locks that somebody acts as the holder of") \
	METRIC(SECOND, seconds, LEVEL, "jobs", "jobs that act as holders of a lock beside another one") \
	METRIC(WAITING, waiting, LEVEL, "jobs", "jobs that wait for a lock")
METRIC_TABLE(metrics, METRICS);

static const struct fault_kind faults[] = {
	{.name = "pause", .target = "client", .help = "a client stands still"},
	{.name = "crash", .target = "client", .help = "a client is down"},
	{.name = "cut", .target = "client", .help = "a client hears from no server, though they hear it"},
	{.name = "kill", .target = "server", .help = "a lock server is down"},
	{.name = "isolate", .target = "server", .help = "a lock server is cut off, both ways"},
	{.name = "jump", .target = "server", .factor = true, .moment = true,
	 .help = "a lock server's clock goes ahead, by seconds"},
	{.name = "slow", .factor = true, .help = "all messages take longer by the factor"},
	{.name = NULL}
};
enum { FAULT_PAUSE, FAULT_CRASH, FAULT_CUT, FAULT_KILL, FAULT_ISOLATE, FAULT_JUMP, FAULT_SLOW };

enum { ASK, ANSWER, CONFIRM, WRITE, WRITTEN, SHOW, MESSAGES };

struct lock {
	int64_t number, jobs;        /* jobs: that wait for it or hold it */
	struct fence fence;          /* the store's */
	int64_t orphaned;            /* when its holder crashed; -1: it did not */
};

struct job {
	struct request request;
	uint64_t serial;             /* 0: over */
	struct locks *locks;
	struct lock *lock;
	struct client *client;
	struct job *next, *previous; /* of its client */
	bool waits;
	struct lockservice_ask ask;
	struct exclusion_hold hold;
	struct machine_timer timer, deadline;
	int64_t lease, work, until;  /* until: on the client's clock */
	uint64_t token, sent;        /* sent: messages to and from the store */
};

struct client {
	struct machine machine;
	int64_t stands_until; /* ns, through a fault */
	struct job *first;
};

struct locks {
	const struct params *params;
	struct sim *sim;
	struct meters *meters;
	struct requests jobs;
	struct dist instant, one_way; /* drawn without and with the network between */
	struct network_kind message[MESSAGES + 1];
	struct network network;
	struct lockservice_config config;
	struct lockservice service;
	struct exclusion exclusion;
	struct client *client;
	struct lock *lock;
	int64_t holders, locked, waiting;
	int store;                    /* its site; those of clients follow */
};

/* ---- the end of a job ---- */

static int site_of(const struct job *job)
{
	return job->locks->store + 1 + (int)job->client->machine.number;
}

/* Whether the event that comes for a job comes in time. */
static bool is_live(const struct job *job, uint64_t serial)
{
	return job->serial == serial;
}

static void count(struct locks *locks, int metric)
{
	meter_count(locks->meters, metric, locks->sim->now, 1);
}

static void stop_waiting(struct job *job)
{
	struct locks *locks = job->locks;
	if (job->waits)
		meter_level(locks->meters, WAITING, locks->sim->now, --locks->waiting);
	job->waits = false;
}

static void book_holders(struct locks *locks)
{
	meter_level(locks->meters, LOCKED, locks->sim->now, locks->locked);
	meter_level(locks->meters, SECOND, locks->sim->now, locks->holders - locks->locked);
}

/* It acts as the holder no longer. */
static void stop_holding(struct job *job)
{
	struct locks *locks = job->locks;
	int64_t now = locks->sim->now;
	if (!job->hold.thing)
		return;
	if (!lockservice_holds(&locks->service, job->lock->number, job->ask.holder))
		count(locks, LAPSED);
	const struct exclusion_thing *thing = job->hold.thing;
	int64_t shared = exclusion_end(&locks->exclusion, &job->hold, now);
	if (thing->holders == 1)
		meter_record(locks->meters, OVERLAP, now, shared);
	meter_record(locks->meters, HELD, now, now - job->hold.since);
	locks->holders--;
	locks->locked -= thing->holders == 0;
	book_holders(locks);
}

static void end(struct job *job)
{
	struct client *client = job->client;
	stop_waiting(job);
	stop_holding(job);
	job->lock->jobs--;
	lockservice_forget(&job->ask);
	machine_timer_stop(&job->timer);
	machine_timer_stop(&job->deadline);
	*(job->previous ? &job->previous->next : &client->first) = job->next;
	if (job->next)
		job->next->previous = job->previous;
	job->serial = 0;
	request_close(&job->request, job->locks->sim->now);
}

static void give_back(struct job *job)
{
	stop_holding(job);
	lockservice_release(&job->ask);
	end(job);
}

/* ---- writing ---- */

static void written(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (is_live(job, serial))
		give_back(job);
}

static void answer_of_store(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (is_live(job, serial))
		machine_do(&job->client->machine, written, job, serial);
}

/* To the store, or from it. */
static void send(struct job *job, int kind, sim_event_fn *arrives)
{
	struct locks *locks = job->locks;
	int from = kind == WRITTEN ? locks->store : site_of(job), to = kind == WRITTEN ? site_of(job) : locks->store;
	uint64_t key = job->request.id << 16 | (job->sent++ & 0xffff);
	network_send(&locks->network, kind, from, to, key, arrives, job, job->serial);
}

static void write_arrives(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	if (!is_live(job, serial))
		return;
	struct locks *locks = job->locks;
	bool late = exclusion_is_overtaken(&job->hold);
	bool obeyed = !locks->params->fencing || fence_admits(&job->lock->fence, job->token);
	const char *what = obeyed ? late ? "obeys, though another has the lock" : "obeys" : "refuses the token";
	journey_note(&job->request.journey, sim->now, "store", -1, what, -1);
	if (obeyed)
		count(locks, WRITES);
	if (late)
		count(locks, obeyed ? UNSAFE : REJECTED);
	else if (!obeyed)
		count(locks, SPURNED);
	send(job, WRITTEN, answer_of_store);
}

/* It has looked at its clock, and writes now; again, when no answer comes. */
static void write(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (!is_live(job, serial))
		return;
	struct machine *machine = &job->client->machine;
	int64_t again = machine_local(machine) + job->locks->params->timeout;
	send(job, WRITE, write_arrives);
	machine_timer_stop(&job->timer);
	machine_timer_set(machine, &job->timer, again, write, job, serial);
}

static void stop(struct job *job, const char *why)
{
	journey_note(&job->request.journey, job->locks->sim->now, "client", job->client->machine.number, why, -1);
	count(job->locks, STOPPED);
	give_back(job);
}

static void worked(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	if (!is_live(job, serial))
		return;
	const struct params *p = job->locks->params;
	struct machine *machine = &job->client->machine;
	int64_t stood = sim->now - job->hold.since - job->work;
	journey_note_time(&job->request.journey, sim->now, "client", machine->number, "has worked, paused for", stood);
	lockservice_forget(&job->ask);
	machine_timer_stop(&job->timer);
	machine_timer_stop(&job->deadline);
	if (p->guard == GUARD_CLOCK && machine_local(machine) >= job->until) {
		stop(job, "sees that its lease is over");
		return;
	}
	machine_work(machine, dist_draw_time(&p->to_write, &job->request.rng), write, job, serial);
}

/* ---- holding ---- */

static void time_is_over(struct sim *sim, void *subject, uint64_t serial)
{
	(void)sim;
	if (is_live(subject, serial))
		stop(subject, "stops: its lease is over");
}

static void renew(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (is_live(job, serial))
		lockservice_renew(&job->ask, job->lease);
}

/* What it does with the time that it has been granted, from when it asked. */
static void begin_lease(struct job *job)
{
	const struct params *p = job->locks->params;
	struct machine *machine = &job->client->machine;
	int64_t asked = job->ask.sent;
	job->until = asked + (int64_t)((double)job->lease * (1 - p->margin));
	machine_timer_stop(&job->deadline);
	if (p->guard == GUARD_CLOCK)
		machine_timer_set(machine, &job->deadline, job->until, time_is_over, job, job->serial);
	if (p->renew > 0)
		machine_timer_set(machine, &job->timer, asked + p->renew, renew, job, job->serial);
}

static void shown(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (is_live(job, serial))
		fence_admits(&job->lock->fence, job->token);
}

static void hold(struct job *job)
{
	struct locks *locks = job->locks;
	const struct params *p = locks->params;
	struct lock *lock = job->lock;
	int64_t now = locks->sim->now;
	stop_waiting(job);
	count(locks, HOLDS);
	meter_record(locks->meters, WAIT, job->request.arrival, now - job->request.arrival);
	meter_record(locks->meters, ASKED, now, job->lease);
	meter_record(locks->meters, GRANT, now, machine_local(&job->client->machine) - job->ask.sent);
	if (lock->orphaned >= 0)
		meter_record(locks->meters, GAP, now, now - lock->orphaned);
	lock->orphaned = -1;
	if (exclusion_begin(&locks->exclusion, lock->number, &job->hold, now))
		count(locks, VIOLATIONS);
	else
		locks->locked++;
	locks->holders++;
	book_holders(locks);
	const char *what = job->hold.crossed ? "has two holders" : "is held";
	journey_note(&job->request.journey, now, "lock", lock->number, what, -1);
	job->token = job->ask.token;
	if (p->announce)
		send(job, SHOW, shown);
	machine_work(&job->client->machine, job->work, worked, job, job->serial);
	begin_lease(job);
}

/* ---- asking ---- */

static void try(struct sim *sim, void *subject, uint64_t serial)
{
	struct job *job = subject;
	(void)sim;
	if (is_live(job, serial) && job->ask.number == 0 && !job->hold.thing) {
		machine_timer_stop(&job->timer);
		lockservice_acquire(&job->ask, job->lease);
	}
}

static void answered(void *owner, struct lockservice_ask *ask, bool granted)
{
	struct job *job = owner;
	struct locks *locks = job->locks;
	struct machine *machine = &job->client->machine;
	if (job->hold.thing && granted) {
		begin_lease(job);
	} else if (job->hold.thing && ask->answers > 0) {
		stop(job, "hears that it has lost the lock");
	} else if (job->hold.thing) {
		renew(locks->sim, job, job->serial); /* nobody has answered */
	} else if (granted) {
		hold(job);
	} else {
		journey_note(&job->request.journey, locks->sim->now, "lock", ask->lock, "is another's", -1);
		bool told = ask->remains > 0 && !locks->config.kind->everywhere;
		int64_t wait = told ? ask->remains : dist_draw_time(&locks->params->retry, &job->request.rng);
		machine_timer_set(machine, &job->timer, machine_local(machine) + wait, try, job, job->serial);
	}
}

static void freed(void *owner, struct lockservice_ask *ask)
{
	struct job *job = owner;
	(void)ask;
	try(job->locks->sim, job, job->serial);
}

static void arrive(struct sim *sim, void *self, const struct row *row)
{
	struct locks *locks = self;
	const struct params *p = locks->params;
	struct lock *lock = &locks->lock[(uint64_t)row->value[LOCK] % (uint64_t)p->locks];
	struct client *client = &locks->client[rng_mix(row->id) % (uint64_t)p->clients];
	count(locks, ARRIVED);
	if (lock->jobs > p->waiters || !client->machine.up) {
		count(locks, REFUSED);
		return;
	}
	struct job *job = request_open(&locks->jobs, row->id, row->window, "job");
	job->serial = row->id + 1;
	job->locks = locks;
	job->lock = lock;
	job->client = client;
	job->lease = row->value[LEASE] > 0 ? row->value[LEASE] : p->lease;
	job->work = row->value[HOLD] > 0 ? row->value[HOLD] : dist_draw_time(&p->hold, &job->request.rng);
	job->ask = (struct lockservice_ask){.service = &locks->service, .client = &client->machine, .owner = job,
					    .site = site_of(job), .lock = lock->number, .id = row->id,
					    .answered = answered, .freed = freed};
	job->next = client->first;
	if (job->next)
		job->next->previous = job;
	client->first = job;
	job->waits = true;
	lock->jobs++;
	meter_level(locks->meters, WAITING, sim->now, ++locks->waiting);
	lockservice_listen(&job->ask);
	machine_do(&client->machine, try, job, job->serial);
}

/* ---- what breaks ---- */

static void client_crashed(void *owner, struct machine *machine)
{
	struct locks *locks = owner;
	struct client *client = &locks->client[machine->number];
	while (client->first) {
		struct job *job = client->first;
		if (job->hold.thing)
			count(locks, CRASHED);
		if (job->hold.thing && !exclusion_is_overtaken(&job->hold))
			job->lock->orphaned = locks->sim->now;
		end(job);
	}
}

static const char *idle(const void *of, int kind, int64_t target, struct arena *arena)
{
	const struct params *p = of;
	(void)target;
	(void)arena;
	return kind == FAULT_SLOW && dist_mean(&p->one_way) == 0 ? "messages take no time (one_way)" : NULL;
}

static void fault(struct sim *sim, void *self, int kind, int64_t target, const struct fault_state *state)
{
	struct locks *locks = self;
	struct network *network = &locks->network;
	int at = (int)target;
	bool begins = state->active;
	struct client *client = kind <= FAULT_CUT ? &locks->client[at] : NULL;
	struct machine *machine = client ? &client->machine
				  : kind < FAULT_SLOW ? &locks->service.server[at].machine : NULL;
	if (kind == FAULT_PAUSE)
		client->stands_until = state->until;
	if (kind == FAULT_CRASH || kind == FAULT_KILL)
		(begins ? machine_crash : machine_restart)(machine);
	if (client && client->stands_until > sim->now) /* a restart does not end it */
		machine_pause(machine, client->stands_until - sim->now);
	if (kind == FAULT_JUMP)
		machine_clock_step(machine, (int64_t)(state->factor * 1e9));
	else if (kind == FAULT_ISOLATE)
		(begins ? network_isolate : network_rejoin)(network, at);
	else if (kind == FAULT_SLOW)
		network_slow(network, state->factor);
	for (int i = 0; kind == FAULT_CUT && i < locks->store; i++)
		(begins ? network_cut : network_mend)(network, i, locks->store + 1 + at);
}

static struct fault_targets targets(const void *values, int64_t slice, int kind, struct arena *arena)
{
	const struct params *p = values;
	(void)slice;
	(void)arena;
	return (struct fault_targets){.count = kind <= FAULT_CUT ? p->clients : p->servers};
}

/* ---- the world ---- */

static int64_t ppb(double ratio)
{
	return (int64_t)(ratio * 1e9 + (ratio < 0 ? -0.5 : 0.5));
}

static void *build(const struct case_world *world)
{
	struct sim *sim = world->sim;
	struct locks *locks = ARENA_NEW(&sim->arena, struct locks);
	const struct params *p = world->params;
	static const char *const names[MESSAGES] = {"ask", "answer", "confirm", "write", "written", "show"};
	struct rng_stream clocks = sim_stream(sim, "clocks");
	int64_t drift[LOCKSERVICE_SERVERS];
	locks->params = p;
	locks->sim = sim;
	locks->meters = world->meters;
	locks->store = (int)p->servers;
	requests_init(&locks->jobs, sim, world->journeys, "job", sizeof(struct job));
	for (int i = 0; i < MESSAGES; i++)
		locks->message[i] = (struct network_kind){names[i], &p->one_way, p->loss, 0};
	network_init(&locks->network, sim, locks->store + 1 + (int)p->clients, locks->message);
	locks->network.sent = (struct booking){world->meters, SENT};
	for (int i = 0; i < LOCKSERVICE_SERVERS; i++)
		drift[i] = ppb(p->server_drift);
	locks->config = (struct lockservice_config){
		.kind = kinds[p->design], .servers = (int)p->servers, .locks = p->locks, .delay = p->lock_delay,
		.unchecked = p->release == 1, .durable = p->durable, .timeout = p->timeout, .detect = p->detect,
		.lag = p->lag, .ask = ASK, .answer = ANSWER, .confirm = CONFIRM};
	lockservice_init(&locks->service, sim, &locks->config, &locks->network, drift);
	locks->service.forgets = (struct booking){world->meters, FORGOTTEN};
	exclusion_init(&locks->exclusion, &sim->arena, p->locks);
	locks->lock = ARENA_ARRAY(&sim->arena, (size_t)p->locks, struct lock);
	for (int64_t i = 0; i < p->locks; i++)
		locks->lock[i] = (struct lock){.number = i, .orphaned = -1};
	locks->client = ARENA_ARRAY(&sim->arena, (size_t)p->clients, struct client);
	for (int64_t i = 0; i < p->clients; i++) {
		struct machine *machine = &locks->client[i].machine;
		struct rng rng = rng_of(clocks, (uint64_t)i);
		machine_init(machine, sim, i, 0, rng_unit(&rng) < p->drifting ? ppb(p->client_drift) : 0);
		machine->crashed = client_crashed;
		machine->owner = locks;
		if (p->pauses)
			machine_stalls(machine, &p->pause_every, &p->pause, sim_stream(sim, "pauses"));
		if (p->crashes)
			machine_fails(machine, &p->crash_every, &p->crash_for, sim_stream(sim, "crashes"));
	}
	for (int i = 0; p->failures && i < locks->store; i++)
		machine_fails(&locks->service.server[i].machine, &p->failure_every, &p->failure_for,
			      sim_stream(sim, "failures"));
	return locks;
}

static bool check(const void *values, struct err *err)
{
	const struct params *p = values;
	const struct lockservice_kind *kind = kinds[p->design];
	if (p->servers < kind->least || p->servers > kind->most) {
		char range[40];
		snprintf(range, sizeof range, kind->least < kind->most ? "%d to %d" : "%d", kind->least, kind->most);
		err_add(err, ERR_MODEL, NULL, "design %s: needs %s server%s, not %lld", kind->name, range,
			kind->most > 1 ? "s" : "", (long long)p->servers);
	}
	if (p->renew >= p->lease)
		err_add(err, ERR_MODEL, NULL, "renew: a lease shorter than the time to its renewal ends each time");
	if (p->fencing && !kind->orders)
		err_add(err, ERR_MODEL, NULL, "fencing: %s has no tokens that grow from holder to holder", kind->name);
	if (p->announce && !p->fencing)
		err_add(err, ERR_MODEL, NULL, "announce: a store without `fencing` does not look at tokens");
	return !err_any(err);
}

static const char *const table[] = {"wait", "held", "overlap", "count(lapsed) / count(holds)", "count(unsafe)",
					    NULL};

const struct case_study case_locks = {
	.name = "locks",
	.about = "locks for programs on different machines - leases, pauses, clocks, fencing",
	.params_size = sizeof(struct params),
	.params = params,
	.columns = columns,
	.metrics = metrics,
	.table = table,
	.faults = faults,
	.failures = "refused",
	.check = check,
	.build = build,
	.arrive = arrive,
	.fault = fault,
	.idle = idle,
	.targets = targets,
};
