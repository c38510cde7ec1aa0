// TLM-2.0 at the edges: a plain memory and a plain initiator, as any library has them, that know nothing of PCI Express.
// The initiator programs a NIC by loads and stores, the NIC copies by DMA from and to the memory.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <numeric>

#include "sc_model/tlm_ports.h"
#include "testbench/sc_model/support/run_log.h"
#include "testbench/sc_model/support/stand_in_nic.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

// ---------------------------------------------------------------- not a word of PCI Express up to the next line

class PlainMemory : public sc_core::sc_module {
 public:
  PlainMemory(sc_core::sc_module_name name, size_t bytes, sc_core::sc_time latency)
      : sc_module(name), socket("socket"), data(bytes), latency_(latency) {
    socket.register_b_transport(this, &PlainMemory::b_transport);
  }
  tlm_utils::simple_target_socket<PlainMemory> socket;
  std::vector<uint8_t> data;

 private:
  void b_transport(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) {
    delay += latency_;
    if (p.get_address() + p.get_data_length() > data.size())
      return p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    const unsigned char* enables = p.get_byte_enable_ptr();
    for (unsigned i = 0; i < p.get_data_length(); ++i) {
      if (enables != nullptr && enables[i % p.get_byte_enable_length()] == 0) continue;
      uint8_t& byte = data[p.get_address() + i];
      if (p.is_write()) byte = p.get_data_ptr()[i];
      else p.get_data_ptr()[i] = byte;
    }
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  sc_core::sc_time latency_;
};

class PlainInitiator : public sc_core::sc_module {
 public:
  PlainInitiator(sc_core::sc_module_name name, std::function<void(PlainInitiator&)> program)
      : sc_module(name), socket("socket") {
    sc_core::sc_spawn([this, program] { program(*this); }, "program");
  }
  tlm::tlm_response_status transfer(tlm::tlm_command command, uint64_t address, void* data, unsigned bytes) {
    tlm::tlm_generic_payload p;
    sc_core::sc_time delay(3, sc_core::SC_NS);
    p.set_command(command);
    p.set_address(address);
    p.set_data_ptr(static_cast<unsigned char*>(data));
    p.set_data_length(bytes);
    p.set_streaming_width(bytes);
    socket->b_transport(p, delay);
    sc_core::wait(delay);
    return p.get_response_status();
  }
  void store(uint64_t address, uint32_t value) {
    EXPECT_EQ(transfer(tlm::TLM_WRITE_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
  }
  uint32_t load(uint64_t address) {
    uint32_t value = 0;
    EXPECT_EQ(transfer(tlm::TLM_READ_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
    return value;
  }
  tlm_utils::simple_initiator_socket<PlainInitiator> socket;
};

// ---------------------------------------------------------------- the machine they are attached to

constexpr uint64_t kWindow = 0x10'0000'0000, kWindowBytes = 1 << 20;

// A host with the stand-in card. Firmware has placed BAR 0 and turned the card on before the initiator's program runs.
struct TlmHost {
  explicit TlmHost(uint64_t latency_ns, std::function<void(TlmHost&, PlainInitiator&)> program_in)
      : host("a", config(), log, std::make_unique<StandInNic>(64)),
        memory("memory", kWindowBytes / 2, sc_core::sc_time(static_cast<double>(latency_ns), sc_core::SC_NS)),
        memory_port("memory_port", host, kWindow, kWindowBytes), cpu_port("cpu_port", host),
        initiator("initiator", [this, program_in](PlainInitiator& i) {
          while (bar == 0) sc_core::wait(firmware_done);
          program_in(*this, i);
          ended = true;
        }) {
    memory_port.socket.bind(memory.socket);
    initiator.socket.bind(cpu_port.socket);
    host.observers().add(&events);
    host.cpu().spawn("firmware", [this](CpuThread& thread) { firmware(thread); });
  }
  static HostMachineConfig config() {
    HostMachineConfig c;
    c.profile = make_nasty(c.profile);
    return c;
  }
  void firmware(CpuThread& thread) {
    thread.enter();
    driver::PciFunction* nic = host.platform().find_function(0x1D9B, 0x0100, 0);
    nic->config_write(4, 2, 6);
    block = host.platform().dma_allocate(4096);
    flag = host.memory().physical(block.cpu);
    bar = host.platform().settings().bar0;
    thread.leave();
    firmware_done.notify();
  }
  // Stores of one copy job, as the card's manual has it; the card ends it with `done` written to RAM.
  void copy(PlainInitiator& i, uint64_t from, uint64_t to, uint32_t bytes, uint32_t done) {
    const uint32_t words[] = {uint32_t(from), uint32_t(from >> 32), uint32_t(to), uint32_t(to >> 32), bytes,
                              uint32_t(block.bus.value), uint32_t(block.bus.value >> 32), done};
    for (uint32_t k = 0; k < 8; ++k) i.store(bar + 0x10 + 4 * k, words[k]);
    i.store(bar + 0x30, 3);
  }
  void run_us(uint64_t us) {
    sc_core::sc_start(to_sc_time(us * kPsPerUs));
    EXPECT_TRUE(ended) << "the initiator's program does not end";
    for (const Violation& v : log.kept()) ADD_FAILURE() << to_text(v);
  }

  ViolationLog log;
  RunLog events;
  sc_core::sc_event firmware_done;
  uint64_t bar = 0, flag = 0;
  bool ended = false;
  driver::DmaBlock block{};
  HostMachine host;
  PlainMemory memory;
  TlmMemoryPort memory_port;
  TlmCpuPort cpu_port;
  PlainInitiator initiator;
};

TEST(Tlm, APlainInitiatorReachesRegistersAndMemory) {
  TlmHost rig(10, [](TlmHost& h, PlainInitiator& i) {
    EXPECT_EQ(i.load(h.bar), 0x474E4952u);
    i.store(h.bar + 4, 0x12345678);
    EXPECT_EQ(i.load(h.bar + 4), 0x12345678u);
    uint8_t pattern[100], back[100];
    std::iota(pattern, pattern + 100, uint8_t{1});
    EXPECT_EQ(i.transfer(tlm::TLM_WRITE_COMMAND, h.flag + 50, pattern, 100), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(i.transfer(tlm::TLM_READ_COMMAND, h.flag + 50, back, 100), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(std::memcmp(pattern, back, 100), 0);
    EXPECT_EQ(static_cast<uint8_t*>(h.block.cpu)[50], 1);
  });
  rig.run_us(200);
}

TEST(Tlm, WhatIsNotThereIsAnError) {
  TlmHost rig(10, [](TlmHost& h, PlainInitiator& i) {
    uint32_t word = 0;
    EXPECT_EQ(i.transfer(tlm::TLM_READ_COMMAND, 0x10, &word, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.transfer(tlm::TLM_READ_COMMAND, HostMemory::kHighRamEnd + 4, &word, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.load(h.bar), 0x474E4952u);
  });
  rig.run_us(200);
}

// Every byte goes through b_transport of the plain memory, at any alignment; nothing else of it changes.
TEST(Tlm, TheNicCopiesWithinAPlainMemory) {
  TlmHost rig(40, [](TlmHost& h, PlainInitiator& i) {
    h.copy(i, kWindow + 3, kWindow + 0x20005, 3000, 0xC0FFEE);
    for (int k = 0; k < 100 && i.load(h.flag) != 0xC0FFEE; ++k) sc_core::wait(1, sc_core::SC_US);
    EXPECT_EQ(i.load(h.flag), 0xC0FFEEu);
  });
  std::vector<uint8_t> expected(rig.memory.data.size());
  for (size_t k = 0; k < 8192; ++k) rig.memory.data[k] = expected[k] = static_cast<uint8_t>(k * 7 + k / 256);
  std::copy_n(expected.begin() + 3, 3000, expected.begin() + 0x20005);
  rig.run_us(400);
  EXPECT_EQ(rig.memory.data, expected);
  EXPECT_TRUE(rig.host.root().quiet());
}

// The order checker watches: what the NIC writes to RAM behind a slow plain memory is seen after what went there.
TEST(Tlm, ASlowMemoryHoldsUpWhatCameLater) {
  bool seen_early = false;
  TlmHost rig(2000, [&](TlmHost& h, PlainInitiator& i) {
    h.copy(i, kWindow, kWindow + 0x1000, 512, 0xC0FFEE);
    while (i.load(h.flag) != 0xC0FFEE) sc_core::wait(100, sc_core::SC_NS);
    seen_early = h.memory.data[0x11FF] != 0xAB;
  });
  std::fill_n(rig.memory.data.begin(), 512, uint8_t{0xAB});
  rig.run_us(400);
  EXPECT_FALSE(seen_early);
  EXPECT_GT(rig.events.dma.size(), 8u);
}

TEST(Tlm, AMemorysErrorIsUnsupportedRequest) {
  TlmHost rig(10, [](TlmHost& h, PlainInitiator& i) {
    h.copy(i, kWindow + kWindowBytes / 2, kWindow, 128, 0xC0FFEE);
    sc_core::wait(50, sc_core::SC_US);
    EXPECT_EQ(h.host.root().counters().unsupported, 2u);  // the card reads 128 bytes in two requests
    EXPECT_NE(h.events.dma.at(0).find("refused"), std::string::npos);
    EXPECT_EQ(i.load(h.bar), 0x474E4952u);
  });
  rig.run_us(400);
}

TEST(Tlm, TheWindowLiesAboveRam) {
  ViolationLog log;
  HostMachine host("a", HostMachineConfig{}, log, std::make_unique<StandInNic>(64));
  EXPECT_THROW(TlmMemoryPort("p", host, 0x1000'0000, 4096), std::invalid_argument);
  EXPECT_THROW(TlmMemoryPort("q", host, kWindow, 100), std::invalid_argument);
}

}  // namespace
}  // namespace ringside::testbench
