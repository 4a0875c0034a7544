/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every use of a row is in a list of the row and in one of its transaction; every conflict is in the reader's and in
 * the writer's. A committed transaction is forgotten when all that are active have taken their snapshots after its
 * commit: none of them is concurrent with it, and it cannot be met any more. Of what it did to others only the number
 * of the first commit among those that they conflict with outlives it, which they keep themselves.
 */
#include "model/ssi.h"

struct ssi_use {
	struct ssi_transaction *by;
	struct ssi_use *next_of_transaction, *next, *previous; /* next, previous: of the row */
	struct ssi_use **first;                                /* where the row's list begins */
};

struct ssi_conflict {
	struct ssi_transaction *reader, *writer;
	struct ssi_conflict *next_out, *previous_out, *next_in, *previous_in;
};

void ssi_init(struct ssi *ssi, struct arena *arena, int64_t rows)
{
	*ssi = (struct ssi){.arena = arena, .rows = (uint64_t)rows};
	ssi->row = ARENA_ARRAY(arena, (size_t)rows, struct ssi_row);
}

struct ssi_transaction *ssi_begin(struct ssi *ssi, bool read_only)
{
	struct ssi_transaction *transaction = FREELIST_TAKE(&ssi->transactions, ssi->arena, struct ssi_transaction);
	*transaction =
		(struct ssi_transaction){.read_only = read_only, .sees = ssi->commits, .older = ssi->latest};
	*(ssi->latest ? &ssi->latest->newer : &ssi->oldest) = transaction;
	ssi->latest = transaction;
	return transaction;
}

/* ---- conflicts ---- */

static bool is_concurrent(const struct ssi_transaction *one, const struct ssi_transaction *active)
{
	return !one->committed || one->committed > active->sees;
}

static bool is_known(const struct ssi_transaction *reader, const struct ssi_transaction *writer)
{
	const struct ssi_conflict *conflict;
	if (reader->outs < writer->ins)
		for (conflict = reader->out; conflict && conflict->writer != writer;)
			conflict = conflict->next_out;
	else
		for (conflict = writer->in; conflict && conflict->reader != reader;)
			conflict = conflict->next_in;
	return conflict;
}

static void remember(struct ssi *ssi, struct ssi_transaction *reader, struct ssi_transaction *writer)
{
	struct ssi_conflict *conflict = FREELIST_TAKE(&ssi->conflicts, ssi->arena, struct ssi_conflict);
	*conflict = (struct ssi_conflict){
		.reader = reader, .writer = writer, .next_out = reader->out, .next_in = writer->in};
	if (reader->out)
		reader->out->previous_out = conflict;
	if (writer->in)
		writer->in->previous_in = conflict;
	reader->out = writer->in = conflict;
	reader->outs++;
	writer->ins++;
	if (writer->committed && (!reader->first_out || writer->committed < reader->first_out))
		reader->first_out = writer->committed;
}

static void forget_conflict(struct ssi *ssi, struct ssi_conflict *conflict)
{
	*(conflict->previous_out ? &conflict->previous_out->next_out : &conflict->reader->out) = conflict->next_out;
	*(conflict->previous_in ? &conflict->previous_in->next_in : &conflict->writer->in) = conflict->next_in;
	if (conflict->next_out)
		conflict->next_out->previous_out = conflict->previous_out;
	if (conflict->next_in)
		conflict->next_in->previous_in = conflict->previous_in;
	conflict->reader->outs--;
	conflict->writer->ins--;
	freelist_give(&ssi->conflicts, conflict);
}

/* Whether commit `number`, of the last of three in a row, came before what `first`, the first of them, has done. */
static bool comes_first(uint64_t number, const struct ssi_transaction *first)
{
	return (!first->committed || number <= first->committed) && (!first->read_only || number <= first->sees);
}

/* Whether reader -> writer completes two in a row of which the last has committed first. */
static bool is_dangerous(const struct ssi_transaction *reader, const struct ssi_transaction *writer)
{
	if (writer->first_out && (!writer->committed || writer->first_out <= writer->committed) &&
	    comes_first(writer->first_out, reader))
		return true;
	if (!writer->committed)
		return false;
	for (const struct ssi_conflict *conflict = reader->in; conflict; conflict = conflict->next_in)
		if (!conflict->reader->doomed && comes_first(writer->committed, conflict->reader))
			return true;
	return false;
}

