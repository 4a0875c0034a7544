/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cases/case.h"

#include <string.h>

const struct case_view *case_view_find(const struct case_study *of, const char *name)
{
	for (const struct case_view *view = of->views; view && view->name; view++)
		if (!name || strcmp(view->name, name) == 0)
			return view;
	return NULL;
}

const struct case_study *case_find(const char *name)
{
	for (int i = 0; case_studies[i]; i++)
		if (strcmp(case_studies[i]->name, name) == 0)
			return case_studies[i];
	return NULL;
}
