/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `claims`. */
#ifndef RUN_CLAIMS_H
#define RUN_CLAIMS_H

#include "run/study.h"

/* Fills the study's claims. Its variants are resolved by then. Messages in err on mistakes. */
void claims_load(struct study *study, struct err *err);

#endif
