/* SPDX-License-Identifier: GPL-3.0-or-later */
/* YAML to trees: shapes and places; what is refused, with which message, and where. */
#include "tap.h"

#include "io/yaml.h"

#include <unistd.h>

static struct arena arena;
static struct err err;

static struct tree *parse(const char *text, size_t length)
{
	err_init(&err);
	return yaml_parse(&arena, "m.yaml", text, length, &err);
}

/* Whether the first message is at that place and says that. */
static bool complains(int line, int column, const char *fragment)
{
	return err.count > 0 && err.kind == ERR_MODEL && err.message[0].line == line &&
	       err.message[0].column == column && strstr(err.message[0].text, fragment);
}

static void is_place(struct place place, int line, int column, const char *what)
{
	ok(place.line == line && place.column == column, "%s is at %d:%d", what, line, column);
}

static void check_shapes(void)
{
	static const char text[] = "# a comment\n"
				   "case: station   # another\n"
				   "model:\n"
				   "  servers: 3\n"
				   "  service: \"lognormal(median=1 ms, p99=5 ms)\"\n"
				   "  empty:\n"
				   "variants: {a: {model: {servers: 2}}, b: [1, 'x y']}\n"
				   "claims:\n"
				   "  - id: tail\n"
				   "    expect:\n"
				   "      - p99(wait)[a @ 2016-01-01] in 40 ms..125 ms\n"
				   "says: >\n"
				   "  two\n"
				   "  lines\n"
				   "on: off\n"
				   "n\xc3\xa4me: 'it''s'\n";
	struct tree *tree = parse(text, sizeof text - 1);
	ok(tree && !err_any(&err), "a good file is read");
	if (!tree)
		bail("cannot go on: %s", err.message[0].text);
	is_int(tree->kind, TREE_MAP, "its root is a map");
	is_text(tree->child->key, "case", "keys keep their order");
	is_text(tree_get(tree, "case")->text, "station", "a comment does not belong to a value");
	is_place(tree_get(tree, "case")->place, 2, 7, "the first value");
	is_place(tree_get(tree, "case")->key_place, 2, 1, "the first key");
	struct tree *model = tree_get(tree, "model");
	is_place(tree_get(model, "servers")->place, 4, 12, "a value inside");
	is_place(tree_get(model, "servers")->key_place, 4, 3, "a key inside");
	ok(tree_get(model, "service")->quoted && !tree_get(model, "servers")->quoted, "quotes are noticed");
	is_text(tree_get(model, "service")->text, "lognormal(median=1 ms, p99=5 ms)", "a comma in quotes stays");
	is_text(tree_get(model, "empty")->text, "", "nothing is an empty text");
	is_int(tree_count(model), 3, "a map of three");
	struct tree *variants = tree_get(tree, "variants");
	is_place(tree_get(tree_get(tree_get(variants, "a"), "model"), "servers")->place, 7, 33,
		 "a value in a flow map");
	is_int(tree_get(variants, "b")->kind, TREE_LIST, "a list in a flow map");
	is_text(tree_get(variants, "b")->child->next->text, "x y", "its second entry");
	struct tree *claim = tree_get(tree, "claims")->child;
	ok(!claim->key, "an entry of a list has no key");
	is_text(tree_get(claim, "expect")->child->text, "p99(wait)[a @ 2016-01-01] in 40 ms..125 ms",
		"brackets in a plain text");
	is_text(tree_get(tree, "says")->text, "two lines\n", "a folded text");
	is_text(tree_get(tree, "on")->text, "off", "nothing is taken for a truth value");
	is_text(tree_get(tree, "n\xc3\xa4me")->text, "it's", "letters beyond ASCII, a quote in quotes");
	is_text(tree->place.file, "m.yaml", "the place names the file");
}