/* A conflict is found by `acting`, which is one of the two. False: it must abort. */
static bool conflict(struct ssi *ssi, struct ssi_transaction *reader, struct ssi_transaction *writer,
		     const struct ssi_transaction *acting)
{
	if (is_known(reader, writer))
		return true;
	remember(ssi, reader, writer);
	if (!is_dangerous(reader, writer))
		return true;
	if (acting == writer || writer->committed)
		return false;
	writer->doomed = true;
	return true;
}

static void use(struct ssi *ssi, struct ssi_transaction *transaction, struct ssi_use **first)
{
	struct ssi_use *made = FREELIST_TAKE(&ssi->uses, ssi->arena, struct ssi_use);
	*made = (struct ssi_use){
		.by = transaction, .next_of_transaction = transaction->uses, .next = *first, .first = first};
	if (*first)
		(*first)->previous = made;
	*first = made;
	transaction->uses = made;
	ssi->remembered++;
}

bool ssi_read(struct ssi *ssi, struct ssi_transaction *transaction, uint64_t row)
{
	CHECK(row < ssi->rows);
	struct ssi_row *of = &ssi->row[row];
	use(ssi, transaction, &of->readers);
	for (const struct ssi_use *other = of->writers; other; other = other->next)
		if (other->by != transaction && is_concurrent(other->by, transaction) &&
		    !conflict(ssi, transaction, other->by, transaction))
			return false;
	return !transaction->doomed;
}

bool ssi_write(struct ssi *ssi, struct ssi_transaction *transaction, uint64_t row)
{
	CHECK(row < ssi->rows && !transaction->read_only);
	struct ssi_row *of = &ssi->row[row];
	use(ssi, transaction, &of->writers);
	for (const struct ssi_use *other = of->readers; other; other = other->next)
		if (other->by != transaction && is_concurrent(other->by, transaction) &&
		    !conflict(ssi, other->by, transaction, transaction))
			return false;
	return !transaction->doomed;
}

/* ---- the end ---- */

/* Nothing that it did is remembered. */
static void forget(struct ssi *ssi, struct ssi_transaction *transaction)
{
	for (struct ssi_use *used = transaction->uses, *next; used; used = next) {
		next = used->next_of_transaction;
		*(used->previous ? &used->previous->next : used->first) = used->next;
		if (used->next)
			used->next->previous = used->previous;
		freelist_give(&ssi->uses, used);
		ssi->remembered--;
	}
	while (transaction->out)
		forget_conflict(ssi, transaction->out);
	while (transaction->in)
		forget_conflict(ssi, transaction->in);
	freelist_give(&ssi->transactions, transaction);
}

static void leave(struct ssi *ssi, struct ssi_transaction *transaction)
{
	*(transaction->older ? &transaction->older->newer : &ssi->oldest) = transaction->newer;
	*(transaction->newer ? &transaction->newer->older : &ssi->latest) = transaction->older;
	transaction->older = transaction->newer = NULL;
}

static void forget_those_before(struct ssi *ssi)
{
	uint64_t horizon = ssi->oldest ? ssi->oldest->sees : ssi->commits;
	for (struct ssi_transaction *next; ssi->first && ssi->first->committed <= horizon; ssi->first = next) {
		next = ssi->first->newer;
		forget(ssi, ssi->first);
	}
	if (!ssi->first)
		ssi->last = NULL;
}

void ssi_abort(struct ssi *ssi, struct ssi_transaction *transaction)
{
	leave(ssi, transaction);
	forget(ssi, transaction);
	forget_those_before(ssi);
}

/* Whether `pivot`, which reads what the one that commits writes, has a reader before it that still may commit later. */
static bool completes(const struct ssi_transaction *pivot, const struct ssi_transaction *commits)
{
	for (const struct ssi_conflict *before = pivot->in; before; before = before->next_in) {
		const struct ssi_transaction *first = before->reader;
		if (first == commits || (!first->committed && !first->read_only && !first->doomed))
			return true;
	}
	return false;
}

bool ssi_commit(struct ssi *ssi, struct ssi_transaction *transaction)
{
	if (transaction->doomed)
		return false;
	transaction->committed = ++ssi->commits;
	for (struct ssi_conflict *conflict = transaction->in; conflict; conflict = conflict->next_in) {
		struct ssi_transaction *pivot = conflict->reader;
		if (!pivot->committed && completes(pivot, transaction))
			pivot->doomed = true;
		if (!pivot->first_out)
			pivot->first_out = transaction->committed;
	}
	leave(ssi, transaction);
	*(ssi->last ? &ssi->last->newer : &ssi->first) = transaction;
	ssi->last = transaction;
	forget_those_before(ssi);
	return true;
}
