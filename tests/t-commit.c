/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Commit protocols: messages and forces of each, counted by hand for 1 to 6 participants; every protocol with its
 * coordinator dying at every point; storms of crashes, cuts and lost messages, in which nothing may be half; the
 * observer with a half commit planted; sagas with every pattern of failing steps; rows that are given back.
 */
#include "model/commit.h"
#include "model/rowset.h"
#include "model/saga.h"
#include "passing.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

enum { PARTS = 6, AT_ONCE = 8 };
static const int64_t ms = 1000000;

static const struct commit_kind *const kinds[] = {&commit_presumed_nothing, &commit_presumed_abort,
						  &commit_presumed_commit, &commit_three_phase, &commit_paxos};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct one {
	struct commit_transaction transaction;
	struct commit_branch branch[PARTS];
	bool over;
	enum atomicity_outcome told;
};

struct world {
	struct sim *sim;
	struct dist way, force;
	struct commit_config config;
	struct commit commit;
	struct one one[AT_ONCE];
	int parts, answers, committed, aborted, ended;
};

static void answered(void *owner, struct commit_transaction *transaction, enum atomicity_outcome outcome)
{
	struct world *world = owner;
	((struct one *)transaction)->told = outcome;
	world->answers++;
}

static void finished(void *owner, struct commit_transaction *transaction, struct commit_branch *branch)
{
	struct world *world = owner;
	(void)transaction;
	world->committed += branch->outcome == ATOMICITY_COMMITTED;
	world->aborted += branch->outcome == ATOMICITY_ABORTED;
}

static void ended(void *owner, struct commit_transaction *transaction)
{
	struct world *world = owner;
	((struct one *)transaction)->over = true;
	world->ended++;
}

static void make(struct world *world, const struct commit_kind *kind, int parts, int coordinators,
		 enum commit_doubt doubt, double loss, uint64_t seed)
{
	*world = (struct world){.sim = sim_new(seed, 0), .way = dist_const(1e6), .force = dist_const(1e5),
				.parts = parts};
	world->config = (struct commit_config){
		.kind = kind, .coordinators = coordinators, .nodes = PARTS, .doubt = doubt, .read_only = true,
		.timeout = 20 * ms, .there = &world->way, .back = &world->way, .force = &world->force, .loss = loss};
	commit_init(&world->commit, world->sim, &world->config);
	world->commit.owner = world;
	world->commit.answered = answered;
	world->commit.finished = finished;
	world->commit.ended = ended;
}

static void run(struct world *world, int64_t length)
{
	pass_until(world->sim, world->sim->now + length);
}

static void begin(struct world *world, int number, uint64_t id, int leader, int readers, int refusers)
{
	struct one *one = &world->one[number];
	*one = (struct one){.transaction = {.id = id, .branches = world->parts, .branch = one->branch}};
	for (int i = 0; i < world->parts; i++) {
		int site = world->config.coordinators + i;
		one->branch[i] = (struct commit_branch){.site = site, .reads = i < readers,
							.refuses = i >= world->parts - refusers,
							.crashes = world->commit.site[site].machine.crashes};
	}
	commit_begin(&world->commit, &one->transaction, leader);
}

static uint64_t messages(const struct world *world)
{
	uint64_t sent = 0;
	for (int i = 0; i < world->commit.network.kinds; i++)
		sent += world->commit.network.count[i].sent;
	return sent;
}

static uint64_t forces(const struct world *world)
{
	uint64_t forces = 0;
	for (int i = 0; i < world->config.coordinators + PARTS; i++)
		forces += world->commit.site[i].log.forces;
	return forces;
}

/* ---- counted by hand ---- */

