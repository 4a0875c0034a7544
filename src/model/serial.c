/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edges are not kept: they are read off the versions, each of which knows its writer, who has read it, and the version
 * that replaced it. A node counts the edges that lead to it from those that are not forgotten. When it is settled and
 * that count is 0 it is forgotten, which takes its own edges away.
 *
 * A version goes when the writer of the next one is forgotten: nobody will read it any more, and all who did are
 * forgotten too. The newest of a row stays, without a node.
 *
 * Whether a commit closes a circle is a search in breadth from it, along the edges that lead away. Where nobody reads
 * anything old, none does, and nothing is searched.
 */
#include "model/serial.h"

#include <string.h>

struct serial_seen; /* a version that was read */

struct serial_node {
	uint64_t id, committed;        /* number of its commit */
	int64_t before;                /* edges that lead to it */
	bool settled;
	struct serial_version *wrote;
	struct serial_seen *seen;
	struct serial_node *next;      /* to be settled, or to be forgotten */
	/* Of a search. */
	uint64_t searched;
	struct serial_node *reached;
	int antidependencies;          /* rw on the way to it */
};

struct serial_version {
	uint64_t row, writer;
	struct serial_node *node;            /* NULL: forgotten, or there at first */
	struct serial_version *older, *newer;
	struct serial_version *next_of_node;
	struct serial_seen *readers;
};

struct serial_seen {
	struct serial_node *node;
	struct serial_version *version;
	struct serial_seen *next_of_node, *next, *previous; /* next, previous: of the version */
};

void serial_init(struct serial *serial, struct arena *arena, int64_t rows)
{
	*serial = (struct serial){.arena = arena, .rows = (uint64_t)rows};
	serial->newest = ARENA_ARRAY(arena, (size_t)rows, struct serial_version *);
}

void serial_begin(struct serial *serial, struct serial_transaction *transaction, uint64_t id)
{
	CHECK(id != 0);
	*transaction =
		(struct serial_transaction){.older = serial->latest, .id = id, .began = serial->commits};
	*(serial->latest ? &serial->latest->newer : &serial->oldest) = transaction;
	serial->latest = transaction;
}

static void add_step(struct serial *serial, struct serial_transaction *transaction, struct serial_step step)
{
	struct serial_step *added = FREELIST_TAKE(&serial->steps, serial->arena, struct serial_step);
	CHECK(step.row < serial->rows);
	*added = step;
	*(transaction->first ? &transaction->last->next : &transaction->first) = added;
	transaction->last = added;
}

void serial_read(struct serial *serial, struct serial_transaction *transaction, uint64_t row, uint64_t writer,
		 bool committed)
{
	add_step(serial, transaction, (struct serial_step){.row = row, .writer = writer, .dirty = !committed});
}

void serial_write(struct serial *serial, struct serial_transaction *transaction, uint64_t row)
{
	add_step(serial, transaction, (struct serial_step){.row = row, .write = true});
}

/* ---- versions ---- */

static struct serial_version *put_version(struct serial *serial, uint64_t row, uint64_t writer,
					  struct serial_node *node)
{
	struct serial_version *version = FREELIST_TAKE(&serial->versions, serial->arena, struct serial_version);
	*version = (struct serial_version){.row = row, .writer = writer, .node = node, .older = serial->newest[row]};
	if (version->older)
		version->older->newer = version;
	serial->newest[row] = version;
	return version;
}

static struct serial_version *newest_of(struct serial *serial, uint64_t row)
{
	return serial->newest[row] ? serial->newest[row] : put_version(serial, row, 0, NULL);
}

/* NULL: there is none, or nobody who is active may have read it. */
static struct serial_version *find_version(struct serial *serial, uint64_t row, uint64_t writer)
{
	struct serial_version *version = newest_of(serial, row);
	while (version && version->writer != writer)
		version = version->older;
	return version;
}

/* ---- edges ---- */

typedef bool edge_fn(void *context, struct serial_node *to, bool antidependency);

