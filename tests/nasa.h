/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two public traces of a web server's day, which are not part of casebook (NASA-HTTP, Internet Traffic Archive): the
 * second, the client and the key of each request. For tests that compare with answers that are known.
 */
#ifndef TESTS_NASA_H
#define TESTS_NASA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { NASA_ROOM = 20000 };

struct nasa_request {
	int64_t at; /* s */
	uint64_t client, key;
};

#define NASA_JULY   "web_nasa_1995-07-01.csv"
#define NASA_AUGUST "web_nasa_1995-08-01.csv"

/* How many there are, at most NASA_ROOM; 0: the trace is not there (CASEBOOK_TRACES says where traces are). */
static inline int nasa_read(const char *name, struct nasa_request *request)
{
	const char *directory = getenv("CASEBOOK_TRACES"), *top = getenv("top_srcdir");
	char path[1024], line[512];
	if (directory)
		snprintf(path, sizeof path, "%s/%s", directory, name);
	else
		snprintf(path, sizeof path, "%s/../shared/traces/%s", top ? top : ".", name);
	FILE *file = fopen(path, "r");
	int count = 0;
	long long at;
	unsigned long long client, key;
	while (file && count < NASA_ROOM && fgets(line, sizeof line, file))
		if (sscanf(line, "%lld,c%llu,k%llu,", &at, &client, &key) == 3)
			request[count++] = (struct nasa_request){at, client, key};
	if (file)
		fclose(file);
	return count;
}

#endif
