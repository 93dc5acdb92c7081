#!/bin/sh
# Usage: ORRERY=build/release/orrery sh tests/frontend/policies_doc.sh
#
# The files of memory/policies.md: its C++ compiles as it stands there, its DRAM part is one.

. "$(dirname "$0")/../preamble.sh"
page=$source/memory/policies.md

# block LANGUAGE N: the Nth code block in it.
block() {
  awk -v fence="\`\`\`$1" -v wanted="$2" '
    $0 == "```" {inside = 0}
    inside && n == wanted
    $0 == fence {inside = 1; n++}' "$page"
}

i=1
while block cpp $i >"$work/policy.cc" && [ -s "$work/policy.cc" ]; do
  "${CXX:-c++}" -std=c++20 -fsyntax-only -Wall -Wextra -Wconversion -Wshadow -Werror -I "$source" \
    "$work/policy.cc" >"$work/output" 2>&1 || fail "block $i: $(head -3 "$work/output")"
  i=$((i + 1))
done
[ $i = 4 ] || fail "$((i - 1)) blocks of C++, expected 3"

cp -r "$source/configs/dram" "$work"
block json 1 >"$work/dram/own.json"
"$orrery" config show "$work/dram/own.json" >"$work/output" 2>&1 || fail "$(cat "$work/output")"
grep -q '"data_rate": 5600' "$work/output" || fail "the DRAM part is not as the page has it"
exit $failures
