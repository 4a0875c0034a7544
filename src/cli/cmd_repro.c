/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A figure, a page, a post and a directory of results say which command made them. That command is run again, by this
 * program, into a directory of its own, and what comes out is compared byte by byte; what differs is told by the first
 * thing that explains it.
 */
#include "base/words.h"
#include "cli/command.h"
#include "cli/manifest.h"
#include "cli/message.h"
#include "io/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MORE = 4 };

struct repro {
	struct command_line *line;
	const char *what; /* the operand */
	bool directory;   /* of a run */
	json_t *was;
	char *const *arguments;
	const char *scratch, *out; /* a directory of ours, and what the command writes in it */
	const char *again;         /* the file in it, of a file */
};

static bool refuse(const struct repro *repro, const char *why)
{
	return err_add(repro->line->err, ERR_OUTPUT, &(struct place){repro->what, 0, 0}, "%s", why);
}

/* ---- what made it ---- */

static bool is_directory(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* run.json in the form of a manifest: what a run asked for is that of all its variants. */
static json_t *manifest_of_run(const char *bytes, size_t length)
{
	json_t *run = json_loadb(bytes, length, 0, NULL), *variant;
	json_t *setup = json_object(), *trace = json_object();
	const char *name;
	json_object_foreach(json_object_get(run, "variants"), name, variant)
	{
		json_object_set(setup, name, json_object_get(variant, "setup_digest"));
		json_object_set_new(trace, name,
				    json_pack("[O?, O?]", json_object_get(variant, "trace_file"),
					      json_object_get(variant, "trace_contents")));
	}
	json_object_set_new(run, "setup", setup);
	json_object_set_new(run, "trace", trace);
	return run;
}

static bool read_manifest(struct repro *repro)
{
	struct arena *arena = repro->line->arena;
	struct err *err = repro->line->err;
	size_t length;
	repro->directory = is_directory(repro->what);
	const char *path = repro->directory ? arena_format(arena, "%s/run.json", repro->what) : repro->what;
	const char *bytes = files_read(arena, path, &length, err);
	if (!bytes)
		return false;
	repro->was = repro->directory ? manifest_of_run(bytes, length)
				      : manifest_read(arena, repro->what, bytes, length, err);
	if (!repro->was)
		return repro->directory ? refuse(repro, "holds no run.json that can be read") : false;
	repro->arguments = manifest_arguments(arena, json_object_get(repro->was, "arguments"));
	if (!repro->arguments || !repro->arguments[0])
		return refuse(repro, "does not say which command made it");
	if (strcmp(repro->arguments[0], "run") != 0 && strcmp(repro->arguments[0], "export") != 0)
		return refuse(repro, "says that it was made by neither `run` nor `export`: that is not run again");
	return true;
}

/* ---- again ---- */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* What of `export` made it: "page", "post", "site". */
static const char *form_of(const struct repro *repro)
{
	const char *as = "page";
	for (char *const *at = repro->arguments; *at; at++) {
		if (strncmp(*at, "--as=", 5) == 0)
			as = *at + 5;
		else if (strcmp(*at, "--as") == 0 && at[1])
			as = at[1];
	}
	return strcmp(repro->arguments[0], "export") == 0 ? as : "";
}

/* A page is a file; everything else goes to a directory. */
static bool is_page(const struct repro *repro)
{
	return strcmp(form_of(repro), "page") == 0;
}

static bool run_again(const struct repro *repro)
{
	extern char **environ;
	struct arena *arena = repro->line->arena;
	int count = 0, status = 0;
	while (repro->arguments[count])
		count++;
	char **argument = ARENA_ARRAY(arena, (size_t)count + 1 + ARGUMENTS_MORE + 1, char *);
	argument[0] = "casebook";
	memcpy(argument + 1, repro->arguments, (size_t)count * sizeof *argument);
	argument[count + 1] = "--quiet";
	argument[count + 2] = "--out";
	argument[count + 3] = arena_text(arena, repro->out);
	const char *log = arena_format(arena, "%s/log", repro->scratch);
	posix_spawn_file_actions_t actions;
	pid_t pid;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_EXCL, 0600);
	int error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argument, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error != 0)
		return refuse(repro, arena_format(arena, "casebook cannot be started: %s", strerror(error)));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : ERR_INTERRUPTED;
	if (code == 0 || code == ERR_EXPECTATION || code == ERR_INCONCLUSIVE)
		return true;
	size_t length;
	struct err ignored;
	err_init(&ignored);
	char *said = files_read(arena, log, &length, &ignored);
	if (said)
		said[strcspn(said, "\n")] = '\0';
	return refuse(repro, arena_format(arena, "could not be made again, the command ended with %d: %.200s", code,
					  said ? said : ""));
}

