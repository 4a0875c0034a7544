/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * FNV-1a over a setup, value by value: numbers as their eight bytes from the lowest, texts with their length before
 * them, so that no two setups give the same bytes. Parameters and keys go in with their names.
 */
#include "run/digest.h"
#include "base/reader.h"

#include <string.h>

static uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	for (size_t i = 0; i < length; i++)
		digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t digest_integer(uint64_t digest, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		digest = (digest ^ (value >> 8 * i & 0xff)) * UINT64_C(0x100000001b3);
	return digest;
}

static uint64_t digest_real(uint64_t digest, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return digest_integer(digest, bits);
}

static uint64_t digest_text(uint64_t digest, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	return digest_bytes(digest_integer(digest, text ? length : UINT64_MAX), text ? text : "", length);
}

static uint64_t digest_reals(uint64_t digest, const double *values, size_t count)
{
	digest = digest_integer(digest, values ? count : UINT64_MAX);
	for (size_t i = 0; values && i < count; i++)
		digest = digest_real(digest, values[i]);
	return digest;
}

static uint64_t digest_dist(uint64_t digest, const struct dist *dist)
{
	digest = digest_integer(digest, (uint64_t)dist->kind);
	digest = digest_real(digest, dist->location);
	digest = digest_real(digest, dist->scale);
	digest = digest_real(digest, dist->shape);
	digest = digest_integer(digest, dist->count);
	digest = digest_reals(digest, dist->values, dist->count);
	digest = digest_reals(digest, dist->cumulative, dist->cumulative ? dist->count : 0);
	for (size_t i = 0; dist->parts && i < dist->count; i++)
		digest = digest_dist(digest, &dist->parts[i]);
	return digest;
}

static uint64_t digest_param(uint64_t digest, const struct param *row, const void *params)
{
	const char *field = (const char *)params + row->offset;
	double real;
	int64_t integer;
	digest = digest_text(digest, row->name);
	switch (row->type) {
	case PARAM_TYPE_COUNT:
	case PARAM_TYPE_TIME:
	case PARAM_TYPE_BYTES:
		memcpy(&integer, field, sizeof integer);
		return digest_integer(digest, (uint64_t)integer);
	case PARAM_TYPE_REAL:
	case PARAM_TYPE_RATIO:
	case PARAM_TYPE_RATE:
		memcpy(&real, field, sizeof real);
		return digest_real(digest, real);
	case PARAM_TYPE_BOOL:
		return digest_integer(digest, *(const bool *)field);
	case PARAM_TYPE_CHOICE:
		return digest_text(digest, row->choices[*(const int *)(const void *)field]);
	case PARAM_TYPE_DIST:
		return digest_dist(digest, (const struct dist *)(const void *)field);
	}
	return digest;
}

static uint64_t digest_tree(uint64_t digest, const struct tree *tree)
{
	digest = digest_integer(digest, (uint64_t)tree->kind);
	if (tree->kind == TREE_SCALAR)
		return digest_text(digest, tree->text);
	for (const struct tree *entry = tree->child; entry; entry = entry->next)
		if (!entry->key ||
		    (!reader_is_note(entry) && strcmp(entry->key, "about") != 0 && strcmp(entry->key, "sources") != 0))
			digest = digest_tree(digest_text(digest, entry->key), entry);
	return digest_integer(digest, UINT64_MAX);
}

uint64_t digest_setup(const struct setup *setup)
{
	uint64_t digest = digest_text(UINT64_C(0xcbf29ce484222325), setup->of->name);
	for (const struct param *row = setup->of->params; row->name; row++)
		digest = digest_param(digest, row, setup->params);
	digest = digest_integer(digest, (uint64_t)setup->slice);
	digest = digest_tree(digest, setup->trace.tree);
	digest = digest_integer(digest, (uint64_t)setup->run.reps);
	digest = digest_integer(digest, (uint64_t)setup->run.seed);
	digest = digest_integer(digest, (uint64_t)setup->run.warmup);
	digest = digest_integer(digest, (uint64_t)setup->run.series);
	digest = digest_integer(digest, (uint64_t)setup->run.drain);
	for (int i = 0; i < setup->fault_count; i++) {
		const struct fault *fault = &setup->faults[i];
		digest = digest_integer(digest, (uint64_t)fault->kind);
		digest = digest_integer(digest, (uint64_t)fault->at);
		digest = digest_integer(digest, (uint64_t)fault->lasts);
		digest = digest_integer(digest, (uint64_t)fault->target);
		digest = digest_real(digest, fault->factor);
		digest = digest_real(digest, fault->rate);
	}
	return digest;
}
