# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by scripts that speak TAP and do not call casebook for each check: a place for files, in $scratch, and checks.
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
count=0 failed=0

# ok STATUS TEXT: a check that holds when STATUS is 0; returns it, and $failed is 1 from then on.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=1
	fi
	return "$1"
}
