// Traffic for measurements: as fast as the NIC takes it, a few packets over and over, still compared octet for octet.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_PUMP_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_PUMP_H_

#include <array>
#include <cstdint>
#include <vector>

#include "testbench/rtl/nic/card.h"
#include "testbench/rtl/nic/driver.h"
#include "testbench/rtl/nic/packets.h"

namespace ringside::testbench::nic {

// TCP over IPv4, checksum inserted by the NIC, one fragment per packet, any alignment. Sizes of frames count the FCS.
class SendPump {
 public:
  SendPump(Card& card, Driver& driver, unsigned size);
  void turn() { turn_but(~0u); }
  void turn_but(unsigned left_out);  // every queue but this
  const Packet& first() const { return lines_[0].packets[0]; }
  uint64_t frames = 0;  // seen on the wire, right ones
  uint64_t wrong = 0;

 private:
  static constexpr unsigned kVariants = 32;
  struct Line {
    std::vector<Packet> packets;
    std::vector<Octets> frames;  // as they must leave
    uint64_t posted = 0, seen = 0;
  };
  void make_line(unsigned queue, unsigned size);
  void see(const uint8_t* frame, size_t size);

  Card& card_;
  Driver& driver_;
  Random random_{7};
  std::vector<Line> lines_;
};

// The same packets from the wire, back to back, checksums to be verified; every buffer is given to the NIC again.
class ReceivePump {
 public:
  ReceivePump(Card& card, Driver& driver, unsigned size);
  void turn() { turn_but(~0u); }
  void turn_but(unsigned left_out);
  void provide_all();  // buffers alone, no frames
  WireFrame first() const { return {frames_[0].data(), static_cast<uint32_t>(frames_[0].size())}; }
  unsigned gap = 12;
  uint64_t frames = 0;  // in memory, right ones
  uint64_t wrong = 0;

 private:
  static constexpr unsigned kVariants = 64;
  void check(const regs::ReturnEntry& entry);
  void provide(unsigned queue);

  Card& card_;
  Driver& driver_;
  Random random_{11};
  unsigned size_, buffer_bytes_;
  std::vector<Octets> frames_;
  std::vector<uint64_t> buffers_;            // by opaque
  std::vector<std::vector<uint32_t>> free_;  // of each queue
  unsigned next_frame_ = 0, expected_ = 0;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_PUMP_H_
