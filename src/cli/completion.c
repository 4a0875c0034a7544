/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands for a value in --help ("VARIANT", "KEY=VALUE") tells what it may be: `kinds` has a function for each of
 * them. Names come from the study that the line names; where it does not load, there are none.
 */
#include "cli/completion.h"
#include "base/words.h"
#include "cli/load.h"
#include "cli/manual.h"
#include "cli/postfiles.h"
#include "io/paths.h"
#include "io/results.h"
#include "param/param_walk.h"
#include "run/figures.h"
#include "run/names.h"

#include <string.h>

struct completing {
	const char *before;            /* what stands before the word in the same argument: "--set=" */
	const char *last;              /* as far as it was typed */
	const char *model;             /* the operand that names a study; NULL */
	struct study *study;           /* loaded when it is wanted first; NULL */
	const struct command *command; /* NULL: the first word is completed */
	struct arena *arena;
	FILE *into;
};

static void put(const struct completing *completing, const char *word, const char *about)
{
	if (strncmp(word, completing->last, strlen(completing->last)) == 0)
		fprintf(completing->into, "%s%s\t%s\n", completing->before, word, about ? about : "");
}

static const struct study *study_of(struct completing *completing)
{
	struct err ignored;
	err_init(&ignored);
	if (!completing->study && completing->model)
		completing->study = load_study(completing->arena, completing->model, NULL, &ignored);
	return completing->study;
}

static void cases(struct completing *completing)
{
	for (const char **name = paths_models(completing->arena); *name; name++) {
		const struct case_study *of = case_find(*name);
		put(completing, *name, of ? of->about : "a model that comes with casebook");
	}
}

static void files(struct completing *completing)
{
	fputs(":files\n", completing->into);
}

static void directories(struct completing *completing)
{
	fputs(":directories\n", completing->into);
}

static void cases_and_files(struct completing *completing)
{
	cases(completing);
	files(completing);
}

static void variants(struct completing *completing)
{
	const struct study *study = study_of(completing);
	for (int i = 0; study && i < study->variants; i++)
		put(completing, study->variant[i], study->setup[i] ? study->setup[i]->about : "");
}

static void claims(struct completing *completing)
{
	const struct study *study = study_of(completing);
	for (int i = 0; study && i < study->claims; i++)
		put(completing, study->claim[i].id, study->claim[i].says);
}

static void figures(struct completing *completing)
{
	const struct study *study = study_of(completing);
	for (int i = 0; study && i < study->figures; i++)
		put(completing, study->figure[i].name, study->figure[i].kind->name);
}

/* Every parameter of any variant, with what follows its name. */
static void put_params(struct completing *completing, const char *after)
{
	const struct study *study = study_of(completing);
	struct param_walk walk, found;
	for (int i = 0; study && i < study->variants; i++) {
		const struct setup *setup = study->setup[i];
		for (param_walk_begin(&walk, study->of->params, setup->params); param_walk_next(&walk);) {
			bool known = param_is_table(walk.row);
			for (int k = 0; k < i && !known; k++)
				known = param_walk_find(&found, study->of->params, study->setup[k]->params, walk.path);
			if (!known)
				put(completing, arena_format(completing->arena, "%s%s", walk.path, after),
				    walk.row->help);
		}
	}
}

static void params(struct completing *completing)
{
	put_params(completing, "");
}

/* Before "=" a parameter; behind it the words that it may be. */
static void settings(struct completing *completing)
{
	const char *equals = strchr(completing->last, '=');
	if (!equals) {
		put_params(completing, "=");
		return;
	}
	const struct study *study = study_of(completing);
	const char *path = arena_text_of(completing->arena, completing->last, (size_t)(equals - completing->last));
	struct param_walk found;
	for (int i = 0; study && i < study->variants; i++) {
		if (!param_walk_find(&found, study->of->params, study->setup[i]->params, path))
			continue;
		for (const char *const *word = param_words(found.row); word && *word; word++)
			put(completing, arena_format(completing->arena, "%s=%s", path, *word), "");
		return;
	}
}

