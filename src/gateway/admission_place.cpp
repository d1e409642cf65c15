#include <utility>

#include "gateway/admission.hpp"

namespace nx::gateway {

Admission::Place::~Place() {
  if (admission_ == nullptr) return;
  const std::lock_guard lock(admission_->mutex_);
  admission_->leave(entry_);
}

Admission::Place::Place(Place&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), entry_(other.entry_), guest_(other.guest_) {}

Admission::Place& Admission::Place::operator=(Place&& other) noexcept {
  Place taken(std::move(other));
  std::swap(admission_, taken.admission_);
  std::swap(entry_, taken.entry_);
  std::swap(guest_, taken.guest_);
  return *this;
}

void Admission::Place::set_key(fanout::SlotKey key) {
  const std::lock_guard lock(admission_->mutex_);
  entry_->key = key;
  entry_->has_key = true;
  if (entry_->yielding) return admission_->tell(*entry_);
  admission_->stand(entry_, entry_->upgraded ? Standing::silent : Standing::waiting);
}

Admission::Verdict Admission::Place::promote(const transport::IpAddress& peer, AddressRule rule) {
  if (!guest_) return Verdict::admitted;
  const std::lock_guard lock(admission_->mutex_);
  if (entry_->yielding) return admission_->refused(Verdict::full);
  const Verdict verdict = admission_->admit(entry_, peer, rule);
  if (verdict != Verdict::admitted) return admission_->refused(verdict);
  Entries& now = admission_->list(entry_->standing);
  now.splice(now.end(), admission_->guests_, entry_);
  guest_ = entry_->guest = false;
  return verdict;
}

void Admission::Place::name(const transport::IpAddress& address) {
  const std::lock_guard lock(admission_->mutex_);
  if (guest_ || entry_->yielding || admission_->count_for(entry_, address)) return;
  admission_->uncount(*entry_);
  while (admission_->has_all_guests()) admission_->close_a_guest();
  admission_->guests_.splice(admission_->guests_.end(), admission_->list_of(*entry_), entry_);
  guest_ = entry_->guest = true;
}

void Admission::Place::busy() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->stand(entry_, Standing::useful);
}

void Admission::Place::waits() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->stand(entry_, Standing::waiting);
}

Admission::Verdict Admission::Place::upgrade(const transport::IpAddress* named) {
  const std::lock_guard lock(admission_->mutex_);
  if (guest_ || entry_->yielding) return admission_->refused(Verdict::full);
  if (named != nullptr && !admission_->count_for(entry_, *named)) return admission_->refused(Verdict::address_full);
  const Verdict verdict = admission_->begin_handshake(*entry_);
  if (verdict != Verdict::admitted) return admission_->refused(verdict);
  // not to be chosen before set_key(): its shard could not find it under the old key
  admission_->stand(entry_, Standing::useful);
  entry_->upgraded = true;
  entry_->has_key = false;
  --admission_->requests_;
  return verdict;
}

void Admission::Place::authenticating() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->stand(entry_, Standing::useful);
}

void Admission::Place::waits_for_key() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->stand(entry_, Standing::silent);
}

void Admission::Place::opened() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->end_handshake(*entry_);
  admission_->stand(entry_, Standing::useful);
}

void Admission::Place::closing() {
  const std::lock_guard lock(admission_->mutex_);
  admission_->end_handshake(*entry_);
  admission_->stand(entry_, Standing::closing);
}

}  // namespace nx::gateway
