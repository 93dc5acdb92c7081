#!/bin/sh
# Usage: configs/guests/guest.sh [--host] [--help]
#
# Everything for a Linux guest in one command: fetch.sh, then build.sh. Prints where the results
# are, one "name=path" in a line: kernel, initramfs, firmware. What is done already is not repeated.
# With --host the guest's programs and its busybox are there for this machine too: host, busybox.

. "$(dirname "$0")/common.sh"

host=no
case "${1:-}" in
  '') ;;
  --host) host=yes ;;
  -h | --help) print_help; exit 0 ;;
  *) die "unknown argument '$1'; see --help" ;;
esac

sh "$here/fetch.sh" "$@"
sh "$here/build.sh" "$@"
echo "kernel=$guests/linux/kernel"
echo "initramfs=$guests/linux/initramfs.cpio.gz"
echo "firmware=$guests/linux/fw_dynamic.bin"
if [ "$host" = yes ]; then
  echo "host=$guests/host"
  echo "busybox=$guests/debian-host/busybox"
fi
