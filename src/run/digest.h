/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tells one setup from another: equal digests mean equal results, as long as a file has the same contents. */
#ifndef RUN_DIGEST_H
#define RUN_DIGEST_H

#include "run/setup.h"

#include <stdint.h>

/*
 * The digest that a setup must have: of its case, parameters, slice, trace, run and faults, not of its names. Who
 * changes replications, seed or warm-up of a setup of his own renews it by this.
 */
uint64_t digest_setup(const struct setup *setup);

/* Of its section `trace` alone. */
uint64_t digest_trace(const struct setup *setup);

#endif
