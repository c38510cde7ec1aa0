#include <algorithm>

#include "testbench/rtl/nic/traffic.h"

namespace ringside::testbench::nic {

void add_random_packet(SendTraffic* send, unsigned queues, unsigned length, unsigned page_offset, Random* random) {
  const unsigned queue = static_cast<unsigned>(random->below(queues));
  Octets octets = random_octets(length, random);
  octets[0] = static_cast<uint8_t>(queue << 5 | (octets[0] & 0x1F));
  Packet packet;
  packet.csum = length >= 4 && random->one_in(2);
  packet.csum_start = packet.csum ? static_cast<uint16_t>(random->between(1, (length - 2) / 2) * 2) : 0;
  packet.csum_offset = packet.csum ? static_cast<uint16_t>(random->below(length - packet.csum_start - 1)) : 0;
  const unsigned fragments = random->one_in(3) ? static_cast<unsigned>(random->between(2, 6)) : 1;
  send->add(queue, octets, page_offset, fragments, packet);
}

namespace {
Octets random_frame(unsigned length, Random* random) {
  Shape shape;
  Octets octets = random_shape(length, random, &shape) ? build(shape, random).frame : random_octets(length, random);
  if (length >= 6) std::copy(kOwnAddress, kOwnAddress + 6, octets.begin());
  return with_fcs(std::move(octets));
}
}  // namespace

void add_random_frame(ReceiveTraffic* receive, unsigned length, unsigned smallest_gap, unsigned largest_gap,
                      Random* random, int first_offset) {
  constexpr unsigned kShortest = 60, kRuntGap = 256;
  if (first_offset < 0 && length > kShortest && random->one_in(32))
    return add_broken_frame(receive, length, smallest_gap, random);
  Octets octets = random_frame(length, random);
  const unsigned gap = static_cast<unsigned>(random->between(smallest_gap, largest_gap));
  receive->add(std::move(octets), length < kShortest ? std::max(gap, kRuntGap) : gap, -1, 6, first_offset);
}

void add_broken_frame(ReceiveTraffic* receive, unsigned length, unsigned gap, Random* random) {
  Octets octets = random_frame(length, random);
  const size_t place = random->below(octets.size());
  const bool character = random->one_in(2);
  if (!character) octets[place] ^= static_cast<uint8_t>(1u << random->below(8));
  receive->add(std::move(octets), gap, character ? static_cast<int>(place) : -1);
}

bool run_traffic(Card* card, SendTraffic* send, ReceiveTraffic* receive, uint64_t longest_turn, uint64_t limit,
                 Random* random) {
  const uint64_t end = card->host.cycle() + limit;
  while (!(send->done() && receive->done())) {
    if (card->host.cycle() >= end || !card->verdicts.none()) return false;
    send->turn();
    receive->turn();
    card->run(random->between(1, longest_turn));
  }
  card->run(1000);  // what nobody waits for may come now
  return true;
}

}  // namespace ringside::testbench::nic
