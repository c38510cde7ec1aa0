// A driver played by hand: real host memory behind a real IOMMU, register accesses, barriers, and a device that gives
// back what it is told to. Behind it stands a DriverRingChecker. One queue set, rings of 8 entries.
//
//   DriverRig driver(log);        // up: rings on, 4 buffers of 256 bytes provided
//   driver.send();                // map, store, barrier, doorbell
//   driver.device_sends(1);       // the device reads it and the status block shows it
//   driver.reclaim();             // unmap
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_DRIVER_RIG_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_DRIVER_RIG_H_

#include <cstring>
#include <vector>

#include "driver/nic_regs.h"
#include "sc_model/check_ring_driver.h"

namespace ringside::testbench {

namespace regs = driver::regs;

class DriverRig {
 public:
  static constexpr uint32_t kBufferBytes = 256, kPacketBytes = 100, kEntries = 8;
  static constexpr uint64_t kMessage = 0xFEE0'1000;
  struct Block { uint8_t* cpu = nullptr; uint64_t bus = 0; uint64_t bytes = 0; };

  explicit DriverRig(sc_model::ViolationLog& log, bool bring_up = true, bool iommu_on = true)
      : iommu(memory, iommu_on, 1, "a.iommu", &log), checker("a.driver", settings, memory, iommu, accused, log) {
    settings.bus_master = true;
    iommu.set_judge(&checker);
    tx_ring = allocate(4096);
    rx_ring = allocate(4096);
    ret_ring = allocate(4096);
    status = allocate(64);
    if (bring_up) up();
  }

  // ---- what platform.h offers
  Block allocate(uint64_t bytes) {
    uint8_t* cpu = memory.allocate(bytes, !iommu.enabled());
    return map(cpu, bytes, sc_model::DmaAccess::kCoherent);
  }
  Block map(uint8_t* cpu, uint64_t bytes, sc_model::DmaAccess access) {
    const uint64_t bus = iommu.map(cpu, bytes, access);
    checker.on_map(tick(), cpu, bus, bytes, access);
    return {cpu, bus, bytes};
  }
  void unmap(const Block& block, sc_model::DmaAccess access) {
    checker.on_unmap(tick(), block.bus, block.bytes, access);
    iommu.unmap(block.bus, block.bytes, access, now);
  }
  void free(const Block& block) { unmap(block, sc_model::DmaAccess::kCoherent); }
  void write_barrier() { checker.on_write_barrier(tick()); }
  void read_barrier() { checker.on_read_barrier(tick()); }
  template <class Reg, class... At>
  void write(uint32_t value, At... at) { access(true, Reg::address(at...), value); }
  void write_wide(uint32_t offset, uint64_t value) {
    access(true, offset, static_cast<uint32_t>(value));
    access(true, offset + 4, static_cast<uint32_t>(value >> 32));
  }
  template <class Reg, class... At>
  void reads(uint32_t value, At... at) { access(false, Reg::address(at...), value); }

  // ---- the driver
  void up() {
    std::memset(tx_ring.cpu, 0xFF, 4096);
    std::memset(rx_ring.cpu, 0xFF, 4096);
    write_wide(regs::MsgAddr::address(1), kMessage);
    write_wide(regs::StatusBase::address(0), status.bus);
    write_wide(regs::TxBase::address(0), tx_ring.bus);
    write_wide(regs::RxBase::address(0), rx_ring.bus);
    write_wide(regs::RetBase::address(0), ret_ring.bus);
    write<regs::TxSize>(3, 0u);
    write<regs::RxSize>(3, 0u);
    write<regs::RetSize>(3, 0u);
    write<regs::TxControl>(1, 0u);
    write<regs::RxControl>(1, 0u);
    for (unsigned i = 0; i < 4; ++i) provide();
    write_barrier();
    write<regs::RxProdIdx>(4, 0u);
  }
  void provide() {
    uint8_t* cpu = memory.allocate(kBufferBytes);
    const Block block = map(cpu, kBufferBytes, sc_model::DmaAccess::kDeviceWrites);
    store_rx({block.bus, kBufferBytes, 0, static_cast<uint32_t>(rx.size())});
    rx.push_back(block);
  }
  void store_rx(const regs::RxDescriptor& d) { std::memcpy(rx_ring.cpu + 16 * (rx.size() % kEntries), &d, 16); }
  void store_tx(const regs::TxDescriptor& d) { std::memcpy(tx_ring.cpu + 16 * (tx_stored++ % kEntries), &d, 16); }
  Block packet(uint32_t bytes = kPacketBytes) {
    uint8_t* cpu = memory.allocate(bytes);
    std::memset(cpu, 0x55, bytes);
    tx.push_back(map(cpu, bytes, sc_model::DmaAccess::kDeviceReads));
    return tx.back();
  }
  regs::TxDescriptor descriptor(const Block& b, uint16_t flags = regs::tx_flags::kEop) const {
    return {b.bus, static_cast<uint16_t>(b.bytes), flags, 0, 0};
  }
  void post(uint16_t flags = regs::tx_flags::kEop) { store_tx(descriptor(packet(), flags)); }
  void doorbell() {
    write_barrier();
    write<regs::TxProdIdx>(tx_stored, 0u);
  }
  void send() {
    post();
    doorbell();
  }
  void arm() { write<regs::IntRearm>(tag, 0u); }  // with the last tag that the device has shown
  void reclaim(uint32_t index) { unmap(tx[index], sc_model::DmaAccess::kDeviceReads); }
  void take(uint32_t index) { unmap(rx[index], sc_model::DmaAccess::kDeviceWrites); }

  // ---- the device
  void dma(bool is_write, uint64_t bus, uint32_t bytes) {
    uint8_t* at = iommu.translate(bus, bytes, is_write, tick());
    checker.on_dma({now, is_write, bus, bytes, at == nullptr});
  }
  void show(uint32_t tx_cons, uint32_t ret_prod) {
    regs::StatusBlock b{};
    b.tag = ++tag;
    b.tx_cons_idx = tx_cons;
    b.rx_cons_idx = b.ret_prod_idx = ret_prod;
    std::memcpy(status.cpu, &b, sizeof b);
    dma(true, status.bus, sizeof b);
  }
  void device_sends(uint32_t cons) {
    for (; device_tx < cons; ++device_tx) {
      dma(false, tx_ring.bus + 16 * (device_tx % kEntries), 16);
      dma(false, tx[device_tx].bus, static_cast<uint32_t>(tx[device_tx].bytes));
    }
    show(device_tx, device_rx);
  }
  void device_receives(uint32_t frames = 1) {
    for (; frames > 0; --frames) dma(true, rx[device_rx++].bus, 64);
    show(device_tx, device_rx);
  }
  void message(uint64_t address = kMessage) { checker.on_interrupt({tick(), 0, address, 0}); }
  void wait_us(uint64_t us) {
    now += us * sc_model::kPsPerUs;
    checker.check_time(now);
  }

  sc_model::TimePs tick() { return now += 10'000; }

  sc_model::HostMemory memory{1 << 20, 1};
  sc_model::PcieSettings settings;
  sc_model::Accused accused;
  sc_model::Iommu iommu;
  sc_model::DriverRingChecker checker;
  sc_model::TimePs now = 0;
  Block tx_ring, rx_ring, ret_ring, status;
  std::vector<Block> tx, rx;
  uint32_t tx_stored = 0, device_tx = 0, device_rx = 0, tag = 0;

 private:
  void access(bool is_write, uint32_t offset, uint32_t value) {
    checker.on_mmio({tick(), is_write, regs::kBar, offset, 4, value});
  }
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_DRIVER_RIG_H_
