/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A call of something that may be slow, may refuse, and may never answer; and all that callers do about it.
 *
 * A call sends an attempt. When no answer has come within the timeout, or an error has, it waits for a while (a
 * backoff) and tries again, up to so many times; a budget keeps the retries of a caller to a share of its calls. A
 * hedge is a second copy of an attempt, sent when the first has been under way for a while; the earlier answer counts.
 * A circuit breaker lets a caller that meets too many failures fail at once. A caller that has failed may have
 * something else to fall back on.
 *
 * Whoever is called does not know that its caller has gone. Work for an attempt that was given up goes on, and that is
 * what a retry storm is made of: an overload makes attempts late, a late attempt is followed by another, both are
 * worked on, and one of them in vain. So the overload stays when its cause has gone. With `cancel` the callee is told,
 * and can drop what it has not begun.
 *
 *                  send()            call_answer() call_refuse() call_lost()      ended()
 *   call_begin ->  attempt --------> the callee ----------------------------->    answered, fell back, or failed
 *                     ^   \-- timeout, or error: backoff --/
 */
#ifndef MODEL_CALL_H
#define MODEL_CALL_H

#include "base/freelist.h"
#include "engine/meter.h"
#include "engine/sim.h"
#include "model/backoff.h"
#include "model/breaker.h"
#include "model/journey.h"
#include "model/retry.h"

struct call_config {
	int64_t timeout;        /* ns until an attempt is given up; 0: never */
	int64_t attempts;       /* of a call at most, the first included and hedges not; >= 1 */
	struct backoff backoff;
	int64_t hedge;          /* ns until an attempt that is under way gets a second copy; 0: never */
	double budget;          /* retries and hedges for each call, in the long run; < 0: any number */
	int64_t budget_most;    /* of them that can be saved up, >= 1 */
	int64_t budget_saved;   /* of them that there are at the start, <= budget_most */
	double breaker;         /* share of failures at which it opens; 0: there is none */
	int64_t breaker_of, breaker_for; /* outcomes that it looks at; ns that it stays open */
	int64_t fallback;       /* ns until a caller that has failed has made do with something else; < 0: it cannot */
	bool cancel;            /* the callee is told of attempts that were given up */
};

struct caller;
struct call_attempt;

enum call_end { CALL_ANSWERED, CALL_FELL_BACK, CALL_FAILED };
enum { CALL_COPIES = 2 };

/* One call in progress. Whoever calls embeds one, and keeps it until ended() is called with it. */
struct call {
	struct caller *caller;
	struct journey *journey;
	struct call_attempt *flying[CALL_COPIES]; /* not given up, the earlier one first */
	int copies, attempts, sent;               /* flying now; so far: tries, and what was sent, hedges included */
	int64_t deadline;                         /* of the present attempt, ns */
	queue_handle timer, hedge;                /* timer: the timeout, or between attempts the end of the backoff */
	struct rng *rng;
	int64_t waited;                           /* the last backoff, ns */
};

/*
 * What the callee gets, and keeps until it says what comes of it. The caller's owner has fields of its own behind it
 * (caller_init: `bytes`), undefined when send() is called.
 */
struct call_attempt {
	struct caller *caller;
	struct call *call;       /* NULL: given up */
	int64_t sent, deadline;  /* ns; INT64_MAX: none */
	int number;              /* of the call's, 0 first */
	enum { CALL_WORKED_ON, CALL_RETURNING, CALL_LOST } state;
	struct journey *journey; /* NULL: given up, or nobody wants to know */
};

/* Those who call the same thing in the same way, and share a budget and a breaker. */
struct caller {
	struct sim *sim;
	const struct call_config *config;
	bool plain;              /* neither hedges nor a breaker */
	size_t bytes;            /* of an attempt */
	struct freelist attempts;

	/* Given by the owner, who may leave out given_up. */
	void *owner;
	/* An attempt sets out now. The callee will say call_answer, call_refuse or call_lost, once. */
	void (*send)(void *owner, struct call_attempt *attempt);
	/* The call has ended, as its maker sees it, `in` ns from now. `attempt` is the one that answered, or NULL. */
	void (*ended)(void *owner, struct call *call, enum call_end how, int64_t in,
		      const struct call_attempt *attempt);
	/* With cancel: nobody waits for this attempt any more. The callee still says what comes of it. */
	void (*given_up)(void *owner, struct call_attempt *attempt);

	const char *name;        /* for journeys */
	struct retry_budget budget;
	struct breaker breaker;
	/* Booked when it happens: attempts given up; retries; hedges; attempts that the breaker did not let out. */
	struct booking timed_out, retried, hedged, broken;
};

/* config outlives it. `bytes` >= sizeof(struct call_attempt). What the owner gives is set by it afterwards. */
void caller_init(struct caller *caller, struct sim *sim, const struct call_config *config, const char *name,
		 size_t bytes);

/*
 * A call begins now. `rng` draws its backoffs and outlives it, as `journey` does (NULL: nobody wants to know). Where
 * the callee answers at once, or the breaker is open, ended() comes before this returns.
 */
void call_begin(struct caller *caller, struct call *call, struct rng *rng, struct journey *journey);

/*
 * Nobody wants to know any more what comes of a call that has not ended: its attempts are given up, and ended() is not
 * called.
 */
void call_abandon(struct call *call);

/* An answer, or an error, will be with the caller in `in` >= 0 ns. The attempt is its caller's again. */
void call_answer(struct call_attempt *attempt, int64_t in);
void call_refuse(struct call_attempt *attempt, int64_t in);

/* Whether nobody waits for the attempt any more: what is still done for it is done in vain. */
static inline bool call_in_vain(const struct call_attempt *attempt)
{
	return !attempt->call;
}

/* Nothing comes of the attempt: its caller waits for the timeout, if it has one. */
void call_lost(struct call_attempt *attempt);

#endif
