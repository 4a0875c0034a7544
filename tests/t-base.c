/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities read and printed exactly, mistakes refused; trees merged; errors kept up to a limit; memory aligned. */
#include "base/arena.h"
#include "base/err.h"
#include "base/freelist.h"
#include "base/quantity.h"
#include "base/tree.h"
#include "base/words.h"
#include "engine/rng.h"
#include "flow.h"
#include "tap.h"

/* ---- quantities ---- */

static const struct {
	enum quantity_kind kind;
	const char *text;
	int64_t integer;
	double real;
} good[] = {
	{QUANTITY_TIME, "5 ms", 5000000, 5e6},
	{QUANTITY_TIME, "5ms", 5000000, 5e6},
	{QUANTITY_TIME, "  5\tms ", 5000000, 5e6},
	{QUANTITY_TIME, "0.3 ms", 300000, 3e5},
	{QUANTITY_TIME, ".3ms", 300000, 3e5},
	{QUANTITY_TIME, "1.1 us", 1100, 1100},
	{QUANTITY_TIME, "0.1 ns", 0, 0},
	{QUANTITY_TIME, "0.5 ns", 1, 1},
	{QUANTITY_TIME, "2.5 ns", 3, 3},
	{QUANTITY_TIME, "-2.5 ns", -3, -3},
	{QUANTITY_TIME, "0.4999999999999999999999 ns", 0, 0},
	{QUANTITY_TIME, "0.333333333333333333333333333 s", 333333333, 333333333},
	{QUANTITY_TIME, "2 min", INT64_C(120000000000), 120e9},
	{QUANTITY_TIME, "1.5 h", INT64_C(5400000000000), 5400e9},
	{QUANTITY_TIME, "30 d", INT64_C(2592000000000000), 2592e12},
	{QUANTITY_TIME, "1e3 s", INT64_C(1000000000000), 1e12},
	{QUANTITY_TIME, "1e-3 s", 1000000, 1e6},
	{QUANTITY_TIME, "+7 s", INT64_C(7000000000), 7e9},
	{QUANTITY_TIME, "0 s", 0, 0},
	{QUANTITY_TIME, "9223372036854775807 ns", INT64_MAX, 9223372036854775807.0},
	{QUANTITY_TIME, "9223372036.854775807 s", INT64_MAX, 9223372036854775807.0},
	{QUANTITY_BYTES, "64 GiB", INT64_C(68719476736), 68719476736},
	{QUANTITY_BYTES, "64 GB", INT64_C(64000000000), 64e9},
	{QUANTITY_BYTES, "1.5 KiB", 1536, 1536},
	{QUANTITY_BYTES, "10 kB", 10000, 10000},
	{QUANTITY_BYTES, "2 TiB", INT64_C(2199023255552), 2199023255552},
	{QUANTITY_BYTES, "100 B", 100, 100},
	{QUANTITY_COUNT, "12", 12, 12},
	{QUANTITY_COUNT, "40 M", 40000000, 4e7},
	{QUANTITY_COUNT, "40M", 40000000, 4e7},
	{QUANTITY_COUNT, "1.5 k", 1500, 1500},
	{QUANTITY_COUNT, "12.0", 12, 12},
	{QUANTITY_COUNT, "4.7 T", INT64_C(4700000000000), 4.7e12},
	{QUANTITY_COUNT, "-3", -3, -3},
	{QUANTITY_COUNT, "9007199254740993", INT64_C(9007199254740993), 9007199254740992},
	{QUANTITY_RATE, "12k/s", 0, 12000},
	{QUANTITY_RATE, "12 k/s", 0, 12000},
	{QUANTITY_RATE, "6/min", 0, 0.1},
	{QUANTITY_RATE, "3 G/min", 0, 5e7},
	{QUANTITY_RATE, "36/h", 0, 0.01},
	{QUANTITY_RATE, "0.5 /s", 0, 0.5},
	{QUANTITY_RATIO, "0.85", 0, 0.85},
	{QUANTITY_RATIO, "85 %", 0, 0.85},
	{QUANTITY_RATIO, "85%", 0, 0.85},
	{QUANTITY_REAL, "1.5", 0, 1.5},
	{QUANTITY_REAL, "-1e-3", 0, -0.001},
};

