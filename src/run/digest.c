/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and keys go in with their names. */
#include "run/digest.h"
#include "base/fnv.h"
#include "base/reader.h"

#include <string.h>

static uint64_t digest_tree(uint64_t digest, const struct tree *tree)
{
	digest = fnv_integer(digest, (uint64_t)tree->kind);
	if (tree->kind == TREE_SCALAR)
		return fnv_text(digest, tree->text);
	for (const struct tree *entry = tree->child; entry; entry = entry->next)
		if (!entry->key ||
		    (!reader_is_note(entry) && strcmp(entry->key, "about") != 0 && strcmp(entry->key, "sources") != 0))
			digest = digest_tree(fnv_text(digest, entry->key), entry);
	return fnv_integer(digest, UINT64_MAX);
}

uint64_t digest_trace(const struct setup *setup)
{
	return digest_tree(FNV_BASIS, setup->trace.tree);
}

uint64_t digest_setup(const struct setup *setup)
{
	uint64_t digest = fnv_text(FNV_BASIS, setup->of->name);
	digest = param_digest(digest, setup->of->params, setup->params);
	digest = fnv_integer(digest, (uint64_t)setup->slice);
	digest = digest_tree(digest, setup->trace.tree);
	digest = fnv_integer(digest, (uint64_t)setup->run.reps);
	digest = fnv_integer(digest, (uint64_t)setup->run.seed);
	digest = fnv_integer(digest, (uint64_t)setup->run.warmup);
	digest = fnv_integer(digest, (uint64_t)setup->run.series);
	digest = fnv_integer(digest, (uint64_t)setup->run.drain);
	for (int i = 0; i < setup->fault_count; i++) {
		const struct fault *fault = &setup->faults[i];
		digest = fnv_integer(digest, (uint64_t)fault->kind);
		digest = fnv_integer(digest, (uint64_t)fault->at);
		digest = fnv_integer(digest, (uint64_t)fault->lasts);
		digest = fnv_integer(digest, (uint64_t)fault->target);
		digest = fnv_real(digest, fault->factor);
		digest = fnv_real(digest, fault->rate);
	}
	return digest;
}
