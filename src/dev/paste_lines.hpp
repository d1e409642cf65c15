#pragma once
// Commands with the addresses of this run that a reader can paste into a shell unchanged. No I/O.

#include <string>
#include <vector>

namespace nx::dev {

/// The addresses of this run, as seen from the same machine.
struct Addresses {
  std::string http;     // http://127.0.0.1:3000, no slash at the end
  std::string stream;   // ws://127.0.0.1:3000/stream
  std::string broker;   // 127.0.0.1:39417
  std::string topic;    // signal.activity-notification
  std::string program;  // as the reader started it: build/release/nx-signal
};

struct PasteLine {
  std::string name;     // listen, notify, kcat, curl
  std::string purpose;  // one sentence
  std::string command;  // one line of POSIX shell
};

std::vector<PasteLine> paste_lines(const Addresses& addresses);

/// The text that `nx-signal dev` prints on stdout after the start; the first line is the page's URL.
std::string welcome_text(const Addresses& addresses);

}  // namespace nx::dev
