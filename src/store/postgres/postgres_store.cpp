#include "store/postgres_store.hpp"

namespace nx::store {
namespace {

tl::unexpected<Error> absent() {
  return fail(ErrorKind::unavailable, "PostgreSQL is not built in yet");
}

}  // namespace

Result<std::string> migrate_postgres(const PostgresOptions&) {
  return absent();
}
Result<std::unique_ptr<ActivityNotificationRepository>> open_postgres_notifications(const PostgresOptions&) {
  return absent();
}
Result<std::unique_ptr<PolicyDefinitionRepository>> open_postgres_policies(const PostgresOptions&) {
  return absent();
}
Result<std::unique_ptr<Maintenance>> open_postgres_maintenance(const PostgresOptions&) {
  return absent();
}
Result<std::vector<std::string>> audit_postgres_policies(const PostgresOptions&) {
  return absent();
}

}  // namespace nx::store
