/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flavour is a row: where files go, what stands before the text, and how figures and the page are put into it. */
#include "cli/postfiles.h"
#include "cli/manifest.h"
#include "io/output.h"

#include <string.h>

struct flavour {
	const char *post, *figures, *page; /* paths below the root; NAME and DATE are replaced */
	const char *include;               /* a file that shows the page; "" where a link does */
	const char *shown;                 /* what includes it */
	const char *address;               /* what figures are called by in the text; FIGURE is replaced */
	bool head;                         /* front matter */
};

const char *const postfiles_for[] = {"plain", "hugo", "jekyll", NULL};

static const struct flavour flavours[] = {
	{"NAME.md", ".", "NAME.html", "", "[Explore it yourself](NAME.html): the same simulator, in your browser.\n",
	 "FIGURE.svg", false},
	{"content/posts/NAME/index.md", "content/posts/NAME", "static/casebook/NAME.html",
	 "layouts/shortcodes/casebook.html", "{{< casebook \"NAME\" >}}\n", "FIGURE.svg", true},
	{"_posts/DATE-NAME.md", "assets/casebook/NAME", "assets/casebook/NAME.html", "_includes/casebook.html",
	 "{% include casebook.html name=\"NAME\" %}\n", "{{ \"/assets/casebook/NAME/FIGURE.svg\" | relative_url }}",
	 true},
};

/* What shows a page in a frame that is as high as it is; ADDRESS and NAME are words of the generator. */
static const char frame[] =
	"<iframe id=\"casebook-%s\" src=\"%s?embed\" title=\"%s, to explore\" width=\"100%%\" height=\"720\" "
	"style=\"border:0\" loading=\"lazy\"></iframe>\n"
	"<script>\naddEventListener('message', (event) => {\n"
	"\tconst frame = document.getElementById('casebook-%s');\n"
	"\tif (event.source === frame.contentWindow && event.data.casebook === 'height')\n"
	"\t\tframe.height = event.data.height;\n});\n</script>\n";

static const struct {
	const char *name, *address;
} in_frame[] = {
	{"", ""},
	{"{{ .Get 0 }}", "{{ \"casebook/\" | relURL }}{{ .Get 0 }}.html"},
	{"{{ include.name }}", "{{ \"/assets/casebook/\" | relative_url }}{{ include.name }}.html"},
};

struct writing {
	struct posting *posting;
	const struct flavour *flavour;
};

static const char *replaced(struct arena *arena, const char *text, const char *word, const char *by)
{
	struct text made;
	text_begin(&made, arena);
	for (const char *found; (found = strstr(text, word)); text = found + strlen(word)) {
		text_bytes(&made, text, (size_t)(found - text));
		text_add(&made, "%s", by);
	}
	text_add(&made, "%s", text);
	return made.bytes;
}

static const char *named(const struct posting *posting, const char *text)
{
	struct arena *arena = posting->line->arena;
	return replaced(arena, replaced(arena, text, "NAME", posting->name), "DATE", posting->post->date);
}

static void put_figure(void *context, const char *name, const char *caption, struct text *into)
{
	const struct writing *writing = context;
	struct posting *posting = writing->posting;
	struct arena *arena = posting->line->arena;
	const char *alt = posting_alt(posting, name);
	text_add(into, "![");
	for (; *alt; alt++)
		text_add(into, strchr("[]\\", *alt) ? "\\%c" : "%c", *alt);
	text_add(into, "](%s)\n", replaced(arena, named(posting, writing->flavour->address), "FIGURE", name));
	if (*caption)
		text_add(into, "\n*%s*\n", caption);
}

/* A text in double quotes, as YAML has it. */
static void put_quoted(struct text *into, const char *key, const char *text)
{
	text_add(into, "%s: \"", key);
	for (; *text; text++)
		text_add(into, strchr("\"\\", *text) ? "\\%c" : "%c", *text);
	text_add(into, "\"\n");
}

static void put_head(const struct writing *writing, struct text *into)
{
	const struct posting *posting = writing->posting;
	if (!writing->flavour->head) {
		text_add(into, "# %s\n\n%s\n\n", posting->title, posting->summary);
		return;
	}
	text_add(into, "---\n");
	put_quoted(into, "title", posting->title);
	put_quoted(into, "description", posting->summary);
	text_add(into, "date: %s\ncategories: [%s]\n", posting->post->date, posting->post->group);
	if (posting->measured->figures > 0)
		text_add(into, "images: [\"%s-card.png\"]\n", posting->measured->figure[0]->name);
	text_add(into, "---\n");
}

static bool write_include(const struct flavour *flavour, int index, const char *root, struct arena *arena,
			  struct err *err)
{
	const char *path = arena_format(arena, "%s/%s", root, flavour->include);
	const char *dir = arena_text_of(arena, path, (size_t)(strrchr(path, '/') - path));
	const char *name = in_frame[index].name;
	const char *text = arena_format(arena, frame, name, in_frame[index].address, name, name);
	return output_dir(dir, err) && output_write(path, text, strlen(text), err);
}

/* The directory above a file is made first. */
static bool make_above(struct arena *arena, const char *path, struct err *err)
{
	return output_dir(arena_text_of(arena, path, (size_t)(strrchr(path, '/') - path)), err);
}

bool postfiles_write(struct posting *posting, int index, const char *dir, const char **post)
{
	const struct flavour *flavour = &flavours[index];
	struct arena *arena = posting->line->arena;
	struct err *err = posting->line->err;
	struct writing writing = {posting, flavour};
	struct text text;
	const char *path = arena_format(arena, "%s/%s", dir, named(posting, flavour->post));
	const char *page = arena_format(arena, "%s/%s", dir, named(posting, flavour->page));
	const char *figures = arena_format(arena, "%s/%s", dir, named(posting, flavour->figures));
	*post = path;
	text_begin(&text, arena);
	put_head(&writing, &text);
	const char *shown = posting->explored ? named(posting, flavour->shown) : "";
	if (!posting_markdown(posting, put_figure, &writing, shown, &text))
		return false;
	text_add(&text, "\n");
	for (const struct post_source *source = posting->post->source; source; source = source->next)
		text_add(&text, "[^%s]: %s\n", source->key, study_source(posting->page.whole, source->key));
	text_add(&text, "\n%s", manifest_comment(arena, posting->manifest));
	if (!posting_figures(posting, figures) || !make_above(arena, path, err))
		return false;
	if (posting->explored && (!make_above(arena, page, err) || !posting_page(posting, page)))
		return false;
	if (posting->explored && *flavour->include && !write_include(flavour, index, dir, arena, err))
		return false;
	return output_write(path, text.bytes, text.length, err);
}
