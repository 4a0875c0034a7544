/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys of each section of a model file, as keys.def lists them: keys_study, ...; each ends with NULL. */
#ifndef BASE_KEYS_H
#define BASE_KEYS_H

#define SECTION(id, ...) extern const char *const keys_##id[];
#define KEY(...)
#define END
#include "base/keys.def"
#undef SECTION
#undef KEY
#undef END

#endif
