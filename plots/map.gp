# SPDX-License-Identifier: GPL-3.0-or-later
# Maps side by side: areas, filled by the class of their values.
unset xtics
unset ytics
unset border
unset grid
plot for [s = 1:series] data index (s - 1) using (x(1)):(y(2)) with filledcurves closed linestyle s fillstyle solid noborder, NaN notitle
