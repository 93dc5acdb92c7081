#!/bin/sh
# Usage: sh tests/bench/speed.sh [--quick] [--rounds N] [--help]
#
# How fast the simulator is, beside QEMU. Speed is claimed only as a ratio of two costs measured in
# one run on one host: the CPU seconds of all threads, user and system, the median of interleaved
# rounds. QEMU and Orrery boot the same firmware, kernel and initramfs with the same kernel command
# line on one hart, and every run has to end with the same words on the guest's console.
#
#   boot          power-on to power-off with a command that does nothing
#   coremarklike  tests/guest/coremarklike.c inside Linux, for one iteration: a run with many less
#                 one with few, which has the boot and the kernel's work after it in it. Under
#                 inorder: instructions from a checkpoint in the middle of the loop, times those of
#                 an iteration
#   harts         the interpreter with one coremarklike on each of 1, 2, 4 and 8 harts, for one
#                 guest instruction, from a checkpoint with all of them running
#
# The floors are what must hold. Status 1 when one does not, or when a run goes wrong. The table,
# with every sample, is written to build/bench/speed.json. --quick: one round, less work.

set -eu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/../.."

rounds=3 few=5000 many=40000 qemu_many=300000 inorder_millions=40 millions=1000
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) rounds=1 many=15000 qemu_many=150000 inorder_millions=10 millions=250 ;;
    --rounds) rounds=${2:?--rounds needs a number}; shift ;;
    -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "speed.sh: unknown argument '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

orrery=${ORRERY:-build/release/orrery}
config=configs/linux.json
out=build/bench
say() { echo "speed.sh: $*" >&2; }
die() { say "$*"; exit 1; }

[ -x "$orrery" ] || die "$orrery is not there: cmake --preset release && cmake --build --preset release"
command -v qemu-system-riscv64 >/dev/null || die "needs qemu-system-riscv64 (Debian package qemu-system-misc)"
mkdir -p "$out"
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cp "$orrery" "$work/orrery" # a build beside this one changes nothing
orrery=$work/orrery

# boot_value KEY: of the resolved description, so that QEMU gets what Orrery gets.
boot_value() {
  "$orrery" config show $config | sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" | head -n 1
}
firmware=$(boot_value firmware)
kernel=$(boot_value kernel)
initramfs=$(boot_value initramfs)
append=$(boot_value append)
for file in "$firmware" "$kernel" "$initramfs"; do
  [ -r "$file" ] || die "'$file' is not there; sh configs/guests/guest.sh fetches and builds it"
done

# ---- running ----

# cpu_seconds COMMAND...: what it and all that it starts cost; its output is left in $work/console.
cpu_seconds() {
  (
    timeout 1200 "$@" </dev/null >"$work/console" 2>&1 || exit 1
    times >"$work/times" # in a shell of its own: the second line is its children's
  ) || { tail -n 5 "$work/console" >&2; die "failed: $*"; }
  awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, "m"); sum += 60 * t[1] + t[2] } print sum }' \
    "$work/times"
}

# The guest's command for QEMU: a second archive behind the initramfs, as Orrery's --command makes.
guest_for_qemu() {
  echo "$2" >"$work/command"
  { cat "$initramfs"; echo "file command 644 $work/command" | "$work/make_cpio"; } >"$work/$1.cpio"
}
qemu() {
  cpu_seconds qemu-system-riscv64 -M virt -smp 1 -m 512M -nographic -no-reboot -bios "$firmware" \
    -kernel "$kernel" -append "$append" -initrd "$work/$1.cpio"
}
run() {
  command=$1; shift
  cpu_seconds "$orrery" run $config --cpu interpreter --harts 1 --memory 512MiB --quiet --command "$command" "$@"
}
resume() { checkpoint=$1; shift; cpu_seconds "$orrery" resume "$work/$checkpoint" --quiet "$@"; }

# note NAME SECONDS: one sample. expect WORDS: on the console of the last run.
note() { echo "$2" >>"$work/$1.samples"; }
expect() { grep -q -- "$1" "$work/console" || die "the guest did not say '$1'"; }

# The result of a program depends on its argument alone: it is the same everywhere.
expect_same() {
  line=$(tr -d '\r' <"$work/console" | grep "^coremarklike: $1 iterations" || true)
  [ -n "$line" ] || die "the guest did not print a result"
  [ "$line" = "$(cat "$work/result.$1" 2>/dev/null || echo "$line")" ] || die "results differ: $line"
  echo "$line" >"$work/result.$1"
}

prepare() {
  say "preparing guests and checkpoints"
  "${CC:-cc}" -O2 -o "$work/make_cpio" configs/guests/make_cpio.c
  guest_for_qemu boot ":"
  guest_for_qemu few "coremarklike $few"
  guest_for_qemu many "coremarklike $qemu_many"
  "$orrery" run $config --quiet --console none --command "coremarklike $many" --until marker=2 \
    --save "$work/begin" </dev/null
  "$orrery" resume "$work/begin" --quiet --console none --until insts=500M --save "$work/middle" \
    </dev/null
  for harts in 1 2 4 8; do
    # Marker 7 comes when all copies have long begun; they are still at it when the measure ends.
    "$orrery" run $config --harts $harts --quiet --console none --until marker=7 \
      --save "$work/harts$harts" --command "i=0; while [ \$i -lt $harts ]; do
        coremarklike 100000 & i=\$((i + 1)); done; usleep 50000; marker 7; wait" </dev/null
  done
}

