// FakeNic: a NIC for tests of the driver, written from rtl/regs/REFERENCE.md and not from the driver.
//
// Behaviour without time: a doorbell is obeyed at once unless `hold_tx`; receive() puts one frame into posted buffers.
// It reads descriptors as of the driver's last write barrier. The knobs make it hold back, lie, fail or vanish. What
// the driver does against the reference is a line in the platform's `violations`.
#ifndef RINGSIDE_TESTBENCH_DRIVER_FAKE_NIC_H_
#define RINGSIDE_TESTBENCH_DRIVER_FAKE_NIC_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "driver/nic_regs.h"
#include "driver/pci.h"
#include "testbench/driver/fake_platform.h"

namespace ringside::testbench {

struct SentPacket {
  std::vector<uint8_t> bytes;                           // as in memory
  std::vector<driver::regs::TxDescriptor> descriptors;  // of data
  bool extended = false;
  driver::regs::TxExtension extension{};
  unsigned queue = 0;
};

class FakeNic : public driver::PciFunction {
 public:
  explicit FakeNic(FakePlatform& platform);

  // driver::PciFunction
  uint32_t config_read(uint16_t offset, unsigned bytes) override;
  void config_write(uint16_t offset, unsigned bytes, uint32_t value) override;
  uint32_t mmio_read32(unsigned bar, uint32_t offset) override;
  void mmio_write32(unsigned bar, uint32_t offset, uint32_t value) override;
  uint64_t mmio_read64(unsigned bar, uint32_t offset) override;
  void mmio_write64(unsigned bar, uint32_t offset, uint64_t value) override;
  uint64_t bar_bytes(unsigned bar) const override { return bar == 0 ? bar_size : 0; }

  // One frame from the wire, into the queue that RSS says. False: dropped for want of buffers, return entries, or
  // because receive is off.
  bool receive(const std::vector<uint8_t>& frame, uint16_t flags = 0);
  // A frame that was under way when the ring met its error or was turned off.
  void report_late(const std::vector<uint8_t>& frame);
  void process_tx(size_t packets = SIZE_MAX, unsigned queue = 0);  // what a doorbell has announced
  void write_status(unsigned queue = 0);                           // and interrupt, when armed
  void depart();                                                   // reports the time stamps that hold_stamps kept back
  void fail_tx(driver::regs::ErrorReason reason, unsigned queue = 0);
  void fail_rx(driver::regs::ErrorReason reason, unsigned queue = 0);
  void set_link(bool up);
  void send_message(unsigned vector);

  uint32_t reg(uint32_t address) const;
  uint16_t command() const;
  size_t writes_to(uint32_t address) const;  // how often the driver wrote it
  size_t reads_of(uint32_t address) const;
  uint32_t buffers(unsigned queue = 0) const { return queues_[queue].rx_prod - queues_[queue].rx_cons; }
  uint32_t tag(unsigned queue = 0) const { return queues_[queue].tag; }

  // Knobs.
  uint64_t bar_size = driver::regs::kBarBytes;
  uint32_t id = driver::regs::Id::kResetValue;
  uint32_t version = driver::regs::Version::kResetValue;
  unsigned queues = 1;
  uint32_t features = 0xFF00;  // all of them
  bool has_msix = true, has_msi = false, has_express = false;
  unsigned express_version = 2;  // of the capability
  bool function_reset_heals = true;   // takes never_stops, reset_never_ends and hold_tx away
  bool function_reset_kills = false;  // the function does not come back
  bool soft_reset_heals = false;      // takes hold_tx away
  unsigned vectors = 2;
  unsigned reset_takes_reads = 2;  // RESET.soft reads as one so many times
  uint64_t reset_takes_ns = 0;     // ... and for so long
  bool reset_never_ends = false;
  bool never_stops = false;  // running stays one
  bool hold_tx = false;      // doorbells are noted, nothing is sent
  bool hold_stamps = false;  // times of departure are reported by depart()
  bool hold_status = false;  // indices move, no status block is written
  bool lose_messages = false;
  bool stage_entries = false;  // return entries become visible at the next read barrier only
  bool damage_loopback = false;
  bool gone = false;  // surprise removal: all ones, no DMA
  std::function<void(driver::regs::ReturnEntry&)> corrupt_entry;
  std::function<void(driver::regs::StatusBlock&)> corrupt_status;
  std::function<void(uint32_t address)> before_write;  // called before a register write takes effect

  std::vector<SentPacket> sent;            // packets as the driver gave them
  std::vector<std::vector<uint8_t>> wire;  // frames as they leave: segmented, tagged
  uint64_t no_buffer = 0;
  unsigned function_resets = 0;

 private:
  struct QueueSet {
    uint32_t tx_prod = 0, tx_cons = 0;
    uint32_t rx_prod = 0, rx_cons = 0, ret_prod = 0, ret_cons = 0;
    bool tx_on = false, rx_on = false, tx_error = false, rx_error = false;
    uint32_t tag = 0, stamp_idx = 0;
    uint64_t stamp_ns = 0, status_base = 0;
    bool stamp_held = false;
    bool mask = true, auto_mask = false;
  };

  uint64_t wide(uint32_t address) const { return reg(address) | uint64_t{reg(address + 4)} << 32; }
  uint32_t entries(uint32_t size_register) const { return 1u << reg(size_register); }
  void violation(const std::string& text) { platform_.violations.push_back(text); }
  void lay_out_capabilities();
  void function_reset();
  void soft_reset();
  uint32_t read_queue(unsigned q, uint32_t address0, uint32_t offset);
  bool write_queue(unsigned q, uint32_t address0, uint32_t value);
  void write_tx_control(unsigned q, uint32_t value);
  void write_rx_control(unsigned q, uint32_t value);
  void write_int_control(unsigned q, uint32_t value);
  void check_setup(unsigned q, uint32_t address0);
  void rearm(unsigned q, uint32_t tag);
  void raise(uint32_t cause);
  void signal(unsigned q);

  // fake_nic_frames.cpp
  bool send_one(unsigned q);
  bool is_good(const SentPacket& packet);
  void emit(const SentPacket& packet);
  void put_on_wire(std::vector<uint8_t> frame, const SentPacket& packet);
  void stamp(unsigned q, uint32_t index);
  void put_piece(unsigned q, const std::vector<uint8_t>& frame, size_t offset, uint32_t bytes,
                 driver::regs::ReturnEntry entry);
  driver::regs::RxDescriptor rx_descriptor(unsigned q, uint32_t index);
  bool strip_vlan(std::vector<uint8_t>& frame, driver::regs::ReturnEntry& entry) const;
  bool hash(const std::vector<uint8_t>& frame, uint32_t& value) const;

  FakePlatform& platform_;
  std::array<uint8_t, 256> config_{};
  std::map<uint32_t, uint32_t> regs_;
  unsigned reset_reads_left_ = 0;
  uint64_t reset_at_ns_ = 0;
  std::array<QueueSet, driver::regs::kMaxQueues> queues_{};
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_DRIVER_FAKE_NIC_H_
