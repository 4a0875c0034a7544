#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bootstrap on a machine made of small scripts instead of dpkg, apt-get, sudo, autoreconf and make: what it asks of them.
top=${top_srcdir:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
unset CONFIGURE_ARGS CC
count=0

ok() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

# program FILE: makes a command of the machine from the script on stdin. Every call is noted in $scratch/calls.
machine=$scratch/machine
tree=$scratch/tree
mkdir "$machine"
program() {
	{
		echo '#!/bin/sh'
		echo "scratch='$scratch'"
		# shellcheck disable=SC2016 # expands in the program
		echo 'echo "${0##*/} $*" >>"$scratch/calls"'
		cat
	} >"$1"
	chmod +x "$1"
}

for name in sh dirname sed tr tail grep env cat rm mkdir chmod touch; do
	ln -s "$(command -v $name)" "$machine/$name"
done
for name in cc make nproc; do
	echo 'echo 2' | program "$machine/$name"
done
program "$machine/id" <<'END'
cat "$scratch/user"
END
program "$machine/sudo" <<'END'
[ -e "$scratch/sudo" ] || exit 1
shift
"$@"
END
program "$machine/dpkg-query" <<'END'
while read -r package; do
	case " $* " in *" $package "*) echo "installed $package" ;; esac
done <"$scratch/installed"
echo "config-files valgrind"
exit 1
END
program "$machine/apt-get" <<'END'
case " $* " in
*" update "*) touch "$scratch/lists" ;;
*)
	[ -e "$scratch/lists" ] || exit 100
	for package; do
		[ "$package" != nodejs ] || exit 100
	done
	printf '%s\n' "$@" >>"$scratch/installed"
	;;
esac
END
program "$machine/autoreconf" <<'END'
mkdir -p build-aux
touch Makefile.in build-aux/tap-driver.sh
printf '#!/bin/sh\necho configure "$@" >>"%s/calls"\ntouch Makefile config.status\nchmod +x config.status\n' \
	"$scratch" >configure
chmod +x configure
END

# fresh USER: a machine with nothing, a tree with nothing; USER is the number of the user.
fresh() {
	rm -rf "$tree" "$scratch/lists" "$scratch/sudo"
	mkdir "$tree"
	cp "$top/bootstrap" "$tree/bootstrap"
	: >"$scratch/installed"
	echo "$1" >"$scratch/user"
}

bootstrap() {
	: >"$scratch/calls"
	PATH=$machine "$tree/bootstrap" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

called() {
	grep -q -e "$1" "$scratch/calls"
}

fresh 0
bootstrap build
ok $status "root: build works from nothing"
called '^apt-get .*update' && called '^apt-get .*install -y .*libfyaml-dev'
ok $? "apt-get fetches its lists when it must, and installs"
! called '^sudo' && called '^autoreconf' && called '^configure' && called '^make .*all$'
ok $? "then autoreconf, configure, make; no sudo"
[ ! -s "$scratch/out" ]
ok $? "nothing is said on stdout"

bootstrap build
[ $status = 0 ] && ! called '^apt-get' && ! called '^autoreconf' && ! called '^configure' && called '^make'
ok $? "the second time only make is called"

bootstrap check
[ $status = 0 ] && grep -q 'no nodejs' "$scratch/err" && grep -q -x lld "$scratch/installed" && called '^make .*check$'
ok $? "check: a package that cannot be had does not stop it, nor the others"
bootstrap check
! grep -q 'no lld' "$scratch/err" && ! called '^apt-get .*lld'
ok $? "what is there is not installed again"

bootstrap bench
[ $status = 0 ] && grep -q 'no nodejs: its measurements are skipped' "$scratch/err" &&
	grep -q -x libsimgrid-dev "$scratch/installed" && called '^make .*bench$'
ok $? "bench: other simulators are installed, without one it measures the rest"
! called '^make .*check' && ! called '^make bench-peers'
ok $? "it runs no tests, and asks npm for nothing when there is none"
echo 'exit 1' | program "$machine/npm"
bootstrap bench
[ $status = 0 ] && called '^make bench-peers' && ! called '^apt-get .* npm'
ok $? "with npm it asks that for the one that is no package of Debian"
rm "$machine/npm"

fresh 1000
bootstrap build
[ $status = 1 ] && grep -q '^  apt-get install .*zlib1g-dev .*libgsl-dev .*gnuplot-nox' "$scratch/err"
ok $? "a user without sudo is told what to install, exit code 1"
! called '^apt-get' && ! called '^autoreconf' && ! called '^make'
ok $? "and nothing is done"

fresh 1000
touch "$scratch/sudo"
bootstrap build
[ $status = 0 ] && called '^sudo -n env .*apt-get .*install' && called '^apt-get .*install'
ok $? "a user with sudo installs through it"

fresh 0
echo 'exit 1' | program "$machine/autoreconf"
bootstrap build
[ $status = 1 ] && ! called '^make' && grep -q 'bootstrap.log' "$scratch/err"
ok $? "canary: a step that fails stops it and names the log"

fresh 0
bootstrap
[ $status = 0 ] && grep -q '^usage:' "$scratch/out"
ok $? "without arguments it tells its usage"
bootstrap nonsense
[ $status = 2 ] && grep -q '^usage:' "$scratch/err" && [ ! -s "$scratch/calls" ]
ok $? "an unknown command is a mistake of usage"

# What configure asks for is what bootstrap installs.
grep -o 'CASEBOOK_MISSING(\[[^]]*\], \[[a-z-]*\])' "$top/configure.ac" | sed 's/.*\[\(.*\)\])$/\1/' >"$scratch/asked"
[ "$(wc -l <"$scratch/asked")" -ge 6 ]
ok $? "configure.ac names packages"
packages=$(sed -n "/^build_packages=/,/'\$/p" "$top/bootstrap" | tr "='" '  ' | tr '\n' ' ')
forgotten=
while read -r package; do
	case " $packages " in *" $package "*) ;; *) forgotten="$forgotten $package" ;; esac
done <"$scratch/asked"
[ -z "$forgotten" ]
ok $? "bootstrap installs what configure needs$forgotten"

echo "1..$count"
