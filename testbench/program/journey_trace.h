// Journeys as a Chrome trace (JSON array form) that ui.perfetto.dev and chrome://tracing open: a process per host and
// one for the wire, a track per place (application, TCP, ring, DMA, MAC, TLPs in each direction), a slice for what
// happens to a packet there, and a flow through all slices of one packet.
//
// Slices of one track must not overlap: a place where several packets are at once has lanes, up to kMostLanes; what
// finds none is not drawn, and its flow goes past. Times are whole nanoseconds. The file is a trace to its readers at
// every moment: both allow the closing bracket to be missing.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TRACE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TRACE_H_

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "testbench/program/journey.h"
#include "testbench/program/output_file.h"

namespace ringside::testbench {

class JourneyTrace {
 public:
  JourneyTrace(const std::string& path, const std::array<std::string, 2>& hosts, double gigabits_per_s);

  void journey(const Journey& journey);
  // A TLP at the pins of a NIC; `to_nic` its direction, `ps` how long it lasted, `what` in words.
  void tlp(unsigned host, bool to_nic, sc_model::TimePs end, sc_model::TimePs ps, std::string_view what);
  void close();
  const OutputFile& file() const { return file_; }

 private:
  static constexpr size_t kMostLanes = 48;
  static constexpr unsigned kWireProcess = 3;  // + sender
  enum class Track : unsigned {
    kWrite = 1,
    kTcpOut,
    kRingOut,
    kDmaOut,
    kMacOut,
    kTlpFrom,
    kTlpTo,
    kWire,
    kMacIn,
    kDmaIn,
    kRingIn,
    kTcpIn,
    kRead
  };
  struct Place {
    unsigned process;
    Track track;
  };
  struct Slice {
    Place place;
    sc_model::TimePs from, to;
  };

  void event(std::string_view text);
  void name_process(unsigned process, const std::string& name);
  unsigned lane(const Place& place, uint64_t from_ns, uint64_t to_ns);  // thread number; 0: none is free
  unsigned slice(const Slice& slice, std::string_view name);            // likewise
  void flow(const Journey& journey, const Place& place, unsigned thread, sc_model::TimePs at);
  void step(const Journey& journey, const Slice& slice, std::string_view name);
  void pins(const Journey& journey, const Place& place, sc_model::TimePs at);
  void outgoing(const Journey& journey, const std::string& name);
  void incoming(const Journey& journey, const std::string& name);
  void shared(const Journey& journey, const Slice& slice, const std::string& name);

  OutputFile file_;
  double ps_per_octet_;
  bool first_ = true;
  bool flowing_ = false;                                                  // the journey in hand has begun its flow
  std::map<std::pair<unsigned, unsigned>, std::vector<uint64_t>> lanes_;  // process and track: when each is free
  // Slices that several packets share (a write, a large packet, a read): the one drawn last on each track.
  struct Drawn {
    sc_model::TimePs from = 0, to = 0;
    unsigned thread = 0;
  };
  std::map<std::pair<unsigned, unsigned>, Drawn> drawn_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_JOURNEY_TRACE_H_
