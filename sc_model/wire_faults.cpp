// What goes wrong on the wire beyond loss, copies and order: frames that are rewritten, and what happens at a time.
#include <algorithm>
#include <utility>

#include "sc_model/wire_direction.h"

namespace ringside::sc_model {
namespace {

constexpr TimePs kPauseEveryPs = 2 * kPsPerUs;
constexpr uint64_t kWordsPerFaultSet = 32;  // 64 columns at 10 Gb/s; 128 without a set would end the fault (46.3.4)
constexpr TimePs kOffGridPs = 3;            // see kHoldLimitPs
constexpr size_t kFcsBytes = 4;

// Destination address to FCS of a frame's words.
std::vector<uint8_t> octets_of(const std::vector<XgmiiWord>& words) {
  std::vector<uint8_t> octets;
  for (size_t i = 1; i < words.size(); ++i)
    for (unsigned lane = 0; lane < 8 && !words[i].is_control(lane); ++lane) octets.push_back(words[i].octet(lane));
  return octets;
}

std::vector<XgmiiWord> words_of(const XgmiiWord& first, const std::vector<uint8_t>& octets) {
  std::vector<XgmiiWord> words{first};
  for (size_t i = 0; i <= octets.size(); i += 8) {
    XgmiiWord word;
    for (unsigned lane = 0; lane < 8 && i + lane <= octets.size(); ++lane) {
      const bool ends = i + lane == octets.size();
      const uint64_t octet = ends ? kXgmiiTerminate : octets[i + lane];
      word.data = (word.data & ~(uint64_t{0xFF} << 8 * lane)) | octet << 8 * lane;
      if (!ends) word.control = static_cast<uint8_t>(word.control & ~(1u << lane));
    }
    words.push_back(word);
  }
  return words;
}

void add_fcs(std::vector<uint8_t>& octets) {
  const uint32_t fcs = crc32(octets.data(), octets.size());
  for (unsigned i = 0; i < kFcsBytes; ++i) octets.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
}

// 802.3 annex 31B: stop for the longest time there is, 65535 quanta.
std::vector<XgmiiWord> pause_frame() {
  std::vector<uint8_t> octets = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00,
                                 0x00, 0x00, 0xFE, 0x88, 0x08, 0x00, 0x01, 0xFF, 0xFF};
  octets.resize(60);
  add_fcs(octets);
  return words_of({0xD5555555555555FBull, 0x01}, octets);
}

// Local fault, 46.3.4 and 81.3.4: at 10 Gb/s a column is half a word.
XgmiiWord fault_word(TimePs word_ps) {
  if (word_ps == EthernetWire::word_ps(10)) return {0x0100009C'0100009Cull, 0x11};
  return {0x0100009Cull, 0x01};
}

}  // namespace

void WireDirection::spoil_start(XgmiiWord& word) {
  word.data ^= uint64_t{1} << (56 + injector_.pick(8));  // the SFD is octet 7
}

// A frame that was kept whole. The wire cannot know where its end is before it is there.
void WireDirection::rewrite_frame() {
  std::vector<uint8_t> octets = octets_of(words_);
  if (octets.size() <= kFcsBytes) return;
  if (rewrite_ == FaultKind::kFcsError) {
    octets[octets.size() - 1 - injector_.pick(kFcsBytes)] ^= static_cast<uint8_t>(1u << injector_.pick(8));
  } else {
    constexpr size_t kShortest = kFcsBytes + 1, kMinimumFrame = 64;
    octets.resize(std::min(octets.size(), kShortest + injector_.pick(kMinimumFrame - kShortest)) - kFcsBytes);
    add_fcs(octets);
  }
  words_ = words_of(words_.front(), octets);
}

// ---------------------------------------------------------------- at a time

void WireDirection::plan_timed_faults() {
  for (const FaultKind kind : {FaultKind::kPauseStorm, FaultKind::kLinkDown}) {
    for (const FaultSpec& spec : injector_.timed(kind)) {
      const TimePs from = spec.from_ps + kOffGridPs;
      timed_.push_back({kind, from, from + spec.lasts_ps(), from});
      scheduler_.at(from, EventClass::kLink, *this);
      next_timed_ = std::min(next_timed_, from);
    }
  }
}

bool WireDirection::is_down(TimePs sent) const {
  return std::any_of(timed_.begin(), timed_.end(), [sent](const Timed& t) {
    return t.kind == FaultKind::kLinkDown && t.from <= sent && sent < t.until;
  });
}

// Everything that was due up to `now`, by the times of the words.
void WireDirection::inject_due(TimePs now) {
  next_timed_ = kNever;
  for (Timed& timed : timed_) {
    while (timed.next <= now) inject(timed);
    next_timed_ = std::min(next_timed_, timed.next);
  }
  if (next_timed_ != kNever && next_timed_ > sim_now_ps()) scheduler_.at(next_timed_, EventClass::kLink, *this);
}

void WireDirection::inject(Timed& timed) {
  if (timed.next == timed.from) injector_.carried_out(timed.kind);
  const TimePs arrives = timed.next + delay_ps_;
  const bool busy = in_frame_ && passes_;
  if (timed.kind == FaultKind::kPauseStorm) {
    if (busy) ++pauses_due_;
    if (!busy) insert(arrives, pause_frame(), FrameEvent::kOfTheWire);
    timed.next += kPauseEveryPs;
  } else {
    if (!busy) insert(arrives, {fault_word(word_ps_)}, FrameEvent::kOfTheWire);
    timed.next += kWordsPerFaultSet * word_ps_;
  }
  if (timed.next >= timed.until) timed.next = kNever;
}

// Behind the frame that was going through when they were due.
void WireDirection::insert_pauses(TimePs earliest) {
  for (; pauses_due_ > 0; --pauses_due_) insert(earliest, pause_frame(), FrameEvent::kOfTheWire);
}

}  // namespace ringside::sc_model
