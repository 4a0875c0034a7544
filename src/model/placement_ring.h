/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kinds of placement that are a ring share.
 */
#ifndef MODEL_PLACEMENT_RING_H
#define MODEL_PLACEMENT_RING_H

#include "model/placement.h"
#include "model/ring.h"

/* The ring of those who are in: config->points points each, times their weights, at least one. */
void placement_ring_build(struct placement *placement, struct ring *ring);

#endif
