/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * B+-trees against a sorted array of all keys, against what is known of their fill, and trees that are counted only.
 */
#include "engine/rng.h"
#include "model/btree.h"
#include "tap.h"

static struct arena arena;

enum { SMALL = 4000 };

static void check_against_array(enum btree_split split, int leaf, int fanout)
{
	static bool there[SMALL];
	struct btree tree;
	struct btree_path path;
	struct rng rng = rng_seed((uint64_t)leaf);
	int wrong = 0, unsound = 0;
	memset(there, 0, sizeof there);
	btree_init(&tree, &arena, leaf, fanout, split);
	for (int i = 0; i < 20000; i++) {
		uint64_t key = rng_below(&rng, SMALL);
		bool remove = rng_below(&rng, 3) == 0;
		if (remove)
			wrong += btree_remove(&tree, key, &path) != there[key];
		else
			wrong += btree_insert(&tree, key, &path) == there[key];
		there[key] = !remove;
		if (i % 500 == 0)
			unsound += !btree_sound(&tree);
	}
	uint64_t count = 0;
	for (uint64_t key = 0; key < SMALL; key++) {
		count += there[key];
		wrong += btree_find(&tree, key, &path) != there[key];
		wrong += path.levels != tree.levels || path.page[0] != tree.root;
	}
	ok(wrong == 0 && count == tree.keys, "leaves of %d, %d children: every key is there or not as in an array",
	   leaf, fanout);
	is_int(unsound + !btree_sound(&tree), 0, "and the tree is sound");
	/* All keys from the middle on, leaf by leaf. */
	uint64_t from = SMALL / 2, seen = 0, expected = 0;
	btree_find(&tree, from, &path);
	for (uint32_t at = path.page[path.levels - 1]; at != BTREE_NONE; at = btree_next(&tree, at))
		seen += (uint64_t)btree_from(&tree, at, from);
	for (uint64_t key = from; key < SMALL; key++)
		expected += there[key];
	is_int((long long)seen, (long long)expected, "and a scan finds as many");
}

static double harmonic(int n)
{
	double sum = 0;
	for (int i = 1; i <= n; i++)
		sum += 1. / i;
	return sum;
}

/* The mean over a doubling, each key by the logarithm. */
static double fill_over_doubling(int leaf, uint64_t keys)
{
	struct btree tree;
	struct btree_path path;
	struct rng rng = rng_seed((uint64_t)leaf + 77);
	double sum = 0, weight = 0;
	btree_init(&tree, &arena, leaf, 100, BTREE_HALF);
	while (tree.keys < 2 * keys)
		if (btree_insert(&tree, rng_next(&rng), &path) && tree.keys >= keys) {
			sum += btree_fill(&tree) / (double)tree.keys;
			weight += 1 / (double)tree.keys;
		}
	return sum / weight;
}

static void check_fill(void)
{
	static const int leaf[] = {49, 99};
	for (int i = 0; i < 2; i++) {
		int two_m = leaf[i] + 1, m = two_m / 2;
		double expected = (double)two_m / (two_m - 1) * (harmonic(two_m) - harmonic(m));
		near_to(fill_over_doubling(leaf[i], 100000), expected, .004,
			"leaves of %d, random order: filled to %.4f", leaf[i], expected);
	}
	for (int split = 0; split < 2; split++) {
		struct btree tree;
		struct btree_path path;
		btree_init(&tree, &arena, 50, 50, split);
		for (uint64_t key = 0; key < 100000; key++)
			btree_insert(&tree, key, &path);
		near_to(btree_fill(&tree), split == BTREE_RIGHT ? 1 : .5, .011, "ascending order: filled to %s",
			split == BTREE_RIGHT ? "all, by splits to the right" : "half, by halving");
		ok(btree_sound(&tree), "and sound");
	}
}

static void check_load(void)
{
	for (uint64_t count = 0; count < 3000; count = 2 * count + 1) {
		struct btree tree;
		struct btree_path path;
		btree_init(&tree, &arena, 10, 5, BTREE_HALF);
		btree_load(&tree, count, 7, .69);
		int missing = 0;
		for (uint64_t i = 0; i < count; i++)
			missing += !btree_find(&tree, 7 * i, &path) || btree_find(&tree, 7 * i + 1, &path);
		ok(missing == 0 && tree.keys == count && btree_sound(&tree), "%llu keys loaded",
		   (unsigned long long)count);
	}
}

static void check_canary(void)
{
	struct btree tree;
	struct btree_path path;
	btree_init(&tree, &arena, 10, 5, BTREE_HALF);
	for (uint64_t key = 0; key < 100; key++)
		btree_insert(&tree, key, &path);
	tree.keys--;
	ok(!btree_sound(&tree), "canary: a tree that has lost a key is not sound");
}

static void check_shape(void)
{
	/* Capacity times fill: 250 in use. 10^6 rows and 10^9 rows. */
	is_int(btree_shape_of(1000000, 250, 250).levels, 3, "10^6 entries, 250 a page: three levels");
	is_int(btree_shape_of(1000000000, 250, 250).levels, 4, "10^9 entries, 250 a page: four");
	is_int(btree_shape_of(1000000000, 100, 100).levels, 5, "10^9 entries, 100 a page: five");
	is_int(btree_shape_of(1000000000, 172, 172).levels, 5, "10^9 entries, pages of 250 filled to 69 %%: five");
	is_int(btree_shape_of(250, 250, 250).levels, 1, "one page is a root");
	struct btree tree;
	struct btree_path real, counted;
	btree_init(&tree, &arena, 20, 20, BTREE_HALF);
	btree_load(&tree, 100000, 1, 1);
	struct btree_shape shape = btree_shape_of(100000, 20, 20);
	int differ = tree.levels != shape.levels || (int64_t)tree.leaves != shape.pages[0];
	for (int64_t rank = 0; rank < 100000; rank += 7) {
		btree_find(&tree, (uint64_t)rank, &real);
		btree_shape_path(&shape, rank, &counted);
		differ += real.levels != counted.levels;
		for (int level = 0; level < real.levels && level < counted.levels; level++)
			differ += real.page[level] != counted.page[level];
	}
	is_int(differ, 0, "a counted tree has the pages of a full one");
}

int main(void)
{
	arena_init(&arena);
	check_against_array(BTREE_HALF, 3, 3);
	check_against_array(BTREE_HALF, 8, 5);
	check_against_array(BTREE_RIGHT, 3, 3);
	check_against_array(BTREE_RIGHT, 9, 4);
	check_fill();
	check_load();
	check_shape();
	check_canary();
	arena_free(&arena);
	return done_testing();
}
