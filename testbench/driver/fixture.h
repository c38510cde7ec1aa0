// What the driver tests share: a machine with one NIC and one driver, a client that keeps what it gets, packet makers.
#ifndef RINGSIDE_TESTBENCH_DRIVER_FIXTURE_H_
#define RINGSIDE_TESTBENCH_DRIVER_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "driver/nic_driver.h"
#include "testbench/driver/fake_nic.h"
#include "testbench/driver/fake_platform.h"

namespace ringside::testbench {

using Bytes = std::vector<uint8_t>;
namespace regs = driver::regs;

inline Bytes frame_of(size_t bytes, uint8_t first = 0) {
  Bytes frame(bytes);
  std::iota(frame.begin(), frame.end(), first);
  return frame;
}

inline Bytes bytes_of(const stack::Packet& packet) {
  Bytes bytes(packet.length());
  packet.copy_out(0, bytes.data(), packet.length());
  return bytes;
}

// Page-aligned memory cut into buffers, as the assembly of a host gives it to the driver.
class PagedPool {
 public:
  PagedPool(size_t count, uint32_t buffer_bytes, uint32_t skew_bytes = 0)
      : storage_(count * buffer_bytes + 2 * 4096), pool_(aligned(skew_bytes), count, buffer_bytes) {}
  stack::BufferPool& pool() { return pool_; }
  bool whole() const { return pool_.free_count() == pool_.capacity(); }

 private:
  uint8_t* aligned(uint32_t skew_bytes) {
    const auto start = reinterpret_cast<uintptr_t>(storage_.data());
    return storage_.data() + (4096 - start % 4096) % 4096 + skew_bytes;
  }
  Bytes storage_;
  stack::BufferPool pool_;
};

struct Client : stack::NetDeviceClient {
  void receive(stack::Packet packet) override {
    if (on_receive) on_receive();
    if (keep) kept.push_back(std::move(packet)); else frames.push_back(bytes_of(packet));
  }
  void receive_done() override { ++done; if (on_done) on_done(); }
  void tx_wake() override { ++wakes; if (on_wake) on_wake(); }
  void link_changed(bool up) override { links.push_back(up); }
  void tx_departed(uint32_t stamp_id, uint64_t time_ns) override { departures.emplace_back(stamp_id, time_ns); }

  bool keep = false;
  std::vector<stack::Packet> kept;
  std::vector<Bytes> frames;
  unsigned done = 0, wakes = 0;
  std::vector<bool> links;
  std::vector<std::pair<uint32_t, uint64_t>> departures;
  std::function<void()> on_wake, on_receive, on_done;
};

class DriverTest : public ::testing::Test {
 protected:
  DriverTest() {
    config.mac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};
    config.rings = {8, 8, 8};
  }

  // Every test ends by removal, and then nothing may be left, and nobody may have broken a rule.
  void TearDown() override {
    if (driver) driver->remove();
    EXPECT_EQ(machine.mappings(), 0u);
    EXPECT_EQ(machine.blocks(), 0u);
    EXPECT_EQ(machine.handles(), 0u);
    driver.reset();
    client.kept.clear();
    EXPECT_TRUE(rx.whole()) << "RX buffers are missing";
    EXPECT_TRUE(tx.whole()) << "TX buffers are missing";
    EXPECT_EQ(machine.violations, std::vector<std::string>{});
  }

  void make() {
    driver = std::make_unique<driver::NicDriver>(machine, rx.pool(), config);
    driver->set_client(&client);
  }
  void up() {
    make();
    ASSERT_EQ(driver->bring_up(), driver::BringUp::kUp);
    machine.run();
    machine.events.clear();
  }

  // A packet of one fragment, or of several with the lengths given, all in buffers of the TX pool.
  stack::Packet packet(const std::vector<uint32_t>& lengths, uint8_t first = 0) {
    stack::Packet made;
    for (const uint32_t length : lengths) {
      stack::BufferRef buffer = tx.pool().allocate();
      for (uint32_t i = 0; i < length; ++i) buffer.data()[i] = first++;
      made.add_fragment(std::move(buffer), 0, length);
    }
    return made;
  }
  stack::TxResult send(uint32_t bytes, bool more = false) {
    stack::Packet made = packet({bytes});
    return driver->transmit(made, more);
  }

  // Position of the n-th event of this kind at this address in the log, or npos.
  static constexpr size_t npos = SIZE_MAX;
  size_t find(FakePlatform::Kind kind, uint32_t address = 0, size_t from = 0) const {
    for (size_t i = from; i < machine.events.size(); ++i) {
      if (machine.events[i].kind == kind && machine.events[i].address == address) return i;
    }
    return npos;
  }
  size_t find_write(uint32_t address, size_t from = 0) const {
    return find(FakePlatform::Kind::kMmioWrite, address, from);
  }

  FakePlatform machine;
  FakeNic nic{machine};
  PagedPool rx{64, 2048};
  PagedPool tx{64, 2048};
  driver::NicConfig config;
  Client client;
  std::unique_ptr<driver::NicDriver> driver;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_DRIVER_FIXTURE_H_