/* All that come directly after `node`, one call an edge, until `each` returns true; then so does this. */
static bool successors(const struct serial_node *node, edge_fn *each, void *context)
{
	for (const struct serial_version *wrote = node->wrote; wrote; wrote = wrote->next_of_node) {
		for (const struct serial_seen *seen = wrote->readers; seen; seen = seen->next)
			if (seen->node != node && each(context, seen->node, false))
				return true;
		if (wrote->newer && each(context, wrote->newer->node, false))
			return true;
	}
	for (const struct serial_seen *seen = node->seen; seen; seen = seen->next_of_node) {
		const struct serial_version *newer = seen->version->newer;
		if (newer && newer->node != node && each(context, newer->node, true))
			return true;
	}
	return false;
}

struct search {
	uint64_t number;
	struct serial_node *from, *by, *last;
	int antidependencies; /* on the circle that was found */
};

static bool reach(void *context, struct serial_node *to, bool antidependency)
{
	struct search *search = context;
	int antidependencies = search->by->antidependencies + antidependency;
	if (to == search->from) {
		search->antidependencies = antidependencies;
		return true;
	}
	if (to->searched != search->number) {
		to->searched = search->number;
		to->antidependencies = antidependencies;
		to->reached = NULL;
		search->last = search->last->reached = to;
	}
	return false;
}

/* How many rw a circle through `node` has, a shortest one; -1: there is none. */
static int find_circle(struct serial *serial, struct serial_node *node)
{
	struct search search = {.number = ++serial->searches, .from = node, .last = node};
	node->antidependencies = 0;
	node->reached = NULL;
	for (search.by = node; search.by; search.by = search.by->reached)
		if (successors(search.by, reach, &search))
			return search.antidependencies;
	return -1;
}

static bool count_edge(void *context, struct serial_node *to, bool antidependency)
{
	(void)antidependency;
	to->before += *(const int *)context;
	return false;
}

/* The edges that lead to `node` from what is in the graph. */
static int64_t predecessors(const struct serial_node *node)
{
	int64_t count = 0;
	for (const struct serial_version *wrote = node->wrote; wrote; wrote = wrote->next_of_node) {
		count += wrote->older->node != NULL;
		for (const struct serial_seen *seen = wrote->older->readers; seen; seen = seen->next)
			count += seen->node != node;
	}
	for (const struct serial_seen *seen = node->seen; seen; seen = seen->next_of_node)
		count += seen->version->node && seen->version->node != node;
	return count;
}

/* ---- forgetting ---- */

static void unlink_seen(struct serial *serial, struct serial_node *node)
{
	for (struct serial_seen *seen = node->seen, *next; seen; seen = next) {
		next = seen->next_of_node;
		*(seen->previous ? &seen->previous->next : &seen->version->readers) = seen->next;
		if (seen->next)
			seen->next->previous = seen->previous;
		freelist_give(&serial->reads, seen);
	}
	node->seen = NULL;
}

struct ready {
	struct serial_node *first; /* settled ones to which no edge leads */
};

static bool take_edge(void *context, struct serial_node *to, bool antidependency)
{
	struct ready *ready = context;
	(void)antidependency;
	if (--to->before == 0 && to->settled) {
		to->next = ready->first;
		ready->first = to;
	}
	return false;
}

static void forget(struct serial *serial, struct serial_node *node, struct ready *ready)
{
	successors(node, take_edge, ready);
	unlink_seen(serial, node);
	for (struct serial_version *wrote = node->wrote, *next; wrote; wrote = next) {
		struct serial_version *older = wrote->older;
		next = wrote->next_of_node;
		wrote->node = NULL;
		wrote->older = NULL;
		freelist_give(&serial->versions, older);
	}
	freelist_give(&serial->nodes, node);
	serial->remembered--;
}

static void settle(struct serial *serial)
{
	uint64_t horizon = serial->oldest ? serial->oldest->began : serial->commits;
	struct ready ready = {NULL};
	while (serial->first && serial->first->committed <= horizon) {
		struct serial_node *node = serial->first;
		serial->first = node->next;
		node->settled = true;
		if (node->before == 0) {
			node->next = NULL;
			ready.first = node;
		}
		while (ready.first) {
			node = ready.first;
			ready.first = node->next;
			forget(serial, node, &ready);
		}
	}
	if (!serial->first)
		serial->last = NULL;
}

