# SPDX-License-Identifier: GPL-3.0-or-later
# Diagram of steps: lanes side by side, rows in the order of time, a line for each request.
set grid noytics
set grid xtics back linetype 1 linecolor rgb grid linewidth 1
plot @curves
