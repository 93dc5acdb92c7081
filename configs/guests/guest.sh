#!/bin/sh
# Usage: configs/guests/guest.sh [--help]
#
# Everything for a Linux guest in one command: fetch.sh, then build.sh. Prints where the results
# are, one "name=path" in a line: kernel, initramfs, firmware. What is done already is not repeated.

. "$(dirname "$0")/common.sh"

case "${1:-}" in
  '') ;;
  -h | --help) print_help; exit 0 ;;
  *) die "unknown argument '$1'; see --help" ;;
esac

sh "$here/fetch.sh"
sh "$here/build.sh"
echo "kernel=$guests/linux/kernel"
echo "initramfs=$guests/linux/initramfs.cpio.gz"
echo "firmware=$guests/linux/fw_dynamic.bin"
