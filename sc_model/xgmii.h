// XGMII words (IEEE 802.3 clauses 46 and 81): 8 octets and 8 control bits, octet 0 in bits 7:0 and bit 0.
//
// Words travel with the time of their first octet; idle words (all 0x07 control) do not travel: silence is idle. A
// word takes kWord bits of line time: 6400 ps at 10 Gb/s, 640 ps at 100 Gb/s.
#ifndef RINGSIDE_SC_MODEL_XGMII_H_
#define RINGSIDE_SC_MODEL_XGMII_H_

#include <cstdint>

#include "sc_model/sim_time.h"

namespace ringside::sc_model {

struct XgmiiWord {
  uint64_t data = 0x0707070707070707ull;
  uint8_t control = 0xFF;
  bool idle() const { return control == 0xFF && data == 0x0707070707070707ull; }
  uint8_t octet(unsigned lane) const { return static_cast<uint8_t>(data >> (8 * lane)); }
  bool is_control(unsigned lane) const { return (control >> lane) & 1; }
};

constexpr uint8_t kXgmiiIdle = 0x07;
constexpr uint8_t kXgmiiStart = 0xFB;
constexpr uint8_t kXgmiiTerminate = 0xFD;
constexpr uint8_t kXgmiiError = 0xFE;
constexpr uint8_t kXgmiiSequence = 0x9C;

// Takes words whose first octet is on the medium at `first`; each following word is one word time later.
class XgmiiSink {
 public:
  virtual ~XgmiiSink() = default;
  virtual void receive(TimePs first, const XgmiiWord* words, unsigned count) = 0;
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_XGMII_H_
