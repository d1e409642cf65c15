// Random filters over 500 random rows: what a database answers, against an evaluator of the test's own. 2,000 filters;
// NX_FILTER_COUNT and NX_FILTER_SEED take others.

#include <cstdlib>
#include <thread>

#include "component/rest/filter_evaluator.hpp"
#include "component/rest/filter_fixture.hpp"
#include "component/rest/random_filters.hpp"
#include "model/percent.hpp"
#include "rest/filter_reader.hpp"

namespace nx::rest {
namespace {

constexpr int kRows = 500, kBatch = 10;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

json::Value tree(const std::optional<std::string>& text) {
  return text ? *json::parse(*text) : json::Value();
}

class FilterDifferentialTest : public FilterRoutesTest {
 protected:
  void fill(RandomFilters& random) {
    std::vector<NotificationId> ids;
    for (int i = 0; i < kRows; i += kBatch) {
      std::vector<store::NewNotification> batch;
      for (int k = 0; k < kBatch; ++k) batch.push_back(random.notification(i + k));
      const auto stored = writer_->ingest(batch);
      ASSERT_TRUE(stored) << stored.error().message;
      for (std::size_t k = 0; k < batch.size(); ++k) {
        ids.push_back((*stored)[k].notification.id);
        texts_[ids.back()] = {batch[k].activity.data, batch[k].activity.extra};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    random.change(*writer_, ids);
    for (const auto show : {store::PageRequest::Show::inbox, store::PageRequest::Show::archived}) take(show);
    ASSERT_EQ(samples_.size(), static_cast<std::size_t>(kRows));
  }

  /// The rows as they are shown, and the documents as they were written.
  void take(store::PageRequest::Show show) {
    store::PageRequest request;
    request.user = {"u1"};
    request.show = show;
    request.limit = 100;
    for (;;) {
      const auto page = writer_->page(request);
      ASSERT_TRUE(page) << page.error().message;
      for (const InboxRow& row : page->rows) {
        const auto& [data, extra] = texts_.at(row.notification.id);
        samples_.push_back({row, tree(data), tree(extra)});
        rows_.push_back(row);
      }
      if (!page->more) return;
      request.before_seq = page->rows.back().seq;
    }
  }

  static std::string shown(const std::vector<NotificationId>& ids) {
    std::string out;
    for (const NotificationId& id : ids) out += uuid_text(id.bytes) + "\n";
    return out;
  }

  void compare(const std::string& text) {
    const auto read = read_filter(*QueryParameters::parse("filter=" + percent_encode(text)));
    ASSERT_TRUE(read) << text << "\n" << read.error().problem << " " << read.error().field;
    store::FilterRequest request;
    request.page.user = {"u1"};
    request.page.limit = read->limit;
    request.page.skip = read->skip;
    request.where = read->where;
    request.order = read->order;
    const auto page = writer_->list(request);
    ASSERT_TRUE(page) << text << "\n" << page.error().message;

    const std::vector<const Sample*> wanted = evaluate(*json::parse(text), samples_);
    std::vector<NotificationId> expected, found;
    for (std::size_t i = read->skip; i < std::min(wanted.size(), read->skip + read->limit); ++i) {
      expected.push_back(wanted[i]->row.notification.id);
    }
    for (const InboxRow& row : page->rows) found.push_back(row.notification.id);
    ASSERT_EQ(shown(found), shown(expected)) << text;
    ASSERT_EQ(page->total, static_cast<std::int64_t>(wanted.size())) << text;
    ASSERT_EQ(page->more, wanted.size() > read->skip + read->limit) << text;
    if (++compared_ % 10 == 0) {
      const auto count = writer_->count(request);
      ASSERT_TRUE(count) << text << "\n" << count.error().message;
      ASSERT_EQ(*count, static_cast<std::int64_t>(wanted.size())) << text;
    }
    found_ += wanted.empty() ? 0 : 1;
  }

  std::map<NotificationId, std::pair<std::optional<std::string>, std::optional<std::string>>> texts_;
  std::vector<Sample> samples_;
  std::vector<InboxRow> rows_;
  std::size_t compared_ = 0, found_ = 0;
};

TEST_P(FilterDifferentialTest, TheDatabaseFindsWhatTheEvaluatorFinds) {
  const std::uint64_t seed = number_from("NX_FILTER_SEED", 20'261'129), count = number_from("NX_FILTER_COUNT", 2'000);
  std::cout << "seed " << seed << ", " << count << " filters\n";
  RandomFilters random(seed);
  fill(random);
  for (std::uint64_t i = 0; i < count && !HasFatalFailure(); ++i) {
    SCOPED_TRACE("filter " + std::to_string(i) + " of seed " + std::to_string(seed));
    compare(random.filter(rows_));
  }
  EXPECT_GT(found_ * 4, compared_) << "filters that find nothing show nothing";
}

INSTANTIATE_TEST_SUITE_P(Filters, FilterDifferentialTest, testing::Values(DatabaseKind::sqlite, DatabaseKind::postgres),
                         name_of_database);

}  // namespace
}  // namespace nx::rest
