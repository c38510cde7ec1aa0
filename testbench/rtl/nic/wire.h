// The other end of the XGMII: sends frames into the NIC and takes apart what it sends. Written from IEEE 802.3 clauses
// 3, 46 and 81, not from the RTL.
//
// A frame here is all octets from the destination address to the FCS. Frames to send are not copied: their octets must
// stay until they have left. Unit of time: beats, one per cycle of the MAC clock. Threads: none.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_WIRE_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "testbench/rtl/nic/dut.h"
#include "testbench/rtl/nic/verdicts.h"

namespace ringside::testbench::nic {

uint32_t crc32(const uint8_t* data, size_t size);           // as in 3.2.9: reflected, preset and inverted
std::vector<uint8_t> with_fcs(std::vector<uint8_t> frame);  // four octets more
bool fcs_good(const uint8_t* frame, size_t size);           // with its FCS

struct WireFrame {
  const uint8_t* data;
  uint32_t size;
  uint32_t gap = 12;      // octets from the frame before, its /T/ included; kept on average (deficit idle count)
  int32_t error_at = -1;  // this octet is /E/
  uint32_t preamble = 6;  // octets of 55 between /S/ and SFD
};

struct WireCounts {
  uint64_t frames_in = 0, frames_out = 0;  // into the NIC; out of it
  uint64_t octets_in = 0, octets_out = 0;  // with FCS
  uint64_t beats = 0;
  uint64_t ordered_sets = 0;  // words of the NIC that begin with /Q/
  uint64_t gap_out = 0;       // octets between frames out of the NIC, all together
};

class Wire {
 public:
  Wire(Dut& dut, unsigned start_step, Verdicts* verdicts);

  // Once per MAC cycle: sample() before the rising edge, drive() after it.
  void sample();
  void drive();

  std::deque<WireFrame> to_send;
  bool sending() const { return state_ != State::kIdle || !to_send.empty(); }
  bool receiving() const { return in_frame_; }
  // A frame of the NIC has ended; start and end are beats.
  std::function<void(const uint8_t* frame, size_t size, uint64_t start, uint64_t end)> on_frame;
  uint64_t last_sent_beat = 0;  // of the last /T/ into the NIC
  uint8_t fault = 0;            // 1 local fault, 2 remote fault: sent instead of idle
  WireCounts counts;

 private:
  enum class State { kIdle, kPreamble, kData };

  // Into the NIC
  void fill(unsigned* at, uint64_t* control);
  void fill_idle(unsigned* at, uint64_t* control);
  void fill_preamble(unsigned* at, uint64_t* control);
  void fill_data(unsigned* at, uint64_t* control);
  bool may_start(unsigned at) const;
  void put_idle();
  void put_control(uint64_t control);

  // Out of it
  uint64_t control_out() const;
  void take(const uint8_t* data, uint64_t control);
  void take_octet(uint8_t octet, bool control, unsigned lane);
  void begin_frame(unsigned lane);
  void take_preamble(uint8_t octet, bool control);
  void end_frame(uint8_t octet);

  Dut& dut_;
  Verdicts* verdicts_;
  unsigned bytes_, step_, column_;  // column_: octets of an ordered set, figures 46-10 and 81-5
  uint64_t all_control_;
  State state_ = State::kIdle;
  WireFrame frame_{};
  unsigned done_ = 0;     // octets of preamble or frame already out
  uint64_t idle_ = 1000;  // octets since the last frame, its /T/ included
  uint64_t deficit_ = 0;
  bool pins_idle_ = false;
  uint8_t idle_fault_ = 0;

  std::vector<uint8_t> taken_;
  bool in_frame_ = false;
  unsigned preamble_left_ = 0;
  uint64_t start_beat_ = 0, gap_ = 0;
  bool after_frame_ = false;
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_WIRE_H_