/* The path below `directory` of a file that ends as `what` does: with its directory, or, failing that, its name. */
static const char *find_below(struct arena *arena, const char *directory, const char *name)
{
	DIR *open = opendir(directory);
	const char *found = NULL;
	for (struct dirent *entry; open && !found && (entry = readdir(open));) {
		if (entry->d_name[0] == '.')
			continue;
		const char *path = arena_format(arena, "%s/%s", directory, entry->d_name);
		if (strcmp(entry->d_name, name) == 0)
			found = path;
		else if (is_directory(path))
			found = find_below(arena, path, name);
	}
	if (open)
		closedir(open);
	return found;
}

static const char *find_again(const struct repro *repro)
{
	struct arena *arena = repro->line->arena;
	if (is_page(repro))
		return repro->out;
	/* index.html is the name of many: the directory that it lies in tells which. */
	char *real = realpath(repro->what, NULL);
	const char *name = base_of(repro->what), *found = NULL;
	char *slash = real ? strrchr(real, '/') : NULL;
	if (slash) {
		*slash = '\0';
		const char *near = arena_format(arena, "%s/%s/%s", repro->out, base_of(real), name);
		found = access(near, F_OK) == 0 ? near : NULL;
	}
	free(real);
	return found ? found : find_below(arena, repro->out, name);
}

/* ---- the comparison ---- */

static const struct {
	const char *field, *says;
} differences[] = {
	{"casebook", "the version of casebook"},
	{"commit", "the commit that casebook was built from"},
	{"setup", "the model, or what the command line lays over it"},
	{"trace", "the trace"},
	{"digest", "the results, although version, model and trace are the same"},
};

static const char *as_text(struct arena *arena, const json_t *value)
{
	char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	const char *text = dumped ? arena_text(arena, dumped) : "nothing";
	free(dumped);
	return text;
}

/* Says what differs first. Returns the exit code. */
static int tell(const struct repro *repro, const json_t *is, const char *bytes)
{
	const char *field = manifest_differs(repro->was, is);
	for (size_t i = 0; field && i < sizeof differences / sizeof *differences; i++)
		if (strcmp(field, differences[i].field) == 0)
			printf("differs: %s\nfirst in %s: it was %.300s, and is %.300s\n", repro->what,
			       differences[i].says, as_text(repro->line->arena, json_object_get(repro->was, field)),
			       as_text(repro->line->arena, json_object_get(is, field)));
	if (!field && bytes)
		printf("differs: %s\nfirst in its bytes, although version, model, trace and results are the same: %s\n",
		       repro->what, bytes);
	return field || bytes ? ERR_EXPECTATION : 0;
}

/* Where two files differ; NULL: nowhere. */
static const char *difference(const struct repro *repro, const char *was, const char *is)
{
	struct arena *arena = repro->line->arena;
	size_t length[2], at = 0;
	int line = 1;
	const char *one = files_read(arena, was, &length[0], repro->line->err);
	const char *two = files_read(arena, is, &length[1], repro->line->err);
	if (!one || !two)
		return "it cannot be read";
	if (length[0] == length[1] && memcmp(one, two, length[0]) == 0)
		return NULL;
	for (; at < length[0] && at < length[1] && one[at] == two[at]; at++)
		line += one[at] == '\n';
	return arena_format(arena, "%s, byte %zu (line %d)", base_of(was), at + 1, line);
}

static const char *below_differs(const struct repro *repro, const char *was, const char *is, int *files);

static const char *entry_differs(const struct repro *repro, const char *was, const char *is, int *files)
{
	if (is_directory(is))
		return below_differs(repro, was, is, files);
	++*files;
	return access(was, F_OK) == 0 ? difference(repro, was, is)
				      : arena_format(repro->line->arena, "%s is missing", was);
}

/*
 * Where files below two directories differ first, of those that are made again; NULL: nowhere. Those are left aside
 * that tell of the making.
 */
static const char *below_differs(const struct repro *repro, const char *was, const char *is, int *files)
{
	static const char *const aside[] = {"run.json", "made.json", NULL};
	struct arena *arena = repro->line->arena;
	const char *found = NULL;
	struct dirent **entry = NULL;
	int count = scandir(is, &entry, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		const char *name = entry[i]->d_name;
		if (!found && name[0] != '.' && words_find(WORDS(aside), name) < 0)
			found = entry_differs(repro, arena_format(arena, "%s/%s", was, name),
					      arena_format(arena, "%s/%s", is, name), files);
		free(entry[i]);
	}
	free(entry);
	return found;
}

/* The same of what stands beside a post, where an export has put it; in a site that is the directory of the post. */
static const char *beside_differs(const struct repro *repro, const char *again, int *files)
{
	struct arena *arena = repro->line->arena;
	bool site = strcmp(form_of(repro), "site") == 0;
	const char *top = site ? arena_text_of(arena, again, (size_t)(strrchr(again, '/') - again)) : repro->out;
	const char *within = again + strlen(top);
	char *real = realpath(repro->what, NULL);
	size_t length = real ? strlen(real) : 0, end = strlen(within);
	const char *found = NULL;
	if (length > end && strcmp(real + length - end, within) == 0) {
		*files = 0;
		found = below_differs(repro, arena_text_of(arena, real, length - end), top, files);
	} else {
		message_note("%s: only its text is compared, as it is not where export has put it, at %s", repro->what,
			     within + 1);
	}
	free(real);
	return found;
}

