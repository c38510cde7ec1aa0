// Loss recovery of a sender: duplicate ACKs, the SACK scoreboard, what is lost, what to send again.
//
// With SACK this is RFC 6675 without NextSeg's rules 3 and 4 (both MAY); without, NewReno (RFC 6582) with each duplicate
// ACK counted as one segment that has left the network (the same arithmetic, so both share `pipe`: an estimate of the
// bytes still in the network).
// After a time-out everything not selectively acknowledged counts as lost and is sent again under slow start.
//
// Numbers as in the RFCs: high_rxt_ is the end of what was retransmitted in this recovery, recover_ the snd_nxt at its
// start. Writers: TcpInput, TcpTimers, TcpOutput (retransmitted()).
#ifndef RINGSIDE_STACK_TCP_RECOVERY_H_
#define RINGSIDE_STACK_TCP_RECOVERY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/sequence.h"
#include "stack/tcp_wire.h"

namespace ringside::stack {

class TcpRecovery {
 public:
  enum class Phase : uint8_t { kOpen, kFast, kTimeout };
  static constexpr unsigned kDupThresh = 3;  // RFC 5681, 6675

  void start(Seq una, uint32_t mss, bool sack) { una_ = high_rxt_ = recover_ = una; mss_ = mss; sack_ = sack; }
  void set_mss(uint32_t mss) { mss_ = mss; }
  Phase phase() const { return phase_; }
  bool sack() const { return sack_; }
  Seq recover() const { return recover_; }

  // Takes the SACK blocks of a segment; true when they told something new (RFC 6675 section 2, duplicate ACK).
  bool update_scoreboard(const TcpOptions& options, Seq una, Seq snd_max);
  // A duplicate ACK: true when it is time to enter fast recovery.
  bool duplicate_ack(Seq snd_nxt);
  void enter_fast(Seq snd_nxt);
  void enter_timeout(Seq snd_nxt);

  enum class Progress : uint8_t { kOpen, kPartial, kRecovered, kTimeout };
  Progress advance(Seq una);  // new data is acknowledged

  uint32_t pipe(Seq snd_nxt) const;
  // The next range to send again under the pipe's limit, at most one MSS; empty: nothing is known to be lost.
  std::optional<SeqRange> next_lost(Seq snd_nxt) const;
  void retransmitted(Seq end) { high_rxt_ = max(high_rxt_, end); first_sent_ = true; }
  bool first_retransmission_due() const { return phase_ == Phase::kFast && !first_sent_; }

  uint32_t sacked_bytes() const { return sacked_bytes_; }
  const std::vector<SeqRange>& scoreboard() const { return sacked_; }
  unsigned duplicate_acks() const { return duplicate_acks_; }

 private:
  bool insert(SeqRange block);
  void forget_before(Seq una);
  Seq lost_edge() const;  // everything unsacked before it is lost
  std::optional<SeqRange> hole_from(Seq from, Seq limit) const;

  Seq una_;
  uint32_t mss_ = 0;
  bool sack_ = false;
  Phase phase_ = Phase::kOpen;
  Seq recover_;
  Seq high_rxt_;
  bool first_sent_ = true;
  unsigned duplicate_acks_ = 0;
  std::vector<SeqRange> sacked_;  // sorted, disjoint, not touching
  uint32_t sacked_bytes_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_RECOVERY_H_
