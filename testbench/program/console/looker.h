// What the console shows of a machine that stands still: registers, counters, rings, packets, places. Every function
// gives lines of text and changes nothing.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LOOKER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LOOKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "testbench/program/console/event_feed.h"
#include "testbench/program/machine.h"

namespace ringside::testbench {

class Looker {
 public:
  using Words = std::vector<std::string>;

  Looker(Machine& machine, const EventFeed& feed) : machine_(machine), feed_(feed) {}

  size_t host() const { return host_; }
  void set_host(size_t host) { host_ = host; }

  // The words behind the command. Throw CommandError.
  std::string registers(const Words& words);
  std::string counters(const Words& words);
  std::string rings();
  std::string ring(const Words& words);
  std::string descriptor(const Words& words);
  std::string packet(const Words& words);
  std::string where();
  std::string rules();

 private:
  struct RingState {
    NicWords::RingPlace place;
    uint32_t first = 0, end = 0;  // what is between the two is the NIC's (tx, rx) or the driver's (return)
  };

  sc_model::HostMachine& nic_host() { return machine_.host(host_).machine(); }
  unsigned queues();
  const uint8_t* memory(uint64_t bus);
  RingState ring_state(size_t host, NicWords::Ring ring, unsigned queue);
  std::string ring_line(size_t host, NicWords::Ring ring, unsigned queue);
  static const char* instead_of(const RingState& state, uint32_t index);
  std::string entry_line(NicWords::Ring ring, const RingState& state, uint32_t index);
  const uint8_t* entry(NicWords::Ring ring, const RingState& state, uint32_t index);
  std::string packet_list();
  std::string clock_words(size_t host);
  std::string place_line(size_t host);
  uint32_t status_word(size_t host, unsigned queue, size_t offset);

  Machine& machine_;
  const EventFeed& feed_;
  size_t host_ = 0;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_LOOKER_H_