static bool is_post(const struct repro *repro)
{
	const char *dot = strrchr(base_of(repro->what), '.'), *form = form_of(repro);
	return dot && (strcmp(dot, ".md") == 0 || strcmp(dot, ".html") == 0) &&
	       (strcmp(form, "post") == 0 || strcmp(form, "site") == 0);
}

static int compare_file(const struct repro *repro, int *files)
{
	struct arena *arena = repro->line->arena;
	size_t length;
	const char *again = find_again(repro);
	const char *bytes = again ? files_read(arena, again, &length, repro->line->err) : NULL;
	if (!bytes) {
		refuse(repro, "the command that is said to have made it makes nothing of that name");
		return 0;
	}
	json_t *is = manifest_read(arena, again, bytes, length, repro->line->err);
	const char *differs = is ? difference(repro, repro->what, again) : NULL;
	if (is && !differs && is_post(repro))
		differs = beside_differs(repro, again, files);
	int status = is ? tell(repro, is, differs) : 0;
	json_decref(is);
	return status;
}

/* Where two parts of run.json differ first, and in what; NULL: nowhere. */
static const char *part_differs(struct arena *arena, const char *path, const json_t *was, const json_t *is)
{
	const char *key, *found = NULL;
	json_t *part, *other;
	if (json_equal(was, is))
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)was, key, part)
	{
		other = json_object_get(is, key);
		if (!found && !json_equal(part, other))
			found = part_differs(arena, arena_format(arena, "%s%s%s", path, *path ? "." : "", key), part,
					     other);
	}
	json_object_foreach((json_t *)(uintptr_t)is, key, part)
	{
		if (!found && !json_object_get(was, key))
			found = part_differs(arena, arena_format(arena, "%s%s%s", path, *path ? "." : "", key), NULL,
					     part);
	}
	return found ? found
		     : arena_format(arena, "run.json, %s: it was %.300s, and is %.300s", path, as_text(arena, was),
				    as_text(arena, is));
}

/* What run.json says of who made it, and where, is not made anew. */
static const char *run_differs(struct arena *arena, json_t *was, json_t *is)
{
	static const char *const aside[] = {"casebook", "commit", "command", "arguments", NULL};
	json_t *one = json_copy(was), *two = json_copy(is);
	for (int a = 0; aside[a]; a++) {
		json_object_del(one, aside[a]);
		json_object_del(two, aside[a]);
	}
	const char *found = part_differs(arena, "", one, two);
	json_decref(one);
	json_decref(two);
	return found;
}

/* Every file that came out must be there, and be the same; of run.json what the repetition makes anew. */
static int compare_directory(const struct repro *repro, int *files)
{
	struct arena *arena = repro->line->arena;
	size_t length;
	const char *path = arena_format(arena, "%s/run.json", repro->out);
	const char *run = files_read(arena, path, &length, repro->line->err);
	json_t *is = run ? manifest_of_run(run, length) : NULL;
	const char *bytes = is ? below_differs(repro, repro->what, repro->out, files) : NULL;
	if (is && !bytes)
		bytes = run_differs(arena, repro->was, is);
	int status = is ? tell(repro, is, bytes) : 0;
	json_decref(is);
	return status;
}

static int run(struct command_line *line)
{
	struct arena *arena = line->arena;
	struct repro repro = {.line = line, .what = line->operand[0]};
	int status = 0, files = 1;
	if (!read_manifest(&repro) || !(repro.scratch = files_scratch(arena, line->err))) {
		json_decref(repro.was);
		return 0;
	}
	repro.out = is_page(&repro) ? arena_format(arena, "%s/%s", repro.scratch, base_of(repro.what))
				    : arena_format(arena, "%s/out", repro.scratch);
	if (run_again(&repro)) {
		files = repro.directory ? 0 : 1;
		status = repro.directory ? compare_directory(&repro, &files) : compare_file(&repro, &files);
		if (status == 0 && !err_any(line->err))
			printf("equal: %s, %d file%s, digest %s\n", repro.what, files, files == 1 ? "" : "s",
			       json_string_value(json_object_get(repro.was, "digest")));
	}
	files_remove(repro.scratch);
	json_decref(repro.was);
	return status;
}

const struct command command_repro = {
	.name = "repro",
	.operands = "DIR|FILE",
	.operands_least = 1,
	.operands_most = 1,
	.about = "run what made a result again, and compare bytes",
	.detail =
		"Of the directory of a run, a figure (SVG, PNG), an exported page or post: they hold the command that "
		"made\nthem. It is run by this program, from this directory; paths are as they were given then. Exit "
		"code: 0 equal,\n1 something differs, and what is told first.\n",
	.run = run,
};
