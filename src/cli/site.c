/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each post has a directory: its text as HTML, figures, its page, and made.json, which tells what an index says of it
 * and a digest over all that it was made of. While that is the same, nothing of it is made again.
 */
#include "cli/site.h"
#include "base/fnv.h"
#include "base/words.h"
#include "cli/manifest.h"
#include "cli/message.h"
#include "cli/posting.h"
#include "exec/world.h"
#include "io/files.h"
#include "io/output.h"
#include "io/paths.h"
#include "io/results.h"
#include "post/markdown.h"

#include <stdlib.h>
#include <string.h>

enum { POSTS_MAX = 1000 };

struct site_post {
	const char *name, *title, *summary, *group, *date, *card;
	bool page;
};

struct site {
	struct command_line *line;
	const char *dir, *url;
	int64_t jobs;
	struct site_post *post;
	int posts;
};

static const char *path_in(const struct site *site, const char *name, const char *file)
{
	return arena_format(site->line->arena, "%s/%s%s%s", site->dir, name, *name ? "/" : "", file);
}

static bool write_text(const struct site *site, const char *path, const struct text *text)
{
	return output_write(path, text->bytes, text->length, site->line->err);
}

/* ---- pieces of pages ---- */

/* `above` leads to the site's own directory; `image` is what a link to the page shows, a path in the site. */
static void put_head(const struct site *site, const char *above, const char *title, const char *summary,
		     const char *address, const char *image, struct text *into)
{
	static const char *const property[] = {"og:title", "og:description"};
	const char *content[] = {title, summary};
	text_add(into, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	text_escaped(into, title);
	text_add(into, "</title>\n<meta name=\"description\" content=\"");
	text_escaped(into, summary);
	text_add(into,
		 "\">\n<link rel=\"stylesheet\" href=\"%ssite.css\">\n<link rel=\"icon\" href=\"data:,\">\n"
		 "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"casebook\" href=\"%sfeed.xml\">\n"
		 "<meta property=\"og:type\" content=\"article\">\n",
		 above, above);
	for (int i = 0; i < 2; i++) {
		text_add(into, "<meta property=\"%s\" content=\"", property[i]);
		text_escaped(into, content[i]);
		text_add(into, "\">\n");
	}
	if (*image) {
		text_add(into, "<meta property=\"og:image\" content=\"");
		text_escaped(into, site->url ? site->url : above);
		text_escaped(into, image);
		text_add(into, "\">\n<meta property=\"og:image:width\" content=\"1200\">\n"
			       "<meta property=\"og:image:height\" content=\"630\">\n"
			       "<meta name=\"twitter:card\" content=\"summary_large_image\">\n");
	}
	if (site->url) {
		text_add(into, "<link rel=\"canonical\" href=\"");
		text_escaped(into, site->url);
		text_escaped(into, address);
		text_add(into, "\">\n");
	}
	text_add(into, "</head>\n");
}

static void put_figure(void *context, const char *name, const char *caption, struct text *into)
{
	const struct posting *posting = context;
	text_add(into,
		 "<figure>\n<div class=\"wide\"><a href=\"%s.svg\"><img src=\"%s.svg\" width=\"720\" height=\"405\" "
		 "loading=\"lazy\" alt=\"",
		 name, name);
	text_escaped(into, posting_alt(posting, name));
	text_add(into, "\"></a></div>\n");
	if (*caption) {
		text_add(into, "<figcaption>");
		text_escaped(into, caption);
		text_add(into, "</figcaption>\n");
	}
	text_add(into, "</figure>\n");
}

/* Footnotes: "[^KEY]" in the HTML becomes a link to the list of sources, which is made here. */
static const char *cite(const struct posting *posting, const char *html, struct text *sources)
{
	struct arena *arena = posting->line->arena;
	int number = 0;
	for (const struct post_source *source = posting->post->source; source; source = source->next) {
		const char *mark = arena_format(arena, "[^%s]", source->key);
		struct text cited;
		text_begin(&cited, arena);
		number++;
		for (const char *found; (found = strstr(html, mark)); html = found + strlen(mark)) {
			text_bytes(&cited, html, (size_t)(found - html));
			text_add(&cited, "<sup><a href=\"#source-%s\">%d</a></sup>", source->key, number);
		}
		text_add(&cited, "%s", html);
		html = cited.bytes;
		text_add(sources, "<li id=\"source-%s\">", source->key);
		text_escaped(sources, study_source(posting->page.whole, source->key));
		text_add(sources, "</li>\n");
	}
	return html;
}

static const char explore[] =
	"## Explore it\n\nThe same simulator, in your browser: move a slider, and the claims turn. "
	"[The page alone](page.html) has tables, sources, and the slowest request step by step.\n\n"
	"<iframe id=\"page\" src=\"page.html?embed\" title=\"The simulator, to explore\" height=\"720\" "
	"loading=\"lazy\"></iframe>\n";

static const char frame_script[] =
	"<script>\naddEventListener('message', (event) => {\n"
	"\tconst frame = document.getElementById('page');\n"
	"\tif (frame && event.source === frame.contentWindow && event.data.casebook === 'height')\n"
	"\t\tframe.height = event.data.height;\n});\n</script>\n";

/* ---- a post ---- */

static bool write_post(const struct site *site, struct posting *posting)
{
	struct arena *arena = site->line->arena;
	const struct measured *measured = posting->measured;
	struct text markdown, html, contents, body, sources;
	text_begin(&markdown, arena);
	text_begin(&html, arena);
	text_begin(&contents, arena);
	text_begin(&body, arena);
	text_begin(&sources, arena);
	const char *card = measured->figures > 0 ? measured->figure[0]->name : NULL;
	const char *image = card ? arena_format(arena, "%s/%s-card.png", posting->name, card) : "";
	if (!posting_markdown(posting, put_figure, posting, posting->explored ? explore : "", &markdown) ||
	    !markdown_html(markdown.bytes, &body, &contents, site->line->err))
		return false;
	put_head(site, "../", posting->title, posting->summary, arena_format(arena, "%s/", posting->name), image,
		 &html);
	text_add(&html, "<body class=\"post\">\n<header><a href=\"../index.html\">casebook</a> · ");
	text_escaped(&html, posting->post->group);
	text_add(&html, "</header>\n<main>\n<article>\n<h1>");
	text_escaped(&html, posting->title);
	text_add(&html, "</h1>\n<p class=\"lead\">");
	text_escaped(&html, posting->summary);
	const char *cited = cite(posting, body.bytes, &sources);
	const char *listed = arena_format(arena, "<h2 id=\"sources\">Sources</h2>\n<ol class=\"sources\">\n%s</ol>\n",
					  sources.bytes);
	text_add(&html,
		 "</p>\n<nav "
		 "aria-label=\"Contents\"><ol>\n%s%s</ol></nav>\n%s%s</article>\n</main>\n%s%s</body>\n</html>\n",
		 contents.bytes, posting->post->source ? "<li><a href=\"#sources\">Sources</a>\n" : "", cited,
		 posting->post->source ? listed : "", posting->explored ? frame_script : "",
		 manifest_comment(arena, posting->manifest));
	const char *dir = path_in(site, posting->name, "");
	return posting_figures(posting, dir) &&
	       (!posting->explored || posting_page(posting, path_in(site, posting->name, "page.html"))) &&
	       write_text(site, path_in(site, posting->name, "index.html"), &html);
}

static void add_digest(const struct site *site, const char *name, const char *file, json_t *into)
{
	char digest[RESULTS_DIGEST];
	json_object_set_new(into, file,
			    json_string(results_digest(world_file_digest(path_in(site, name, file)), digest)));
}

/* Digests of the files of a post. */
static json_t *digests(const struct site *site, const struct posting *posting)
{
	struct arena *arena = site->line->arena;
	const struct measured *measured = posting->measured;
	json_t *files = json_object();
	add_digest(site, posting->name, "index.html", files);
	if (posting->explored)
		add_digest(site, posting->name, "page.html", files);
	for (int f = 0; f < measured->figures; f++)
		add_digest(site, posting->name, arena_format(arena, "%s.svg", measured->figure[f]->name), files);
	if (measured->figures > 0)
		add_digest(site, posting->name, arena_format(arena, "%s-card.png", measured->figure[0]->name), files);
	return files;
}

static json_t *describe(const struct site *site, const struct posting *posting, const char *key)
{
	const struct measured *measured = posting->measured;
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s, s:b, s:i, s:i, s:o}", "key", key, "title",
			 results_text(posting->title), "summary", results_text(posting->summary), "group",
			 results_text(posting->post->group), "date", posting->post->date, "card",
			 measured->figures > 0 ? measured->figure[0]->name : "", "page", posting->explored, "values",
			 posting->post->values, "checks", posting->post->checks, "files", digests(site, posting));
}

