// IPv4 reassembly (RFC 791, RFC 815, RFC 1122 section 3.3.2): fragments of a datagram, in any order, become one packet.
//
// Bounds: datagrams at a time, bytes held, fragments per datagram, age. The oldest datagram gives way. Fragments that
// overlap without being exact duplicates drop the whole datagram (RFC 5722 rules that for IPv6; nothing legal does it).
#ifndef RINGSIDE_STACK_IPV4_REASSEMBLY_H_
#define RINGSIDE_STACK_IPV4_REASSEMBLY_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "stack/context.h"
#include "stack/ipv4_wire.h"

namespace ringside::stack {

struct ReassemblyConfig {
  size_t max_datagrams = 32;
  size_t max_fragments = 128;            // per datagram
  uint32_t max_held_bytes = 512 * 1024;
  uint64_t timeout_ns = 30 * kSecond;
};

struct ReassemblyCounters {
  uint64_t fragments = 0, completed = 0;
  uint64_t drop_timeout = 0, drop_overlap = 0, drop_evicted = 0, drop_too_many = 0, drop_no_buffer = 0;  // datagrams
  uint64_t duplicate = 0;  // fragments
};

class Ipv4Reassembly {
 public:
  // Called when a datagram times out and its first fragment is there: an ICMP error may go back.
  using TimeoutCallback = std::function<void(const Ipv4Header& header, const Packet& first_fragment)>;

  Ipv4Reassembly(Context& context, const ReassemblyConfig& config, TimeoutCallback on_timeout);

  // Takes one fragment's payload. Returns the whole payload when this was the last one missing, else an empty packet;
  // `header` then describes the whole datagram.
  Packet add(Ipv4Header& header, Packet payload);

  const ReassemblyCounters& counters() const { return counters_; }
  size_t datagram_count() const { return datagrams_.size(); }
  uint32_t held_bytes() const { return held_bytes_; }

 private:
  struct Piece {
    uint32_t first = 0;
    uint32_t end = 0;
    Packet packet;
  };
  struct Datagram {
    Ipv4Header header;          // of the fragment seen first
    uint64_t deadline_ns = 0;
    uint32_t total = UINT32_MAX;  // known once the last fragment is here
    std::vector<Piece> pieces;    // sorted, disjoint
  };
  enum class Insert : uint8_t { kTaken, kDuplicate, kBad, kTooMany };

  Datagram& find_or_create(const Ipv4Header& header);
  Insert insert(Datagram& datagram, const Ipv4Header& header, Packet payload);
  static bool complete(const Datagram& datagram);
  Packet join(const Datagram& datagram);
  void remove(size_t index);
  void on_timer();

  Context& context_;
  ReassemblyConfig config_;
  TimeoutCallback on_timeout_;
  ReassemblyCounters counters_;
  std::vector<Datagram> datagrams_;  // oldest first
  uint32_t held_bytes_ = 0;
  Timer timer_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_IPV4_REASSEMBLY_H_
