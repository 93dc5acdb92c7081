#!/bin/sh
# Usage: ORRERY=build/release/orrery ORRERY_BARE_GUESTS=DIR sh tests/frontend/pipeline_trace.sh
#
# --trace pipeline and --hot-spots: what they write follows its format, agrees with the statistics and
# with --trace instructions (pipeline_trace.py), and writing it changes nothing.

. "$(dirname "$0")/../preamble.sh"
guest=${ORRERY_BARE_GUESTS:-$source/build/release/tests/guest/bare}/harts
[ -x "$guest" ] || { echo "pipeline_trace.sh: $guest is not there: no RISC-V compiler"; exit 77; }
command -v python3 >/dev/null || { echo "pipeline_trace.sh: no python3"; exit 77; }

# run NAME MODEL HARTS FLAG...
run() {
  name=$1 model=$2 harts=$3
  shift 3
  timeout 600 "$orrery" run "$source/configs/bare.json" --memory 4MiB --kernel "$guest" --cpu "$model" \
    --harts "$harts" --until insts=40k --quiet --console "$work/$name.console" --stats "$work/$name.json" "$@" \
    </dev/null >"$work/$name.out" 2>&1 || fail "$name: status $?: $(cat "$work/$name.out")"
}

check() {
  python3 "$source/tests/frontend/pipeline_trace.py" "$@" || fail "$*"
}

# same NAME: as without anybody who watches.
same() {
  cmp "$work/$1.json" "$work/plain.json" || fail "$model, $harts harts: $1: other statistics"
  cmp "$work/$1.console" "$work/plain.console" || fail "$model, $harts harts: $1: another console"
}

for model in inorder outoforder; do
  for harts in 1 3; do
    run plain $model $harts
    pcs=
    if [ $harts = 1 ]; then
      run instructions $model 1 --trace instructions --trace-file "$work/pcs"
      pcs=$work/pcs
    fi
    run konata $model $harts --trace pipeline --trace-file "$work/log" --hot-spots "$work/hot"
    same konata
    check konata "$work/log" "$work/konata.json" $model $harts $pcs
    check hot-spots "$work/hot" "$work/konata.json" $model $harts
    run perfetto $model $harts --trace pipeline:format=perfetto --trace-file "$work/events" --hot-spots -
    same perfetto
    check perfetto "$work/events" "$work/perfetto.json" $model $harts
    cmp "$work/perfetto.out" "$work/hot" || fail "$model: --hot-spots -: not what FILE says"
  done

  # A window: so many, from there on, of these addresses, of this hart.
  run window $model 3 --trace pipeline:start=5k,count=100,hart=1 --trace-file "$work/log"
  same window
  [ "$(grep -c '^I' "$work/log")" = 100 ] || fail "$model: count: $(grep -c '^I' "$work/log")"
  grep '^I' "$work/log" | cut -f4 | grep -qv 1 && fail "$model: another hart"
  run late $model 1 --trace pipeline:start_cycle=20k,count=50 --trace-file "$work/log"
  [ "$(sed -n 's/^C=.//p' "$work/log")" -ge 20000 ] || fail "$model: start_cycle"
  from=$(sed -n 100p "$work/pcs" | cut -d' ' -f3)
  run range $model 1 --trace "pipeline:from=$from,to=$(printf '%x' $((0x$from + 2)))" --trace-file "$work/log"
  [ -n "$(grep '^I' "$work/log")" ] || fail "$model: from: nothing"
  awk -F '\t' '$1 == "L" && $3 == 0 {print $4}' "$work/log" | grep -qv "^$(echo "$from" | sed 's/^0*//'):" &&
    fail "$model: from, to: another address"
done

# The listener stays when models are exchanged, and counts under the timing models only.
cat >"$work/phases.json" <<END
[{"until": ["insts=2k"]}, {"cpu": "inorder", "until": ["insts=20k"]}, {"cpu": "direct", "until": ["insts=2k"]},
 {"cpu": "outoforder", "until": ["insts=20k"]}, {"cpu": "interpreter"}]
END
timeout 300 "$orrery" run "$source/configs/bare.json" --kernel "$guest" --quiet --console none \
  --phases "$work/phases.json" --hot-spots "$work/hot" --trace pipeline --trace-file "$work/log" \
  </dev/null || fail "phases: status $?"
head -1 "$work/hot" | grep -q ' 40000 instructions$' || fail "phases: $(head -1 "$work/hot")"
[ "$(grep -c '^R.*	0$' "$work/log")" = 40000 ] || fail "phases: $(grep -c '^R.*	0$' "$work/log") retired"

# Names from several files together.
printf '0000000080000000 T the_beginning\n' >"$work/first.map"
printf '0000000080000010 T the_rest\n' >"$work/second.map"
run named outoforder 1 --hot-spots "$work/hot" --symbols "$work/first.map" --symbols "$work/second.map"
grep -q ' the_beginning$' "$work/hot" && grep -q ' the_rest$' "$work/hot" || fail "--symbols twice"

[ $failures = 0 ] && echo "pipeline_trace.sh: all agrees"
exit $((failures != 0))
