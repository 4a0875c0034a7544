/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row is locked, then read; locked, then written. Which of the locks there are, which version a read finds, and what
 * is looked at before a write and at the end, is what the kinds of isolation differ in.
 */
#include "model/isolation.h"

const struct isolation_level isolation_levels[] = {
#define LEVEL(CONSTANT, word, ...) [ISOLATION_##CONSTANT] = {.name = word, __VA_ARGS__},
#include "model/isolation.def"
#undef LEVEL
};

const char *const isolation_names[] = {
#define LEVEL(CONSTANT, word, ...) word,
#include "model/isolation.def"
#undef LEVEL
	NULL
};

struct isolation_note {
	struct isolation_note *next;
	uint64_t row;
	bool write;
	int64_t value;
};

static const uint64_t table_key = UINT64_MAX;

void isolation_init(struct isolation *isolation, struct sim *sim, enum isolation_kind kind, int64_t rows,
		    const struct locktable_victim *victim, bool upgrade, bool early)
{
	*isolation = (struct isolation){
		.sim = sim, .level = &isolation_levels[kind], .upgrade = upgrade, .early = early};
	rowstore_init(&isolation->store, &sim->arena, rows, 1);
	locktable_init(&isolation->locks, sim, victim);
	serial_init(&isolation->serial, &sim->arena, rows);
	if (isolation->level->tracks)
		ssi_init(&isolation->ssi, &sim->arena, rows);
}

static void done(struct isolation_transaction *transaction)
{
	transaction->done(transaction->of->sim, transaction->subject, 0);
}

static void fail(struct isolation_transaction *transaction, enum isolation_failure why)
{
	transaction->fails(transaction->subject, why);
}

static void refused(struct sim *sim, void *self, uint64_t unused)
{
	(void)sim;
	(void)unused;
	fail(self, ISOLATION_DEADLOCK);
}

static void lock(struct isolation_transaction *transaction, uint64_t key, enum locktable_mode mode,
		 sim_event_fn *granted)
{
	locktable_acquire(&transaction->of->locks, &transaction->owner, key, mode, granted, refused, transaction, 0);
}

/* ---- the beginning ---- */

static void granted(struct sim *sim, void *self, uint64_t unused)
{
	(void)sim;
	(void)unused;
	done(self);
}

void isolation_begin(struct isolation_transaction *transaction, sim_event_fn *then)
{
	struct isolation *of = transaction->of;
	transaction->done = then;
	transaction->began = of->store.commits;
	transaction->writes = (struct rowstore_writes){.writer = ++of->begun};
	locktable_begin(&transaction->owner, transaction->age, transaction->journey);
	serial_begin(&of->serial, &transaction->watched, transaction->writes.writer);
	if (of->level->once)
		rowstore_take(&of->store, &transaction->snapshot);
	if (of->level->tracks)
		transaction->tracked = ssi_begin(&of->ssi, transaction->read_only);
	if (of->level->table)
		lock(transaction, table_key, transaction->read_only ? LOCKTABLE_SHARED : LOCKTABLE_EXCLUSIVE, granted);
	else
		done(transaction);
}

/* ---- reading ---- */

static void take_note(struct isolation_transaction *transaction, bool write, int64_t value)
{
	struct isolation *of = transaction->of;
	struct isolation_note *note = FREELIST_TAKE(&of->notes, &of->sim->arena, struct isolation_note);
	*note = (struct isolation_note){transaction->notes, transaction->row, write, value};
	transaction->notes = note;
}

/* What it has put aside itself is what it reads. */
static bool find_own(struct isolation_transaction *transaction)
{
	const struct isolation_note *note = transaction->read_only ? NULL : transaction->notes;
	while (note && !(note->write && note->row == transaction->row))
		note = note->next;
	if (note)
		transaction->found = (struct rowstore_found){
			transaction->writes.writer, ROWSTORE_PENDING, note->value, 0};
	return note;
}

static void find(struct isolation_transaction *transaction)
{
	struct isolation *of = transaction->of;
	const struct rowstore *store = &of->store;
	uint64_t sees = of->level->uncommitted       ? ROWSTORE_PENDING
			: transaction->snapshot.taken ? transaction->snapshot.sees
						      : store->commits;
	transaction->found = rowstore_read(store, transaction->row, sees, transaction->writes.writer);
	if (transaction->found.writer != transaction->writes.writer)
		serial_read(&of->serial, &transaction->watched, transaction->row, transaction->found.writer,
			    transaction->found.committed != ROWSTORE_PENDING);
}

static void read_now(struct sim *sim, void *self, uint64_t unused)
{
	struct isolation_transaction *transaction = self;
	struct isolation *of = transaction->of;
	(void)sim;
	(void)unused;
	if (of->level->statement)
		rowstore_take(&of->store, &transaction->snapshot);
	if (!of->level->validates || !find_own(transaction)) {
		find(transaction);
		if (of->level->validates)
			take_note(transaction, false, 0);
	}
	if (of->level->tracks && !ssi_read(&of->ssi, transaction->tracked, transaction->row))
		fail(transaction, ISOLATION_DANGEROUS);
	else
		done(transaction);
}

