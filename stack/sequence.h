// TCP sequence numbers (RFC 9293, 3.4): 32 bits that wrap. Not an integer: comparison means "before on the circle",
// true only for numbers less than 2^31 apart.
#ifndef RINGSIDE_STACK_SEQUENCE_H_
#define RINGSIDE_STACK_SEQUENCE_H_

#include <cstdint>

namespace ringside::stack {

struct Seq {
  uint32_t value = 0;
};

constexpr Seq operator+(Seq a, uint32_t n) { return Seq{a.value + n}; }
constexpr Seq operator-(Seq a, uint32_t n) { return Seq{a.value - n}; }
constexpr Seq& operator+=(Seq& a, uint32_t n) { a.value += n; return a; }
constexpr int32_t operator-(Seq a, Seq b) { return static_cast<int32_t>(a.value - b.value); }
constexpr bool operator==(Seq a, Seq b) { return a.value == b.value; }
constexpr bool operator!=(Seq a, Seq b) { return a.value != b.value; }
constexpr bool operator<(Seq a, Seq b) { return a - b < 0; }
constexpr bool operator<=(Seq a, Seq b) { return a - b <= 0; }
constexpr bool operator>(Seq a, Seq b) { return a - b > 0; }
constexpr bool operator>=(Seq a, Seq b) { return a - b >= 0; }
constexpr Seq max(Seq a, Seq b) { return a < b ? b : a; }
constexpr Seq min(Seq a, Seq b) { return a < b ? a : b; }
constexpr uint32_t distance(Seq from, Seq to) { return to.value - from.value; }

// [first, end)
struct SeqRange {
  Seq first;
  Seq end;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_SEQUENCE_H_
