#include "testbench/sc_model/support/frame_rig.h"

namespace ringside::testbench {
namespace {

void put16(Octets& f, size_t at, uint32_t value) {
  f[at] = static_cast<uint8_t>(value >> 8);
  f[at + 1] = static_cast<uint8_t>(value);
}

void add(Octets& f, std::initializer_list<unsigned> octets) {
  for (unsigned o : octets) f.push_back(static_cast<uint8_t>(o));
}

void add_ip(Octets& f, const PacketMould& m, uint32_t l4_bytes) {
  if (m.version == 4) {
    const size_t ip = f.size();
    add(f, {0x40 | m.ip_words, 0, 0, 0, 0x12, 0x34, m.fragment / 256u, m.fragment % 256u, 64, m.protocol, 0, 0});
    add(f, {10, 0, 0, 2, 10, 0, 0, 1});
    f.resize(ip + 4 * m.ip_words, 1);
    put16(f, ip + 2, 4 * m.ip_words + l4_bytes);
    put16(f, ip + 10, ~sc_model::internet_sum(f.data() + ip, 4 * m.ip_words));
    return;
  }
  const uint32_t payload = l4_bytes + (m.extension ? 8 : 0);
  add(f, {0x60, 0, 0, 0, payload >> 8, payload & 0xFF, m.extension ? 60 : m.protocol, 64});
  for (unsigned i = 0; i < 32; ++i) f.push_back(static_cast<uint8_t>(i));
  if (m.extension) add(f, {m.protocol, 0, 1, 4, 0, 0, 0, 0});
}

uint64_t pseudo(const Octets& f, const PacketMould& m, uint32_t l4_bytes) {
  const size_t ip = 14 + 4 * m.tags;
  return uint64_t{m.version == 4 ? sc_model::internet_sum(f.data() + ip + 12, 8)
                                 : sc_model::internet_sum(f.data() + ip + 8, 32)} + m.protocol + l4_bytes;
}

uint32_t folded(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<uint32_t>(sum);
}

}  // namespace

Octets FrameRig::packet(const PacketMould& m) {
  Octets f = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
  for (unsigned i = 0; i < m.tags; ++i) add(f, {0x81, 0, 0x20, 5});
  add(f, {m.version == 4 ? 0x08u : 0x86u, m.version == 4 ? 0x00u : 0xDDu});
  const uint32_t header = m.protocol == 6 ? 4 * m.tcp_words : 8, l4_bytes = header + m.payload;
  add_ip(f, m, l4_bytes);
  const size_t l4 = f.size(), field = l4 + (m.protocol == 6 ? 16 : 6);
  f.resize(l4 + header, 0);
  put16(f, l4, 1000);
  put16(f, l4 + 2, 2000);
  if (m.protocol == 17) put16(f, l4 + 4, l4_bytes);
  if (m.protocol == 6) f[l4 + 12] = static_cast<uint8_t>(m.tcp_words << 4);
  for (unsigned i = 0; i < m.payload; ++i) f.push_back(static_cast<uint8_t>(3 * i + 1));
  const bool summed = m.protocol == 6 || m.protocol == 17;
  if (summed && !m.no_sum && m.fragment == 0) {
    if (m.sum_is >= 0) {  // the first payload word takes up the difference
      put16(f, l4 + header, 0);
      const uint32_t rest = folded(pseudo(f, m, l4_bytes) + sc_model::internet_sum(f.data() + l4, l4_bytes));
      put16(f, l4 + header, folded(uint64_t{~rest & 0xFFFFu} + (~static_cast<uint32_t>(m.sum_is) & 0xFFFFu)));
    }
    const uint32_t sum = ~folded(pseudo(f, m, l4_bytes) + sc_model::internet_sum(f.data() + l4, l4_bytes)) & 0xFFFF;
    put16(f, field, sum == 0 && m.protocol == 17 ? 0xFFFF : sum);
  }
  f.resize(f.size() + m.trailer, 7);
  if (f.size() < 60) f.resize(60, 0);
  return f;
}

}  // namespace ringside::testbench
