/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `claims`. */
#ifndef RUN_CLAIMS_H
#define RUN_CLAIMS_H

#include "run/study.h"

/* Fills the study's claims. Its variants are resolved by then. Messages in err on mistakes. */
void claims_load(struct study *study, struct err *err);

/* One claim, the next after those that the study has. */
void claims_load_one(const struct study *study, struct claim *claim, const struct tree *entry, struct err *err);

/*
 * One expectation, whose terms say of which variant they are where there are several. False and messages in err on
 * mistakes of its form, its names or its units.
 */
bool claims_expectation(const struct study *study, const struct tree *text, struct expectation *into, struct err *err);

#endif
