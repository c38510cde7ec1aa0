// Packet buffers: the one form in which bytes of a packet exist between socket, stack and driver.
//
//   Packet                         Buffer (fixed size, DMA-able, reference counted)
//   +--------------------+         +---------- headroom ----------+---- bytes ----+-- tailroom --+
//   | fragment[0] -------+-------> |                              |<-- length --->|              |
//   | fragment[1] -------+--+      +------------------------------+---------------+--------------+
//   | meta (csum, ids..) |  |                                     ^ offset
//   +--------------------+  +----> another Buffer, e.g. a piece of the socket's send queue (shared, not copied)
//
// Ownership: a BufferRef owns one count; the buffer returns to its pool when the last one goes. A Packet is moved,
//   never copied; `Packet::share()` makes a second packet on the same bytes (for a retransmission or a capture).
// Threads: none. Everything of one host runs on that host's one simulated CPU.
// Errors: an empty pool gives an empty BufferRef / Packet (the caller counts the drop). Everything else is asserted.
// Units: all sizes and offsets in bytes; times in simulated nanoseconds.
#ifndef RINGSIDE_STACK_PACKET_BUFFER_H_
#define RINGSIDE_STACK_PACKET_BUFFER_H_

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace ringside::stack {

class BufferPool;

// One fixed-size piece of DMA-able memory. Lives in its pool's slab; never moves.
struct Buffer {
  uint8_t* data = nullptr;   // start of the storage
  uint32_t capacity = 0;     // bytes of storage
  uint32_t references = 0;
  BufferPool* pool = nullptr;
  Buffer* next_free = nullptr;
};

// Shared ownership of one Buffer, without atomics (see Threads).
class BufferRef {
 public:
  BufferRef() = default;
  explicit BufferRef(Buffer* buffer) : buffer_(buffer) { if (buffer_) ++buffer_->references; }
  BufferRef(const BufferRef& other) : BufferRef(other.buffer_) {}
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef() { reset(); }

  inline void reset();
  explicit operator bool() const { return buffer_ != nullptr; }
  uint8_t* data() const { return buffer_->data; }
  uint32_t capacity() const { return buffer_->capacity; }
  bool unique() const { return buffer_ && buffer_->references == 1; }
  Buffer* get() const { return buffer_; }

 private:
  Buffer* buffer_ = nullptr;
};

// Equal-sized buffers cut from memory that somebody else owns (the host assembly takes it from the platform, so that
// the NIC can reach it). Allocation and release are O(1) and never touch the heap.
class BufferPool {
 public:
  // `memory` must hold `count * buffer_bytes` bytes and outlive the pool and all its references.
  BufferPool(uint8_t* memory, size_t count, uint32_t buffer_bytes);
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  BufferRef allocate();  // empty when the pool is exhausted
  void release(Buffer* buffer);

  size_t free_count() const { return free_count_; }
  size_t capacity() const { return buffers_.size(); }
  uint32_t buffer_bytes() const { return buffer_bytes_; }
  uint64_t exhausted() const { return exhausted_; }  // allocations refused so far

 private:
  std::vector<Buffer> buffers_;
  Buffer* free_ = nullptr;
  size_t free_count_ = 0;
  uint32_t buffer_bytes_;
  uint64_t exhausted_ = 0;
};

inline void BufferRef::reset() {
  if (buffer_ && --buffer_->references == 0) buffer_->pool->release(buffer_);
  buffer_ = nullptr;
}

struct Fragment {
  BufferRef buffer;
  uint32_t offset = 0;  // first byte, from the start of the buffer's storage
  uint32_t length = 0;

  uint8_t* begin() const { return buffer.data() + offset; }
};

// What sender and NIC, or NIC and receiver, tell each other about checksums.
// kInsert: the NIC sums from csum_start and stores the result at csum_start + csum_offset.
enum class TxChecksum : uint8_t { kNone, kInsert };
enum class RxVerdict : uint8_t { kNotChecked, kGood, kBad };

struct PacketMeta {
  TxChecksum tx_checksum = TxChecksum::kNone;
  uint16_t csum_start = 0;    // from the first byte of the Ethernet header
  uint16_t csum_offset = 0;   // of the checksum field, from csum_start
  RxVerdict ip_verdict = RxVerdict::kNotChecked;  // IPv4 header checksum
  RxVerdict l4_verdict = RxVerdict::kNotChecked;  // TCP / UDP checksum, pseudo header included
  uint16_t raw_csum = 0;      // ones' complement sum behind the Ethernet header, as the NIC counted it
  uint32_t hash = 0;          // RSS hash, 0 when none
  uint16_t vlan = 0;          // tag control information, stripped or to be inserted
  bool vlan_stripped = false;
  bool vlan_insert = false;
  uint16_t queue = 0;         // receive queue
  // TCP segmentation offload: the device makes segments of so many payload bytes; 0: one packet as it is. The first
  // header_bytes, from the first byte of the Ethernet header, are repeated in each; the IP header is at ip_start. The
  // TCP checksum field then holds the pseudo header's sum without the length.
  uint16_t segment_bytes = 0;
  uint16_t header_bytes = 0;
  uint16_t ip_start = 0;
  uint32_t tx_stamp_id = 0;   // not 0: the time of departure is wanted, told under this number
  uint64_t rx_time_ns = 0;    // NIC's time stamp of arrival
  uint64_t journey = 0;       // the packet's id, from JourneySink::packet; 0 when untraced
};

// A packet as a list of fragments. Headers are prepended into the headroom of the first fragment.
class Packet {
 public:
  static constexpr size_t kMaxFragments = 18;  // one header buffer, 64 KiB in 4 KiB pieces, one spare

  Packet() {}  // leaves the storage of the fragments alone
  ~Packet() { clear(); }
  Packet(Packet&& other) noexcept { take(other); }
  Packet& operator=(Packet&& other) noexcept {
    if (this != &other) { clear(); take(other); }
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;

  // A packet of one empty fragment that starts `headroom` bytes into `buffer`; empty when `buffer` is empty.
  static Packet with_headroom(BufferRef buffer, uint32_t headroom);

  bool empty() const { return fragment_count_ == 0; }
  size_t fragment_count() const { return fragment_count_; }
  Fragment& fragment(size_t i) { assert(i < fragment_count_); return *slot(i); }
  const Fragment& fragment(size_t i) const { assert(i < fragment_count_); return *slot(i); }
  uint32_t length() const;

  bool add_fragment(BufferRef buffer, uint32_t offset, uint32_t length);  // false when all fragments are in use
  uint8_t* push(uint32_t bytes);   // grow at the front of fragment 0; null when the headroom is too small
  uint8_t* append(uint32_t bytes); // grow at the end of the last fragment; null when the tailroom is too small
  bool pull(uint32_t bytes);       // drop from the front, across fragments; false when shorter
  bool trim(uint32_t new_length);  // drop from the end; false when shorter already
  // Contiguous view of the first `bytes` bytes; null when fragment 0 is shorter than that.
  uint8_t* header(uint32_t bytes);
  const uint8_t* header(uint32_t bytes) const { return const_cast<Packet*>(this)->header(bytes); }
  // Copies up to `bytes` from `offset` on; returns how many there were.
  uint32_t copy_out(uint32_t offset, uint8_t* out, uint32_t bytes) const;

  Packet share() const;  // same bytes, same meta, references counted
  void clear() {         // gives all references back
    while (fragment_count_ > 0) drop_last();
  }

  PacketMeta meta;

 private:
  // Only the fragments in use exist as objects: a packet is made, moved and dropped some ten times on its way and has
  // mostly one to three of them.
  Fragment* slot(size_t i) { return std::launder(reinterpret_cast<Fragment*>(storage_)) + i; }
  const Fragment* slot(size_t i) const { return std::launder(reinterpret_cast<const Fragment*>(storage_)) + i; }
  void drop_last() { slot(--fragment_count_)->~Fragment(); }
  void take(Packet& other) noexcept {
    for (size_t i = 0; i < other.fragment_count_; ++i) {
      new (storage_ + i * sizeof(Fragment)) Fragment(std::move(*other.slot(i)));
      other.slot(i)->~Fragment();
    }
    fragment_count_ = std::exchange(other.fragment_count_, uint8_t{0});
    meta = other.meta;
  }

  alignas(Fragment) unsigned char storage_[kMaxFragments * sizeof(Fragment)];
  uint8_t fragment_count_ = 0;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_PACKET_BUFFER_H_
