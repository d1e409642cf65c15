#pragma once
// What each version of the schema changed (docs/data-model.md). `@` stands for the schema, see in_schema().

#include <span>
#include <string_view>

namespace nx::store::postgres {

struct SchemaStep {
  int version;
  int oldest_program;  // the lowest schema version whose programs still run on this one
  std::span<const std::string_view> statements;
  /// One table each, safe twice. On tables in use each is a transaction of its own that comes before the step's, as
  /// readers and ingest hold both partitioned tables in either order.
  std::span<const std::string_view> on_large_tables = {};
};

/// In order. Additive first: a step keeps programs of the version before running.
std::span<const SchemaStep> schema_steps();

/// That of the last step: what this program needs.
inline constexpr int kProgramVersion = 6;

// The numbers of an inbox mean nothing in another database: a restored one is told by its epoch (docs/data-model.md).
inline constexpr std::string_view kNewEpoch =
    R"(UPDATE @"ActivitySchema" SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 16) RETURNING epoch)";

}  // namespace nx::store::postgres
