/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/storage.h"

#define STORAGE(name) &storage_##name,
const struct storage_kind *const storage_kinds[] = {
#include "model/storage.def"
	NULL};
#undef STORAGE

#define STORAGE(name) #name,
const char *const storage_names[] = {
#include "model/storage.def"
	NULL};
#undef STORAGE

void storage_init(struct storage *storage, const struct storage_config *config)
{
	*storage = (struct storage){.config = config, .hit = 1};
}

void storage_grow(struct storage *storage, double bytes)
{
	double memory = storage->config->memory;
	storage->hit = bytes > memory ? memory / bytes : 1;
}

int storage_misses(double tries, double miss, struct rng *rng)
{
	int whole = (int)tries, count = 0;
	whole += rng_unit(rng) < tries - (double)whole;
	for (int i = 0; i < whole; i++)
		count += rng_unit(rng) < miss;
	return count;
}

static int64_t accesses(const struct dist *access, int count, struct rng *rng)
{
	int64_t total = 0;
	while (count-- > 0)
		total += dist_draw_time(access, rng);
	return total;
}

int64_t storage_read(struct storage *storage, struct node *node, double hit, int64_t when, struct rng *rng)
{
	const struct storage_config *config = storage->config;
	int count = config->kind->read(storage, node, hit > storage->hit ? hit : storage->hit, when, rng);
	return accesses(config->access, count, rng);
}

int64_t storage_write(struct storage *storage, struct node *node, double partition, int64_t when, struct rng *rng)
{
	const struct storage_config *config = storage->config;
	int count = config->kind->write(storage, node, partition, when, rng);
	int64_t disk = accesses(config->access, count, rng);
	return config->log ? disk + dist_draw_time(config->log, rng) : disk;
}

void storage_add(const struct storage *storage, struct node *node)
{
	compaction_add(&node->compaction, storage->config->row_bytes * storage->config->write_amplification);
}
