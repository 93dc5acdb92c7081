// What the program itself prints.
//
// Results go to standard output, of which nothing may be lost in silence: one that is not there has
// to show in the exit status. Messages for the person before the simulator go to standard error;
// where they cannot be written (closed, disk full) they are lost, and nothing depends on them.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace orrery {

// Standard streams that the caller has closed stand for /dev/null from here on, so that no file
// of ours takes their numbers; what is printed on a closed standard output counts as lost.
void open_closed_streams();

// To standard output.
void print(std::string_view text);

// Everything that was printed has left the program, or a ConfigError. For the end of the program:
// a table that cannot be printed must not keep results from being saved.
void finish_output();

// To standard error.
void say_text(std::string_view text);

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  say_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace orrery
