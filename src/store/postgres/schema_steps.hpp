#pragma once
// The changes of each version of the schema (docs/data-model.md). `@` stands for the schema, see in_schema().

#include <span>
#include <string_view>

namespace nx::store::postgres {

struct SchemaStep {
  int version;
  int oldest_program;  // the lowest schema version whose programs still run on this one
  std::span<const std::string_view> statements;
  /// One table each, idempotent. If the tables are in use, each runs in a transaction of its own before the step's,
  /// because readers and ingest lock both partitioned tables in either order.
  std::span<const std::string_view> on_large_tables = {};
};

/// In ascending order. Steps only add: programs of the previous version keep running after a step.
std::span<const SchemaStep> schema_steps();

/// The version of the last step, which this program needs.
inline constexpr int kProgramVersion = 6;

// The numbers of an inbox are meaningless in another database; a new epoch reveals that a database was restored
// (docs/data-model.md).
inline constexpr std::string_view kNewEpoch =
    R"(UPDATE @"ActivitySchema" SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 16) RETURNING epoch)";

}  // namespace nx::store::postgres
