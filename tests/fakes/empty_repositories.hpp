#pragma once
// Repositories without a row: a fake derives from one and overrides what its test asks.

#include "store/activity_notification_repository.hpp"
#include "store/policy_definition_repository.hpp"

namespace nx::fakes {

class EmptyPolicies : public store::PolicyDefinitionRepository {
 public:
  Result<std::vector<UserId>> users_of_organizer(const std::string&, std::size_t) override {
    return std::vector<UserId>{};
  }
  Result<std::vector<UserId>> users_of_merchant(const std::string&, std::size_t) override {
    return std::vector<UserId>{};
  }
  Result<std::vector<UserId>> members_after(const RoomName&, const std::optional<std::string>&, std::size_t) override {
    return std::vector<UserId>{};
  }
  bool members_in_order() const override { return true; }
  Result<bool> is_member_after(const UserId&, const RoomName&, const std::optional<std::string>&) override {
    return false;
  }
  Result<std::vector<store::Membership>> members_among(std::span<const store::Membership>) override {
    return std::vector<store::Membership>{};
  }
  Result<std::optional<store::Domain>> joined_through(const UserId&, const RoomName&) override { return std::nullopt; }
  Result<store::PolicyEvidence> evidence(const UserId&, const RoomName&) override { return store::PolicyEvidence{}; }
};

class EmptyNotifications : public store::ActivityNotificationRepository {
 public:
  Result<std::vector<store::IngestResult>> ingest(std::span<const store::NewNotification>) override {
    return std::vector<store::IngestResult>{};
  }
  Result<store::Page> page(const store::PageRequest&) override { return store::Page{}; }
  Result<store::Page> list(const store::FilterRequest&) override { return store::Page{}; }
  Result<std::int64_t> count(const store::FilterRequest&) override { return 0; }
  Result<std::optional<InboxRow>> find(const UserId&, const NotificationId&) override { return std::nullopt; }
  Result<UnreadCount> unread_count(const UserId&) override { return UnreadCount{}; }
  Result<std::optional<InboxRow>> change(const UserId&, const NotificationId&, const store::Change&) override {
    return std::nullopt;
  }
  Result<store::Marked> mark_read(const UserId&, std::span<const NotificationId>) override { return store::Marked{}; }
  Result<store::Marked> mark_all_read(const UserId&, std::optional<std::int64_t>) override { return store::Marked{}; }
  Result<std::int64_t> acknowledge(std::span<const Acknowledgement>) override { return 0; }
  Result<std::optional<store::StoredNotification>> stored_notification(const NotificationId&) override {
    return std::nullopt;
  }
  Result<std::optional<store::DeliveryRecord>> delivery(const UserId&, const NotificationId&) override {
    return std::nullopt;
  }
  Result<store::DeliverySlice> deliveries(const NotificationId&, const UserId&, std::size_t) override {
    return store::DeliverySlice{};
  }
  Result<store::Missed> missed(const UserId&, std::int64_t, std::size_t) override { return store::Missed{}; }
  Result<std::vector<store::Grown>> grown(std::span<const UserId>, EpochMs, std::size_t) override {
    return std::vector<store::Grown>{};
  }
  Result<EpochMs> revoke(const UserId&, const UserId&) override { return EpochMs{}; }
  Result<std::vector<store::Revocation>> revocations(const store::Revocation&, std::size_t) override {
    return std::vector<store::Revocation>{};
  }
  Result<UnreadCount> recount(const UserId&) override { return UnreadCount{}; }
};

}  // namespace nx::fakes
