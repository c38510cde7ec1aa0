#include "testbench/bugs/bug.h"

namespace ringside::testbench {
namespace {

constexpr sc_model::Side kDevice = sc_model::Side::kDevice, kDriver = sc_model::Side::kDriver,
                         kHostModel = sc_model::Side::kHostModel;

void nasty(Scenario& demo) {
  for (HostParameters& host : demo.hosts) host.nasty = true;
}

void jumbo(Scenario& demo) {
  for (HostParameters& host : demo.hosts) host.nic.mtu_bytes = 9000;
}

void small_frames(Scenario& demo) {
  for (HostParameters& host : demo.hosts) host.nic.mtu_bytes = 576;
}

void large_return_ring(Scenario& demo) {
  small_frames(demo);
  demo.hosts[kReceives].nic.return_ring = 4096;
}

// The way to memory is slower than the wire, and every frame has a return entry.
void busy_port(Scenario& demo) {
  small_frames(demo);
  demo.hosts[kReceives].profile = "slow_and_far";
}

void small_rings(Scenario& demo) {
  demo.hosts[kReceives].nic.rx_ring = demo.hosts[kReceives].nic.return_ring = 256;
}

// A fast CPU rings for every packet.
void many_doorbells(Scenario& demo) {
  small_frames(demo);
  for (HostParameters& host : demo.hosts) host.nic.segmentation = false;
  demo.hosts[kSends].cpu_cost = 0.02;
}

// Less time than a stream lasts, more than from frame to frame.
void by_time_alone(Scenario& demo) {
  for (HostParameters& host : demo.hosts) {
    host.nic.coalescing.rx_frames = 0;
    host.nic.coalescing.rx_us = 2;
  }
}

// The k-th event of this kind at a host.
void fault(Scenario& demo, const char* kind, size_t host, uint64_t k) {
  FaultEntry entry;
  entry.kind = kind;
  entry.host = demo.hosts[host].name;
  entry.k = k;
  demo.fault.push_back(entry);
}

void failed_read(Scenario& demo) {
  fault(demo, "ur", kSends, 100);
}
void writes_change_places(Scenario& any) {
  fault(any, "write_overtaken", kReceives, 100);
}

}  // namespace

const std::vector<Bug>& all_bugs() {
  static const std::vector<Bug> kBugs = {
      {1, kDevice, kSends, "D1 D3", "a read that ends on a 4 KB boundary is followed by one that nobody asked for"},
      {3, kDevice, kReceives, "D7 D4", "a write that ends on a boundary goes on into what lies behind it"},
      {7, kDevice, kSends, "D6 P13 P15", "the first completion of a read counts as all of it", nasty},
      {9, kDevice, kSends, "P32", "a read that ended in an error counts as a good one", failed_read},
      {11, kDevice, kSends, "D6", "a slot that is used again looks done until its count is written"},
      {19, kDevice, kSends, "P6", "reads of up to 4096 bytes, whatever Max_Read_Request_Size says"},
      {25, kDriver, kReceives, "R14", "the upper half of a ring's address is never written"},
      {27, kDevice, kReceives, "D4 D7", "addresses of return entries do not count on over 64 KB", large_return_ring},
      {33, kDriver, kSends, "R2 R1", "a TX doorbell gives more entries than the ring has free"},
      {35, kDriver, kReceives, "R1", "a refill that ends at the ring's end counts one ring too many"},
      {37, kDriver, kReceives, "R2", "return entries of an earlier turn are taken for new ones"},
      {39, kDevice, kReceives, "D5 D10", "the producer index skips an entry at the end of a page of the ring"},
      {43, kDevice, kReceives, "D7", "a return entry lands one too far while the one before it is on its way",
       busy_port},
      {47, kDevice, kReceives, "D12", "the status block's indices are of two moments"},
      {49, kDevice, kReceives, "D9", "a return entry bears a cookie that no descriptor had"},
      {51, kDriver, kReceives, "R12", "no read barrier between the index and the entries it covers"},
      {53, kDriver, kSends, "R5", "no write barrier between the descriptors and the doorbell"},
      {57, kDevice, kSends, "D16", "a doorbell is not heard while the ring is at work", many_doorbells},
      {59, kDevice, kSends, "D1", "a doorbell soon after another takes a wrong value"},
      {61, kDriver, kReceives, "R7", "two doorbells change places on their way"},
      {63, kDevice, kReceives, "D3 D1", "a write to one half of a register hits the other half too"},
      {65, kDriver, kReceives, "R16", "a poll does not tell the NIC how far it has come in the return ring",
       small_rings},
      {67, kDriver, kReceives, "R8", "a buffer that could not be mapped is posted all the same"},
      {71, kDriver, kReceives, "R15", "a ring is freed while the NIC works on it"},
      {75, kDevice, kReceives, "I1 I2 I3 I6", "an interrupt soon after another is lost"},
      {77, kDevice, kReceives, "I4 I5 I7", "a message goes out twice"},
      {79, kDevice, kReceives, "I6 I3 I2 I1", "a re-arm with an old tag is taken as good"},
      {81, kDevice, kReceives, "I1 I2 I3 I6", "a re-arm in the moment of an event leaves the interrupt masked"},
      {83, kDriver, kReceives, "R13", "after the re-arm nobody looks again"},
      {85, kDevice, kReceives, "D5 I4", "the interrupt goes before the status block that it announces"},
      {87, kHostModel, kReceives, "P24", "a write to memory is overtaken by those behind it", writes_change_places},
      {89, kDevice, kReceives, "I1 I3", "each frame starts the interrupt timer again", by_time_alone},
      {107, kDevice, kSends, "E3", "the FCS goes out in the wrong order of octets"},
      {113, kDevice, kReceives, "E6", "short frames go out without padding"},
      {115, kDevice, kSends, "E3", "the CRC is not set back between frames that follow at once"},
      {119, kDevice, kSends, "E4", "the gap between frames is too short"},
      {121, kDevice, kReceives, "D11", "a frame of several buffers loses an octet", jumbo},
      {125, kDevice, kReceives, "E2", "padding shows octets of an earlier frame"},
      {129, kDriver, kSends, "R11", "buffers are unmapped before the NIC is done with them"},
      {131, kDevice, kReceives, "D17 D18", "a counter loses what happens while another is updated"},
      {139, kDevice, kSends, "D7 D10 D16", "the count of a packet's descriptors overflows at 16"},
  };
  return kBugs;
}

}  // namespace ringside::testbench
