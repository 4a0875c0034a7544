/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs gnuplot on scripts, several at a time, without a shell.
 */
#ifndef PLOT_GNUPLOT_H
#define PLOT_GNUPLOT_H

#include <stdbool.h>

enum { GNUPLOT_TEXT = 240, GNUPLOT_SECONDS = 30 };

struct gnuplot_job {
	const char *before;     /* commands that are given before the script */
	const char *script;     /* its file name in the directory */
	const char *log;        /* file name in the directory for what gnuplot has to say; removed afterwards */
	bool done;              /* ended well */
	bool missing;           /* there is no gnuplot */
	bool interrupted;       /* by gnuplot_interrupt, or not begun because of it */
	char why[GNUPLOT_TEXT]; /* when not */
};

/*
 * Runs all jobs with `dir` as their working directory, as many at a time as there are processors; each may take
 * GNUPLOT_SECONDS.
 */
void gnuplot_run(struct gnuplot_job *jobs, int count, const char *dir);

/* Ends all gnuplots that are running: for a signal's handler, it only calls kill. */
void gnuplot_end_all(void);

/* The same, and if there were any no others are begun. */
void gnuplot_interrupt(void);

#endif