static void test_good(void)
{
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct quantity value = {-1, -1};
		char why[QUANTITY_WHY] = "";
		bool read = quantity_parse(good[i].kind, good[i].text, &value, why);
		ok(read && value.integer == good[i].integer &&
			   fabs(value.real - good[i].real) <= 1e-15 * fabs(good[i].real),
		   "\"%s\" is %lld, %.17g %s", good[i].text, (long long)value.integer, value.real, why);
	}
}

static const struct {
	enum quantity_kind kind;
	const char *text, *why;
} bad[] = {
	{QUANTITY_TIME, "80", "needs a time unit, e.g. 80 ms"},
	{QUANTITY_TIME, "", "needs a time, e.g. 80 ms"},
	{QUANTITY_TIME, "ms", "needs a time, e.g. 80 ms"},
	{QUANTITY_TIME, "5 MS", "\"MS\" is not a unit of a time"},
	{QUANTITY_TIME, "5 Ms", "case matters"},
	{QUANTITY_TIME, "5 sec", "\"sec\" is not a unit of a time"},
	{QUANTITY_TIME, "5 MB", "\"MB\" is not a unit of a time"},
	{QUANTITY_TIME, "5 ms 3", "\"3\" after the time"},
	{QUANTITY_TIME, "5 ms,", "\",\" after the time"},
	{QUANTITY_TIME, "9223372036854775808 ns", "too large for a time"},
	{QUANTITY_TIME, "200000 d", "too large for a time"},
	{QUANTITY_TIME, "1e300 s", "too large"},
	{QUANTITY_TIME, "1e99999 s", "too large"},
	{QUANTITY_TIME, "99999999999999999999 ns", "too large for a time"},
	{QUANTITY_TIME, "1.2.3 s", "not a unit|needs a time unit"},
	{QUANTITY_TIME, "inf s", "needs a time"},
	{QUANTITY_TIME, "nan", "needs a time"},
	{QUANTITY_TIME, "0x10 s", "is not a unit of a time"},
	{QUANTITY_TIME, "- 5 s", "needs a time"},
	{QUANTITY_TIME, "--5 s", "needs a time"},
	{QUANTITY_TIME, "1,5 s", "needs a time unit"},
	{QUANTITY_BYTES, "64", "needs a size unit, e.g. 64 GiB"},
	{QUANTITY_BYTES, "64 gib", "\"gib\" is not a unit of a size"},
	{QUANTITY_BYTES, "64 KB", "\"KB\" is not a unit of a size"},
	{QUANTITY_BYTES, "64 G", "\"G\" is not a unit of a size"},
	{QUANTITY_BYTES, "9000000 TiB", "too large for a size"},
	{QUANTITY_COUNT, "1.5", "whole number"},
	{QUANTITY_COUNT, "1.2345 k", "whole number"},
	{QUANTITY_COUNT, "0.00000000000000000000001", "whole number"},
	{QUANTITY_COUNT, "1.00000000000000000000001", "whole number"},
	{QUANTITY_COUNT, "3 K", "\"K\" is not a unit of a count"},
	{QUANTITY_COUNT, "3 m", "\"m\" is not a unit of a count"},
	{QUANTITY_COUNT, "10 G G", "after the count"},
	{QUANTITY_COUNT, "99999999 T", "too large for a count"},
	{QUANTITY_RATE, "12", "needs a rate unit, e.g. 12k/s"},
	{QUANTITY_RATE, "12k", "\"k\" is not a unit of a rate"},
	{QUANTITY_RATE, "12 K/s", "\"K/s\" is not a unit of a rate"},
	{QUANTITY_RATIO, "85 percent", "\"percent\" is not a unit of a ratio"},
	{QUANTITY_REAL, "1.5 ms", "\"ms\" after the number"},
	{QUANTITY_REAL, "1e999", "too large"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct quantity value;
		char why[QUANTITY_WHY] = "", wanted[80];
		bool read = quantity_parse(bad[i].kind, bad[i].text, &value, why);
		snprintf(wanted, sizeof wanted, "%s", bad[i].why);
		char *other = strchr(wanted, '|');
		if (other)
			*other++ = '\0';
		ok(!read && (strstr(why, wanted) || (other && strstr(why, other))), "refused: \"%s\" %s", bad[i].text,
		   why);
	}
}

