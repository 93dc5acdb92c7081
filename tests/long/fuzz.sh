#!/bin/sh
# Usage: sh tests/long/fuzz.sh [SCALE]
#
# The readers of foreign bytes (ELF files, images, archives, checkpoints, logs, device trees, JSON)
# and the translator (random bytes as code and page tables) under AddressSanitizer and UBSan, with
# SCALE (10) times as many random files as the usual tests.

set -eu
cd "$(dirname "$0")/../.."
export ORRERY_FUZZ="${1:-10}"

cmake --preset sanitize
cmake --build --preset sanitize -j2 --target test_base test_devices test_models test_checkpoint test_frontend
tests=build/sanitize/tests
$tests/test_base --gtest_filter='JsonIo.*:Archive.*'
$tests/test_devices --gtest_filter='DeviceTree.*'
$tests/test_models --gtest_filter='Fuzz.*:DirectFuzz.*:DirectRandomLoops.*:DirectSelfModifying.*:Remapping.*'
$tests/test_frontend --gtest_filter='DescriptionFuzz.*'
$tests/test_checkpoint \
  --gtest_filter='Damage.*:Forged.*:Log.*:Replay.Hostile*:MachineCheckpoint.Hostile*'
