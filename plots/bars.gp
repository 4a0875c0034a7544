# SPDX-License-Identifier: GPL-3.0-or-later
# Bars: one a series in each category, side by side, four fifths of the width of the category together.
bar = 0.8 / (series > 0 ? series : 1)
middle(s) = (s - 0.5 - series / 2.0) * bar
set boxwidth bar * 0.92
set style fill solid 1 noborder
set xtics scale 0
plot for [s = 1:series] data index (s - 1) using (x(1) + middle(s)):(y(2)) with boxes linestyle s dashtype 1, \
	for [i = 1:words(whiskers)] data index (nth(whiskers, i) - 1) \
		using (x(1) + middle(nth(whiskers, i))):(y(3)):(0):(y(4) - y(3)) \
		with vectors heads size screen 0.006,90 linecolor rgb ink linewidth 1.5, \
	NaN notitle
