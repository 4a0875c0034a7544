# SPDX-License-Identifier: GPL-3.0-or-later
# History: a bar from the beginning to the end of each thing that happened, one row each.
set style fill solid 1 noborder
set grid noytics
set grid xtics back linetype 1 linecolor rgb grid linewidth 1
plot for [s = 1:series] data index (s - 1) \
		using (x(3)):(y(2)):(x(3)):(x(4)):(y(2) - 0.32):(y(2) + 0.32) with boxxyerror linestyle s dashtype 1, \
	NaN notitle
