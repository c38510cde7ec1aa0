#include "testbench/program/stack_counts.h"

namespace ringside::testbench {
namespace {

template <typename Counters>
struct Named {
  const char* name;
  uint64_t Counters::*value;
};

// Names that start with drop_ are drops.
template <typename Counters, size_t kCount>
void add(std::vector<StackCount>& counts, const std::string& layer, const Named<Counters> (&names)[kCount],
         const Counters& counters) {
  static_assert(sizeof(Counters) == kCount * sizeof(uint64_t), "a counter without a name");
  for (const Named<Counters>& n : names) {
    const std::string name = n.name;
    counts.push_back({layer + "." + name, counters.*n.value, name.rfind("drop_", 0) == 0});
  }
}

constexpr Named<stack::InterfaceCounters> kEthernetNames[] = {
    {"tx_packets", &stack::InterfaceCounters::tx_packets},
    {"tx_bytes", &stack::InterfaceCounters::tx_bytes},
    {"rx_packets", &stack::InterfaceCounters::rx_packets},
    {"rx_bytes", &stack::InterfaceCounters::rx_bytes},
    {"tx_busy", &stack::InterfaceCounters::tx_busy},
    {"tx_linearized", &stack::InterfaceCounters::tx_linearized},
    {"drop_egress_full", &stack::InterfaceCounters::drop_egress_full},
    {"drop_device", &stack::InterfaceCounters::drop_device},
    {"drop_link_down", &stack::InterfaceCounters::drop_link_down},
    {"drop_no_buffer", &stack::InterfaceCounters::drop_no_buffer},
    {"drop_runt", &stack::InterfaceCounters::drop_runt},
    {"drop_wrong_mac", &stack::InterfaceCounters::drop_wrong_mac},
    {"drop_wrong_vlan", &stack::InterfaceCounters::drop_wrong_vlan},
    {"drop_unknown_type", &stack::InterfaceCounters::drop_unknown_type},
};
constexpr Named<stack::ArpCounters> kArpNames[] = {
    {"requests_sent", &stack::ArpCounters::requests_sent},
    {"replies_sent", &stack::ArpCounters::replies_sent},
    {"requests_received", &stack::ArpCounters::requests_received},
    {"replies_received", &stack::ArpCounters::replies_received},
    {"drop_malformed", &stack::ArpCounters::drop_malformed},
    {"drop_not_for_us", &stack::ArpCounters::drop_not_for_us},
    {"drop_bad_sender", &stack::ArpCounters::drop_bad_sender},
    {"drop_waiting_full", &stack::ArpCounters::drop_waiting_full},
    {"drop_unresolved", &stack::ArpCounters::drop_unresolved},
    {"evicted", &stack::ArpCounters::evicted},
};
constexpr Named<stack::Ipv4Counters> kIpNames[] = {
    {"received", &stack::Ipv4Counters::received},
    {"delivered", &stack::Ipv4Counters::delivered},
    {"sent", &stack::Ipv4Counters::sent},
    {"forwarded", &stack::Ipv4Counters::forwarded},
    {"fragments_sent", &stack::Ipv4Counters::fragments_sent},
    {"drop_header", &stack::Ipv4Counters::drop_header},
    {"drop_checksum", &stack::Ipv4Counters::drop_checksum},
    {"drop_source", &stack::Ipv4Counters::drop_source},
    {"drop_not_local", &stack::Ipv4Counters::drop_not_local},
    {"drop_no_route", &stack::Ipv4Counters::drop_no_route},
    {"drop_ttl", &stack::Ipv4Counters::drop_ttl},
    {"drop_too_big", &stack::Ipv4Counters::drop_too_big},
    {"drop_protocol", &stack::Ipv4Counters::drop_protocol},
    {"drop_no_buffer", &stack::Ipv4Counters::drop_no_buffer},
};
constexpr Named<stack::ReassemblyCounters> kReassemblyNames[] = {
    {"fragments", &stack::ReassemblyCounters::fragments},
    {"completed", &stack::ReassemblyCounters::completed},
    {"drop_timeout", &stack::ReassemblyCounters::drop_timeout},
    {"drop_overlap", &stack::ReassemblyCounters::drop_overlap},
    {"drop_evicted", &stack::ReassemblyCounters::drop_evicted},
    {"drop_too_many", &stack::ReassemblyCounters::drop_too_many},
    {"drop_no_buffer", &stack::ReassemblyCounters::drop_no_buffer},
    {"duplicate", &stack::ReassemblyCounters::duplicate},
};
constexpr Named<stack::IcmpCounters> kIcmpNames[] = {
    {"echo_requests_received", &stack::IcmpCounters::echo_requests_received},
    {"echo_replies_sent", &stack::IcmpCounters::echo_replies_sent},
    {"echo_requests_sent", &stack::IcmpCounters::echo_requests_sent},
    {"echo_replies_received", &stack::IcmpCounters::echo_replies_received},
    {"errors_sent", &stack::IcmpCounters::errors_sent},
    {"errors_received", &stack::IcmpCounters::errors_received},
    {"drop_short", &stack::IcmpCounters::drop_short},
    {"drop_checksum", &stack::IcmpCounters::drop_checksum},
    {"drop_unknown_type", &stack::IcmpCounters::drop_unknown_type},
    {"drop_no_buffer", &stack::IcmpCounters::drop_no_buffer},
    {"drop_rate_limited", &stack::IcmpCounters::drop_rate_limited},
};
constexpr Named<stack::UdpCounters> kUdpNames[] = {
    {"received", &stack::UdpCounters::received},
    {"sent", &stack::UdpCounters::sent},
    {"drop_short", &stack::UdpCounters::drop_short},
    {"drop_checksum", &stack::UdpCounters::drop_checksum},
    {"drop_no_port", &stack::UdpCounters::drop_no_port},
    {"drop_queue_full", &stack::UdpCounters::drop_queue_full},
    {"drop_no_buffer", &stack::UdpCounters::drop_no_buffer},
};
constexpr Named<stack::TcpCounters> kTcpNames[] = {
    {"segments_received", &stack::TcpCounters::segments_received},
    {"segments_sent", &stack::TcpCounters::segments_sent},
    {"packets_segmented", &stack::TcpCounters::packets_segmented},
    {"bytes_received", &stack::TcpCounters::bytes_received},
    {"bytes_sent", &stack::TcpCounters::bytes_sent},
    {"active_opens", &stack::TcpCounters::active_opens},
    {"passive_opens", &stack::TcpCounters::passive_opens},
    {"failed_attempts", &stack::TcpCounters::failed_attempts},
    {"resets_received", &stack::TcpCounters::resets_received},
    {"resets_sent", &stack::TcpCounters::resets_sent},
    {"retransmitted_segments", &stack::TcpCounters::retransmitted_segments},
    {"retransmitted_bytes", &stack::TcpCounters::retransmitted_bytes},
    {"timeouts", &stack::TcpCounters::timeouts},
    {"fast_recoveries", &stack::TcpCounters::fast_recoveries},
    {"duplicate_acks_received", &stack::TcpCounters::duplicate_acks_received},
    {"challenge_acks_sent", &stack::TcpCounters::challenge_acks_sent},
    {"window_probes_sent", &stack::TcpCounters::window_probes_sent},
    {"keep_alives_sent", &stack::TcpCounters::keep_alives_sent},
    {"delayed_acks_sent", &stack::TcpCounters::delayed_acks_sent},
    {"out_of_order_received", &stack::TcpCounters::out_of_order_received},
    {"duplicate_received", &stack::TcpCounters::duplicate_received},
    {"drop_short", &stack::TcpCounters::drop_short},
    {"drop_checksum", &stack::TcpCounters::drop_checksum},
    {"drop_address", &stack::TcpCounters::drop_address},
    {"drop_no_connection", &stack::TcpCounters::drop_no_connection},
    {"drop_backlog", &stack::TcpCounters::drop_backlog},
    {"drop_sequence", &stack::TcpCounters::drop_sequence},
    {"drop_paws", &stack::TcpCounters::drop_paws},
    {"drop_ack", &stack::TcpCounters::drop_ack},
    {"drop_no_ack_flag", &stack::TcpCounters::drop_no_ack_flag},
    {"drop_no_buffer", &stack::TcpCounters::drop_no_buffer},
    {"drop_no_route", &stack::TcpCounters::drop_no_route},
};

}  // namespace

std::vector<StackCount> stack_counts(stack::Stack& stack) {
  std::vector<StackCount> counts;
  for (size_t i = 1; i < stack.interface_count(); ++i) {  // 0 is loopback
    stack::Interface& interface = stack.interface(i);
    add(counts, "ethernet", kEthernetNames, interface.counters());
    add(counts, "arp", kArpNames, interface.arp().counters());
  }
  add(counts, "ip", kIpNames, stack.ip().counters());
  add(counts, "reassembly", kReassemblyNames, stack.ip().reassembly().counters());
  add(counts, "icmp", kIcmpNames, stack.icmp().counters());
  add(counts, "udp", kUdpNames, stack.udp().counters());
  add(counts, "tcp", kTcpNames, stack.tcp().counters());
  return counts;
}

}  // namespace ringside::testbench
