#!/bin/sh
# Usage: sh frontend/demo.sh [--help]
#
# The main job from a fresh clone: installs the packages that are missing, builds the simulator,
# fetches and builds a Linux guest, boots it under a fast CPU model up to a marker inside a program,
# saves a checkpoint there, and resumes that one checkpoint under several CPU models to compare them.
# Everything it makes is in build/. A step whose result is there is not done again, except the runs.
#
# Environment:
#   FAST         the CPU model that boots, default direct
#   MODELS       the CPU models to compare, default "interpreter inorder outoforder"
#   ITERATIONS   how much the guest's program does, default 200

set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  '') ;;
  -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "demo.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
esac

out=build/demo
say() { echo "demo.sh: $*" >&2; }

build() {
  say "building"
  cmake --preset release
  cmake --build --preset release -j 2 --target orrery
}

guest() {
  say "fetching and building the guest"
  sh configs/guests/guest.sh
}

# The kernel goes on initialising in the background for a while; the loop is to be alone.
boot() {
  say "booting Linux under $fast to the beginning of the measured loop"
  build/release/orrery run configs/linux.json --cpu "$fast" \
    --command "sleep 2; coremarklike $iterations" --until marker=2 \
    --save "$out/loop" --replace --stats "$out/boot.json" </dev/null
}

# measure MODEL: the same loop, from the same checkpoint.
measure() {
  say "resuming the checkpoint under $1"
  build/release/orrery resume "$out/loop" --cpu "$1" --until marker=3 --stats "$out/$1.json" \
    </dev/null
}

fast=${FAST:-direct}
models=${MODELS:-interpreter inorder outoforder}
iterations=${ITERATIONS:-200}

sh configs/install_packages.sh frontend/packages.txt
build
guest
mkdir -p "$out"
boot
results=
for model in $models; do
  measure "$model"
  results="$results $out/$model.json"
done
say "one loop, one checkpoint, under different models:"
# shellcheck disable=SC2086
build/release/orrery report $results
say "the results are in $out; try: build/release/orrery run configs/linux.json"
