// TLM-2.0 sockets at the edges of a host, for models that know nothing of PCI Express:
//
//   TlmMemoryPort  initiator socket: the NIC's DMA to a window of bus addresses becomes b_transport to a plain memory
//   TlmCpuPort     target socket: a plain initiator reads and writes what the CPU's address space holds, that is RAM
//                  and the BARs; a BAR access becomes memory write and read TLPs
//
// Both: generic payload, blocking transport (IEEE 1666-2011, 14.1), byte enables, no DMI, no streaming. A target may
//   wait() and may annotate delay; both are kept. A memory's error is Unsupported Request for the NIC. One port of each
//   kind to a host; make them before the simulation starts.
// Order: what a plain memory has not taken yet holds up what the NIC sent later (root_foreign.cpp).
// Threads: TlmMemoryPort calls its target from a thread of its own, TlmCpuPort blocks the caller's.
#ifndef RINGSIDE_SC_MODEL_TLM_PORTS_H_
#define RINGSIDE_SC_MODEL_TLM_PORTS_H_

#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <deque>
#include <systemc>

#include "sc_model/foreign_memory.h"
#include "sc_model/host_machine.h"

namespace ringside::sc_model {

class TlmMemoryPort : public sc_core::sc_module, public ForeignMemory, private EventHandler {
 public:
  // Bus addresses base .. base + bytes - 1 are the memory's 0 .. bytes - 1. Whole 4 KiB pages, outside the IOMMU's range
  // and RAM; throws std::invalid_argument otherwise.
  TlmMemoryPort(sc_core::sc_module_name name, HostMachine& host, uint64_t base, uint64_t bytes);
  bool covers(uint64_t address) const override { return address - base_ < bytes_; }
  void access(bool write, uint64_t address, uint8_t* data, uint32_t bytes, uint8_t* enables, Done done) override;

  tlm_utils::simple_initiator_socket<TlmMemoryPort> socket;

 private:
  struct Access {
    bool write;
    uint64_t address;
    uint8_t* data;
    uint32_t bytes;
    uint8_t* enables;
    Done done;
    bool ok;
  };
  void run();
  void fire(uint64_t) override;

  Scheduler& scheduler_;
  const uint64_t base_, bytes_;
  std::deque<Access> waiting_, over_;
  sc_core::sc_event wake_;
};

class TlmCpuPort : public sc_core::sc_module {
 public:
  TlmCpuPort(sc_core::sc_module_name name, HostMachine& host);

  tlm_utils::simple_target_socket<TlmCpuPort> socket;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_response_status transfer(tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status memory(tlm::tlm_generic_payload& payload);
  void register_write(uint64_t address, const uint8_t* data, uint32_t bytes);
  bool register_read(uint64_t address, uint8_t* data, uint32_t bytes);

  HostMachine& host_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_TLM_PORTS_H_
