#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/bad_input.sh
#
# Mistakes on the command line and in the files that it names. Each ends with status 2 and exactly
# one line on standard error, which names what is wrong; nothing goes to standard output, and no
# result appears.

set -u
orrery=${ORRERY:-build/release/orrery}
case "$orrery" in /*) ;; *) orrery=$PWD/$orrery ;; esac
[ -x "$orrery" ] || { echo "bad_input.sh: $orrery is not there; set ORRERY" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cases=0
failures=0

# bad WORDS ARGUMENT...: the one line has to contain WORDS.
bad() {
  words=$1
  shift
  cases=$((cases + 1))
  timeout 60 "$orrery" "$@" </dev/null >stdout 2>stderr
  status=$?
  problem=
  [ $status = 2 ] || problem="status $status"
  [ "$(wc -l <stderr)" = 1 ] || problem="$problem, $(wc -l <stderr) lines"
  [ ! -s stdout ] || problem="$problem, writes to standard output"
  grep -qF -e "$words" stderr || problem="$problem, does not say '$words'"
  grep -q '^orrery: ' stderr || problem="$problem, does not begin with 'orrery: '"
  [ -n "$problem" ] || return 0
  failures=$((failures + 1))
  echo "orrery $*: ${problem#, }" >&2
  sed 's/^/    /' stderr >&2
}

# config WORDS TEXT: a description with that text.
config() {
  printf '%s\n' "$2" >bad.json
  bad "$1" config check bad.json
}

# phases WORDS TEXT: a list of phases with that text.
phases() {
  printf '%s\n' "$2" >phases.json
  bad "$1" run good.json --kernel program --phases phases.json
}

echo '{"machine": {"memory": "16MiB"}}' >good.json
printf '\023\000\000\000' >program # raw code: nop
# Raw code that writes one letter to the console: lui, addi, sb, and a loop.
printf '\067\005\000\020\223\005\020\004\043\000\265\000\157\000\000\000' >talker
mkdir directory
echo '{"no": "statistics"}' >other.json
printf 'name without address\n' >map
mkdir full && echo treasure >full/precious
ln -s program link
echo '[{"until": "insts=1", "stats": "x"}, {"stats": "x.description.json"}]' >twice.json
"$orrery" run good.json --kernel program --until insts=1 --quiet --save saved --record log </dev/null ||
  exit 1

# --- subcommands and flags
bad 'subcommand' # none
bad 'rnu: unknown subcommand (did you mean "run"?)' rnu good.json
bad '--frobnicate: unknown subcommand' --frobnicate
bad 'CONFIG is missing' run
bad 'CHECKPOINT is missing' resume
bad 'extra' run good.json extra
bad '--untl: unknown flag (did you mean "--until"?)' run good.json --untl poweroff
bad '--har: unknown flag (did you mean "--harts"?)' run good.json --har 2
bad '--cpu: its value is missing' run good.json --cpu
bad '--cpu: given more than once' run good.json --cpu interpreter --cpu interpreter
bad '--quiet: takes no value' run good.json --quiet=yes
bad '--save: its value is missing' run good.json --save --quiet
bad '--record' run good.json --kernel program --record a --replay b
bad '--progress: cannot be combined with --replay' run good.json --kernel program --replay b --progress
bad '--until: cannot be combined with --replay' run good.json --kernel program --replay b --until insts=1
bad '--stats: cannot be combined with --replay' run good.json --kernel program --replay b --stats -
bad '--pace: cannot be combined with --replay' run good.json --kernel program --replay b --pace free
bad 'other.json: not a log of Orrery' run good.json --kernel program --replay other.json
bad 'log: it was recorded from another state' run good.json --kernel talker --replay log
bad '--pace' run good.json --kernel program --pace slow
bad '--replace' run good.json --kernel program --replace
bad '--trace-file' run good.json --kernel program --trace-file t
bad '--trace: host-code' run good.json --kernel program --trace host-code
bad '--trace: host-code' run good.json --kernel program --cpu inorder --trace host-code:count=1
bad 'known: from to count' run good.json --kernel program --cpu direct --trace host-code:hart=0
bad '--trace: pipeline: only the CPU models inorder and outoforder' run good.json --kernel program \
  --trace pipeline
bad '--hot-spots: only the CPU models inorder and outoforder' run good.json --kernel program \
  --hot-spots h
bad '--hot-spots' run good.json --kernel program --cpu inorder --hot-spots directory
bad '--profile' run good.json --kernel program --profile directory
bad '--stats-series: needs --stats-every' run good.json --kernel program --stats-series s
bad '--stats-every: needs --stats-series' run good.json --kernel program --stats-every insts=1
bad '--stats-columns: needs --stats-series' run good.json --kernel program --stats-columns '*'
bad '--stats-every: expected insts=1M or time=1ms, found "insts=0"' run good.json --kernel program \
  --stats-series s --stats-every insts=0
bad '--stats-every: expected insts=1M or time=1ms' run good.json --kernel program \
  --stats-series s --stats-every poweroff
bad '--stats-columns: "machine.hart0.cycels" is the name of no statistic' run good.json \
  --kernel program --until insts=1 --stats-series s --stats-every insts=1 \
  --stats-columns '*.steps,machine.hart0.cycels'
bad '--stats-series: directory' run good.json --kernel program --stats-series directory \
  --stats-every insts=1
bad '--stats-series: x: is written by --stats too' run good.json --kernel program --stats x \
  --stats-series x --stats-every insts=1
bad '--stats-series: cannot be combined with --phases' run good.json --kernel program \
  --stats-series s --stats-every insts=1 --phases list.json
bad '--stats-series: /dev/full: cannot be written' run good.json --kernel program --until insts=9 \
  --quiet --stats-series /dev/full --stats-every insts=1
bad '--profile' run good.json --kernel program --profile p --replay b
bad 'UTF-8' run "$(printf '\377')"
bad '\n' run "$(printf 'two\nlines')"

# --- descriptions
bad 'missing.json' run missing.json
bad 'directory' run directory
config 'bad.json' ''
config 'bad.json:2:1: ' '{"machine": '
config 'bad.json' '[]'
config 'bad.json: the key "harts"' '{"machine": {"harts": 1, "harts": 2}}'
config 'machin: unknown parameter (did you mean "machine"?)' '{"machin": {}}'
config 'machine.hartz' '{"machine": {"hartz": 2}}'
config 'machine.a\x00b: unknown parameter' '{"machine": {"a\u0000b": 1}}'
config 'machine.harts: must be 1..64' '{"machine": {"harts": 0}}'
config 'machine.harts: expected a whole number of harts, found "2"' '{"machine": {"harts": "2"}}'
config 'machine.uncacheable: must be ranges BASE+SIZE such as' '{"machine": {"uncacheable": ["0x80000000"]}}'
config 'machine.hart.mvendorid' '{"machine": {"hart": {"mvendorid": 4294967296}}}'
config 'machine.hart.isa: the firmware needs harts with S and U mode' \
  '{"machine": {"hart": {"isa": "rv64gc"}, "boot": {"firmware": "program"}}}'
config 'machine.harts' '{"machine": {"harts": "many"}}'
config 'machine.harts' '{"machine": {"harts": -1}}'
config 'machine.memory' '{"machine": {"memory": 512}}'
config 'machine.memory' '{"machine": {"memory": "512 apples"}}'
config 'machine.memory' '{"machine": {"memory": "1B"}}'
config 'machine.clock' '{"machine": {"clock": "0Hz"}}'
config 'machine.timebase' '{"machine": {"timebase": "2GHz"}}'
config 'machine.cpu' '{"machine": {"cpu": "interpeter"}}'
config 'machine.warm' '{"machine": {"warm": "inordre"}}'
config 'machine.hart.isa' '{"machine": {"hart": {"isa": "rv32i"}}}'
config 'machine.hart.isa: machine mode needs "zicsr"' '{"machine": {"hart": {"isa": "rv64i"}}}'
config 'machine.board.uart' '{"machine": {"board": {"uart": 3}}}'
for machine in null '[]'; do
  config 'bad.json: machine: expected an object {...}' '{"machine": '"$machine"'}'
  bad 'bad.json: machine: expected an object {...}' run bad.json --harts 2 --kernel program --until insts=1
done
config 'machine.boot' '{"machine": {"boot": []}}'
bad 'orrery: machine.boot.kernel: machine.boot is []' run bad.json --kernel program
config 'machine.boot.kernel_address' '{"machine": {"boot": {"kernel_address": "here"}}}'
config 'nowhere.json' '{"base": "nowhere.json"}'
config 'builds on itself' '{"base": "bad.json"}'
# shellcheck disable=SC2016 # not the shell's variable
config 'ORRERY_CASH' '{"machine": {"boot": {"kernel": "${ORRERY_CASH}/kernel"}}}'
bad 'machine.harts' run good.json --kernel program --harts 1000000
bad 'machine.harts' run good.json --kernel program --harts two
bad 'machine.memory' run good.json --kernel program --memory 3
bad 'machine.cpu' run good.json --kernel program --cpu dircet
bad 'machine.warm' run good.json --kernel program --warm direct
bad '--set' run good.json --kernel program --set machine.harts
bad 'machine.hartz' run good.json --kernel program --set machine.hartz=1
bad 'machine.harts' run good.json --kernel program --set machine.harts.x=1
bad 'machine: the caches of all harts together must be at most 16GiB' run good.json --kernel program \
  --harts 64 --set machine.l1d.size=1GiB
bad 'must be at most 4GiB' run good.json --kernel program --set machine.l2.size=1TiB
bad 'latency_cycles must be 0' run good.json --kernel program --set machine.dtlb.latency_cycles=1
bad 'there is one such queue' run good.json --kernel program --set machine.outoforder.queues.store_data.count=2
bad 'has no interval' run good.json --kernel program --set machine.inorder.op_latency.int_alu.interval=2
bad 'config chekc: unknown (did you mean "check"?)' config chekc good.json
bad 'CONFIG is missing' config show
bad '--dtb' config show good.json --dtb x
bad '--dtb' config devicetree good.json --dtb directory

# --- what a machine starts with
bad 'machine.boot.kernel' run good.json
bad 'machine.boot.kernel' run good.json --kernel missing
bad 'machine.boot.kernel' run good.json --kernel directory
bad 'machine.boot.kernel: map: a text' run good.json --kernel map --until insts=1
bad 'machine.boot.firmware: map: a text' run good.json --kernel program --firmware map --until insts=1
bad 'machine.boot.firmware' run good.json --kernel program --firmware missing
bad 'machine.boot.initramfs' run good.json --kernel program --initramfs missing
bad 'machine.boot.command' run good.json --kernel program --command 'true'
bad 'machine.boot.add' run good.json --kernel program --add nothing
bad '--signature' run good.json --kernel program --signature words --until insts=1
bad '--symbols' run good.json --kernel program --symbols map --until insts=1
bad 'missing' run good.json --kernel program --symbols missing --until insts=1

# --- conditions, phases, results
bad '--until: expected insts=100M' run good.json --kernel program --until forever
bad '(did you mean "insts"?)' run good.json --kernel program --until inst=3
bad '--until' run good.json --kernel program --until insts=many
bad '--until' run good.json --kernel program --until time=3
bad '--until' run good.json --kernel program --until marker=5000
bad '--until' run good.json --kernel program --until console=
bad '--until' run good.json --kernel program --until poweroff=1
bad '--save: directory: exists already' run good.json --kernel program --until insts=1 --save directory
bad '--save: nowhere/x' run good.json --kernel program --until insts=1 --save nowhere/x
bad '--save' run good.json --kernel program --until insts=1 --save ''
bad '--stats: nowhere/x' run good.json --kernel program --until insts=1 --stats nowhere/x
bad '--stats: directory' run good.json --kernel program --until insts=1 --stats directory
bad '--console: nowhere/x' run good.json --kernel program --until insts=1 --console nowhere/x
bad '--out: program' run good.json --kernel program --until insts=1 --out program
bad '--trace: expected instructions' run good.json --kernel program --trace memory
bad '--trace: unknown "form" (did you mean "from"?)' run good.json --kernel program \
  --trace instructions:form=1
bad '--trace: hart=5: the machine has one hart' run good.json --kernel program \
  --trace instructions:hart=5
bad '--trace: privilege' run good.json --kernel program --trace instructions:privilege=X
bad '--until' run good.json --kernel program --phases phases.json --until insts=1
bad 'missing.json' run good.json --kernel program --phases missing.json
phases 'phases.json:2:1: ' '[{'
phases 'phases.json: phases' '{}'
phases 'phases.json: phases' '[]'
phases 'phases.json: phases[1].cpu: unknown "inordre"' '[{}, {"cpu": "inordre"}]'
phases 'phases.json: phases[0].until[0]' '[{"until": ["marker=x"]}]'
phases 'phases.json: phases[0].untl' '[{"untl": ["poweroff"]}]'
phases 'phases.json: phases[0].stats' '[{"stats": 3}]'
phases 'same' '[{"until": "insts=1", "save": "same"}, {"until": "insts=1", "save": "same"}]'

bad '--save: other.json: is no checkpoint' run good.json --kernel program --until insts=1 \
  --save other.json --replace
bad '--save: full: holds "precious"' run good.json --kernel program --until insts=1 --save full --replace
bad '--save: x: is written by --stats too' run good.json --kernel program --until insts=1 --save x --stats x
bad 'cannot lie in a checkpoint' run good.json --kernel program --until insts=1 --save saved/ --replace --signature saved/y
bad '--trace-file: ./x: is written by --stats too' run good.json --kernel program --until insts=1 \
  --stats x --trace instructions --trace-file ./x
bad '--stats: program: is a file that this run reads' run good.json --kernel program --until insts=1 \
  --stats program
bad '--console: link: is a file that this run reads' run good.json --kernel program --until insts=1 \
  --console link
bad '--stats: x.description.json: is written by --stats too' run good.json --kernel program \
  --phases twice.json
phases 'x: is written by --stats too' '[{"until": "insts=1", "stats": "x"}, {"stats": "x"}]'

# --- resuming: what belongs to power-on
for flag in --kernel --firmware --initramfs --append --command --add; do
  bad "$flag: belongs to power-on" resume saved $flag program
done
bad 'machine.boot.append: belongs to power-on' resume saved --set machine.boot.append=quiet
bad 'machine.harts' resume saved --harts 2
bad '--stats: saved/ram.zst: is a file that this run reads' resume saved --stats saved/ram.zst

# --- flags that set values, elsewhere than with run
cases=$((cases + 1))
"$orrery" config show good.json --harts 3 --memory 32MiB --set machine.uncacheable='["0x80000000+4KiB"]' \
  </dev/null >stdout
if ! grep -q '"harts": 3' stdout || ! grep -q '"memory": "32MiB"' stdout; then
  failures=$((failures + 1))
  echo 'config show does not take --harts and --memory' >&2
fi

# --- what a clock's whole periods come to, and the same machine from it
cases=$((cases + 1))
"$orrery" config show good.json --set machine.clock=3GHz </dev/null >shown.json
"$orrery" config show shown.json </dev/null >stdout
if ! grep -q '"clock": "3003003003Hz"' shown.json || ! cmp shown.json stdout; then
  failures=$((failures + 1))
  echo "config show: a clock of 3GHz is shown as $(grep '"clock"' shown.json stdout)" >&2
fi

# --- results that cannot be written: a sentence at the end, and status 2
lost() {
  cases=$((cases + 1))
  timeout 60 "$orrery" "$@" </dev/null >/dev/full 2>stderr
  status=$?
  [ $status = 2 ] && grep -q '^orrery: standard output: cannot be written' stderr && return
  failures=$((failures + 1))
  echo "orrery $* >/dev/full: status $status" >&2
}
lost config show good.json
lost config schema
lost --help
lost run --help
lost run good.json --kernel program --until insts=1 --quiet --stats -
bad '/dev/full: cannot be written' config devicetree good.json --dtb /dev/full
bad '--trace-file: /dev/full: cannot be written' run good.json --kernel program --until insts=9 \
  --quiet --trace instructions --trace-file /dev/full

bad "the guest's console: /dev/full: cannot be written" run good.json --kernel talker \
  --until insts=9 --quiet --console /dev/full

# --- closed standard streams
closed() {
  cases=$((cases + 1))
  words=$1
  shift
  ( "$@" ) >stdout
  status=$?
  [ $status = "$words" ] && return
  failures=$((failures + 1))
  echo "$*: status $status, expected $words" >&2
}
# shellcheck disable=SC2317 # called by closed
no_errors() { timeout 60 "$orrery" run good.json --kernel program --until insts=1 --stats - 2>&-; }
# shellcheck disable=SC2317
full_errors() { timeout 60 "$orrery" run good.json --kernel program --until insts=1 --stats - 2>/dev/full; }
# shellcheck disable=SC2317
no_streams() { timeout 60 "$orrery" config check good.json <&- >&- 2>&-; }
closed 0 no_errors
grep -q instructions stdout || { failures=$((failures + 1)); echo 'no table without standard error' >&2; }
closed 0 full_errors
closed 2 no_streams
# shellcheck disable=SC2317
full_trace() { timeout 60 "$orrery" run good.json --kernel program --until insts=9 --trace instructions 2>/dev/full; }
closed 2 full_trace

# --- a limit of files' size, which translated code's memory is subject to
cases=$((cases + 1))
( ulimit -f 8; timeout 60 "$orrery" run good.json --kernel program --cpu direct --until insts=9 --quiet \
  --console none </dev/null >stdout 2>&1 )
status=$?
# 0 on a host for which direct does not translate.
if [ $status != 0 ] && { [ $status != 2 ] || ! grep -q '^orrery: the host gives no memory' stdout; }; then
  failures=$((failures + 1))
  echo "under ulimit -f: status $status: $(cat stdout)" >&2
fi

# --- checkpoints, programs, reports
bad 'missing' resume missing
bad 'directory' resume directory
bad 'program' resume program
bad 'missing' checkpoint info missing
bad 'directory' checkpoint verify directory
bad 'checkpoint' checkpoint
bad 'checkpoint inof: unknown (did you mean "info"?)' checkpoint inof directory
bad 'missing' disassemble missing
bad 'program: is no ELF file' disassemble program
bad '--address' disassemble program --address here
bad '--isa' disassemble program --address 0 --isa x86
bad 'FILE is missing' report
bad 'missing.json' report missing.json
bad 'other.json: is no statistics file' report other.json
bad 'directory: holds no statistics files' report directory

bad '--save: saved/inner: saved is a checkpoint itself' run good.json --kernel program --until insts=1 \
  --save saved/inner

left=$(find . -mindepth 1 ! -name '*.json' ! -name "std*" ! -name program ! -name map \
  ! -path './saved*' ! -path './full*' ! -name link ! -name log ! -name talker ! -path ./directory)
"$orrery" checkpoint verify saved >stdout || failures=$((failures + 1))
[ "$(cat full/precious)" = treasure ] || failures=$((failures + 1))
if [ -n "$left" ] || [ -e stats.json ]; then
  failures=$((failures + 1))
  echo "mistakes left files behind: $left" >&2
fi
echo "bad_input.sh: $cases cases, $failures failed"
[ $failures = 0 ]
