// Loopback device: what is sent comes back, in order, when Stack calls deliver() at the end of an entry. Checksums are
// not computed (nothing can damage the bytes), which the verdicts say.
#ifndef RINGSIDE_STACK_LOOPBACK_H_
#define RINGSIDE_STACK_LOOPBACK_H_

#include <deque>

#include "stack/net_device.h"

namespace ringside::stack {

class LoopbackDevice : public NetDevice {
 public:
  static constexpr size_t kMaxQueued = 1024;  // packets; then kBusy, as any device

  void set_client(NetDeviceClient* client) override { client_ = client; }
  TxResult transmit(Packet& packet, bool more) override;
  void flush() override {}
  MacAddress mac_address() const override { return {}; }
  uint32_t mtu() const override { return 16384; }  // a segment then fits a Packet even with 1 KiB buffers
  DeviceFeatures features() const override { return {true, true, Packet::kMaxFragments, 0}; }
  bool link_up() const override { return true; }
  std::string_view name() const override { return "lo"; }

  bool deliver();  // hands up what is queued now; false when there was nothing

 private:
  NetDeviceClient* client_ = nullptr;
  std::deque<Packet> queue_;
  bool refused_ = false;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_LOOPBACK_H_
