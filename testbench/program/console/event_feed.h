// Turns what hosts, wire, checkers and packets tell into events in words, and keeps what is known of rings and reads
// under way. Passive, but for one thing: when the stepper wants to stop, it pauses the simulation.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_FEED_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_FEED_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/console/frame_order.h"
#include "testbench/program/console/stepper.h"
#include "testbench/program/journey_log.h"
#include "testbench/program/machine.h"
#include "testbench/program/nic_words.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

class EventFeed : public JourneyWatch {
 public:
  EventFeed(const Scenario& scenario, Stepper& stepper);

  // Before the simulation starts.
  void watch(Machine& machine, JourneyLog& journeys);
  // Between two sc_start(): tells what has become certain, and of rules broken.
  void settle();
  // When settle() has more to tell of frames; kNever: nothing is known to come.
  sc_model::TimePs next_settle() const { return frames_.next_at(); }
  // From here on nothing is told and nothing paused.
  void mute() { muted_ = true; }

  const NicWords& words(size_t host) const { return hosts_[host].words; }
  uint64_t last_write(size_t host, uint32_t address) const;  // of the CPU to a register by now; 0: none
  uint64_t frames_numbered() const { return frames_.numbered(); }
  size_t reads_under_way(size_t host) const { return hosts_[host].reads.count(); }
  uint64_t frames_sent(size_t host) const { return hosts_[host].sent; }
  uint64_t frames_arrived(size_t host) const { return hosts_[host].arrived; }  // at its NIC
  // A packet, under way or of the last thousands that have ended; null: neither.
  const Journey* packet(uint64_t id) const;
  uint64_t packets() const { return last_packet_; }

  // JourneyWatch
  void on_step(const Journey& journey, JourneyStep step, sc_model::TimePs at) override;
  void on_write_step(uint64_t write, JourneyStep step, sc_model::TimePs at) override;
  void on_closed(const Journey& journey) override;

 private:
  static constexpr size_t kClosed = 4096;
  struct Written {
    sc_model::TimePs at;  // may be to come: a CPU runs ahead
    uint64_t value;
  };
  struct HostWatch : sc_model::Observer {
    void on_tlp(const sc_model::TlpEvent& event) override { feed->tlp(*this, event); }
    void on_mmio(const sc_model::MmioEvent& event) override { feed->mmio(*this, event); }
    void on_interrupt(const sc_model::InterruptEvent& event) override { feed->interrupt(*this, event); }
    EventFeed* feed = nullptr;
    uint8_t index = 0;
    std::string name;
    NicWords words;
    std::map<uint32_t, std::deque<Written>> written;  // by address, in order of time
    std::bitset<256> reads;                           // of the NIC, by tag
    uint64_t sent = 0, arrived = 0;
  };
  struct WireWatch : sc_model::Observer {
    void on_frame(const sc_model::FrameEvent& event) override { feed->frame(event); }
    EventFeed* feed = nullptr;
  };

  void tlp(HostWatch& host, const sc_model::TlpEvent& event);
  void mmio(HostWatch& host, const sc_model::MmioEvent& event);
  void interrupt(HostWatch& host, const sc_model::InterruptEvent& event);
  void frame(const sc_model::FrameEvent& event);
  void tell_rules();
  void tell(ConsoleEvent event);
  void pause();

  Stepper& stepper_;
  FrameOrder frames_;
  std::array<HostWatch, 2> hosts_;
  WireWatch wire_;
  Machine* machine_ = nullptr;
  JourneyLog* journeys_ = nullptr;
  std::map<uint64_t, Journey> closed_;  // by id
  uint64_t last_packet_ = 0;
  size_t rules_told_ = 0;
  bool muted_ = false;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CONSOLE_EVENT_FEED_H_