/* ---- the end of a transaction ---- */

static void leave(struct serial *serial, struct serial_transaction *transaction)
{
	*(transaction->older ? &transaction->older->newer : &serial->oldest) = transaction->newer;
	*(transaction->newer ? &transaction->newer->older : &serial->latest) = transaction->older;
	for (struct serial_step *step = transaction->first, *next; step; step = next) {
		next = step->next;
		freelist_give(&serial->steps, step);
	}
	transaction->first = transaction->last = NULL;
}

static bool has_written(const struct serial_node *node, uint64_t row)
{
	const struct serial_version *wrote = node->wrote;
	while (wrote && wrote->row != row)
		wrote = wrote->next_of_node;
	return wrote;
}

static bool has_seen(const struct serial_node *node, const struct serial_version *version)
{
	const struct serial_seen *seen = node->seen;
	while (seen && seen->version != version)
		seen = seen->next_of_node;
	return seen;
}

static void see(struct serial *serial, struct serial_node *node, struct serial_version *version)
{
	struct serial_seen *seen = FREELIST_TAKE(&serial->reads, serial->arena, struct serial_seen);
	*seen = (struct serial_seen){
		.node = node, .version = version, .next_of_node = node->seen, .next = version->readers};
	if (version->readers)
		version->readers->previous = seen;
	version->readers = node->seen = seen;
}

static void worse(enum serial_verdict *verdict, enum serial_verdict other)
{
	if (*verdict == SERIAL_FINE || other < *verdict)
		*verdict = other;
}

/* Puts what the transaction has done into the graph. First what it read: its own versions come on top of that. */
static enum serial_verdict enter(struct serial *serial, struct serial_node *node,
				 const struct serial_transaction *transaction)
{
	enum serial_verdict verdict = SERIAL_FINE;
	for (const struct serial_step *step = transaction->first; step; step = step->next) {
		if (step->write)
			continue;
		struct serial_version *version = find_version(serial, step->row, step->writer);
		if (step->dirty)
			worse(&verdict, SERIAL_DIRTY_READ);
		if (!version)
			worse(&verdict, step->dirty ? SERIAL_DIRTY_READ : SERIAL_IMPOSSIBLE);
		else
			see(serial, node, version);
	}
	for (const struct serial_step *step = transaction->first; step; step = step->next) {
		if (!step->write || has_written(node, step->row))
			continue;
		struct serial_version *older = newest_of(serial, step->row);
		const struct serial_step *read = transaction->first;
		while (read != step && (read->write || read->row != step->row))
			read = read->next;
		if (read != step && !has_seen(node, older))
			worse(&verdict, SERIAL_LOST_UPDATE);
		struct serial_version *version = put_version(serial, step->row, node->id, node);
		version->next_of_node = node->wrote;
		node->wrote = version;
	}
	return verdict;
}

/* It is not in the graph, but its versions are there. */
static void leave_out(struct serial *serial, struct serial_node *node)
{
	unlink_seen(serial, node);
	(void)serial;
}

enum serial_verdict serial_commit(struct serial *serial, struct serial_transaction *transaction)
{
	struct serial_node *node = FREELIST_TAKE(&serial->nodes, serial->arena, struct serial_node);
	*node = (struct serial_node){.id = transaction->id, .committed = ++serial->commits};
	enum serial_verdict verdict = enter(serial, node, transaction);
	int antidependencies = find_circle(serial, node);
	if (antidependencies >= 0)
		worse(&verdict, antidependencies > 1 ? SERIAL_WRITE_SKEW : SERIAL_READ_SKEW);
	if (antidependencies >= 0)
		leave_out(serial, node);
	node->before = predecessors(node);
	successors(node, count_edge, &(int){1});
	*(serial->last ? &serial->last->next : &serial->first) = node;
	serial->last = node;
	serial->remembered++;
	leave(serial, transaction);
	settle(serial);
	return verdict;
}

void serial_abort(struct serial *serial, struct serial_transaction *transaction)
{
	leave(serial, transaction);
	settle(serial);
}
