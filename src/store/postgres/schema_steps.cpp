#include "store/postgres/schema_steps.hpp"

#include <array>

namespace nx::store::postgres {
namespace {

constexpr std::array kTables = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityNotificationKey" (
         key bytea PRIMARY KEY CHECK (length(key) = 16),
         notification_id uuid NOT NULL,
         source text NOT NULL,
         created_at timestamptz(3) NOT NULL))",
    R"(CREATE INDEX "ActivityNotificationKeyAge" ON @"ActivityNotificationKey" (created_at))",
    R"(CREATE TABLE @"ActivityNotification" (
         id uuid PRIMARY KEY,
         key text,
         type text NOT NULL,
         title text NOT NULL,
         body text,
         data jsonb,
         extra jsonb,
         recipient_scope text NOT NULL,
         organizer_id text,
         merchant_id text,
         actor_id text,
         occurred_at timestamptz(3),
         created_at timestamptz(3) NOT NULL,
         modified_at timestamptz(3) NOT NULL) PARTITION BY RANGE (id))",
    // Never attached and always empty: programs of versions 1 to 3 count its rows.
    R"(CREATE TABLE @"ActivityNotification_default" (LIKE @"ActivityNotification"))",
    // Columns that change have no index, so that updates stay within their page. The few rows change often, so vacuum
    // has to run often.
    R"(CREATE TABLE @"ActivityInbox" (
         user_id text COLLATE "C" PRIMARY KEY CONSTRAINT "ActivityInboxUserId" CHECK (octet_length(user_id) <= 128),
         user_no bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
         last_seq bigint NOT NULL,
         live bigint NOT NULL CHECK (live >= 0),
         unread bigint NOT NULL CHECK (unread >= 0),
         read_up_to bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02))",
    R"(CREATE TABLE @"ActivityReadMark" (
         user_no bigint NOT NULL,
         up_to bigint NOT NULL,
         read_at timestamptz(3) NOT NULL,
         PRIMARY KEY (user_no, up_to)))",
    R"(CREATE TABLE @"ActivityNotificationRecipient" (
         user_no bigint NOT NULL,
         seq bigint NOT NULL,
         notification_id uuid NOT NULL,
         read_at timestamptz(3),
         archived_at timestamptz(3),
         reopened boolean NOT NULL DEFAULT false,
         PRIMARY KEY (user_no, notification_id)) PARTITION BY RANGE (notification_id))",
    R"(CREATE INDEX "ActivityRecipientInbox" ON @"ActivityNotificationRecipient" (user_no, seq DESC) WHERE archived_at IS NULL)",
    R"(CREATE INDEX "ActivityRecipientUnread" ON @"ActivityNotificationRecipient" (user_no, seq DESC)
         WHERE archived_at IS NULL AND read_at IS NULL)",
    R"(CREATE INDEX "ActivityRecipientArchive" ON @"ActivityNotificationRecipient" (user_no, seq DESC)
         WHERE archived_at IS NOT NULL)",
    R"(CREATE INDEX "ActivityRecipientReopened" ON @"ActivityNotificationRecipient" (user_no, seq DESC) WHERE reopened)",
    R"(CREATE TABLE @"ActivityNotificationRecipient_default" (LIKE @"ActivityNotificationRecipient"))",
});

constexpr std::array kEpoch = std::to_array<std::string_view>({
    R"(ALTER TABLE @"ActivitySchema" ADD COLUMN epoch text NOT NULL DEFAULT '')",
    kNewEpoch,
});

constexpr std::array kRevocations = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityRevocation" (
         user_id text COLLATE "C" PRIMARY KEY CHECK (octet_length(user_id) <= 128),
         revoked_at timestamptz(3) NOT NULL,
         revoked_by text NOT NULL))",
    R"(CREATE INDEX "ActivityRevocationTime" ON @"ActivityRevocation" (revoked_at, user_id))",
});
constexpr std::array kExplanations = std::to_array<std::string_view>({
    R"(ALTER TABLE @"ActivityNotification" ADD COLUMN IF NOT EXISTS excluded jsonb)",
    R"(ALTER TABLE @"ActivityNotificationRecipient" ADD COLUMN IF NOT EXISTS delivered_at timestamptz(3))",
});

constexpr std::array kMaintenance = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityUpkeep" (busy int NOT NULL, not_before timestamptz NOT NULL))",
    R"(INSERT INTO @"ActivityUpkeep" VALUES (0, now()))",
});

// One row for each unfinished job. The row is updated for every slice, so its pages leave free space.
constexpr std::array kBroadcasts = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityBroadcast" (
         notification_id uuid PRIMARY KEY,
         recipients text[] NOT NULL,
         recorded_ms bigint NOT NULL,
         traceparent text,
         done_through text,
         last_from text,
         unconfirmed boolean NOT NULL DEFAULT false,
         recipients_done bigint NOT NULL DEFAULT 0,
         worker text,
         lease_until timestamptz,
         turn_at timestamptz NOT NULL DEFAULT clock_timestamp(),
         created_at timestamptz NOT NULL DEFAULT clock_timestamp())
       WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0))",
    R"(CREATE INDEX "ActivityBroadcastTurn" ON @"ActivityBroadcast" (turn_at))",
});

// The month of each run of a user's rows: from `first_seq` up to the user's next run. Correct up to `mapped_to` of the
// inbox, because programs before version 6 write rows without runs. `month` counts from year 0, twelve a year.
constexpr std::array kMonths = std::to_array<std::string_view>({
    R"(CREATE TABLE @"ActivityInboxMonth" (
         user_no bigint NOT NULL,
         first_seq bigint NOT NULL,
         month bigint NOT NULL,
         PRIMARY KEY (user_no, first_seq)))",
    R"(ALTER TABLE @"ActivityUpkeep" ADD COLUMN mapped_through bigint NOT NULL DEFAULT 0,
         ADD COLUMN map_from timestamptz NOT NULL DEFAULT now(), ADD COLUMN ended_before bigint NOT NULL DEFAULT 0)",
});
constexpr std::array kInboxMonth = std::to_array<std::string_view>({
    R"(ALTER TABLE @"ActivityInbox" ADD COLUMN IF NOT EXISTS month bigint NOT NULL DEFAULT 0,
         ADD COLUMN IF NOT EXISTS month_from bigint NOT NULL DEFAULT 0,
         ADD COLUMN IF NOT EXISTS mapped_to bigint NOT NULL DEFAULT 0)",
});

constexpr std::array kSteps{
    SchemaStep{1, 1, kTables},      SchemaStep{2, 1, kEpoch},      SchemaStep{3, 1, kRevocations, kExplanations},
    SchemaStep{4, 1, kMaintenance}, SchemaStep{5, 1, kBroadcasts}, SchemaStep{6, 1, kMonths, kInboxMonth}};
static_assert(kSteps.back().version == kProgramVersion);

}  // namespace

std::span<const SchemaStep> schema_steps() {
  return kSteps;
}

}  // namespace nx::store::postgres
