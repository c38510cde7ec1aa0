// Writes pcapng (IETF draft-ietf-opsawg-pcapng): one section, one interface per wire port, one enhanced packet block
// per frame. Time stamps are simulated nanoseconds since the start of the run (they show as 1970). Frames carry their
// FCS, and the interfaces say so (if_fcslen), so that readers check it.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PCAPNG_WRITER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PCAPNG_WRITER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "testbench/program/output_file.h"

namespace ringside::testbench {

struct CaptureInterface {
  std::string name;
  std::string description;
  std::array<uint8_t, 6> mac{};
  uint64_t bits_per_second = 0;
};

class PcapngWriter {
 public:
  explicit PcapngWriter(const std::string& path);

  uint32_t add_interface(const CaptureInterface& interface);
  // Outbound: sent by the interface. `bytes` includes the FCS.
  void frame(uint32_t interface, uint64_t time_ns, const uint8_t* bytes, uint32_t length, bool outbound, bool fcs_good);
  void close() { file_.close(); }
  const OutputFile& file() const { return file_; }

 private:
  class Block;
  void write(const Block& block);

  OutputFile file_;
  uint32_t interfaces_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PCAPNG_WRITER_H_
