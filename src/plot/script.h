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

#endif
