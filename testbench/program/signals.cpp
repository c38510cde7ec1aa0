#include "testbench/program/signals.h"

#include <csignal>
#include <initializer_list>

namespace ringside::testbench {
namespace {

volatile std::sig_atomic_t g_caught = 0;

extern "C" void ringside_remember_signal(int number) {
  g_caught = number;
}

}  // namespace

void catch_signals() {
  struct sigaction action = {};
  action.sa_handler = ringside_remember_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESETHAND | SA_RESTART;  // reset: the second one has its default effect
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int signal_caught() {
  return g_caught;
}

}  // namespace ringside::testbench
