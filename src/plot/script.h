/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gnuplot script of a figure: settings made from its layout, between the parts in plots/.
 */
#ifndef PLOT_SCRIPT_H
#define PLOT_SCRIPT_H

#include "plot/layout.h"

#include <stdio.h>

/* Writes the settings. */
void script_settings(FILE *file, const struct figure *figure, const struct layout *layout);

/*
 * Whether a text could be settings that script_settings has written: nothing but the words and forms that it uses,
 * texts in single quotes, no comment that goes on, so that gnuplot can be led to draw by it and to nothing else.
 */
bool script_is_settings(const char *text, size_t length);

#endif
