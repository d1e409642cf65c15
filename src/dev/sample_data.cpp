#include "dev/sample_data.hpp"

namespace nx::dev {

SampleData sample_data() {
  return {{"lantern", "Lantern Coffee"},
          {{"harbour", "Lantern Harbour"}, {"station", "Lantern Station"}},
          {{"u-owner", "Olivia Marsh", "Owner of Lantern Coffee", "lantern"},
           {"u-harbour-manager", "Minh Tran", "Manager at Lantern Harbour", "harbour"},
           {"u-harbour-cashier", "Ana Castillo", "Cashier at Lantern Harbour", "harbour"},
           {"u-station-manager", "Jonas Weber", "Manager at Lantern Station", "station"},
           {"u-station-cashier", "Priya Nair", "Cashier at Lantern Station", "station"},
           {"u-outsider", "Sam Okafor", "Works somewhere else", std::nullopt}}};
}

std::vector<store::PolicyRow> SampleData::policies() const {
  std::vector<store::PolicyRow> rows;
  for (const SamplePlace& merchant : merchants) {
    rows.push_back({"domain_inherits", "Merchant", merchant.id, "Organizer", organization.id});
  }
  for (const SampleUser& user : users) {
    if (!user.joined) continue;
    const char* const type = *user.joined == organization.id ? "Organizer" : "Merchant";
    // Cashiers are joined by the older variant (docs/data-model.md#policy-rows), because both variants are read.
    const char* const variant = user.role.starts_with("Cashier") ? "group" : "join_domain";
    rows.push_back({variant, "User", user.id, type, *user.joined});
  }
  return rows;
}

const std::string& SampleData::place_name(const std::string& id) const {
  if (id == organization.id) return organization.name;
  for (const SamplePlace& merchant : merchants) {
    if (id == merchant.id) return merchant.name;
  }
  return id;
}

}  // namespace nx::dev