static void test_scan(void)
{
	struct quantity value;
	char why[QUANTITY_WHY];
	const char *end, *text = "40 ms..125 ms";
	ok(quantity_scan(QUANTITY_TIME, text, &end, &value, why) && value.integer == 40000000 &&
		   strcmp(end, "..125 ms") == 0,
	   "a quantity within an expression ends where it ends");
	text = "0.9 exp(1 ms)";
	ok(quantity_scan(QUANTITY_REAL, text, &end, &value, why) && value.real == 0.9 && strcmp(end, " exp(1 ms)") == 0,
	   "a bare number leaves the word after it alone");
	static const struct {
		const char *text;
		enum quantity_kind kind;
	} kinds[] = {
		{"5 ms", QUANTITY_TIME}, {"5 GiB", QUANTITY_BYTES}, {"5k/s", QUANTITY_RATE}, {"5 %", QUANTITY_RATIO},
		{"5 M", QUANTITY_COUNT}, {"5", QUANTITY_REAL}, {"5 d", QUANTITY_TIME}, {"5 B", QUANTITY_BYTES},
	};
	enum quantity_kind kind;
	int wrong = 0;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		wrong += !quantity_kind_of(kinds[i].text, &kind) || kind != kinds[i].kind;
	ok(wrong == 0, "the unit tells the kind");
	ok(!quantity_kind_of("5 apples", &kind) && !quantity_kind_of("ms", &kind), "a word that is no unit does not");
}

static void test_print(void)
{
	static const struct {
		enum quantity_kind kind;
		struct quantity value;
		const char *text;
	} texts[] = {
		{QUANTITY_TIME, {5000000, 5e6}, "5 ms"},
		{QUANTITY_TIME, {0, 0}, "0 s"},
		{QUANTITY_TIME, {1, 1}, "1 ns"},
		{QUANTITY_TIME, {1500000, 1.5e6}, "1.5 ms"},
		{QUANTITY_TIME, {INT64_C(90000000000), 9e10}, "90 s"},
		{QUANTITY_BYTES, {65536, 65536}, "64 KiB"},
		{QUANTITY_BYTES, {64000, 64000}, "64 kB"},
		{QUANTITY_COUNT, {177, 177}, "177"},
		{QUANTITY_COUNT, {40000000, 4e7}, "40 M"},
		{QUANTITY_RATE, {0, 12000}, "12 k/s"},
		{QUANTITY_RATIO, {0, 0.85}, "0.85"},
		{QUANTITY_REAL, {0, 0.1}, "0.1"},
	};
	char text[QUANTITY_TEXT];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		is_text(quantity_print(texts[i].kind, texts[i].value, text), texts[i].text, "printed as %s",
			texts[i].text);
	is_text(quantity_print_time(1234567, text), "1.234567 ms", "a time with many digits");

	struct rng rng = rng_start(rng_stream(1, 0, "quantities"));
	int wrong = 0, total = 0;
	for (int i = 0; i < 3000; i++)
		for (int kind = QUANTITY_COUNT; kind <= QUANTITY_RATE; kind++) {
			struct quantity value = {0, 0}, back = {-1, -1};
			char why[QUANTITY_WHY];
			bool integer = kind == QUANTITY_COUNT || kind == QUANTITY_TIME || kind == QUANTITY_BYTES;
			if (integer) {
				value.integer = (int64_t)(rng_next(&rng) >> (1 + rng_below(&rng, 63)));
				value.integer = i % 5 ? value.integer : -value.integer;
				value.real = (double)value.integer;
			} else {
				value.real = rng_unit(&rng) * (double)(rng_next(&rng) >> rng_below(&rng, 64));
			}
			quantity_print(kind, value, text);
			total++;
			wrong += strlen(text) >= QUANTITY_TEXT || !quantity_parse(kind, text, &back, why) ||
				 back.integer != value.integer || (!integer && back.real != value.real);
		}
	ok(wrong == 0, "%d quantities of all kinds read back as what was printed (%d wrong)", total, wrong);
}

