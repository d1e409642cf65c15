#include "store/recipient_row.hpp"

namespace nx::store {
namespace {

void set_read(RecipientRow& row, const Inbox& inbox, EpochMs now) {
  if (row.is_read(inbox)) return;
  row.read_at = now;
  row.reopened = false;
}

void set_unread(RecipientRow& row, const Inbox& inbox) {
  if (!row.is_read(inbox)) return;
  row.read_at.reset();
  row.reopened = row.seq <= inbox.read_up_to;
}

}  // namespace

RecipientRow changed(const RecipientRow& row, const Inbox& inbox, const Change& change, EpochMs now) {
  RecipientRow after = row;
  if (change.read == true) set_read(after, inbox, now);
  if (change.read == false) set_unread(after, inbox);
  if (change.archived == true && after.is_live()) after.archived_at = now;
  if (change.archived == false) after.archived_at.reset();
  return after;
}

void count(Inbox& inbox, const RecipientRow& before, const RecipientRow& after) {
  inbox.unread += int{after.counts_as_unread(inbox)} - int{before.counts_as_unread(inbox)};
  inbox.live += int{after.is_live()} - int{before.is_live()};
}

}  // namespace nx::store
