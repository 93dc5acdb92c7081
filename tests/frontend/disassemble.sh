#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/disassemble.sh
#
# orrery disassemble of plain bytes: where the code ends, and which extensions it is read with.

. "$(dirname "$0")/../preamble.sh"
cd "$work" || exit 1

# shows LINES ISA BYTES: without the columns' widths.
shows() {
  # shellcheck disable=SC2059 # the bytes are written as a format
  printf "$3" >bytes
  found=$("$orrery" disassemble bytes --address 0x80000000 --isa "$2" 2>&1 | sed 's/^ *//; s/  */ /g')
  [ "$found" = "$1" ] || fail "'$3' as $2: $found"
}

shows '80000000: 00000013 addi zero,zero,0' rv64i '\023\000\000\000'
shows '80000000: 02b50533 .word 0x02b50533' rv64i '\063\005\265\002'
shows '80000000: 02b50533 mul a0,a0,a1' rv64im '\063\005\265\002'
# The first half of an instruction is none, and a byte is no half.
shows '80000000: 0001 addi zero,zero,0
80000002: 0013 .half 0x0013' rv64gc '\001\000\023\000'
shows '80000000: 0001 addi zero,zero,0
80000002: 13 .byte 0x13' rv64gc '\001\000\023'
shows '80000000: 00000013 addi zero,zero,0
80000004: 0013 .half 0x0013
80000006: 00 .byte 0x00' rv64gc '\023\000\000\000\023\000\000'
[ $failures = 0 ]