/* What was written of a post when it was made of the same; NULL when it was not, or a file of it has changed since. */
static json_t *as_it_was(const struct site *site, const char *name, const char *key)
{
	struct err ignored;
	size_t length;
	err_init(&ignored);
	const char *bytes = files_read(site->line->arena, path_in(site, name, "made.json"), &length, &ignored);
	json_t *made = bytes ? json_loadb(bytes, length, 0, NULL) : NULL;
	const char *was = json_string_value(json_object_get(made, "key"));
	json_t *files = json_object_get(made, "files"), *now = json_object(), *digest;
	const char *file;
	json_object_foreach(files, file, digest) add_digest(site, name, file, now);
	bool same = was && strcmp(was, key) == 0 && json_equal(files, now);
	json_decref(now);
	if (same)
		return made;
	json_decref(made);
	return NULL;
}

static json_t *make(const struct site *site, struct posting *posting, const char *key)
{
	json_t *made = posting_measure(posting) && write_post(site, posting) ? describe(site, posting, key) : NULL;
	char *dumped = made ? json_dumps(made, JSON_INDENT(1)) : NULL;
	if (dumped &&
	    !output_write(path_in(site, posting->name, "made.json"), dumped, strlen(dumped), site->line->err)) {
		json_decref(made);
		made = NULL;
	}
	free(dumped);
	if (made)
		message_note("%s: made; %d value%s and %d check%s", posting->name, posting->post->values,
			     posting->post->values == 1 ? "" : "s", posting->post->checks,
			     posting->post->checks == 1 ? "" : "s");
	return made;
}

