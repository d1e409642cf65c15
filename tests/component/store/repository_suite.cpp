#include "component/store/repository_suite.hpp"

namespace nx::store {

NewNotification RepositorySuite::message(const std::vector<std::string>& users) {
  NewNotification item;
  item.activity.source = "topic/0/" + std::to_string(next_offset_++) + "/1700000000000";
  item.activity.type = "payment.success";
  item.activity.title = "Paid";
  for (const std::string& user : users) item.recipients.push_back({user});
  return item;
}

NewNotification RepositorySuite::message(const std::string& key, const std::vector<std::string>& users) {
  NewNotification item = message(users);
  item.activity.key = key;
  return item;
}

IngestResult RepositorySuite::ingest(const NewNotification& item) {
  auto results = ingest(std::vector{item});
  return results.empty() ? IngestResult{} : results.front();
}

std::vector<IngestResult> RepositorySuite::ingest(const std::vector<NewNotification>& batch) {
  auto results = store_->ingest(batch);
  EXPECT_TRUE(results) << results.error().message;
  return results ? *results : std::vector<IngestResult>{};
}

std::vector<std::int64_t> RepositorySuite::seqs(const PageRequest& request) {
  const auto page = store_->page(request);
  EXPECT_TRUE(page) << page.error().message;
  return page ? seqs_of(page->rows) : std::vector<std::int64_t>{};
}

InboxRow RepositorySuite::row(const std::string& user, const NotificationId& id) {
  const auto found = store_->find({user}, id);
  EXPECT_TRUE(found && *found);
  return found && *found ? **found : InboxRow{};
}

void RepositorySuite::expect_counters(const std::string& user, std::int64_t unread, std::int64_t seq) {
  const auto counters = store_->unread_count({user});
  const auto recount = store_->recount({user});
  ASSERT_TRUE(counters && recount);
  EXPECT_EQ(counters->count, unread) << user;
  EXPECT_EQ(counters->seq, seq) << user;
  EXPECT_EQ(recount->count, unread) << user << ", recounted";
  EXPECT_EQ(recount->seq, seq) << user << ", recounted";
}

void BroadcastsSuite::SetUp() {
  RepositorySuite::SetUp();
  backend_->replace_policies({}, IdColumns::text);
  auto opened = backend_->open_repositories();
  ASSERT_TRUE(opened) << opened.error().message;
  repositories_ = std::move(*opened);
}

NewNotification BroadcastsSuite::to_organizer(const std::string& id) {
  NewNotification item = message({});
  item.activity.scope = RecipientScope::organizer;
  item.activity.organizer_id = id;
  item.activity.record_time = {1'700'000'000'123};
  item.later = true;
  return item;
}

std::optional<Broadcast> BroadcastsSuite::take(const std::string& worker) {
  auto taken = jobs().take(worker);
  EXPECT_TRUE(taken) << taken.error().message;
  return taken ? *taken : std::nullopt;
}

StoredSlice BroadcastsSuite::store(const std::string& worker, const NotificationId& id,
                                   const std::optional<std::string>& from, const std::string& through,
                                   const std::vector<std::string>& users) {
  BroadcastSlice slice{.from = from, .through = through, .recipients = {}};
  for (const std::string& user : users) slice.recipients.push_back({user});
  auto stored = jobs().store(worker, id, slice);
  EXPECT_TRUE(stored) << stored.error().message;
  return stored ? *stored : StoredSlice{};
}

std::vector<std::int64_t> seqs_of(const std::vector<InboxRow>& rows) {
  std::vector<std::int64_t> seqs;
  for (const InboxRow& row : rows) seqs.push_back(row.seq);
  return seqs;
}

}  // namespace nx::store
