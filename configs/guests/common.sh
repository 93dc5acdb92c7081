# shellcheck shell=sh disable=SC2034
# What the guest scripts share. Sourced, not run.

set -eu
LC_ALL=C
export LC_ALL
umask 022

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
guests=${ORRERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orrery}/guests
name=$(basename "$0")

say() { echo "$name: $*" >&2; }
die() { echo "$name: $*" >&2; exit 1; }

# The help text of a script is the comment at its top.
print_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# need COMMAND PACKAGE: a missing tool is named together with the Debian package that holds it.
need() { command -v "$1" >/dev/null 2>&1 || die "needs the command '$1' (Debian package $2)"; }

# begin_work NAME: waits until no other guest script works in the cache, then makes the directory
# $work, in which everything is prepared and from which finished results are renamed into place.
# What a killed run has left there is swept away by the next one.
begin_work() {
  mkdir -p "$guests/linux"
  exec 9>"$guests/.lock"
  flock 9
  rm -rf "$guests"/.work.*
  work=$(mktemp -d "$guests/.work.$1.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

end_work() {
  rm -rf "$work"
  trap - EXIT INT TERM HUP
  exec 9>&-
}

# publish DIRECTORY NAME: moves a finished directory to $guests/NAME.
publish() {
  if [ -e "$guests/$2" ]; then mv "$guests/$2" "$work/old.$2"; fi
  mv "$1" "$guests/$2"
}

# link TARGET NAME: makes the stable path $guests/linux/NAME point to TARGET, in one step.
link() {
  ln -sf "$1" "$work/link"
  mv -fT "$work/link" "$guests/linux/$2"
}