round() {
  note qemu.boot "$(qemu boot)"; expect "exit status 0"
  note interpreter.boot "$(run :)"; expect "exit status 0"
  note qemu.few "$(qemu few)"; expect_same "$few"
  note interpreter.few "$(run "coremarklike $few" --stats "$work/few.json")"; expect_same "$few"
  note qemu.many "$(qemu many)"; expect "^coremarklike: $qemu_many iterations"
  note interpreter.many "$(run "coremarklike $many" --stats "$work/many.json")"
  expect "^coremarklike: $many iterations"
  note inorder.start "$(resume middle --cpu inorder --until insts=1)"
  note inorder.loop "$(resume middle --cpu inorder --until insts=${inorder_millions}M)"
  for harts in 1 2 4 8; do
    note harts$harts.start "$(resume harts$harts --cpu interpreter --until insts=1)"
    note harts$harts.loop "$(resume harts$harts --cpu interpreter --until insts=${millions}M)"
  done
}

# ---- the result ----

# cost NAME MINUS UNIT COUNT: the median over the rounds of (NAME - MINUS) x UNIT / COUNT.
cost() {
  paste "$work/$1.samples" "$work/$2.samples" |
    awk -v unit="$3" -v count="$4" '{ print ($1 - $2) * unit / count }' | sort -g |
    awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'
}

guest_instructions() {
  sed -n 's/^ *"machine.instructions": \([0-9]*\),*$/\1/p' "$work/$1.json"
}

# row NAME PEER UNIT FLOOR PEER_COST COST: a line of the table. A floor of 0 is none.
row() {
  echo "$1|$2|$3|$4|$5|$6" | awk -F'|' '{
    ratio = $5 > 0 ? $6 / $5 : 0
    state = $4 == 0 ? "-" : $5 > 0 && $6 > 0 && ratio <= $4 ? "ok" : "MISSED"
    printf "%s|%s|%s|%s|%.4g|%.4g|%.4g|%s\n", $1, $2, $3, $4, $5, $6, ratio, state }' >>"$work/rows"
}

rows() {
  for each in qemu.boot interpreter.boot; do awk '{ print 0 }' "$work/$each.samples" >"$work/zero.samples"; done
  row "boot, interpreter" qemu "s" 3 "$(cost qemu.boot zero 1 1)" "$(cost interpreter.boot zero 1 1)"
  peer=$(cost qemu.many qemu.few 1e6 $((qemu_many - few)))
  row "coremarklike, interpreter" qemu "us/iteration" 7 "$peer" \
    "$(cost interpreter.many interpreter.few 1e6 $((many - few)))"
  each=$((($(guest_instructions many) - $(guest_instructions few)) / (many - few)))
  row "coremarklike, inorder" qemu "us/iteration" 430 "$peer" \
    "$(cost inorder.loop inorder.start "$each" $inorder_millions)"
  one=$(cost harts1.loop harts1.start 1e3 $millions)
  for harts in 2 4 8; do
    row "$harts harts, interpreter" "1 hart" "ns/instruction" 0 "$one" \
      "$(cost harts$harts.loop harts$harts.start 1e3 $millions)"
  done
}

cpu_name=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
orrery_version=$("$orrery" --version)
qemu_version=$(qemu-system-riscv64 --version | head -n 1)

json() {
  quoted() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g'; }
  echo "{"
  echo "  \"host\": \"$(quoted "${cpu_name:-$(uname -m)}")\","
  echo "  \"host_cpus\": $(nproc),"
  echo "  \"load_average\": $(cut -d ' ' -f 1 /proc/loadavg),"
  echo "  \"orrery\": \"$(quoted "$orrery_version")\","
  echo "  \"qemu\": \"$(quoted "$qemu_version")\","
  echo "  \"rounds\": $rounds,"
  echo "  \"rows\": ["
  awk -F'|' '{ printf "%s    {\"what\": \"%s\", \"peer\": \"%s\", \"unit\": \"%s\", \"floor\": %s, \"peer_cost\": %s, \"cost\": %s, \"ratio\": %s}", sep, $1, $2, $3, $4 == 0 ? "null" : $4, $5, $6, $7; sep = ",\n" } END { print "" }' "$work/rows"
  echo "  ],"
  echo "  \"cpu_seconds\": {"
  for file in "$work"/*.samples; do
    sample=$(basename "$file" .samples)
    if [ "$sample" != zero ]; then echo "    \"$sample\": [$(paste -s -d , "$file")],"; fi
  done | sed '$s/,$//'
  echo "  }"
  echo "}"
}

prepare
done_rounds=0
while [ $done_rounds -lt "$rounds" ]; do
  done_rounds=$((done_rounds + 1))
  say "round $done_rounds of $rounds"
  round
done
rows
json >"$work/speed.json"
mv "$work/speed.json" "$out/speed.json"

echo "$orrery_version beside $qemu_version"
echo "on ${cpu_name:-$(uname -m)}, $(nproc) CPUs, load average $(cut -d ' ' -f 1 /proc/loadavg); CPU time, median of $rounds"
awk -F'|' 'BEGIN { printf "%-27s %-15s %10s %10s %9s %7s\n", "", "unit", "peer", "orrery", "ratio", "floor" }
  { printf "%-27s %-15s %10s %10s %8sx %7s %s\n", $1, $3, $5, $6, $7, $4 == 0 ? "-" : $4 "x", $8 == "-" ? "" : $8 }' "$work/rows"
! grep -q '|MISSED$' "$work/rows" || exit 1
