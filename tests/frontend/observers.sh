#!/bin/sh
# Usage: ORRERY=build/release/orrery ORRERY_BARE_GUESTS=DIR sh tests/frontend/observers.sh
#
# Who watches changes nothing: console and statistics of a run are the same with --trace host-code
# and --profile as without. What the translator did stands in FILE.host.json only.

set -u
orrery=${ORRERY:-build/release/orrery}
guest=${ORRERY_BARE_GUESTS:-build/release/tests/guest/bare}/harts
[ -x "$guest" ] || { echo "observers.sh: $guest is not there: no RISC-V compiler"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  failures=$((failures + 1))
  echo "observers.sh: $*" >&2
}

echo '{"machine": {"harts": 2, "memory": "4MiB", "cpu": "direct", "direct": {"translate_after": 1}}}' \
  >"$work/machine.json"

# watched NAME FLAG...
watched() {
  name=$1
  shift
  timeout 300 "$orrery" run "$work/machine.json" --kernel "$guest" --quiet \
    --console "$work/$name.console" --stats "$work/$name.json" "$@" \
    </dev/null >"$work/$name.out" 2>&1 || fail "$name: status $?: $(cat "$work/$name.out")"
  cmp "$work/plain.console" "$work/$name.console" || fail "$name: another console"
  cmp "$work/plain.json" "$work/$name.json" || fail "$name: other statistics"
}

watched plain
watched traced --trace host-code --trace-file "$work/trace"
watched counted --trace host-code:count=1 --trace-file "$work/trace1"
watched profiled --profile "$work/profile"
watched printed --profile - --trace host-code:count=0

grep -q 'where$' "$work/profile" || fail "--profile FILE: no table"
grep -q 'where$' "$work/printed.out" || fail "--profile -: no table"
grep -q blocks_translated "$work/plain.json.host.json" || fail "no host figures"
grep -q blocks_translated "$work/plain.json" && fail "host figures among the statistics"

# Where the host translates, each translation is listed.
regions=$(sed -n 's/.*"regions_translated": \([0-9]*\).*/\1/p' "$work/traced.json.host.json")
[ "$(grep -c '^--- ' "$work/trace")" = "$regions" ] || fail "not $regions translations listed"
[ "$regions" = 0 ] || [ "$(grep -c '^--- ' "$work/trace1")" = 1 ] || fail "count=1 is not obeyed"

# A pattern of the shell finds a result's other files too.
mkdir "$work/results"
for name in plain traced; do cp "$work/$name".json* "$work/results"; done
"$orrery" report "$work/results" >"$work/report" || fail "report DIRECTORY: status $?"
"$orrery" report "$work"/results/*.json >"$work/report.pattern" || fail "report DIRECTORY/*.json: status $?"
cmp "$work/report" "$work/report.pattern" || fail "report DIRECTORY/*.json: another table"
"$orrery" report "$work/plain.json" >"$work/report.one"
"$orrery" report "$work"/plain.json.*.json | cmp - "$work/report.one" ||
  fail "report: not what plain.json.host.json belongs to"

# The listener stays when models are exchanged.
cat >"$work/phases.json" <<'END'
[{"until": ["insts=2k"]}, {"cpu": "interpreter", "until": ["insts=2k"]}, {"cpu": "direct"}]
END
for flags in "--trace host-code --trace-file $work/exchanged" "--profile $work/exchanged"; do
  # shellcheck disable=SC2086 # two words each
  timeout 300 "$orrery" run "$work/machine.json" --kernel "$guest" --quiet \
    --console "$work/exchanged.console" --phases "$work/phases.json" $flags </dev/null ||
    fail "$flags: status $?"
  cmp "$work/plain.console" "$work/exchanged.console" || fail "$flags: another console"
  [ "$regions" = 0 ] || [ -s "$work/exchanged" ] || fail "$flags: nothing written"
done

[ $failures = 0 ] && echo "observers.sh: all is the same"
exit $((failures != 0))
