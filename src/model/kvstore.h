/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store of small records that several machines share: a server that works through what it is asked, first come first
 * served, at the far end of a network.
 *
 * What is asked is a script, which runs in the store while nobody else touches the record: an increment, a conditional
 * put, a whole rate limiter. So one ask is atomic. Whoever reads in one ask and writes in a second leaves room for
 * others in between: that race is the caller's, and costs another round trip.
 *
 *	static enum kvstore_effect increment(struct kvstore_ask *ask, void *record, bool found, int64_t now)
 *	{
 *		ask->value = *(int64_t *)record += ask->argument;
 *		return KVSTORE_KEEP;
 *	}
 *
 *	kvstore_ask(store, id, &(struct kvstore_ask){.key = client, .script = increment, .argument = 1,
 *						     .answered = counted, .subject = request});
 *
 * Records live for a fixed time, or for ever, which is how counters without EXPIRE pile up. Where a way is cut, or the
 * server is slow, the caller hears nothing and gives up after a timeout; what he asked may have been done all the same.
 * Whether he then says yes (fails open) or no (fails closed) is his to decide.
 */
#ifndef MODEL_KVSTORE_H
#define MODEL_KVSTORE_H

#include "engine/dist.h"
#include "engine/meter.h"
#include "model/keymap.h"
#include "model/pool.h"

/* What becomes of the record after a script: */
enum kvstore_effect {
	KVSTORE_KEEP,  /* it stays, and its lifetime goes on; that of a new one begins */
	KVSTORE_RENEW, /* it stays, and its lifetime begins anew */
	KVSTORE_DROP   /* it goes; one that was not there is not made */
};

struct kvstore_ask;

/* `record` holds zeros when it was not found (or had expired); `now` is the store's time, ns. */
typedef enum kvstore_effect kvstore_script_fn(struct kvstore_ask *ask, void *record, bool found, int64_t now);
typedef void kvstore_answered_fn(struct sim *sim, void *subject, const struct kvstore_ask *ask);

struct kvstore_ask {
	uint64_t key;
	kvstore_script_fn *script;
	const void *context;            /* for the script, which must not look at `subject`: that may have given up */
	int64_t argument, more, value;  /* two for the script, and one from it */
	kvstore_answered_fn *answered;  /* called once */
	void *subject;
	struct journey *journey;        /* to note into until it is answered; may be NULL */
	bool found;                     /* answer: the record was there */
	bool reached;                   /* false: no answer came in time, and `value` and `found` say nothing */
};

struct kvstore_config {
	size_t record;              /* bytes of a record */
	int64_t servers;            /* 1: one thread, as in Redis */
	const struct dist *one_way; /* ns, each way */
	const struct dist *service; /* ns of a server for a script */
	int64_t timeout;            /* ns; 0: callers wait for ever */
	int64_t lifetime;           /* ns of a record; 0: for ever */
};

struct kvstore_due;

struct kvstore {
	struct sim *sim;
	const struct kvstore_config *config;
	struct pool server;
	struct keymap record;
	struct rng_stream stream;
	int cut_to, cut_back;       /* reasons why the ways to the store and back are: what is under way is lost */
	struct booking records;     /* a LEVEL: records there; set by the owner, or not */
	struct kvstore_due *due;    /* a ring: when records end, oldest first */
	int64_t due_room, due_first, due_count;
	struct freelist visits;
};

/* `stream` names its random draws. config and what it points to outlive the store. */
void kvstore_init(struct kvstore *store, struct sim *sim, const char *name, const struct kvstore_config *config);

/* Asks; `ask` is copied. `id` keys the draws of this ask: no two of a store may have the same. */
void kvstore_ask(struct kvstore *store, uint64_t id, const struct kvstore_ask *ask);

/* The record as it is now, or NULL: for those who watch. */
const void *kvstore_peek(const struct kvstore *store, uint64_t key);

/* Loses all records, as a restart without persistence does. */
void kvstore_clear(struct kvstore *store);

#endif