static void check_line_ends(void)
{
	static const char crlf[] = "\xef\xbb\xbf"
				   "a: 1\r\nb:\r\n  - x\r\n";
	struct tree *tree = parse(crlf, sizeof crlf - 1);
	ok(tree && strcmp(tree_get(tree, "a")->text, "1") == 0 && strcmp(tree_get(tree, "b")->child->text, "x") == 0,
	   "CR LF and a byte order mark");
	static const char single[] = "a: '''x''y'''\nb: ''''\nc: ''\nd: \"''''\"\n";
	tree = parse(single, sizeof single - 1);
	is_text(tree ? tree_get(tree, "a")->text : NULL, "'x'y'", "single quotes, each written twice");
	is_text(tree ? tree_get(tree, "b")->text : NULL, "'", "one of them alone");
	is_text(tree ? tree_get(tree, "c")->text : NULL, "", "an empty text");
	is_text(tree ? tree_get(tree, "d")->text : NULL, "''''", "single quotes in double ones");
	tree = parse("a: see (this\n", 13);
	ok(tree && strcmp(tree_get(tree, "a")->text, "see (this") == 0, "a parenthesis in a text outside of {} and []");
	tree = parse("a: 1", 4);
	ok(tree && strcmp(tree_get(tree, "a")->text, "1") == 0, "no end of the last line");
}

static const struct bad {
	const char *what, *text;
	size_t length; /* 0: up to the NUL */
	int line, column;
	const char *fragment;
} bads[] = {
	{"an empty file", "", 0, 0, 0, "is empty"},
	{"only a comment", "# nothing\n", 0, 0, 0, "is empty"},
	{"a tab as indentation", "a:\n\tb: 1\n", 0, 2, 1, "a tab in the indentation"},
	{"a tab after blanks", "a:\n  \tb: 1\n", 0, 2, 3, "a tab in the indentation"},
	{"a key twice", "a: 1\nb: 2\na: 3\n", 0, 3, 1, "key \"a\" is defined twice, first on line 1"},
	{"a key twice in a flow map", "m: {a: 1, a: 2}\n", 0, 1, 11, "key \"a\" is defined twice"},
	{"a NUL byte", "a: 1\nb\0c: 2\n", 12, 2, 2, "NUL byte"},
	{"an escaped NUL byte", "a: \"x\\0y\"\n", 0, 1, 5, "NUL byte"},
	{"a control character", "a: \x01\n", 0, 1, 4, "control character 0x01"},
	{"a byte that is not UTF-8", "a: caf\xe9\n", 0, 1, 7, "0xe9 is not UTF-8"},
	{"UTF-8 cut short", "a: \xc3", 0, 1, 4, "is not UTF-8"},
	{"an overlong form", "a: \xc0\xaf\n", 0, 1, 4, "is not UTF-8"},
	{"a surrogate", "a: \xed\xa0\x80\n", 0, 1, 4, "is not UTF-8"},
	{"a comma in a flow map", "m: {d: lognormal(a=1 ms, p99=2 ms)}\n", 0, 1, 8, "quote it"},
	{"a comma in a flow list", "m: [exp(1), uniform(1 ms, 2 ms)]\n", 0, 1, 13, "quote it"},
	{"quotes in a row", "a: 'x''''y'\n", 0, 1, 5, "two single quotes in a row; put the text into double quotes"},
	{"an anchor", "a: &x 1\n", 0, 1, 7, "anchors (&) are not supported"},
	{"an alias", "a: *x\n", 0, 1, 5, "aliases (*) are not supported"},
	{"a tag", "a: !!int 3\n", 0, 1, 10, "tags (!) are not supported"},
	{"a merge key", "a: 1\n<<: 2\n", 0, 2, 1, "merge keys (<<) are not supported; use extends"},
	{"a second document", "a: 1\n---\nb: 2\n", 0, 2, 1, "a second document"},
	{"a map as a key", "? {a: b}\n: c\n", 0, 1, 3, "a key must be a word, not a map"},
	{"an empty key", ": c\n", 0, 1, 1, "empty key"},
	{"a flow map without end", "a: {b: 1\nc: 2\n", 0, 2, 2, "YAML: "},
	{"a text without end", "a: \"x\nb: 1\n", 0, 1, 4, "YAML: "},
	{"a value after a value", "a: 1\n  b: 2\n", 0, 1, 4, "YAML: "},
	{"brackets in a flow list", "e: [p99(x)[a] < 3]\n", 0, 1, 11, "quote a text that has ["},
};

