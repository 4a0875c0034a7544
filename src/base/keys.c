/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/keys.h"

#include <stddef.h>

#define SECTION(id, ...) const char *const keys_##id[] = {
#define KEY(name, ...) name,
#define END NULL};
#include "base/keys.def"
