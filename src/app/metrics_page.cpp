#include "app/metrics_page.hpp"

#include "app/metric_table.hpp"

namespace nx::app {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics

`nx-signal metrics --doc` prints this page; a test compares the two. `GET /metrics` on the admin listener (`SIGNAL_ADMIN_LISTEN`) answers in Prometheus' text
format 0.0.4, or in OpenMetrics 1.0 if the request accepts `application/openmetrics-text`, as Prometheus does by default. Counters begin at 0 when the instance starts.
In OpenMetrics the buckets of `signal_record_to_commit_seconds` have exemplars: the `trace_id` of the last message whose trace is sampled, by the Kafka header `traceparent` or by `SIGNAL_TRACE_RATIO`
(Prometheus keeps them with `--enable-feature=exemplar-storage`).
[operations.md](operations.md#metrics) describes what to do about a value.

| metric | type | unit | labels | meaning |
| --- | --- | --- | --- | --- |
)";

std::string label_names(const observe::MetricFamily& family) {
  std::string names;
  for (const std::string_view label : family.labels) {
    if (label.empty()) continue;
    names.append(names.empty() ? "`" : ", `").append(label).append("`");
  }
  return names.empty() ? "–" : names;
}

}  // namespace

std::string metrics_page() {
  std::string page{kIntroduction};
  for (const observe::MetricFamily& family : kMetricFamilies) {
    page.append("| `").append(family.name).append("` | ").append(to_text(family.type));
    page.append(" | ").append(family.unit).append(" | ").append(label_names(family));
    page.append(" | ").append(family.meaning).append(" |\n");
  }
  return page;
}

}  // namespace nx::app