static void check_bad(void)
{
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		const struct bad *bad = &bads[i];
		struct tree *tree = parse(bad->text, bad->length ? bad->length : strlen(bad->text));
		if (!ok(!tree && complains(bad->line, bad->column, bad->fragment), "%s is refused at %d:%d", bad->what,
			bad->line, bad->column))
			diag("%d:%d: %s", err.message[0].line, err.message[0].column, err.message[0].text);
	}
	parse("a: 1\na: 2\n", 10);
	ok(!complains(2, 2, "twice") && !complains(1, 1, "twice") && !complains(2, 1, "thrice"),
	   "canary: a wrong place or message is noticed");
	parse("a: 1\n", 5);
	ok(!complains(1, 1, ""), "canary: no message is no complaint");
	parse("a: 1\na: 2\nb: 1\nb: 2\n", 20);
	is_int(err.count, 2, "two keys given twice are two messages");
}

static void check_limits(void)
{
	char text[200];
	memset(text, '[', sizeof text);
	parse(text, YAML_DEPTH_MAX + 1);
	ok(complains(1, YAML_DEPTH_MAX + 1, "nested too deeply"), "too deep");
	memset(text + YAML_DEPTH_MAX, ']', YAML_DEPTH_MAX);
	ok(parse(text, 2 * YAML_DEPTH_MAX), "as deep as allowed");
	size_t size = YAML_SIZE_MAX + 1;
	char *large = malloc(size);
	if (!large)
		bail("no memory");
	memset(large, '\n', size);
	memcpy(large, "a: 1", 4);
	ok(!parse(large, size) && complains(0, 0, "larger than 4 MiB"), "too large");
	ok(parse(large, size - 1), "as large as allowed");
	free(large);
	large = malloc(70000);
	if (!large)
		bail("no memory");
	memset(large, 'x', 70000);
	memcpy(large, "a: ", 3);
	ok(!parse(large, 70000) && complains(1, 4, "a text of more than 65536 bytes"), "a text too long");
	free(large);
	char many[6 * 5000 + 3] = "[";
	for (int i = 0; i < 5000; i++)
		memcpy(many + 1 + 6 * i, "12345,", 6);
	many[6 * 5000 + 1] = ']';
	ok(!parse(many, strlen(many)) && strstr(err.message[0].text, "more than 4096 entries"), "too many entries");
}

static void check_files(void)
{
	char directory[] = "/tmp/t-yaml-XXXXXX", path[64];
	if (!mkdtemp(directory))
		bail("no temporary directory");
	snprintf(path, sizeof path, "%s/m.yaml", directory);
	err_init(&err);
	ok(!yaml_read(&arena, path, &err) && complains(0, 0, "No such file"), "a missing file");
	is_text(err.message[0].file, path, "is named");
	err_init(&err);
	ok(!yaml_read(&arena, directory, &err) && complains(0, 0, "is a directory"), "a directory");
	FILE *file = fopen(path, "w");
	if (!file || fputs("a:\n- 1\n", file) < 0 || fclose(file) != 0)
		bail("cannot write");
	err_init(&err);
	struct tree *tree = yaml_read(&arena, path, &err);
	ok(tree && tree_get(tree, "a")->child->place.line == 2, "a file is read");
	err_init(&err);
	ok(!yaml_read(&arena, "/dev/zero", &err) && strstr(err.message[0].text, "larger than"), "a file without end");
	unlink(path);
	rmdir(directory);
}

int main(void)
{
	arena_init(&arena);
	check_shapes();
	check_line_ends();
	check_bad();
	check_limits();
	check_files();
	arena_free(&arena);
	return done_testing();
}
