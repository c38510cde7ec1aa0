// Frames for tests: an Ethernet frame as bytes, and its XGMII words.
#ifndef RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAMES_H_
#define RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAMES_H_

#include <cstdint>
#include <vector>

#include "sc_model/frame_decoder.h"
#include "sc_model/xgmii.h"

namespace ringside::testbench {

// `length` octets without FCS, filled from `fill` on; the FCS is appended.
inline std::vector<uint8_t> make_frame(size_t length, uint8_t fill) {
  std::vector<uint8_t> bytes(length);
  for (size_t i = 0; i < length; ++i) bytes[i] = static_cast<uint8_t>(fill + i);
  const uint32_t fcs = sc_model::crc32(bytes.data(), bytes.size());
  for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(fcs >> (8 * i)));
  return bytes;
}

// Start character, preamble, SFD, the bytes, terminate character, idle to the end of the word, one more idle word.
inline std::vector<sc_model::XgmiiWord> frame_to_words(const std::vector<uint8_t>& bytes) {
  std::vector<std::pair<uint8_t, bool>> octets = {{sc_model::kXgmiiStart, true}};
  for (int i = 0; i < 6; ++i) octets.emplace_back(0x55, false);
  octets.emplace_back(0xD5, false);
  for (uint8_t b : bytes) octets.emplace_back(b, false);
  octets.emplace_back(sc_model::kXgmiiTerminate, true);
  while (octets.size() % 8 != 0) octets.emplace_back(sc_model::kXgmiiIdle, true);
  for (int i = 0; i < 8; ++i) octets.emplace_back(sc_model::kXgmiiIdle, true);
  std::vector<sc_model::XgmiiWord> words;
  for (size_t i = 0; i < octets.size(); i += 8) {
    sc_model::XgmiiWord word{0, 0};
    for (unsigned lane = 0; lane < 8; ++lane) {
      word.data |= static_cast<uint64_t>(octets[i + lane].first) << (8 * lane);
      word.control = static_cast<uint8_t>(word.control | octets[i + lane].second << lane);
    }
    words.push_back(word);
  }
  return words;
}

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_SC_MODEL_SUPPORT_FRAMES_H_
