#include "testbench/sc_model/support/nic_pair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr uint32_t kBufferBytes = 2048;
constexpr size_t kTxBuffers = 2048;
constexpr TimePs kLimitPs = 20'000 * kPsPerMs;

HostMachineConfig machine_config(const NicPairOptions& options, size_t index) {
  HostMachineConfig config;
  config.width = options.width;
  config.seed = Random(options.seed, index + 1).next();
  if (options.nasty) config.profile = make_nasty(config.profile);
  return config;
}

uint8_t* memory_for(HostMachine& machine, size_t buffers) {
  return machine.platform().allocate_memory(buffers * kBufferBytes);
}

}  // namespace

NicEnd::NicEnd(const std::string& name, const NicPairOptions& options, size_t index, ViolationLog& log)
    : machine(name, machine_config(options, index), log),
      rx_pool(memory_for(machine, options.rx_buffers), options.rx_buffers, kBufferBytes),
      tx_pool(memory_for(machine, kTxBuffers), kTxBuffers, kBufferBytes),
      driver(machine.platform(), rx_pool, options.nic[index]) {
  driver.set_client(this);
}

void NicEnd::bring_up(CpuThread& thread) {
  thread.enter();
  result = driver.bring_up();
  thread.leave();
  while (result == driver::BringUp::kUp && !driver.link_up()) thread.sleep_ns(1'000);
  up = true;
}

stack::TxResult NicEnd::send(const Bytes& frame, const stack::PacketMeta& meta, size_t piece) {
  stack::Packet packet;
  for (size_t done = 0; done < frame.size();) {
    stack::BufferRef buffer = tx_pool.allocate();
    if (!buffer) return stack::TxResult::kBusy;
    const size_t part = std::min({frame.size() - done, piece, size_t{buffer.capacity()}});
    std::copy_n(frame.begin() + static_cast<long>(done), part, buffer.data());
    packet.add_fragment(std::move(buffer), 0, static_cast<uint32_t>(part));
    done += part;
  }
  packet.meta = meta;
  return driver.transmit(packet, false);
}

void NicEnd::receive(stack::Packet packet) {
  Received frame;
  if (keep_bytes) {
    frame.bytes.resize(packet.length());
    packet.copy_out(0, frame.bytes.data(), packet.length());
  }
  frame.meta = packet.meta;
  frame.at_ns = machine.platform().now_ns();
  received.push_back(std::move(frame));
}

uint64_t NicEnd::counter(driver::regs::CounterId id) { return driver.nic_counters()[static_cast<size_t>(id)]; }

// ---- the pair ----

NicPair::NicPair(const NicPairOptions& options) {
  for (size_t i = 0; i < 2; ++i) ends_[i] = std::make_unique<NicEnd>(i ? "b" : "a", options, i, log_);
  WireConfig wire;
  wire.gigabits_per_s = options.width == 512 ? 100 : 10;
  wire.delay_ps = 500 * kPsPerNs;
  wire.seed = options.seed;
  wire_ = std::make_unique<EthernetWire>("wire", wire, wire_observers_);
  for (unsigned port = 0; port < 2; ++port) connect(*wire_, port, ends_[port]->machine);
}

void NicPair::run(const std::function<void(Script&)>& script) {
  bool done = false;
  ends_[1]->machine.cpu().spawn("up", [this](CpuThread& thread) { ends_[1]->bring_up(thread); });
  ends_[0]->machine.cpu().spawn("script", [&](CpuThread& thread) {
    ends_[0]->bring_up(thread);
    while (!ends_[1]->up) thread.sleep_ns(1'000);
    thread.enter();
    EXPECT_EQ(ends_[0]->result, driver::BringUp::kUp) << to_string(ends_[0]->result);
    EXPECT_EQ(ends_[1]->result, driver::BringUp::kUp) << to_string(ends_[1]->result);
    Script steps(*this, thread);
    if (!::testing::Test::HasFailure()) script(steps);
    thread.leave();
    done = true;
    sc_core::sc_stop();
  });
  sc_core::sc_start(to_sc_time(kLimitPs));
  EXPECT_TRUE(done) << "the script does not end";
  for (const Violation& v : log_.kept()) ADD_FAILURE() << to_string(v);
}

void NicPair::Script::sleep_ns(uint64_t ns) {
  thread_.leave();
  thread_.sleep_ns(ns);
  thread_.enter();
}

bool NicPair::Script::wait_until(const std::function<bool()>& condition, uint64_t limit_ns) {
  const uint64_t end_ns = sim_now_ps() / kPsPerNs + limit_ns;
  while (!condition()) {
    if (sim_now_ps() / kPsPerNs >= end_ns) return false;
    sleep_ns(1'000);
  }
  return true;
}

void NicPair::Script::send(const Bytes& frame, const stack::PacketMeta& meta, size_t piece) {
  stack::TxResult result = stack::TxResult::kBusy;
  const auto sent = [&] { return (result = end(0).send(frame, meta, piece)) != stack::TxResult::kBusy; };
  EXPECT_TRUE(wait_until(sent, 200'000'000)) << "busy for ever";
  EXPECT_EQ(result, stack::TxResult::kSent);
}

void NicPair::Script::on_peer(const std::function<void(NicEnd&)>& body) {
  bool done = false;
  end(1).machine.cpu().spawn(sc_core::sc_gen_unique_name("peer"), [&](CpuThread& thread) {
    thread.enter();
    body(end(1));
    thread.leave();
    done = true;
  });
  EXPECT_TRUE(wait_until([&] { return done; }, 2'000'000'000));
}

// ---- frames ----

Bytes flow_frame(uint16_t source_port, size_t payload, uint32_t number, bool complete) {
  using namespace stack;
  constexpr uint32_t kTcp = 34, kPayload = 54;
  Bytes f(kPayload + std::max<size_t>(payload, 6));
  const uint8_t addresses[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  std::copy(std::begin(addresses), std::end(addresses), f.begin());
  store_be16(f.data() + 12, 0x0800);
  f[14] = 0x45;
  store_be16(f.data() + 16, static_cast<uint16_t>(f.size() - 14));
  f[22] = 64;
  f[23] = 6;
  store_be32(f.data() + 26, 0x0A000001);
  store_be32(f.data() + 30, 0x0A000002);
  ChecksumSum header;
  header.add(f.data() + 14, 20);
  store_be16(f.data() + 24, header.checksum());
  store_be16(f.data() + kTcp, source_port);
  store_be16(f.data() + kTcp + 2, 5001);
  store_be32(f.data() + kTcp + 4, number);
  f[kTcp + 12] = 0x50;
  f[kTcp + 13] = 0x10;
  for (size_t i = kPayload; i < f.size(); ++i) f[i] = static_cast<uint8_t>(i * 31 + number + source_port);
  ChecksumSum sum;
  const auto length = static_cast<uint16_t>(complete ? f.size() - kTcp : 0);
  sum.add_pseudo_header(ipv4(10, 0, 0, 1), ipv4(10, 0, 0, 2), 6, length);
  if (complete) sum.add(f.data() + kTcp, f.size() - kTcp);
  store_be16(f.data() + kTcp + 16, complete ? sum.checksum() : sum.folded());
  return f;
}

uint32_t number_of(const Bytes& frame) { return stack::load_be32(frame.data() + 38); }

}  // namespace ringside::testbench
