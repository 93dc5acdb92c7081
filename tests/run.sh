#!/bin/sh
# All tests: builds the release program and runs everything.
#
#   sh tests/run.sh            the default run (minutes)
#   sh tests/run.sh --long     with the long campaigns: whole-boot lockstep, kill, fuzz (hours)
#   sh tests/run.sh -R REGEX   further arguments go to ctest
set -eu
cd "$(dirname "$0")/.."

sh configs/install_packages.sh frontend/packages.txt tests/packages.txt

if [ "${1:-}" = "--long" ]; then
  shift
  ORRERY_LONG=1
  export ORRERY_LONG
fi

# The Linux tests need the stock guest; without a mirror they are skipped and say so.
sh configs/guests/guest.sh || echo "tests/run.sh: no guest images; tests that boot Linux are skipped"

cmake --preset release
cmake --build --preset release -j2
ctest --test-dir build/release -j2 --output-on-failure --timeout 3600 "$@"
if [ "${ORRERY_LONG:-0}" != 0 ]; then
  sh tests/long/fuzz.sh
fi
