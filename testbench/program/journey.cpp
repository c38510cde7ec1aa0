#include "testbench/program/journey.h"

namespace ringside::testbench {
namespace {

using Place = JourneyPlace;

constexpr std::array<JourneyStepName, kJourneySteps> kNames = {{
    {"call", "T1", Place::kApplication, false, "write() is called"},
    {"file", "T2", Place::kApplication, false, "the descriptor is a socket"},
    {"copied", "T3", Place::kApplication, false, "its bytes are in the send buffer"},
    {"segment", "T4", Place::kTcp, false, "TCP lets it go"},
    {"routed", "T5", Place::kTcp, false, "IP header, route"},
    {"framed", "T6", Place::kTcp, false, "Ethernet header, egress queue"},
    {"posted", "T7", Place::kRing, false, "descriptors are in the TX ring"},
    {"doorbell", "T7", Place::kRing, false, "doorbell leaves the CPU"},
    {"told", "T7", Place::kRing, false, "doorbell is at the NIC"},
    {"fetch", "T8", Place::kRing, false, "NIC asks for the descriptor"},
    {"fetched", "T8", Place::kDma, false, "descriptor is in the NIC"},
    {"read", "T8", Place::kDma, false, "NIC asks for the packet"},
    {"in_nic", "T8", Place::kDma, false, "its last byte is in the NIC"},
    {"sent", "T9", Place::kMac, false, "first octet is on the wire"},
    {"arrived", "R2", Place::kWire, true, "first octet is at the other port"},
    {"whole", "R2", Place::kWire, true, "last octet of its FCS is"},
    {"stored", "R4", Place::kMac, true, "checked; first write to memory"},
    {"in_memory", "R4", Place::kDma, true, "last write to memory"},
    {"entry", "R5", Place::kDma, true, "return entry leaves the NIC"},
    {"index", "R5", Place::kRing, true, "producer index leaves the NIC"},
    {"message", "R6", Place::kRing, true, "interrupt message leaves the NIC"},
    {"handler", "R6", Place::kRing, true, "handler runs"},
    {"taken", "R7", Place::kRing, true, "the driver's poll takes it"},
    {"ethernet", "R8", Place::kTcp, true, "Ethernet"},
    {"ip", "R9", Place::kTcp, true, "IP"},
    {"tcp", "R10", Place::kTcp, true, "TCP finds its connection"},
    {"queued", "R11", Place::kTcp, true, "in the receive buffer"},
    {"user", "R12", Place::kApplication, true, "read() has copied its last byte"},
    {"done", "T10", Place::kRing, false, "consumer index leaves the NIC"},
    {"done_message", "T10", Place::kRing, false, "interrupt message leaves the NIC"},
    {"given_back", "T10", Place::kRing, false, "the driver gives its buffers back"},
    {"provided", "R1", Place::kRing, true, "doorbell for the buffer it went to"},
    {"provided_fetched", "R1", Place::kRing, true, "that buffer's descriptor is in the NIC"},
}};

}  // namespace

const char* to_string(JourneyPlace place) {
  static constexpr const char* kPlaces[] = {"application", "TCP", "ring", "DMA", "MAC", "wire"};
  return kPlaces[static_cast<size_t>(place)];
}

const char* to_string(Fate fate) {
  static constexpr const char* kFates[] = {"under way", "delivered",          "lost on the wire",
                                           "damaged",   "dropped by the NIC", "given up"};
  return kFates[static_cast<size_t>(fate)];
}

const JourneyStepName& name_of(JourneyStep step) {
  return kNames[static_cast<size_t>(step)];
}

bool Journey::complete() const {
  const Journey& j = *this;
  if (!no_buffer && j[JourneyStep::kGivenBack] == 0 && fate != Fate::kGivenUp) return false;
  if (fate != Fate::kUnderWay && fate != Fate::kDelivered) return true;
  return head.payload > 0 ? j[JourneyStep::kUser] != 0 : j[JourneyStep::kTaken] != 0;
}

}  // namespace ringside::testbench
