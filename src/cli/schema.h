/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A JSON Schema (draft 7) of model files, for editors: keys, their values and meanings, from cli/reference.h and the
 * tables of the cases. It knows less than casebook does: units, ranges and names are not checked.
 */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include "base/arena.h"

#include <stdio.h>

void schema_print(FILE *into, struct arena *arena);

#endif
