/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lease: a lock that its server takes away when its time is over, since the holder may have died. The server goes by
 * its own clock, the holder by its own; neither sees the other's. Every grant has a token greater than all before it,
 * by which a store can tell a newer holder from an older one (fencing).
 *
 * (C. Gray, D. Cheriton, Leases, SOSP 1989; the delay after a lapse as in M. Burrows, The Chubby lock service, OSDI
 * 2006.)
 */
#ifndef MODEL_LEASE_H
#define MODEL_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/* One lock, as its server knows it; zeroed, it is free and was never held. */
struct lease {
	uint64_t holder;  /* who; 0: nobody */
	uint64_t token;   /* of the latest grant */
	int64_t expires;  /* on the server's clock; with a holder only */
	int64_t free_at;  /* on the server's clock: not granted before */
};

/*
 * Grants the lock for `length` ns to `holder` > 0 at `local` of the server's clock: when nobody has it, or its time is
 * over, and has been for `delay` ns if it was not given back. True: lease->token is the grant's. Who asks for what it
 * has is granted it anew.
 */
bool lease_acquire(struct lease *lease, int64_t local, uint64_t holder, int64_t length, int64_t delay);

/* The holder's time begins again. False: it has lost the lock. */
bool lease_renew(struct lease *lease, int64_t local, uint64_t holder, int64_t length);

/* Gives it back, when `holder` has it; `unchecked`: whoever has it. True: it was held and is free now. */
bool lease_release(struct lease *lease, int64_t local, uint64_t holder, bool unchecked);

/* Who has it, or 0; and how long until somebody else can, ns of the server's clock. */
uint64_t lease_holder(const struct lease *lease, int64_t local);
int64_t lease_remains(const struct lease *lease, int64_t local, int64_t delay);

/* What a store keeps to tell older holders: the greatest token shown to it. False: an older one, do not obey. */
struct fence {
	uint64_t greatest;
};

bool fence_admits(struct fence *fence, uint64_t token);

#endif
