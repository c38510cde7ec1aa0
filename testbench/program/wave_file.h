// Waves of one NIC as VCD: takes the text of the verilated model, leaves out what is not in the wanted scopes, adds
// notes (TLPs, descriptors, frames in words) as string variables of their own, and writes whole time steps.
//
// Order: the model's text comes in the order of time; a note may come up to kHoldPs late (a frame is known when its
//   last octet has passed, and stands at its first), so text is held back for so long.
// Errors: the constructor throws OutputError. A full disk ends the file behind the last whole time step; error() tells.
// Notes: `s<text> <code>` is the form that GTKWave and Surfer read; it ends at a blank, so blanks become '_'.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_FILE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sc_model/nic_model.h"
#include "testbench/program/output_file.h"

namespace ringside::testbench {

class WaveFile : public sc_model::WaveSink {
 public:
  static constexpr sc_model::TimePs kHoldPs = 10 * sc_model::kPsPerUs;

  // `scopes`: paths of instances below the top ("u_core.u_rx"), without generate blocks; what is in and below them is
  // kept. Empty: everything.
  WaveFile(const std::string& path, std::vector<std::string> scopes, sc_model::TimePs from_ps, sc_model::TimePs to_ps);

  // Before the first text: a variable of the scope `transactions`.
  unsigned add_track(const std::string& name);
  // Its value from `from` on, until `to` or the next one's begin; what stands when the window begins is its first
  // value.
  void note(unsigned track, sc_model::TimePs from, sc_model::TimePs to, const std::string& words);

  void text(const char* bytes, size_t count) override;
  // Nothing more comes: the rest is written, and the end of the window stands in the file, at `until_ps` at the latest.
  void close(sc_model::TimePs until_ps);
  // What is held goes to the disk, in a handler of a crash: allocates, so hope is all there is.
  void save_in_a_crash(sc_model::TimePs now);

  bool failed() const { return file_.failed(); }
  const std::string& error() const { return file_.error(); }
  const std::string& path() const { return file_.path(); }
  bool began() const { return began_; }  // a time step stands in the file

 private:
  struct Note {
    unsigned track;
    sc_model::TimePs to;
    std::string words;
  };

  void take_header();
  void header_line(std::string_view line);
  void enter_scope(std::string_view name);
  bool wanted() const;  // the scope that the header stands in
  void append_tracks();
  void take_steps(sc_model::TimePs before);
  void write_step(std::string_view step);
  void write_notes(sc_model::TimePs until);
  bool end_note(sc_model::TimePs until);
  void write_time(sc_model::TimePs at);
  void write_note(unsigned track, const std::string& words);
  void write_values(std::string_view lines);
  void put(std::string_view text) { file_.append(text.data(), text.size()); }

  OutputFile file_;
  const std::vector<std::string> scopes_;
  const sc_model::TimePs from_ps_, to_ps_;
  std::vector<std::string> tracks_;
  std::vector<std::string> first_words_;  // of each track, at the begin of the window
  std::vector<sc_model::TimePs> ends_;    // of each track: when what it shows ends
  std::multimap<sc_model::TimePs, Note> notes_;
  std::string held_;  // text not yet written, from the begin of a time step on
  bool in_header_ = true;
  bool began_ = false;               // the first time step stands in the file
  sc_model::TimePs written_ps_ = 0;  // of the last time step in the file
  std::vector<std::string> path_;    // the scopes that the header stands in, each as a path of instances
  std::vector<bool> wanted_codes_;
};

// The number behind a VCD code: its characters are digits to the base 94, the lowest first.
size_t code_number(std::string_view code);

// After a process died while it wrote: a file that ends inside a line is cut back to its last whole time step.
void cut_to_whole_steps(const std::string& path);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_FILE_H_
