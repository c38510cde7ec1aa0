#include "testbench/program/crash_guard.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace ringside::testbench {
namespace {

struct Hook {
  CrashHook run = nullptr;
  void* object = nullptr;
};
constexpr size_t kMostHooks = 8;
std::array<Hook, kMostHooks> g_hooks{};

constexpr unsigned kSecondsAtMost = 60;  // for all hooks: then SIGALRM ends the process
alignas(16) char g_stack[256 * 1024];

extern "C" void ringside_save_in_a_crash(int number) {
  const char words[] = "ringside: crashed; saving what was recorded\n";
  static_cast<void>(!::write(STDERR_FILENO, words, std::strlen(words)));
  ::alarm(kSecondsAtMost);
  for (Hook& hook : g_hooks) {
    const Hook now = hook;
    hook = {};
    if (now.run != nullptr) now.run(now.object);
  }
  ::raise(number);  // has its default effect now (SA_RESETHAND)
}

}  // namespace

void catch_crashes() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  stack_t stack = {};
  stack.ss_sp = g_stack;
  stack.ss_size = sizeof g_stack;
  ::sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = ringside_save_in_a_crash;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigaction(number, &action, nullptr);
#endif
}

void add_crash_hook(CrashHook hook, void* object) {
  for (Hook& free : g_hooks) {
    if (free.run != nullptr) continue;
    free = {hook, object};
    return;
  }
}

void remove_crash_hooks(void* object) {
  for (Hook& hook : g_hooks) {
    if (hook.object == object) hook = {};
  }
}

}  // namespace ringside::testbench
