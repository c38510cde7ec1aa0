#include "testbench/rtl/mac/wire_codec.h"

namespace ringside::testbench {

uint32_t crc32_register(const uint8_t* data, size_t size) {
  uint32_t reg = 0xFFFFFFFFu;
  for (size_t i = 0; i < size; ++i) {
    for (int bit = 0; bit < 8; ++bit) {  // least significant bit of an octet is first on the wire
      const bool top = ((reg >> 31) ^ (data[i] >> bit)) & 1u;
      reg = (reg << 1) ^ (top ? 0x04C11DB7u : 0u);
    }
  }
  return reg;
}

Frame fcs_of(const Frame& frame) {
  const uint32_t crc = ~crc32_register(frame.data(), frame.size());
  Frame fcs(4, 0);
  for (int bit = 0; bit < 32; ++bit)  // coefficient of x^31 first
    if ((crc >> (31 - bit)) & 1u) fcs[bit / 8] |= static_cast<uint8_t>(1u << (bit % 8));
  return fcs;
}

Frame with_pad_and_fcs(Frame frame) {
  if (frame.size() < 60) frame.resize(60, 0);
  const Frame fcs = fcs_of(frame);
  frame.insert(frame.end(), fcs.begin(), fcs.end());
  return frame;
}

void append_frame(WireImage* image, const Frame& octets, size_t gap, const EncodeOptions& options) {
  const bool after_terminate = !image->empty() && *(image->end() - 1) == kTerminate;
  for (size_t i = after_terminate ? 1 : 0; i < gap; ++i) image->push_back(kIdle);
  while (image->size() % options.start_step != options.start_lane) image->push_back(kIdle);
  image->push_back(kStart);
  for (size_t i = 0; i < options.preamble_octets; ++i) image->push_back({0x55, false});
  image->push_back({0xD5, false});
  for (uint8_t octet : octets) image->push_back({octet, false});
  image->push_back(kTerminate);
}

void append_at_line_rate(WireImage* image, const Frame& octets, size_t* deficit) {
  append_frame(image, octets, 0);
  const size_t places = 8 + octets.size() + 12 + *deficit;  // from /S/ to the next one, less what does not fit
  for (size_t i = 8 + octets.size() + 1; i < places / 8 * 8; ++i) image->push_back(kIdle);
  *deficit = places % 8;
}

std::vector<DecodedFrame> decode(const WireImage& image) {
  std::vector<DecodedFrame> frames;
  size_t last_end = 0;
  for (size_t i = 0; i < image.size(); ++i) {
    if (!(image[i] == kStart)) continue;
    DecodedFrame frame;
    frame.start = i;
    frame.gap = i - last_end;
    frame.preamble_good = i + 7 < image.size() && image[i + 7] == Octet{0xD5, false};
    for (size_t k = 1; k < 7 && frame.preamble_good; ++k) frame.preamble_good = image[i + k] == Octet{0x55, false};
    for (i = i + 8; i < image.size() && !image[i].control; ++i) frame.octets.push_back(image[i].data);
    frame.terminated = i < image.size() && image[i] == kTerminate;
    last_end = i;
    frame.fcs_good = crc32_register(frame.octets.data(), frame.octets.size()) == 0xC704DD7Bu;  // residue, rule E3
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace ringside::testbench
