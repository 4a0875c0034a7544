/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Caches: every kind of the list against a plain array that does what the kind says, and two days of a web server to
 * the integer.
 */
#include "engine/rng.h"
#include "model/cache.h"
#include "nasa.h"
#include "tap.h"

static struct arena arena;

static const struct cache_kind *kind_of(const char *name)
{
	for (int i = 0; cache_kinds[i]; i++)
		if (strcmp(cache_kinds[i]->name, name) == 0)
			return cache_kinds[i];
	bail("no kind %s", name);
}

/* ---- plain lists: items in order, oldest first; found by looking at all ---- */

enum { MOST = 2048 };

struct item {
	uint64_t key;
	int uses;
};

struct list {
	struct item item[MOST];
	int count;
};

static int place_in(const struct list *list, uint64_t key)
{
	for (int i = 0; i < list->count; i++)
		if (list->item[i].key == key)
			return i;
	return -1;
}

static struct item take(struct list *list, int place)
{
	struct item item = list->item[place];
	list->count--;
	memmove(&list->item[place], &list->item[place + 1], (size_t)(list->count - place) * sizeof item);
	return item;
}

static void append(struct list *list, uint64_t key, int uses)
{
	CHECK(list->count < MOST);
	list->item[list->count++] = (struct item){key, uses};
}

/* A reference of a kind: whether the key was there; if not, it is put. */
struct plain {
	struct list line, small, gone;
	int capacity, hand;
	bool (*ask)(struct plain *plain, uint64_t key);
};

static bool ask_lru(struct plain *plain, uint64_t key)
{
	int place = place_in(&plain->line, key);
	if (place >= 0)
		take(&plain->line, place);
	else if (plain->line.count == plain->capacity)
		take(&plain->line, 0);
	append(&plain->line, key, 0);
	return place >= 0;
}

static bool ask_fifo(struct plain *plain, uint64_t key)
{
	if (place_in(&plain->line, key) >= 0)
		return true;
	if (plain->line.count == plain->capacity)
		take(&plain->line, 0);
	append(&plain->line, key, 0);
	return false;
}

static bool ask_clock(struct plain *plain, uint64_t key)
{
	int place = place_in(&plain->line, key);
	if (place >= 0) {
		plain->line.item[place].uses = 1;
		return true;
	}
	while (plain->line.count == plain->capacity) {
		struct item oldest = take(&plain->line, 0);
		if (oldest.uses)
			append(&plain->line, oldest.key, 0);
	}
	append(&plain->line, key, 0);
	return false;
}

static bool ask_sieve(struct plain *plain, uint64_t key)
{
	int place = place_in(&plain->line, key);
	if (place >= 0) {
		plain->line.item[place].uses = 1;
		return true;
	}
	while (plain->line.count == plain->capacity) {
		if (plain->hand >= plain->line.count)
			plain->hand = 0;
		if (plain->line.item[plain->hand].uses)
			plain->line.item[plain->hand++].uses = 0;
		else
			take(&plain->line, plain->hand);
	}
	/* A hand that has come past the newest begins again at the oldest. */
	if (plain->hand >= plain->line.count)
		plain->hand = 0;
	append(&plain->line, key, 0);
	return false;
}

static void evict_main(struct plain *plain)
{
	while (plain->line.count > 0) {
		struct item oldest = take(&plain->line, 0);
		if (oldest.uses == 0)
			return;
		append(&plain->line, oldest.key, oldest.uses - 1);
	}
}

static bool ask_s3fifo(struct plain *plain, uint64_t key)
{
	int small = plain->capacity / 10 > 0 ? plain->capacity / 10 : 1, main = plain->capacity - small;
	struct list *const line[] = {&plain->line, &plain->small};
	for (int i = 0; i < 2; i++) {
		int place = place_in(line[i], key);
		if (place >= 0) {
			int *uses = &line[i]->item[place].uses;
			*uses += *uses < 3;
			return true;
		}
	}
	int known = place_in(&plain->gone, key);
	if (known >= 0)
		take(&plain->gone, known);
	while (plain->line.count + plain->small.count == plain->capacity) {
		if (plain->small.count < small) {
			evict_main(plain);
			continue;
		}
		struct item oldest = take(&plain->small, 0);
		if (oldest.uses > 1) {
			append(&plain->line, oldest.key, 0);
			if (plain->line.count > main)
				evict_main(plain);
		} else {
			append(&plain->gone, oldest.key, 0);
			if (plain->gone.count > main)
				take(&plain->gone, 0);
		}
	}
	append(known >= 0 ? &plain->line : &plain->small, key, 0);
	return false;
}

static const struct {
	const char *name;
	bool (*ask)(struct plain *plain, uint64_t key);
} plain_kinds[] = {
	{"lru", ask_lru}, {"fifo", ask_fifo}, {"clock", ask_clock}, {"sieve", ask_sieve}, {"s3-fifo", ask_s3fifo},
};
enum { PLAIN_KINDS = sizeof plain_kinds / sizeof *plain_kinds };

/* Returns the hits; *differ is how often the two said different things. */
static int hits_of(const struct cache_kind *kind, int capacity, int plain_capacity, const uint64_t *key, int count,
		   int *differ)
{
	static struct plain plain;
	struct cache cache;
	memset(&plain, 0, sizeof plain);
	plain.capacity = plain_capacity;
	for (int i = 0; i < PLAIN_KINDS; i++)
		if (strcmp(plain_kinds[i].name, kind->name) == 0)
			plain.ask = plain_kinds[i].ask;
	if (!plain.ask)
		bail("no reference for %s", kind->name);
	cache_init_of(&cache, &arena, kind, capacity, 0);
	int hits = 0;
	*differ = 0;
	for (int i = 0; i < count; i++) {
		bool hit = cache_get(&cache, key[i], i);
		if (!hit)
			cache_put(&cache, key[i], i);
		hits += hit;
		*differ += hit != plain.ask(&plain, key[i]);
		CHECK(cache.count <= capacity);
	}
	return hits;
}