static const char *text_at(const struct site *site, const json_t *made, const char *key)
{
	const char *text = json_string_value(json_object_get(made, key));
	return arena_text(site->line->arena, text ? text : "");
}

/* Makes a post, unless it is as it was. */
static bool add_post(struct site *site, const char *argument)
{
	char *const arguments[] = {
		"export", (char *)argument, "--as", "site", site->url ? "--url" : NULL, (char *)site->url, NULL};
	struct posting posting = {.line = site->line, .jobs = site->jobs, .arguments = arguments};
	char key[RESULTS_DIGEST];
	if (!posting_open(&posting, argument))
		return false;
	for (int p = 0; p < site->posts; p++)
		if (strcmp(site->post[p].name, posting.name) == 0)
			return err_add(site->line->err, ERR_USAGE, NULL,
				       "%.100s: two posts of that name cannot be in one site", posting.name);
	results_digest(fnv_text(posting_key(&posting), site->url), key);
	bool lasting = posting.page.whole->setup[0]->trace.file == NULL; /* a trace's bytes are in no digest */
	json_t *made = lasting ? as_it_was(site, posting.name, key) : NULL;
	if (made)
		message_note("%s: as it was", posting.name);
	else
		made = make(site, &posting, key);
	posting_close(&posting);
	if (!made)
		return false;
	site->post[site->posts++] = (struct site_post){posting.name,
						       text_at(site, made, "title"),
						       text_at(site, made, "summary"),
						       text_at(site, made, "group"),
						       text_at(site, made, "date"),
						       text_at(site, made, "card"),
						       json_is_true(json_object_get(made, "page"))};
	json_decref(made);
	return true;
}

/* ---- the index ---- */

static void put_card(const struct site_post *post, struct text *into)
{
	text_add(into, "<li><a href=\"%s/index.html\">", post->name);
	if (*post->card)
		text_add(into, "<img src=\"%s/%s.svg\" width=\"720\" height=\"405\" loading=\"lazy\" alt=\"\">",
			 post->name, post->card);
	text_add(into, "<h3>");
	text_escaped(into, post->title);
	text_add(into, "</h3>\n<p>");
	text_escaped(into, post->summary);
	text_add(into, "</p></a></li>\n");
}

static void put_group(const struct site *site, const char *group, struct text *into)
{
	bool any = false;
	for (int p = 0; p < site->posts; p++) {
		if (strcmp(site->post[p].group, group) != 0)
			continue;
		if (!any) {
			text_add(into, "<section>\n<h2>");
			text_escaped(into, group);
			text_add(into, "</h2>\n<ul class=\"cards\">\n");
		}
		any = true;
		put_card(&site->post[p], into);
	}
	if (any)
		text_add(into, "</ul>\n</section>\n");
}

static const char index_about[] = "Posts about how systems behave, each with the simulator that its numbers come from";

