// Does reading an inbox depend on how large it is? Page 1, page 1,000, unread count and "mark all read" of two users of
// one PostgreSQL database, calls in turns, through the repository that REST uses. Printed are p50, p99 and the ratio of
// the large user's to the small one's; goal ≤ 1.5. script/rows makes the database.
//
//   inbox URL SCHEMA SMALL_USER LARGE_USER [rounds]      default 2000

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "die.hpp"
#include "quantile.hpp"
#include "store/postgres_store.hpp"

namespace {

using namespace nx;
using bench::or_die;
using bench::quantile;
using Clock = std::chrono::steady_clock;
using Repository = store::ActivityNotificationRepository;

/// One call on behalf of a user; what it does beforehand is not measured.
struct Call {
  const char* name;
  std::function<void(Repository&, const UserId&)> prepare;
  std::function<void(Repository&, const UserId&)> run;
};

double microseconds(const Call& call, Repository& repository, const UserId& user) {
  call.prepare(repository, user);
  const auto begun = Clock::now();
  call.run(repository, user);
  return std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
}

void measure(const Call& call, Repository& repository, const UserId& small, const UserId& large, int rounds) {
  for (int i = 0; i < rounds / 10; ++i) {  // plans and buffers, both users alike
    microseconds(call, repository, small);
    microseconds(call, repository, large);
  }
  std::vector<double> of_small, of_large;
  for (int i = 0; i < rounds; ++i) {
    of_small.push_back(microseconds(call, repository, small));
    of_large.push_back(microseconds(call, repository, large));
  }
  const double p50[] = {quantile(of_small, 0.5), quantile(of_large, 0.5)};
  const double p99[] = {quantile(of_small, 0.99), quantile(of_large, 0.99)};
  std::printf("%-24s %9.0f %9.0f %9.0f %9.0f %9.2f %9.2f\n", call.name, p50[0], p50[1], p99[0], p99[1], p50[1] / p50[0],
              p99[1] / p99[0]);
}

store::PageRequest page_of(const UserId& user) {
  store::PageRequest request;
  request.user = user;
  return request;
}

/// The cursor behind which page 1,000 begins, or the last page that there is.
std::int64_t cursor_of_page_1000(Repository& repository, const UserId& user) {
  auto request = page_of(user);
  request.limit = 100;
  std::int64_t cursor = 0;
  for (int read = 0; read < 9'990;) {
    const auto page = or_die(repository.page(request), "reading a page");
    if (page.rows.empty()) break;
    read += static_cast<int>(page.rows.size());
    cursor = page.rows.back().seq;
    if (!page.more) return cursor + 5;
    request.before_seq = cursor;
  }
  return cursor;
}

void ingest_one(Repository& repository, const UserId& user) {
  static int next = 0;
  store::NewNotification item;
  item.activity.source = "bench/0/" + std::to_string(next++) + "/" + std::to_string(now_wall().value);
  item.activity.type = "bench";
  item.activity.title = "one more";
  item.recipients.push_back(user);
  or_die(repository.ingest(std::vector{item}), "storing a notification");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: inbox URL SCHEMA SMALL_USER LARGE_USER [rounds]\n");
    return 2;
  }
  store::PostgresOptions options;
  options.url = argv[1];
  options.schema = argv[2];
  options.application_name = "nx-signal bench";
  const UserId small{argv[3]};
  const UserId large{argv[4]};
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 2'000;
  const auto repository = or_die(store::open_postgres_notifications(options), "opening the database");
  for (const UserId& user : {small, large}) {
    const auto page = or_die(repository->page(page_of(user)), "reading a page");
    std::printf("%s: %lld rows live, %lld unread\n", user.value.c_str(),
                static_cast<long long>(page.total.value_or(-1)),
                static_cast<long long>(or_die(repository->unread_count(user), "counting").count));
  }
  const std::int64_t deep[] = {cursor_of_page_1000(*repository, small), cursor_of_page_1000(*repository, large)};
  const auto nothing = [](Repository&, const UserId&) {};
  const auto read_page = [](Repository& from, const store::PageRequest& request) {
    if (or_die(from.page(request), "reading a page").rows.empty()) {
      std::fprintf(stderr, "inbox: an empty page measures nothing\n");
      std::exit(1);
    }
  };
  std::printf("%-24s %9s %9s %9s %9s %9s %9s\n", "microseconds", "p50 small", "p50 large", "p99 small", "p99 large",
              "p50 ratio", "p99 ratio");
  for (const Call& call : {
           Call{"page 1", nothing, [&](Repository& from, const UserId& user) { read_page(from, page_of(user)); }},
           Call{"page 1,000 (or last)", nothing,
                [&](Repository& from, const UserId& user) {
                  auto request = page_of(user);
                  request.before_seq = user == small ? deep[0] : deep[1];
                  read_page(from, request);
                }},
           Call{"unread page", nothing,
                [&](Repository& from, const UserId& user) {
                  auto request = page_of(user);
                  request.show = store::PageRequest::Show::unread;
                  read_page(from, request);
                }},
           Call{"unread count", nothing,
                [](Repository& from, const UserId& user) { or_die(from.unread_count(user), "counting"); }},
           Call{"mark all read", ingest_one,
                [](Repository& from, const UserId& user) {
                  if (or_die(from.mark_all_read(user, {}), "marking all read").changed == 0) std::exit(1);
                }},
       }) {
    measure(call, *repository, small, large, rounds);
  }
  return 0;
}