static void test_counts(void)
{
	/* Of a commit with a coordinator apart, with a participant as one; whether aborts are acknowledged. */
	static const struct {
		int messages, forces, forces_more, local, acknowledged;
	} want[KINDS] = {{4, 2, 1, 4, 1}, {4, 2, 1, 4, 0}, {3, 1, 2, 3, 1}, {6, 3, 2, 6, 1}, {5, 1, 3, 0, 0}};
	for (int k = 0; k < KINDS; k++) {
		int wrong = 0, coordinators = kinds[k]->accepts ? 3 : 1;
		for (int n = 1; n <= PARTS; n++) {
			struct world world;
			make(&world, kinds[k], n, coordinators, COMMIT_WAIT, 0, 1);
			begin(&world, 0, 1, 0, 0, 0);
			run(&world, 15 * ms);
			int more = kinds[k]->accepts ? 2 : 0;
			bool right = world.ended == 1 && world.committed == n &&
				     world.one[0].told == ATOMICITY_COMMITTED &&
				     messages(&world) == (uint64_t)(want[k].messages * n + more) &&
				     forces(&world) == (uint64_t)(want[k].forces * n + want[k].forces_more);
			if (!right)
				diag("%s of %d: %d messages, %d forces", kinds[k]->name, n, (int)messages(&world),
				     (int)forces(&world));
			wrong += !right;
			sim_free(world.sim);
			if (kinds[k]->accepts)
				continue;
			make(&world, kinds[k], n, coordinators, COMMIT_WAIT, 0, 1);
			begin(&world, 0, 1, coordinators, 0, 0);
			run(&world, 15 * ms);
			wrong += messages(&world) != (uint64_t)(want[k].local * (n - 1)) || world.committed != n;
			sim_free(world.sim);
			/* The one that refuses is told nothing. */
			make(&world, kinds[k], n, coordinators, COMMIT_WAIT, 0, 1);
			begin(&world, 0, 1, 0, 0, 1);
			run(&world, 15 * ms);
			uint64_t acknowledged = (uint64_t)(want[k].acknowledged * (n - 1));
			right = world.ended == 1 && world.aborted == n && world.one[0].told == ATOMICITY_ABORTED &&
				messages(&world) == (uint64_t)(2 * n + n - 1) + acknowledged;
			if (!right)
				diag("%s of %d, one refuses: %d messages, %d aborted", kinds[k]->name, n,
				     (int)messages(&world), world.aborted);
			wrong += !right;
			sim_free(world.sim);
		}
		is_int(wrong, 0, "%s: messages and forces of commits and aborts with 1 to %d participants",
		       kinds[k]->name, PARTS);
	}
	struct world world;
	make(&world, &commit_presumed_abort, 5, 1, COMMIT_WAIT, 0, 1);
	begin(&world, 0, 1, 0, 5, 0);
	run(&world, 15 * ms);
	ok(messages(&world) == 10 && forces(&world) == 0 && world.ended == 1, "five that only read: 10 messages");
	sim_free(world.sim);
}

/* ---- a coordinator that dies ---- */

/* Ten rounds of one transaction; how many were left in doubt when it came back, and broken; -1: one never ended. */
static int crash_at(const struct commit_kind *kind, enum commit_point point, enum commit_doubt doubt, int *broken,
		    int *doubtful)
{
	struct world world;
	int coordinators = kind->accepts ? 3 : 1;
	make(&world, kind, 3, coordinators, doubt, 0, 1);
	commit_crash(&world.commit, 0, point);
	if (point == COMMIT_NOW)
		commit_restart(&world.commit, 0);
	begin(&world, 0, 1, 0, 0, 0);
	if (point == COMMIT_NOW) {
		run(&world, ms / 2);
		commit_crash(&world.commit, 0, point);
	}
	run(&world, 300 * ms);
	*doubtful = (int)world.commit.doubtful;
	commit_restart(&world.commit, 0);
	run(&world, 300 * ms);
	int ended = world.ended;
	*broken = (int)world.commit.atomicity.broken;
	sim_free(world.sim);
	return ended;
}

static void test_crashes(void)
{
	for (int k = 0; k < KINDS; k++) {
		int wrong = 0, all_broken = 0, blocked = 0;
		for (int point = COMMIT_NOW; point <= COMMIT_SOME_TOLD; point++)
			for (int doubt = COMMIT_WAIT; doubt <= COMMIT_ASK; doubt++) {
				int broken, doubtful;
				int ends = crash_at(kinds[k], (enum commit_point)point, (enum commit_doubt)doubt,
						    &broken, &doubtful);
				if (ends != 1 || broken)
					diag("%s, %s, %s: %d ended, %d broken", kinds[k]->name,
					     commit_point_names[point], commit_doubt_names[doubt], ends, broken);
				wrong += ends != 1;
				all_broken += broken;
				blocked += doubtful > 0;
				if (point == COMMIT_BEFORE_PREPARE)
					wrong += doubtful > 0;
				if (point == COMMIT_SOME_TOLD && doubt == COMMIT_ASK)
					wrong += doubtful > 0;
			}
		is_int(wrong + all_broken, 0, "%s: the coordinator dies at any point, and nothing is half or stays",
		       kinds[k]->name);
		bool blocks = !kinds[k]->precommits && !kinds[k]->accepts;
		ok((blocked > 0) == blocks, "%s: %s", kinds[k]->name,
		   blocks ? "participants wait for it" : "nobody waits for it");
	}
	int broken, doubtful;
	crash_at(&commit_presumed_nothing, COMMIT_SOME_TOLD, COMMIT_GIVE_UP, &broken, &doubtful);
	ok(broken == 1 && doubtful == 0, "canary: who aborts alone when one was told breaks it");
	crash_at(&commit_presumed_nothing, COMMIT_VOTED, COMMIT_GO_AHEAD, &broken, &doubtful);
	ok(doubtful == 0, "who commits alone is not blocked either");
}

