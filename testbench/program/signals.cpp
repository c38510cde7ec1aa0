#include "testbench/program/signals.h"

#include <csignal>
#include <initializer_list>

namespace ringside::testbench {
namespace {

volatile std::sig_atomic_t g_caught = 0;

extern "C" void ringside_remember_signal(int number) {
  g_caught = number;
}

void take_signals(int flags) {
  struct sigaction action = {};
  action.sa_handler = ringside_remember_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESETHAND | flags;  // reset: the second one has its default effect
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaction(number, &action, nullptr);
}

}  // namespace

void catch_signals() {
  take_signals(SA_RESTART);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

int signal_caught() {
  return g_caught;
}

void forget_control_c() {
  if (g_caught == SIGINT) g_caught = 0;
  take_signals(0);
}

}  // namespace ringside::testbench
