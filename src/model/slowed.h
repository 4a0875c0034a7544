/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What takes longer, or shorter, by a factor. */
#ifndef MODEL_SLOWED_H
#define MODEL_SLOWED_H

#include <stdint.h>

/* `length` >= 0 ns times the factor >= 0, in whole ns, and at most a quarter of all the time there is. */
static inline int64_t slowed(int64_t length, double factor)
{
	double slow = (double)length * factor;
	return slow < 0x1p61 ? (int64_t)slow : INT64_MAX / 4;
}

#endif
