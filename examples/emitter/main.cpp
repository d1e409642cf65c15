// push USER EVENT [DATA]: one push to a user, through the Redis that SIGNAL_REDIS_URL names.
#include <cstdlib>
#include <iostream>
#include <nxsignal/emitter.hpp>

int main(int argc, char** argv) {
  const char* const url = std::getenv("SIGNAL_REDIS_URL");
  if (argc < 3 || argc > 4 || url == nullptr) {
    std::cerr << "usage: SIGNAL_REDIS_URL=redis://127.0.0.1:6379 push USER EVENT [DATA]\n";
    return 2;
  }
  nxsignal::Options options;
  options.url = url;
  nxsignal::Emitter emitter(options);
  const nxsignal::Outcome outcome =
      emitter.to_user(argv[1], argv[2], argc == 4 ? nxsignal::Emitter::Data(argv[3]) : std::nullopt);
  if (!outcome) std::cerr << "push: " << outcome.error << "\n";
  return outcome ? 0 : 1;
}
