// XGMII as the standard draws it, octet by octet: builds and reads wire images for the MAC tests.
//
// Written from IEEE 802.3 sections 3.1-3.2, 46 and 81 alone and independent of the RTL (rule E12): the CRC here shifts
// bit by bit, most significant first; the RTL works reflected and a beat at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ringside::testbench {

struct Octet {
  uint8_t data = 0x07;
  bool control = true;
  bool operator==(const Octet& other) const { return data == other.data && control == other.control; }
};

inline constexpr Octet kIdle{0x07, true}, kStart{0xFB, true}, kTerminate{0xFD, true}, kError{0xFE, true};

using Frame = std::vector<uint8_t>;
using WireImage = std::vector<Octet>;

// CRC-32 register after the octets, most significant bit first form, initial value all ones, not complemented.
uint32_t crc32_register(const uint8_t* data, size_t size);
// The four FCS octets in the order of the wire.
Frame fcs_of(const Frame& frame);
// Padded with zeros to 60 octets, FCS behind.
Frame with_pad_and_fcs(Frame frame);

struct EncodeOptions {
  size_t preamble_octets = 6;  // of 55 between /S/ and SFD
  size_t start_step = 8;       // /S/ stands on a multiple of this
  size_t start_lane = 0;       // plus this
};
// Appends at least `gap` octets of idle (the octet of /T/ before counts too), then /S/, preamble, SFD, octets, /T/.
void append_frame(WireImage* image, const Frame& octets, size_t gap, const EncodeOptions& options = {});

// Appends frames at full rate: starts on multiples of 8, gaps of 12 octets on average by deficit idle count (clauses
// 46.3.1.4, 81.3.1.4). `deficit` is kept from frame to frame, 0 at first.
void append_at_line_rate(WireImage* image, const Frame& octets, size_t* deficit);

// What a receiver sees in a wire image.
struct DecodedFrame {
  Frame octets;                // with FCS
  size_t start = 0;            // place of /S/ in the image
  size_t gap = 0;              // octets from the /T/ before (it included) to this /S/
  bool preamble_good = false;  // exactly six 55 and D5
  bool fcs_good = false;
  bool terminated = false;  // ended by /T/, no control octet inside
};
std::vector<DecodedFrame> decode(const WireImage& image);

}  // namespace ringside::testbench