/* ---- trees ---- */

static const struct place nowhere = {"", 0, 0};

/* "{a: 1, b: [x, y]}" */
static void print_tree(const struct tree *tree, char *text, size_t size)
{
	size_t length = strlen(text);
	if (tree->kind == TREE_SCALAR) {
		snprintf(text + length, size - length, "%s", tree->text);
		return;
	}
	snprintf(text + length, size - length, "%c", tree->kind == TREE_MAP ? '{' : '[');
	for (const struct tree *child = tree->child; child; child = child->next) {
		length = strlen(text);
		snprintf(text + length, size - length, "%s%s%s", child == tree->child ? "" : ", ",
			 child->key ? child->key : "", child->key ? ": " : "");
		print_tree(child, text, size);
	}
	length = strlen(text);
	snprintf(text + length, size - length, "%c", tree->kind == TREE_MAP ? '}' : ']');
}

static const char *printed(const struct tree *tree, char *text, size_t size)
{
	text[0] = '\0';
	if (tree)
		print_tree(tree, text, size);
	return text;
}

static void test_tree(void)
{
	static const struct {
		const char *base, *over, *merged;
	} merges[] = {
		{"{a: 1, b: 2}", "{b: 3, c: 4}", "{a: 1, b: 3, c: 4}"},
		{"{a: {x: 1, y: {p: 1, q: 2}}, b: 2}", "{a: {y: {q: 3}, z: 4}}",
		 "{a: {x: 1, y: {p: 1, q: 3}, z: 4}, b: 2}"},
		{"{a: [1, 2, 3]}", "{a: [4]}", "{a: [4]}"},
		{"{a: {x: 1}}", "{a: 5}", "{a: 5}"},
		{"{a: 5, b: 1}", "{a: {x: 1}}", "{a: {x: 1}, b: 1}"},
		{"{}", "{a: 1}", "{a: 1}"},
		{"{a: 1}", "{}", "{a: 1}"},
		{"{a: {x: 1}}", "{a: {}}", "{a: {x: 1}}"},
	};
	struct arena arena;
	char text[200], before[200];
	arena_init(&arena);
	for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
		const char *base_text = merges[i].base, *over_text = merges[i].over;
		struct tree *base = flow_read(&arena, &base_text, 1), *over = flow_read(&arena, &over_text, 2);
		struct tree *merged = tree_merge(&arena, base, over);
		is_text(printed(merged, text, sizeof text), merges[i].merged, "%s with %s on top", merges[i].base,
			merges[i].over);
		ok(strcmp(printed(base, before, sizeof before), merges[i].base) == 0 &&
		   strcmp(printed(over, text, sizeof text), merges[i].over) == 0, "neither is changed");
	}
	const char *source = "{a: {x: 1, y: 2}}", *over_source = "{a: {y: 3}}";
	struct tree *base = flow_read(&arena, &source, 1), *over = flow_read(&arena, &over_source, 2);
	struct tree *merged = tree_merge(&arena, base, over), *a = tree_get(merged, "a");
	ok(tree_get(a, "x")->place.line == 1 && tree_get(a, "y")->place.line == 2 &&
		   tree_get(a, "y")->key_place.line == 2,
	   "each value keeps the place where it was written");
	ok(!tree_merge(&arena, NULL, NULL), "nothing merged with nothing is nothing");
	ok(strcmp(printed(tree_merge(&arena, base, NULL), text, sizeof text), "{a: {x: 1, y: 2}}") == 0 &&
		   strcmp(printed(tree_merge(&arena, NULL, over), text, sizeof text), "{a: {y: 3}}") == 0,
	   "either may be missing");
	ok(tree_count(a) == 2 && tree_count(tree_scalar(&arena, "", nowhere)) == 0, "children are counted");
	ok(!tree_get(merged, "b") && !tree_get(NULL, "b") && !tree_get(tree_scalar(&arena, "b", nowhere), "b"),
	   "what is not there is not found");

	struct tree *path = tree_path(&arena, "model.disk.size", tree_scalar(&arena, "5", nowhere), nowhere);
	is_text(printed(path, text, sizeof text), "{model: {disk: {size: 5}}}", "a dotted path makes nested maps");
	path = tree_path(&arena, "nodes", tree_scalar(&arena, "5", nowhere), nowhere);
	is_text(printed(path, text, sizeof text), "{nodes: 5}", "a path without a dot makes one map");
	ok(strcmp(tree_kind_name(path), "a map") == 0 &&
		   strcmp(tree_kind_name(tree_get(path, "nodes")), "a value") == 0 &&
		   strcmp(tree_kind_name(tree_list(&arena, nowhere)), "a list") == 0,
	   "kinds have names");
	arena_free(&arena);
}

