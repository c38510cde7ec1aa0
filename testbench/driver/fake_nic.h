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
#include "testbench/driver/fake_platform.h"

namespace ringside::testbench {

struct SentPacket {
  std::vector<uint8_t> bytes;
  std::vector<driver::regs::TxDescriptor> descriptors;
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

  // One frame from the wire. False: dropped for want of buffers, return entries, or because receive is off.
  bool receive(const std::vector<uint8_t>& frame, uint16_t flags = 0);
  // A frame that was under way when the ring met its error or was turned off.
  void report_late(const std::vector<uint8_t>& frame);
  void process_tx(size_t packets = SIZE_MAX);   // what a doorbell has announced
  void write_status();                          // and interrupt, when armed
  void fail_tx(driver::regs::ErrorReason reason);
  void fail_rx(driver::regs::ErrorReason reason);
  void set_link(bool up);
  void send_message(unsigned vector);

  uint32_t reg(uint32_t address) const;
  uint16_t command() const;
  size_t writes_to(uint32_t address) const;     // how often the driver wrote it
  size_t reads_of(uint32_t address) const;
  uint32_t buffers() const { return rx_prod_ - rx_cons_; }
  uint32_t tag() const { return tag_; }

  // Knobs.
  uint64_t bar_size = driver::regs::kBarBytes;
  uint32_t id = driver::regs::Id::kResetValue;
  uint32_t version = driver::regs::Version::kResetValue;
  bool has_msix = true;
  unsigned vectors = 2;
  unsigned reset_takes_reads = 2;       // RESET.soft reads as one so many times
  uint64_t reset_takes_ns = 0;          // ... and for so long
  bool reset_never_ends = false;
  bool never_stops = false;             // running stays one
  bool hold_tx = false;                 // doorbells are noted, nothing is sent
  bool hold_status = false;             // indices move, no status block is written
  bool lose_messages = false;
  bool stage_entries = false;           // return entries become visible at the next read barrier only
  bool gone = false;                    // surprise removal: all ones, no DMA
  std::function<void(driver::regs::ReturnEntry&)> corrupt_entry;
  std::function<void(driver::regs::StatusBlock&)> corrupt_status;
  std::function<void(uint32_t address)> before_write;  // called before a register write takes effect

  std::vector<SentPacket> sent;
  uint64_t no_buffer = 0;

 private:
  uint32_t queue_reg(uint32_t address) const { return reg(address); }
  uint64_t wide(uint32_t address) const { return reg(address) | uint64_t{reg(address + 4)} << 32; }
  void violation(const std::string& text) { platform_.violations.push_back(text); }
  void soft_reset();
  void write_tx_control(uint32_t value);
  void write_rx_control(uint32_t value);
  void write_int_control(uint32_t value);
  void rearm(uint32_t tag);
  void raise(uint32_t cause);
  void signal();
  bool send_one();
  void put_piece(uint32_t index, const std::vector<uint8_t>& frame, size_t offset, uint32_t bytes, uint16_t flags);
  driver::regs::RxDescriptor rx_descriptor(uint32_t index);

  FakePlatform& platform_;
  std::array<uint8_t, 256> config_{};
  std::map<uint32_t, uint32_t> regs_;
  unsigned reset_reads_left_ = 0;
  uint64_t reset_at_ns_ = 0;
  uint32_t tx_prod_ = 0, tx_cons_ = 0;
  uint32_t rx_prod_ = 0, rx_cons_ = 0, ret_prod_ = 0, ret_cons_ = 0;
  bool tx_on_ = false, rx_on_ = false, tx_error_ = false, rx_error_ = false;
  uint32_t tag_ = 0;
  bool mask_ = true, auto_mask_ = false;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_DRIVER_FAKE_NIC_H_
