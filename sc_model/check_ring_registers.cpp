#include "sc_model/check_ring_registers.h"

#include <cstdio>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr uint32_t kFlr = 1u << 15;

}  // namespace

RegisterChecker::RegisterChecker(std::string object, const PcieSettings& settings, ViolationLog& log)
    : object_(std::move(object)), settings_(settings), log_(log), registers_(map::kBarBytes / 4) {
  judge(map::Scratch::address(), ~uint32_t{0});
  judge(map::MacAddr::address(), ~uint32_t{0});
  judge(map::MaxFrame::address(), map::MaxFrame::kOctets.mask());
  judge(map::PauseQuanta::address(), map::PauseQuanta::kQuanta.mask());
  judge(map::DmaTimeout::address(), map::DmaTimeout::kUs.mask());
  for (unsigned q = 0; q < kQueueSets; ++q)
    for (uint32_t at : {map::IntRxFrames::address(q), map::IntRxUsecs::address(q), map::IntTxFrames::address(q),
                        map::IntTxUsecs::address(q), map::IntMaxUsecs::address(q), map::IntGapUsecs::address(q)})
      judge(at, 0xFFFF);
  for (unsigned v = 0; v < map::kMsixTableCount; ++v) judge(map::MsgData::address(v), ~uint32_t{0});
}

void RegisterChecker::on_tlp(const TlpEvent& event) {
  const Tlp& tlp = *event.tlp;
  if (event.direction == TlpDirection::kFromDevice) {
    if (tlp.kind() != TlpKind::kCplD || tlp.status() != CplStatus::kSuccess) return;
    const uint32_t offset = std::exchange(asked_[tlp.tag()], 0);
    for (uint32_t at = 0; offset != 0 && at + 4 <= tlp.payload_bytes; at += 4)
      on_value(event, offset - 1 + at, load<uint32_t>(tlp.payload + at));
    return;
  }
  if (tlp.tlp_class() == TlpClass::kNonPosted) asked_[tlp.tag()] = 0;  // that one was not answered
  const bool reset = tlp.kind() == TlpKind::kCfgWr0 && settings_.pcie_capability != 0 &&
                     tlp.config_offset() == settings_.pcie_capability + 8u && (load<uint32_t>(tlp.payload) & kFlr) != 0;
  if (reset) return forget();
  const uint64_t offset = tlp.address() - settings_.bar0;
  if (settings_.bar0 == 0 || offset >= map::kBarBytes) return;
  if (tlp.kind() == TlpKind::kMRd) asked_[tlp.tag()] = static_cast<uint32_t>(offset) + 1;
  if (tlp.kind() == TlpKind::kMWr) on_write(event, static_cast<uint32_t>(offset));
}

void RegisterChecker::on_write(const TlpEvent& event, uint32_t offset) {
  const Tlp& tlp = *event.tlp;
  for (uint32_t at = 0; at + 4 <= tlp.payload_bytes && offset + at < map::kBarBytes; at += 4) {
    const unsigned be = at == 0 ? tlp.first_be() : at + 4 == tlp.payload_bytes ? tlp.last_be() : 0xF;
    uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i)
      if ((be >> i & 1) != 0) bits |= 0xFFu << (8 * i);
    if (offset + at == map::Reset::address()) return forget();
    Register& r = registers_[(offset + at) / 4];
    if (r.judged == 0) continue;
    const uint32_t value = load<uint32_t>(tlp.payload + at);
    r.value = (r.value & ~bits) | (value & bits);
    r.known |= bits;
    history_.add(event.time_ps, "register 0x%llx is written 0x%llx, byte enables 0x%llx", offset + at, value, be);
  }
}

void RegisterChecker::on_value(const TlpEvent& event, uint32_t offset, uint32_t value) {
  if (offset >= map::kBarBytes) return;
  const Register& r = registers_[offset / 4];
  const uint32_t bits = r.judged & r.known;
  if (((value ^ r.value) & bits) == 0) return;
  char text[96];
  std::snprintf(text, sizeof text, "register 0x%x reads 0x%08x, what was written makes it 0x%08x", offset, value & bits,
                r.value & bits);
  log_.report({"P40", Side::kDevice, event.time_ps, object_, text, history_.text()});
}

void RegisterChecker::forget() {
  for (Register& r : registers_) r.known = 0;
}

}  // namespace ringside::sc_model
