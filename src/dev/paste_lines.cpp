#include "dev/paste_lines.hpp"

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
  const std::string token = "$(" + curl +
                            R"( -H 'x-signal-dev: 1' -H 'accept: text/plain' -d '{"userId":"u-owner"}' )" +
                            quoted(addresses.http + "/dev/token") + ")";
  const std::string program = quoted(addresses.program);
  return {
      {"listen", "Be a client, and see each frame as it opens",
       program + " listen --url " + quoted(addresses.stream) + (tls ? " --insecure" : "") + " --token \"" + token +
           "\""},
      {"notify", "Be a payment service",
       program + " notify --kafka-brokers " + quoted(addresses.broker) +
           " --scope users --to u-owner,u-harbour-cashier --type payment.success --title 'Payment received'"},
      {"kcat", "The same with a producer that is not ours",
       R"(echo '{"recipientScope":"merchant","merchantId":"harbour","type":"payment.success","title":"From kcat"}' | kcat -P -b )" +
           quoted(addresses.broker) + " -t " + quoted(addresses.topic)},
      {"curl", "Read an inbox back",
       curl + " -H \"authorization: Bearer " + token + "\" " + quoted(addresses.http + "/v1/notifications")},
  };
}

std::string welcome_text(const Addresses& addresses) {
  std::string text = "Open " + addresses.http +
                     "/\n\nNOT FOR PRODUCTION: everyone who reaches this port on loopback gets any token, and "
                     "nothing here is kept secret.\n" +
                     "Kafka broker " + addresses.broker + ", topic " + addresses.topic + "; WebSocket " +
                     addresses.stream + "\n";
  for (const PasteLine& line : paste_lines(addresses)) text += "\n# " + line.purpose + ":\n" + line.command + "\n";
  return text + "\nCtrl-C ends it.\n";
}

}  // namespace nx::dev
