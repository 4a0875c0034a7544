# SPDX-License-Identifier: GPL-3.0-or-later
# Lines: anything over anything.
set grid xtics ytics
plot @curves
