#include "stack/arp.h"

#include <algorithm>
#include <utility>

namespace ringside::stack {

ArpCache::ArpCache(Context& context, Owner& owner, const MacAddress& mac, const ArpConfig& config)
    : context_(context), owner_(owner), mac_(mac), config_(config), timer_(context.timers, [this] { on_timer(); }) {}

ArpCache::Entry* ArpCache::find(Ipv4Address address) {
  for (Entry& entry : entries_) {
    if (entry.address == address) return &entry;
  }
  return nullptr;
}

const MacAddress* ArpCache::lookup(Ipv4Address address) const {
  const Entry* entry = const_cast<ArpCache*>(this)->find(address);
  return entry && entry->state != State::kIncomplete ? &entry->mac : nullptr;
}

ArpCache::Entry& ArpCache::create(Ipv4Address address) {
  if (entries_.size() >= config_.max_entries) {
    const auto oldest = std::min_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return (a.state == State::kStatic ? kNever : a.confirmed_ns) <
             (b.state == State::kStatic ? kNever : b.confirmed_ns);
    });
    counters_.drop_unresolved += oldest->waiting.size();
    ++counters_.evicted;
    entries_.erase(oldest);
  }
  Entry entry;
  entry.address = address;
  entry.confirmed_ns = context_.now_ns;
  entries_.push_back(std::move(entry));
  return entries_.back();
}

// Path step T6: ARP finds the next hop's MAC; packets wait, bounded, while it resolves.
void ArpCache::send(Packet packet, Ipv4Address next_hop) {
  Entry* entry = find(next_hop);
  if (entry && entry->state != State::kIncomplete) {
    refresh(*entry);
    owner_.send_resolved(std::move(packet), entry->mac);
    return;
  }
  if (!entry) entry = &create(next_hop);
  wait(*entry, std::move(packet));
  if (entry->requests == 0) ask(*entry);
}

// A stale entry that is used is asked for again by unicast, once per retry interval; traffic does not wait.
void ArpCache::refresh(Entry& entry) {
  if (entry.state == State::kStatic || context_.now_ns - entry.confirmed_ns < config_.reachable_ns) return;
  if (entry.asked_ns != 0 && context_.now_ns - entry.asked_ns < config_.retry_ns) return;
  entry.asked_ns = context_.now_ns;
  ++counters_.requests_sent;
  owner_.send_arp({kArpRequest, mac_, owner_.source_for(entry.address), {}, entry.address}, entry.mac);
}

void ArpCache::wait(Entry& entry, Packet packet) {
  if (entry.waiting.size() >= config_.max_waiting) {
    entry.waiting.erase(entry.waiting.begin());
    ++counters_.drop_waiting_full;
  }
  entry.waiting.push_back(std::move(packet));
}

void ArpCache::ask(Entry& entry) {
  ++entry.requests;
  entry.asked_ns = context_.now_ns;
  ++counters_.requests_sent;
  const ArpPacket request{kArpRequest, mac_, owner_.source_for(entry.address), {}, entry.address};
  arm_timer();
  owner_.send_arp(request, kBroadcastMac);
}

// RFC 826, "packet reception": merge first, then answer when the request is ours.
void ArpCache::receive(const uint8_t* data, uint32_t bytes) {
  const auto packet = parse_arp(data, bytes);
  if (!packet) { ++counters_.drop_malformed; return; }
  if (packet->sender_mac[0] & 1 || packet->sender.is_multicast() || packet->sender.is_limited_broadcast()) {
    ++counters_.drop_bad_sender;
    return;
  }
  ++(packet->operation == kArpRequest ? counters_.requests_received : counters_.replies_received);
  const bool for_us = owner_.is_own_address(packet->target);
  const bool sender_usable = !packet->sender.is_any() && !owner_.is_own_address(packet->sender);
  Entry* entry = sender_usable ? find(packet->sender) : nullptr;
  if (entry) {
    learn(*entry, packet->sender_mac);
  } else if (for_us && sender_usable && packet->operation == kArpRequest) {
    learn(create(packet->sender), packet->sender_mac);  // it is about to talk to us
  }
  if (!for_us) { ++counters_.drop_not_for_us; return; }
  if (packet->operation != kArpRequest) return;
  ++counters_.replies_sent;
  owner_.send_arp({kArpReply, mac_, packet->target, packet->sender_mac, packet->sender}, packet->sender_mac);
}

void ArpCache::learn(Entry& entry, const MacAddress& mac) {
  if (entry.state == State::kStatic) return;
  entry.state = State::kReachable;
  entry.mac = mac;
  entry.confirmed_ns = context_.now_ns;
  entry.asked_ns = 0;
  entry.requests = 0;
  std::vector<Packet> waiting = std::exchange(entry.waiting, {});
  arm_timer();
  for (Packet& packet : waiting) owner_.send_resolved(std::move(packet), mac);
}

void ArpCache::add_static(Ipv4Address address, const MacAddress& mac) {
  Entry* entry = find(address);
  learn(entry ? *entry : create(address), mac);
  find(address)->state = State::kStatic;
}

void ArpCache::forget(Ipv4Address address) {
  Entry* entry = find(address);
  if (entry && entry->state == State::kReachable) entries_.erase(entries_.begin() + (entry - entries_.data()));
}

void ArpCache::announce(Ipv4Address own) {
  ++counters_.requests_sent;
  owner_.send_arp({kArpRequest, mac_, own, {}, own}, kBroadcastMac);
}

void ArpCache::on_timer() {
  context_.charge(StackWork::kTimer);
  std::vector<Packet> failed;
  for (size_t i = 0; i < entries_.size();) {
    if (step_timer(entries_[i])) { ++i; continue; }
    for (Packet& packet : entries_[i].waiting) failed.push_back(std::move(packet));
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  counters_.drop_unresolved += failed.size();
  arm_timer();
  for (Packet& packet : failed) owner_.resolve_failed(std::move(packet));
}

bool ArpCache::step_timer(Entry& entry) {
  const uint64_t now = context_.now_ns;
  if (entry.state == State::kStatic) return true;
  if (entry.state == State::kReachable) return now - entry.confirmed_ns < config_.stale_ns;
  if (now - entry.asked_ns < config_.retry_ns) return true;
  if (entry.requests >= config_.max_requests) return false;
  ask(entry);
  return true;
}

void ArpCache::arm_timer() {
  uint64_t deadline = kNever;
  for (const Entry& entry : entries_) {
    if (entry.state == State::kIncomplete) deadline = std::min(deadline, entry.asked_ns + config_.retry_ns);
    if (entry.state == State::kReachable) deadline = std::min(deadline, entry.confirmed_ns + config_.stale_ns);
  }
  if (deadline == kNever) timer_.cancel();
  else timer_.arm(deadline);
}

}  // namespace ringside::stack
