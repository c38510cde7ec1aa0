#include "testbench/program/console/nic_peek.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "testbench/program/console/command.h"

namespace ringside::testbench {
namespace {

// In memory that the copy and the process share.
struct Answer {
  bool known;
  uint64_t value;
};

class SharedAnswer {
 public:
  SharedAnswer()
      : at_(static_cast<Answer*>(
            ::mmap(nullptr, sizeof(Answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    if (at_ == MAP_FAILED) throw CommandError("no memory to look into the NIC");
  }
  ~SharedAnswer() { ::munmap(at_, sizeof(Answer)); }
  SharedAnswer(const SharedAnswer&) = delete;
  SharedAnswer& operator=(const SharedAnswer&) = delete;
  Answer& operator*() { return *at_; }

 private:
  Answer* at_;
};

// What goes wrong in the copy must not run the hooks of this process: they would write its files a second time.
[[noreturn]] void read_and_exit(sc_model::HostMachine& machine, const RegisterPlace& place, Answer& answer) {
  for (const int number : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) std::signal(number, SIG_DFL);
  const uint64_t bar = machine.platform().settings().bar0;
  const std::optional<uint32_t> low = machine.shell().read_out(bar + place.address);
  const std::optional<uint32_t> high = low && place.high != 0 ? machine.shell().read_out(bar + place.high) : 0;
  answer.known = low && high;
  if (answer.known) answer.value = *low | uint64_t{*high} << 32;
  ::_exit(0);
}

PeekValue peek_one(sc_model::HostMachine& machine, const RegisterPlace& place, Answer& answer) {
  answer = {};
  const pid_t copy = ::fork();
  if (copy < 0) throw CommandError("no room for a copy of the process to look into the NIC");
  if (copy == 0) read_and_exit(machine, place, answer);
  int status = 0;
  while (::waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  return answer.known ? PeekValue(answer.value) : std::nullopt;
}

}  // namespace

std::vector<PeekValue> peek(sc_model::HostMachine& machine, const std::vector<RegisterPlace>& places) {
  if (machine.platform().settings().bar0 == 0)
    throw CommandError(fmt::format("{}'s NIC has no addresses yet: its host has not found it", machine.name()));
  SharedAnswer answer;
  std::vector<PeekValue> values;
  for (const RegisterPlace& place : places) values.push_back(peek_one(machine, place, *answer));
  return values;
}

}  // namespace ringside::testbench
