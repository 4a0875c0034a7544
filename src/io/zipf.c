/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/zipf.h"
#include "io/memory.h"

#include <math.h>
#include <stdlib.h>

/* The derivative of the likelihood falls with the exponent: bisection. */
double zipf_exponent(const int64_t *counts, size_t count)
{
	double low = 0, high = 20, total = 0, logs = 0;
	double *log_rank = memory_sized(NULL, count * sizeof *log_rank + 1, 1);
	for (size_t k = 0; k < count; k++) {
		log_rank[k] = log((double)k + 1);
		total += (double)counts[k];
		logs += (double)counts[k] * log_rank[k];
	}
	for (int step = 0; step < 40; step++) {
		double s = (low + high) / 2, weight = 0, weighted = 0;
		for (size_t k = 0; k < count; k++) {
			double w = exp(-s * log_rank[k]);
			weight += w;
			weighted += w * log_rank[k];
		}
		if (weighted / weight > logs / total)
			low = s;
		else
			high = s;
	}
	free(log_rank);
	return count < 2 ? NAN : (low + high) / 2;
}
