#include "testbench/program/signals.h"

#include <csignal>
#include <ctime>
#include <initializer_list>

namespace ringside::testbench {
namespace {

volatile std::sig_atomic_t g_caught = 0;
timespec g_when = {};

// One press may come twice: a shell or timeout(1) sends it to the process and to its group.
bool is_an_echo() {
  constexpr double kSeconds = 0.3;
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec - g_when.tv_sec) + 1e-9 * double(now.tv_nsec - g_when.tv_nsec) < kSeconds;
}

extern "C" void ringside_remember_signal(int number) {
  if (g_caught == 0) {
    clock_gettime(CLOCK_MONOTONIC, &g_when);
    g_caught = number;
  } else if (!is_an_echo()) {  // who asks again does not want to wait for the files
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

void take_signals(int flags) {
  struct sigaction action = {};
  action.sa_handler = ringside_remember_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = flags;
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
