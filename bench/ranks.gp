# SPDX-License-Identifier: GPL-3.0-or-later
# Draws plots/gallery/cluster-ranks.svg from docs/cluster.tsv, which bench/sweep.sh has printed:
#   WITH_MPI=yes sh bench/sweep.sh >docs/cluster.tsv; gnuplot bench/ranks.gp
# Lines are ranks of MPI: rank 0 hands out, so n ranks are n - 1 workers. Crosses are threads.
format = 'svg'
output = 'plots/gallery/cluster-ranks.svg'
load 'plots/page.gp'
data = 'docs/cluster.tsv'

size = 3
array customers[size] = [1000, 100000, 1000000]
array colour[size] = ['#c91f17', '#1a7f37', '#588cff']
array one[size]
array last[size]
seconds(i, by, count) = system(sprintf("awk '$1 == %d && $3 == \"%s\" && $4 == %d { print $5 }' %s", \
	customers[i], by, count, data))
do for [i = 1:size] {
	one[i] = real(seconds(i, 'threads', 1))
	last[i] = seconds(i, 'ranks', 4) eq '' ? NaN : real(seconds(i, 'ranks', 4)) / one[i]
}
name(i) = sprintf('runs of %s customers', i == 1 ? '1 k' : i == 2 ? '100 k' : '1 M')

set lmargin at screen px(60)
set rmargin at screen px(540)
set tmargin at screen py(84)
set bmargin at screen py(330)
set label 'Two workers nearly halve the time, unless runs are very short' at screen px(16), py(26) \
	font ',15' textcolor rgb ink
set label 'Time of a sweep of station, as a part of that of one thread; a machine of two processors' \
	at screen px(16), py(48) font ',11' textcolor rgb muted
set label 'lines: workers that are ranks of MPI · crosses: threads' at screen px(16), py(388) \
	font ',10' textcolor rgb muted
set xlabel 'workers' textcolor rgb muted font ',12'
set xrange [0.9:3.1]
set xtics 1, 1
set yrange [0:*]
do for [i = 1:size] {
	if (last[i] == last[i]) {
		set label name(i) at 3.05, last[i] + 0.06 * (2 - i) textcolor rgb colour[i] font ',12'
	}
}
plot for [i = 1:size] data using ($1 == customers[i] && strcol(3) eq 'ranks' ? $4 - 1 : NaN):($5 / one[i]) \
		with linespoints linecolor rgb colour[i] linewidth 2 pointtype 7 pointsize 0.6, \
	for [i = 1:size] data using ($1 == customers[i] && strcol(3) eq 'threads' ? $4 : NaN):($5 / one[i]) \
		with points linecolor rgb colour[i] linewidth 2 pointtype 2 pointsize 1
