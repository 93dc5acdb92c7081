// Flags and arguments of one subcommand, over Boost.Program_options. Mistakes become ConfigErrors
// that name the flag and, for an unknown one, the nearest known.
//
//   Options options("run CONFIG [flags]", "Runs a machine from power-on.");
//   options.value("cpu", "MODEL", cpu, "CPU model")
//          .flag("quiet", quiet, "no progress")
//          .arguments("CONFIG", files, 1, 1);
//   if (!options.parse(args)) return 0;  // --help was asked for and given
#pragma once

#include <boost/program_options/options_description.hpp>

#include <optional>
#include <string>
#include <vector>

namespace orrery {

class Options {
 public:
  // `usage` without the program's name.
  Options(std::string usage, std::string text);

  Options& flag(const char* name, bool& value, const char* text);
  Options& value(const char* name, const char* what, std::optional<std::string>& value,
                 const char* text);
  Options& list(const char* name, const char* what, std::vector<std::string>& values,
                const char* text);
  // What stands without a flag: from `least` to `most` of them.
  Options& arguments(const char* what, std::vector<std::string>& values, std::size_t least,
                     std::size_t most);

  // False when --help was among the arguments; the help has been printed.
  bool parse(const std::vector<std::string>& args);

 private:
  std::vector<std::string> names() const;
  bool is_flag(const std::string& text) const;
  void print_help() const;
  void check_arguments() const;

  std::string usage_;
  std::string text_;
  bool help_ = false;
  boost::program_options::options_description flags_;
  const char* argument_name_ = "";
  std::vector<std::string>* arguments_ = nullptr;
  std::size_t least_ = 0;
  std::size_t most_ = 0;
};

}  // namespace orrery
