// What passes between a host and its NIC, in the words of the map: registers by name, descriptors, return entries and
// status blocks by ring and index.
//
// Knows where the rings lie from the CPU's writes to their registers, so it must see all of them. Texts are short and
// in plain ASCII: they stand in waves, where room is scarce.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_NIC_WORDS_H_
#define RINGSIDE_TESTBENCH_PROGRAM_NIC_WORDS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "sc_model/observer.h"

namespace ringside::testbench {

// "TX_PROD_IDX[0]", or the offset when the map has no such register.
std::string register_name(uint32_t offset);

// One descriptor or entry as it lies in memory: "addr 0x1000 len 1514 eop csum".
std::string tx_descriptor_words(const uint8_t* entry);
std::string rx_descriptor_words(const uint8_t* entry);
std::string return_entry_words(const uint8_t* entry);
std::string status_block_words(const uint8_t* block);

class NicWords {
 public:
  static constexpr unsigned kQueues = 8;
  enum class Ring : uint8_t { kTx, kRx, kReturn, kStatus };
  struct RingPlace {
    uint64_t base = 0;
    uint32_t entries = 0;  // 0: not set up
  };
  // What a bus address belongs to.
  struct Place {
    Ring ring = Ring::kTx;
    unsigned queue = 0;
    uint32_t index = 0;  // in the ring, not free-running
  };

  void mmio(const sc_model::MmioEvent& event);
  // Feed all TLPs in order: to tlp(), which gives the text of this one, or to follow(), which only learns from it.
  void follow(const sc_model::TlpEvent& event);
  std::string tlp(const sc_model::TlpEvent& event);
  // After tlp(): what it carried of rings; empty when nothing.
  const std::string& descriptors() const { return descriptors_; }

  std::optional<Place> place_of(uint64_t bus_address) const;
  const RingPlace& ring(Ring ring, unsigned queue) const { return rings_[static_cast<size_t>(ring)][queue]; }

 private:
  std::string request(const sc_model::Tlp& tlp, bool to_device);
  std::string completion(const sc_model::Tlp& tlp, bool to_device);
  void look_into(const Place& place, const uint8_t* bytes, uint32_t count);

  std::array<std::array<RingPlace, kQueues>, 4> rings_{};
  std::array<std::optional<Place>, 256> asked_{};  // ring reads of the NIC by tag
  std::array<uint32_t, 256> asked_register_{};     // register reads of the CPU by tag
  std::string descriptors_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_NIC_WORDS_H_
