#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/lockstep/linux_boot.sh
#
# Stock Linux boots with 1, 2 and 4 harts (and 8 in the long run), runs a command and powers off.
# The same run twice gives the same console and the same statistics, to the byte; under
# interpreter and direct the consoles are the same. What direct has booted goes on under the timing
# models, with 1 hart (and 4 in the long run), to its end.

. "$(dirname "$0")/../preamble.sh"
need_linux

# run NAME ARGUMENT...: results in NAME.console and NAME.stats
run() {
  to=$work/$1
  shift
  "$orrery" run "$source/configs/linux.json" --console "$to.console" --stats "$to.stats" "$@" \
    </dev/null 2>"$to.errors"
}

# ended NAME HARTS: the command was carried out, and the machine was powered off
ended() {
  tr -d '\r' <"$work/$1.console" >"$work/text"
  grep -qx "harts: $2" "$work/text" && grep -qx 'orrery: exit status 0' "$work/text" &&
    tail -n 1 "$work/text" | grep -q 'reboot: Power down' || {
    fail "$1: the console ends so:"
    tail -n 20 "$work/text"
  }
}

# boot NAME HARTS [FLAG...]
boot() {
  name=$1
  harts=$2
  shift 2
  run "$name" --harts "$harts" --command 'echo harts: $(nproc)' "$@" || fail "$name: status $?"
  ended "$name" "$harts"
  cat "$work/$name.errors"
}

# resume HARTS: from a marker in the middle of the command
resume() {
  saved=$work/saved$1
  run "saved$1" --harts "$1" --cpu direct --command 'marker 3; echo harts: $(nproc)' --until marker=3 --save "$saved" ||
    fail "saved$1: status $?"
  for model in inorder outoforder; do
    "$orrery" resume "$saved" --cpu $model --console "$work/$model-resumed$1.console" </dev/null 2>"$work/errors" ||
      fail "$model: resumed with $1 harts: status $?"
    ended "$model-resumed$1" "$1"
  done
}

same() {
  for kind in console stats; do
    cmp "$work/$1.$kind" "$work/$2.$kind" || fail "$1 and $2 differ"
  done
}

boot one 1
boot two 2
boot again 2
same two again
boot interpreter 2 --cpu interpreter
cmp "$work/two.console" "$work/interpreter.console" || fail "direct and interpreter differ"
boot four 4
for model in inorder outoforder; do
  for harts in 1 2; do
    run "$model$harts" --harts "$harts" --cpu $model --until insts=4M || fail "$model: status $?"
    run "$model$harts-again" --harts "$harts" --cpu $model --until insts=4M || fail "$model: status $?"
    same "$model$harts" "$model$harts-again"
  done
done
resume 1
if [ "${ORRERY_LONG:-0}" != 0 ]; then
  resume 4
  boot eight 8
  boot inorder 2 --cpu inorder
  boot inorder-again 2 --cpu inorder
  same inorder inorder-again
fi
[ $failures = 0 ]
