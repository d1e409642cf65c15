#include "bus/connection.hpp"

#include <system_error>
#include <utility>

#include <fmt/core.h>

namespace nx::bus {
namespace {

using runtime::Ready;

constexpr std::size_t kReadBytes = 64UL * 1024;
constexpr std::size_t kReadsPerTurn = 16;  // afterwards the other work of the loop has its turn

}  // namespace

Connection::Connection(runtime::EventLoop& loop, NameLookup& names, const ConnectionOptions& options, redis::Node node,
                       Owner& owner)
    : loop_(loop),
      names_(names),
      options_(options),
      node_(std::move(node)),
      owner_(&owner),
      greeting_(options.url, options.name),
      reader_(options.limits) {}

Connection::~Connection() {
  close();
}

void Connection::open() {
  step_ = Step::names;
  begun_ = loop_.now();
  names_.ask(node_, weak_from_this(), [weak = weak_from_this()](Result<std::vector<transport::SocketAddress>> found) {
    const auto self = weak.lock();
    if (!self || self->step_ != Step::names) return;
    if (!found) return self->end(ErrorKind::unavailable, std::move(found.error().message));
    self->addresses_ = *std::move(found);
    self->begun_ = self->loop_.now();
    self->connect_next();
  });
}

void Connection::connect_next() {
  if (next_address_ == addresses_.size()) return end(ErrorKind::unavailable, "no address for " + node_.text());
  step_ = Step::connecting;
  address_begun_ = loop_.now();
  auto begun = transport::begin_connect(addresses_[next_address_++]);
  if (!begun) return try_next_or_end(std::move(begun.error().message));
  socket_ = *std::move(begun);
  watched_ = 0;
  watch(Ready::kWrite);
}

void Connection::try_next_or_end(std::string reason) {
  if (next_address_ == addresses_.size()) return end(ErrorKind::unavailable, "cannot connect: " + std::move(reason));
  watch(0);
  socket_.close();
  connect_next();
}

void Connection::connected() {
  if (const int error = transport::connect_error(socket_); error != 0) {
    return try_next_or_end(std::generic_category().message(error));
  }
  if (options_.tls && !socket_.start_tls(*options_.tls, node_.host)) {
    return end(ErrorKind::unavailable, "OpenSSL cannot create a TLS session");
  }
  step_ = Step::greeting;
  last_received_ = loop_.now();
  output_ = greeting_.take_output();
  write();
}

void Connection::on_ready(std::uint32_t ready) {
  const auto self = shared_from_this();  // the owner may release this connection inside its callbacks
  if (step_ == Step::connecting) return connected();
  if (step_ == Step::closed) return;
  if ((ready & ~Ready::kWrite) != 0 || socket_.read_interest() == Ready::kWrite) read();
  if (step_ != Step::closed) write();
}

void Connection::read() {
  for (std::size_t i = 0; i < kReadsPerTurn; ++i) {
    const auto space = reader_.space(kReadBytes);
    const transport::IoResult got = socket_.read(space);
    if (got.status == transport::IoStatus::would_block) return;
    if (got.status == transport::IoStatus::closed)
      return end(ErrorKind::unavailable, "the server closed the connection");
    if (got.status == transport::IoStatus::failed) return end_by_socket();
    last_received_ = loop_.now();
    reader_.took(got.bytes);
    take_values();
    if (step_ == Step::closed) return;
    if (got.bytes < space.size() && !socket_.is_tls()) return;  // the loop reports when more arrives
  }
  if (socket_.has_buffered_input()) {
    loop_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock(); self && self->step_ != Step::closed) self->on_ready(Ready::kRead);
    });
  }
}

void Connection::take_values() {
  for (;;) {
    auto next = reader_.next();
    if (!next) return end(ErrorKind::unavailable, "not the Redis protocol: " + next.error().message);
    if (!*next) return;
    if (step_ == Step::open) {
      owner_->on_value(*this, **next);
      if (step_ == Step::closed) return;
      continue;
    }
    const auto done = greeting_.on_reply(**next);
    if (!done) return end(done.error().kind, done.error().message);
    output_ += greeting_.take_output();
    if (!*done) continue;
    step_ = Step::open;
    owner_->on_open(*this);
    if (step_ == Step::closed) return;
  }
}

void Connection::flush() {
  if (step_ == Step::open && (watched_ & Ready::kWrite) == 0) write();
}

void Connection::write() {
  while (unsent() > 0) {
    const transport::IoResult sent = socket_.write(std::string_view(output_).substr(written_));
    if (sent.status == transport::IoStatus::would_block) break;
    if (sent.status != transport::IoStatus::done) return end_by_socket();
    written_ += sent.bytes;
  }
  std::uint32_t interest = socket_.read_interest();
  if (unsent() > 0) {
    interest |= socket_.write_interest();
    if (written_ > output_.size() / 2) {  // amortised: each byte is moved at most once
      output_.erase(0, written_);
      written_ = 0;
    }
  } else {
    output_.clear();
    written_ = 0;
    if (output_.capacity() > kReadBytes) output_.shrink_to_fit();
  }
  watch(interest);
}

void Connection::watch(std::uint32_t interest) {
  if (interest == watched_) return;
  try {
    if (watched_ == 0) {
      loop_.watch(socket_.fd(), *this, interest);
    } else if (interest == 0) {
      loop_.unwatch(socket_.fd(), *this);
    } else {
      loop_.rewatch(socket_.fd(), *this, interest);
    }
    watched_ = interest;
  } catch (const std::system_error& error) {
    end(ErrorKind::unavailable, error.code().message());
  }
}

void Connection::tick(runtime::SteadyTime now) {
  const auto self = shared_from_this();
  switch (step_) {
    case Step::names:
      if (now - begun_ > options_.look_up_within) end_slow("the look-up of the name", options_.look_up_within);
      return;
    case Step::connecting:
      if (now - begun_ > options_.open_within) return end_slow("the connection", options_.open_within);
      // Each address has its share of the time: the first one may never answer.
      if (next_address_ < addresses_.size() && now - address_begun_ > options_.open_within / addresses_.size()) {
        try_next_or_end("no answer");
      }
      return;
    case Step::greeting:
      if (now - begun_ > options_.open_within) end_slow("the answer to the greeting", options_.open_within);
      return;
    case Step::open:
      if (now - last_received_ > options_.silence) {
        end(ErrorKind::unavailable, fmt::format("nothing received for {} ms", options_.silence.count()));
      }
      return;
    case Step::idle:
    case Step::closed:
      return;
  }
}

void Connection::end_slow(const char* what, std::chrono::milliseconds within) {
  end(ErrorKind::unavailable, fmt::format("{} takes longer than {} ms", what, within.count()));
}

void Connection::end_by_socket() {
  if (const std::string problem = socket_.certificate_problem(); !problem.empty()) {
    return end(ErrorKind::invalid,
               fmt::format("the certificate is not trusted: {}; check SIGNAL_REDIS_TLS_CA", problem));
  }
  end(ErrorKind::unavailable, socket_.error() != 0 ? std::generic_category().message(socket_.error()) : "TLS failed");
}

void Connection::end(ErrorKind kind, std::string reason) {
  if (step_ == Step::closed) return;
  Owner* const owner = owner_;
  const auto self = shared_from_this();
  close();
  owner->on_lost(*this, Error{kind, node_.text() + ": " + std::move(reason)});
}

void Connection::close() {
  if (step_ == Step::closed) return;
  step_ = Step::closed;
  if (watched_ != 0) loop_.unwatch(socket_.fd(), *this);
  watched_ = 0;
  socket_.close();
}

}  // namespace nx::bus
