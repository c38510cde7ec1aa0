// Every TLP of one host as a line of text: time in ns, direction, the header in words, the first octets of the payload.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_TLP_LOG_H_
#define RINGSIDE_TESTBENCH_PROGRAM_TLP_LOG_H_

#include <string>

#include "sc_model/observer.h"
#include "testbench/program/output_file.h"

namespace ringside::testbench {

class TlpLog {
 public:
  explicit TlpLog(const std::string& path) : file_(path) {}
  // The observer for one host; lives as long as the log.
  sc_model::Observer& host(size_t index, const std::string& name);
  void close() { file_.close(); }
  const OutputFile& file() const { return file_; }

 private:
  class HostLog : public sc_model::Observer {
   public:
    void on_tlp(const sc_model::TlpEvent& event) override;
    TlpLog* log = nullptr;
    std::string name;
  };

  OutputFile file_;
  HostLog hosts_[2];
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_TLP_LOG_H_
