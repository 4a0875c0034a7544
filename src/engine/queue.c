/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/queue.h"
#include "base/prefetch.h"

#include <string.h>

enum { FIRST_CAPACITY = 64, FEW = 64, MANY = 2048, NEAR_CHUNKS = 4 };

static const queue_key none = ~(queue_key)0;

/* Room for so many slots; the new ones are free. */
static void slots_grow(struct queue *queue, uint32_t slots)
{
	CHECK(slots <= 1u << QUEUE_SLOT_BITS);
	struct queue_event *event = ARENA_ARRAY(queue->arena, slots, struct queue_event);
	if (queue->slots > 0)
		memcpy(event, queue->event, queue->slots * sizeof *event);
	queue->event = event;
	for (; queue->slots < slots; queue->slots++)
		event[queue->slots].handle = queue->slots + 1;
}

void queue_init(struct queue *queue, struct arena *arena)
{
	*queue = (struct queue){.arena = arena, .end = QUEUE_ROOT + 1, .hole = true, .sequence = 1,
				.near_end = 1ull << 63, .level = QUEUE_LEVELS};
	queue->capacity = FIRST_CAPACITY;
	queue->heap = ARENA_ARRAY(arena, queue->capacity, queue_key);
	memset(queue->heap, 0xff, queue->capacity * sizeof *queue->heap);
	slots_grow(queue, FIRST_CAPACITY);
}

static inline size_t parent(size_t i)
{
	return i / 4 + 2;
}