static void metrics(struct completing *completing)
{
	static const char *const statistics[] = {[METRIC_TIME] = "p99",
						 [METRIC_AMOUNT] = "mean",
						 [METRIC_COUNT] = "rate",
						 [METRIC_WORK] = "rate",
						 [METRIC_LEVEL] = "mean"};
	const struct study *study = study_of(completing);
	const struct metric *metric = study ? study->setup[0]->metrics : NULL;
	for (; metric && metric->name; metric++)
		put(completing, arena_format(completing->arena, "%s(%s)", statistics[metric->kind], metric->name),
		    metric->help);
}

static void faults(struct completing *completing)
{
	const struct study *study = study_of(completing);
	for (const struct fault_kind *kind = study ? study->of->faults : NULL; kind && kind->name; kind++)
		put(completing,
		    arena_format(completing->arena, "20 s for 10 s %s%s", kind->name, kind->target ? " " : ""),
		    kind->help);
}

static void windows(struct completing *completing)
{
	const struct study *study = study_of(completing);
	char name[RESULTS_WINDOW];
	for (int w = 0; study && w < study->setup[0]->trace.windows; w++)
		put(completing, results_window(study->setup[0], study->setup[0]->trace.window[w].window, name), "");
}

static void pages(struct completing *completing)
{
	for (const struct manual_page *page = manual_pages(completing->arena); page->name; page++)
		put(completing, page->topic, page->about);
}

static void forms(struct completing *completing)
{
	static const char *const words[] = {"man", "markdown", "schema", "bash", "zsh", "fish", NULL};
	for (int i = 0; words[i]; i++)
		put(completing, words[i], "");
}

static void exports(struct completing *completing)
{
	static const char *const words[] = {"page", "post", "site", "study", NULL};
	for (int i = 0; words[i]; i++)
		put(completing, words[i], "");
}

static void formats(struct completing *completing)
{
	static const char *const words[] = {"svg", "png", "pdf", "card", "svg,png", NULL};
	for (int i = 0; words[i]; i++)
		put(completing, words[i], "");
}

static void targets(struct completing *completing)
{
	for (int i = 0; postfiles_for[i]; i++)
		put(completing, postfiles_for[i], "");
}

static void colors(struct completing *completing)
{
	static const char *const words[] = {"auto", "always", "never", NULL};
	for (int i = 0; words[i]; i++)
		put(completing, words[i], "");
}

static void trace_formats(struct completing *completing)
{
	static const char *const words[] = {"csv", "json", "blanks", "common", "combined", NULL};
	for (int i = 0; words[i]; i++)
		put(completing, words[i], "");
}

static void nothing(struct completing *completing)
{
	(void)completing;
}

static const struct {
	const char *value;
	void (*print)(struct completing *completing);
} kinds[] = {{"C", nothing},
	     {"FORMAT", trace_formats},
	     {"WHICH", nothing},
	     {"A", variants},
	     {"ADDRESS", nothing},
	     {"B", variants},
	     {"CASE", cases},
	     {"CASE|FILE", cases_and_files},
	     {"CLAIM", claims},
	     {"COLUMN", nothing},
	     {"COLUMN,TIME", nothing},
	     {"COLUMN:UNIT", nothing},
	     {"COMMAND", nothing},
	     {"COMMAND|PAGE", pages},
	     {"CONDITION", nothing},
	     {"DIR", directories},
	     {"DIR|FILE", files},
	     {"FAULT", faults},
	     {"FIGURE", figures},
	     {"FILE", files},
	     {"FORM", forms},
	     {"K", nothing},
	     {"KIND", exports},
	     {"KEY=VALUE", settings},
	     {"KEY=VALUES", settings},
	     {"LIMIT", metrics},
	     {"LIST", formats},
	     {"METRIC", metrics},
	     {"N", nothing},
	     {"NAME,NAME", nothing},
	     {"OUTPUT", files},
	     {"PARAM", params},
	     {"PARAM[=LOW..HIGH]", params},
	     {"PART", nothing},
	     {"SHARE", nothing},
	     {"TARGET", targets},
	     {"VALUE", nothing},
	     {"VARIANT", variants},
	     {"WHEN", colors},
	     {"WINDOW", windows},
	     {NULL, NULL}};

