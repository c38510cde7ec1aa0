#include "stack/loopback.h"

#include <utility>

namespace ringside::stack {

TxResult LoopbackDevice::transmit(Packet& packet, bool) {
  if (queue_.size() >= kMaxQueued) {
    refused_ = true;
    return TxResult::kBusy;
  }
  if (packet.meta.tx_checksum == TxChecksum::kInsert) packet.meta.l4_verdict = RxVerdict::kGood;
  packet.meta.tx_checksum = TxChecksum::kNone;
  queue_.push_back(std::move(packet));
  return TxResult::kSent;
}

bool LoopbackDevice::deliver() {
  if (queue_.empty()) return false;
  for (size_t count = queue_.size(); count > 0; --count) {
    Packet packet = std::move(queue_.front());
    queue_.pop_front();
    client_->receive(std::move(packet));
  }
  client_->receive_done();
  if (std::exchange(refused_, false)) client_->tx_wake();
  return true;
}

}  // namespace ringside::stack
