/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table of keys. Of beginnings, those lengths that keys have are tried, from the longest on. */
#include "io/lookup.h"
#include "base/fnv.h"
#include "io/records.h"
#include "io/stream.h"

#include <string.h>

enum { KEY_MOST = 4096 };

struct entry {
	const char *key;
	size_t length;
	struct csv_field value;
	struct entry *next; /* in its slot */
};

struct lookup {
	struct entry **slot;
	size_t slots, entries; /* slots: a power of 2 */
	bool by_prefix;
	bool has_length[KEY_MOST + 1];
	size_t longest;
};

static size_t slot_of(const struct lookup *lookup, const char *text, size_t length)
{
	uint64_t hash = FNV_BASIS;
	for (size_t i = 0; i < length; i++)
		hash = fnv_byte(hash, (unsigned char)text[i]);
	return (hash ^ hash >> 29) & (lookup->slots - 1);
}

static struct entry *find(const struct lookup *lookup, const char *text, size_t length)
{
	struct entry *entry = lookup->slot[slot_of(lookup, text, length)];
	while (entry && (entry->length != length || memcmp(entry->key, text, length) != 0))
		entry = entry->next;
	return entry;
}

const struct csv_field *lookup_find(const struct lookup *lookup, const char *text, size_t length)
{
	struct entry *entry = NULL;
	if (!lookup->by_prefix)
		entry = find(lookup, text, length);
	for (size_t n = length < lookup->longest ? length : lookup->longest; lookup->by_prefix && !entry; n--) {
		if (lookup->has_length[n])
			entry = find(lookup, text, n);
		if (n == 0)
			break;
	}
	return entry ? &entry->value : NULL;
}

static void grow(struct lookup *lookup, struct arena *arena)
{
	struct entry **old = lookup->slot;
	size_t slots = lookup->slots;
	lookup->slots = slots ? 2 * slots : 64;
	lookup->slot = ARENA_ARRAY(arena, lookup->slots, struct entry *);
	for (size_t i = 0; i < slots; i++)
		for (struct entry *entry = old[i], *next; entry; entry = next) {
			struct entry **into = &lookup->slot[slot_of(lookup, entry->key, entry->length)];
			next = entry->next;
			entry->next = *into;
			*into = entry;
		}
}

static bool add(struct lookup *lookup, struct arena *arena, const struct csv_reader *csv,
		const struct csv_field *fields, int key, int value, struct err *err)
{
	struct place place = csv_place(csv, key);
	const struct csv_field *k = &fields[key], *v = &fields[value];
	size_t length = k->missing ? 0 : k->length;
	if (length > KEY_MOST)
		return err_add(err, ERR_MODEL, &place, "a key longer than %d bytes", KEY_MOST);
	if (lookup->slots && find(lookup, k->text, length))
		return err_add(err, ERR_MODEL, &place, "the key \"%.60s\" is defined twice", k->text);
	if (lookup->entries >= lookup->slots)
		grow(lookup, arena);
	struct entry *entry = ARENA_NEW(arena, struct entry);
	*entry = (struct entry){arena_text(arena, k->text), length, *v, NULL};
	entry->value.text = arena_text(arena, v->text);
	entry->value.number = -1;
	struct entry **into = &lookup->slot[slot_of(lookup, entry->key, length)];
	entry->next = *into;
	*into = entry;
	lookup->entries++;
	lookup->has_length[length] = true;
	lookup->longest = length > lookup->longest ? length : lookup->longest;
	return true;
}

/* The column of that name, else that of the number. */
static int column(struct csv_reader *csv, const char *name, int number, const char *path, struct err *err)
{
	struct place place = {path, 1, 0};
	if (name) {
		int found = records_find(csv_names(csv), name);
		if (found < 0)
			records_unfound(csv_names(csv), name, path, ERR_MODEL, &place, err);
		return found;
	}
	if (number >= csv_columns(csv))
		err_add(err, ERR_MODEL, &place, "needs two columns, keys and what they stand for");
	return number < csv_columns(csv) ? number : -1;
}

const struct lookup *lookup_open(struct arena *arena, const char *path, const char *key, const char *value,
				 bool by_prefix, struct err *err)
{
	struct stream_file *file = stream_file_open(path, ERR_MODEL, err);
	struct stream *stream = file ? stream_open(file, err) : NULL;
	struct csv_reader *csv = stream ? csv_open(stream, err) : NULL;
	struct lookup *lookup = ARENA_NEW(arena, struct lookup);
	const struct csv_field *fields;
	enum csv_status status = CSV_ROW;
	bool good = csv != NULL;
	int from = good ? column(csv, key, 0, path, err) : -1, to = from >= 0 ? column(csv, value, 1, path, err) : -1;
	*lookup = (struct lookup){.by_prefix = by_prefix};
	grow(lookup, arena);
	for (good = to >= 0; good && (status = csv_next(csv, &fields, err)) == CSV_ROW;)
		good = add(lookup, arena, csv, fields, from, to, err);
	csv_close(csv);
	stream_file_close(file);
	return good && status == CSV_END ? lookup : NULL;
}