bool completion_knows(const char *value)
{
	return words_find(WORDS(kinds), value) >= 0;
}

static void put_value(struct completing *completing, const char *value)
{
	int kind = words_find(WORDS(kinds), value);
	if (kind >= 0)
		kinds[kind].print(completing);
}

/* The name of operand `number` in "CASE|FILE [PARAM...]", without brackets; the last one again where it ends in dots.
 */
static const char *operand_at(const struct completing *completing, int number)
{
	const char *at = completing->command->operands, *name = NULL;
	bool again = strstr(at, "...") != NULL;
	for (int i = 0; i <= number; i++) {
		at += strspn(at, " []");
		size_t length = strcspn(at, " ]."), rest = strcspn(at, " ");
		if (length == 0)
			return again ? name : NULL;
		name = arena_text_of(completing->arena, at, length);
		at += rest;
	}
	return name;
}

static void put_commands(const struct completing *completing, const struct command *const *table)
{
	for (; *table; table++)
		put(completing, (*table)->name, (*table)->about);
}

static const struct option *option_of(const struct command *command, const char *word, size_t length)
{
	const struct option *tables[] = {command->options, options_of_all};
	for (int t = 0; t < 2; t++)
		for (const struct option *option = tables[t]; option && option->name; option++)
			if (word[1] == '-' ? strlen(option->name) == length - 2 &&
						     strncmp(option->name, word + 2, length - 2) == 0
					   : word[1] == option->letter)
				return option;
	return NULL;
}

static void put_options(const struct completing *completing)
{
	const struct option *tables[] = {completing->command->options, options_of_all};
	for (int t = 0; t < 2; t++)
		for (const struct option *option = tables[t]; option && option->name; option++)
			put(completing, arena_format(completing->arena, "--%s", option->name), option->help);
}

void completion_print(const char *const *word, int count, struct arena *arena, FILE *into)
{
	struct completing completing = {
		.before = "", .last = count > 0 ? word[count - 1] : "", .arena = arena, .into = into};
	const struct command *const *table = commands;
	int at = 0, operands = 0;
	const struct option *open = NULL; /* it wants the next word as its value */
	for (; table && at < count - 1; at++) {
		int index = words_find(WORDS_OF_POINTERS(table), word[at]);
		if (index < 0)
			return;
		completing.command = table[index];
		table = table[index]->commands;
	}
	if (table) {
		put_commands(&completing, table);
		return;
	}
	for (; at < count - 1; at++) {
		bool option = word[at][0] == '-' && word[at][1] && !open;
		size_t length = strcspn(word[at], "=");
		const struct option *found = option ? option_of(completing.command, word[at], length) : NULL;
		if (!option && !open && operands++ == 0)
			completing.model = word[at];
		open = found && found->value && !word[at][length] && (word[at][1] == '-' || !word[at][2]) ? found
													  : NULL;
	}
	const char *equals = strchr(completing.last, '=');
	if (!open && completing.last[0] == '-' && equals) {
		open = option_of(completing.command, completing.last, (size_t)(equals - completing.last));
		completing.before = arena_text_of(arena, completing.last, (size_t)(equals - completing.last) + 1);
		completing.last = equals + 1;
	}
	if (open) {
		if (open->value)
			put_value(&completing, open->value);
	} else if (completing.last[0] == '-') {
		put_options(&completing);
	} else {
		const char *operand = operand_at(&completing, operands);
		if (operand)
			put_value(&completing, operand);
	}
}

