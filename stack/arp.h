// ARP cache of one interface (RFC 826, and RFC 1122 section 2.3.2 on waiting packets, time-outs and floods).
//
// States of an entry: incomplete (asked, packets wait, request repeated each second, then failed) -> reachable
// (used as is until it ages out) -> stale (still used, but asked again by unicast once used) -> gone.
// Packets that wait: bounded per entry, the oldest is dropped for the newest (RFC 1122: save at least the latest).
// Deterministic: entries are in a vector in the order of creation, least recently confirmed replaced when full.
#ifndef RINGSIDE_STACK_ARP_H_
#define RINGSIDE_STACK_ARP_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "stack/context.h"
#include "stack/ethernet_wire.h"

namespace ringside::stack {

struct ArpConfig {
  size_t max_entries = 256;
  size_t max_waiting = 16;                   // packets per entry
  uint64_t retry_ns = 1 * kSecond;           // RFC 1122: at most one request per second and destination
  unsigned max_requests = 3;
  uint64_t reachable_ns = 60 * kSecond;      // then stale
  uint64_t stale_ns = 600 * kSecond;         // then gone
};

struct ArpCounters {
  uint64_t requests_sent = 0, replies_sent = 0, requests_received = 0, replies_received = 0;
  uint64_t drop_malformed = 0, drop_not_for_us = 0, drop_bad_sender = 0;
  uint64_t drop_waiting_full = 0;  // packets displaced from a full waiting queue
  uint64_t drop_unresolved = 0;    // packets given up when nobody answered
  uint64_t evicted = 0;
};

class ArpCache {
 public:
  // What the cache asks of its interface.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void send_arp(const ArpPacket& packet, const MacAddress& destination) = 0;
    virtual void send_resolved(Packet packet, const MacAddress& destination) = 0;
    virtual void resolve_failed(Packet packet) = 0;  // host unreachable
    virtual bool is_own_address(Ipv4Address address) const = 0;
    virtual Ipv4Address source_for(Ipv4Address target) const = 0;
  };

  ArpCache(Context& context, Owner& owner, const MacAddress& mac, const ArpConfig& config);

  // Sends now, or keeps the packet until the address is known.
  void send(Packet packet, Ipv4Address next_hop);
  void receive(const uint8_t* data, uint32_t bytes);
  void add_static(Ipv4Address address, const MacAddress& mac);
  void forget(Ipv4Address address);  // advice from above: no progress through this next hop
  void announce(Ipv4Address own);    // gratuitous ARP

  const ArpCounters& counters() const { return counters_; }
  size_t entry_count() const { return entries_.size(); }
  const MacAddress* lookup(Ipv4Address address) const;  // null while unknown

 private:
  enum class State : uint8_t { kIncomplete, kReachable, kStatic };
  struct Entry {
    Ipv4Address address;
    State state = State::kIncomplete;
    MacAddress mac{};
    uint64_t confirmed_ns = 0;
    uint64_t asked_ns = 0;
    unsigned requests = 0;
    std::vector<Packet> waiting;
  };

  Entry* find(Ipv4Address address);
  Entry& create(Ipv4Address address);
  void ask(Entry& entry);
  void wait(Entry& entry, Packet packet);
  void learn(Entry& entry, const MacAddress& mac);
  void refresh(Entry& entry);
  void on_timer();
  bool step_timer(Entry& entry);  // false: the entry is to go
  void arm_timer();

  Context& context_;
  Owner& owner_;
  MacAddress mac_;
  ArpConfig config_;
  ArpCounters counters_;
  std::vector<Entry> entries_;
  Timer timer_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ARP_H_
