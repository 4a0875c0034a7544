/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/format.h"
#include "base/reader.h"

#include <string.h>

/* Format 1: a claim did not say its kind. */
static void check_kinds(const struct tree *file, struct err *err)
{
	const struct tree *claims = tree_get(file, "claims");
	for (const struct tree *claim = claims && claims->kind == TREE_LIST ? claims->child : NULL; claim;
	     claim = claim->next)
		if (claim->kind == TREE_MAP && !tree_get(claim, "kind"))
			err_add(err, ERR_MODEL, &claim->place,
				"a claim tells its kind since format 2: add kind: predicted (it follows from the "
				"mechanism), calibrated (the model was fitted to it), or derived (arithmetic, a "
				"closed form)");
}

/* Where an expression divides by a number of ten digits or more that ends in nine zeros; NULL: nowhere. */
static const char *billions(const char *text)
{
	for (const char *slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *digits = slash + 1 + strspn(slash + 1, " ");
		size_t length = strspn(digits, "0123456789");
		if (length >= 10 && strspn(digits + length - 9, "0") == 9)
			return slash;
	}
	return NULL;
}

/* Format 1: work was told in ns, and the share of the busiest worker in millionths. */
static void check_texts(const struct tree *tree, bool uber, struct err *err)
{
	if (tree->kind != TREE_SCALAR) {
		for (const struct tree *child = tree->child; child; child = child->next)
			if (!child->key || !reader_is_note(child))
				check_texts(child, uber, err);
		return;
	}
	const char *divided = strchr(tree->text, '(') ? billions(tree->text) : NULL;
	struct place place = tree->place;
	if (divided) {
		place.column += (int)(divided - tree->text);
		err_add(err, ERR_MODEL, &place,
			"work is a time since format 2, and a rate of work a number of busy servers: leave out "
			"\"%.24s\", "
			"or write the time with its unit (150000000000 is 150 s)",
			divided);
	}
	const char *hottest = uber ? strstr(tree->text, "(hottest)") : NULL;
	if (hottest) {
		place = tree->place;
		place.column += (int)(hottest - tree->text);
		err_add(err, ERR_MODEL, &place,
			"hottest is a part of one since format 2, not millionths: 250000 is 25 %% now");
	}
}

bool format_check(const struct tree *file, struct err *err)
{
	const struct tree *format = tree_get(file, "format"), *of = tree_get(file, "case");
	int before = err->count;
	if (format && !reader_must_be(err, format, TREE_SCALAR, "format"))
		return false;
	if (format && strcmp(format->text, "2") == 0)
		return true;
	if (format && strcmp(format->text, "1") != 0)
		return err_add(err, ERR_MODEL, &format->place,
			       "format: \"%.20s\": this casebook reads formats 1 and %d; a newer one may read it",
			       format->text, FORMAT_NOW);
	check_kinds(file, err);
	check_texts(file, of && of->kind == TREE_SCALAR && strcmp(of->text, "uber") == 0, err);
	if (err->count == before)
		return true;
	struct place top = format ? format->place : file->place;
	return err_add(err, ERR_MODEL, &top,
		       "this file is of format 1%s: change what is told here, then write format: %d below its case",
		       format ? "" : ", or does not say that it is of format 2", FORMAT_NOW);
}