/* ---- storms ---- */

/* Two hundred rounds of transactions while everything breaks; then it is mended, and all must end. */
static uint64_t storm(const struct commit_kind *kind, enum commit_doubt doubt, uint64_t seed, int *open)
{
	struct world world;
	struct rng rng = rng_seed(seed);
	int coordinators = kind->accepts ? 3 : 2, sites = coordinators + PARTS;
	bool cut[COMMIT_COORDINATORS + PARTS] = {false};
	uint64_t id = 0;
	make(&world, kind, 4, coordinators, doubt, 0.05, seed);
	for (int i = 0; i < AT_ONCE; i++)
		world.one[i].over = true;
	for (int round = 0; round < 400; round++) {
		for (int i = 0; i < AT_ONCE; i++) {
			int leader = (int)rng_below(&rng, (uint64_t)coordinators);
			if (world.one[i].over && commit_is_up(&world.commit, leader))
				begin(&world, i, ++id, leader, 0, rng_below(&rng, 8) == 0);
		}
		int site = (int)rng_below(&rng, (uint64_t)sites);
		uint64_t what = rng_below(&rng, 12);
		if (!commit_is_up(&world.commit, site))
			commit_restart(&world.commit, site);
		else if (what == 0)
			commit_crash(&world.commit, site, (enum commit_point)rng_below(&rng, COMMIT_SOME_TOLD + 1));
		if (cut[site] || what == 1) {
			(cut[site] ? network_rejoin : network_isolate)(&world.commit.network, site);
			cut[site] = !cut[site];
		}
		run(&world, (int64_t)rng_below(&rng, 10) * ms);
	}
	for (int i = 0; i < sites; i++) {
		do
			commit_restart(&world.commit, i);
		while (!commit_is_up(&world.commit, i) || world.commit.site[i].causes > 0);
		if (cut[i])
			network_rejoin(&world.commit.network, i);
	}
	run(&world, 2000 * ms);
	*open = 0;
	for (int i = 0; i < AT_ONCE; i++)
		*open += !world.one[i].over;
	uint64_t broken = world.commit.atomicity.broken;
	CHECK(world.commit.atomicity.things > 50);
	sim_free(world.sim);
	return broken;
}

static void test_storms(void)
{
	enum { SEEDS = 60 };
	for (int k = 0; k < KINDS; k++) {
		uint64_t broken = 0, alone = 0;
		int open = 0, left;
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			broken += storm(kinds[k], seed % 2 ? COMMIT_WAIT : COMMIT_ASK, seed, &left);
			open += left;
			alone += storm(kinds[k], COMMIT_GIVE_UP, seed, &left);
		}
		is_int(open, 0, "%s: %d storms, after which everything ends", kinds[k]->name, SEEDS);
		if (kinds[k]->precommits)
			ok(broken > 0, "canary: three phases are broken by cuts, %d times", (int)broken);
		else
			is_int((int)broken, 0, "%s: nothing is half", kinds[k]->name);
		ok(alone > 0, "canary: when they abort alone %d are", (int)alone);
	}
}

/* ---- the observer, sagas, rows ---- */

static void test_observer(void)
{
	struct atomicity atomicity = {0};
	struct atomicity_thing good = {0}, half = {0}, lie = {0};
	ok(!atomicity_finish(&atomicity, &good, ATOMICITY_COMMITTED, 0) &&
	   !atomicity_tell(&atomicity, &good, ATOMICITY_COMMITTED, 0) &&
	   !atomicity_finish(&atomicity, &good, ATOMICITY_COMMITTED, 0), "all commit: nothing is said");
	ok(!atomicity_finish(&atomicity, &half, ATOMICITY_COMMITTED, 0) &&
	   atomicity_finish(&atomicity, &half, ATOMICITY_ABORTED, 0) &&
	   !atomicity_finish(&atomicity, &half, ATOMICITY_COMMITTED, 0), "canary: a half commit is told, once");
	ok(!atomicity_tell(&atomicity, &lie, ATOMICITY_COMMITTED, 0) &&
	   atomicity_finish(&atomicity, &lie, ATOMICITY_ABORTED, 0), "canary: so is one that its client was told of");
	is_int((int)atomicity.broken, 2, "two of them");
	is_int((int)atomicity.things, 3, "of three");
}

