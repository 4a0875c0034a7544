/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first model of an architecture of one's own: `casebook init microservices DIR --services web,auth,db`. */
#ifndef CLI_SKETCH_H
#define CLI_SKETCH_H

#include "base/arena.h"
#include "base/err.h"

/*
 * The text of a model file with these services: the first one is where requests come in, and calls the others. NULL and
 * an ERR_USAGE message when the names are no names, or one stands there twice.
 */
const char *sketch_services(struct arena *arena, const char *services, struct err *err);

#endif
