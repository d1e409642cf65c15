#include "dev/paste_lines.hpp"

#include <fmt/core.h>

namespace nx::dev {

namespace {

/// Quotes the text for the shell with single quotes, unless it needs no quotes.
std::string quoted(const std::string& text) {
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=@%+";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string out = "'";
  for (const char c : text) c == '\'' ? out += "'\\''" : out += c;
  return out + "'";
}

}  // namespace

std::vector<PasteLine> paste_lines(const Addresses& addresses) {
  const bool tls = addresses.http.starts_with("https");
  const std::string curl = tls ? "curl -sk" : "curl -s";  // the system rarely trusts the certificate of a test
  const std::string token = fmt::format("$({} -H 'x-signal-dev: 1' -H 'accept: text/plain' -d '{}' {})", curl,
                                        R"({"userId":"u-owner"})", quoted(addresses.http + "/dev/token"));
  const std::string program = quoted(addresses.program);
  return {
      {"listen", "Be a client, and see each frame decrypted",
       fmt::format(R"({} listen --url {}{} --token "{}")", program, quoted(addresses.stream), tls ? " --insecure" : "",
                   token)},
      {"notify", "Be a payment service",
       fmt::format("{} notify --kafka-brokers {} --scope users --to u-owner,u-harbour-cashier --type payment.success "
                   "--title 'Payment received'",
                   program, quoted(addresses.broker))},
      {"kcat", "The same with kcat, a producer of another project (apt-get install kcat)",
       fmt::format(
           "echo '{}' | kcat -P -b {} -t {}",
           R"({"recipientScope":"merchant","merchantId":"harbour","type":"payment.success","title":"From kcat"})",
           quoted(addresses.broker), quoted(addresses.topic))},
      {"curl", "Read an inbox back",
       fmt::format(R"({} -H "authorization: Bearer {}" {}; echo)", curl, token,
                   quoted(addresses.http + "/v1/notifications"))},
  };
}

std::string welcome_text(const Addresses& addresses) {
  std::string text = fmt::format(
      "Open {}/\n\nNOT FOR PRODUCTION: everyone who reaches this port on loopback gets any token, and nothing here is "
      "kept secret.\nKafka broker {}, topic {}; WebSocket {}\n",
      addresses.http, addresses.broker, addresses.topic, addresses.stream);
  for (const PasteLine& line : paste_lines(addresses)) text += fmt::format("\n# {}:\n{}\n", line.purpose, line.command);
  return text + "\nCtrl-C ends it.\n";
}

}  // namespace nx::dev
