/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The section `faults`: what breaks, when, for how long, and where. */
#ifndef RUN_FAULTS_H
#define RUN_FAULTS_H

#include "run/setup.h"

/*
 * Fills a setup's faults from two lists (each may be NULL): `own`, of the model file, then `added`, of the command
 * line. An entry is a map, or a text as faults_text takes it. The setup's parameters and slice are known by then. False
 * and messages in err on mistakes.
 */
bool faults_load(struct setup *setup, const struct tree *own, const struct tree *added,
		 const struct param_reader *reader, struct err *err);

/*
 * The text of one fault as --fault takes it, as an entry of `faults`: "120 s for 30 s kill node 3", "at 10 s for 5 s
 * slow disk 7 by 10", "10 s for 5 s hot channel 1 at 5k/s", "1 min for 5 s cut link Virginia - Oregon". What it hits is
 * a number, or a name in large or small letters, and may stand behind the word for such things. NULL and a message on a
 * mistake.
 */
struct tree *faults_text(const struct case_study *of, const char *text, struct arena *arena,
			 const struct place *place, struct err *err);

/* The names of what a kind of fault can hit, ending with NULL; NULL when it hits nothing, or numbers only. */
const char *const *faults_names(const struct setup *setup, int kind);

#endif
