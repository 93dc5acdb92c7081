#!/bin/sh
# Usage: configs/guests/build.sh [--host] [--help]
#
# Builds the guest's user land: compiles tests/guest/*.c for riscv64 and packs them, busybox, the
# kernel modules for virtio devices and `init` into an initramfs. The same inputs give the same
# bytes. Needs what fetch.sh leaves in the cache.
#
#   $ORRERY_CACHE/guests/build/   initramfs.cpio.gz  programs/  (with their symbols)
#   $ORRERY_CACHE/guests/host/    the same programs for this machine, static too, with --host
#   $ORRERY_CACHE/guests/linux/   initramfs.cpio.gz under the path that configs/*.json name
#
# The initramfs ends on a 4-byte boundary: another cpio archive may simply be appended. A second run
# does nothing unless a source, a script, the compiler or a fetched file has changed.
#
# Environment:
#   ORRERY_CACHE    the cache, default ${XDG_CACHE_HOME:-$HOME/.cache}/orrery
#   CROSS_COMPILE   prefix of the cross compiler, default riscv64-linux-gnu-
#   CC              the host's compiler, default cc

. "$(dirname "$0")/common.sh"

cross=${CROSS_COMPILE:-riscv64-linux-gnu-}
cc=${CC:-cc}
debian=$guests/debian
# Neither contracted a*b+c nor errno: results equal on every machine, one instruction for sqrt.
flags="-std=gnu11 -O2 -Wall -Wextra -ffp-contract=off -fno-math-errno -frounding-math"
guest_flags="$flags -march=rv64gc -mabi=lp64d -static"

applets="[ [[ ash awk base64 basename blockdev cat chmod chown chroot clear cmp cp cpio cttyhack
  cut date dc dd devmem df diff dirname dmesg du echo ed egrep env expand expr factor fallocate
  false fgrep find fold free grep gunzip gzip halt head hexdump hostname hwclock id ifconfig
  insmod ip kill killall less ln losetup ls lsmod md5sum mdev mkdir mke2fs mkfifo mknod mkswap
  mktemp modprobe more mount mv nc nl nproc nsenter od paste patch pidof ping poweroff printf ps
  pwd readlink realpath reboot renice reset rev rm rmdir rmmod route sed seq setsid sh sha1sum
  sha256sum sha512sum shuf sleep sort stat strings stty swapoff swapon switch_root sync sysctl
  tac tail tar taskset tee test time timeout top touch tr true truncate tty udhcpc umount uname
  uniq unlink unshare unxz uptime usleep vi watch wc wget which whoami xargs xxd xzcat yes zcat"

host=no
for argument; do
  case "$argument" in
    --host) host=yes ;;
    -h | --help) print_help; exit 0 ;;
    *) die "unknown argument '$argument'; see --help" ;;
  esac
done

# stamp COMPILER: one hash of everything that goes into the programs and the initramfs.
stamp() {
  {
    "$1" --version | head -n 1
    echo "$flags"
    (cd "$root" && sha256sum configs/guests/build.sh configs/guests/common.sh \
      configs/guests/make_cpio.c configs/guests/init tests/guest/*.[ch])
    cat "$debian/manifest.txt"
  } | sha256sum
}

# up_to_date DIRECTORY COMPILER
up_to_date() {
  [ "$(cat "$guests/$1/stamp" 2>/dev/null)" = "$(stamp "$2")" ] &&
    [ -e "$guests/linux/initramfs.cpio.gz" ]
}

# compile DIRECTORY COMPILER FLAG...: every program of tests/guest into DIRECTORY.
compile() {
  directory=$1
  shift
  mkdir -p "$directory"
  for source in "$root"/tests/guest/*.c; do
    program=$(basename "$source" .c)
    (cd "$root" && "$@" -o "$directory/$program" "tests/guest/$program.c" -lpthread -lm) ||
      die "tests/guest/$program.c does not compile"
  done
}

# The contents of the initramfs, one line each for make_cpio. Sources are relative to $work.
list_contents() {
  for directory in bin dev etc lib lib/modules "lib/modules/$release" mnt proc root sys tmp; do
    echo "directory $directory 755"
  done
  echo "node dev/console 600 5 1"
  echo "node dev/null 666 1 3"
  echo "file init 755 scripts/init"
  echo "file etc/passwd 644 passwd"
  echo "file etc/group 644 group"
  echo "link sbin bin" # the kernel calls /sbin/modprobe
  echo "file bin/busybox 755 debian/busybox"
  for applet in $applets; do echo "link bin/$applet busybox"; done
  for file in stripped/*; do echo "file bin/$(basename "$file") 755 $file"; done
  for file in modules/* debian/modules/modules.*; do
    echo "file lib/modules/$release/$(basename "$file") 644 $file"
  done
}

build_guest() {
  out=$work/build
  say "compiling tests/guest for riscv64"
  # shellcheck disable=SC2086 # lists of words
  compile "$out/programs" "${cross}gcc" $guest_flags
  mkdir "$work/stripped" "$work/modules"
  for file in "$out"/programs/*; do
    "${cross}strip" -o "$work/stripped/$(basename "$file")" "$file"
  done
  for file in "$debian"/modules/*.ko; do
    "${cross}strip" --strip-unneeded -o "$work/modules/$(basename "$file")" "$file"
  done
  echo "root::0:0:root:/root:/bin/sh" >"$work/passwd"
  echo "root::0:" >"$work/group"
  release=$(cat "$debian/modules/release")
  say "packing the initramfs"
  "$cc" -O1 -o "$work/make_cpio" "$here/make_cpio.c" || die "make_cpio.c does not compile with $cc"
  ln -s "$debian" "$work/debian"
  ln -s "$here" "$work/scripts"
  (cd "$work" && list_contents | sort -k 2,2 >list && ./make_cpio <list >initramfs.cpio) ||
    die "the initramfs could not be packed"
  gzip -9n <"$work/initramfs.cpio" >"$out/initramfs.cpio.gz"
  truncate -s %4 "$out/initramfs.cpio.gz"
  stamp "${cross}gcc" >"$out/stamp"
  link ../build/initramfs.cpio.gz initramfs.cpio.gz
  publish "$out" build
  say "$(wc -c <"$guests/build/initramfs.cpio.gz") bytes in $guests/linux/initramfs.cpio.gz"
}

build_host() {
  say "compiling tests/guest for this machine"
  # shellcheck disable=SC2086
  compile "$work/host" "$cc" $flags -static
  stamp "$cc" >"$work/host/stamp"
  publish "$work/host" host
}

# update DIRECTORY COMPILER FUNCTION: calls the function unless the directory is up to date.
update() {
  if up_to_date "$1" "$2"; then return; fi
  begin_work "$1"
  if ! up_to_date "$1" "$2"; then "$3"; fi # another run may have been faster
  end_work
}

need "${cross}gcc" "gcc-riscv64-linux-gnu with libc6-dev-riscv64-cross"
need "${cross}strip" binutils-riscv64-linux-gnu
need "$cc" gcc
need flock util-linux
[ -f "$debian/manifest.txt" ] || die "nothing fetched yet in $guests: run configs/guests/fetch.sh"

update build "${cross}gcc" build_guest
if [ "$host" = yes ]; then update host "$cc" build_host; fi
