// The wire as a capture file: every frame once, as it left its sender's port, on that port's interface.
//
// Frames are told by the wire when they end, and stamped with their start, so those of the two directions can come in
// the wrong order; they wait here until nothing earlier can follow. Readers that follow TCP need the order.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sc_model/observer.h"
#include "testbench/program/pcapng_writer.h"

namespace ringside::testbench {

class WireCapture : public sc_model::Observer {
 public:
  WireCapture(const std::string& path, const std::array<CaptureInterface, 2>& ports);

  void on_frame(const sc_model::FrameEvent& event) override;
  void close();  // writes what waits
  const OutputFile& file() const { return writer_.file(); }

 private:
  // Longer than the longest frame lasts: 9018 octets at 10 Gb/s are 7.3 us.
  static constexpr uint64_t kHorizonNs = 10'000;
  struct Frame {
    uint64_t time_ns = 0;
    bool fcs_good = false;
    std::vector<uint8_t> bytes;
  };
  void write_until(uint64_t time_ns);
  void write_first(unsigned port);

  PcapngWriter writer_;
  std::array<std::deque<Frame>, 2> waiting_;
  std::vector<std::vector<uint8_t>> spare_;  // so that frames do not allocate
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_
