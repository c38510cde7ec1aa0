// The digest of a run: XXH3 (128 bits) over every frame and every TLP with its time. Two runs with the same digest
// moved the same bytes at the same picoseconds.
//
// One state per stream (a host's TLPs of one direction, one direction of the wire before and behind its faults): within
// a stream the order is defined, between streams it is not (sc_model/observer.h). value() joins them in a fixed order.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_DIGEST_H_
#define RINGSIDE_TESTBENCH_PROGRAM_DIGEST_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "sc_model/observer.h"

struct XXH3_state_s;

namespace ringside::testbench {

class DigestStream {
 public:
  DigestStream();
  void add(uint64_t time_ps, const void* head, size_t head_bytes, const void* data, size_t data_bytes);
  uint64_t records() const { return records_; }
  std::array<uint64_t, 2> value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
  uint64_t records_ = 0;
};

// Watches the TLPs of one host.
class TlpDigest : public sc_model::Observer {
 public:
  void on_tlp(const sc_model::TlpEvent& event) override;
  const std::array<DigestStream, 2>& streams() const { return streams_; }

 private:
  std::array<DigestStream, 2> streams_;  // by TlpDirection
};

// Watches the wire.
class FrameDigest : public sc_model::Observer {
 public:
  void on_frame(const sc_model::FrameEvent& event) override;
  const std::array<DigestStream, 4>& streams() const { return streams_; }

 private:
  std::array<DigestStream, 4> streams_;  // by sender, then by FrameStage
};

class RunDigest {
 public:
  TlpDigest& host(unsigned i) { return hosts_[i]; }
  FrameDigest& wire() { return wire_; }
  std::string value() const;  // 32 hexadecimal digits

 private:
  std::array<TlpDigest, 2> hosts_;
  FrameDigest wire_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_DIGEST_H_
