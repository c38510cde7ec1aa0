// Flow: which packets must stay in order among each other, as a number, so that each flow keeps to one TX queue.
//
// Addresses and ports of TCP and UDP over IPv4 and IPv6, behind up to two VLAN tags; IP fragments by addresses alone,
// so that all pieces of a datagram go the same way; everything else is one flow, 0. Not the hash of the NIC's RSS:
// nobody compares the two. Threads: none.
#ifndef RINGSIDE_DRIVER_FLOW_H_
#define RINGSIDE_DRIVER_FLOW_H_

#include <cstdint>

#include "stack/packet_buffer.h"

namespace ringside::driver {

// `packet` starts at its Ethernet header.
uint32_t flow_hash(const stack::Packet& packet);

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_FLOW_H_
