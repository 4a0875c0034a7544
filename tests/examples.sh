#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples of a document: every block that begins with ```console holds a command and what it printed.
#   examples.sh run DOCUMENT DIRECTORY PATTERN   runs those whose command matches, in DIRECTORY, one after the other;
#                                                leaves N.command, N.told (in the document), N.printed (now)
#   examples.sh update DOCUMENT [PATTERN]        runs them (all unless said), and writes what they print and draw now
#                                                into the document and into plots/gallery, where DIR-NAME.svg is
#                                                NAME.svg of -o DIR; tells how long each took
# CASEBOOK is the program, top_srcdir the source tree.
casebook=${CASEBOOK:-${top_builddir:-.}/casebook}
case $casebook in /*) ;; *) casebook=$PWD/$casebook ;; esac
verb=$1
document=$2

# blocks DOCUMENT DIRECTORY
blocks() {
	mkdir -p "$2/bin" "$2/work"
	awk -v into="$2/" '
		/^```console$/ { n++; first = 1; printf "" > (into n ".told"); next }
		/^```$/ && first != "" { first = ""; next }
		first == "" { next }
		first { sub(/^\$ /, ""); print > (into n ".command"); first = /\\$/; next }
		{ print > (into n ".told") }' "$1"
	models "$1" "$2/work"
}

# models DOCUMENT DIRECTORY: every block of YAML that begins with "# NAME.yaml" becomes that file.
models() {
	awk -v into="$2/" '/^```yaml/ { first = 1; next } /^```/ { file = "" }
		first { file = /^# [a-z0-9]*\.yaml$/ ? into substr($0, 3) : ""; first = 0 }
		file != "" { print > file }' "$1"
}

# run_all DIRECTORY PATTERN
run_all() {
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$casebook" >"$1/bin/casebook"
	chmod +x "$1/bin/casebook"
	number=1
	while [ -s "$1/$number.command" ]; do
		if grep -q -e "$2" "$1/$number.command"; then
			[ "$verb" = run ] || printf '%s\n' "$(head -n 1 "$1/$number.command")" >&2
			begun=$(date +%s)
			(cd "$1/work" && PATH=$1/bin:$PATH LC_ALL=C sh "$1/$number.command" </dev/null 2>&1) |
				sed 's/[[:space:]]*$//' >"$1/$number.printed"
			[ "$verb" = run ] || echo "	$(($(date +%s) - begun)) s" >&2
		fi
		number=$((number + 1))
	done
}

case $verb in
run)
	blocks "$document" "$3"
	run_all "$3" "$4"
	;;
update)
	scratch=$(mktemp -d) || exit 1
	trap 'rm -rf "$scratch"' EXIT
	blocks "$document" "$scratch"
	run_all "$scratch" "${3:-.}"
	awk -v from="$scratch/" '
		/^```console$/ { n++; first = 1; print; next }
		/^```$/ && first != "" {
			file = from n ".printed"
			if ((getline line < file) < 0)
				file = from n ".told"
			else
				close(file)
			while ((getline line < file) > 0)
				print line
			first = ""
			print
			next
		}
		first == 0 && first != "" { next }
		{ print }
		first { first = /\\$/ ? 1 : 0 }' "$document" >"$scratch/new" && cp "$scratch/new" "$document"
	for picture in $(sed -n 's|.*](\.\./plots/gallery/\([a-z0-9-]*\)\.svg).*|\1|pI' "$document"); do
		drawn=$scratch/work/${picture%%-*}/${picture#*-}.svg
		[ -e "$drawn" ] && cp "$drawn" "${top_srcdir:-.}/plots/gallery/$picture.svg"
	done
	;;
*)
	echo "usage: $0 run DOCUMENT DIRECTORY PATTERN | update DOCUMENT" >&2
	exit 2
	;;
esac
