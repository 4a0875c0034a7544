# SPDX-License-Identifier: GPL-3.0-or-later
# The page of every figure: its size, fonts, dashes, and how a series is drawn. The script of a figure begins with
# this file, goes on with its own settings, and ends with the file of its kind. Texts are plain text, never markup.

# Unless a caller names a format and a file, the figure is drawn as SVG and as PNG, named like the script.
alone = !exists('format')
if (alone) { format = 'svg'; output = name.'.svg' }
page_svg = "svg noenhanced size 720,405 fixed font 'DejaVu Sans,12'"
page_png = "pngcairo noenhanced size 1440,810 font 'DejaVu Sans,12' fontscale 1.5 linewidth 2 \
	pointscale 2.4 dashlength 2 background rgb 'white'"
page_pdf = "pdfcairo noenhanced size 7.5in,4.21875in font 'DejaVu Sans,12' fontscale 0.5625"
page_card = "pngcairo noenhanced size 1200,630 font 'DejaVu Sans,12' fontscale 1.17 linewidth 1.6 \
	pointscale 2 dashlength 1.6 background rgb 'white'"
if (format eq 'svg') { set terminal @page_svg }
if (format eq 'png') { set terminal @page_png }
if (format eq 'pdf') { set terminal @page_pdf }
if (format eq 'card') { set terminal @page_card }
set output output

# Pixels from the top left corner of 720 x 405, as a share of the page.
px(pixels) = pixels / 720.0
py(pixels) = 1 - pixels / 405.0

# What is not data. The SVG shows other colours on a dark page.
ink = '#1f2328'
muted = '#59636e'
grid = '#d9dee3'
shade = '#6e7781'

set encoding utf8
set datafile separator tab
set datafile commentschars '#'
unset key
set border 1 linecolor rgb muted linewidth 1
set tics nomirror textcolor rgb muted font ',12'
set xtics scale 0.4 offset 0, 0.3
set ytics scale 0 offset 0.4, 0
set grid ytics back linetype 1 linecolor rgb grid linewidth 1
set grid noxtics

# Dashes 1 (none) to 5 are for series, 6 for formulas, 7 for marks.
set dashtype 2 (7, 3)
set dashtype 3 (2, 4)
set dashtype 4 (8, 3, 2, 3)
set dashtype 5 (12, 4)
set dashtype 6 (5, 4)
set dashtype 7 (2, 3)

# Curves: x and y are functions that read a column; shaded, whiskers, lines, steps and points list the series that
# have each. gnuplot reads the body of a loop once even when the loop has no turns: nth then says 1.
nth(list, i) = i > words(list) ? 1 : int(word(list, i))
curves = "\
for [i = 1:words(shaded)] data index (nth(shaded, i) - 1) using (x(1)):(y(3)):(y(4)) \
	with filledcurves linestyle nth(shaded, i) fillstyle transparent solid 0.15 noborder, \
for [i = 1:words(whiskers)] data index (nth(whiskers, i) - 1) using (x(1)):(y(3)):(0):(y(4) - y(3)) \
	with vectors heads size screen 0.006,90 linestyle nth(whiskers, i) linewidth 1.5 dashtype 1, \
for [i = 1:words(lines)] data index (nth(lines, i) - 1) using (x(1)):(y(2)) with lines linestyle nth(lines, i), \
for [i = 1:words(steps)] data index (nth(steps, i) - 1) using (x(1)):(y(2)) with steps linestyle nth(steps, i), \
for [i = 1:words(points)] data index (nth(points, i) - 1) using (x(1)):(y(2)) with points linestyle nth(points, i), \
NaN notitle"
