#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/guest_verdict.sh
#
# Whether a guest failed: what its programs write or execute does not count, only how the run ends.

. "$(dirname "$0")/../preamble.sh"
need_linux

# verdict STATUS WORDS COMMAND [FLAG...]: the closing line has to contain WORDS.
verdict() {
  expected=$1
  words=$2
  command=$3
  shift 3
  timeout 600 "$orrery" run "$source/configs/linux.json" --command "$command" "$@" </dev/null \
    >"$work/console" 2>"$work/errors"
  status=$?
  [ $status = "$expected" ] && grep -qF "orrery: $words" "$work/errors" && return
  fail "'$command' $*: status $status, and not '$words':"
  head -n 3 "$work/errors"
  tail -n 3 "$work/console"
}

stamp='[    1.234567] '
verdict 0 'the guest powered off' "echo '${stamp}Kernel panic - not syncing'; echo alive"
verdict 0 'the guest powered off' \
  "echo '${stamp}---[ end Kernel panic - not syncing'; sleep 1; echo alive"
grep -q alive "$work/console" || fail 'it was ended before it could say that it is alive'
verdict 0 'the guest powered off' 'marker 5'
verdict 1 "the guest's command failed" 'marker 4; false'
verdict 0 'insts=' 'marker 5; while :; do :; done' --until insts=700M
verdict 1 "the guest's kernel has panicked" 'echo c >/proc/sysrq-trigger'
verdict 1 "the guest's kernel has panicked" \
  'echo 1 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger'
# panic=-1: the kernel resets the machine at once, by firmware that knows nothing of it.
verdict 1 "the guest's kernel has panicked" \
  'echo -1 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger'
grep -q '^hart 0: S mode' "$work/errors" || fail 'the report shows the firmware, not the kernel'

echo treasure >"$work/added"
verdict 0 'the guest powered off' 'grep treasure /tmp/added' --add "$work/added:/tmp/added" \
  --add "$work/added:/dev/added"
grep -q -- '--add: /dev/added: ' "$work/errors" || fail '/dev hides what was added, and nobody says so'

# A shell whose input can only be at its end.
timeout 600 "$orrery" run "$source/configs/linux.json" --console none >"$work/errors" 2>&1
status=$?
[ $status = 0 ] && grep -q 'powered off' "$work/errors" || fail "--console none: $status: $(tail -n 2 "$work/errors")"
echo "guest_verdict.sh: $failures failed"
[ $failures = 0 ]
