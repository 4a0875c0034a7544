/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `figures`. */
#ifndef RUN_FIGURES_H
#define RUN_FIGURES_H

#include "run/study.h"

/* Fills the study's figures. Its variants are resolved by then. Messages in err on mistakes. */
void figures_load(struct study *study, struct err *err);

#endif
