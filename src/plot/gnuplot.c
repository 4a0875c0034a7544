/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
#endif
#include "plot/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNNING_MAX = 16, PAUSE_NS = 2000000 };

struct running {
	struct gnuplot_job *job;
	pid_t pid;
	time_t until;
};

/* Those that run, for a signal's handler; 0: none. */
static _Atomic pid_t alive[RUNNING_MAX];

static void note(pid_t from, pid_t to)
{
	for (int i = 0; i < RUNNING_MAX; i++) {
		pid_t expected = from;
		if (atomic_compare_exchange_strong(&alive[i], &expected, to))
			return;
	}
}

/* Somebody asked to stop while they ran. */
static atomic_bool stopped;

static bool end_all(void)
{
	bool any = false;
	for (int i = 0; i < RUNNING_MAX; i++) {
		pid_t pid = atomic_load(&alive[i]);
		any |= pid > 0;
		if (pid > 0)
			kill(pid, SIGKILL);
	}
	return any;
}

void gnuplot_end_all(void)
{
	end_all();
}

void gnuplot_interrupt(void)
{
	if (end_all())
		atomic_store(&stopped, true);
}

static time_t seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The environment but for what would change the picture: numbers and letters are those of C.UTF-8. */
static char **environment(void)
{
	extern char **environ;
	static const char *const without[] = {"LC_", "LANG=", "LANGUAGE=", "GNUTERM=", "GNUPLOT_"};
	static char locale[] = "LC_ALL=C.UTF-8";
	size_t count = 0, kept = 0;
	while (environ[count])
		count++;
	char **made = calloc(count + 2, sizeof *made);
	if (!made)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		bool keep = true;
		for (size_t j = 0; j < sizeof without / sizeof without[0]; j++)
			keep = keep && strncmp(environ[i], without[j], strlen(without[j])) != 0;
		if (keep)
			made[kept++] = environ[i];
	}
	made[kept] = locale;
	return made;
}

/*
 * Where gnuplot is: in one of the directories of PATH that are named from the root on. It is looked for before the
 * directory of figures is entered, where somebody else's program may lie under that name. False: there is none.
 */
static bool find_program(char *path, size_t size)
{
	const char *at = getenv("PATH");
	while (at && *at) {
		size_t length = strcspn(at, ":");
		if (*at == '/' && (size_t)snprintf(path, size, "%.*s/gnuplot", (int)length, at) < size &&
		    access(path, X_OK) == 0)
			return true;
		at += length + (at[length] == ':');
	}
	return false;
}

static int start(struct gnuplot_job *job, const char *dir, char **environment_given, pid_t *pid)
{
	char program[4096];
	if (!find_program(program, sizeof program))
		return ENOENT;
	char *const arguments[] = {"gnuplot", "-d", "-e", (char *)job->before, (char *)job->script, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, usual;
	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &usual);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addchdir_np(&actions, dir);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, job->log, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
					 0666);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	int error = posix_spawn(pid, program, &actions, &attributes, arguments, environment_given);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static FILE *open_log(const struct gnuplot_job *job, const char *dir)
{
	int directory = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int log = directory >= 0 ? openat(directory, job->log, O_RDONLY | O_CLOEXEC) : -1;
	if (log >= 0)
		unlinkat(directory, job->log, 0);
	if (directory >= 0)
		close(directory);
	return log >= 0 ? fdopen(log, "r") : NULL;
}

/* gnuplot ends with the message proper; what comes before shows the line it is about. */
static void explain(struct gnuplot_job *job, const char *dir, const char *otherwise)
{
	char line[GNUPLOT_TEXT];
	snprintf(job->why, sizeof job->why, "%s", otherwise);
	FILE *log = open_log(job, dir);
	while (log && fgets(line, sizeof line, log)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[strspn(line, " \t^")])
			snprintf(job->why, sizeof job->why, "%s", line);
	}
	if (log)
		fclose(log);
}

/* Looks whether it has ended; ends it when it takes too long. */
static bool ended(struct running *running, const char *dir)
{
	int status = 0;
	pid_t pid = waitpid(running->pid, &status, WNOHANG);
	if (pid == 0 && seconds() > running->until) {
		kill(running->pid, SIGKILL);
		waitpid(running->pid, &status, 0);
		explain(running->job, dir, "");
		snprintf(running->job->why, GNUPLOT_TEXT, "it took longer than %d s", GNUPLOT_SECONDS);
		return true;
	}
	if (pid == 0 || (pid < 0 && errno == EINTR))
		return false;
	running->job->done = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	running->job->interrupted = !running->job->done && atomic_load(&stopped);
	char otherwise[64] = "it ended without a word";
	if (pid > 0 && WIFSIGNALED(status))
		snprintf(otherwise, sizeof otherwise, "it was ended by signal %d", WTERMSIG(status));
	explain(running->job, dir, otherwise);
	return true;
}

void gnuplot_run(struct gnuplot_job *jobs, int count, const char *dir)
{
	struct running running[RUNNING_MAX];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int most = processors < 1 ? 1 : processors > RUNNING_MAX ? RUNNING_MAX : (int)processors;
	int active = 0, next = 0;
	char **given = environment();
	while (next < count || active > 0) {
		while (next < count && active < most) {
			struct gnuplot_job *job = &jobs[next++];
			job->interrupted = atomic_load(&stopped);
			if (job->interrupted)
				continue;
			struct running *here = &running[active];
			*here = (struct running){.job = job, .until = seconds() + GNUPLOT_SECONDS};
			int error = given ? start(job, dir, given, &here->pid) : ENOMEM;
			job->done = false;
			if (error != 0)
				explain(job, dir, "");
			if (error == 0) {
				active++;
				note(0, here->pid);
				if (atomic_load(&stopped)) /* meanwhile */
					kill(here->pid, SIGKILL);
			}
			else if (error == ENOENT)
				job->missing = true;
			else
				snprintf(job->why, sizeof job->why, "gnuplot cannot be started: %s", strerror(error));
		}
		for (int i = 0; i < active;)
			if (ended(&running[i], dir)) {
				note(running[i].pid, 0);
				running[i] = running[--active];
			} else {
				i++;
			}
		if (active > 0)
			nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
	}
	free(given);
}
