# SPDX-License-Identifier: GPL-3.0-or-later
# Timeline: something over simulated time.
plot @curves
