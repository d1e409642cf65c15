#pragma once

#include <map>
#include <string>

namespace nx::app {

/// Defaults of `dev` that differ from those of the keys: variable → text.
inline const std::map<std::string, std::string>& dev_defaults() {
  static const std::map<std::string, std::string> defaults = {{"SIGNAL_HTTP_HOST", "127.0.0.1"},
                                                              {"SIGNAL_ADMIN_LISTEN", ""},
                                                              {"SIGNAL_DRAIN_MS", "0"},
                                                              {"SIGNAL_SHUTDOWN_GRACE_MS", "0"}};
  return defaults;
}

}  // namespace nx::app
