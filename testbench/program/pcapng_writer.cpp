#include "testbench/program/pcapng_writer.h"

#include <cstring>
#include <vector>

namespace ringside::testbench {
namespace {

// Block types and option codes of the draft, sections 3.5 and 4.
constexpr uint32_t kSectionHeader = 0x0A0D0D0A, kInterfaceDescription = 1, kEnhancedPacket = 6;
constexpr uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr uint16_t kEndOfOptions = 0, kComment = 1, kUserApplication = 4;
constexpr uint16_t kIfName = 2, kIfDescription = 3, kIfMacAddress = 6, kIfSpeed = 8, kIfTimeResolution = 9,
                   kIfFcsLength = 13;
constexpr uint16_t kEpbFlags = 2;
constexpr uint8_t kNanoseconds = 9;

}  // namespace

// A block: type, total length, body, options, total length again; everything in steps of 32 bits. The byte order is the
// host's, and the section header says which.
class PcapngWriter::Block {
 public:
  explicit Block(uint32_t type) {
    bytes_.reserve(2048);
    put(type);
    put(uint32_t{0});
  }
  template <typename Integer>
  Block& put(Integer value) {
    const auto* from = reinterpret_cast<const uint8_t*>(&value);
    bytes_.insert(bytes_.end(), from, from + sizeof value);
    return *this;
  }
  Block& put_bytes(const void* data, size_t count) {
    const auto* from = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + count);
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    return *this;
  }
  Block& option(uint16_t code, const void* data, size_t count) {
    return put(code).put(static_cast<uint16_t>(count)).put_bytes(data, count);
  }
  Block& option(uint16_t code, std::string_view text) { return option(code, text.data(), text.size()); }
  Block& finish() {
    put(kEndOfOptions).put(uint16_t{0});
    const auto total = static_cast<uint32_t>(bytes_.size() + 4);
    put(total);
    std::memcpy(bytes_.data() + 4, &total, sizeof total);
    return *this;
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

PcapngWriter::PcapngWriter(const std::string& path) : file_(path) {
  Block block(kSectionHeader);
  block.put(kByteOrderMagic).put(uint16_t{1}).put(uint16_t{0}).put(~uint64_t{0});  // version 1.0, length not given
  block.option(kUserApplication, "Ringside");
  write(block.finish());
}

uint32_t PcapngWriter::add_interface(const CaptureInterface& interface) {
  Block block(kInterfaceDescription);
  block.put(interface.link_type).put(uint16_t{0}).put(uint32_t{0});  // no snap length
  block.option(kIfName, interface.name).option(kIfDescription, interface.description);
  if (interface.link_type == kLinkTypeEthernet) block.option(kIfMacAddress, interface.mac.data(), interface.mac.size());
  block.option(kIfSpeed, &interface.bits_per_second, sizeof interface.bits_per_second);
  block.option(kIfTimeResolution, &kNanoseconds, 1);
  if (interface.fcs_octets != 0) block.option(kIfFcsLength, &interface.fcs_octets, 1);
  write(block.finish());
  return interfaces_++;
}

void PcapngWriter::packet(uint32_t interface, uint64_t time_ns, const uint8_t* bytes, uint32_t length, uint32_t flags,
                          std::string_view comment) {
  Block block(kEnhancedPacket);
  block.put(interface).put(static_cast<uint32_t>(time_ns >> 32)).put(static_cast<uint32_t>(time_ns));
  block.put(length).put(length).put_bytes(bytes, length);
  block.option(kEpbFlags, &flags, sizeof flags);
  if (!comment.empty()) block.option(kComment, comment);
  write(block.finish());
}

void PcapngWriter::write(const Block& block) {
  file_.append(block.bytes().data(), block.bytes().size());
  file_.end_record();
}

}  // namespace ringside::testbench
