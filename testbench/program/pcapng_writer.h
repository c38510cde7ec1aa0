// Writes pcapng (IETF draft-ietf-opsawg-pcapng): one section, interfaces, one enhanced packet block per packet. Time
// stamps are simulated nanoseconds since the start of the run (they show as 1970). Ethernet frames carry their FCS, and
// the interfaces say so (if_fcslen), so that readers check it.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PCAPNG_WRITER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PCAPNG_WRITER_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "testbench/program/output_file.h"

namespace ringside::testbench {

constexpr uint16_t kLinkTypeEthernet = 1;  // LINKTYPE_ETHERNET

struct CaptureInterface {
  std::string name;
  std::string description;
  std::array<uint8_t, 6> mac{};  // of an Ethernet interface
  uint64_t bits_per_second = 0;
  uint16_t link_type = kLinkTypeEthernet;
  uint8_t fcs_octets = 4;
};

// Bits of epb_flags. Outbound: sent by the interface.
constexpr uint32_t kPacketInbound = 1, kPacketOutbound = 2, kPacketHasFcs = 4u << 5, kPacketCrcError = 1u << 24;

class PcapngWriter {
 public:
  explicit PcapngWriter(const std::string& path);

  uint32_t add_interface(const CaptureInterface& interface);
  // `bytes` includes the FCS when the flags say so.
  void packet(uint32_t interface, uint64_t time_ns, const uint8_t* bytes, uint32_t length, uint32_t flags,
              std::string_view comment = {});
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
