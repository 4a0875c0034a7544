/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections `sources` and `evidence`: where values come from. */
#ifndef RUN_SOURCES_H
#define RUN_SOURCES_H

#include "run/study.h"

/* Checks both sections of a study whose tree and case are known. Messages in err on mistakes. */
void sources_load(const struct study *study, struct err *err);

/* Whether a source of that key exists; adds to err when not. */
bool sources_check(const struct study *study, const char *key, const struct place *place, struct err *err);

/* Checks that "published [KEY]: ..." begins with a kind of evidence, and names sources that exist. */
void sources_check_evidence(const struct study *study, const struct tree *entry, struct err *err);

#endif
