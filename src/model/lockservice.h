/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers that grant locks for a time (model/lease.h) to clients on other machines. Designs differ in who is asked and
 * in what must have happened before the answer, and are const types:
 *
 *   single      one server
 *   replica     one leads, and a second follows: it is told of each change some time after the client was answered.
 *               When the leader dies the other takes over, with what it has been told
 *   redlock     several that know nothing of each other; who has the lock at most of them has it (antirez, 2014)
 *   consensus   one leads; most of the others have confirmed a grant before the client hears of it. A new leader knows
 *               all grants that were answered, and begins each lease anew
 *
 * Servers and clients are machines: they stand still, die, and go by their own clocks. What is in a server's memory
 * only is gone when it dies. Messages go over a network and may be lost; a client that gives up waiting gives back what
 * it may have been granted.
 */
#ifndef MODEL_LOCKSERVICE_H
#define MODEL_LOCKSERVICE_H

#include "model/lease.h"
#include "model/machine.h"
#include "model/network.h"

struct lockservice;
struct lockservice_message;

enum { LOCKSERVICE_SERVERS = 9 };

struct lockservice_kind {
	const char *name;
	int least, most;  /* servers */
	bool everywhere;  /* all are asked, most must agree; otherwise the one that leads */
	bool orders;      /* its tokens grow from holder to holder */
	/* A server has done what a message asks: sees to it that the answer is sent. */
	void (*applied)(struct lockservice *service, struct lockservice_message *message);
	/* A server has died, or is back. */
	void (*crashed)(struct lockservice *service, int server);
	void (*restarted)(struct lockservice *service, int server);
};

extern const struct lockservice_kind lockservice_single, lockservice_replica, lockservice_redlock,
	lockservice_consensus;

struct lockservice_config {
	const struct lockservice_kind *kind;
	int servers;
	int64_t locks;
	int64_t delay;     /* ns: between a lapse and the next grant */
	bool unchecked;    /* whoever gives back a lock frees it, even if another one holds it by now */
	bool durable;      /* what a server has granted is on its disk */
	int64_t timeout;   /* ns of the client's clock: then it has waited long enough for answers */
	int64_t detect;    /* ns: how long a dead leader leads on */
	int64_t lag;       /* ns: how long after a change the replica knows of it */
	int ask, answer, confirm; /* kinds of messages of the network, to servers, to clients, between servers */
};

struct lockservice_server {
	struct lockservice *service;
	struct machine machine;
	int number;               /* of its site too */
	struct lease *lease;      /* per lock */
};

struct lockservice {
	struct sim *sim;
	const struct lockservice_config *config;
	struct network *network;
	struct lockservice_server server[LOCKSERVICE_SERVERS];
	int leader;
	struct lease *agreed;     /* consensus: what is confirmed, per lock */
	int64_t *length;          /* consensus: of the latest lease, ns, per lock */
	uint64_t asks;            /* numbers them */
	uint64_t takeovers;
	struct booking forgets;   /* a COUNT of locks whose holder a takeover or restart has forgotten; set or not */
	int64_t forgetting;       /* that the next takeover will forget */
	struct freelist messages, shipments;
	struct lockservice_ask **listener; /* per lock, the first of those who want to hear that it was given back */
};

/*
 * What a client asks. Whoever asks embeds one, sets the first part, and keeps it until the client's machine dies or it
 * has called lockservice_forget.
 */
struct lockservice_ask {
	struct lockservice *service;
	struct machine *client;
	int site;                 /* of the client */
	int64_t lock;
	uint64_t id;              /* below 2^39; unlike all others; keys the draws of its messages */
	void (*answered)(void *owner, struct lockservice_ask *ask, bool granted);
	void (*freed)(void *owner, struct lockservice_ask *ask);
	void *owner;

	uint64_t holder;          /* what it says who it is, anew each time it acquires */
	uint32_t acquires;
	uint64_t number;          /* of the question that is open; 0: none */
	uint32_t messages;        /* sent so far */
	bool gives_back;          /* when it is refused or waits in vain */
	int asked, answers, grants;
	int64_t sent;             /* on the client's clock */
	int64_t length;
	uint64_t token;           /* of the grant */
	int64_t remains;          /* of a refusal: how long until it makes sense to ask again, ns; 0: not known */
	uint64_t listens;         /* number of the present wish to hear; 0: there is none */
	bool heard;               /* that it was given back, while a question was open */
	struct lockservice_ask *next, *previous; /* of those who listen */
	struct machine_timer timer;
};

/*
 * config and network outlive the service. Its servers are sites 0, 1, ... of the network; their machines have these
 * numbers. The clocks of servers gain drift[i] ns a second; NULL: 0. Messages of its kinds must not arrive twice.
 */
void lockservice_init(struct lockservice *service, struct sim *sim, const struct lockservice_config *config,
		      struct network *network, const int64_t *drift);

/*
 * Asks for the lock, or for more time, for `length` ns from when a server looks at it. answered() is called once, as
 * soon as the client's machine runs and knows. No other question of the same ask is open.
 */
void lockservice_acquire(struct lockservice_ask *ask, int64_t length);
void lockservice_renew(struct lockservice_ask *ask, int64_t length);

/* Gives the lock back; there is no answer. */
void lockservice_release(struct lockservice_ask *ask);

/*
 * From now on, until it is granted or forgotten, the client hears when the lock is given back, and freed() is called,
 * if no question is open then. Servers that are asked everywhere do not tell.
 */
void lockservice_listen(struct lockservice_ask *ask);

/* The client does not want to hear of it any more, neither of its question nor of the lock. */
void lockservice_forget(struct lockservice_ask *ask);

/* For those who watch: whether the service, as it is now, takes `holder` for the holder. */
bool lockservice_holds(const struct lockservice *service, int64_t lock, uint64_t holder);

/* How many servers must agree. */
static inline int lockservice_quorum(const struct lockservice_config *config)
{
	return config->servers / 2 + 1;
}

#endif
