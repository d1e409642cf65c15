#pragma once
// Commands that a reader can paste into a shell and that work as printed, with the addresses of this run. No I/O.

#include <string>
#include <vector>

namespace nx::dev {

/// Where this run can be reached, as seen from the same machine.
struct Addresses {
  std::string http;     // http://127.0.0.1:3000, no slash at the end
  std::string stream;   // ws://127.0.0.1:3000/stream
  std::string broker;   // 127.0.0.1:39417
  std::string topic;    // signal.activity-notification
  std::string program;  // how the reader started us: build/release/nx-signal
};

struct PasteLine {
  std::string name;     // listen, notify, kcat, curl
  std::string purpose;  // one sentence
  std::string command;  // one line of POSIX shell
};

std::vector<PasteLine> paste_lines(const Addresses& addresses);

/// What `nx-signal dev` prints on stdout once everything is up; the first line is the page's URL.
std::string welcome_text(const Addresses& addresses);

}  // namespace nx::dev
