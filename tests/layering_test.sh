#!/bin/sh
# Includes go down the list of folders only (CMakeLists.txt, ORRERY_FOLDERS), inside cpu/ fp and isa
# stand below arch, arch below exec, and the CPU models do not include each other; what the timing models
# share (models/timing, models/predictor) includes none of them.
set -eu
cd "$(dirname "$0")/.."

violations=$(
  {
    find base memory cpu devices models checkpoint frontend -name '*.cc' -o -name '*.h' -o -name '*.def' |
      sort | xargs grep -H -o '^#include "[^"]*"'
  } | sed 's/:#include "/ /; s/"$//' | awk '
    function folder(path) { sub(/\/.*/, "", path); return path }
    function part(path, p) { split(path, p, "/"); return p[2] }
    BEGIN {
      allowed["base"] = " base "
      allowed["memory"] = " base memory "
      allowed["cpu"] = " base memory cpu "
      allowed["devices"] = " base memory devices "
      allowed["models"] = " base memory cpu devices models "
      allowed["checkpoint"] = " base memory cpu devices models checkpoint "
      allowed["frontend"] = " base memory cpu devices models checkpoint frontend "
      level["fp"] = 1; level["isa"] = 1; level["arch"] = 2; level["exec"] = 3
      model["interpreter"] = model["direct"] = model["inorder"] = model["outoforder"] = 1
      shared["timing"] = shared["predictor"] = 1
    }
    {
      from = folder($1); to = folder($2)
      if (index(allowed[from], " " to " ") == 0) { print $1 " includes " $2; next }
      if (from == "cpu" && to == "cpu" && level[part($1)] < level[part($2)]) print $1 " includes " $2
      a = part($1); b = part($2)
      if (from == "models" && to == "models" && ((a in model) || (a in shared)) && (b in model) && a != b)
        print $1 " includes " $2
    }'
)

conditionals=$(grep -rnE '^ *# *(if|ifdef|ifndef)' base memory cpu devices models checkpoint frontend \
  --include='*.h' --include='*.cc' --include='*.def' | grep -v '^cpu/fp/host_fma' || true)

failed=0
if [ -n "$violations" ]; then
  printf 'includes against the order of the folders:\n%s\n' "$violations"
  failed=1
fi
if [ -n "$conditionals" ]; then
  printf 'conditional compilation outside the host-dependent files:\n%s\n' "$conditionals"
  failed=1
fi
exit $failed
