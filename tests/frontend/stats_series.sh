#!/bin/sh
# Usage: ORRERY=build/release/orrery ORRERY_BARE_GUESTS=DIR sh tests/frontend/stats_series.sh
#
# --stats-series: the rows add up to the statistics of the run, begin and end where they should, and
# writing them changes nothing, under every CPU model, with one hart and with three.

. "$(dirname "$0")/../preamble.sh"
guest=${ORRERY_BARE_GUESTS:-$source/build/release/tests/guest/bare}/harts
[ -x "$guest" ] || { echo "stats_series.sh: $guest is not there: no RISC-V compiler"; exit 77; }
command -v python3 >/dev/null || { echo "stats_series.sh: no python3"; exit 77; }

# run NAME MODEL HARTS FLAG...
run() {
  name=$1 model=$2 harts=$3
  shift 3
  timeout 600 "$orrery" run "$source/configs/bare.json" --memory 4MiB --kernel "$guest" --cpu "$model" \
    --harts "$harts" --quiet --console "$work/$name.console" --stats "$work/$name.json" "$@" \
    </dev/null >"$work/$name.out" 2>&1 || fail "$name: status $?: $(cat "$work/$name.out")"
}

# The rows of a series against the statistics of the run, which has as many steps.
cat >"$work/check.py" <<'END'
import csv, json, sys
name, stats_file, unit, length, exact = sys.argv[1:6]
stats = json.load(open(stats_file))["statistics"]
length, total = int(length), {}
rows = []
if name.endswith(".jsonl"):
    for line in open(name):
        row = json.loads(line)
        flat = {k: row[k] for k in ("interval", "end_steps", "end_ticks")}
        for path, value in row["statistics"].items():
            for i, v in enumerate(value) if isinstance(value, list) else [(None, value)]:
                flat[path if i is None else (path, i)] = v
        rows.append(flat)
else:
    rows = [{k: float(v) if "." in v or "e" in v else int(v) for k, v in row.items()}
            for row in csv.DictReader(open(name))]
assert len(rows) > 3, "%d rows" % len(rows)
end = "end_steps" if unit == "insts" else "end_ticks"
for i, row in enumerate(rows, 1):
    assert row["interval"] == i
    last = i == len(rows)
    if not last and exact == "exact": assert row[end] == i * length, (i, row[end])
    if not last: assert i * length <= row[end] <= i * length + int(exact if exact != "exact" else 0), (i, row[end])
    for path, value in row.items(): total[path] = total.get(path, 0) + value
assert rows[-1]["end_steps"] == stats["machine.steps"], "the last row ends elsewhere"
checked = 0
for path, value in stats.items():
    if isinstance(value, int) and path in total:
        assert total[path] == value, (path, total[path], value)
        checked += 1
    for i, v in enumerate(value) if isinstance(value, list) else []:
        if (path, i) in total: assert total[path, i] == v, (path, i); checked += 1
assert checked >= int(sys.argv[6]), "%d statistics" % checked
END

# check NAME SERIES UNIT LENGTH LATE LEAST: boundaries are at most LATE late ("exact": never).
check() {
  python3 "$work/check.py" "$work/$2" "$work/$1.json" "$3" "$4" "$5" "$6" || fail "$1: $2"
  cmp "$work/$1.json" "$work/plain-$model-$harts.json" || fail "$1: other statistics"
  cmp "$work/$1.console" "$work/plain-$model-$harts.console" || fail "$1: another console"
}

for model in interpreter direct inorder outoforder; do
  for harts in 1 3; do
    run "plain-$model-$harts" $model $harts
    run insts $model $harts --stats-series "$work/insts.csv" --stats-every insts=5k
    check insts insts.csv insts 5000 exact 20
    run lines $model $harts --stats-series "$work/lines.jsonl" --stats-every insts=7777
    check lines lines.jsonl insts 7777 exact 20
    run time $model $harts --stats-series "$work/time.csv" --stats-every time=13700ns
    # A turn lasts 10 us; an event of a pipeline may lie a little behind the boundary.
    case $model-$harts in
      interpreter-1 | direct-1) late=exact ;;
      interpreter-3 | direct-3) late=10000000 ;;
      *) late=1000000 ;;
    esac
    check time time.csv time 13700000 $late 20
  done
done

# What does not divide the run ends it; one longer than the run has one row.
run long interpreter 1 --stats-series "$work/long.csv" --stats-every insts=1G
[ "$(wc -l <"$work/long.csv")" = 2 ] || fail "a long interval: $(wc -l <"$work/long.csv") lines"

# Columns by pattern, in the statistics' order, and printed.
run columns inorder 1 --stats-series - --stats-every insts=5k --stats-columns 'machine.hart?.cycles,machine.steps'
[ "$(head -1 "$work/columns.out")" = interval,end_steps,end_ticks,machine.steps,machine.hart0.cycles ] ||
  fail "columns: $(head -1 "$work/columns.out")"
[ "$(sed -n 2p "$work/columns.out" | cut -d, -f1,2,4)" = 1,5000,5000 ] || fail "columns: the first row"

# By phase: each has its own, from its beginning.
cat >"$work/phases.json" <<END
[{"until": ["insts=2k"]},
 {"cpu": "inorder", "until": ["insts=10k"], "stats": "$work/second.json",
  "stats_series": "$work/second.csv", "stats_every": "insts=2500", "stats_columns": ["machine.*"]},
 {"cpu": "interpreter"}]
END
timeout 300 "$orrery" run "$source/configs/bare.json" --kernel "$guest" --quiet --console none \
  --phases "$work/phases.json" </dev/null || fail "phases: status $?"
python3 "$work/check.py" "$work/second.csv" "$work/second.json" insts 2500 exact 20 || fail phases
[ "$(wc -l <"$work/second.csv")" = 5 ] || fail "phases: $(wc -l <"$work/second.csv") lines"

[ $failures = 0 ] && echo "stats_series.sh: all rows add up"
exit $((failures != 0))
