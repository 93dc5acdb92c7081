#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/long/kill.sh
#
# The program is killed at random moments while it replaces a checkpoint: what is there afterwards
# is the old one or the new one, whole, and can be resumed. 8 times, 500 in the long run.

. "$(dirname "$0")/../preamble.sh"
need_linux
times=8
[ "${ORRERY_LONG:-0}" = 0 ] || times=500
cd "$work" || exit 1

steps() {
  "$orrery" checkpoint info "$1" | sed -n 's/.*"steps": \([0-9]*\).*/\1/p'
}

"$orrery" run "$source/configs/linux.json" --until insts=30M --save begin --console none --quiet \
  </dev/null || exit 1
at=$(steps begin)
from=$(date +%s%N)
"$orrery" resume begin --until insts=1 --save saved --console none --quiet </dev/null || exit 1
takes=$((($(date +%s%N) - from) / 1000000))
old=1
arrived=0
i=1
while [ $i -le $times ]; do
  new=$((i + 1))
  delay=$(awk -v seed=$i -v takes=$takes 'BEGIN {srand(seed); print (0.3 + 0.9 * rand()) * takes / 1000}')
  "$orrery" resume begin --until insts=$new --save saved --replace --console none --quiet </dev/null &
  pid=$!
  sleep "$delay"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  "$orrery" checkpoint verify saved >output 2>&1 || {
    echo "killed after $delay s, the checkpoint is damaged:"
    cat output
    exit 1
  }
  there=$(($(steps saved) - at))
  if [ $there = $new ]; then
    arrived=$((arrived + 1))
    old=$new
  elif [ $there != $old ]; then
    echo "killed after $delay s, the checkpoint is neither the old one ($old) nor the new one ($new), but $there"
    exit 1
  fi
  i=$((i + 1))
done
"$orrery" resume saved --until insts=1 --save saved --replace --console none --quiet </dev/null || exit 1
remains=$(ls -d saved?* 2>/dev/null)
[ -z "$remains" ] || {
  echo "left behind: $remains"
  exit 1
}
echo "kill.sh: $times times, $arrived of them after the new one was in place"
