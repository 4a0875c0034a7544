#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# It builds what it runs by itself, whatever the rest is built with, and once is enough for all builds of a check.
[ "${SANITIZERS:-no}${CASEBOOK_ONCE-}" = no ] || { echo "1..0 # SKIP its builds are those of the plain suite"; exit 0; }
exec "${top_srcdir:-.}/tests/digest.sh"
