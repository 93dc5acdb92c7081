#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/bench/fast_test.sh
#
# `fast` measures a row and the boot, and its JSON file holds what the table shows. What the figures
# are is not tested here: that is what --check is for, on a machine with nothing else to do.

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
cache=${ORRERY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/orrery}
skip() { echo "skipped: $1"; exit 77; }
[ -e "$cache/guests/linux/kernel" ] || skip "no guest images in $cache; see configs/guests/guest.sh"
command -v qemu-system-riscv64 >/dev/null || skip "no qemu-system-riscv64"
command -v python3 >/dev/null || skip "no python3"
sh "$source/configs/guests/guest.sh" --host >/dev/null || skip "no programs for this machine"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$source/tests/bench/fast" --quick --rows getppid,boot --models interpreter \
  --json "$work/fast.json" >"$work/table" 2>"$work/errors" || { cat "$work/errors"; exit 1; }
python3 - "$work/fast.json" "$work/table" <<'END'
import json, sys
figures = json.load(open(sys.argv[1]))
table = {line.split()[0]: line.split() for line in open(sys.argv[2]) if line.strip()}
for side, rows in (("host", ["getppid"]), ("qemu", ["getppid", "boot"]),
                   ("interpreter", ["getppid", "boot"])):
    for row in rows:
        seconds = figures["cpu_seconds"][side][row]
        assert len(seconds) == 1 and 0 < seconds[0] < 600, (side, row, seconds)
host, interpreter = (figures["cpu_seconds"][side]["getppid"][0] for side in ("host", "interpreter"))
assert abs(figures["times_the_host"]["interpreter"]["getppid"] * host / interpreter - 1) < 1e-9
for row in ("getppid", "boot"):
    speed = figures["speed_relative_to_qemu"]["interpreter"][row]
    assert table[row][-1] == f"{speed:.3g}", (table[row], speed)
END
