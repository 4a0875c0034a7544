/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures: every kind is written and drawn into a directory of its own, and the SVG is read back by a small check of
 * XML, which itself must find what is wrong in documents broken on purpose. Hostile texts must stay texts.
 */
#include "figure/axis.h"
#include "figure/diagram.h"
#include "figure/text.h"
#include "plot/figure_files.h"
#include "tap.h"

#include <dirent.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena;
static char root[] = "/tmp/t-plot-XXXXXX";
static char templates[512];

static const double ms = 1e6, second = 1e9;

/* What gnuplot, a shell or a browser might take for more than text; the first three would make a file "canary". */
static const char hostile[] =
	"'; system('touch canary'); '`touch canary` $(touch canary) \"quoted\" @page_svg %s %d {/Bold b} x_y^2 "
	"\\n </title><script>alert(1)</script> & é 日本\nsystem('touch canary')\t\x01\xff end";

/* ---- files ---- */

static const char *path_of(const char *dir, const char *name)
{
	return arena_format(&arena, "%s/%s/%s", root, dir, name);
}

static const char *make_dir(const char *name)
{
	const char *path = arena_format(&arena, "%s/%s", root, name);
	if (mkdir(path, 0777) != 0)
		bail("cannot make %s", path);
	return path;
}

static char *contents(const char *path)
{
	FILE *file = fopen(path, "r");
	struct stat status;
	if (!file || fstat(fileno(file), &status) != 0)
		return NULL;
	char *text = ARENA_ARRAY(&arena, (size_t)status.st_size + 1, char);
	size_t length = fread(text, 1, (size_t)status.st_size, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static int files_in(const char *dir)
{
	DIR *handle = opendir(dir);
	int count = 0;
	for (struct dirent *entry; handle && (entry = readdir(handle));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	if (handle)
		closedir(handle);
	return count;
}

static void remove_tree(const char *dir)
{
	DIR *handle = opendir(dir);
	for (struct dirent *entry; handle && (entry = readdir(handle));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		const char *path = arena_format(&arena, "%s/%s", dir, entry->d_name);
		if (unlink(path) != 0)
			remove_tree(path);
	}
	if (handle)
		closedir(handle);
	rmdir(dir);
}

static bool has_gnuplot(void)
{
	char *const arguments[] = {"gnuplot", "--version", NULL};
	extern char **environ;
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status = 1;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", 1, 0);
	bool started = posix_spawnp(&pid, "gnuplot", &quiet, NULL, arguments, environ) == 0;
	posix_spawn_file_actions_destroy(&quiet);
	return started && waitpid(pid, &status, 0) == pid && status == 0;
}

/* ---- a small check of XML ---- */

static bool name_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-' ||
	       c == '_';
}

/* "&amp;" and the like, or "&#123;". */
static bool reference(const char *at)
{
	size_t length = at[1] == '#' ? 2 + strspn(at + 2, "0123456789abcdefx")
				     : 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz");
	return length > 1 && at[length] == ';';
}

/* NULL when the tags nest, attributes are quoted, and text has no bare markup; else what is wrong. */
static const char *xml_mistake(const char *at)
{
	enum { DEPTH = 64 };
	const char *open[DEPTH];
	size_t length[DEPTH];
	int depth = 0, roots = 0;
	while (*at) {
		if (*at == '&' && !reference(at))
			return "a bare &";
		if ((unsigned char)*at < 0x20 && !strchr("\t\n\r", *at))
			return "a control character";
		if (*at != '<') {
			if (depth == 0 && !strchr(" \t\n\r", *at))
				return "text outside of the root";
			at++;
			continue;
		}
		const char *end = strncmp(at, "<!--", 4) == 0 ? "-->" : strncmp(at, "<?", 2) == 0 ? "?>" : NULL;
		if (end) {
			at = strstr(at, end);
			if (!at)
				return "a comment without end";
			at += strlen(end);
			continue;
		}
		bool closes = at[1] == '/';
		const char *name = at + 1 + closes;
		size_t n = 0;
		while (name_letter(name[n]))
			n++;
		if (n == 0)
			return "a bare <";
		for (at = name + n; *at && *at != '>'; at++)
			if (*at == '"' || *at == '\'') {
				const char *last = strchr(at + 1, *at);
				if (!last || memchr(at, '<', (size_t)(last - at)))
					return "an attribute without end";
				at = last;
			} else if (*at == '<') {
				return "a tag in a tag";
			}
		if (!*at)
			return "a tag without end";
		if (closes) {
			if (depth == 0 || length[depth - 1] != n || memcmp(open[depth - 1], name, n) != 0)
				return "an end of what is not open";
			depth--;
		} else if (at[-1] != '/') {
			if (depth == DEPTH)
				return "too deep";
			roots += depth == 0;
			open[depth] = name;
			length[depth++] = n;
		}
		at++;
	}
	return depth > 0 ? "something left open" : roots != 1 ? "not one root" : NULL;
}

static void test_checker(void)
{
	static const char *const wrong[] = {"<svg><g></svg>",
					    "<svg><text>a & b</text></svg>",
					    "<svg><text>a < b</text></svg>",
					    "<svg a=\"b></svg>",
					    "<svg/><svg/>",
					    "<svg>",
					    "<svg>\x01</svg>",
					    "a<svg></svg>",
					    ""};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(xml_mistake(wrong[i]) != NULL, "the check of XML finds broken document %d", (int)i + 1);
	ok(!xml_mistake("<?xml version=\"1.0\"?>\n<svg a='b'><!-- c < d --><g/><text>e &amp; &#102;</text></svg>\n"),
	   "and nothing in a sound one");
}

/* ---- figures ---- */

static void add_line(struct figure *figure, const char *label, double first, double step, double scale, int points)
{
	struct figure_series *series = figure_add_series(figure, label, FIGURE_NORMAL, FIGURE_LINE);
	for (int i = 0; i < points; i++) {
		double y = scale * (1 + i % 7);
		if (i % 10 == 5)
			figure_point(series, first + step * i, NAN);
		else
			figure_interval(series, first + step * i, y, y * 0.9, y * 1.1);
	}
}

/* Requests that begin 3 ms after one another and take a step every 5 ms, each at another part. */
static void draw_steps(struct figure *figure, const char *text, int requests, int steps, bool by_request)
{
	const struct journey *all[DIAGRAM_JOURNEYS];
	for (int i = 0; i < requests; i++) {
		struct journey *journey = ARENA_NEW(&arena, struct journey);
		*journey = (struct journey){.id = (uint64_t)i, .kind = text, .begin = i * 3000000, .steps = steps};
		journey->step = ARENA_ARRAY(&arena, (size_t)steps, struct journey_step);
		journey->end = journey->begin + steps * INT64_C(5000000);
		for (int s = 0; s < steps; s++)
			journey->step[s] = (struct journey_step){journey->begin + s * INT64_C(5000000), "part", text,
								 s, s * 1000000, s % 2};
		all[i] = journey;
	}
	diagram_draw(figure, all, requests, by_request);
}

/* Rows in the order of time, lanes in that of their first step; of too many steps the first. */
static void test_diagram(void)
{
	struct figure *figure = figure_new(&arena, FIGURE_DIAGRAM, "steps", "Two requests");
	draw_steps(figure, "looks", 2, 3, false);
	is_int(figure->x.categories, 3, "a lane for each part");
	is_int(figure->y.categories, 6, "a row for each step");
	is_text(figure->y.category[5], "0 s", "the first on top");
	is_text(figure->y.category[0], "13 ms", "the last at the bottom");
	is_text(figure->beside[4], "part 0 looks 0", "the second request's first step comes before the first's second");
	is_text(figure->beside[3], "part 1 looks 1 ms", "a time is told as one");
	is_int(figure->series->points, 3, "each request has its own line");
	figure = figure_new(&arena, FIGURE_DIAGRAM, "steps", "Two requests");
	draw_steps(figure, "looks", 2, 3, true);
	is_int(figure->x.categories, 2, "or a lane for each request");
	is_text(figure->x.category[1], "looks 1", "by its name");
	is_text(figure->beside[9], "begins", "whose begin");
	is_text(figure->beside[0], "has ended", "and end are rows");
	figure = figure_new(&arena, FIGURE_DIAGRAM, "steps", "Many steps");
	draw_steps(figure, "looks", 1, 23, true);
	is_int(figure->y.categories, DIAGRAM_ROWS, "more steps than there are rows");
	ok(strstr(figure->subtitle, "the first 16 of 25 steps") != NULL, "are counted");
	figure = figure_new(&arena, FIGURE_DIAGRAM, "steps", "Many parts");
	draw_steps(figure, "looks", 1, 12, false);
	is_int(figure->y.categories, DIAGRAM_LANES, "a part for which there is no lane ends it");
	ok(strstr(figure->subtitle, "the first 8 of 12 steps") != NULL, "which is told");
}

static struct figure *example(enum figure_kind kind, const char *name, const char *text)
{
	static const char *categories[3];
	struct figure *figure = figure_new(&arena, kind, name, text);
	figure->footer = text;
	figure->subtitle = text;
	static const double first[] = {0, 0, 100, 16000, 0, 0, 0, 0, 0, 0, 1e6},
			    step[] = {0.0333, 1e9, 100, 100, 1, 1, 1, 1, 1, 1, 1e6};
	CHECK(kind < (int)(sizeof first / sizeof *first));
	bool grouped = kind == FIGURE_BARS || kind == FIGURE_MAP || kind == FIGURE_HEAT;
	int points = grouped ? 3 : 30;
	for (int i = 0; i < 3; i++)
		categories[i] = text;
	if (grouped) {
		figure->x.category = categories;
		figure->x.categories = 3;
	}
	if (kind == FIGURE_DIAGRAM) {
		draw_steps(figure, text, 2, 7, false);
		return figure;
	}
	if (figure_lies(figure)) {
		figure->y.category = categories;
		figure->y.categories = 3;
		for (int i = 0; i < 2; i++) {
			struct figure_series *series = figure_add_series(figure, text, FIGURE_NORMAL, FIGURE_LINE);
			for (int row = 0; row < 3; row++)
				figure_interval(series, (4 * i + row) * ms, row, (4 * i + row - 1) * ms, NAN);
			figure_interval(series, (3 + i) * ms, 1, (2 + i) * ms, (4 + i) * ms);
		}
		figure_mark_x(figure, 3 * ms, text);
		return figure;
	}
	add_line(figure, text, first[kind], step[kind], 3 * ms, points);
	add_line(figure, text, first[kind], step[kind], 4 * ms, points);
	struct figure_series *published = figure_add_series(figure, text, FIGURE_PUBLISHED, FIGURE_POINTS);
	figure_interval(published, first[kind] + step[kind], 9 * ms, 8 * ms, 12 * ms);
	figure_add_series(figure, text, FIGURE_FORMULA, FIGURE_STEPS);
	figure_mark_y(figure, 5 * ms, text);
	figure_add_range(figure, 2 * ms, 3 * ms, NAN, NAN, text);
	if (!grouped) {
		figure_mark_x(figure, first[kind] + 7 * step[kind], text);
		figure_add_band(figure, first[kind] + 2 * step[kind], first[kind] + 4 * step[kind], text);
		figure_add_range(figure, 2 * ms, 3 * ms, first[kind] + step[kind], first[kind] + 3 * step[kind], text);
	}
	return figure;
}

static const char *first_message(const struct err *err)
{
	return err->count > 0 ? err->message[0].text : "";
}

/* Also shows what went wrong. */
static bool written(struct figure **figures, int count, const char *dir, unsigned formats)
{
	struct err err;
	err_init(&err);
	bool done = figure_write_all(figures, count, dir, formats, templates, &err);
	for (int i = 0; i < err.count && i < ERR_MAX; i++)
		diag("%s: %s", err.message[i].file, err.message[i].text);
	return done && err.count == 0;
}

static void check_svg(const char *dir, const char *name)
{
	const char *svg = contents(path_of(dir, arena_format(&arena, "%s.svg", name)));
	if (!ok(svg != NULL, "%s/%s.svg is there", dir, name))
		return;
	is_text(xml_mistake(svg), NULL, "it is well-formed");
	ok(strstr(svg, "<title>") && !strstr(svg, "<title>Gnuplot</title>"), "it has a title of its own");
	ok(strstr(svg, "<desc>") && !strstr(svg, "GNUPLOT") && !strstr(svg, "patchlevel"),
	   "and a description of its own");
	ok(strstr(svg, "viewBox=\"0 0 720 405\"") && strstr(svg, "prefers-color-scheme:dark"),
	   "a viewBox, and dark colours");
	ok(strstr(svg, "<text>") != NULL, "its texts are texts");
}

static int files_of(const char *dir, const char *name)
{
	static const char *const ending[] = {"tsv", "gp", "alt.txt", "svg", "png", "pdf"};
	int count = 0;
	for (int i = 0; i < 6; i++) {
		struct stat status;
		count += stat(path_of(dir, arena_format(&arena, "%s.%s", name, ending[i])), &status) == 0 &&
			 status.st_size > 0;
	}
	return count;
}

static void test_kinds(const char *sub, const char *text, unsigned formats, int files)
{
	struct figure *figures[16];
	const char *dir = make_dir(sub);
	int count = 0, whole = 0;
	for (; figure_kinds[count]; count++) {
		enum figure_kind kind = FIGURE_LINES;
		CHECK(count < 16 && figure_kind_of(figure_kinds[count], &kind));
		figures[count] = example(kind, figure_kinds[count], text);
	}
	ok(written(figures, count, dir, formats), "%s: a figure of every kind is written", sub);
	for (int i = 0; i < count; i++)
		whole += files_of(sub, figure_kinds[i]) == files;
	is_int(whole, count, "%s: each has its %d files", sub, files);
	is_int(files_in(dir), count * files, "%s: and there is nothing else", sub);
	for (int i = 0; i < count && (formats & FIGURE_SVG); i++)
		check_svg(sub, figure_kinds[i]);
}

static void test_same_bytes(const char *a, const char *b, const char *const *endings)
{
	for (; *endings; endings++) {
		int same = 0, count = 0;
		for (; figure_kinds[count]; count++) {
			const char *name = arena_format(&arena, "%s.%s", figure_kinds[count], *endings);
			const char *one = contents(path_of(a, name)), *other = contents(path_of(b, name));
			same += one && other && strcmp(one, other) == 0;
		}
		is_int(same, count, "every .%s has the same bytes when written again", *endings);
	}
}

static void test_hostile(void)
{
	test_kinds("hostile", hostile, FIGURE_SVG | FIGURE_PNG, 5);
	struct stat status;
	ok(stat(path_of("hostile", "canary"), &status) != 0 && stat("canary", &status) != 0,
	   "nothing of a hostile text was run");
	const char *svg = contents(path_of("hostile", "lines.svg"));
	ok(svg && !strstr(svg, "<script"), "and no tag of it is a tag");
	ok(svg && strstr(svg, "x_y^2") && strstr(svg, "{/Bold b}") && strstr(svg, "%s %d"),
	   "its letters are shown as they are");
	/* The canary of the canary: a script that does run such a text makes the file. */
	FILE *file = fopen(path_of("hostile", "lines.gp"), "a");
	if (file) {
		fputs("\nsystem('touch canary')\n", file);
		fclose(file);
	}
	struct err err;
	err_init(&err);
	const char *name = "lines";
	figure_draw_all(&name, 1, arena_format(&arena, "%s/hostile", root), FIGURE_SVG, &err);
	ok(stat(path_of("hostile", "canary"), &status) == 0, "a script that runs it would have been noticed");
}

static void test_redraw(void)
{
	const char *dir = arena_format(&arena, "%s/plain", root);
	FILE *file = fopen(path_of("plain", "lines.alt.txt"), "w");
	if (!file)
		bail("cannot write");
	fputs("Another <title>\n\nSaid\nanew\n", file);
	fclose(file);
	unlink(path_of("plain", "lines.svg"));
	struct err err;
	err_init(&err);
	const char *names[] = {"lines"};
	ok(figure_draw_all(names, 1, dir, FIGURE_SVG, &err), "a figure is drawn again from its files");
	const char *svg = contents(path_of("plain", "lines.svg"));
	ok(svg && strstr(svg, "<title>Another &lt;title&gt;</title>") && strstr(svg, "<desc>Said\nanew</desc>"),
	   "with the words that its description now has");
	file = fopen(path_of("plain", "bars.gp"), "a");
	if (file) {
		fputs("\nplot nonsense(\n", file);
		fclose(file);
	}
	char *before = contents(path_of("plain", "bars.svg"));
	names[0] = "bars";
	ok(!figure_draw_all(names, 1, dir, FIGURE_SVG, &err) && err.kind == ERR_OUTPUT,
	   "a script with a mistake is told");
	ok(strstr(first_message(&err), "line ") != NULL, "with gnuplot's own words: %s", first_message(&err));
	char *after = contents(path_of("plain", "bars.svg"));
	ok(before && after && strcmp(before, after) == 0, "and the old drawing stays");
	err_init(&err);
	names[0] = "no-such";
	ok(!figure_draw_all(names, 1, dir, FIGURE_SVG, &err) && err.kind == ERR_OUTPUT,
	   "so is a figure that is not there");
}

static void test_odd_data(unsigned formats)
{
	const char *dir = make_dir("odd");
	struct figure *figures[32];
	int count = 0;
	for (int kind = 0; figure_kinds[kind]; kind++) {
		figures[count++] = figure_new(&arena, (enum figure_kind)kind,
					      arena_format(&arena, "empty-%s", figure_kinds[kind]), "");
		struct figure *one = figure_new(&arena, (enum figure_kind)kind,
						arena_format(&arena, "one-%s", figure_kinds[kind]), "One point");
		static const char *category[] = {"only"};
		one->x.category = category;
		one->x.categories = 1;
		figure_point(figure_add_series(one, "one", FIGURE_NORMAL, FIGURE_LINE), 0, 5);
		figures[count++] = one;
	}
	struct figure *nothing = figure_new(&arena, FIGURE_LINES, "nan", "Only gaps");
	struct figure_series *series = figure_add_series(nothing, "gaps", FIGURE_NORMAL, FIGURE_LINE);
	for (int i = 0; i < 5; i++)
		figure_point(series, i, NAN);
	figures[count++] = nothing;
	for (int log = 0; log < 2; log++) {
		struct figure *huge = figure_new(&arena, FIGURE_LINES, log ? "huge-log" : "huge", "From 1e-12 to 1e18");
		huge->x.log = huge->y.log = log;
		series = figure_add_series(huge, "", FIGURE_BASELINE, FIGURE_LINE);
		for (double x = 1e-12; x < 1e18; x *= 10)
			figure_interval(series, x, x, x / 2, x * 2);
		figure_point(series, 2e18, log ? -1 : 0);
		figures[count++] = huge;
	}
	struct figure *flat = figure_new(&arena, FIGURE_TIMELINE, "flat", "Always the same, and far from zero");
	flat->y = (struct figure_axis){.label = "flat", .unit = "", .min = NAN, .max = NAN};
	series = figure_add_series(flat, "flat", FIGURE_NORMAL, FIGURE_STEPS);
	for (int i = 0; i < 100; i++)
		figure_point(series, 1e6 * second + i, 1e9);
	figures[count++] = flat;
	ok(written(figures, count, dir, formats), "no data, one point, only gaps and huge ranges are all written");
	is_int(files_in(dir), count * (formats ? 4 : 3), "completely");
}

/* Shares and counts have intervals that reach where no value can be. */
static void test_below_zero(void)
{
	for (int below = 0; below < 2; below++) {
		struct figure *figure = figure_new(&arena, FIGURE_LINES, "share", "Next to nothing");
		struct figure_series *series = figure_add_series(figure, "share", FIGURE_NORMAL, FIGURE_LINE);
		figure_interval(series, 0, 80, 70, 90);
		figure_interval(series, 1, below ? -1 : 1, -30, 32);
		struct axis axis = axis_of(&arena, figure, true);
		if (below)
			ok(axis.min <= -30, "canary: where a value is below 0 the axis begins below its interval");
		else
			ok(axis.min >= 0 && axis.max >= 90, "an axis of what is not below 0 begins at 0");
	}
}

/* One prefix for all that can have it, digits in groups, and no tick in the room above bars, where no value can be. */
static void test_ticks(void)
{
	static const struct {
		enum figure_kind kind;
		bool log;
		double low, high;
		const char *ticks;
	} row[] = {
		{FIGURE_LINES, true, 100, 20000, "100 200 500 1k 2k 5k 10k 20k"},
		{FIGURE_LINES, true, 100, 2000, "100 200 500 1,000 2,000"},
		{FIGURE_LINES, false, 0, 4800, "0 1,000 2,000 3,000 4,000 5,000"},
		{FIGURE_LINES, false, 0, 20000, "0 5k 10k 15k 20k"},
		{FIGURE_LINES, false, 0, 101, "0 20 40 60 80 100 120"},
		{FIGURE_BARS, false, 20, 100, "0 20 40 60 80 100"},
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct figure *figure = figure_new(&arena, row[i].kind, "ticks", "What an axis says");
		struct figure_series *series = figure_add_series(figure, "", FIGURE_NORMAL, FIGURE_LINE);
		figure->y = (struct figure_axis){.values = FIGURE_NUMBER, .log = row[i].log, .min = NAN, .max = NAN};
		figure_point(series, 0, row[i].low);
		figure_point(series, 1, row[i].high);
		struct axis axis = axis_of(&arena, figure, true);
		const char *said = "";
		for (int at = 0; at < axis.ticks; at++)
			said = arena_format(&arena, "%s%s%s", said, at ? " " : "", axis.tick_label[at]);
		is_text(said, row[i].ticks, "ticks of %g to %g", row[i].low, row[i].high);
	}
	struct axis milliseconds = {.values = FIGURE_DURATION, .divisor = 1e6, .max = 3000};
	is_text(axis_say_on(&arena, &milliseconds, 1901e6), "1901 ms", "a title says thousands without an exponent");
	is_text(axis_say_on(&arena, &milliseconds, 28.22e6), "28.2 ms", "and three digits of less");
}

/* More of everything than a page has room for. */
static void test_crowded(unsigned formats)
{
	static const char *const words =
		"a name that is much longer than anybody would make it, said with many-many-hyphens";
	const char *dir = make_dir("crowded");
	struct figure *figures[16];
	int count = 0;
	for (int kind = 0; figure_kinds[kind]; kind++) {
		struct figure *figure = example((enum figure_kind)kind, figure_kinds[kind], words);
		figure->x.label = figure->y.label = figure->x.unit = words;
		for (int i = 0; i < 100; i++) {
			struct figure_series *series = figure_add_series(figure, words, FIGURE_NORMAL, FIGURE_LINE);
			const struct figure_point *last = &figure->series->point[figure->series->points - 1];
			figure_point(series, last->x, (1 + i % 9) * ms);
			double x = figure->series->point[i % figure->series->points].x;
			figure_add_band(figure, x, x + (kind == FIGURE_PERCENTILES ? 0.001 : 0.1), words);
			figure_mark_x(figure, x, i % 2 ? words : "mark");
			figure_mark_y(figure, i * ms / 10, words);
			figure_add_range(figure, i * ms / 10, (i + 1) * ms / 10, x, NAN, words);
		}
		figures[count++] = figure;
	}
	ok(written(figures, count, dir, formats),
	   "a hundred series, bands, marks and ranges with long names are drawn");
	is_int(files_in(dir), count * (formats ? 4 : 3), "completely");
}

static void test_bad_places(void)
{
	struct figure *figure = example(FIGURE_LINES, "lines", "title");
	struct err err;
	err_init(&err);
	const char *file = path_of("odd", "flat.tsv"); /* is no directory */
	ok(!figure_write_all(&figure, 1, file, FIGURE_SVG, templates, &err) && err.kind == ERR_OUTPUT,
	   "a directory that cannot be written to is a mistake of output: %s", first_message(&err));
	err_init(&err);
	const char *dir = make_dir("untouched");
	ok(!figure_write_all(&figure, 1, dir, FIGURE_SVG, root, &err) && err.kind == ERR_OUTPUT,
	   "so are templates that are not there");
	is_int(files_in(dir), 0, "and nothing is written then");
	static const char *const bad[] = {"", ".hidden", "-option", "a/b", "a b", "../up", "quo'te"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		err_init(&err);
		figure->name = bad[i];
		ok(!figure_write_all(&figure, 1, dir, FIGURE_SVG, templates, &err) && err.kind == ERR_OUTPUT &&
			   files_in(dir) == 0,
		   "\"%s\" is no name for files", bad[i]);
	}
}

static void test_no_gnuplot(void)
{
	struct figure *figures[] = {example(FIGURE_LINES, "a", "title"), example(FIGURE_BARS, "b", "title")};
	struct err err;
	err_init(&err);
	const char *dir = make_dir("without");
	char *path = arena_text(&arena, getenv("PATH") ? getenv("PATH") : "");
	setenv("PATH", dir, 1);
	ok(!figure_write_all(figures, 2, dir, FIGURE_SVG | FIGURE_PNG, templates, &err),
	   "without gnuplot nothing is drawn");
	setenv("PATH", path, 1);
	is_int(err.count, 1, "one message says so");
	ok(err.kind == ERR_OUTPUT && strstr(first_message(&err), "gnuplot-nox"), "and names the package: %s",
	   first_message(&err));
	is_int(files_in(dir), 6, "data, scripts and descriptions are there");
}

int main(void)
{
	static const char *const text_files[] = {"tsv", "gp", "alt.txt", NULL}, *const with_svg[] = {"tsv", "gp",
												     "alt.txt", "svg",
												     NULL};
	const char *top = getenv("top_srcdir");
	snprintf(templates, sizeof templates, "%s/plots", top ? top : ".");
	arena_init(&arena);
	if (!mkdtemp(root))
		bail("cannot make a directory in /tmp");
	bool drawing = has_gnuplot();
	test_checker();
	test_diagram();
	enum figure_kind kind;
	is_text(text_with_micro(&arena, "5 us, 0.2 us."), "5 µs, 0.2 µs.", "microseconds are set as such");
	is_text(text_with_micro(&arena, "20 users of us, 5us, 5 us2"), "20 users of us, 5us, 5 us2",
		"and nothing else is");
	ok(!figure_kind_of("pie", &kind), "there is no figure of kind pie");
	test_kinds("plain", "A title that says what was found", drawing ? FIGURE_SVG : 0, drawing ? 4 : 3);
	test_kinds("again", "A title that says what was found", drawing ? FIGURE_SVG : 0, drawing ? 4 : 3);
	test_same_bytes("plain", "again", drawing ? with_svg : text_files);
	test_odd_data(drawing ? FIGURE_SVG : 0);
	test_below_zero();
	test_ticks();
	test_crowded(drawing ? FIGURE_SVG : 0);
	test_bad_places();
	test_no_gnuplot();
	if (drawing) {
		test_hostile();
		test_redraw();
		test_kinds("every", "All formats", FIGURE_SVG | FIGURE_PNG | FIGURE_PDF, 6);
	} else {
		skip(1, "gnuplot is not installed: nothing is drawn");
	}
	remove_tree(root);
	arena_free(&arena);
	return done_testing();
}
