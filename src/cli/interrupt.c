/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/interrupt.h"
#include "base/err.h"
#include "io/output.h"

#include <unistd.h>

static volatile sig_atomic_t flag;

static void caught(int signal)
{
	(void)signal;
	if (flag) {
		output_abort_all();
		_exit(ERR_INTERRUPTED);
	}
	__atomic_store_n(&flag, 1, __ATOMIC_RELAXED); /* other threads read it */
}

const volatile sig_atomic_t *interrupt_flag(void)
{
	struct sigaction action = {.sa_handler = caught};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return &flag;
}
