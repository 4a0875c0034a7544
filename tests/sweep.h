/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of sweeps share: the program started as users start it, and what a database holds. */
#ifndef TESTS_SWEEP_H
#define TESTS_SWEEP_H

#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Starts a program of the build; its output goes to nobody. */
static pid_t start(const char *const *arguments)
{
	pid_t child = fork();
	if (child == 0) {
		int nobody = open("/dev/null", O_RDWR);
		dup2(nobody, 0);
		dup2(nobody, 1);
		if (!getenv("SWEEP_VERBOSE"))
			dup2(nobody, 2);
		execvp(arguments[0], (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	return child;
}

/* The exit code; -1 when a signal ended it. */
static int ended(pid_t child)
{
	int status;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static long long ask(const char *path, const char *question)
{
	sqlite3 *database;
	sqlite3_stmt *statement;
	long long answer = -1;
	if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(database, question, -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(database, 10000);
		if (sqlite3_step(statement) == SQLITE_ROW)
			answer = sqlite3_column_int64(statement, 0);
		sqlite3_finalize(statement);
	}
	sqlite3_close(database);
	return answer;
}

/* A digest of all rows of all tables, the command line aside. */
__attribute__((unused)) static uint64_t content(const char *path)
{
	static const char *const tables[] = {"SELECT case_name, version, definition FROM study",
					     "SELECT * FROM point ORDER BY point", "SELECT * FROM run ORDER BY run",
					     "SELECT * FROM metric ORDER BY run, number",
					     "SELECT * FROM histogram ORDER BY run, number"};
	sqlite3 *database;
	uint64_t digest = UINT64_C(14695981039346656037);
	if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		digest = 0;
	for (int t = 0; digest && t < 5; t++) {
		sqlite3_stmt *statement;
		if (sqlite3_prepare_v2(database, tables[t], -1, &statement, NULL) != SQLITE_OK)
			bail("%s: %s", path, sqlite3_errmsg(database));
		while (sqlite3_step(statement) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(statement); c++) {
				const unsigned char *byte = sqlite3_column_blob(statement, c);
				int length = sqlite3_column_bytes(statement, c);
				digest = (digest ^ (uint64_t)sqlite3_column_type(statement, c)) *
					 UINT64_C(1099511628211);
				for (int i = 0; i < length; i++)
					digest = (digest ^ byte[i]) * UINT64_C(1099511628211);
			}
		sqlite3_finalize(statement);
	}
	sqlite3_close(database);
	return digest;
}

/* A directory that is removed at the end. */
static char scratch[64];

static void remove_scratch(void)
{
	const char *const arguments[] = {"rm", "-rf", scratch, NULL};
	ended(start(arguments));
}

static void make_scratch(void)
{
	snprintf(scratch, sizeof scratch, "/tmp/t-sweep-XXXXXX");
	if (!mkdtemp(scratch))
		bail("no temporary directory");
	atexit(remove_scratch);
}

__attribute__((unused)) static const char *program(void)
{
	const char *path = getenv("CASEBOOK");
	return path ? path : "./casebook";
}

#endif