static void test_near(void)
{
	static const char *const names[] = {"nodes", "gc_pause", "read_cpu", "replicas", "write_concern", NULL};
	static const struct {
		const char *word, *near;
	} words[] = {
		{"node", "nodes"},
		{"nodse", "nodes"},
		{"Nodes", "nodes"},
		{"gcpause", "gc_pause"},
		{"gc-pause", "gc_pause"},
		{"replcias", "replicas"},
		{"write_concer", "write_concern"},
		{"wrte_concrn", "write_concern"},
		{"banana", NULL},
		{"n", NULL},
		{"writeconcernn", "write_concern"},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		is_text(words_near(WORDS(names), words[i].word), words[i].near, "\"%s\" is near to %s", words[i].word,
			words[i].near ? words[i].near : "nothing");
	static const char *const equals[] = {"bat", "cat", "hat", NULL};
	is_text(words_near(WORDS(equals), "aat"), "bat", "among equally near ones the first is meant");
	char word[400];
	memset(word, 'x', sizeof word);
	word[sizeof word - 1] = '\0';
	ok(!words_near(WORDS(names), word), "a very long word is near to nothing");
	char text[WORDS_HINT];
	static const struct {
		const char *name;
		int other;
	} rows[] = {{"alpha", 1}, {"beta", 2}, {NULL, 0}}, *const pointers[] = {&rows[1], NULL};
	struct words more = WORDS_OF_POINTERS(pointers);
	is_int(words_find(WORDS(rows), "beta"), 1, "a row of a table");
	is_int(words_find(WORDS(rows), "gamma"), -1, "none of that name");
	is_int(words_find(WORDS_AND(equals, &more), "beta"), 3, "what follows is counted on");
	is_text(words_text(WORDS_AND(equals, &more), text, sizeof text), "bat, cat, hat, beta", "all words");
	is_text(words_text(WORDS(names), text, 24), "nodes, gc_pause, ...", "as much as fits");
	is_text(words_hint(WORDS(rows), "bata", text), "; did you mean \"beta\"?", "a hint");
	is_text(words_hint(WORDS(rows), "banana", text), "; known: alpha, beta", "and where none is near");
	is_text(words_guess(WORDS(rows), "banana", text), "", "a guess is only made when one is near");
	is_text(words_hint(WORDS(rows + 2), "banana", text), "; there are none", "nor where there is none");
	is_int(words_find((struct words){NULL, 0, false, NULL}, "a"), -1, "no words at all");
}

/* ---- errors and memory ---- */

static void test_err(void)
{
	static struct err err;
	const struct place place = {"models/discord.yaml", 12, 5};
	err_init(&err);
	ok(!err_any(&err) && err.kind == ERR_NONE, "nothing went wrong yet");
	ok(!err_add(&err, ERR_MODEL, &place, "nodes is %d", -1), "err_add returns false");
	for (int i = 1; i < 35; i++)
		err_add(&err, ERR_TRACE, NULL, "mistake %d", i);
	ok(err_any(&err) && err.count == 35 && err.kind == ERR_MODEL, "all are counted; the first decides the kind");
	ok(strcmp(err.message[0].file, "models/discord.yaml") == 0 && err.message[0].line == 12 &&
		   err.message[0].column == 5,
	   "the place is kept");
	is_text(err.message[0].text, "nodes is -1", "and the text");
	ok(strcmp(err.message[1].file, "") == 0 && err.message[1].line == 0, "a place may be unknown");
	is_text(err.message[ERR_MAX - 1].text, "mistake 19", "%d messages are kept", ERR_MAX);
	char text[2 * ERR_TEXT];
	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	err_init(&err);
	err_add(&err, ERR_USAGE, &(struct place){text, 1, 1}, "%s", text);
	ok(strlen(err.message[0].text) == ERR_TEXT - 1 && strlen(err.message[0].file) == ERR_FILE - 1,
	   "long texts are cut");
}

static void test_arena(void)
{
	enum { PIECES = 3000 };
	static struct {
		unsigned char *at;
		size_t bytes;
	} piece[PIECES];
	struct arena arena;
	struct rng rng = rng_start(rng_stream(1, 0, "arena"));
	arena_init(&arena);
	size_t total = 0;
	int crooked = 0, dirty = 0, damaged = 0;
	for (int i = 0; i < PIECES; i++) {
		size_t bytes = (size_t)rng_below(&rng, i % 100 == 0 ? 300000 : i % 10 == 0 ? 3000 : 100);
		piece[i].at = arena_get(&arena, bytes);
		piece[i].bytes = bytes;
		total += bytes;
		crooked += (uintptr_t)piece[i].at % (bytes >= 64 ? 64 : 16) != 0;
		for (size_t k = 0; k < bytes; k++)
			dirty += piece[i].at[k] != 0;
		memset(piece[i].at, i % 255 + 1, bytes);
	}
	for (int i = 0; i < PIECES; i++)
		for (size_t k = 0; k < piece[i].bytes; k++)
			damaged += piece[i].at[k] != i % 255 + 1;
	ok(crooked == 0, "%d pieces of memory are aligned", PIECES);
	ok(dirty == 0, "they are zero");
	ok(damaged == 0, "and do not overlap");
	ok(arena.bytes >= total && arena.bytes < total + PIECES * 64, "%zu bytes in all", arena.bytes);
	int64_t *array = ARENA_ARRAY(&arena, 1000, int64_t);
	ok((uintptr_t)array % 64 == 0 && array[999] == 0, "an array is aligned and zero");
	is_text(arena_text(&arena, "words"), "words", "a text is copied");
	is_text(arena_text_of(&arena, "words", 3), "wor", "and a part of one");
	is_text(arena_format(&arena, "%s %d", "node", 3), "node 3", "and one made as by printf");
	arena_free(&arena);
	ok(arena.bytes == 0 && !arena.block, "freed, it is empty");
}

static void test_freelist(void)
{
	struct thing {
		int64_t value;
		char rest[88];
	};
	struct arena arena;
	struct freelist list = {0};
	arena_init(&arena);
	struct thing *a = FREELIST_TAKE(&list, &arena, struct thing), *b = FREELIST_TAKE(&list, &arena, struct thing);
	ok(a != b && a->value == 0 && a->rest[87] == 0, "an empty list gives zeroed memory of the arena");
	size_t bytes = arena.bytes;
	memset(a, 1, sizeof(*a));
	memset(b, 2, sizeof(*b));
	freelist_give(&list, a);
	freelist_give(&list, b);
	struct thing *first = FREELIST_TAKE(&list, &arena, struct thing);
	struct thing *second = FREELIST_TAKE(&list, &arena, struct thing);
	ok(first == b && second == a, "what was given back last comes first");
	ok(b->rest[87] == 2 && a->rest[0] == 1, "it keeps its bytes behind the pointer");
	is_int((long long)arena.bytes, (long long)bytes, "and the arena is not asked");
	struct thing *third = FREELIST_TAKE(&list, &arena, struct thing);
	ok(third != a && third != b && third->value == 0, "then the arena is asked again");
	arena_free(&arena);
}

int main(void)
{
	test_good();
	test_bad();
	test_scan();
	test_print();
	test_tree();
	test_near();
	test_err();
	test_arena();
	test_freelist();
	return done_testing();
}
