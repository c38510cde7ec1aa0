#include "testbench/sc_model/support/nic_pair.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

constexpr uint32_t kRxBufferBytes = 2048;
constexpr uint32_t kTxBufferBytes = 4096;  // the longest packet in the fragments that a stack::Packet has
constexpr size_t kTxBuffers = 1024;
constexpr TimePs kLimitPs = 20'000 * kPsPerMs;

HostMachineConfig machine_config(const NicPairOptions& options, size_t index) {
  HostMachineConfig config;
  config.width = options.width;
  config.seed = Random(options.seed, index + 1).next();
  if (options.narrow && index == 1) config.profile.generation = 1, config.profile.lanes = 2;
  if (options.tweak) options.tweak(config.profile);
  if (options.credits[0] != 0) config.profile.credits = options.credits;
  if (options.nasty) config.profile = make_nasty(config.profile);
  return config;
}

// A queue that finds the pool empty would drop whatever comes to it.
size_t rx_buffers(const NicPairOptions& options, size_t index) {
  return options.nic[index].queues * options.nic[index].rings.rx + options.spare_rx_buffers;
}

uint8_t* memory_for(HostMachine& machine, size_t buffers, size_t bytes) {
  return machine.platform().allocate_memory(buffers * bytes);
}

}  // namespace

NicEnd::NicEnd(const std::string& name, const NicPairOptions& options, size_t index, ViolationLog& log)
    : machine(name, machine_config(options, index), log),
      rx_pool(memory_for(machine, rx_buffers(options, index), kRxBufferBytes), rx_buffers(options, index),
              kRxBufferBytes),
      tx_pool(memory_for(machine, kTxBuffers, kTxBufferBytes), kTxBuffers, kTxBufferBytes),
      owned_driver_(std::make_unique<driver::NicDriver>(machine.platform(), rx_pool, options.nic[index])),
      driver(*owned_driver_) {
  driver.set_client(this);
}

// A driver that still runs would take its NIC down here, by MMIO, when no simulation runs any more (E519). Only a
// script that failed leaves one: it stays, with the machine it points into.
NicEnd::~NicEnd() {
  if (driver.running()) static_cast<void>(owned_driver_.release());
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
    EXPECT_TRUE(packet.add_fragment(std::move(buffer), 0, static_cast<uint32_t>(part)));
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

uint64_t NicEnd::counter(driver::regs::CounterId id) {
  return driver.nic_counters()[static_cast<size_t>(id)];
}

// ---- the pair ----

NicPair::NicPair(const NicPairOptions& options) : provoked_(options.provoked) {
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
    steps.take_down();
    thread.leave();
    done = true;
    sc_core::sc_stop();
  });
  sc_core::sc_start(to_sc_time(kLimitPs));
  EXPECT_TRUE(done) << "the script does not end";
  judge();
}

void NicPair::judge() {
  std::set<std::string> fired;
  for (const Violation& v : log_.kept()) {
    fired.insert(v.rule);
    if (provoked_.count(v.rule) == 0) ADD_FAILURE() << to_string(v);
  }
  for (const std::string& rule : provoked_) EXPECT_EQ(fired.count(rule), 1u) << rule << " did not fire";
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

std::string NicPair::Script::drops() {
  std::string text;
  const auto add = [&](NicEnd& end) {
    const auto counts = end.driver.nic_counters();
    for (size_t c = 0; c < counts.size(); ++c)
      if (driver::regs::kCounters[c].is_drop && counts[c] != 0)
        text += std::string(" ") + driver::regs::kCounters[c].name + " " + std::to_string(counts[c]);
    text += ";";
  };
  add(end(0));
  on_peer(add);
  return text;
}

void NicPair::Script::take_down() {
  const auto remove = [](NicEnd& end) {
    end.driver.remove();
    EXPECT_EQ(end.rx_pool.free_count(), end.rx_pool.capacity());
    EXPECT_EQ(end.tx_pool.free_count(), end.tx_pool.capacity());
  };
  on_peer(remove);
  remove(end(0));
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

uint32_t number_of(const Bytes& frame) {
  return stack::load_be32(frame.data() + 38);
}

}  // namespace ringside::testbench
