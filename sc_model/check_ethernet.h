// Always-on Ethernet rules, on frames as they leave a NIC (FrameStage::kSent): E1 preamble, E2 minimum and zero padding
// (visible for IPv4 and ARP, whose own length says where the pad starts), E3 FCS, E4 gap, E6 no runt. The side at
// fault is the device; E5 longest frame, E13 a frame given up. Passive.
#ifndef RINGSIDE_SC_MODEL_CHECK_ETHERNET_H_
#define RINGSIDE_SC_MODEL_CHECK_ETHERNET_H_

#include <array>
#include <cstdint>
#include <string>

#include "sc_model/observer.h"
#include "sc_model/violation.h"

namespace ringside::sc_model {

class EthernetChecker : public Observer {
 public:
  EthernetChecker(std::string object, ViolationLog& log);
  void on_frame(const FrameEvent& event) override;

 private:
  void check_gap(const FrameEvent& event);
  void check_aborted(const FrameEvent& event);
  void check_padding(const FrameEvent& event);
  void report(const char* rule, const FrameEvent& event, const std::string& why);

  std::string object_;
  ViolationLog& log_;
  std::array<int64_t, 2> deficit_{};  // octets owed by gaps under 12, per sender (deficit idle count, 46.3.1.4)
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_ETHERNET_H_
