/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees from text, for tests that have no YAML at hand: {key: word, other: [a, {b: c}]}. A word ends at a comma or a
 * closing bracket outside of parentheses; blanks around it do not count. No quotes; the text must be right.
 */
#ifndef TESTS_FLOW_H
#define TESTS_FLOW_H

#include "base/check.h"
#include "base/tree.h"

#include <string.h>

/* Where everything in the text was written, as its places say: line `line`. */
static inline struct tree *flow_read(struct arena *arena, const char **at, int line)
{
	const struct place place = {"test", line, 1};
	*at += strspn(*at, " ");
	if (**at != '{' && **at != '[') {
		size_t length = 0;
		for (int depth = 0; (*at)[length] && (depth > 0 || !strchr(",]}", (*at)[length])); length++)
			depth += ((*at)[length] == '(') - ((*at)[length] == ')');
		const char *word = *at;
		*at += length;
		while (length > 0 && word[length - 1] == ' ')
			length--;
		return tree_scalar(arena, arena_text_of(arena, word, length), place);
	}
	char close = **at == '{' ? '}' : ']';
	struct tree *tree = close == '}' ? tree_map(arena, place) : tree_list(arena, place);
	for (*at += 1; *at += strspn(*at, " ,"), **at != close;) {
		const char *key = NULL;
		if (close == '}') {
			size_t length = strcspn(*at, ":");
			CHECK((*at)[length] == ':');
			key = arena_text_of(arena, *at, length);
			*at += length + 1;
		}
		CHECK(**at);
		tree_append(tree, key, place, flow_read(arena, at, line));
	}
	*at += 1;
	return tree;
}

static inline struct tree *flow(struct arena *arena, const char *text)
{
	return flow_read(arena, &text, 1);
}

#endif
