// Two hosts with the verilated NIC, its driver on each, and a wire between them: for tests of driver and RTL together,
// without a stack. Frames are sent as they are and kept as they come.
//
//   NicPair pair(options);
//   pair.run([&](NicPair::Script& s) { s.send(0, frame); s.wait_until([&] { return s.end(1).received.size() == 1; });
//   });
//
// One pair per process (SystemC elaborates once). Rules broken and a script that does not end fail the test.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_NIC_PAIR_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_NIC_PAIR_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "driver/nic_driver.h"
#include "sc_model/ethernet_wire.h"
#include "sc_model/host_machine.h"

namespace ringside::testbench {

using Bytes = std::vector<uint8_t>;

struct NicPairOptions {
  unsigned width = 512;
  uint64_t seed = 1;
  bool nasty = false;   // completions split, reordered, writes late: all that is legal
  std::function<void(sc_model::HostProfile&)> tweak;  // of both hosts
  std::array<uint16_t, 6> credits{};  // receive buffers of both hosts: PH PD NPH NPD CPLH CPLD; zeros: the profile's
  bool narrow = false;  // host 1 sits on two lanes of the first generation, slower than the wire
  std::array<driver::NicConfig, 2> nic;
  std::set<std::string> provoked;  // rules that the script breaks on purpose: these have to fire, and no other
  size_t spare_rx_buffers = 1024;  // beside those that fill the rings
  NicPairOptions() {
    for (uint8_t i = 0; i < 2; ++i) nic[i].mac = {2, 0, 0, 0, 0, static_cast<uint8_t>(i + 1)};
  }
};

struct Received {
  Bytes bytes;
  stack::PacketMeta meta;
  uint64_t at_ns = 0;  // by the host's clock, in the poll
};

// One host: machine, driver, and the client that keeps what comes.
class NicEnd : public stack::NetDeviceClient {
 public:
  NicEnd(const std::string& name, const NicPairOptions& options, size_t index, sc_model::ViolationLog& log);
  ~NicEnd() override;
  void bring_up(sc_model::CpuThread& thread);
  // CPU held. The frame in pieces of at most `piece` bytes.
  stack::TxResult send(const Bytes& frame, const stack::PacketMeta& meta = {}, size_t piece = 4096);

  void receive(stack::Packet packet) override;
  void tx_wake() override { ++wakes; }
  void link_changed(bool) override {}
  void tx_departed(uint32_t id, uint64_t time_ns) override { departures.emplace_back(id, time_ns); }

  uint64_t counter(driver::regs::CounterId id);  // CPU held

  sc_model::HostMachine machine;
  stack::BufferPool rx_pool;
  stack::BufferPool tx_pool;

 private:
  std::unique_ptr<driver::NicDriver> owned_driver_;

 public:
  driver::NicDriver& driver;
  std::vector<Received> received;
  std::vector<std::pair<uint32_t, uint64_t>> departures;
  uint64_t wakes = 0;
  bool keep_bytes = true;
  bool up = false;
  driver::BringUp result = driver::BringUp::kNotFound;
};

class NicPair {
 public:
  // What a test's script may do. It runs as a thread of host 0 and holds that CPU but while it waits.
  class Script {
   public:
    Script(NicPair& pair, sc_model::CpuThread& thread) : pair_(pair), thread_(thread) {}
    NicEnd& end(size_t i) { return *pair_.ends_[i]; }
    void sleep_ns(uint64_t ns);
    // False when it does not hold within the limit.
    bool wait_until(const std::function<bool()>& condition, uint64_t limit_ns = 20'000'000);
    // Sends from host 0; waits while the driver is busy.
    void send(const Bytes& frame, const stack::PacketMeta& meta = {}, size_t piece = 4096);
    // Runs on the other host's CPU, to its end.
    void on_peer(const std::function<void(NicEnd&)>& body);
    // What the two NICs have dropped, for a test that misses something.
    std::string drops();
    void take_down();

   private:
    NicPair& pair_;
    sc_model::CpuThread& thread_;
  };

  explicit NicPair(const NicPairOptions& options);
  // Brings both up, runs the script, takes both down: every buffer must have come back. The simulation ends with it.
  void run(const std::function<void(Script&)>& script);
  NicEnd& end(size_t i) { return *ends_[i]; }
  sc_model::ObserverList& wire_observers() { return wire_observers_; }

 private:
  void judge();

  std::set<std::string> provoked_;
  sc_model::ViolationLog log_;
  sc_model::ObserverList wire_observers_;
  std::array<std::unique_ptr<NicEnd>, 2> ends_;
  std::unique_ptr<sc_model::EthernetWire> wire_;
};

// Frames between the two: TCP over IPv4 with right header checksum; the TCP checksum as `complete` says.
Bytes flow_frame(uint16_t source_port, size_t payload, uint32_t number, bool complete = true);
uint32_t number_of(const Bytes& frame);  // what flow_frame() was given

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_NIC_PAIR_H_
