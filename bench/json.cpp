// How fast is text from outside read, whatever it is? MB/s of a dozen shapes through the three decoders that meet it
// first: a client's message, a message of the bus, a Kafka record. Beside them simdjson's own DOM parse of the real
// notification.
//   json [--seconds S]   time for each shape and decoder (0.3); exit 1 when a decoder does not answer as it should
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <simdjson.h>

#include "contract/activity_message.hpp"
#include "contract/bus_envelope.hpp"
#include "contract/client_message.hpp"

namespace {

using namespace nx;

constexpr std::size_t kBytes = 120'000;  // within SIGNAL_WS_MAX_MESSAGE_BYTES
constexpr const char* kReal =
    R"("title":"Payment received","body":"42.50 EUR at Café Zürich — table 7","data":{"paymentId":"01J8ZK3V9Q4T7N5R2M1H0GXYZA","amount":"42.50","currency":"EUR","method":"card","lines":[{"sku":"A-1","name":"Flat white","quantity":2,"price":4.50},{"sku":"B-2","name":"Croissant \"beurre\"","quantity":3,"price":3.20}],"tip":null,"offline":false})";

struct Shape {
  const char* name;
  std::string members;  // of an object
};

std::string times(const std::string& first, const std::function<std::string(std::size_t)>& piece, const char* last) {
  std::string text = first;
  for (std::size_t i = 0; text.size() < kBytes; ++i) text += piece(i);
  if (text.ends_with(',')) text.pop_back();
  return text + last;
}

/// Names that meet in one bucket of a table that hashes as libstdc++ does.
std::string colliding_members() {
  std::string text;
  for (std::size_t i = 0; text.size() < kBytes / 8; ++i) {
    const std::string name = "n" + std::to_string(i);
    if (std::hash<std::string>{}(name) % 5'087 == 0) text.append("\"").append(name).append("\":0,");
  }
  text.pop_back();
  return text;
}

std::vector<Shape> shapes() {
  const auto same = [](const char* piece) { return [piece](std::size_t) { return std::string(piece); }; };
  std::string deep;
  while (deep.size() < kBytes) deep.append(60, '[').append("1").append(60, ']').append(",");
  deep.back() = ']';
  return {
      {"a real notification", kReal},
      {"flat numbers", times(R"("x":[)", same("1,"), "]")},
      {"long numbers", times(R"("x":[)", same("-1234567.8901234e-12,"), "]")},
      {"arrays in arrays", times(R"("x":[)", same("[[],[]],"), "]")},
      {"objects", times(R"("x":[)", same(R"({"a":1,"b":"c"},)"), "]")},
      {"repeated names", times("", same(R"("a":0,)"), "")},
      {"different names",
       times(
           "", [](std::size_t i) { return std::string("\"").append(std::to_string(i)).append("\":0,"); }, "")},
      {"colliding names", colliding_members()},
      {"escaped names", times("", same(R"("\u0061\u0062":0,)"), "")},
      {"escapes", times(R"("x":")", same(R"(\n\"\u00e9\ud83d\ude00)"), "\"")},
      {"lone surrogates", times(R"("x":")", same(R"(\ud83d)"), "\"")},
      {"deep", R"("x":[)" + deep},
      {"one long string", times(R"("x":")", same("Phở bò tái 12 "), "\"")},
      {"short strings", times(R"("x":[)", same(R"("",)"), "]")},
      {"white space", times(R"("x":[)", same("1 ,\n"), "1]")},
  };
}

/// Of this thread: what else runs on the machine does not count.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double megabytes_per_second(std::size_t bytes, double seconds, const std::function<void()>& once) {
  once();
  const double begin = cpu_seconds();
  std::size_t rounds = 0;
  double passed = 0;
  do {
    for (int i = 0; i < 4; ++i) once();
    rounds += 4;
    passed = cpu_seconds() - begin;
  } while (passed < seconds);
  return static_cast<double>(rounds * bytes) / passed / 1e6;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "json: %s\n", what);
  std::exit(1);
}

double client(const Shape& shape, double seconds) {
  const std::string text = R"({"event":"ping","id":7,)" + shape.members + "}";
  return megabytes_per_second(text.size(), seconds, [&text] {
    require(std::holds_alternative<contract::Ping>(contract::decode_client_message(text)),
            "a client's message is no ping");
  });
}

double bus(const Shape& shape, double seconds) {
  const std::string text = R"({"serverId":"s","type":"room","target":"r","event":"e","data":{)" + shape.members + "}}";
  return megabytes_per_second(text.size(), seconds, [&text] {
    require(contract::decode_bus_envelope(text).has_value(), "a bus message is malformed");
  });
}

double kafka(const Shape& shape, double seconds) {
  const std::string text =
      R"({"recipientScope":"users","recipientIds":["u1"],"type":"payment.success","title":"t",)" + shape.members + "}";
  return megabytes_per_second(text.size(), seconds, [&text] {
    require(contract::decode_activity(text, {.topic = "t", .timestamp = {1}, .traceparent = {}}).has_value(),
            "a record is poison");
  });
}

double dom(double seconds) {
  const simdjson::padded_string text("{" + std::string(kReal) + "}");
  simdjson::dom::parser parser;
  return megabytes_per_second(text.size(), seconds, [&] {
    simdjson::dom::element root;
    require(parser.parse(text).get(root) == simdjson::SUCCESS, "simdjson does not take the real notification");
  });
}

}  // namespace

int main(int count, char** arguments) {
  double seconds = 0.3;
  if (count == 3 && std::string_view(arguments[1]) == "--seconds") seconds = std::atof(arguments[2]);
  if ((count != 1 && count != 3) || seconds <= 0) {
    std::fprintf(stderr, "usage: json [--seconds S]\n");
    return 2;
  }
  std::printf("%-22s %10s %10s %10s   MB/s\n", "shape", "client", "bus", "kafka");
  double slowest = 1e9;
  for (const Shape& shape : shapes()) {
    const double rates[] = {client(shape, seconds), bus(shape, seconds), kafka(shape, seconds)};
    for (const double rate : rates) slowest = std::min(slowest, rate);
    std::printf("%-22s %10.0f %10.0f %10.0f\n", shape.name, rates[0], rates[1], rates[2]);
  }
  const double theirs = dom(seconds);
  std::printf(
      "slowest %.0f MB/s (goal 100); simdjson's DOM of the real notification %.0f MB/s: 1/%.1f of it (goal 1/20)\n",
      slowest, theirs, theirs / slowest);
  return 0;
}
