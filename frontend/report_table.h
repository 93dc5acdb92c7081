// The readable table: the figures people look at first, of one result or of several side by side.
#pragma once

#include <string>
#include <vector>

#include "frontend/result_files.h"

namespace orrery {

struct ReportColumn {
  std::string title;
  PhaseResult result;
};

// Rows that no column has are left out; a cell without a value shows "-". With `all`, every
// statistic follows by its path.
std::string report_table(const std::vector<ReportColumn>& columns, bool all = false);

}  // namespace orrery
