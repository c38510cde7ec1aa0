#include "sc_model/fault.h"

#include <algorithm>
#include <utility>

namespace ringside::sc_model {
namespace {

using K = FaultKind;
constexpr FaultPlace kHost = FaultPlace::kHost, kLink = FaultPlace::kLink, kWire = FaultPlace::kWire;
constexpr bool kTimed = true, kAtEvent = false;
constexpr const char* kNone = nullptr;
constexpr TimePs kUs = kPsPerUs;

constexpr std::array<FaultInfo, kFaultKinds> kTable{{
    {K::kUr, "ur", kHost, kNone, kAtEvent, 0, "a read of the NIC is answered Unsupported Request"},
    {K::kCa, "ca", kHost, kNone, kAtEvent, 0, "... Completer Abort"},
    {K::kPoison, "poison", kHost, kNone, kAtEvent, 0, "... with poisoned data"},
    {K::kCompletionLost, "completion_lost", kHost, kNone, kAtEvent, 0, "... not at all"},
    {K::kCompletionLate, "completion_late", kHost, kNone, kAtEvent, 20 * kUs,
     "... so much later; after 50 ms, or two time-outs of the NIC, it breaks P16"},
    {K::kCompletionDuplicate, "completion_duplicate", kHost, "P16", kAtEvent, 0, "... its last completion twice"},
    {K::kCompletionShort, "completion_short", kHost, "P20", kAtEvent, 0, "... with one DW too few at its end"},
    {K::kIommuRead, "iommu_read", kHost, kNone, kAtEvent, 0, "a read of the NIC is refused as by an IOMMU: UR"},
    {K::kIommuWrite, "iommu_write", kHost, "D4", kAtEvent, 0, "the IOMMU drops a write of the NIC that is mapped"},
    {K::kWriteDelayed, "write_delayed", kHost, kNone, kAtEvent, 20 * kUs,
     "a write of the NIC, and all behind it, takes effect so much later"},
    {K::kWriteTorn, "write_torn", kHost, kNone, kAtEvent, kUs,
     "of a write across 64-byte lines the part behind the first line takes effect so much later"},
    {K::kWriteTornLine, "write_torn_line", kHost, "D12", kAtEvent, kUs,
     "of a write within a 64-byte line the second half takes effect so much later"},
    {K::kWriteOvertaken, "write_overtaken", kHost, "P24", kAtEvent, 5 * kUs,
     "a write takes effect so much later, those behind it do not wait (nor do reads: P25, nor messages: P38)"},
    {K::kInterruptLost, "interrupt_lost", kHost, "I1", kAtEvent, 0, "a message of the NIC never reaches the CPU"},
    {K::kInterruptDouble, "interrupt_double", kHost, "I4", kAtEvent, kUs, "... comes again so much later"},
    {K::kInterruptEarly, "interrupt_early", kHost, "P38", kAtEvent, 20 * kUs,
     "a write of the NIC, and all behind it but messages, takes effect so much later"},
    {K::kStarve, "starve", kLink, kNone, kTimed, 400 * kUs,
     "no more credits of one kind for so long: credit=ph, pd, nph, npd, cplh or cpld; dir=to_host (default), to_nic"},
    {K::kSurpriseReset, "surprise_reset", kLink, kNone, kTimed, 0,
     "the NIC's function is reset behind its driver's back, which has to give it up: the run fails if it is in use"},
    {K::kFrameLoss, "frame_loss", kWire, kNone, kAtEvent, 0, "a frame of the host's NIC is lost on the wire"},
    {K::kFrameDuplicate, "frame_duplicate", kWire, kNone, kAtEvent, 0, "... arrives twice"},
    {K::kFrameReorder, "frame_reorder", kWire, kNone, kAtEvent, 0, "... arrives behind later ones"},
    {K::kFrameCorrupt, "frame_corrupt", kWire, kNone, kAtEvent, 0, "... has a bit of its first 56 octets flipped"},
    {K::kFcsError, "fcs_error", kWire, kNone, kAtEvent, 0, "... has a bit of its FCS flipped"},
    {K::kRunt, "runt", kWire, kNone, kAtEvent, 0, "... is cut to less than 64 octets, with a good FCS"},
    {K::kPreamble, "preamble", kWire, kNone, kAtEvent, 0, "... has a damaged start frame delimiter"},
    {K::kPauseStorm, "pause_storm", kWire, kNone, kTimed, 200 * kUs,
     "pause frames of the longest time go to the other host's NIC, one every 2 us, for so long; one with pause = true obeys"},
    {K::kLinkDown, "link_down", kWire, kNone, kTimed, 500 * kUs,
     "the other host's NIC sees a local fault and no frame for so long"},
}};

}  // namespace

const std::array<FaultInfo, kFaultKinds>& fault_table() {
  return kTable;
}

const FaultInfo& fault_info(FaultKind kind) {
  return kTable[static_cast<size_t>(kind)];
}

std::optional<FaultKind> fault_kind(std::string_view name) {
  for (const FaultInfo& info : kTable)
    if (name == info.name) return info.kind;
  return std::nullopt;
}

FaultInjector::FaultInjector(std::vector<FaultSpec> specs, uint64_t seed) : picks_(seed, 0x7069636B) {
  for (FaultSpec& spec : specs) {
    const bool any_number = spec.chance > 0 && spec.nth == 0;
    const uint64_t left = spec.count != 0 ? spec.count : any_number ? ~uint64_t{0} : 1;
    const auto of_kind = std::count_if(specs_.begin(), specs_.end(),
                                       [&](const Armed& armed) { return armed.spec.kind == spec.kind; });
    const uint64_t stream = 0xFA17 + 0x100 * static_cast<uint64_t>(spec.kind) + static_cast<uint64_t>(of_kind);
    specs_.push_back({spec, Random(seed, stream), 0, left});
    armed_ |= uint64_t{1} << static_cast<unsigned>(spec.kind);
  }
}

std::vector<FaultSpec> FaultInjector::timed(FaultKind kind) const {
  std::vector<FaultSpec> found;
  for (const Armed& armed : specs_)
    if (armed.spec.kind == kind) found.push_back(armed.spec);
  return found;
}

// Every spec sees every event, also those that another one hits.
const FaultSpec* FaultInjector::look(FaultKind kind, TimePs now) {
  const FaultSpec* chosen = nullptr;
  for (Armed& armed : specs_)
    if (armed.spec.kind == kind && turn_of(armed, now) && chosen == nullptr) chosen = &armed.spec;
  if (chosen != nullptr) carried_out(kind);
  return chosen;
}

bool FaultInjector::turn_of(Armed& armed, TimePs now) {
  const FaultSpec& spec = armed.spec;
  if (now < spec.from_ps) return false;
  ++armed.seen;
  const bool lucky = spec.chance > 0 && armed.random.chance(spec.chance);
  const bool numbered = spec.nth != 0 && armed.seen >= spec.nth;
  const bool first = spec.nth == 0 && spec.chance == 0;
  if (armed.left == 0 || !(lucky || numbered || first)) return false;
  --armed.left;
  armed.came = true;
  return true;
}

bool FaultInjector::missed(FaultKind kind) const {
  uint64_t asked = 0, came = 0;
  for (const Armed& armed : specs_) {
    if (armed.spec.kind != kind || armed.spec.chance > 0) continue;
    ++asked;
    came += armed.came;
  }
  return (fault_info(kind).timed ? injected(kind) : came) < asked;
}

}  // namespace ringside::sc_model
