/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/queue.h"

#include <string.h>

enum { FIRST_CAPACITY = 64, FEW = 64 };

void queue_init(struct queue *queue, struct arena *arena)
{
	*queue = (struct queue){.arena = arena, .end = QUEUE_ROOT, .sequence = 1};
	queue->capacity = FIRST_CAPACITY;
	queue->heap = ARENA_ARRAY(arena, queue->capacity, queue_key);
	queue->slot_capacity = FIRST_CAPACITY;
	queue->event = ARENA_ARRAY(arena, queue->slot_capacity, struct queue_event);
}

static inline size_t parent(size_t i)
{
	return i / 4 + 2;
}

static inline size_t first_child(size_t i)
{
	return i * 4 - 8;
}

static inline int64_t time_of(queue_key key)
{
	return (int64_t)(uint64_t)(key >> 64);
}

static void sift_up(queue_key *heap, size_t i, queue_key key)
{
	while (i > QUEUE_ROOT) {
		size_t up = parent(i);
		if (heap[up] < key)
			break;
		heap[i] = heap[up];
		i = up;
	}
	heap[i] = key;
}

/* The index of the least of four keys. Written as arithmetic on indices, it compiles to no branch. */
static inline size_t least_of_four(const queue_key *heap, size_t child)
{
	size_t a = child + (heap[child + 1] < heap[child]);
	size_t b = child + 2 + (heap[child + 3] < heap[child + 2]);
	return heap[b] < heap[a] ? b : a;
}

static void sift_down(queue_key *heap, size_t end, size_t i, queue_key key)
{
	for (;;) {
		size_t child = first_child(i);
		if (child + 4 <= end) {
			child = least_of_four(heap, child);
		} else if (child < end) {
			size_t least = child;
			for (size_t c = child + 1; c < end; c++)
				least = heap[c] < heap[least] ? c : least;
			child = least;
		} else {
			break;
		}
		if (key < heap[child])
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = key;
}

static void *grown(struct arena *arena, const void *old, size_t count, size_t size)
{
	void *larger = arena_array(arena, count * 2, size);
	memcpy(larger, old, count * size);
	return larger;
}

static uint32_t slot_take(struct queue *queue)
{
	uint32_t slot = queue->free_slot;
	if (slot != queue->slots) {
		queue->free_slot = (uint32_t)queue->event[slot].handle;
		return slot;
	}
	if (queue->slots == queue->slot_capacity) {
		CHECK(queue->slots < 1u << QUEUE_SLOT_BITS);
		queue->event = grown(queue->arena, queue->event, queue->slot_capacity, sizeof *queue->event);
		queue->slot_capacity *= 2;
	}
	queue->slots++;
	queue->free_slot = queue->slots;
	return slot;
}

queue_handle queue_add(struct queue *queue, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail)
{
	uint32_t slot = slot_take(queue);
	queue_handle handle = queue->sequence++ << QUEUE_SLOT_BITS | slot;
	CHECK(queue->sequence < 1ull << (64 - QUEUE_SLOT_BITS));
	queue->event[slot] = (struct queue_event){fn, subject, detail, handle};
	queue_key key = (queue_key)(uint64_t)time << 64 | handle;
	if (queue->hole) {
		queue->hole = false;
		sift_down(queue->heap, queue->end, QUEUE_ROOT, key);
		return handle;
	}
	if (queue->end == queue->capacity) {
		queue->heap = grown(queue->arena, queue->heap, queue->capacity, sizeof *queue->heap);
		queue->capacity *= 2;
	}
	sift_up(queue->heap, queue->end++, key);
	return handle;
}

static void fill_hole(struct queue *queue)
{
	queue->hole = false;
	queue_key last = queue->heap[--queue->end];
	if (queue->end > QUEUE_ROOT)
		sift_down(queue->heap, queue->end, QUEUE_ROOT, last);
}

static void drop_cancelled(struct queue *queue)
{
	if (queue->hole)
		fill_hole(queue);
	size_t kept = QUEUE_ROOT;
	for (size_t i = QUEUE_ROOT; i < queue->end; i++) {
		uint32_t slot = queue_slot(queue->heap[i]);
		if (queue->event[slot].fn)
			queue->heap[kept++] = queue->heap[i];
		else
			queue_slot_give(queue, slot);
	}
	queue->end = kept;
	queue->cancelled = 0;
	if (kept > QUEUE_ROOT + 1)
		for (size_t i = parent(kept - 1) + 1; i-- > QUEUE_ROOT;)
			sift_down(queue->heap, kept, i, queue->heap[i]);
}

bool queue_cancel(struct queue *queue, queue_handle handle)
{
	uint32_t slot = (uint32_t)handle & ((1u << QUEUE_SLOT_BITS) - 1);
	struct queue_event *event = &queue->event[slot];
	if (handle == 0 || slot >= queue->slots || event->handle != handle || !event->fn)
		return false;
	event->fn = NULL;
	queue->cancelled++;
	if (queue->cancelled > FEW && queue->cancelled > (queue->end - QUEUE_ROOT) / 2)
		drop_cancelled(queue);
	return true;
}

bool queue_peek_further(struct queue *queue, int64_t *time)
{
	if (queue->hole)
		fill_hole(queue);
	while (queue->end > QUEUE_ROOT) {
		queue_key key = queue->heap[QUEUE_ROOT];
		uint32_t slot = queue_slot(key);
		if (queue->event[slot].fn) {
			*time = time_of(key);
			return true;
		}
		queue_slot_give(queue, slot);
		queue->cancelled--;
		fill_hole(queue);
	}
	return false;
}
