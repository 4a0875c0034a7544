/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ctrl-C: the first asks to stop, so that what is finished is kept; the second ends the program at once.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* Whether one of them has come. */
bool interrupt_heard(void);

/* From now on SIGINT, SIGTERM and SIGHUP raise the flag that is returned. */
const volatile sig_atomic_t *interrupt_flag(void);

#endif
