/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"
#include "cli/message.h"

#include <stdio.h>
#include <string.h>

enum { BAR = 24 };

static bool wanted(void)
{
	return message_to_terminal() && !message_is_quiet();
}

static void bar(double part)
{
	char cells[BAR + 1];
	int full = (int)(part * BAR);
	for (int i = 0; i < BAR; i++)
		cells[i] = i < full ? '#' : '.';
	cells[BAR] = '\0';
	fprintf(stderr, "\r\033[K%s %3.0f %%", cells, part * 100);
}

void progress_begin(void)
{
	if (!wanted())
		return;
	bar(0);
	fflush(stderr);
}

void progress_paint(void *host, const struct exec_progress *progress)
{
	(void)host;
	if (!wanted())
		return;
	bar(progress->part);
	if (progress->job) {
		char now[QUANTITY_TEXT];
		int64_t tenths = progress->now / 100000000 * 100000000;
		fprintf(stderr, "  %.30s, replication %lld, at %s", progress->job->setup->name,
			(long long)progress->job->replication + 1, quantity_print_time(tenths, now));
	}
	if (progress->seconds > 0)
		fprintf(stderr, "  %.2fM rows/s", (double)progress->rows / progress->seconds * 1e-6);
	if (progress->part > 0.02 && progress->part < 1)
		fprintf(stderr, "  %.0f s left", progress->seconds / progress->part * (1 - progress->part) + 0.5);
	fflush(stderr);
}

void progress_show(double part, double seconds, const char *what)
{
	if (!wanted())
		return;
	bar(part);
	fprintf(stderr, "  %.60s", what);
	if (part > 0.005 && part < 1)
		fprintf(stderr, "  %.0f s left", seconds / part * (1 - part) + 0.5);
	fflush(stderr);
}

void progress_end(void)
{
	if (!wanted())
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
}

enum exec_end progress_campaign(struct campaign *campaign, int threads, const volatile sig_atomic_t *stop,
				struct err *err)
{
	progress_begin();
	enum exec_end end = campaign_run(campaign, threads, progress_paint, NULL, stop, err);
	progress_end();
	return end;
}
