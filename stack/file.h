// File: what a descriptor stands for. Sockets are one kind; other kinds can be added without a change here.
//
// Calls try once and answer kAgain when they would block; waiting is SystemCalls' business. A file tells that something
// has changed by wake(), which reaches callers blocked on it and callers of poll().
#ifndef RINGSIDE_STACK_FILE_H_
#define RINGSIDE_STACK_FILE_H_

#include <cstdint>
#include <vector>

#include "stack/context.h"
#include "stack/error.h"

namespace ringside::stack {

class Socket;

enum PollEvent : uint16_t { kPollIn = 1, kPollOut = 2, kPollError = 4, kPollHangUp = 8, kPollInvalid = 16 };
enum AccessMode : uint8_t { kReadable = 1, kWritable = 2, kReadWrite = 3 };

class File {
 public:
  File(Context& context, AccessMode access) : context_(context), access_(access) {}
  virtual ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  virtual Result read(uint8_t* out, size_t bytes);        // 0 bytes: end of file
  virtual Result write(const uint8_t* data, size_t bytes);
  virtual uint16_t poll_events() const = 0;               // what would not block now
  virtual void close() = 0;                               // the last descriptor is gone
  virtual Socket* as_socket() { return nullptr; }

  AccessMode access() const { return access_; }
  bool non_blocking = false;
  uint64_t receive_timeout_ns = kNever;  // of a blocking call; then kAgain
  uint64_t send_timeout_ns = kNever;

  WaitChannel& channel() { return channel_; }
  void add_poller(WaitChannel* channel) { pollers_.push_back(channel); }
  void remove_poller(WaitChannel* channel);
  void wake();

 protected:
  Context& context_;

 private:
  AccessMode access_;
  WaitChannel channel_;
  std::vector<WaitChannel*> pollers_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_FILE_H_
