# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the scripts that call casebook: TAP lines, and calls whose outputs lie in $scratch/out and $scratch/err.
casebook=${CASEBOOK:-${top_builddir:-.}/casebook}
[ -x "$casebook" ] || { echo "1..0 # SKIP no $casebook"; exit 0; }
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
unset NO_COLOR
count=0

# enter: from now on everything happens in $scratch; $casebook and $top, the source tree, are absolute.
enter() {
	top=${top_srcdir:-.}
	case $casebook in /*) ;; *) casebook=$PWD/$casebook ;; esac
	case $top in /*) ;; *) top=$PWD/$top ;; esac
	cd "$scratch" || exit 99
}

# ok STATUS TEXT: a check that holds when STATUS is 0; returns it.
ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# out: /' "$scratch/out" 2>/dev/null | head -n 8
		sed 's/^/# err: /' "$scratch/err" 2>/dev/null | head -n 8
	fi
	return "$1"
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# call ARGUMENT...: runs casebook; its exit code is in $status.
call() {
	"$casebook" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

# exits CODE TEXT: the exit code of the last call.
exits() {
	[ "$status" = "$1" ]
	ok $? "$2: exit code $1"
}
