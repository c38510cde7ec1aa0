#include "sc_model/check_ethernet.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr uint32_t kMinimumFrame = 64, kLongestFrame = 9018 + 4;
constexpr uint32_t kPreambleOctets = 6;  // 7 of 55 less the one that the start character replaces (46.1.7.1)
constexpr int64_t kGapOctets = 12;
constexpr int64_t kMostDeficit = 7;      // starts on 8-octet boundaries; clause 81.3.1.1 has the same bound for 40/100G
constexpr uint32_t kHeaderBytes = 14;
constexpr uint32_t kFcsBytes = 4;

uint32_t big16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }

// First octet of the pad, as the frame's own protocol tells it; the frame's length when it does not.
uint32_t pad_start(const FrameEvent& e) {
  constexpr uint32_t kArpBytes = 28;
  const uint32_t type = big16(e.bytes + 12);
  if (type == 0x0806) return kHeaderBytes + kArpBytes;
  if (type == 0x0800) return kHeaderBytes + big16(e.bytes + 16);
  return e.length;
}

}  // namespace

EthernetChecker::EthernetChecker(std::string object, ViolationLog& log) : object_(std::move(object)), log_(log) {}

void EthernetChecker::on_frame(const FrameEvent& event) {
  if (event.stage != FrameStage::kSent) return;
  if (!event.framed || event.preamble_octets != kPreambleOctets)
    report("E1", event, "preamble, SFD or terminate character out of place");
  check_gap(event);
  if (event.length > kLongestFrame) report("E5", event, "longer than 9018 octets and a tag");
  if (event.error_character) return check_aborted(event);
  if (event.length < kMinimumFrame) return report("E6", event, "a runt of " + std::to_string(event.length) + " octets");
  if (!event.fcs_good) return report("E3", event, "wrong FCS");
  check_padding(event);
}

// E13: given up on the way, so the FCS must be wrong, and no receiver may take it for a runt.
void EthernetChecker::check_aborted(const FrameEvent& event) {
  if (event.fcs_good) report("E13", event, "a frame with an error character and a good FCS");
  else if (event.length < kMinimumFrame) report("E13", event, "a frame given up as a runt");
}

// E4: 12 octets on average; deficit idle count lends at most 7 of them to the next gap.
void EthernetChecker::check_gap(const FrameEvent& event) {
  if (event.gap_octets == ~uint64_t{0}) return;
  int64_t& deficit = deficit_[event.sender];
  const int64_t gap = static_cast<int64_t>(std::min<uint64_t>(event.gap_octets, 1000));
  deficit = std::max<int64_t>(0, deficit + kGapOctets - gap);
  if (deficit <= kMostDeficit) return;
  report("E4", event, "gap of " + std::to_string(gap) + " octets, deficit " + std::to_string(deficit));
  deficit = 0;
}

// E2: the pad is zeros.
void EthernetChecker::check_padding(const FrameEvent& event) {
  if (event.length != kMinimumFrame) return;
  for (uint32_t i = pad_start(event); i + kFcsBytes < event.length; ++i) {
    if (event.bytes[i] == 0) continue;
    return report("E2", event, "pad octet " + std::to_string(i) + " is not zero");
  }
}

void EthernetChecker::report(const char* rule, const FrameEvent& event, const std::string& why) {
  log_.report({rule, Side::kDevice, event.time_ps, object_ + " port " + std::to_string(event.sender),
               why + ", frame of " + std::to_string(event.length) + " octets"});
}

}  // namespace ringside::sc_model
