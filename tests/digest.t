#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# It builds what it runs by itself, whatever the rest is built with.
[ "${SANITIZERS:-no}" = no ] || { echo "1..0 # SKIP its builds are those of the suite without sanitizers"; exit 0; }
exec "${top_srcdir:-.}/tests/digest.sh"
