// Journeys of a run: puts the recorder together and hangs it on the machine. Made by `--journeys`; a run without it has
// none, and what the stack and the driver offer to a recorder costs a compare there.
//
// Passive: a run with it gives the same digest. Join before whoever wants its notes (the captures).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RECORDER_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RECORDER_H_

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/journey_host.h"
#include "testbench/program/journey_log.h"
#include "testbench/program/machine.h"
#include "testbench/program/packet_notes.h"
#include "testbench/program/scenario.h"

namespace ringside::testbench {

class JourneyRecorder : public sc_model::Observer, public PacketNotes {
 public:
  // Before the simulation starts. An empty folder: no files. Throws OutputError. The recorder must outlive the
  // simulation.
  JourneyRecorder(const Scenario& scenario, const std::string& folder, Machine& machine);
  ~JourneyRecorder() override;

  void on_frame(const sc_model::FrameEvent& event) override;
  // PacketNotes
  const std::string& frame_note() const override { return frame_note_; }
  const std::string& tlp_note(size_t host) const override { return hosts_[host]->note(); }

  // The first thing that could not be written; empty when all is well.
  std::string error() const;
  void close() { log_.close(); }
  const JourneyLog& log() const { return log_; }
  JourneyLog& log() { return log_; }

 private:
  void left(const sc_model::FrameEvent& event);
  void arrived(const sc_model::FrameEvent& event);
  uint64_t unknown(const sc_model::FrameEvent& event, const PacketHead& head);
  uint64_t copy_of(const Journey& journey);
  void give_up_old(unsigned sender, uint64_t number);

  JourneyLog log_;
  std::array<std::unique_ptr<JourneyHost>, 2> hosts_;
  struct OnWire {
    uint64_t number, id;
  };
  static constexpr uint64_t kFarBehind = 256;  // frames: the wire holds none back for longer
  Machine& machine_;
  std::array<std::deque<OnWire>, 2> on_wire_;  // by sender, in order of numbers
  std::string frame_note_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_RECORDER_H_