static bool write_index(const struct site *site)
{
	static const char *const first[] = {"systems", "request path", "storage", "agreement", NULL};
	struct text html;
	text_begin(&html, site->line->arena);
	const struct site_post *shown = site->posts > 0 ? &site->post[0] : NULL;
	const char *image = shown && *shown->card
				    ? arena_format(site->line->arena, "%s/%s-card.png", shown->name, shown->card)
				    : "";
	put_head(site, "", "casebook", index_about, "", image, &html);
	text_add(&html,
		 "<body class=\"index\">\n<main>\n<h1>casebook</h1>\n<p class=\"lead\">%s. Every number in them was "
		 "computed when they were made, and every comparison checked.</p>\n",
		 index_about);
	for (int g = 0; first[g]; g++)
		put_group(site, first[g], &html);
	for (int p = 0; p < site->posts; p++) {
		bool told = words_find(WORDS(first), site->post[p].group) >= 0;
		for (int before = 0; before < p; before++)
			told = told || strcmp(site->post[before].group, site->post[p].group) == 0;
		if (!told)
			put_group(site, site->post[p].group, &html);
	}
	text_add(&html, "</main>\n<footer><a href=\"feed.xml\">Feed</a></footer>\n</body>\n</html>\n");
	return write_text(site, path_in(site, "", "index.html"), &html);
}

/* ---- for programs ---- */

static bool write_feed(const struct site *site)
{
	struct text xml;
	const char *newest = "1970-01-01", *at = site->url ? site->url : "";
	text_begin(&xml, site->line->arena);
	for (int p = 0; p < site->posts; p++)
		if (strcmp(site->post[p].date, newest) > 0)
			newest = site->post[p].date;
	text_add(&xml,
		 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
		 "<title>casebook</title>\n<id>tag:casebook,2026:posts</id>\n<author><name>casebook</name></author>\n"
		 "<updated>%sT00:00:00Z</updated>\n<link href=\"",
		 newest);
	text_escaped(&xml, *at ? at : "index.html");
	text_add(&xml, "\"/>\n");
	for (int p = 0; p < site->posts; p++) {
		const struct site_post *post = &site->post[p];
		text_add(&xml, "<entry>\n<title>");
		text_escaped(&xml, post->title);
		text_add(&xml, "</title>\n<id>tag:casebook,%s:%s</id>\n<updated>%sT00:00:00Z</updated>\n<link href=\"",
			 post->date, post->name, post->date);
		text_escaped(&xml, at);
		text_add(&xml, "%s/index.html\"/>\n<summary>", post->name);
		text_escaped(&xml, post->summary);
		text_add(&xml, "</summary>\n</entry>\n");
	}
	text_add(&xml, "</feed>\n");
	return write_text(site, path_in(site, "", "feed.xml"), &xml);
}

/* A map needs addresses that are whole. */
static bool write_map(const struct site *site)
{
	struct text xml;
	if (!site->url) {
		message_note("no sitemap.xml, and pictures of links have no whole address: --url tells where the site "
			     "will be");
		return true;
	}
	text_begin(&xml, site->line->arena);
	text_add(&xml, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		       "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n<url><loc>");
	text_escaped(&xml, site->url);
	text_add(&xml, "</loc></url>\n");
	for (int p = 0; p < site->posts; p++)
		for (int page = 0; page <= site->post[p].page; page++) {
			text_add(&xml, "<url><loc>");
			text_escaped(&xml, site->url);
			text_add(&xml, "%s/%s</loc><lastmod>%s</lastmod></url>\n", site->post[p].name,
				 page ? "page.html" : "", site->post[p].date);
		}
	text_add(&xml, "</urlset>\n");
	return write_text(site, path_in(site, "", "sitemap.xml"), &xml);
}

static bool copy_style(const struct site *site)
{
	size_t length;
	const char *path = paths_data_file(site->line->arena, "posts/site.css");
	const char *style = path ? files_read(site->line->arena, path, &length, site->line->err) : NULL;
	if (!path)
		return err_add(site->line->err, ERR_OUTPUT, NULL, "casebook's posts are not found");
	return style && output_write(path_in(site, "", "site.css"), style, length, site->line->err);
}

int site_make(struct command_line *line, const char *dir, const char *url, int64_t jobs)
{
	struct site site = {.line = line, .dir = dir, .jobs = jobs};
	const char *const *argument = line->operands > 0 ? line->operand : paths_models(line->arena);
	if (url)
		site.url = arena_format(line->arena, "%s%s", url, *url && url[strlen(url) - 1] == '/' ? "" : "/");
	site.post = ARENA_ARRAY(line->arena, POSTS_MAX, struct site_post);
	if (!output_dir(dir, line->err) || !copy_style(&site))
		return 0;
	for (; *argument && site.posts < POSTS_MAX && !err_any(line->err); argument++)
		if (line->operands > 0 || posting_exists(line, *argument))
			add_post(&site, *argument);
	if (!err_any(line->err) && write_index(&site) && write_feed(&site) && write_map(&site))
		printf("%s\n", path_in(&site, "", "index.html"));
	return 0;
}
