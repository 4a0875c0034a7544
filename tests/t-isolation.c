/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of isolation: two transactions in every interleaving, a step each at a time, and what the observer says. Which
 * of the four anomalies each kind lets through is what H. Berenson et al. say (SIGMOD 1995, table 4). Whoever waits is
 * passed over until it may go on.
 */
#include "engine/sim.h"
#include "model/isolation.h"
#include "tap.h"

enum { ROWS = 2, STEPS = 8, ORDER = 16 };

struct one {
	struct isolation_transaction isolated;
	struct world *world;
	const char *steps; /* "rawa": reads row a, writes it; then it commits */
	bool begun, waits, ended, committed;
	int at;
};

struct world {
	struct sim *sim;
	struct isolation isolation;
	struct one one[2];
	enum serial_verdict worst;
	int failures[4];
};

static void fails(void *subject, enum isolation_failure why)
{
	struct one *one = subject;
	one->waits = false;
	one->ended = true;
	one->world->failures[why]++;
	isolation_abort(&one->isolated);
}

static void goes_on(struct sim *sim, void *subject, uint64_t unused)
{
	struct one *one = subject;
	(void)sim;
	(void)unused;
	one->waits = false;
}

static bool will_write(const struct one *one, char row)
{
	for (const char *step = one->steps + one->at; *step; step += 2)
		if (step[0] == 'w' && step[1] == row)
			return true;
	return false;
}

/* Its next step. False: it can make none now. */
static bool advance(struct one *one)
{
	struct world *world = one->world;
	const char *step = one->steps + one->at;
	enum serial_verdict verdict;
	if (one->waits || one->ended)
		return false;
	one->waits = true;
	if (!one->begun) {
		one->begun = true;
		isolation_begin(&one->isolated, goes_on);
	} else if (!*step) {
		one->waits = false;
		if (isolation_commit(&one->isolated, &verdict)) {
			one->ended = one->committed = true;
			if (verdict != SERIAL_FINE && (world->worst == SERIAL_FINE || verdict < world->worst))
				world->worst = verdict;
		}
	} else {
		one->at += 2;
		if (step[0] == 'r')
			isolation_read(&one->isolated, (uint64_t)(step[1] - 'a'), will_write(one, step[1]), goes_on);
		else
			isolation_write(&one->isolated, (uint64_t)(step[1] - 'a'), 0, goes_on);
	}
	sim_open(world->sim);
	sim_replay(world->sim, NULL, NULL, NULL, 0, NULL);
	sim_close(world->sim);
	return true;
}

struct tally {
	int all, verdicts[SERIAL_WRITE_SKEW + 1], failures[4], committed;
};

static void play(enum isolation_kind kind, bool early, const char *const *steps, const int *order, int length,
		 struct tally *tally)
{
	struct world world = {.sim = sim_new(1, 0)};
	isolation_init(&world.isolation, world.sim, kind, ROWS, locktable_victims[0], false, early);
	for (int i = 0; i < 2; i++) {
		struct one *one = &world.one[i];
		*one = (struct one){.world = &world, .steps = steps[i]};
		one->isolated = (struct isolation_transaction){.of = &world.isolation, .age = (uint64_t)i + 1,
							       .read_only = !strchr(steps[i], 'w'), .subject = one,
							       .fails = fails};
	}
	for (int i = 0; i < length; i++)
		advance(&world.one[order[i]]);
	while (advance(&world.one[0]) || advance(&world.one[1]))
		;
	CHECK(world.one[0].ended && world.one[1].ended);
	CHECK(world.isolation.locks.locks.count == 0 && !world.isolation.store.oldest);
	CHECK(world.isolation.serial.remembered == 0);
	tally->all++;
	tally->verdicts[world.worst]++;
	for (int i = 0; i < 4; i++)
		tally->failures[i] += world.failures[i];
	tally->committed += world.one[0].committed && world.one[1].committed;
	sim_free(world.sim);
}

