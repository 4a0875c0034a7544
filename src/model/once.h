/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Doing something at most once, though it is asked for again and again: what the server makes of an idempotency key, in
 * a store of keys that it shares with others. The orders of act and record that there are:
 *
 *   none            each attempt acts
 *   check-then-act  looks whether the key is there, acts, records the result
 *   record-first    records that it is done, if the key is new; then acts
 *   insert          records that it has begun, if the key is new; acts; records the result. Others are told to wait
 *   transaction     act and record are one atomic step, if the key is new
 *
 * Servers crash, and where they do makes the difference: before the act, after it and before the record, after both.
 */
#ifndef MODEL_ONCE_H
#define MODEL_ONCE_H

#include "model/kvstore.h"

enum once_kind { ONCE_NONE, ONCE_CHECK_THEN_ACT, ONCE_RECORD_FIRST, ONCE_INSERT, ONCE_TRANSACTION };
enum once_point { ONCE_BEFORE_ACT, ONCE_BEFORE_RECORD, ONCE_BEFORE_REPLY };

/* Their names, in order; both end with NULL. */
extern const char *const once_kinds[];
extern const char *const once_points[];

/* Bytes of a record in the store. */
extern const size_t once_record;

struct once_config {
	enum once_kind kind;
	bool saves_failures; /* the result is kept when the act has failed, too; else the key is free again */
	int64_t claim_for;   /* insert: ns after which what has begun and has no result is taken over; 0: never */
	bool open;           /* where the store does not answer it acts; else it fails */
};

/* An attempt at a server. Whoever attempts embeds one. */
struct once_attempt {
	struct once *once;
	uint64_t key, id;                /* id: of what should happen once */
	int64_t since;                   /* ns; what is booked is booked then */
	bool failed;                     /* the act has */
	struct journey *const *journey;  /* may be NULL */
};

struct once {
	struct sim *sim;
	const struct once_config *config;
	struct kvstore *store;           /* records of once_record bytes */
	struct once *self;
	uint64_t asks;

	/* Given by the owner. */
	void *owner;
	/* The act begins: how long it takes, ns; and whether it fails, which leaves no effect. */
	int64_t (*act)(void *owner, struct once_attempt *attempt, bool *fails);
	/* The act takes effect, whether or not somebody still knows of the attempt that made it. */
	void (*effect)(void *owner, uint64_t id);
	/* Whether the server has crashed at this point. The attempt is the owner's again, and is not touched. */
	bool (*dies)(void *owner, struct once_attempt *attempt, enum once_point point);
	/* The store does not answer, and may still do what it was asked. The attempt goes on. */
	void (*unanswered)(void *owner, struct once_attempt *attempt);
	/* The attempt has ended. It is the owner's again. */
	void (*done)(void *owner, struct once_attempt *attempt, bool succeeded);
	/* Attempts answered with the result of another one; attempts that fail because another one has begun. */
	struct booking replayed, busy;
};

/* What is pointed to outlives it. What the owner gives is set by it afterwards. */
void once_init(struct once *once, struct sim *sim, const struct once_config *config, struct kvstore *store);

/* A server sets to work on an attempt, all set but `once` and `failed`. done() or dies() may come at once. */
void once_begin(struct once *once, struct once_attempt *attempt);

#endif
