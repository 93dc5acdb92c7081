#!/bin/sh
# Usage: ORRERY=build/release/orrery ORRERY_BARE_GUESTS=build/release/tests/guest/bare \
#          sh tests/lockstep/record_replay.sh
#
# What was recorded under one CPU model is replayed under every one, to the same end.

. "$(dirname "$0")/../preamble.sh"
program=${ORRERY_BARE_GUESTS:-$source/build/release/tests/guest/bare}/harts
cases=0

# check RECORDER NAME FLAG...: recorded under one model, replayed under every one
check() {
  recorder=$1
  name=$2
  config=$3
  input=$4
  shift 4
  log=$work/$name.$recorder
  "$orrery" run "$config" "$@" --cpu "$recorder" --record "$log" --console "$log.console" \
    <"$input" 2>"$work/errors" || fail "$name: recording under $recorder: status $?"
  end=$(sed -n 's/.* after \(.* simulated\).*/\1/p' "$work/errors")
  for model in interpreter inorder direct outoforder; do
    cases=$((cases + 1))
    "$orrery" run "$config" --cpu "$model" --replay "$log" $replay_flags </dev/null \
      >"$work/out" 2>"$work/errors" || fail "$name: recorded under $recorder, replayed under $model: status $?"
    cmp "$log.console" "$work/out" ||
      fail "$name: recorded under $recorder, replayed under $model: another console"
    replayed=$(sed -n 's/.*replayed to the end: \(.* simulated\).*/\1/p' "$work/errors")
    [ -n "$end" ] && [ "$end" = "$replayed" ] || {
      fail "$name: recorded under $recorder to '$end', replayed under $model to '$replayed'"
      head -n 30 "$work/errors"
    }
  done
}

if [ -e "$program" ]; then
  for harts in 1 4; do
    replay_flags="--kernel $program --harts $harts"
    for recorder in interpreter inorder direct outoforder; do
      check $recorder "bare$harts" "$source/configs/bare.json" /dev/null --kernel "$program" --harts $harts
    done
  done
fi

# What was recorded from a checkpoint on counts from there.
if [ -e "$program" ]; then
  cases=$((cases + 1))
  "$orrery" run "$source/configs/bare.json" --kernel "$program" --until insts=5k --save "$work/saved" \
    --console none --quiet </dev/null || fail 'no checkpoint'
  "$orrery" resume "$work/saved" --until insts=3k --record "$work/resumed" --console none \
    </dev/null 2>"$work/errors" || fail 'resume --record'
  end=$(sed -n 's/.* after \(.* simulated\).*/\1/p' "$work/errors")
  "$orrery" resume "$work/saved" --cpu inorder --replay "$work/resumed" --console none \
    </dev/null 2>"$work/errors" || fail 'resume --replay'
  case "$end" in 3000\ *) ;; *) fail "resumed to '$end'" ;; esac
  grep -qF "replayed to the end: $end" "$work/errors" || fail "resumed to '$end': $(cat "$work/errors")"
fi

if have_linux; then
  for harts in 1 4; do
    replay_flags="--harts $harts"
    for recorder in interpreter inorder direct outoforder; do
      check $recorder "linux$harts" "$source/configs/linux.json" /dev/null --harts $harts --until insts=6M
    done
  done
  if [ "${ORRERY_LONG:-0}" != 0 ]; then
    # A shell that is typed to.
    printf 'echo typed: $((6 * 7))\npoweroff -f\n' >"$work/typed"
    check interpreter shell "$source/configs/linux.json" "$work/typed" --harts 4
    grep -q 'typed: 42' "$work/shell.interpreter.console" || fail "shell: the input did not arrive"
    check inorder shell "$source/configs/linux.json" "$work/typed" --harts 4
    grep -q 'typed: 42' "$work/shell.inorder.console" || fail "shell: the input did not arrive"
  fi
fi

[ $cases != 0 ] || {
  echo "skipped: neither a cross compiler for RISC-V nor the guest images"
  exit 77
}
echo "record_replay.sh: $cases replays, $failures failed"
[ $failures = 0 ]
