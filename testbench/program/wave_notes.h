// Transactions as signals of their own in the waves of a NIC: TLPs both ways, what they carry of the rings, accesses to
// registers, frames both ways, interrupts, each a string that stands from its begin to its end.
//
// Watches from the start of the run, because it must know where the rings lie; writes only while a file is attached.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_NOTES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_NOTES_H_

#include <array>
#include <cstdint>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/nic_words.h"
#include "testbench/program/scenario.h"
#include "testbench/program/wave_file.h"

namespace ringside::testbench {

class WaveNotes {
 public:
  explicit WaveNotes(const Scenario& scenario);

  sc_model::Observer& host(size_t index) { return hosts_[index]; }
  sc_model::Observer& wire() { return wire_; }
  // From now on what happens at this host's NIC is noted in the file, which gets the tracks. Before its first text.
  void attach(WaveFile& file, size_t host);
  void detach() { file_ = nullptr; }
  const NicWords& words(size_t host) const { return hosts_[host].words; }

 private:
  enum Track : uint8_t { kToNic, kFromNic, kDescriptors, kRegisters, kInterrupt, kSent, kReceived, kTracks };
  struct HostWatch : sc_model::Observer {
    void on_tlp(const sc_model::TlpEvent& event) override;
    void on_mmio(const sc_model::MmioEvent& event) override;
    void on_interrupt(const sc_model::InterruptEvent& event) override;
    WaveNotes* notes = nullptr;
    size_t index = 0;
    NicWords words;
  };
  struct WireWatch : sc_model::Observer {
    void on_frame(const sc_model::FrameEvent& event) override;
    WaveNotes* notes = nullptr;
  };

  void note(Track track, sc_model::TimePs from, sc_model::TimePs to, const std::string& words);
  bool wanted(size_t host) const { return file_ != nullptr && host == host_; }

  const sc_model::TimePs core_period_ps_;
  const uint32_t beat_bytes_;
  const double ps_per_octet_;  // on the wire
  WaveFile* file_ = nullptr;
  size_t host_ = 0;
  std::array<unsigned, kTracks> tracks_{};
  std::array<HostWatch, 2> hosts_;
  WireWatch wire_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_NOTES_H_
