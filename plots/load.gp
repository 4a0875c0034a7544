# SPDX-License-Identifier: GPL-3.0-or-later
# Load: latency over offered load.
plot @curves
