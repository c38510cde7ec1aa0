// Capture tap: what tcpdump would see. Sits between the egress queue and the driver, and before demultiplexing.
#ifndef RINGSIDE_STACK_CAPTURE_H_
#define RINGSIDE_STACK_CAPTURE_H_

#include <cstdint>

#include "stack/packet_buffer.h"

namespace ringside::stack {

enum class CaptureDirection : uint8_t { kIn, kOut };

class CaptureTap {
 public:
  virtual ~CaptureTap() = default;
  // The packet starts at its Ethernet header and is only lent. Outgoing packets whose meta says kInsert still carry
  // the pseudo-header sum where the NIC will store the checksum.
  virtual void capture(CaptureDirection direction, const Packet& packet, uint64_t now_ns) = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_CAPTURE_H_
