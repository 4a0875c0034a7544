/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is taken for a file, and where files that files name are looked for. */
#include "tap.h"

#include "io/paths.h"

#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char top[] = "/tmp/t-paths-XXXXXX";

static const char *in_top(const char *name)
{
	return arena_format(&arena, "%s/%s", top, name);
}

static void make_file(const char *name)
{
	FILE *file = fopen(in_top(name), "w");
	if (!file || fclose(file) != 0)
		bail("cannot write %s", in_top(name));
}

int main(void)
{
	char before[4096];
	arena_init(&arena);
	if (!mkdtemp(top) || mkdir(in_top("models"), 0700) != 0 || !getcwd(before, sizeof before))
		bail("no temporary directory");
	make_file("models/a.yaml");
	make_file("models/b.csv");
	make_file("here.csv");

	ok(!paths_is_file("discord") && !paths_is_file("yaml") && !paths_is_file("a.csv"), "names of cases");
	ok(paths_is_file("a.yaml") && paths_is_file("a.yml") && paths_is_file("./a") && paths_is_file("-"),
	   "names of files");
	is_text(paths_model(&arena, "x/y.yaml"), "x/y.yaml", "a file is itself, whether it is there or not");
	ok(!paths_model(&arena, "no-such-case"), "a case that is not there");

	const char *from = in_top("models/a.yaml");
	is_text(paths_named_in(&arena, from, "b.csv"), in_top("models/b.csv"), "beside the file that names it");
	is_text(paths_named_in(&arena, from, "../here.csv"), in_top("models/../here.csv"), "and from there on");
	is_text(paths_named_in(&arena, from, in_top("here.csv")), in_top("here.csv"), "absolute");
	ok(!paths_named_in(&arena, from, "here.csv"), "not in the directory above");
	if (chdir(top) != 0)
		bail("cannot change the directory");
	ok(!paths_named_in(&arena, from, "here.csv"), "nor in the working directory");
	is_text(paths_named_in(&arena, NULL, "here.csv"), "here.csv", "which counts for the command line");
	is_text(paths_named_in(&arena, "--trace here.csv", "here.csv"), "here.csv", "and for its options");
	is_text(paths_named_in(&arena, "-", "here.csv"), "here.csv", "and for standard input");
	is_text(paths_named_in(&arena, "models/a.yaml", "b.csv"), "models/b.csv", "a relative name");
	is_text(paths_named_in(&arena, "a.yaml", "here.csv"), "here.csv", "a name without a directory");
	if (chdir(before) != 0)
		bail("cannot change the directory");

	const char *data = paths_data(&arena);
	if (data) {
		const char **models = paths_models(&arena);
		int station = 0, disorder = 0;
		for (int i = 0; models[i]; i++) {
			station += strcmp(models[i], "station") == 0;
			disorder += i > 0 && strcmp(models[i - 1], models[i]) >= 0;
		}
		is_int(station, 1, "station is among the models of %s", data);
		is_int(disorder, 0, "which are sorted");
		is_text(paths_named_in(&arena, from, "models/station.yaml"),
			paths_data_file(&arena, "models/station.yaml"),
			"what is not beside a file is looked for there");
	} else {
		skip(3, "no data directory");
	}
	unlink(in_top("models/a.yaml"));
	unlink(in_top("models/b.csv"));
	unlink(in_top("here.csv"));
	rmdir(in_top("models"));
	rmdir(top);
	arena_free(&arena);
	return done_testing();
}