enum { REQUESTS = 30000 };
static uint64_t skewed[REQUESTS];

/* Keys of which few are asked for often. */
static void draw_keys(void)
{
	struct rng rng = rng_seed(4);
	for (int i = 0; i < REQUESTS; i++)
		skewed[i] = rng_below(&rng, rng_below(&rng, rng_below(&rng, 2000) + 1) + 1);
}

static void check_kind(const struct cache_kind *kind)
{
	static const int capacity[] = {1, 2, 9, 10, 37, 100, 500};
	int differ = 0, of_one, hits = 0;
	for (size_t i = 0; i < sizeof capacity / sizeof *capacity; i++) {
		hits = hits_of(kind, capacity[i], capacity[i], skewed, REQUESTS, &of_one);
		differ += of_one;
	}
	is_int(differ, 0, "%s: does what a plain array does (of 500 places, %d hits)", kind->name, hits);
	hits_of(kind, 100, 99, skewed, REQUESTS, &differ);
	ok(differ > 10, "%s, canary: one place less is told apart, %d times", kind->name, differ);

	struct cache cache;
	cache_init_of(&cache, &arena, kind, 50, 10);
	for (uint64_t key = 0; key < 5; key++)
		cache_put(&cache, key, 0);
	bool there = cache_get(&cache, 3, 9), gone = !cache_get(&cache, 3, 10);
	cache_put(&cache, 4, 5);
	ok(there && gone && cache_get(&cache, 4, 14) && !cache_get(&cache, 4, 15),
	   "%s: an entry is there for its lifetime, counted from when it was put", kind->name);
	cache_put(&cache, 7, 20);
	cache_drop(&cache, 7);
	cache_drop(&cache, 7);
	ok(!cache_get(&cache, 7, 20), "%s: what was dropped is not there", kind->name);

	/* Puts, drops and time in any order: nothing that should not be there, and the count is right. */
	struct rng rng = rng_seed(8);
	cache_init_of(&cache, &arena, kind, 20, 300);
	static int64_t put_at[100];
	bool wrong = false;
	for (int64_t now = 1; now < 20000; now++) {
		uint64_t key = rng_below(&rng, 100);
		switch (rng_below(&rng, 4)) {
		case 0:
			cache_put(&cache, key, now);
			put_at[key] = now;
			wrong = wrong || !cache_get(&cache, key, now);
			break;
		case 1:
			cache_drop(&cache, key);
			put_at[key] = 0;
			break;
		default:
			if (cache_get(&cache, key, now))
				wrong = wrong || put_at[key] == 0 || now >= put_at[key] + 300;
		}
		wrong = wrong || cache.count > 20 || cache.count < 0;
	}
	int64_t count = 0;
	for (uint64_t key = 0; key < 100; key++) {
		/* Whoever asks takes out what has expired; so the rest is what counts. */
		count += cache_get(&cache, key, 20000);
	}
	ok(!wrong && count == cache.count, "%s: holds only what was put, and counts it", kind->name);
	memset(put_at, 0, sizeof put_at);
}

/* ---- two days of a web server ---- */

static int hits_with_lifetime(const struct nasa_request *request, int count, int64_t lifetime)
{
	struct cache cache;
	int hits = 0;
	cache_init(&cache, &arena, 100000, lifetime);
	for (int i = 0; i < count; i++) {
		bool hit = cache_get(&cache, request[i].key, request[i].at);
		if (!hit)
			cache_put(&cache, request[i].key, request[i].at);
		hits += hit;
	}
	return hits;
}

static void check_days(void)
{
	static const char *const day[] = {NASA_JULY, NASA_AUGUST};
	static const int capacity[] = {50, 100, 200};
	static const int hits[][3] = {{5021, 6451, 7457}, {4716, 5945, 7084}};
	static const int with_lifetime[][2] = {{3370, 6549}, {2199, 5339}};
	for (int d = 0; d < 2; d++) {
		static struct nasa_request request[NASA_ROOM];
		static uint64_t key[NASA_ROOM];
		int differ, count = nasa_read(day[d], request);
		for (int i = 0; i < count; i++)
			key[i] = request[i].key;
		if (!count) {
			skip(5 + PLAIN_KINDS, "the public traces are not there (CASEBOOK_TRACES)");
			continue;
		}
		for (int i = 0; i < 3; i++)
			is_int(hits_of(kind_of("lru"), capacity[i], capacity[i], key, count, &differ), hits[d][i],
			       "%s: lru of %d", day[d], capacity[i]);
		is_int(hits_with_lifetime(request, count, 60), with_lifetime[d][0], "%s: a lifetime of 60 s", day[d]);
		is_int(hits_with_lifetime(request, count, 600), with_lifetime[d][1], "%s: of 600 s", day[d]);
		for (int i = 0; i < PLAIN_KINDS; i++) {
			int got = hits_of(kind_of(plain_kinds[i].name), 100, 100, key, count, &differ);
			is_int(differ, 0, "%s: %s of 100 has %d hits, as a plain array has", day[d],
			       plain_kinds[i].name, got);
		}
	}
}

int main(void)
{
	arena_init(&arena);
	draw_keys();
	for (int i = 0; cache_kinds[i]; i++) {
		is_text(cache_kinds[i]->name, cache_names[i], "%s is called so", cache_names[i]);
		check_kind(cache_kinds[i]);
	}
	check_days();
	arena_free(&arena);
	return done_testing();
}
