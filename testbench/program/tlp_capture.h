// Every TLP at the pins of both NICs as a capture file, on the clock of the wire capture; one interface per host.
//
// Link type: the public registry has none for PCI Express that says what a packet looks like (125 is set aside for one
//   company and readers show it as unknown), so it is LINKTYPE_USER0 (147), which readers leave to the user.
// A packet is a pseudo header of 8 octets, then the TLP as the PCI Express Base Specification draws it, byte 0 first:
//   header of 12 or 16 octets, then the payload octets that were there, whatever the Length field says. No digest.
//     octet 0     version of this layout: 1
//     octet 1     direction: 0 to the NIC, 1 from the NIC (the block's epb_flags say the same: inbound, outbound)
//     octets 2-3  picoseconds of the time stamp beyond its whole nanoseconds, big-endian
//     octets 4-5  number of the host in the scenario, from 0, big-endian
//     octets 6-7  zero
// Time: the core clock edge of the TLP's last beat. waves/tlp.lua shows such a file in words.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_TLP_CAPTURE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_TLP_CAPTURE_H_

#include <array>
#include <string>

#include "sc_model/observer.h"
#include "testbench/program/packet_merge.h"
#include "testbench/program/packet_notes.h"

namespace ringside::testbench {

class TlpCapture {
 public:
  // `link_bits_per_second` of each host: what its interface is said to carry.
  TlpCapture(const std::string& path, const std::array<std::string, 2>& hosts,
             const std::array<uint64_t, 2>& link_bits_per_second);

  sc_model::Observer& host(size_t index) { return hosts_[index]; }  // lives as long as the capture
  void set_notes(const PacketNotes* notes);  // comments; null: none
  void close() { packets_.close(); }
  const OutputFile& file() const { return packets_.file(); }

 private:
  class HostCapture : public sc_model::Observer {
   public:
    void on_tlp(const sc_model::TlpEvent& event) override;
    PacketMerge* packets = nullptr;
    uint16_t index = 0;
    const PacketNotes* notes = nullptr;
  };

  PacketMerge packets_;
  std::array<HostCapture, 2> hosts_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_TLP_CAPTURE_H_
