#pragma once

#include <string>

namespace nx::app {

/// Version, commit, how it was built, and the versions of the libraries, as `--version` prints them.
std::string build_information();

/// The commit, followed by `+changes` if the tree differed from it; empty outside of a repository. The build writes the
/// source of this function (cmake/commit.cmake).
const char* built_commit();

}  // namespace nx::app
