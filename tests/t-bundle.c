/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A study as one text: what is read from it is the study that was written, with its places; damaged texts are refused
 * and harm nobody. `t-bundle FILE` prints the text of a model file, for wasm-check.sh.
 */
#include "base/fnv.h"
#include "base/treetext.h"
#include "engine/rng.h"
#include "io/readers.h"
#include "io/yaml.h"
#include "run/bundle.h"
#include "tap.h"

static struct arena arena;
static struct err err;

/* The text of a model file; NULL and messages in err. */
static const char *text_of(const char *path, size_t *length)
{
	struct text text;
	struct tree *tree = yaml_read(&arena, path, &err);
	struct bundle *bundle = bundle_record(&arena, readers_of(&arena, path));
	if (!tree || !study_load(&arena, path, tree, NULL, bundle_files(bundle), &err))
		return NULL;
	text_begin(&text, &arena);
	bundle_write(bundle, path, tree, NULL, &text);
	*length = text.length;
	return text.bytes;
}

static bool same_places(const struct tree *a, const struct tree *b)
{
	if (a->kind != b->kind || a->place.line != b->place.line || a->place.column != b->place.column ||
	    strcmp(a->place.file, b->place.file) != 0 || a->quoted != b->quoted)
		return false;
	for (a = a->child, b = b->child; a && b; a = a->next, b = b->next)
		if (a->key_place.line != b->key_place.line || !same_places(a, b))
			return false;
	return !a && !b;
}

static void check_models(void)
{
	static const char *const models[] = {"station", "discord", "uber", "netflix"};
	for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
		const char *top = getenv("top_srcdir"), *name;
		const char *path = arena_format(&arena, "%s/models/%s.yaml", top ? top : ".", models[m]);
		size_t length = 0;
		struct tree *tree, *written = yaml_read(&arena, path, &err);
		const char *text = text_of(path, &length);
		if (!text)
			bail("%s: %s", path, err.message[0].text);
		struct bundle *bundle = bundle_read(&arena, text, length, &name, &tree, &err);
		if (!ok(bundle && strcmp(name, path) == 0 && tree_same(tree, written) && same_places(tree, written),
			"%s is read back from %zu bytes, with its places", models[m], length))
			continue;
		struct study *again = study_load(&arena, name, tree, NULL, bundle_files(bundle), &err);
		struct study *study = study_load(&arena, path, written, NULL, readers_of(&arena, path), &err);
		if (!again || !study)
			bail("%s: %s", path, err.message[0].text);
		int equal = 0;
		for (int v = 0; v < study->variants; v++)
			equal += again->setup[v]->digest == study->setup[v]->digest;
		is_int(equal, study->variants, "and all its setups are the same");
	}
}

/* Damage that the check does not see: it is made anew over the damaged bytes. */
static void mend_check(char *bytes, size_t length)
{
	uint64_t digest = FNV_BASIS;
	for (size_t i = 0; i + 18 < length; i++)
		digest = fnv_byte(digest, (unsigned char)bytes[i]);
	snprintf(bytes + length - 18, 19, "\n%016llx\n", (unsigned long long)digest);
}

static void check_damage(void)
{
	static const char model[] = "case: station\nformat: 2\ntrace: {windows: {rate: 100 /s, for: 10 s}}\n"
				    "model: {service: 'exp(8 ms)'}\nvariants: {a: {}, b: {model: {servers: 2}}}\n";
	struct tree *tree = yaml_parse(&arena, "m.yaml", model, sizeof model - 1, &err), *read;
	static const struct study_files none;
	struct text text;
	const char *path;
	text_begin(&text, &arena);
	bundle_write(bundle_record(&arena, &none), "m.yaml", tree, NULL, &text);
	ok(bundle_read(&arena, text.bytes, text.length, &path, &read, &err) != NULL,
	   "canary: an undamaged one is read");
	struct rng rng = rng_seed(1);
	int refused = 0, cut = 0, read_some = 0;
	for (int i = 0; i < 2000; i++) {
		struct arena own;
		arena_init(&own);
		char *bytes = arena_text_of(&own, text.bytes, text.length);
		size_t at = (size_t)rng_below(&rng, text.length);
		bytes[at] = (char)(bytes[at] ^ (1 << rng_below(&rng, 8)));
		err_init(&err);
		refused += !bundle_read(&own, bytes, text.length, &path, &read, &err) && err.kind == ERR_MODEL;
		for (int more = 0; more < 3; more++)
			bytes[rng_below(&rng, text.length - 18)] = (char)rng_below(&rng, 256);
		mend_check(bytes, text.length);
		struct bundle *bundle = bundle_read(&own, bytes, text.length, &path, &read, &err);
		if (bundle) {
			read_some++;
			study_load(&own, path, read, NULL, bundle_files(bundle), &err);
		}
		size_t shorter = (size_t)rng_below(&rng, text.length);
		cut += !bundle_read(&own, text.bytes, shorter, &path, &read, &err);
		arena_free(&own);
	}
	is_int(refused, 2000, "every flipped bit is noticed");
	is_int(cut, 2000, "and every cut");
	diag("%d of 2000 damaged texts with a new check were read as something", read_some);
	/* Deeper than is allowed, and counts that promise more than there is. */
	struct treetext_reader reader = {.arena = &arena, .good = true};
	char deep[4000] = "";
	for (int i = 0; i < 200; i++)
		strcat(deep, i ? "l1 1 0 1 " : "l1 1 0 1 f1 ");
	reader.at = deep;
	reader.end = deep + strlen(deep);
	ok(!treetext_tree(&reader) && !reader.good, "a tree too deep is refused");
	static const char many[] = "l1 1 0 1 f9000000000000000000 ";
	reader = (struct treetext_reader){.arena = &arena, .at = many, .end = many + sizeof many - 1, .good = true};
	ok(!treetext_tree(&reader), "and a list that promises too much");
}

int main(int count, char **argument)
{
	arena_init(&arena);
	err_init(&err);
	if (count > 1) {
		size_t length = 0;
		const char *text = text_of(argument[1], &length);
		if (!text)
			bail("%s", err.message[0].text);
		fwrite(text, 1, length, stdout);
		return 0;
	}
	check_models();
	check_damage();
	arena_free(&arena);
	return done_testing();
}
