// The files of one run in its directory: all opened before the simulation starts, so that a wrong place is known at
// once, all closed and readable however it ends.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_RUN_FILES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_RUN_FILES_H_

#include <memory>
#include <string>

#include "testbench/program/capture.h"
#include "testbench/program/cli.h"
#include "testbench/program/journey_recorder.h"
#include "testbench/program/results.h"
#include "testbench/program/run_series.h"
#include "testbench/program/scenario.h"
#include "testbench/program/tlp_capture.h"
#include "testbench/program/tlp_log.h"

namespace ringside::testbench {

// Makes the directory that the files go to. Throws OutputError.
void make_folder(const RunOptions& options);
// The path of a file of waves/, which shows a file of the run; the front script says where the project lies.
std::string of_waves(const std::string& name);

class RunFiles {
 public:
  // Throws OutputError.
  RunFiles(const Scenario& scenario, const RunOptions& options);

  // Hangs everybody who writes on the machine, before the simulation starts; the files must outlive it. Throws
  // OutputError.
  void watch(const Scenario& scenario, const RunOptions& options, Machine& machine);
  // The first thing that could not be written so far; empty when all is well.
  std::string error() const;

  JourneyRecorder* journeys() { return journeys_.get(); }  // null: nobody asked for them
  void close_captures();
  void write_series(const RunSeries& series);  // of a run with --journeys
  void name_files(Results& results) const;
  // Last: the results themselves. False when they could not be written; the reason is then in error().
  bool write_results(const Results& results);

 private:
  std::unique_ptr<JourneyRecorder> journeys_;
  std::unique_ptr<WireCapture> capture_;
  std::unique_ptr<TlpLog> tlp_log_;
  std::unique_ptr<TlpCapture> tlp_capture_;
  std::unique_ptr<OutputFile> series_;
  std::unique_ptr<OutputFile> json_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_RUN_FILES_H_
