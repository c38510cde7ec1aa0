// The NIC shell round a stand-in NIC, in whole hosts: DMA and messages end to end, sleeping or not with the same
// result, trace of edges, recording and replay.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <numeric>

#include "sc_model/host_machine.h"
#include "testbench/sc_model/support/frames.h"
#include "testbench/sc_model/support/run_log.h"
#include "testbench/sc_model/support/stand_in_nic.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

// Two hosts with stand-in NICs and a wire; host a copies memory by DMA and sends the bytes as a frame, host b echoes
// it.
struct Pair {
  Pair(unsigned width, bool sleep, bool nasty = false)
      : a("a", config(width, sleep, nasty, 1), log, std::make_unique<StandInNic>(width, false)),
        b("b", config(width, sleep, nasty, 2), log, std::make_unique<StandInNic>(width, true)) {
    WireConfig w;
    w.gigabits_per_s = width == 64 ? 10 : 100;
    wire_observers.add(&wire_log);
    wire = std::make_unique<EthernetWire>("wire", w, wire_observers);
    connect(*wire, 0, a);
    connect(*wire, 1, b);
    a.observers().add(&a_log);
    b.observers().add(&b_log);
  }
  static HostMachineConfig config(unsigned width, bool sleep, bool nasty, uint64_t seed) {
    HostMachineConfig c;
    c.seed = seed;
    c.width = width;
    c.shell.sleep = sleep;
    c.shell.core_phase_ps = seed * 300;
    c.shell.mac_phase_ps = seed * 1100;
    if (nasty) c.profile = make_nasty(c.profile);
    return c;
  }
  void run_us(uint64_t us) { sc_core::sc_start(to_sc_time(us * kPsPerUs)); }

  ViolationLog log;
  ObserverList wire_observers;
  RunLog wire_log, a_log, b_log;
  HostMachine a, b;
  std::unique_ptr<EthernetWire> wire;
};

struct CopyJob {
  uint32_t bytes = 3000;
  uint8_t* source = nullptr;
  uint8_t* destination = nullptr;
  int interrupts = 0;
};

