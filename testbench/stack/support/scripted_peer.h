// A scripted TCP peer: one stack under test, and a test that plays the other host segment by segment, in relative
// numbers, as packetdrill does.
//
//   peer.send(tcp(SYN).seq(0).win(1000).mss(1460));
//   peer.expect(tcp(SYN | ACK).seq(0).ack(1));
//
// Sequence numbers are relative to the sender's initial one. What a test does not name is not compared.
#ifndef RINGSIDE_TESTBENCH_STACK_SUPPORT_SCRIPTED_PEER_H_
#define RINGSIDE_TESTBENCH_STACK_SUPPORT_SCRIPTED_PEER_H_

#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "testbench/stack/support/two_hosts.h"

namespace ringside::stack {
inline void PrintTo(TcpState state, std::ostream* out) { *out << to_string(state); }  // for test names and failures
}

namespace ringside::testbench {

constexpr uint8_t FIN = kTcpFin, SYN = kTcpSyn, RST = kTcpRst, PSH = kTcpPsh, ACK = kTcpAck, URG = kTcpUrg;

// A segment, wanted or to send.
class Segment {
 public:
  explicit Segment(uint8_t flags) : flags_(flags) {}
  Segment& seq(uint32_t v) { seq_ = v; return *this; }
  Segment& ack(uint32_t v) { ack_ = v; return *this; }
  Segment& win(uint32_t v) { window_ = v; return *this; }
  Segment& len(uint32_t v) { length_ = v; return *this; }
  Segment& data(std::vector<uint8_t> v) {
    data_ = std::move(v);
    length_ = static_cast<uint32_t>(data_->size());
    return *this;
  }
  Segment& mss(uint16_t v) { options_.mss = v; return *this; }
  Segment& wscale(uint8_t v) { options_.window_scale = v; return *this; }
  Segment& sack_ok() { options_.sack_permitted = true; return *this; }
  Segment& ts(uint32_t value, uint32_t echo = 0);
  Segment& sack(uint32_t first, uint32_t end);
  Segment& raw_options(std::vector<uint8_t> v) { raw_options_ = std::move(v); return *this; }
  Segment& any_push() { mask_ = static_cast<uint8_t>(~kTcpPsh); return *this; }
  Segment& within(uint64_t ns) { within_ns_ = ns; return *this; }
  Segment& bad_checksum() { bad_checksum_ = true; return *this; }

 private:
  friend class ScriptedPeer;
  uint8_t flags_;
  uint8_t mask_ = static_cast<uint8_t>(~kTcpPsh);  // PSH is compared only by expect_push
  std::optional<uint32_t> seq_, ack_, window_, length_;
  std::optional<std::vector<uint8_t>> data_;
  TcpOptions options_;
  std::vector<uint8_t> raw_options_;
  uint64_t within_ns_ = 1 * kMillisecond;
  bool bad_checksum_ = false;
};
inline Segment tcp(uint8_t flags) { return Segment(flags); }

// What the stack sent.
struct SeenSegment {
  uint64_t time_ns = 0;
  TcpHeader header;
  Ipv4Header ip;
  std::vector<uint8_t> payload;
  std::vector<uint8_t> frame;
  bool checksum_good = false;
};

class ScriptedPeer {
 public:
  static constexpr Ipv4Address kPeer = ipv4(10, 0, 0, 2);
  static constexpr uint16_t kPeerPort = 5000, kHostPort = 80;

  explicit ScriptedPeer(HostOptions options = {});

  void send(const Segment& segment);
  void expect(const Segment& wanted, int line = __builtin_LINE());
  void expect_nothing(uint64_t ns, int line = __builtin_LINE());
  // Sends a burst as one poll of a driver: receive() for each, then one receive_done().
  void send_frame(std::vector<uint8_t> frame);

  // Ready-made openings. The peer's window is `window` (unscaled unless scale is set), MSS 1460 unless said.
  int accept_from_peer(const Segment& syn, uint32_t window);  // passive open of the stack; returns the descriptor
  int established(uint32_t window = 65535);
  int connect_to_peer(const Segment& syn_ack);                // active open
  std::string write(int descriptor, const std::vector<uint8_t>& bytes);
  int64_t read_all(int descriptor, std::vector<uint8_t>* out = nullptr);
  TcpState state(int descriptor);
  const TcpConnection& tcb();

  Simulation simulation;
  TestHost host;
  std::deque<SeenSegment> seen;      // not expected yet
  std::vector<std::vector<uint8_t>> other_frames;  // everything but TCP and ARP
  SeenSegment last;                  // of the last expect()
  uint32_t host_isn = 0, peer_isn = 1'000'000;
  uint16_t host_port = kHostPort, peer_port = kPeerPort;
  int listener = -1;
  bool answer_arp = true;
  Ipv4Address peer_address = kPeer;

 private:
  void on_frame(const std::vector<uint8_t>& frame);
  std::string difference(const Segment& wanted, const SeenSegment& got) const;
  std::string describe(const SeenSegment& segment) const;
  bool knows_host_isn_ = false;
};

// Frame builders for tests below TCP.
std::vector<uint8_t> ethernet_frame(const MacAddress& to, const MacAddress& from, uint16_t type,
                                    const std::vector<uint8_t>& payload);
std::vector<uint8_t> ipv4_packet(Ipv4Header header, const std::vector<uint8_t>& payload);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_STACK_SUPPORT_SCRIPTED_PEER_H_
