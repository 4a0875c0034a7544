/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/versions.h"
#include "base/check.h"

void versions_init(struct versions *versions, struct arena *arena, int64_t keys)
{
	*versions = (struct versions){.keys = keys, .arena = arena};
	versions->key = ARENA_ARRAY(arena, (size_t)keys, struct versions_key *);
}

void versions_committed(struct versions *versions, int64_t number, uint64_t version, int64_t now)
{
	CHECK(number >= 0 && number < versions->keys && version > 0);
	if (!versions->key[number])
		versions->key[number] = ARENA_NEW(versions->arena, struct versions_key);
	struct versions_key *key = versions->key[number];
	versions->commits++;
	int at = key->count;
	while (at > 0 && key->commit[at - 1].version < version)
		at--;
	if (at == VERSIONS_KEPT)
		return;
	if (key->count < VERSIONS_KEPT)
		key->count++;
	for (int i = key->count - 1; i > at; i--)
		key->commit[i] = key->commit[i - 1];
	key->commit[at] = (struct versions_commit){version, now};
}

uint64_t versions_newest(const struct versions *versions, int64_t number, int64_t at)
{
	const struct versions_key *key = versions->key[number];
	for (int i = 0; key && i < key->count; i++)
		if (key->commit[i].at <= at)
			return key->commit[i].version;
	return 0;
}

struct versions_missed versions_read(struct versions *versions, int64_t number, uint64_t version, int64_t began)
{
	const struct versions_key *key = versions->key[number];
	struct versions_missed missed = {0, 0};
	versions->reads++;
	for (int i = 0; key && i < key->count && key->commit[i].version > version; i++) {
		int64_t old = began - key->commit[i].at;
		if (old < 0)
			continue;
		missed.versions++;
		if (old > missed.time)
			missed.time = old;
	}
	versions->stale += missed.versions > 0;
	return missed;
}
