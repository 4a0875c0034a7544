# SPDX-License-Identifier: GPL-3.0-or-later
# Percentiles: latency over percentiles, an axis of 1 / (1 - p): each nine is as wide as the one before.
set grid xtics ytics
plot @curves
