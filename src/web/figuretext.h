/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure as JSON, in the units of its axes, with a table that says the same (web/web.h tells its form). */
#ifndef WEB_FIGURETEXT_H
#define WEB_FIGURETEXT_H

#include "figure/figure.h"
#include "web/jsontext.h"

void figuretext_put(struct jsontext *json, const struct figure *figure);

#endif