static void test_sagas(void)
{
	int wrong = 0;
	for (int steps = 1; steps <= 6; steps++)
		for (int fails = 0; fails <= steps; fails++) { /* fails == steps: none does */
			struct saga saga = saga_of(steps);
			int done = 0, undone = 0, tries = 0;
			enum saga_next next;
			do {
				int at = saga_at(&saga);
				bool back = saga.back, stumbles = back && ++tries % 2; /* undoing is tried twice */
				wrong += back ? at != done - 1 : at != done;
				bool succeeds = back ? !stumbles : at != fails;
				done += back ? -(int)succeeds : succeeds;
				undone += back && succeeds;
				next = saga_tried(&saga, succeeds);
			} while (next == SAGA_GOES_ON);
			wrong += next != (fails == steps ? SAGA_COMPLETED : SAGA_UNDONE) || saga.undone != undone ||
				 undone != (fails == steps ? 0 : fails) || done != (fails == steps ? steps : 0);
		}
	is_int(wrong, 0, "sagas of 1 to 6 steps, whichever fails: those before are undone, backwards");
}

static void take_next(struct sim *sim, void *subject, uint64_t unused);

struct taker {
	struct rowset_owner rows;
	struct rowset_lock lock[3];
	int at;
	bool refused;
};

static void refused(struct sim *sim, void *subject, uint64_t unused)
{
	(void)sim;
	(void)unused;
	((struct taker *)subject)->refused = true;
}

static void take(struct taker *taker)
{
	if (taker->at < 3 && rowset_take(&taker->rows, taker->at, take_next, refused, taker) &&
	    taker->rows.rows->gives_back)
		taker->at = 0;
}

static void take_next(struct sim *sim, void *subject, uint64_t unused)
{
	struct taker *taker = subject;
	(void)sim;
	(void)unused;
	taker->at++;
	take(taker);
}

static void test_rows(void)
{
	for (int gives_back = 0; gives_back <= 1; gives_back++) {
		struct sim *sim = sim_new(1, 0);
		struct rowset rows;
		struct taker taker[2] = {0};
		struct rng rng = rng_seed(1);
		int wrong = 0;
		rowset_init(&rows, sim, 10, 3, gives_back);
		ok(rows.rows == 9, "a row that does not go into nodes is left out");
		for (int i = 0; i < 2; i++) {
			taker[i].rows.lock = taker[i].lock;
			rowset_begin(&rows, &taker[i].rows, 4, 1, 3, &rng, NULL);
			for (int j = 0; j < 3; j++)
				wrong += taker[i].lock[j].key % 3 != 1;
			wrong += taker[i].lock[0].key == taker[i].lock[1].key ||
				 taker[i].lock[1].key == taker[i].lock[2].key ||
				 taker[i].lock[0].key == taker[i].lock[2].key;
		}
		is_int(wrong, 0, "all rows of the node, each once");
		/* The second one begins with another row, and meets the first one's. */
		struct rowset_lock first = taker[1].lock[0];
		taker[1].lock[0] = taker[1].lock[1];
		taker[1].lock[1] = first;
		rowset_take(&taker[0].rows, 0, take_next, refused, &taker[0]);
		is_int(taker[0].at, 3, "the first one gets all");
		rowset_release(&taker[0].rows, 1);
		rowset_release(&taker[0].rows, 2);
		take(&taker[1]);
		is_int((int)taker[1].rows.owner.locks, gives_back ? 0 : 1,
		       "who waits %s", gives_back ? "gives back what it has" : "keeps what it has");
		ok(rowset_holder(&taker[1].rows) == &taker[0].rows, "for the one that holds the row");
		rowset_end(&taker[0].rows);
		while (queue_peek(&sim->queue) != QUEUE_NEVER) {
			struct queue_event event = queue_take(&sim->queue);
			event.fn(sim, event.subject, event.detail);
		}
		is_int(taker[1].at, 3, "and gets all when it is gone");
		rowset_end(&taker[1].rows);
		is_int((int)rows.locked, 0, "then nothing is locked");
		sim_free(sim);
	}
}

int main(void)
{
	test_counts();
	test_crashes();
	test_storms();
	test_observer();
	test_sagas();
	test_rows();
	return done_testing();
}
