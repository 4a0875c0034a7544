/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is to explore in a study, as JSON (web/web.h tells its form). */
#ifndef WEB_DESCRIBE_H
#define WEB_DESCRIBE_H

#include "run/explore.h"
#include "web/jsontext.h"

/* `study` is the whole one, which has an `explore`. */
void describe_put(struct jsontext *json, const struct study *study);

#endif
