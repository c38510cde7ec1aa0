#include "testbench/stack/support/scripted_peer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "stack/checksum.h"
#include "stack/wire_bytes.h"

namespace ringside::testbench {

Segment& Segment::ts(uint32_t value, uint32_t echo) {
  options_.has_timestamps = true;
  options_.ts_value = value;
  options_.ts_echo = echo;
  return *this;
}

Segment& Segment::sack(uint32_t first, uint32_t end) {
  options_.sack[options_.sack_count++] = {Seq{first}, Seq{end}};
  return *this;
}

std::vector<uint8_t> ethernet_frame(const MacAddress& to, const MacAddress& from, uint16_t type,
                                    const std::vector<uint8_t>& payload) {
  std::vector<uint8_t> frame(EthernetHeader::kBytes);
  write_ethernet(frame.data(), {to, from, type});
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

std::vector<uint8_t> ipv4_packet(Ipv4Header header, const std::vector<uint8_t>& payload) {
  std::vector<uint8_t> packet(Ipv4Header::kMinBytes);
  header.total_bytes = static_cast<uint16_t>(Ipv4Header::kMinBytes + payload.size());
  write_ipv4(packet.data(), header);
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

ScriptedPeer::ScriptedPeer(HostOptions options) : host(simulation, options, 1, kAlice) {
  host.device.on_transmit = [this](const Packet& packet) { for (const auto& frame : to_frames(packet)) on_frame(frame); };
}

void ScriptedPeer::on_frame(const std::vector<uint8_t>& frame) {
  const auto ethernet = parse_ethernet(frame.data(), static_cast<uint32_t>(frame.size()));
  if (ethernet->ether_type == kEtherTypeArp) {
    const auto arp = parse_arp(frame.data() + 14, static_cast<uint32_t>(frame.size() - 14));
    if (!answer_arp || arp->operation != kArpRequest) return;
    std::vector<uint8_t> reply(ArpPacket::kBytes);
    write_arp(reply.data(), {kArpReply, test_mac(2), arp->target, arp->sender_mac, arp->sender});
    simulation.after(
        0, [this, f = ethernet_frame(arp->sender_mac, test_mac(2), kEtherTypeArp, reply)] { host.device.deliver(f); });
    return;
  }
  SeenSegment segment;
  segment.time_ns = simulation.now_ns();
  segment.frame = frame;
  const uint8_t* ip = frame.data() + 14;
  const uint32_t length = static_cast<uint32_t>(frame.size() - 14);
  if (parse_ipv4(ip, length, length, &segment.ip) != Ipv4ParseError::kNone || segment.ip.protocol != kProtocolTcp) {
    other_frames.push_back(frame);
    return;
  }
  const uint8_t* at = ip + segment.ip.header_bytes;
  const uint32_t bytes = segment.ip.payload_bytes();
  segment.header = *parse_tcp(at, bytes);
  segment.payload.assign(at + segment.header.header_bytes, at + bytes);
  ChecksumSum sum;
  sum.add_pseudo_header(segment.ip.source, segment.ip.destination, kProtocolTcp, static_cast<uint16_t>(bytes));
  sum.add(at, bytes);
  segment.checksum_good = sum.folded() == 0xFFFF && ipv4_checksum_good(ip, segment.ip.header_bytes);
  if (!knows_host_isn_ && segment.header.flags & kTcpSyn) {
    host_isn = segment.header.seq.value;
    host_port = segment.header.source_port;
    knows_host_isn_ = true;
  }
  seen.push_back(std::move(segment));
}

void ScriptedPeer::send(const Segment& s) {
  TcpHeader header;
  header.source_port = peer_port;
  header.destination_port = host_port;
  header.seq = Seq{peer_isn + s.seq_.value_or(0)};
  if (s.flags_ & kTcpAck) header.ack = Seq{host_isn + s.ack_.value_or(0)};
  header.flags = s.flags_;
  header.window = static_cast<uint16_t>(s.window_.value_or(65535));
  header.options = s.options_;
  for (uint8_t i = 0; i < header.options.sack_count; ++i) {
    header.options.sack[i].first += host_isn;
    header.options.sack[i].end += host_isn;
  }
  header.header_bytes = tcp_header_bytes(header.options);
  std::vector<uint8_t> bytes(header.header_bytes);
  write_tcp(bytes.data(), header);
  if (!s.raw_options_.empty()) {
    bytes.insert(bytes.end(), s.raw_options_.begin(), s.raw_options_.end());
    bytes[12] = static_cast<uint8_t>(bytes.size() / 4 << 4);
  }
  const std::vector<uint8_t> payload = s.data_ ? *s.data_ : std::vector<uint8_t>(s.length_.value_or(0), 'x');
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  ChecksumSum sum;
  sum.add_pseudo_header(peer_address, kAlice, kProtocolTcp, static_cast<uint16_t>(bytes.size()));
  sum.add(bytes.data(), bytes.size());
  store_be16(bytes.data() + TcpHeader::kChecksumOffset,
             static_cast<uint16_t>(sum.checksum() ^ (s.bad_checksum_ ? 1 : 0)));
  Ipv4Header ip;
  ip.protocol = kProtocolTcp;
  ip.source = peer_address;
  ip.destination = kAlice;
  send_frame(ethernet_frame(test_mac(1), test_mac(2), kEtherTypeIpv4, ipv4_packet(ip, bytes)));
}

void ScriptedPeer::send_frame(std::vector<uint8_t> frame) { host.device.deliver(frame); }

std::string ScriptedPeer::describe(const SeenSegment& s) const {
  std::string flags;
  for (const auto& [bit, letter] : {std::pair{SYN, 'S'}, {FIN, 'F'}, {RST, 'R'}, {PSH, 'P'}, {ACK, 'A'}, {URG, 'U'}}) {
    if (s.header.flags & bit) flags += letter;
  }
  return fmt::format("[{}] seq {} ack {} win {} len {}", flags, s.header.seq.value - host_isn,
                     s.header.ack.value - peer_isn, s.header.window, s.payload.size());
}

std::string ScriptedPeer::difference(const Segment& wanted, const SeenSegment& got) const {
  std::string text;
  const auto compare = [&](const char* name, const auto& want, uint64_t have) {
    if (want && static_cast<uint64_t>(*want) != have) text += fmt::format(" {}: wanted {}, got {};", name, *want, have);
  };
  if ((got.header.flags & wanted.mask_) != (wanted.flags_ & wanted.mask_)) {
    text += fmt::format(" flags: wanted {:#x}, got {:#x};", wanted.flags_, got.header.flags);
  }
  compare("seq", wanted.seq_, got.header.seq.value - host_isn);
  compare("ack", wanted.ack_, got.header.ack.value - peer_isn);
  compare("win", wanted.window_, got.header.window);
  compare("len", wanted.length_, got.payload.size());
  const TcpOptions &want = wanted.options_, &have = got.header.options;
  if (want.mss) compare("mss", want.mss, have.mss.value_or(0));
  if (want.window_scale) compare("wscale", want.window_scale, have.window_scale.value_or(255));
  for (uint8_t i = 0; i < want.sack_count; ++i) {
    if (i >= have.sack_count || have.sack[i].first.value - peer_isn != want.sack[i].first.value ||
        have.sack[i].end.value - peer_isn != want.sack[i].end.value) {
      text += fmt::format(" sack block {} of {};", i, have.sack_count);
    }
  }
  if (wanted.data_ && *wanted.data_ != got.payload) text += " payload differs;";
  if (!got.checksum_good) text += " bad checksum;";
  return text;
}

void ScriptedPeer::expect(const Segment& wanted, int line) {
  if (!simulation.run_until([&] { return !seen.empty(); }, wanted.within_ns_)) {
    ADD_FAILURE() << "line " << line << ": the stack sent nothing for " << wanted.within_ns_ << " ns";
    return;
  }
  last = std::move(seen.front());
  seen.pop_front();
  const std::string text = difference(wanted, last);
  if (!text.empty()) ADD_FAILURE() << "line " << line << ":" << text << " the segment was " << describe(last);
}

void ScriptedPeer::expect_nothing(uint64_t ns, int line) {
  if (simulation.run_until([&] { return !seen.empty(); }, ns)) {
    ADD_FAILURE() << "line " << line << ": wanted silence, but " << describe(seen.front());
  }
}

int ScriptedPeer::accept_from_peer(const Segment& syn, uint32_t window) {
  listener = static_cast<int>(host->socket(SocketType::kStream).value);
  EXPECT_EQ(host->bind(listener, {{}, kHostPort}), Error::kOk);
  EXPECT_EQ(host->listen(listener, 4), Error::kOk);
  send(syn);
  expect(tcp(SYN | ACK).seq(0).ack(1));
  Segment ack = tcp(ACK).seq(1).ack(1).win(window);
  if (syn.options_.has_timestamps) ack.ts(syn.options_.ts_value, last.header.options.ts_value);
  send(ack);
  const Result result = host->accept(listener);
  EXPECT_TRUE(result.ok());
  return static_cast<int>(result.value);
}

int ScriptedPeer::established(uint32_t window) {
  return accept_from_peer(tcp(SYN).seq(0).win(std::min(window, 65535u)).mss(1460), window);
}

int ScriptedPeer::connect_to_peer(const Segment& syn_ack) {
  const int descriptor = static_cast<int>(host->socket(SocketType::kStream).value);
  host->setsockopt(descriptor, SocketOption::kNonBlocking, 1);
  EXPECT_EQ(host->connect(descriptor, {kPeer, peer_port}), Error::kInProgress);
  expect(tcp(SYN).seq(0));
  send(syn_ack);
  expect(tcp(ACK).seq(1).ack(1).len(0));
  return descriptor;
}

std::string ScriptedPeer::write(int descriptor, const std::vector<uint8_t>& bytes) {
  const Result result = host->send(descriptor, bytes.data(), bytes.size(), kMessageDontWait);
  if (result.ok() && result.value == static_cast<int64_t>(bytes.size())) return "";
  return fmt::format("wrote {} of {}: {}", result.value, bytes.size(), to_string(result.error));
}

int64_t ScriptedPeer::read_all(int descriptor, std::vector<uint8_t>* out) {
  std::vector<uint8_t> room(1 << 20);
  const Result result = host->recv(descriptor, room.data(), room.size(), kMessageDontWait);
  if (!result.ok()) return -static_cast<int64_t>(result.error);
  if (out) out->insert(out->end(), room.begin(), room.begin() + result.value);
  return result.value;
}

TcpState ScriptedPeer::state(int descriptor) {
  return static_cast<TcpState>(host->getsockopt(descriptor, SocketOption::kTcpState).value);
}

const TcpConnection& ScriptedPeer::tcb() { return *host.stack->tcp().snapshot().at(0); }

}  // namespace ringside::testbench
