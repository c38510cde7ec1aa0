#include "stack/error.h"

#include <array>

namespace ringside::stack {

std::string_view to_string(Error error) {
  static constexpr std::array<std::string_view, 24> kNames = {
      "ok", "would block", "connection in progress", "connection already in progress", "bad descriptor", "not a socket",
      "invalid argument", "operation not supported", "no such option", "address in use", "address not available",
      "already connected", "not connected", "destination required", "broken pipe", "connection refused",
      "connection reset by peer", "connection aborted", "connection timed out", "host unreachable",
      "network unreachable", "message too big", "no buffers", "too many open files"};
  static_assert(kNames.size() == static_cast<size_t>(Error::kTooManyFiles) + 1, "one name each");
  return kNames[static_cast<size_t>(error)];
}

}  // namespace ringside::stack
