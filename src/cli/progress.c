/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"
#include "cli/message.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR = 24, LINE = 240, LEFT = 40 };

static bool wanted(void)
{
	return message_to_terminal() && !message_is_quiet();
}

/* A line over the one that is there, as much of it as fits: "####....  12 %  what is done". */
static void paint(double part, const char *text)
{
	char cells[BAR + 1], line[LINE];
	struct winsize size = {.ws_col = 0};
	int full = (int)(part * BAR);
	for (int i = 0; i < BAR; i++)
		cells[i] = i < full ? '#' : '.';
	cells[BAR] = '\0';
	snprintf(line, sizeof line, "%s %3.0f %%%s", cells, part * 100, text);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && size.ws_col <= strlen(line))
		line[size.ws_col - 1] = '\0';
	fprintf(stderr, "\r\033[K%s", line);
	fflush(stderr);
}

void progress_begin(void)
{
	if (wanted())
		paint(0, "");
}

static const char *left_text(double part, double seconds, double least, char buffer[LEFT])
{
	*buffer = '\0';
	if (part > least && part < 1)
		snprintf(buffer, LEFT, "  %.0f s left", seconds / part * (1 - part) + 0.5);
	return buffer;
}

void progress_paint(void *host, const struct exec_progress *progress)
{
	char text[LINE], left[LEFT], now[QUANTITY_TEXT], where[LINE / 2] = "", speed[LEFT] = "";
	(void)host;
	if (!wanted())
		return;
	if (progress->job)
		snprintf(where, sizeof where, "  %.24s, %lld, at %s", progress->job->setup->label,
			 (long long)progress->job->replication + 1,
			 quantity_print_time(progress->now / 100000000 * 100000000, now));
	if (progress->seconds > 0)
		snprintf(speed, sizeof speed, "  %.2fM rows/s", (double)progress->rows / progress->seconds * 1e-6);
	/* What may be cut off at the end is what matters least. */
	snprintf(text, sizeof text, "%s%s%s", left_text(progress->part, progress->seconds, 0.02, left), where, speed);
	paint(progress->part, text);
}

void progress_show(double part, double seconds, const char *what)
{
	char text[LINE], left[LEFT];
	if (!wanted())
		return;
	snprintf(text, sizeof text, "%s  %.60s", left_text(part, seconds, 0.005, left), what);
	paint(part, text);
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
