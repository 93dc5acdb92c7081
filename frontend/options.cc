#include "frontend/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <boost/program_options/variables_map.hpp>
#include <sstream>

#include "base/error.h"
#include "base/params.h"
#include "base/utf8.h"
#include "frontend/output.h"

namespace orrery {

namespace po = boost::program_options;

namespace {
constexpr const char* arguments_key = "(arguments)";
constexpr unsigned help_columns = 100;
}  // namespace

Options::Options(std::string usage, std::string text)
    : usage_(std::move(usage)), text_(std::move(text)), flags_("Flags", help_columns) {
  flag("help", help_, "this text");
}

Options& Options::flag(const char* name, bool& value, const char* text) {
  flags_.add_options()(name, po::bool_switch(&value), text);
  return *this;
}

Options& Options::value(const char* name, const char* what, std::optional<std::string>& value,
                        const char* text) {
  auto* semantic = po::value<std::string>()->value_name(what)->notifier(
      [this, name, &value](const std::string& given) {
        // "--save --quiet": a forgotten value swallows the next flag.
        if (is_flag(given))
          config_error("--{}: its value is missing, found the flag {}", name, given);
        value = given;
      });
  flags_.add_options()(name, semantic, text);
  return *this;
}

Options& Options::list(const char* name, const char* what, std::vector<std::string>& values,
                       const char* text) {
  auto* semantic = po::value<std::vector<std::string>>(&values)->composing()->value_name(what);
  flags_.add_options()(name, semantic, text);
  return *this;
}

Options& Options::arguments(const char* what, std::vector<std::string>& values, std::size_t least,
                            std::size_t most) {
  argument_name_ = what;
  arguments_ = &values;
  least_ = least;
  most_ = most;
  return *this;
}

std::vector<std::string> Options::names() const {
  std::vector<std::string> result;
  for (const auto& option : flags_.options()) result.push_back("--" + option->long_name());
  return result;
}

bool Options::is_flag(const std::string& text) const {
  const auto all = names();
  return std::find(all.begin(), all.end(), text) != all.end();
}

void Options::print_help() const {
  std::ostringstream text;
  text << "usage: orrery " << usage_ << "\n\n" << text_ << "\n\n" << flags_;
  print(text.str());
}

void Options::check_arguments() const {
  if (!arguments_) return;
  if (arguments_->size() < least_)
    config_error("orrery {}: {} is missing; see --help", usage_.substr(0, usage_.find(' ')),
                 argument_name_);
  if (arguments_->size() > most_)
    config_error("\"{}\": one argument too many; see --help", (*arguments_)[most_]);
}

bool Options::parse(const std::vector<std::string>& args) {
  // Descriptions and messages are UTF-8; an argument that is not could not be written back.
  for (const std::string& arg : args)
    if (!is_utf8(arg)) config_error("an argument is not UTF-8 text");
  po::options_description all;
  all.add(flags_);
  std::vector<std::string> ignored;
  auto& target = arguments_ ? *arguments_ : ignored;
  all.add_options()(arguments_key, po::value<std::vector<std::string>>(&target));
  po::positional_options_description positions;
  positions.add(arguments_key, -1);
  // No abbreviations: a flag added later must not change what a script means.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::variables_map values;
    po::store(po::command_line_parser(args).options(all).positional(positions).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    const std::string& name = error.get_option_name();
    const auto meant = nearest(name, names());
    config_error("{}: unknown flag{}; see --help", name,
                 meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "");
  } catch (const po::multiple_occurrences& error) {
    config_error("{}: given more than once", error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    config_error("{}: {}; see --help", error.get_option_name(),
                 extra ? "takes no value" : "its value is missing");
  } catch (const po::error_with_option_name& error) {
    config_error("{}: {}; see --help", error.get_option_name(), error.what());
  } catch (const po::error& error) {
    config_error("command line: {}; see --help", error.what());
  }
  if (help_) {
    print_help();
    return false;
  }
  if (!arguments_ && !ignored.empty())
    config_error("\"{}\": one argument too many; see --help", ignored.front());
  check_arguments();
  return true;
}

}  // namespace orrery
