// A driver of one page for the NIC, written from rtl/regs/REFERENCE.md alone; comments name its sections. It polls, or
// waits for messages, as the caller likes; the simulation runs while it waits for a register.
#ifndef RINGSIDE_TESTBENCH_RTL_NIC_DRIVER_H_
#define RINGSIDE_TESTBENCH_RTL_NIC_DRIVER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "driver/nic_regs.h"
#include "testbench/rtl/nic/card.h"

namespace ringside::testbench::nic {

namespace regs = driver::regs;

struct RssSettings {  // section 10
  uint32_t control = 0;
  std::array<uint8_t, 40> key{};
  std::array<uint8_t, 128> table{};
};

struct DriverSettings {
  unsigned queues = 1;
  unsigned tx_log2 = 8, rx_log2 = 8, ret_log2 = 9;
  uint64_t mac_address = 0x0100'0000'0002;  // 02:00:00:00:00:01, first octet in [7:0]
  uint64_t mac_hash = 0;
  uint32_t mac_control = 0x5;  // broadcast, strip FCS
  uint32_t max_frame = 9018;
  uint16_t rx_frames = 1, rx_usecs = 0, tx_frames = 1, tx_usecs = 0, max_usecs = 1000;
  bool interrupts = true;  // arm the queues' vectors
  RssSettings rss;
};

struct Fragment {
  uint64_t address;
  uint16_t length;
};

struct Packet {
  std::vector<Fragment> fragments;
  bool csum = false;
  uint16_t csum_start = 0, csum_offset = 0;
  bool has_extension = false;
  uint16_t extension_flags = 0, vlan = 0, mss = 0, header_length = 0, ip_start = 0;
};

// What the driver keeps of a queue set. Indices run freely.
struct QueueState {
  uint64_t tx_ring = 0, rx_ring = 0, ret_ring = 0, status = 0;
  uint32_t tx_prod = 0, rx_prod = 0, ret_cons = 0, ret_told = 0;
  uint32_t tx_since = 0, rx_since = 0;  // section 6: indices of the ring are good in blocks newer than this tag
  uint32_t tag = 0, tx_cons = 0, rx_cons = 0, ret_prod = 0;  // as last read from the status block
  uint32_t tx_stamp_idx = 0;
  uint64_t tx_stamp = 0;
};

class Driver {
 public:
  Driver(Card& card, const DriverSettings& settings);

  // Section 8. False when a step failed; `failure` names it.
  bool bring_up();
  const char* failure = "";
  // Section 13, steps 1 to 4.
  bool take_down();

  // Sections 9 and 10. The doorbells are calls of their own.
  unsigned tx_room(unsigned queue) const;
  void post(unsigned queue, const Packet& packet);
  void ring_tx(unsigned queue);
  unsigned rx_room(unsigned queue) const;
  void provide(unsigned queue, uint64_t address, uint16_t length, uint32_t opaque);
  void ring_rx(unsigned queue);

  // Section 7, ordering 3: tag, then indices, then entries.
  void look(unsigned queue);
  bool take(unsigned queue, regs::ReturnEntry* entry);  // false: none left, or one that is not of this turn
  void give_back(unsigned queue);
  void rearm(unsigned queue);

  // Section 12, steps 2 to 6; false when a wait ran out.
  bool recover_tx(unsigned queue);
  bool recover_rx(unsigned queue);
  // Other rings for all queues, of other sizes (their log2); what was not sent or taken is given up.
  bool change_rings(unsigned tx_log2, unsigned rx_log2, unsigned ret_log2);

  uint32_t read(uint32_t offset);
  uint64_t read64(uint32_t offset);
  void write(uint32_t offset, uint32_t value) { card_.host.write32(offset, value); }
  uint32_t config(unsigned offset);
  void config_write(unsigned offset, uint32_t value, unsigned be = 0xF);
  unsigned find_capability(unsigned id);
  std::array<uint64_t, regs::kNumCounters> counters();
  void flush() { read(regs::Scratch::address()); }  // all writes before it have arrived

  uint64_t allocate(size_t bytes, size_t alignment);
  uint64_t allocate_at(size_t bytes, unsigned page_offset);  // address mod 4096 = page_offset
  QueueState& queue(unsigned q) { return queues_[q]; }
  const DriverSettings& settings() const { return settings_; }

 private:
  bool fail(const char* step) { return failure = step, false; }
  bool wait_for_zero(uint32_t offset, uint32_t mask);
  const Host::Answer& wait_for(unsigned ticket);
  bool find_function();
  bool soft_reset();
  void allocate_rings();
  void allocate_status_block(QueueState* state);
  bool reset_rings(unsigned queue);
  void set_rings(unsigned queue);
  bool set_up_msix();
  void set_up_mac();
  void set_up_rss();
  void set_up_queue(unsigned q);

  Card& card_;
  DriverSettings settings_;
  std::array<QueueState, regs::kMaxQueues> queues_{};
  uint64_t next_free_;
  unsigned msix_ = 0;  // place of the capability
};

}  // namespace ringside::testbench::nic

#endif  // RINGSIDE_TESTBENCH_RTL_NIC_DRIVER_H_
