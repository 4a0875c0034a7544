/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list, and nothing else: a program that has cases of its own brings its own list. */
#include "cases/case.h"

#define CASE(name) extern const struct case_study case_##name;
#include "cases/cases.def"
#undef CASE

#define CASE(name) &case_##name,
const struct case_study *const case_studies[] = {
#include "cases/cases.def"
	NULL
};
#undef CASE
