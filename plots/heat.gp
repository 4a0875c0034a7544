# SPDX-License-Identifier: GPL-3.0-or-later
# A heat map: its cells are rectangles of the settings above; the data hold their values.
unset grid
set xtics scale 0
plot NaN notitle
