/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The event queue: what happens next, and first come first served among equals.
 *
 * An entry is one 128-bit key, time:64 | sequence:40 | slot:24, in a 4-ary heap whose root sits at index 3, so that the
 * four children of a node share one cache line. The slot names the event's record. Comparing keys orders by time and,
 * for equal times, by the order of scheduling; no two keys are equal. Removing the earliest leaves a hole at the root,
 * which the next insertion fills: a handler that schedules one event costs one sift, not two.
 *
 * Far from the present an order is not needed yet. The heap holds the keys of the near block of time, 2^near_bits ns
 * that begin at a multiple of it, and what lies before; a key beyond goes to the end of the list far[k], where k is the
 * highest bit in which its time differs from those of the block. When the heap gets too large, its block is halved and
 * the upper half becomes a list; when it is empty, the lowest list is the next block. (This is a radix heap, Ahuja,
 * Mehlhorn, Orlin & Tarjan, JACM 37, 1990, whose lowest levels are a heap.) A world with few events never leaves the
 * heap.
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

enum { QUEUE_SLOT_BITS = 24, QUEUE_ROOT = 3, QUEUE_FAR = 63, QUEUE_SIZES = 32 };

struct queue_event {
	sim_event_fn *fn; /* NULL: cancelled, or the slot is free */
	void *subject;
	uint64_t detail;
	uint64_t handle;  /* of the event in the slot; of a free slot, the next free one */
};

struct queue_list {
	queue_key *key;
	size_t count, capacity;
	int size; /* capacity is a constant << size */
};

struct queue {
	queue_key *heap;   /* heap[QUEUE_ROOT] is the earliest */
	size_t end;        /* one past the last key */
	size_t capacity;   /* of heap, in keys */
	uint64_t near_end; /* of the near block */
	int near_bits;
	size_t far_count;  /* keys in all lists */
	struct queue_list far[QUEUE_FAR];
	queue_key *spare[QUEUE_SIZES]; /* arrays that lists have left, by size; each begins with the next one's place */
	size_t cancelled;  /* marked keys still in the heap or a list */
	bool hole;         /* the root's key has been taken */
	uint64_t sequence; /* of the next event; never reused */
	struct queue_event *event;
	uint32_t slots, free_slot; /* slots in use or free; first free one, or slots */
	uint32_t slot_capacity;
	struct arena *arena;
};

void queue_init(struct queue *queue, struct arena *arena);

/* Schedules; time >= 0. The caller sees to it that time never lies before the last one taken. */
queue_handle queue_add(struct queue *queue, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail);

/* True when the event was pending; after that it will not fire. A handle of an event that has fired is harmless. */
bool queue_cancel(struct queue *queue, queue_handle handle);

/* Parts of the inside: the earliest key may be cancelled or already taken; a slot to the list of free ones. */
bool queue_peek_further(struct queue *queue, int64_t *time);

static inline uint32_t queue_slot(queue_key key)
{
	return (uint32_t)key & ((1u << QUEUE_SLOT_BITS) - 1);
}

static inline void queue_slot_give(struct queue *queue, uint32_t slot)
{
	/* The list of free slots ends where the used part of the array does; that end moves only when it is empty. */
	queue->event[slot].fn = NULL;
	queue->event[slot].handle = queue->free_slot;
	queue->free_slot = slot;
}

/* The time of the earliest live event; false when there is none. */
static inline bool queue_peek(struct queue *queue, int64_t *time)
{
	if (queue->hole || queue->end == QUEUE_ROOT || !queue->event[queue_slot(queue->heap[QUEUE_ROOT])].fn)
		return queue_peek_further(queue, time);
	*time = (int64_t)(uint64_t)(queue->heap[QUEUE_ROOT] >> 64);
	return true;
}

/* Takes the event that queue_peek saw; only right after a queue_peek that returned true. */
static inline struct queue_event queue_take(struct queue *queue)
{
	uint32_t slot = queue_slot(queue->heap[QUEUE_ROOT]);
	struct queue_event event = queue->event[slot];
	queue_slot_give(queue, slot);
	queue->hole = true;
	return event;
}

/* Live events. */
static inline size_t queue_count(const struct queue *queue)
{
	return queue->end - QUEUE_ROOT + queue->far_count - queue->cancelled - queue->hole;
}

#endif
