#!/bin/sh
# Usage: sh configs/install_packages.sh LIST...
#
# Installs those of the Debian packages listed in the files (one a line, # begins a remark) that are
# missing, as root or by sudo.
set -eu

missing=$(cat "$@" | sed 's/#.*//; /^ *$/d' | sort -u | while read -r package; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
done)
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086 # a list of words
set -- $missing
echo "installing $*" >&2
if [ "$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