static inline size_t first_child(size_t i)
{
	return i * 4 - 8;
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

/* The key goes into the hole at `place`, or below it; the least key below the hole is at `child`. */
static inline void sift_down_past(queue_key *heap, size_t last, size_t place, size_t child, queue_key key)
{
	while (*queue_key_at(heap, child) < key) {
		*queue_key_at(heap, place) = *queue_key_at(heap, child);
		place = child;
		child = first_child(0) * QUEUE_KEY + place * 4;
		if (child >= last)
			break;
		child = queue_least_of_four(heap, child);
	}
	*queue_key_at(heap, place) = key;
}

static inline void sift_down(queue_key *heap, size_t end, size_t i, queue_key key)
{
	size_t place = i * QUEUE_KEY, last = end * QUEUE_KEY, child = first_child(0) * QUEUE_KEY + place * 4;
	if (child < last)
		sift_down_past(heap, last, place, queue_least_of_four(heap, child), key);
	else
		heap[i] = key;
}

static inline void fill_with(struct queue *queue, queue_key key)
{
	sift_down_past(queue->heap, queue->end * QUEUE_KEY, QUEUE_ROOT * QUEUE_KEY, queue->follows, key);
}

/* The last key moves into the hole. False: there is none but the hole. */
static bool fill_hole(struct queue *queue)
{
	if (queue->end == QUEUE_ROOT + 1)
		return false;
	queue_key last = queue->heap[--queue->end];
	queue->heap[queue->end] = none;
	queue->hole = false;
	fill_with(queue, last);
	return true;
}

/* Makes a heap of the `count` keys that stand at its beginning in any order. */
static void make_heap(struct queue *queue, size_t count)
{
	size_t end = QUEUE_ROOT + (count ? count : 1);
	if (end < queue->end)
		memset(queue->heap + end, 0xff, (queue->end - end) * sizeof(queue_key));
	queue->end = end;
	queue->hole = count == 0;
	if (count > 1)
		for (size_t i = parent(end - 1) + 1; i-- > QUEUE_ROOT;)
			sift_down(queue->heap, end, i, queue->heap[i]);
}

static __attribute__((noinline)) void heap_grow(struct queue *queue)
{
	size_t capacity = queue->capacity;
	queue_key *heap = ARENA_ARRAY(queue->arena, capacity * 2, queue_key);
	memcpy(heap, queue->heap, capacity * sizeof *heap);
	memset(heap + capacity, 0xff, capacity * sizeof *heap);
	queue->heap = heap;
	queue->capacity = capacity * 2;
}

static struct queue_chunk *chunk_new(struct queue *queue, struct queue_chunk *older)
{
	struct queue_chunk *chunk = queue->spare;
	if (chunk)
		queue->spare = chunk->older;
	else
		chunk = ARENA_NEW(queue->arena, struct queue_chunk);
	chunk->older = older;
	chunk->count = 0;
	return chunk;
}

/* Returns the chunk before it. */
static struct queue_chunk *chunk_leave(struct queue *queue, struct queue_chunk *chunk)
{
	struct queue_chunk *older = chunk->older;
	chunk->older = queue->spare;
	queue->spare = chunk;
	return older;
}

static inline uint64_t time_bits(queue_key key)
{
	return (uint64_t)(key >> 64);
}

static inline void far_put(struct queue *queue, int level, queue_key key)
{
	size_t digit = time_bits(key) >> level * QUEUE_DIGIT_BITS & (QUEUE_DIGITS - 1);
	struct queue_chunk *chunk = queue->far[level][digit];
	if (__builtin_expect(!chunk || chunk->count == QUEUE_CHUNK, 0)) {
		chunk = queue->far[level][digit] = chunk_new(queue, chunk);
		queue->occupied[level] |= 1ull << digit;
	}
	chunk->key[chunk->count++] = key;
}

static queue_handle far_add(struct queue *queue, queue_key key);

static uint64_t block_start(const struct queue *queue)
{
	return queue->level == QUEUE_LEVELS ? 0 : queue->near_end - (1ull << queue->level * QUEUE_DIGIT_BITS);
}

/* The near block narrows around the earliest key, or its own beginning, until the heap is small. */
static __attribute__((noinline)) void heap_split(struct queue *queue)
{
	queue_key *heap = queue->heap + QUEUE_ROOT;
	size_t count = queue->end - QUEUE_ROOT;
	uint64_t first = time_bits(heap[0]);
	while (count > MANY / 2 && queue->level > 0) {
		size_t kept = 0;
		uint64_t start = block_start(queue);
		queue->level--;
		queue->near_end = (((first > start ? first : start) >> queue->level * QUEUE_DIGIT_BITS) + 1)
				  << queue->level * QUEUE_DIGIT_BITS;
		for (size_t i = 0; i < count; i++) {
			if (time_bits(heap[i]) < queue->near_end)
				heap[kept++] = heap[i];
			else
				far_add(queue, heap[i]);
		}
		count = kept;
	}
	make_heap(queue, count);
}

static bool is_short(const struct queue_chunk *chunk)
{
	int chunks = 0;
	for (; chunk && chunks <= NEAR_CHUNKS; chunk = chunk->older)
		chunks++;
	return chunks <= NEAR_CHUNKS;
}

/* The keys of a list that are live go to the heap, which is empty. What they concern was last touched so long ago that
 * it may be in no cache. */
static void list_to_heap(struct queue *queue, struct queue_chunk *chunk)
{
	size_t end = QUEUE_ROOT, taken = 0;
	while (chunk) {
		while (end + chunk->count > queue->capacity)
			heap_grow(queue);
		for (size_t i = 0; i < chunk->count; i++) {
			queue_key key = chunk->key[i];
			const struct queue_event *event = &queue->event[queue_slot(key)];
			if (event->fn) {
				prefetch_ahead(event->subject);
				queue->heap[end++] = key;
			} else {
				queue_slot_give(queue, queue_slot(key));
				queue->cancelled--;
			}
		}
		taken += chunk->count;
		chunk = chunk_leave(queue, chunk);
	}
	queue->far_count -= taken;
	make_heap(queue, end - QUEUE_ROOT);
}

/* The lowest list becomes the near block. The heap is empty, and a list is not. */
static void next_block(struct queue *queue)
{
	for (;;) {
		int level = queue->level;
		while (!queue->occupied[level])
			level++;
		int digit = __builtin_ctzll(queue->occupied[level]), shift = level * QUEUE_DIGIT_BITS;
		struct queue_chunk *chunk = queue->far[level][digit];
		queue->far[level][digit] = NULL;
		queue->occupied[level] &= queue->occupied[level] - 1;
		queue->level = level;
		queue->near_end = (((queue->near_end - 1) >> shift & ~(uint64_t)(QUEUE_DIGITS - 1)) + digit + 1)
				  << shift;
		if (level == 0 || is_short(chunk)) {
			list_to_heap(queue, chunk);
			return;
		}
		queue->level--;
		while (chunk) {
			for (size_t i = 0; i < chunk->count; i++)
				far_put(queue, queue->level, chunk->key[i]);
			chunk = chunk_leave(queue, chunk);
		}
	}
}

/* The three places a key can go to. The handle is the lower half of the key. */
static __attribute__((noinline)) queue_handle far_add(struct queue *queue, queue_key key)
{
	int bit = 63 - __builtin_clzll(time_bits(key) ^ (queue->near_end - 1));
	far_put(queue, bit / QUEUE_DIGIT_BITS, key);
	queue->far_count++;
	return (queue_handle)key;
}

static __attribute__((noinline)) queue_handle heap_replace(struct queue *queue, queue_key key)
{
	fill_with(queue, key);
	return (queue_handle)key;
}

static __attribute__((noinline)) queue_handle heap_add(struct queue *queue, queue_key key)
{
	if (queue->end == queue->capacity)
		heap_grow(queue);
	sift_up(queue->heap, queue->end++, key);
	if (queue->end > QUEUE_ROOT + MANY && queue->level > 0)
		heap_split(queue);
	return (queue_handle)key;
}

static __attribute__((noinline)) queue_handle add_to_more(struct queue *queue, int64_t time, sim_event_fn *fn,
							  void *subject, uint64_t detail)
{
	slots_grow(queue, queue->slots * 2);
	return queue_add(queue, time, fn, subject, detail);
}

/* What is rare is called last, with the same arguments in the same places, so that nothing has to be saved before. */
queue_handle queue_add(struct queue *queue, int64_t time, sim_event_fn *fn, void *subject, uint64_t detail)
{
	uint32_t slot = queue->free_slot;
	if (__builtin_expect(slot == queue->slots, 0))
		return add_to_more(queue, time, fn, subject, detail);
	struct queue_event *event = &queue->event[slot];
	queue_handle handle = queue->sequence++ << QUEUE_SLOT_BITS | slot;
	queue_key key = (queue_key)(uint64_t)time << 64 | handle;
	CHECK(queue->sequence < 1ull << (64 - QUEUE_SLOT_BITS));
	queue->free_slot = (uint32_t)event->handle;
	*event = (struct queue_event){fn, subject, detail, handle};
	if (__builtin_expect((uint64_t)time >= queue->near_end, 0))
		return far_add(queue, key);
	if (!queue->hole)
		return heap_add(queue, key);
	queue->hole = false;
	if (queue->end > QUEUE_ROOT + 1)
		return heap_replace(queue, key);
	queue->heap[QUEUE_ROOT] = key;
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
	if (!queue->hole || fill_hole(queue))
		make_heap(queue, keep_live(queue, queue->heap + QUEUE_ROOT, queue->end - QUEUE_ROOT));
	queue->far_count = 0;
	for (int level = 0; level < QUEUE_LEVELS; level++) {
		for (uint64_t left = queue->occupied[level]; left; left &= left - 1) {
			int digit = __builtin_ctzll(left);
			struct queue_chunk *chunk = queue->far[level][digit];
			queue->far[level][digit] = NULL;
			queue->occupied[level] &= ~(1ull << digit);
			while (chunk) {
				chunk->count = keep_live(queue, chunk->key, chunk->count);
				for (size_t i = 0; i < chunk->count; i++)
					far_put(queue, level, chunk->key[i]);
				queue->far_count += chunk->count;
				chunk = chunk_leave(queue, chunk);
			}
		}
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

int64_t queue_peek_further(struct queue *queue)
{
	for (;;) {
		if (queue->hole && !fill_hole(queue)) {
			if (queue->far_count == 0)
				return QUEUE_NEVER;
			next_block(queue); /* may find none but cancelled ones */
			continue;
		}
		queue_key key = queue->heap[QUEUE_ROOT];
		uint32_t slot = queue_slot(key);
		if (queue->event[slot].fn)
			return (int64_t)time_bits(key);
		queue_slot_give(queue, slot);
		queue->cancelled--;
		queue_root_taken(queue);
	}
}