static void interleave(enum isolation_kind kind, bool early, const char *const *steps, int *left, int *order,
		       int length, struct tally *tally)
{
	if (left[0] + left[1] == 0)
		play(kind, early, steps, order, length, tally);
	for (int i = 0; i < 2; i++)
		if (left[i] > 0) {
			left[i]--;
			order[length] = i;
			interleave(kind, early, steps, left, order, length + 1, tally);
			left[i]++;
		}
}

static struct tally all(enum isolation_kind kind, bool early, const char *one, const char *other)
{
	const char *const steps[] = {one, other};
	int left[] = {(int)strlen(one) / 2 + 2, (int)strlen(other) / 2 + 2}, order[ORDER];
	struct tally tally = {.all = 0};
	interleave(kind, early, steps, left, order, 0, &tally);
	return tally;
}

static void test_kinds(void)
{
	static const struct {
		enum serial_verdict verdict;
		const char *name, *one, *other, *happens; /* a letter a kind: yes, no */
	} anomalies[] = {
		{SERIAL_DIRTY_READ, "dirty read", "rarb", "wawb", "ynnnnnn"},
		{SERIAL_LOST_UPDATE, "lost update", "rawa", "rawa", "yynnnnn"},
		{SERIAL_READ_SKEW, "read skew", "rarb", "wawb", "yynnnnn"},
		{SERIAL_WRITE_SKEW, "write skew", "rarbwa", "rarbwb", "yyynnnn"},
	};
	for (size_t a = 0; a < sizeof anomalies / sizeof *anomalies; a++)
		for (int kind = 0; kind < ISOLATIONS; kind++) {
			struct tally tally =
				all((enum isolation_kind)kind, false, anomalies[a].one, anomalies[a].other);
			bool happens = anomalies[a].happens[kind] == 'y';
			int count = tally.verdicts[anomalies[a].verdict];
			ok((count > 0) == happens, "%s: %s in %d of %d interleavings", isolation_names[kind],
			   anomalies[a].name, count, tally.all);
			ok(happens || tally.verdicts[SERIAL_FINE] == tally.all || kind <= ISOLATION_READ_COMMITTED,
			   "and nothing else");
			ok(tally.committed > 0, "both commit in %d of them", tally.committed);
		}
}

static void test_failures(void)
{
	struct tally lost = all(ISOLATION_READ_COMMITTED, true, "rawa", "rawa");
	is_int(lost.verdicts[SERIAL_FINE], lost.all, "read-committed: a row that is locked first loses no update");
	struct tally skew = all(ISOLATION_SNAPSHOT, false, "rawa", "rawa");
	is_int(skew.failures[ISOLATION_CONFLICT], skew.all - 2,
	       "snapshot: the first updater wins unless one ends first");
	struct tally two = all(ISOLATION_SNAPSHOT, false, "wawb", "wbwa");
	ok(two.failures[ISOLATION_DEADLOCK] > 0, "snapshot: writers deadlock too, %d times",
	   two.failures[ISOLATION_DEADLOCK]);
	struct tally locked = all(ISOLATION_ROW_LOCKS, false, "wawb", "wbwa");
	ok(locked.failures[ISOLATION_DEADLOCK] > 0 && locked.verdicts[SERIAL_FINE] == locked.all,
	   "row-locks: %d deadlocks, and all is fine", locked.failures[ISOLATION_DEADLOCK]);
	struct tally table = all(ISOLATION_TABLE_LOCKS, false, "wawb", "wbwa");
	is_int(table.committed, table.all, "table-locks: all commit");
	struct tally valid = all(ISOLATION_OPTIMISTIC, false, "rawa", "rawa");
	is_int(valid.failures[ISOLATION_INVALID], valid.all - 2, "optimistic: one is not valid unless one ends first");
	struct tally readers = all(ISOLATION_ROW_LOCKS, false, "rarb", "rbra");
	is_int(readers.committed, readers.all, "row-locks: readers are in nobody's way");
}

int main(void)
{
	test_kinds();
	test_failures();
	return done_testing();
}
