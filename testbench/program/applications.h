// Applications: threads on a host that use the socket calls as any program would, through descriptors, blocking.
//
// Threads: run() is the body of a thread of the host's CPU. The rest is read between two steps of the simulation.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_APPLICATIONS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_APPLICATIONS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "sc_model/host_cpu.h"
#include "testbench/program/host.h"
#include "testbench/program/scenario.h"
#include "testbench/program/sha256.h"

namespace ringside::testbench {

class Application {
 public:
  Application(Host& host, const ApplicationParameters& parameters) : host_(host), parameters_(parameters) {}
  virtual ~Application() = default;
  Application(const Application&) = delete;

  virtual void run(sc_model::CpuThread& thread) = 0;

  Host& host() const { return host_; }
  const ApplicationParameters& parameters() const { return parameters_; }
  std::string title() const { return host_.name() + " " + parameters_.kind; }  // "h0 send_file"
  const std::string& step() const { return step_; }                            // what it does now: "in connect()", ...
  uint64_t steps() const { return steps_; }                                    // changes when it gets on
  const std::string& error() const { return error_; }                          // why it gave up; empty: it did not
  uint64_t bytes() const { return bytes_; }                                    // written or read so far
  std::string sha256() const { return sha_.value(); }                          // of these
  uint64_t start_ns() const { return start_ns_; }
  uint64_t end_ns() const { return end_ns_; }  // 0: not yet

 protected:
  void enter_step(std::string step) {
    step_ = std::move(step);
    ++steps_;
  }
  bool check(const char* call, const stack::Result& result);  // false, and error() set, when it failed
  void count(const void* data, size_t bytes);
  uint64_t now_ns() const { return sc_model::sim_now_ps() / sc_model::kPsPerNs; }

  Host& host_;
  const ApplicationParameters parameters_;
  uint64_t start_ns_ = 0;
  uint64_t end_ns_ = 0;

 private:
  std::string step_ = "not started";
  uint64_t steps_ = 0;
  std::string error_;
  uint64_t bytes_ = 0;
  Sha256 sha_;
};

// Connects, writes a file, closes its direction, waits until the other side has closed too.
class FileSender : public Application {
 public:
  // Throws UsageError when the file cannot be read.
  FileSender(Host& host, const ApplicationParameters& parameters);
  ~FileSender() override;
  void run(sc_model::CpuThread& thread) override;

  const std::string& path() const { return path_; }
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  bool connect(sc_model::CpuThread& thread);
  stack::Result connect_once(stack::SystemCalls& calls);
  bool write_file(sc_model::CpuThread& thread);
  bool wait_for_close(sc_model::CpuThread& thread);

  std::string path_;
  int file_ = -1;
  uint64_t file_bytes_ = 0;
  int socket_ = -1;
};

// Listens, accepts one connection, reads it to its end.
class FileReceiver : public Application {
 public:
  using Application::Application;
  void run(sc_model::CpuThread& thread) override;

 private:
  bool accept(sc_model::CpuThread& thread);
  bool read_all(sc_model::CpuThread& thread);

  int listener_ = -1;
  int socket_ = -1;
};

// The application that the parameters describe.
std::unique_ptr<Application> make_application(Host& host, const ApplicationParameters& parameters);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_APPLICATIONS_H_
