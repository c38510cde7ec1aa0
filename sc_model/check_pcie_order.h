// The ordering rules between the NIC's pins and what memory and CPU see of it (2.4.1, table 2-40): P24 P25 P26 P38.
// At the pins everything has one order; each posted write must take effect in it, each read of memory and each answer
// to the CPU after the posted writes that came before it, and register accesses arrive as the CPU made them. Further
// what the host owes each single one: a message reaches the CPU (I1), once (I4), and a write within a 64-byte line
// takes effect at once (D12). The side at fault is the host model, which carries them. Passive.
#ifndef RINGSIDE_SC_MODEL_CHECK_PCIE_ORDER_H_
#define RINGSIDE_SC_MODEL_CHECK_PCIE_ORDER_H_

#include <array>
#include <deque>
#include <string>

#include "sc_model/check_pcie.h"
#include "sc_model/check_ring.h"

namespace ringside::sc_model {

class OrderChecker : public Observer {
 public:
  // `accused`: learns which writes were overtaken, so that nobody blames the device when they arrive late.
  OrderChecker(std::string object, const PcieSettings& settings, ViolationLog& log, Accused* accused = nullptr);
  void on_tlp(const TlpEvent& event) override;
  void on_dma(const DmaEvent& event) override;
  void on_interrupt(const InterruptEvent& event) override;
  void on_mmio(const MmioEvent& event) override;
  void check_time(TimePs now);  // I1, when nothing happens any more

 private:
  struct Posted {
    uint64_t serial, number, address;
    TimePs sent_ps;
    uint32_t bytes;
    bool message, relaxed;
  };
  struct Read {
    bool live = false;
    uint64_t address = 0;
    uint64_t after = 0;
  };  // `after`: posted writes before it
  void from_device(const TlpEvent& event);
  void to_device(const TlpEvent& event);
  void torn(const DmaEvent& event);
  void take_effect(TimePs now, uint64_t serial, uint64_t address, bool message);
  void forget_lost_messages(TimePs now, uint64_t number);
  void forget_message(TimePs at, const std::string& bound);
  std::deque<Posted>::iterator find_posted(uint64_t serial, uint64_t address, bool message);
  size_t sent_before(uint64_t number) const;  // of those not in effect yet
  Read* find_read(uint64_t address);
  void report(const char* rule, TimePs now, const std::string& why);

  std::string object_;
  const PcieSettings& settings_;
  ViolationLog& log_;
  Accused* accused_;
  std::deque<Posted> posted_;    // of the device, not in effect yet
  TimePs oldest_since_ps_ = 0;   // when the last one that was the oldest took effect
  uint64_t sent_ = 0;            // posted writes of the device at the pins
  std::array<Read, 256> reads_;  // of the device, by tag
  unsigned next_read_ = 0;
  std::array<Read, 256> answers_;  // of the device to register reads, by tag
  struct Written { uint64_t serial, address; };
  std::deque<Written> written_;    // the CPU's register writes, not at the pins yet
  EventHistory<10> history_;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_CHECK_PCIE_ORDER_H_
