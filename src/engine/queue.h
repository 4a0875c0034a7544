/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event queue: what happens next, and first come first served among equals.
 *
 * An entry is one 128-bit key, time:64 | sequence:40 | slot:24, in a 4-ary heap whose root sits at index 3, so that the
 * four children of a node share one cache line. The slot names the event's record. Comparing keys orders by time and,
 * for equal times, by the order of scheduling; no two keys are equal. Removing the earliest leaves a hole at the root,
 * which the next insertion fills: a handler that schedules one event costs one sift, not two.
 *
 * Far from the present an order is not needed yet. The heap holds the keys of the near block of time, 64^level ns that
 * begin at a multiple of it, and what lies before; a key beyond goes to a list. With times written in base 64, the list
 * is far[level][digit]: level counts the highest digit in which the key's time differs from those of the block, digit
 * is what stands there. When the heap gets too large, its block becomes the 64th part of it with the earliest key, and
 * the rest goes to lists; when it is empty, the lowest list is the next block, or one of the 64 lists that it is spread
 * over when it is long. So a key moves a few times at most, however many there are. (These are the multi-level buckets
 * of Denardo & Fox, Operations Research 27, 1979, whose lowest level is a heap.) A world with few events never leaves
 * the heap.
 *
 * Cancelling marks the record and leaves the key. When more than half of the keys are marked, all marked ones are
 * removed in one pass, so that cancelling is O(1) amortised and the heap stays within twice the live events.
 */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include "base/arena.h"
#include "base/check.h"

#include <stdbool.h>
#include <stdint.h>

struct sim;
typedef void sim_event_fn(struct sim *sim, void *subject, uint64_t detail);

__extension__ typedef unsigned __int128 queue_key;

/* Names one scheduled event for ever: its sequence and slot. 0 names none. */
typedef uint64_t queue_handle;

enum {
	QUEUE_SLOT_BITS = 24,
	QUEUE_ROOT = 3,
	QUEUE_KEY = sizeof(queue_key),
	QUEUE_DIGIT_BITS = 6,
	QUEUE_DIGITS = 1 << QUEUE_DIGIT_BITS,
	QUEUE_LEVELS = 11, /* digits of 64 bits */
	QUEUE_CHUNK = 63
};

struct queue_event {
	sim_event_fn *fn; /* NULL: cancelled, or the slot is free */
	void *subject;
	uint64_t detail;
	uint64_t handle;  /* of the event in the slot; of a free slot, the next free one */
};

/* Some keys of a list. A list is known by its newest chunk; only that one has room. */
struct queue_chunk {
	struct queue_chunk *older;
	size_t count;
	queue_key key[QUEUE_CHUNK];
};

struct queue {
	queue_key *heap;   /* heap[QUEUE_ROOT] is the earliest; from heap[end] on, every key is the greatest there is */
	size_t end;        /* one past the last key */
	size_t capacity;   /* of heap, in keys; a multiple of 4 */
	uint64_t near_end; /* of the near block */
	int level;         /* the near block is 64^level ns long */
	bool hole;         /* the root's key has been taken; so it is in an empty heap, where nothing follows it */
	size_t follows;    /* where the least key below such a hole is, in bytes; when there is one */
	size_t far_count;  /* keys in all lists */
	size_t cancelled;  /* marked keys still in the heap or a list */
	uint64_t sequence; /* of the next event; never reused */
	struct queue_event *event;
	uint32_t slots, free_slot; /* how many there are; the first free one, or slots */
	struct queue_chunk *far[QUEUE_LEVELS][QUEUE_DIGITS];
	uint64_t occupied[QUEUE_LEVELS]; /* bit d: far[level][d] is not empty */
	struct queue_chunk *spare;
	struct arena *arena;
};

void queue_init(struct queue *queue, struct arena *arena);

/* No time: what is scheduled then does not happen. */
#define QUEUE_NEVER INT64_MAX

/* Schedules; time >= 0. The caller sees to it that time never lies before the last one taken. */
queue_handle queue_add(struct queue *queue, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail);

/* True when the event was pending; after that it will not fire. A handle of an event that has fired is harmless. */
bool queue_cancel(struct queue *queue, queue_handle handle);

/* Parts of the inside: what queue_peek does when the root is a hole or cancelled; a slot to the list of free ones. */
int64_t queue_peek_further(struct queue *queue);

static inline uint32_t queue_slot(queue_key key)
{
	return (uint32_t)key & ((1u << QUEUE_SLOT_BITS) - 1);
}

static inline void queue_slot_give(struct queue *queue, uint32_t slot)
{
	queue->event[slot].fn = NULL;
	queue->event[slot].handle = queue->free_slot;
	queue->free_slot = slot;
}

/* Places in the heap as bytes from its beginning: an index would be shifted again at each use. */
static inline queue_key *queue_key_at(queue_key *heap, size_t place)
{
	return (queue_key *)((char *)heap + place);
}

/* QUEUE_KEY when a < b, otherwise 0: as a mask, it compiles to no branch. */
static inline size_t queue_key_if_less(const queue_key *a, const queue_key *b)
{
	return -(size_t)(*a < *b) & QUEUE_KEY;
}

/* The place of the least of four keys. */
static inline size_t queue_least_of_four(queue_key *heap, size_t child)
{
	const queue_key *key = queue_key_at(heap, child);
	size_t a = child + queue_key_if_less(key + 1, key);
	size_t b = child + 2 * QUEUE_KEY + queue_key_if_less(key + 3, key + 2);
	return a + ((b - a) & -(size_t)(*queue_key_at(heap, b) < *queue_key_at(heap, a)));
}

/*
 * The root's key is taken. What follows, if nothing is scheduled before it, comes nearer while the event that was taken
 * happens.
 */
static inline __attribute__((always_inline)) void queue_root_taken(struct queue *queue)
{
	queue->hole = true;
	if (queue->end > QUEUE_ROOT + 1) {
		queue->follows = queue_least_of_four(queue->heap, (QUEUE_ROOT + 1) * QUEUE_KEY);
		uint32_t slot = queue_slot(*queue_key_at(queue->heap, queue->follows));
		__builtin_prefetch(queue->event[slot].subject);
	}
}

/* The time of the earliest live event; QUEUE_NEVER when there is none. */
static inline int64_t queue_peek(struct queue *queue)
{
	queue_key earliest = queue->heap[QUEUE_ROOT];
	if (queue->hole || !queue->event[queue_slot(earliest)].fn)
		return queue_peek_further(queue);
	return (int64_t)(uint64_t)(earliest >> 64);
}

/* Takes the event that queue_peek saw; only right after a queue_peek that found one. */
static inline struct queue_event queue_take(struct queue *queue)
{
	uint32_t slot = queue_slot(queue->heap[QUEUE_ROOT]);
	struct queue_event event = queue->event[slot];
	queue_slot_give(queue, slot);
	queue_root_taken(queue);
	return event;
}

/* Live events. */
static inline size_t queue_count(const struct queue *queue)
{
	return queue->end - QUEUE_ROOT + queue->far_count - queue->cancelled - queue->hole;
}

#endif