void isolation_read(struct isolation_transaction *transaction, uint64_t row, bool will_write, sim_event_fn *then)
{
	const struct isolation *of = transaction->of;
	bool alone = will_write && (of->level->shared ? !of->upgrade : of->early);
	transaction->row = row;
	transaction->done = then;
	if (of->level->table || of->level->validates || (!of->level->shared && !alone))
		read_now(of->sim, transaction, 0);
	else
		lock(transaction, row, alone ? LOCKTABLE_EXCLUSIVE : LOCKTABLE_SHARED, read_now);
}

void isolation_pause(struct isolation_transaction *transaction)
{
	if (transaction->of->level->statement)
		rowstore_drop(&transaction->of->store, &transaction->snapshot);
}

/* ---- writing ---- */

static bool is_overtaken(const struct isolation_transaction *transaction)
{
	const struct rowstore *store = &transaction->of->store;
	return transaction->of->level->once &&
	       rowstore_read(store, transaction->row, store->commits, 0).committed > transaction->snapshot.sees;
}

static void put(struct isolation_transaction *transaction, uint64_t row, int64_t value)
{
	struct isolation *of = transaction->of;
	rowstore_write(&of->store, &transaction->writes, row, value, of->sim->now);
	serial_write(&of->serial, &transaction->watched, row);
}

static void write_now(struct sim *sim, void *self, uint64_t unused)
{
	struct isolation_transaction *transaction = self;
	struct isolation *of = transaction->of;
	(void)sim;
	(void)unused;
	if (is_overtaken(transaction)) {
		fail(transaction, ISOLATION_CONFLICT);
	} else if (of->level->tracks && !ssi_write(&of->ssi, transaction->tracked, transaction->row)) {
		fail(transaction, ISOLATION_DANGEROUS);
	} else {
		put(transaction, transaction->row, transaction->value);
		done(transaction);
	}
}

void isolation_write(struct isolation_transaction *transaction, uint64_t row, int64_t value, sim_event_fn *then)
{
	const struct isolation *of = transaction->of;
	CHECK(!transaction->read_only);
	transaction->row = row;
	transaction->value = value;
	transaction->done = then;
	if (of->level->validates) {
		take_note(transaction, true, value);
		done(transaction);
	} else if (of->level->table || is_overtaken(transaction)) {
		write_now(of->sim, transaction, 0);
	} else {
		lock(transaction, row, LOCKTABLE_EXCLUSIVE, write_now);
	}
}

/* ---- the end ---- */

/* It holds nothing any more. */
static void let_go(struct isolation_transaction *transaction)
{
	struct isolation *of = transaction->of;
	for (struct isolation_note *next; transaction->notes; transaction->notes = next) {
		next = transaction->notes->next;
		freelist_give(&of->notes, transaction->notes);
	}
	rowstore_drop(&of->store, &transaction->snapshot);
	locktable_end(&of->locks, &transaction->owner);
}

/* What it has read is as it was when it began. */
static bool is_valid(const struct isolation_transaction *transaction)
{
	const struct rowstore *store = &transaction->of->store;
	const struct isolation_note *note = transaction->notes;
	while (note && (note->write || rowstore_top(store, note->row).committed <= transaction->began))
		note = note->next;
	return !note;
}

/* Of several writes of a row the last one counts, which comes first here. */
static void put_noted(struct isolation_transaction *transaction)
{
	for (const struct isolation_note *note = transaction->notes; note; note = note->next) {
		const struct isolation_note *later = transaction->notes;
		while (later != note && !(later->write && later->row == note->row))
			later = later->next;
		if (note->write && later == note)
			put(transaction, note->row, note->value);
	}
}

bool isolation_commit(struct isolation_transaction *transaction, enum serial_verdict *verdict)
{
	struct isolation *of = transaction->of;
	if (of->level->validates && !is_valid(transaction)) {
		fail(transaction, ISOLATION_INVALID);
		return false;
	}
	if (of->level->tracks && !ssi_commit(&of->ssi, transaction->tracked)) {
		fail(transaction, ISOLATION_DANGEROUS);
		return false;
	}
	if (of->level->validates && !transaction->read_only)
		put_noted(transaction);
	rowstore_commit(&of->store, &transaction->writes, of->sim->now);
	*verdict = serial_commit(&of->serial, &transaction->watched);
	let_go(transaction);
	return true;
}

void isolation_abort(struct isolation_transaction *transaction)
{
	struct isolation *of = transaction->of;
	rowstore_abort(&of->store, &transaction->writes, of->sim->now);
	serial_abort(&of->serial, &transaction->watched);
	if (of->level->tracks)
		ssi_abort(&of->ssi, transaction->tracked);
	let_go(transaction);
}
