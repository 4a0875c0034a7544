/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/interrupt.h"
#include "base/err.h"
#include "io/output.h"
#include "plot/gnuplot.h"

#include <errno.h>
#include <unistd.h>

static volatile sig_atomic_t flag;

static void caught(int signal)
{
	int before = errno; /* the call that was interrupted may not have looked at it yet */
	(void)signal;
	if (flag) {
		gnuplot_end_all();
		output_abort_all();
		_exit(ERR_INTERRUPTED);
	}
	__atomic_store_n(&flag, 1, __ATOMIC_RELAXED); /* other threads read it */
	gnuplot_interrupt();
	static const char heard[] = "\nending; what is finished is kept (again: at once)\n";
	if (isatty(STDERR_FILENO) == 1 && write(STDERR_FILENO, heard, sizeof heard - 1) < 0)
		flag = 1;
	errno = before;
}

bool interrupt_heard(void)
{
	return __atomic_load_n(&flag, __ATOMIC_RELAXED) != 0;
}

const volatile sig_atomic_t *interrupt_flag(void)
{
	struct sigaction action = {.sa_handler = caught};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	struct sigaction before;
	if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &action, NULL);
	return &flag;
}
