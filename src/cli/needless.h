/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model says and nothing asks for: parameters without effect, classes of which no request comes. */
#ifndef CLI_NEEDLESS_H
#define CLI_NEEDLESS_H

#include "run/study.h"

/* Tells each on standard error, unless some variant asks for it. */
void needless_tell(const struct study *study, struct arena *arena);

#endif
