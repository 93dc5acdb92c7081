#!/bin/sh
# Usage: configs/guests/fetch.sh [--host] [--help]
#
# Fetches the stock Debian 13 (trixie) kernel for riscv64, a static busybox and the OpenSBI firmware
# into the cache. They are ordinary packages of the Debian mirror that this machine's apt already
# uses, read through a private apt configuration: signatures and hashes are checked, only these
# packages are loaded, nothing is installed, and no root is needed.
#
#   $ORRERY_CACHE/guests/debian/  kernel  config  modules/  busybox
#                                 fw_dynamic.bin  fw_dynamic.elf  fw_jump.bin  fw_jump.elf
#                                 manifest.txt (package versions; also input for sha256sum -c)
#   $ORRERY_CACHE/guests/linux/   kernel and fw_dynamic.bin under the paths that configs/*.json name
#   $ORRERY_CACHE/guests/debian-host/  busybox of the same release for this machine, and its
#                                 manifest.txt, with --host
#
# The firmware is copied from the installed package opensbi when there is one. A second run does
# nothing; remove the directory debian/ to fetch again. The kernel is left as packaged.
#
# Environment:
#   ORRERY_CACHE           the cache, default ${XDG_CACHE_HOME:-$HOME/.cache}/orrery
#   ORRERY_DEBIAN_MIRROR   address of a Debian archive, default: found in apt's configuration
#   ORRERY_DEBIAN_KEYRING  keys the archive is checked with, default: debian-archive-keyring

. "$(dirname "$0")/common.sh"

suite=trixie
modules="virtio_mmio virtio_blk virtio_net virtio_rng ext4 crc32c_generic" # not built in
keyring=${ORRERY_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
installed_firmware=/usr/lib/riscv64-linux-gnu/opensbi/generic

host=no
case "${1:-}" in
  '') ;;
  --host) host=yes ;;
  -h | --help) print_help; exit 0 ;;
  *) die "unknown argument '$1'; see --help" ;;
esac

# private_apt MIRROR SUITE ARCHITECTURE: makes $work/apt.conf, an apt of its own for these, and
# loads the package lists. The file is read after the machine's own configuration, of which only
# what is needed to reach the mirror (proxy, login) remains in force.
private_apt() {
  rm -rf "$work/apt"
  mkdir -p "$work/apt/empty" "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  : >"$work/apt/status"
  cat >"$work/apt/debian.sources" <<END
Types: deb
URIs: $1
Suites: $2
Components: main
Signed-By: $keyring
END
  cat >"$work/apt.conf" <<END
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "$3";
APT::Architectures { "$3"; };
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::IndexTargets::deb::DEP-11 { DefaultEnabled "false"; };
Acquire::Languages "none";
Acquire::Retries "2";
Dir::Cache "$work/apt/cache";
Dir::Etc::Preferences "$work/apt/empty/none";
Dir::Etc::PreferencesParts "$work/apt/empty";
Dir::Etc::SourceList "$work/apt/debian.sources";
Dir::Etc::SourceParts "$work/apt/empty";
Dir::Log "$work/apt";
Dir::State::Extended_States "$work/apt/extended_states";
Dir::State::Lists "$work/apt/lists";
Dir::State::Status "$work/apt/status";
END
  apt-get -q -c "$work/apt.conf" update >"$work/apt.log" 2>&1
}

# The archives that this machine's apt uses, without those that hold security updates only.
known_mirrors() {
  if [ -n "${ORRERY_DEBIAN_MIRROR:-}" ]; then
    echo "$ORRERY_DEBIAN_MIRROR"
  else
    apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' \
      'Created-By: Packages' 2>/dev/null |
      awk '$1 !~ /-security/ && !seen[$2]++ { print $2 }'
  fi
}

# What apt complained of last, for a sentence of ours.
complaint() { sed -n 's/^E: //p' "$work/apt.log" | head -n 1; }

# connect SUITE ARCHITECTURE: a private apt on the first mirror that carries the suite.
connect() {
  reason="apt knows no archive"
  for mirror in $(known_mirrors); do
    if private_apt "$mirror" "$1" "$2"; then return; fi
    reason=$(complaint)
  done
  die "no Debian mirror gives the suite $1 ($reason); apt has to know one, or name it in" \
    "ORRERY_DEBIAN_MIRROR"
}

