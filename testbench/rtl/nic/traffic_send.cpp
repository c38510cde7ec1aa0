#include <algorithm>
#include <cstring>

#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {

SendTraffic::SendTraffic(Card& card, Driver& driver, uint64_t seed)
    : card_(card), driver_(driver), random_(seed), lines_(driver.settings().queues) {
  card_.wire.on_frame = [this](const uint8_t* frame, size_t size, uint64_t, uint64_t) { see(frame, size); };
}

// Cuts at random places; every fragment in pages of its own, the first at the offset, the others anywhere.
std::vector<Fragment> SendTraffic::place(const Octets& octets, unsigned page_offset, unsigned fragments) {
  std::vector<size_t> cuts{0, octets.size()};
  while (cuts.size() < std::min<size_t>(fragments, octets.size()) + 1) {
    const size_t cut = random_.between(1, octets.size() - 1);
    if (std::find(cuts.begin(), cuts.end(), cut) == cuts.end()) cuts.push_back(cut);
  }
  std::sort(cuts.begin(), cuts.end());
  std::vector<Fragment> placed;
  for (size_t i = 0; i + 1 < cuts.size(); ++i) {
    const size_t size = cuts[i + 1] - cuts[i];
    const unsigned offset = i == 0 ? page_offset : static_cast<unsigned>(random_.below(4096));
    const uint64_t address = driver_.allocate_at(size, offset);
    std::memcpy(card_.host.memory(address, size), octets.data() + cuts[i], size);
    placed.push_back({address, static_cast<uint16_t>(size)});
  }
  return placed;
}

void SendTraffic::add(unsigned queue, const Octets& octets, unsigned page_offset, unsigned fragments, Packet packet) {
  packet.fragments = place(octets, page_offset, fragments);
  lines_[queue].waiting.push_back({packet, 0});
}

void SendTraffic::turn() {
  for (unsigned queue = 0; queue < lines_.size(); ++queue) {
    driver_.look(queue);
    take_back(queue);
    post_some(queue);
  }
}

void SendTraffic::post_some(unsigned queue) {
  Line& line = lines_[queue];
  const uint32_t before = driver_.queue(queue).tx_prod;
  while (!line.waiting.empty()) {
    Item item = line.waiting.front();
    if (driver_.tx_room(queue) < item.packet.fragments.size() + item.packet.has_extension) break;
    for (Octets& frame : frames_of(item.packet, gather(item.packet, &card_.host))) {
      count_sent(frame, &expected);
      line.frames.push_back(std::move(frame));
    }
    driver_.post(queue, item.packet);
    item.end = driver_.queue(queue).tx_prod;
    line.posted.push_back(item);
    line.waiting.pop_front();
    if (doorbell_each) break;
  }
  if (driver_.queue(queue).tx_prod != before) driver_.ring_tx(queue);
}

// D6: a packet that the index has passed is no longer read. Its memory is spoilt at once.
void SendTraffic::take_back(unsigned queue) {
  Line& line = lines_[queue];
  while (!line.posted.empty() && static_cast<int32_t>(driver_.queue(queue).tx_cons - line.posted.front().end) >= 0) {
    for (const Fragment& fragment : line.posted.front().packet.fragments)
      std::memset(card_.host.memory(fragment.address, fragment.length), 0xEE, fragment.length);
    line.posted.pop_front();
  }
}

// Frames of one queue keep their order; of different queues any order is good.
void SendTraffic::see(const uint8_t* frame, size_t size) {
  const Octets seen(frame, frame + size);
  for (Line& line : lines_) {
    if (line.frames.empty() || line.frames.front() != seen) continue;
    line.frames.pop_front();
    return;
  }
  const auto next = std::find_if(lines_.begin(), lines_.end(), [](const Line& line) { return !line.frames.empty(); });
  if (next == lines_.end()) return card_.verdicts.say("D7", "a frame that nobody sent, of size", size);
  const Octets& want = next->frames.front();
  const auto differ = std::mismatch(seen.begin(), seen.end(), want.begin(), want.end()).first - seen.begin();
  card_.verdicts.say("TX",
                     "a frame is not what the model says: size " + std::to_string(size) + ", the model's " +
                         std::to_string(want.size()) + ", first difference and frame number",
                     static_cast<uint64_t>(differ), card_.wire.counts.frames_out);
  next->frames.pop_front();
}

bool SendTraffic::done() const {
  for (const Line& line : lines_)
    if (!line.waiting.empty() || !line.posted.empty() || !line.frames.empty()) return false;
  return true;
}

}  // namespace ringside::testbench::nic
