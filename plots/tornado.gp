# SPDX-License-Identifier: GPL-3.0-or-later
# Tornado: a bar from the base to what a change makes of it, one row a category, series below one another in each.
bar = 0.8 / (series > 0 ? series : 1)
middle(s) = (series / 2.0 + 0.5 - s) * bar
set style fill solid 1 noborder
set grid noytics
set grid xtics back linetype 1 linecolor rgb grid linewidth 1
plot for [s = 1:series] data index (s - 1) \
		using (x(1)):(y(2) + middle(s)):(base):(x(1)): \
			(y(2) + middle(s) - bar * 0.46):(y(2) + middle(s) + bar * 0.46) \
		with boxxyerror linestyle s dashtype 1, \
	for [i = 1:words(whiskers)] data index (nth(whiskers, i) - 1) \
		using (x(3)):(y(2) + middle(nth(whiskers, i))):(x(4) - x(3)):(0) \
		with vectors heads size screen 0.006,90 linecolor rgb ink linewidth 1.5, \
	NaN notitle
