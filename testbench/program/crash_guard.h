// What is saved when the process crashes: a wild pointer, a stack that overflows, abort(), a failed assertion.
//
// Hooks run in the signal's handler, on a stack of their own, in the order in which they were added, before the process
// dies by the signal as it would have. A hook that crashes itself ends the process at once, so the safe ones come
// first.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_CRASH_GUARD_H_
#define RINGSIDE_TESTBENCH_PROGRAM_CRASH_GUARD_H_

namespace ringside::testbench {

// Once per process, before the simulation. Nothing happens in builds with a sanitizer, which has handlers of its own.
void catch_crashes();

using CrashHook = void (*)(void* object);
void add_crash_hook(CrashHook hook, void* object);
void remove_crash_hooks(void* object);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_CRASH_GUARD_H_
