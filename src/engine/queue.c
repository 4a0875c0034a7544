/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/queue.h"

#include <string.h>

enum { FIRST_CAPACITY = 64, FEW = 64, NEAR = 2048 };

void queue_init(struct queue *queue, struct arena *arena)
{
	*queue = (struct queue){.arena = arena, .end = QUEUE_ROOT, .sequence = 1, .near_end = 1ull << 63,
				.near_bits = 63};
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

static void fill_hole(struct queue *queue)
{
	queue->hole = false;
	queue_key last = queue->heap[--queue->end];
	if (queue->end > QUEUE_ROOT)
		sift_down(queue->heap, queue->end, QUEUE_ROOT, last);
}

/* Puts all of the heap in order. */
static void make_heap(struct queue *queue)
{
	if (queue->end > QUEUE_ROOT + 1)
		for (size_t i = parent(queue->end - 1) + 1; i-- > QUEUE_ROOT;)
			sift_down(queue->heap, queue->end, i, queue->heap[i]);
}

static void list_leave(struct queue *queue, struct queue_list *list)
{
	memcpy(list->key, &queue->spare[list->size], sizeof(queue_key *));
	queue->spare[list->size] = list->key;
	*list = (struct queue_list){.key = NULL};
}

/* An array twice as large; the old one is for others. */
static void list_grow(struct queue *queue, struct queue_list *list)
{
	struct queue_list old = *list;
	int size = old.key ? old.size + 1 : 0;
	CHECK(size < QUEUE_SIZES);
	list->size = size;
	list->capacity = (size_t)FIRST_CAPACITY << size;
	list->key = queue->spare[size];
	if (list->key)
		memcpy(&queue->spare[size], list->key, sizeof(queue_key *));
	else
		list->key = ARENA_ARRAY(queue->arena, list->capacity, queue_key);
	if (old.key) {
		memcpy(list->key, old.key, old.count * sizeof *old.key);
		list_leave(queue, &old);
	}
}

static void far_add(struct queue *queue, int bit, queue_key key)
{
	struct queue_list *list = &queue->far[bit];
	if (list->count == list->capacity)
		list_grow(queue, list);
	list->key[list->count++] = key;
	queue->far_count++;
}

/* Halves the near block. Of `count` keys those in the upper half go to its list; returns how many stay. */
static size_t halve(struct queue *queue, queue_key *key, size_t count)
{
	size_t kept = 0;
	queue->near_bits--;
	queue->near_end -= 1ull << queue->near_bits;
	for (size_t i = 0; i < count; i++) {
		if ((uint64_t)(key[i] >> 64) < queue->near_end)
			key[kept++] = key[i];
		else
			far_add(queue, queue->near_bits, key[i]);
	}
	return kept;
}

static void split(struct queue *queue)
{
	size_t count = queue->end - QUEUE_ROOT;
	while (count > NEAR / 2 && queue->near_bits > 0)
		count = halve(queue, queue->heap + QUEUE_ROOT, count);
	queue->end = QUEUE_ROOT + count;
	make_heap(queue);
}

static void room_for(struct queue *queue, size_t end)
{
	while (queue->capacity < end) {
		queue->heap = grown(queue->arena, queue->heap, queue->capacity, sizeof *queue->heap);
		queue->capacity *= 2;
	}
}

/* The lowest list becomes the near block. The heap is empty. */
static void next_block(struct queue *queue)
{
	int bit = queue->near_bits;
	while (queue->far[bit].count == 0)
		bit++;
	struct queue_list *list = &queue->far[bit];
	size_t count = list->count;
	queue->near_end = ((queue->near_end - 1) >> bit | 1) << bit;
	queue->near_end += 1ull << bit;
	queue->near_bits = bit;
	list->count = 0;
	queue->far_count -= count;
	while (count > NEAR / 2 && queue->near_bits > 0)
		count = halve(queue, list->key, count);
	room_for(queue, QUEUE_ROOT + count);
	for (size_t i = 0; i < count; i++) {
		queue_key key = list->key[i];
		if (queue->event[queue_slot(key)].fn) {
			queue->heap[queue->end++] = key;
		} else {
			queue_slot_give(queue, queue_slot(key));
			queue->cancelled--;
		}
	}
	list_leave(queue, list);
	make_heap(queue);
}

queue_handle queue_add(struct queue *queue, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail)
{
	uint32_t slot = slot_take(queue);
	queue_handle handle = queue->sequence++ << QUEUE_SLOT_BITS | slot;
	CHECK(queue->sequence < 1ull << (64 - QUEUE_SLOT_BITS));
	queue->event[slot] = (struct queue_event){fn, subject, detail, handle};
	queue_key key = (queue_key)(uint64_t)time << 64 | handle;
	if ((uint64_t)time >= queue->near_end) {
		far_add(queue, 63 - __builtin_clzll((uint64_t)time ^ (queue->near_end - 1)), key);
		return handle;
	}
	if (queue->hole) {
		queue->hole = false;
		sift_down(queue->heap, queue->end, QUEUE_ROOT, key);
		return handle;
	}
	room_for(queue, queue->end + 1);
	sift_up(queue->heap, queue->end++, key);
	if (queue->end > QUEUE_ROOT + NEAR && queue->near_bits > 0)
		split(queue);
	return handle;
}

/* The live ones of `count` keys move to the front; returns how many there are. */
static size_t keep_live(struct queue *queue, queue_key *key, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t slot = queue_slot(key[i]);
		if (queue->event[slot].fn)
			key[kept++] = key[i];
		else
			queue_slot_give(queue, slot);
	}
	return kept;
}

static void drop_cancelled(struct queue *queue)
{
	if (queue->hole)
		fill_hole(queue);
	queue->end = QUEUE_ROOT + keep_live(queue, queue->heap + QUEUE_ROOT, queue->end - QUEUE_ROOT);
	make_heap(queue);
	queue->far_count = 0;
	for (int bit = 0; bit < QUEUE_FAR; bit++) {
		struct queue_list *list = &queue->far[bit];
		list->count = keep_live(queue, list->key, list->count);
		queue->far_count += list->count;
	}
	queue->cancelled = 0;
}

bool queue_cancel(struct queue *queue, queue_handle handle)
{
	uint32_t slot = (uint32_t)handle & ((1u << QUEUE_SLOT_BITS) - 1);
	struct queue_event *event = &queue->event[slot];
	if (handle == 0 || slot >= queue->slots || event->handle != handle || !event->fn)
		return false;
	event->fn = NULL;
	queue->cancelled++;
	if (queue->cancelled > FEW && queue->cancelled > (queue->end - QUEUE_ROOT + queue->far_count) / 2)
		drop_cancelled(queue);
	return true;
}

bool queue_peek_further(struct queue *queue, int64_t *time)
{
	if (queue->hole)
		fill_hole(queue);
	for (;;) {
		if (queue->end == QUEUE_ROOT && queue->far_count == 0)
			return false;
		if (queue->end == QUEUE_ROOT) {
			next_block(queue); /* may find none but cancelled ones */
			continue;
		}
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
}
