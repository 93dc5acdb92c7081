// The sentence of the ConfigError that `action` throws; a failed expectation when it throws none.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"

namespace orrery {

template <class Action>
std::string config_message(Action&& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected a ConfigError";
  return {};
}

}  // namespace orrery
