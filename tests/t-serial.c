/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The observer of histories against a definition without a graph: some order of the transactions, tried one after the
 * other, in which each reads what it has read and every row gets its versions in the order in which it got them. Then
 * histories with names, each a canary; and memory.
 */
#include "engine/rng.h"
#include "model/serial.h"
#include "tap.h"

enum { ROWS = 3, MOST = 6, STEPS = 4, HISTORIES = 40000 };

struct one {
	struct serial_transaction watched;
	int reads, writes, left;
	int read_row[STEPS], write_row[STEPS];
	uint64_t read_writer[STEPS];
	uint64_t id;
	int64_t began;
	bool open, committed;
};

struct history {
	struct one one[MOST];
	int count;
	uint64_t version[ROWS][MOST + 1]; /* writers, oldest first; the first is 0 */
	int64_t at[ROWS][MOST + 1];       /* when they committed */
	int versions[ROWS];
	int64_t now;
};

static bool has_written(const struct one *one, int row)
{
	for (int i = 0; i < one->writes; i++)
		if (one->write_row[i] == row)
			return true;
	return false;
}

/* The version that a read gets: the newest, that of its begin, or one of those that were not older then. */
static uint64_t choose(const struct history *history, const struct one *one, int row, int how, struct rng *rng)
{
	int newest = history->versions[row] - 1, oldest = newest;
	while (oldest > 0 && history->at[row][oldest] > one->began)
		oldest--;
	return history->version[row][how == 0   ? newest
				     : how == 1 ? oldest
						: oldest + (int)rng_below(rng, (uint64_t)(newest - oldest + 1))];
}

/* Whether the transactions can come in this order. */
static bool replays(const struct history *history, const int *order, int count)
{
	uint64_t last[ROWS] = {0};
	int next[ROWS];
	for (int row = 0; row < ROWS; row++)
		next[row] = 1;
	for (int i = 0; i < count; i++) {
		const struct one *one = &history->one[order[i]];
		for (int r = 0; r < one->reads; r++)
			if (last[one->read_row[r]] != one->read_writer[r])
				return false;
		for (int row = 0; row < ROWS; row++)
			if (has_written(one, row)) {
				if (history->version[row][next[row]++] != one->id)
					return false;
				last[row] = one->id;
			}
	}
	return true;
}

static bool some_order(const struct history *history, int *order, int count, int all)
{
	if (count == all)
		return replays(history, order, all);
	for (int i = count; i < all; i++) {
		int other = order[i];
		order[i] = order[count];
		order[count] = other;
		if (some_order(history, order, count + 1, all))
			return true;
		order[count] = order[i];
		order[i] = other;
	}
	return false;
}

/* A random history, told to an observer. Returns whether it found something; `truth`: whether there is no order. */
static bool judge(uint64_t seed, bool *truth, int64_t *remembered)
{
	struct arena arena;
	struct serial serial;
	struct history history = {.now = 0};
	struct rng rng = rng_seed(seed);
	int how = (int)rng_below(&rng, 3), open = 0;
	bool found = false;
	arena_init(&arena);
	serial_init(&serial, &arena, ROWS);
	history.count = 2 + (int)rng_below(&rng, MOST - 1);
	for (int row = 0; row < ROWS; row++)
		history.versions[row] = 1;
	for (int i = 0; i < history.count; i++)
		history.one[i].left = 1 + (int)rng_below(&rng, STEPS);
	for (int i = 0; i < history.count || open > 0; history.now++) {
		int k = (int)rng_below(&rng, (uint64_t)history.count);
		struct one *one = &history.one[k];
		int row = (int)rng_below(&rng, ROWS);
		if (one->id == 0) {
			one->id = (uint64_t)k + 1;
			one->began = history.now;
			one->open = true;
			open++;
			i++;
			serial_begin(&serial, &one->watched, one->id);
		} else if (one->open && one->left == 0) {
			one->open = false;
			open--;
			if (rng_below(&rng, 6) == 0) {
				serial_abort(&serial, &one->watched);
				continue;
			}
			one->committed = true;
			for (row = 0; row < ROWS; row++)
				if (has_written(one, row)) {
					history.at[row][history.versions[row]] = history.now;
					history.version[row][history.versions[row]++] = one->id;
				}
			found |= serial_commit(&serial, &one->watched) != SERIAL_FINE;
		} else if (one->open && rng_below(&rng, 2) == 0) {
			one->left--;
			one->write_row[one->writes++] = row;
			serial_write(&serial, &one->watched, (uint64_t)row);
		} else if (one->open) {
			one->left--;
			if (has_written(one, row))
				continue;
			uint64_t writer = choose(&history, one, row, how, &rng);
			one->read_row[one->reads] = row;
			one->read_writer[one->reads++] = writer;
			serial_read(&serial, &one->watched, (uint64_t)row, writer, true);
		}
	}
	int order[MOST], all = 0;
	for (int i = 0; i < history.count; i++)
		if (history.one[i].committed)
			order[all++] = i;
	*truth = !some_order(&history, order, 0, all);
	*remembered += serial.remembered;
	arena_free(&arena);
	return found;
}

