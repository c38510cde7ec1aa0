// Packets of several streams into one capture file, in the order of their times.
//
// Each stream comes in order, but one may be ahead of another: frames are told when they end and stamped with their
// start, and a NIC shell runs up to a quantum ahead. Packets wait here until nothing earlier can follow.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PACKET_MERGE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PACKET_MERGE_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "sc_model/sim_time.h"
#include "testbench/program/pcapng_writer.h"

namespace ringside::testbench {

class PacketMerge {
 public:
  static constexpr size_t kStreams = 2;  // one per interface
  struct Packet {
    sc_model::TimePs time_ps = 0;
    uint32_t flags = 0;  // as PcapngWriter::packet() takes them
    std::vector<uint8_t> bytes;
    std::string comment;  // empty: none
  };

  PacketMerge(const std::string& path, const std::array<CaptureInterface, kStreams>& interfaces);

  // An empty packet whose storage is used again; fill it and hand it to add().
  Packet fresh(sc_model::TimePs time_ps, uint32_t flags);
  void add(unsigned stream, Packet packet);
  void close();  // writes what waits
  const OutputFile& file() const { return writer_.file(); }

 private:
  // Longer than the longest frame lasts (9018 octets at 10 Gb/s are 7.3 us) and than any shell runs ahead.
  static constexpr sc_model::TimePs kHorizonPs = 10 * sc_model::kPsPerUs;
  void write_until(sc_model::TimePs time_ps);
  void write_first(unsigned stream);

  PcapngWriter writer_;
  std::array<std::deque<Packet>, kStreams> waiting_;
  std::vector<std::vector<uint8_t>> spare_;  // so that packets do not allocate
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PACKET_MERGE_H_