# load PACKAGE: downloads one package, checked against the signed list, unpacks it into
# $work/PACKAGE, and notes it in the manifest.
load() {
  mkdir "$work/deb"
  (cd "$work/deb" && apt-get -q -c "$work/apt.conf" download "$1") >"$work/apt.log" 2>&1 ||
    die "package $1 could not be downloaded ($(complaint))"
  mv "$work/deb"/*.deb "$work/deb/package"
  dpkg-deb -x "$work/deb/package" "$work/$1"
  version=$(dpkg-deb -W --showformat='${Package} ${Version} ${Architecture}' "$work/deb/package")
  hash=$(sha256sum <"$work/deb/package")
  echo "# $version sha256 ${hash%% *}" >>"$out/manifest.txt"
  rm -r "$work/deb"
}

# take FILE NAME: copies one unpacked file into the result.
take() { [ -f "$1" ] || die "expected file missing in its package: $1"; cp "$1" "$out/$2"; }

# keep_modules DIRECTORY: unpacks the wanted modules, and those they depend on, out of a kernel
# package, with the two indexes that modprobe reads (depmod makes them when a kernel is installed).
keep_modules() {
  mkdir "$out/modules"
  find "$1" -name '*.ko.xz' >"$work/all_modules"
  set -- $modules
  while [ $# -gt 0 ]; do
    module=$1
    shift
    if [ -f "$out/modules/$module.ko" ]; then continue; fi
    # A file's name may hold "-" where the module's name holds "_".
    file=$(grep "/$(echo "$module" | sed 's/_/[-_]/g')\.ko\.xz$" "$work/all_modules") ||
      die "the kernel package has no module $module"
    xz -dc "$file" >"$out/modules/$module.ko"
    tr '\0' '\n' <"$out/modules/$module.ko" >"$work/module"
    needs=$(sed -n 's/^depends=//p' "$work/module" | tr ',-' ' _')
    set -- "$@" $needs
    echo "$module" $needs >>"$work/needs"
    sed -n "s/^alias=\(.*\)/alias \1 $module/p" "$work/module" >>"$work/modules.alias"
  done
  # A line holds a module and all it stands on, the lowest last.
  sort "$work/needs" | awk '
    function visit(module, list, count, i) {
      count = split(needs[module], list, " ")
      for (i = 1; i <= count; i++) visit(list[i])
      if (!seen[module]++) order = " " module ".ko" order
    }
    { module = $1; $1 = ""; needs[module] = $0; modules[NR] = module }
    END {
      for (line = 1; line <= NR; line++) {
        split("", seen)
        order = ""
        visit(modules[line])
        sub(/^ [^ ]*/, substr(order, 2, index(order, ".ko") + 1) ":", order)
        print order
      }
    }' >"$out/modules/modules.dep"
  sort "$work/modules.alias" >"$out/modules/modules.alias"
  echo "$release" >"$out/modules/release"
}

fetch_linux() {
  say "reading the package lists of Debian $suite for riscv64"
  connect "$suite" riscv64
  image=$(apt-cache -c "$work/apt.conf" depends linux-image-riscv64 |
    sed -n 's/^ *Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
  [ -n "$image" ] || die "Debian $suite has no package linux-image-riscv64"
  release=${image#linux-image-}
  say "loading $image"
  load "$image"
  take "$work/$image/boot/vmlinu"[xz]"-$release" kernel
  take "$work/$image/boot/config-$release" config
  keep_modules "$work/$image"
  load_busybox
}

load_busybox() {
  say "loading busybox-static"
  load busybox-static
  for busybox in "$work"/busybox-static/usr/bin/busybox "$work"/busybox-static/bin/busybox; do
    if [ -f "$busybox" ]; then break; fi
  done
  take "$busybox" busybox
}

fetch_firmware() {
  if [ -f "$installed_firmware/fw_dynamic.bin" ]; then
    firmware=$installed_firmware
    echo "# $(dpkg-query -W -f '${Package} ${Version} ${Architecture}' opensbi 2>/dev/null ||
      echo opensbi) installed" >>"$out/manifest.txt"
  else
    say "loading opensbi"
    connect "$(. /etc/os-release && echo "${VERSION_CODENAME:-$suite}")" \
      "$(dpkg --print-architecture)" # the package is the same for all of them
    load opensbi
    firmware=$work/opensbi$installed_firmware
  fi
  take "$firmware/fw_dynamic.bin" fw_dynamic.bin
  for file in fw_dynamic.elf fw_jump.bin fw_jump.elf; do
    if [ -f "$firmware/$file" ]; then take "$firmware/$file" "$file"; fi
  done
}

# finish NAME: what has been loaded becomes $guests/NAME, with the hashes in its manifest.
finish() {
  chmod 755 "$out/busybox"
  (cd "$out" && find . -type f ! -name manifest.txt | sort | xargs sha256sum) >"$work/sums"
  cat "$work/sums" >>"$out/manifest.txt"
  publish "$out" "$1"
}

fetch_guest() {
  out=$work/debian
  mkdir "$out"
  fetch_linux
  fetch_firmware
  link ../debian/kernel kernel
  link ../debian/fw_dynamic.bin fw_dynamic.bin
  finish debian
  say "kernel $release is in $guests/debian"
}

fetch_host() {
  out=$work/debian-host
  mkdir "$out"
  connect "$suite" "$(dpkg --print-architecture)"
  load_busybox
  finish debian-host
}

fetched() {
  [ -f "$guests/debian/manifest.txt" ] && [ -e "$guests/linux/kernel" ] &&
    [ -e "$guests/linux/fw_dynamic.bin" ]
}

fetched_host() { [ "$host" = no ] || [ -f "$guests/debian-host/manifest.txt" ]; }

if fetched && fetched_host; then exit 0; fi
need apt-get apt
need dpkg-deb dpkg
need flock util-linux
need xz xz-utils
[ -r "$keyring" ] || die "keyring $keyring is missing (Debian package debian-archive-keyring)"
begin_work fetch # another run may have been faster
if ! fetched; then fetch_guest; fi
rm -rf "$work/busybox-static"
if ! fetched_host; then fetch_host; fi
