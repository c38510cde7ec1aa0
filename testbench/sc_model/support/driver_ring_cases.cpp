// The driver breaks its rules; and the device breaks its own with memory, seen from the memory's side.
#include "testbench/sc_model/support/driver_rig.h"
#include "testbench/sc_model/support/rule_case.h"

namespace ringside::testbench {
namespace {

using sc_model::DmaAccess;
using sc_model::Side;
using sc_model::ViolationLog;
namespace flag = regs::tx_flags;

RuleCase driver(const char* rule, const char* name, void (*play)(DriverRig&)) {
  return {rule, Side::kDriver, name, [play](ViolationLog& log) {
            DriverRig rig(log);
            play(rig);
          }};
}
RuleCase device(const char* rule, const char* name, void (*play)(DriverRig&)) {
  RuleCase c = driver(rule, name, play);
  c.side = Side::kDevice;
  return c;
}
// From before the rings are on.
RuleCase set_up(const char* rule, const char* name, void (*play)(DriverRig&)) {
  return {rule, Side::kDriver, name, [play](ViolationLog& log) {
            DriverRig rig(log, false);
            play(rig);
          }};
}

void tx_base(DriverRig& d, uint64_t base) { d.write_wide(regs::TxBase::address(0), base); }

RuleCases index_cases() {
  return {
      driver("R1", "DoorbellFarOutOfRange", [](DriverRig& d) { d.write<regs::TxProdIdx>(1000, 0u); }),
      driver("R1", "ReturnConsumerFarOutOfRange", [](DriverRig& d) { d.write<regs::RetConsIdx>(1000, 0u); }),
      driver("R2", "MoreThanTheFreeEntries",
             [](DriverRig& d) {
               for (unsigned i = 0; i < 8; ++i) d.post();
               d.doorbell();
               d.write<regs::TxProdIdx>(9, 0u);
             }),
      driver("R2", "ReturnConsumerPastTheProducer", [](DriverRig& d) { d.write<regs::RetConsIdx>(1, 0u); }),
      driver("R3", "SameValueTwice",
             [](DriverRig& d) {
               d.send();
               d.write<regs::TxProdIdx>(1, 0u);
             }),
      driver("R4", "RingOff",
             [](DriverRig& d) {
               d.write<regs::TxControl>(0, 0u);
               d.send();
             }),
      driver("R7", "ProducerIndexGoesBack",
             [](DriverRig& d) {
               d.send();
               d.send();
               d.write<regs::TxProdIdx>(1, 0u);
             }),
      driver("R12", "EntryTakenWithoutAReadBarrier",
             [](DriverRig& d) {
               d.device_receives();
               d.take(0);
             }),
      driver("R12", "EntriesGivenBackWithoutAReadBarrier",
             [](DriverRig& d) {
               d.device_receives();
               d.write<regs::RetConsIdx>(1, 0u);
             }),
      driver("R13", "ReArmedWithATagNeverSeen", [](DriverRig& d) { d.write<regs::IntRearm>(5, 0u); }),
      driver("R16", "ReturnEntriesLeftLying",
             [](DriverRig& d) {
               d.device_receives(2);
               d.wait_us(21'000);
             }),
      set_up("R14", "BaseNotAligned",
             [](DriverRig& d) {
               tx_base(d, d.tx_ring.bus + 64);
               d.write<regs::TxControl>(1, 0u);
             }),
      set_up("R14", "UpperHalfNeverWritten",
             [](DriverRig& d) {
               d.write<regs::TxBase>(static_cast<uint32_t>(d.tx_ring.bus), 0u);
               d.write<regs::TxControl>(1, 0u);
             }),
      set_up("R14", "SizeNotLegal", [](DriverRig& d) { d.write<regs::TxSize>(2, 0u); }),
      driver("R14", "BaseChangedWhileOn", [](DriverRig& d) { d.write<regs::TxBase>(0x1000, 0u); }),
  };
}

RuleCases descriptor_cases() {
  return {
      driver("R5", "NoBarrierBeforeTheDoorbell",
             [](DriverRig& d) {
               d.post();
               d.write<regs::TxProdIdx>(1, 0u);
             }),
      driver("R5", "StoreBetweenBarrierAndDoorbell",
             [](DriverRig& d) {
               d.post();
               d.write_barrier();
               d.post();
               d.write<regs::TxProdIdx>(2, 0u);
             }),
      driver("R5", "NoBarrierBeforeTheDoorbellForBuffers",
             [](DriverRig& d) {
               d.provide();
               d.write<regs::RxProdIdx>(5, 0u);
             }),
      driver("R6", "DescriptorChangedAfterTheDoorbell",
             [](DriverRig& d) {
               d.send();
               ++d.tx_ring.cpu[8];
               d.device_sends(1);
             }),
      driver("R6", "PayloadChangedAfterTheDoorbell",
             [](DriverRig& d) {
               d.send();
               ++d.tx[0].cpu[99];
               d.device_sends(1);
             }),
      driver("R8", "BufferNotMapped",
             [](DriverRig& d) {
               d.store_tx({0x1234'5000, 64, flag::kEop, 0, 0});
               d.doorbell();
             }),
      driver("R8", "OneByteTooLong",
             [](DriverRig& d) {
               regs::TxDescriptor t = d.descriptor(d.packet());
               ++t.length;
               d.store_tx(t);
               d.doorbell();
             }),
      driver("R8", "MappedForTheOtherDirection",
             [](DriverRig& d) {
               d.store_tx(d.descriptor(d.rx[0]));
               d.doorbell();
             }),
      driver("R8", "LengthZero",
             [](DriverRig& d) {
               regs::TxDescriptor t = d.descriptor(d.packet());
               t.length = 0;
               d.store_tx(t);
               d.doorbell();
             }),
      driver("R8", "ReceiveBufferTooSmall",
             [](DriverRig& d) {
               const auto block = d.map(d.memory.allocate(256), 32, DmaAccess::kDeviceWrites);
               d.store_rx({block.bus, 32, 0, 4});
               d.write_barrier();
               d.write<regs::RxProdIdx>(5, 0u);
             }),
      driver("R9", "UnknownFlag",
             [](DriverRig& d) {
               d.post(flag::kEop | 0x4000);
               d.doorbell();
             }),
      driver("R9", "ExtensionFlagOnData",
             [](DriverRig& d) {
               d.post(flag::kEop | flag::kTso);
               d.doorbell();
             }),
      driver("R9", "PacketTooLong",
             [](DriverRig& d) {
               for (unsigned i = 0; i < 3; ++i) d.store_tx(d.descriptor(d.packet(4000), i == 2 ? flag::kEop : 0));
               d.doorbell();
             }),
      driver("R9", "ChecksumBehindThePacket",
             [](DriverRig& d) {
               regs::TxDescriptor t = d.descriptor(d.packet(), flag::kEop | flag::kCsum);
               t.csum_start = 90;
               t.csum_offset = 10;
               d.store_tx(t);
               d.doorbell();
             }),
      driver("R9", "ChecksumOnTheSecond",
             [](DriverRig& d) {
               d.post(0);
               d.post(flag::kEop | flag::kCsum);
               d.doorbell();
             }),
      driver("R9", "ExtensionInTheMiddle",
             [](DriverRig& d) {
               d.post(0);
               d.store_tx({0, 0, flag::kExtension, 0, 0});
               d.post();
               d.tx.insert(d.tx.begin() + 1, DriverRig::Block{});
               d.doorbell();
             }),
      driver("R10", "DoorbellInsideAPacket",
             [](DriverRig& d) {
               d.post(0);
               d.doorbell();
             }),
  };
}

RuleCases memory_cases() {
  return {
      driver("R11", "UnmappedBeforeItsCompletion",
             [](DriverRig& d) {
               d.send();
               d.reclaim(0);
             }),
      driver("R11", "DeviceUsesWhatTheDriverTookAway",
             [](DriverRig& d) {
               d.send();
               d.reclaim(0);
               d.dma(false, d.tx[0].bus, 64);
             }),
      driver("R11", "BufferTakenBeforeTheIndexShowsIt", [](DriverRig& d) { d.take(0); }),
      driver("R15", "BufferFreedBeforeTheRingIsQuiet",
             [](DriverRig& d) {
               d.write<regs::RxControl>(0, 0u);
               d.take(0);
             }),
      driver("R15", "RingFreedWhileOn", [](DriverRig& d) { d.free(d.tx_ring); }),
      device("D3", "ReadsWhatItHasGivenBack",
             [](DriverRig& d) {
               d.send();
               d.device_sends(1);
               d.dma(false, d.tx[0].bus, 64);
             }),
      device("D4", "WritesABufferThatNoDescriptorGave",
             [](DriverRig& d) {
               d.provide();
               d.dma(true, d.rx.back().bus, 64);
             }),
      device("D4", "WritesABufferThatWasTakenRightly",
             [](DriverRig& d) {
               d.device_receives();
               d.read_barrier();
               d.take(0);
               d.dma(true, d.rx[0].bus, 64);
             }),
      device("D4", "WritesNowhere", [](DriverRig& d) { d.dma(true, 0xF'FFFF'F000, 4); }),
      device("D3", "ReadsABufferToReceiveInto", [](DriverRig& d) { d.dma(false, d.rx[0].bus, 64); }),
  };
}

void work(DriverRig& d) {
  for (uint32_t i = 1; i <= 20; ++i) {
    d.send();
    d.device_sends(i);
    d.read_barrier();
    d.reclaim(i - 1);
    d.device_receives();
    d.message();
    d.read_barrier();
    d.take(i - 1);
    d.provide();
    d.write_barrier();
    d.write<regs::RetConsIdx>(i, 0u);
    d.write<regs::RxProdIdx>(4 + i, 0u);
    d.write<regs::IntRearm>(d.tag, 0u);
    d.read_barrier();
    d.wait_us(10);
  }
}

}  // namespace

RuleCases driver_ring_cases() {
  RuleCases all;
  for (const RuleCases& some : {index_cases(), descriptor_cases(), memory_cases()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

RuleCases legal_driver_cases() {
  return {
      driver("", "DriverWorks", work),
      {"", Side::kDriver, "DriverWorksWithoutIommu",
       [](ViolationLog& log) {
         DriverRig rig(log, true, false);
         work(rig);
       }},
      driver("", "TheNicDoesNotAnswerAndIsGivenUp",
             [](DriverRig& d) {
               d.device_receives(2);
               d.reads<regs::ErrorCause>(0xFFFFFFFF);
               d.wait_us(30'000);
             }),
      driver("", "StopsWaitsAndFrees",
             [](DriverRig& d) {
               d.send();
               d.write<regs::TxControl>(0, 0u);
               d.write<regs::RxControl>(0, 0u);
               d.reads<regs::TxState>(0, 0u);
               d.reads<regs::RxState>(0, 0u);
               d.reclaim(0);
               for (uint32_t i = 0; i < 4; ++i) d.take(i);
               for (const auto& block : {d.tx_ring, d.rx_ring, d.ret_ring, d.status}) d.free(block);
             }),
      driver("", "LooksAgainByReadingTheRegister",
             [](DriverRig& d) {
               for (uint32_t i = 1; i <= 4; ++i) {
                 d.device_receives();
                 d.message();
                 d.read_barrier();
                 d.take(i - 1);
                 d.write<regs::IntRearm>(d.tag, 0u);
                 d.reads<regs::RetProdIdx>(i, 0u);
                 d.wait_us(10);
               }
             }),
      driver("", "TheSamePacketTwiceInTheRing",
             [](DriverRig& d) {
               const DriverRig::Block first = d.packet();
               d.tx.push_back(d.map(first.cpu, first.bytes, DmaAccess::kDeviceReads));
               d.store_tx(d.descriptor(d.tx[0]));
               d.store_tx(d.descriptor(d.tx[1]));
               d.doorbell();
               d.device_sends(1);
               d.read_barrier();
               d.reclaim(0);
               d.device_sends(2);
               d.read_barrier();
               d.reclaim(1);
             }),
      driver("", "TheDriverGivesUpAndTurnsBusMasteringOff",
             [](DriverRig& d) {
               d.send();
               d.settings.bus_master = false;
               d.reclaim(0);
               d.free(d.tx_ring);
             }),
  };
}

}  // namespace ringside::testbench
