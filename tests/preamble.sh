# shellcheck shell=sh disable=SC2034
# What the shell tests that run guests share. Sourced from tests/FOLDER/NAME.sh, not run.

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
orrery=${ORRERY:-$source/build/release/orrery}
cache=${ORRERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orrery}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  failures=$((failures + 1))
  echo "$1"
}

# The images of the Linux guest are in the cache.
have_linux() { [ -e "$cache/guests/linux/kernel" ]; }

# Ends a test that can do nothing without them.
need_linux() {
  have_linux && return
  echo "skipped: the guest images are not in $cache; see configs/guests/guest.sh"
  exit 77
}
