/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources are titles or maps; evidence is a text that begins with its kind and names sources in brackets. */
#include "run/sources.h"
#include "run/names.h"
#include "base/keys.h"
#include "base/reader.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

bool sources_check(const struct study *study, const char *key, const struct place *place, struct err *err)
{
	const struct tree *sources = tree_get(study->tree, "sources");
	if (tree_get(sources, key))
		return true;
	const char *const *names = tree_keys(study->arena, sources);
	if (!names[0])
		return err_add(err, ERR_MODEL, place, "source \"%.60s\" is not in sources, which is empty", key);
	return words_unknown(err, ERR_MODEL, place, "source", key, "", WORDS(names));
}

static void load_sources(const struct study *study, struct err *err)
{
	const struct tree *sources = tree_get(study->tree, "sources");
	if (!sources || !reader_must_be(err, sources, TREE_MAP, "sources"))
		return;
	for (const struct tree *entry = sources->child; entry; entry = entry->next) {
		if (entry->kind != TREE_MAP) {
			reader_must_be(err, entry, TREE_SCALAR, "a source");
			continue;
		}
		reader_keys(entry, "a source", keys_source, err);
		for (const struct tree *part = entry->child; part; part = part->next)
			reader_must_be(err, part, TREE_SCALAR, part->key);
	}
}

static const char *const evidences[] = {"published", "derived", "calibrated", "assumption", NULL};

void sources_check_evidence(const struct study *study, const struct tree *entry, struct err *err)
{
	char word[32];
	if (!reader_must_be(err, entry, TREE_SCALAR, "evidence"))
		return;
	size_t length = strcspn(entry->text, " [:,;(");
	snprintf(word, sizeof word, "%.*s", (int)(length > 31 ? 31 : length), entry->text);
	if (words_find(WORDS(evidences), word) < 0)
		words_unknown(err, ERR_MODEL, &entry->place, "evidence", word, "", WORDS(evidences));
	for (const char *open = strchr(entry->text, '['); open; open = strchr(open + 1, '[')) {
		const char *close = strchr(open, ']');
		if (!close)
			break;
		sources_check(study, arena_text_of(study->arena, open + 1, (size_t)(close - open - 1)),
			     &entry->place, err);
	}
}

static void load_evidence(const struct study *study, struct err *err)
{
	const struct tree *section_of = tree_get(study->tree, "evidence");
	if (!section_of || !reader_must_be(err, section_of, TREE_MAP, "evidence"))
		return;
	for (const struct tree *entry = section_of->child; entry; entry = entry->next) {
		if (reader_is_note(entry))
			continue;
		names_declared(study, entry, "evidence", err);
		sources_check_evidence(study, entry, err);
	}
}

void sources_load(const struct study *study, struct err *err)
{
	load_sources(study, err);
	load_evidence(study, err);
}