static const char bash[] = "# bash completion of casebook; made by `casebook help --as bash`\n"
			   "_casebook() {\n"
			   "\tlocal line=${COMP_LINE:0:COMP_POINT} word last prefix directory\n"
			   "\tlocal -a words\n"
			   "\tread -ra words <<<\"$line\"\n"
			   "\t[[ $line == *[[:blank:]] ]] && words+=('')\n"
			   "\tlast=${words[-1]}\n"
			   "\tCOMPREPLY=()\n"
			   "\t# what bash takes for words of their own: behind = and :\n"
			   "\tprefix=\n"
			   "\t[[ $last == *[=:]* && $COMP_WORDBREAKS == *=* ]] && prefix=${last%\"${last##*[=:]}\"}\n"
			   "\twhile IFS=$'\\t' read -r word _; do\n"
			   "\t\tcase $word in\n"
			   "\t\t:files | :directories)\n"
			   "\t\t\tdirectory=-f\n"
			   "\t\t\t[[ $word == :directories ]] && directory=-d\n"
			   "\t\t\tcompopt -o filenames 2>/dev/null\n"
			   "\t\t\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen $directory -- "
			   "\"${last#\"$prefix\"}\")\n"
			   "\t\t\t;;\n"
			   "\t\t*)\n"
			   "\t\t\tword=${word#\"$prefix\"}\n"
			   "\t\t\t[[ $word == *= ]] && compopt -o nospace 2>/dev/null\n"
			   "\t\t\tprintf -v word %q \"$word\"\n"
			   "\t\t\tCOMPREPLY+=(\"$word\")\n"
			   "\t\t\t;;\n"
			   "\t\tesac\n"
			   "\tdone < <(\"${words[0]}\" --complete \"${words[@]:1}\" 2>/dev/null)\n"
			   "}\n"
			   "complete -F _casebook casebook\n";

static const char zsh[] =
	"#compdef casebook\n"
	"# zsh completion of casebook; made by `casebook help --as zsh`\n"
	"_casebook() {\n"
	"\tlocal line word\n"
	"\tlocal -a names shown open open_shown\n"
	"\tfor line in \"${(@f)$($words[1] --complete \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"\t\tword=${line%%$'\\t'*}\n"
	"\t\tcase $word in\n"
	"\t\t'') ;;\n"
	"\t\t:files) _files ;;\n"
	"\t\t:directories) _files -/ ;;\n"
	"\t\t*=) open+=(\"$word\") open_shown+=(\"$word  ${line#*$'\\t'}\") ;;\n"
	"\t\t*) names+=(\"$word\") shown+=(\"$word  ${line#*$'\\t'}\") ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(( $#names )) && compadd -l -d shown -a names\n"
	"\t(( $#open )) && compadd -S '' -l -d open_shown -a open\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _casebook ]; then _casebook \"$@\"; else compdef _casebook casebook; fi\n";

static const char fish[] = "# fish completion of casebook; made by `casebook help --as fish`\n"
			   "function __casebook_complete\n"
			   "\tset -l words (commandline -opc)\n"
			   "\tset -l last (commandline -ct)\n"
			   "\tfor line in ($words[1] --complete $words[2..-1] \"$last\" 2>/dev/null)\n"
			   "\t\tswitch $line\n"
			   "\t\t\tcase ':files*'\n"
			   "\t\t\t\t__fish_complete_path \"$last\"\n"
			   "\t\t\tcase ':directories*'\n"
			   "\t\t\t\t__fish_complete_directories \"$last\"\n"
			   "\t\t\tcase '*'\n"
			   "\t\t\t\tprintf '%s\\n' $line\n"
			   "\t\tend\n"
			   "\tend\n"
			   "end\n"
			   "complete -c casebook -f -a '(__casebook_complete)'\n";

void completion_script(const char *shell, FILE *into)
{
	fputs(strcmp(shell, "bash") == 0 ? bash : strcmp(shell, "zsh") == 0 ? zsh : fish, into);
}