// The whole driver of the stand-in: copy `bytes`, raise the message, send the bytes on the wire.
void drive(Pair& pair, CopyJob& job, CpuThread& thread, int rounds) {
  thread.enter();
  SimPlatform& p = pair.a.platform();
  driver::PciFunction* nic = p.find_function(0x1D9B, 0x0100, 0);
  ASSERT_NE(nic, nullptr);
  nic->config_write(4, 2, 6);
  const driver::DmaBlock source = p.dma_allocate(8192), destination = p.dma_allocate(8192);
  job.source = static_cast<uint8_t*>(source.cpu);
  job.destination = static_cast<uint8_t*>(destination.cpu);
  WaitChannel done;
  const driver::MsiMessage m = p.irq_request([&] {
    ++job.interrupts;
    pair.a.cpu().wake_all(done);
  });
  const auto set_wide = [&](uint32_t at, uint64_t v) { nic->mmio_write64(0, at, v); };
  for (int i = 0; i < rounds; ++i) {
    std::iota(job.source, job.source + 8192, static_cast<uint8_t>(i));
    set_wide(0x10, source.bus.value + 3);
    set_wide(0x18, destination.bus.value + 1);
    nic->mmio_write32(0, 0x20, job.bytes);
    nic->mmio_write32(0, 0x24, static_cast<uint32_t>(m.address));
    nic->mmio_write32(0, 0x28, static_cast<uint32_t>(m.address >> 32));
    nic->mmio_write32(0, 0x2C, m.data);
    nic->mmio_write32(0, 0x30, 7);
    while (job.interrupts <= i) thread.block(done);
    EXPECT_EQ(std::memcmp(job.source + 3, job.destination + 1, job.bytes), 0);
    thread.leave();
    thread.sleep_ns(20'000 + 137 * static_cast<uint64_t>(i));
    thread.enter();
  }
  thread.leave();
}

using Case = std::tuple<unsigned, bool>;
class ShellEndToEnd : public ::testing::TestWithParam<Case> {};

TEST_P(ShellEndToEnd, DmaMessageAndWireWork) {
  Pair pair(std::get<0>(GetParam()), true, std::get<1>(GetParam()));
  CopyJob job;
  pair.a.cpu().spawn("driver", [&](CpuThread& t) { drive(pair, job, t, 3); });
  pair.run_us(300);
  EXPECT_TRUE(pair.a.cpu().all_threads_finished());
  EXPECT_EQ(job.interrupts, 3);
  EXPECT_EQ(pair.wire_log.delivered.size(), 6u);  // three there, three echoed
  for (const auto& frame : pair.wire_log.delivered) EXPECT_EQ(frame.size(), job.bytes);
  for (const Violation& v : pair.log.kept()) ADD_FAILURE() << to_string(v);
  EXPECT_TRUE(pair.a.root().quiet());
}

INSTANTIATE_TEST_SUITE_P(Widths, ShellEndToEnd,
                         ::testing::Combine(::testing::Values(64u, 512u), ::testing::Bool()));

// What one run leaves behind, as text, so that it can cross a process border.
std::string fingerprint(unsigned width, bool sleep, bool nasty) {
  Pair pair(width, sleep, nasty);
  CopyJob job;
  pair.a.cpu().spawn("driver", [&](CpuThread& t) { drive(pair, job, t, 4); });
  pair.run_us(400);
  std::string text;
  for (const RunLog* log : {&pair.a_log, &pair.b_log})
    for (const auto* list : {&log->to_device, &log->from_device, &log->interrupts, &log->mmio, &log->dma})
      for (const std::string& line : *list) text += line + "\n";
  for (const auto& frame : pair.wire_log.delivered) text += std::to_string(crc32(frame.data(), frame.size())) + "\n";
  for (const TimePs at : pair.wire_log.delivered_at) text += std::to_string(at) + "\n";
  text += "busy " + std::to_string(pair.a.cpu().busy_ps()) + "\n";
  text += "cycles " + std::to_string(pair.a.shell().core_cycles().total()) + " " +
          std::to_string(pair.b.shell().mac_cycles().total()) + "\n";
  EXPECT_EQ(pair.a.shell().core_cycles().skipped > 0, sleep);
  EXPECT_GT(pair.wire_log.delivered.size(), 4u);
  return text;
}

// SystemC elaborates once per process: the other run happens in a child.
std::string fingerprint_in_child(unsigned width, bool sleep, bool nasty) {
  int fd[2];
  if (pipe(fd) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = fingerprint(width, sleep, nasty);
    for (size_t at = 0; at < text.size();) {
      const ssize_t n = write(fd[1], text.data() + at, text.size() - at);
      if (n <= 0) break;
      at += static_cast<size_t>(n);
    }
    _exit(0);
  }
  close(fd[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(n));
  close(fd[0]);
  waitpid(child, nullptr, 0);
  return text;
}

class SleepEquality : public ::testing::TestWithParam<Case> {};

TEST_P(SleepEquality, SameBytesAtTheSameTimesWithAndWithoutSleep) {
  const auto [width, nasty] = GetParam();
  const std::string awake = fingerprint_in_child(width, false, nasty);
  const std::string asleep = fingerprint(width, true, nasty);
  ASSERT_GT(awake.size(), 1000u);
  EXPECT_EQ(awake, asleep);
}

INSTANTIATE_TEST_SUITE_P(Widths, SleepEquality,
                         ::testing::Combine(::testing::Values(64u, 512u), ::testing::Bool()));

// Whatever the receiver's phase, its edges see the words once, in order, without holes, each where its time says.
TEST(ShellXgmii, EveryPhaseOfTheReceiverSeesTheSameWords) {
  constexpr TimePs kPeriod = 5120, kWord = 640;
  const auto words = frame_to_words(make_frame(1000, 1));
  for (TimePs phase = 0; phase < kPeriod; phase += 80) {
    StandInNic nic(512, false);
    ShellXgmiiPort port(nic, kPeriod);
    const TimePs first = 100'000 + phase;
    port.receive(first, words.data(), static_cast<unsigned>(words.size()));
    std::vector<XgmiiWord> seen;
    for (TimePs edge = 20 * kPeriod; edge < 60 * kPeriod; edge += kPeriod) {
      port.drive_inputs(edge);
      for (unsigned slot = 0; slot < 8; ++slot) {
        XgmiiWord word;
        std::memcpy(&word.data, nic.pins().xgmii_rxd + 8 * slot, 8);
        word.control = nic.pins().xgmii_rxc[slot];
        if (word.idle() && (seen.empty() || seen.size() >= words.size() - 1)) continue;
        if (seen.empty()) {
          EXPECT_EQ(slot, (first + kPeriod - edge) / kWord) << phase;
          EXPECT_LT(first, edge);
          EXPECT_GE(first, edge - kPeriod);
        }
        seen.push_back(word);
      }
    }
    ASSERT_EQ(seen.size(), words.size() - 1) << phase;  // the last of them is idle
    for (size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i].data, words[i].data) << phase << " word " << i;
  }
}

// The checkers are wired to what happens at the pins, and --no-check takes them off.
TEST(Shell, CheckersSeeThePinsUnlessTheyAreTurnedOff) {
  ViolationLog log;
  HostMachineConfig config = Pair::config(64, true, false, 1);
  HostMachine checked("a", config, log, std::make_unique<StandInNic>(64));
  config.check = false;
  HostMachine unchecked("b", config, log, std::make_unique<StandInNic>(64));
  TlpPool pool;
  const TlpPtr nobody_asked = make_memory_read(pool, PciId::of(1, 0, 0), 5, 0x1000, 4);
  for (HostMachine* host : {&checked, &unchecked})
    host->link().send(make_completion_data(pool, RootComplex::kRequesterId, *nobody_asked, 0x1000, 4, 4));
  sc_core::sc_start(to_sc_time(10 * kPsPerUs));
  ASSERT_EQ(log.count(), 1u);
  EXPECT_EQ(log.kept()[0].rule, "P16");
  EXPECT_EQ(log.kept()[0].side, Side::kHostModel);
  EXPECT_NE(log.kept()[0].object.find("a.nic"), std::string::npos);
}

TEST(Shell, SleepsMostOfAQuietRun) {
  Pair pair(64, true);
  pair.run_us(1000);
  EXPECT_LT(pair.a.shell().core_cycles().run, 500u);
  EXPECT_EQ(pair.a.shell().core_cycles().total(), 250'000u);
}

TEST(Shell, FoldsFallingEdgesIntoOtherEvals) {
  Pair pair(64, false);
  pair.run_us(100);
  const uint64_t rises = pair.a.shell().core_cycles().run + pair.a.shell().mac_cycles().run;
  EXPECT_LT(pair.a.shell().evals(), rises * 5 / 4);  // two evals per cycle of each clock would be twice the rises
}

TEST(Shell, ARecordingReplaysTheSameEvals) {
  Pair pair(64, true);
  CopyJob job;
  pair.a.shell().start_recording(64 << 20);
  pair.a.cpu().spawn("driver", [&](CpuThread& t) { drive(pair, job, t, 2); });
  pair.run_us(200);
  const NicRecording& recording = *pair.a.shell().recording();
  EXPECT_FALSE(recording.full());
  EXPECT_EQ(recording.evals(), pair.a.shell().evals());
  StandInNic fresh(64, false), again(64, false);
  EXPECT_EQ(recording.replay(fresh), recording.replay(again));
  EXPECT_EQ(fresh.evals, pair.a.shell().evals());
  EXPECT_TRUE(fresh.engine().idle());
}

}  // namespace
}  // namespace ringside::testbench
