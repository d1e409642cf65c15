#include "observe/exposition_format.hpp"

#include <algorithm>
#include <charconv>

#include "model/list.hpp"

namespace nx::observe {
namespace {

constexpr std::string_view kOpenMetrics = "application/openmetrics-text";
constexpr std::string_view kPlain = "text/plain";

/// Views of the header. Scrapers write these names in small letters; others get Prometheus' text format.
struct MediaRange {
  std::string_view type;
  std::string_view version;  // empty: none is named
  double quality = 1;        // 0: not wanted; also for a number that cannot be read
};

MediaRange read_range(std::string_view item) {
  MediaRange range{.type = without_spaces(item.substr(0, item.find(';'))), .version = {}, .quality = 1};
  for (std::size_t at = item.find(';'); at != std::string_view::npos; at = item.find(';')) {
    item.remove_prefix(at + 1);
    const std::string_view parameter = without_spaces(item.substr(0, item.find(';')));
    if (parameter.starts_with("version=")) range.version = parameter.substr(8);
    if (!parameter.starts_with("q=")) continue;
    range.quality = 0;
    std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), range.quality);
  }
  return range;
}

}  // namespace

std::string_view content_type(ExpositionFormat format) {
  return format == ExpositionFormat::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                  : "text/plain; version=0.0.4; charset=utf-8";
}

ExpositionFormat format_for(std::string_view accept) {
  double open_metrics = 0;
  double plain = 0;
  for (const std::string_view item : list_items(accept)) {
    const MediaRange range = read_range(item);
    const bool is_our_version = range.version.empty() || range.version == "1.0.0";
    if (range.type == kOpenMetrics && is_our_version) open_metrics = std::max(open_metrics, range.quality);
    if (range.type == kPlain) plain = std::max(plain, range.quality);
  }
  return open_metrics > 0 && open_metrics >= plain ? ExpositionFormat::open_metrics : ExpositionFormat::prometheus;
}

}  // namespace nx::observe