static void test_against_orders(void)
{
	int differ = 0, wrong = 0;
	int64_t remembered = 0;
	for (int i = 0; i < HISTORIES; i++) {
		bool truth, found = judge((uint64_t)i, &truth, &remembered);
		differ += truth != found;
		wrong += truth;
	}
	is_int(differ, 0, "%d histories: something is found exactly when there is no order", HISTORIES);
	ok(wrong > HISTORIES / 20 && wrong < HISTORIES / 2, "canary: there is none for %d of them", wrong);
	is_int(remembered, 0, "and nothing is remembered when all have ended");
}

/* ---- histories with names ---- */

struct scene {
	struct arena arena;
	struct serial serial;
	struct serial_transaction one[4];
};

static struct scene *scene(void)
{
	static struct scene scene;
	memset(&scene, 0, sizeof scene);
	arena_init(&scene.arena);
	serial_init(&scene.serial, &scene.arena, 4);
	for (int i = 1; i <= 3; i++)
		serial_begin(&scene.serial, &scene.one[i], (uint64_t)i);
	return &scene;
}

static void reads(struct scene *scene, int who, uint64_t row, uint64_t writer, bool committed)
{
	serial_read(&scene->serial, &scene->one[who], row, writer, committed);
}

static void writes(struct scene *scene, int who, uint64_t row)
{
	serial_write(&scene->serial, &scene->one[who], row);
}

static enum serial_verdict commits(struct scene *scene, int who)
{
	return serial_commit(&scene->serial, &scene->one[who]);
}

static void test_named(void)
{
	struct scene *s = scene();
	reads(s, 1, 0, 0, true);
	writes(s, 1, 0);
	reads(s, 2, 0, 0, true);
	writes(s, 2, 0);
	is_int(commits(s, 1), SERIAL_FINE, "two add one to the same row: the first commits");
	is_int(commits(s, 2), SERIAL_LOST_UPDATE, "canary: the second has lost the first one's update");
	arena_free(&s->arena);

	s = scene();
	for (int i = 1; i <= 2; i++) {
		reads(s, i, 0, 0, true);
		reads(s, i, 1, 0, true);
	}
	writes(s, 1, 0);
	writes(s, 2, 1);
	is_int(commits(s, 1), SERIAL_FINE, "two doctors: the first goes");
	is_int(commits(s, 2), SERIAL_WRITE_SKEW, "canary: the second is a write skew");
	arena_free(&s->arena);

	s = scene();
	reads(s, 1, 0, 0, true);
	writes(s, 2, 0);
	writes(s, 2, 1);
	is_int(commits(s, 2), SERIAL_FINE, "one writes two rows");
	reads(s, 1, 1, 2, true);
	is_int(commits(s, 1), SERIAL_READ_SKEW, "canary: another has read one before and one after");
	arena_free(&s->arena);

	/* A. Fekete, E. O'Neil, P. O'Neil, SIGMOD Record 33(3), 2004: one that only reads makes it wrong. */
	s = scene();
	reads(s, 2, 0, 0, true);
	reads(s, 2, 1, 0, true);
	reads(s, 1, 1, 0, true);
	writes(s, 1, 1);
	is_int(commits(s, 1), SERIAL_FINE, "a deposit");
	reads(s, 3, 0, 0, true);
	reads(s, 3, 1, 1, true);
	is_int(commits(s, 3), SERIAL_FINE, "a look at both accounts, after it");
	writes(s, 2, 0);
	is_int(commits(s, 2), SERIAL_WRITE_SKEW, "canary: a withdrawal that has not seen the deposit");
	arena_free(&s->arena);

	s = scene();
	writes(s, 1, 0);
	reads(s, 2, 0, 1, false);
	is_int(commits(s, 2), SERIAL_DIRTY_READ, "canary: a read of what was not committed");
	is_int(commits(s, 1), SERIAL_FINE, "even if it is later on");
	reads(s, 3, 0, 99, true);
	is_int(commits(s, 3), SERIAL_IMPOSSIBLE, "canary: a version that was never there");
	arena_free(&s->arena);

	s = scene();
	writes(s, 1, 0);
	reads(s, 2, 0, 1, false);
	serial_abort(&s->serial, &s->one[1]);
	is_int(commits(s, 2), SERIAL_DIRTY_READ, "canary: a read of what was taken back");
	arena_free(&s->arena);
}

/* Ten at a time, each reads and writes; a million and ten times fewer need the same memory. */
static size_t bytes_of(int transactions)
{
	struct arena arena;
	struct serial serial;
	struct serial_transaction one[10];
	struct rng rng = rng_seed(1);
	uint64_t last[100] = {0};
	arena_init(&arena);
	serial_init(&serial, &arena, 100);
	for (int i = 0; i < 10; i++)
		serial_begin(&serial, &one[i], (uint64_t)i + 1);
	for (int i = 10; i < transactions; i++) {
		struct serial_transaction *ends = &one[i % 10];
		for (int k = 0; k < 3; k++) {
			uint64_t row = rng_below(&rng, 100);
			serial_read(&serial, ends, row, last[row], true);
			serial_write(&serial, ends, row);
			last[row] = ends->id;
		}
		serial_commit(&serial, ends);
		serial_begin(&serial, ends, (uint64_t)i + 1);
	}
	size_t bytes = arena.bytes;
	arena_free(&arena);
	return bytes;
}

int main(void)
{
	test_against_orders();
	test_named();
	ok(bytes_of(200000) == bytes_of(20000), "memory does not grow with the history");
	return done_testing();
}
