// IPv4 addresses, prefixes and end points as types of their own. Values are in host byte order.
#ifndef RINGSIDE_STACK_ADDRESS_H_
#define RINGSIDE_STACK_ADDRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringside::stack {

struct Ipv4Address {
  uint32_t value = 0;

  constexpr bool is_any() const { return value == 0; }
  constexpr bool is_limited_broadcast() const { return value == 0xFFFFFFFFu; }
  constexpr bool is_multicast() const { return value >> 28 == 0xE; }
  constexpr bool is_reserved() const { return value >> 28 == 0xF; }  // class E, limited broadcast included
  constexpr bool is_loopback() const { return value >> 24 == 127; }
  // RFC 9293 MUST-46, MUST-57: what cannot be one end of a connection, whatever the interface's prefix.
  constexpr bool is_unicast() const { return value >> 24 != 0 && !is_multicast() && !is_reserved(); }
};
constexpr bool operator==(Ipv4Address a, Ipv4Address b) { return a.value == b.value; }
constexpr bool operator!=(Ipv4Address a, Ipv4Address b) { return a.value != b.value; }

constexpr Ipv4Address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return Ipv4Address{uint32_t{a} << 24 | uint32_t{b} << 16 | uint32_t{c} << 8 | d};
}

struct Ipv4Prefix {
  Ipv4Address address;  // of the host or network; bits behind the prefix are ignored by contains()
  uint8_t length = 0;   // 0..32

  constexpr uint32_t mask() const { return length == 0 ? 0 : 0xFFFFFFFFu << (32 - length); }
  constexpr bool contains(Ipv4Address other) const { return ((address.value ^ other.value) & mask()) == 0; }
  constexpr Ipv4Address broadcast() const { return Ipv4Address{address.value | ~mask()}; }
};

struct Endpoint {
  Ipv4Address address;
  uint16_t port = 0;
};
constexpr bool operator==(const Endpoint& a, const Endpoint& b) { return a.address == b.address && a.port == b.port; }
constexpr bool operator!=(const Endpoint& a, const Endpoint& b) { return !(a == b); }

// One connection as this host sees it.
struct FourTuple {
  Endpoint local;
  Endpoint remote;
};
constexpr bool operator==(const FourTuple& a, const FourTuple& b) { return a.local == b.local && a.remote == b.remote; }

// The same on every run: nothing of it depends on addresses of objects.
struct FourTupleHash {
  size_t operator()(const FourTuple& t) const {
    uint64_t x = uint64_t{t.remote.address.value} << 32 | uint32_t{t.remote.port} << 16 | t.local.port;
    x ^= uint64_t{t.local.address.value} * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 31) * 0xBF58476D1CE4E5B9u;
    return static_cast<size_t>(x ^ x >> 29);
  }
};

std::string to_string(Ipv4Address address);
std::string to_string(const Endpoint& endpoint);
std::optional<Ipv4Address> parse_ipv4(std::string_view text);  // dotted quad only

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ADDRESS_H_
