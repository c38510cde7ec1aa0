// The wire as a capture file: every frame once, as it left its sender's port, on that port's interface.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_

#include <array>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/packet_merge.h"
#include "testbench/program/packet_notes.h"

namespace ringside::testbench {

class WireCapture : public sc_model::Observer {
 public:
  WireCapture(const std::string& path, const std::array<CaptureInterface, 2>& ports) : packets_(path, ports) {}

  void on_frame(const sc_model::FrameEvent& event) override;
  void set_notes(const PacketNotes* notes) { notes_ = notes; }  // comments; null: none
  void close() { packets_.close(); }
  const OutputFile& file() const { return packets_.file(); }

 private:
  PacketMerge packets_;
  const PacketNotes* notes_ = nullptr;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CAPTURE_H_
