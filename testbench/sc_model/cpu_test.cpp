// The simulated CPU: one holder at a time, charges that take time, interrupts, polls, timers, blocking and waking.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sc_model/host_cpu.h"

namespace ringside::testbench {
namespace {

using namespace sc_model;

class CpuTest : public ::testing::Test {
 protected:
  void run_us(uint64_t us) { sc_core::sc_start(to_sc_time(us * kPsPerUs)); }
  uint64_t ns() const { return sim_now_ps() / kPsPerNs; }
  static CpuCosts costs() {
    CpuCosts c = CpuCosts::free();
    c.set(CpuWork::kSystemCall, 200 * kPsPerNs);
    c.set(CpuWork::kCopyByte, kPsPerNs);
    return c;
  }
  Scheduler scheduler{"scheduler"};
  HostCpu cpu{"cpu", scheduler, costs()};
};

TEST_F(CpuTest, SoftwareTakesNoTimeUntilItsChargesAreSettled) {
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.charge(CpuWork::kCopyByte, 500);
    EXPECT_EQ(ns(), 0u);
    EXPECT_EQ(cpu.now_ns(), 500u);
    thread.leave();
    EXPECT_EQ(ns(), 500u);
  });
  run_us(10);
  EXPECT_TRUE(cpu.all_threads_finished());
  EXPECT_EQ(cpu.busy_ps(), 500 * kPsPerNs);
  EXPECT_EQ(cpu.charged_ps(CpuWork::kCopyByte), 500 * kPsPerNs);
}

// Path step T1: entering the kernel costs what the table says.
TEST_F(CpuTest, SystemCallIsChargedAndHoldsTheCpu) {
  cpu.spawn("app", [&](CpuThread& thread) {
    {
      SystemCall call(thread);
      EXPECT_EQ(cpu.current_thread(), &thread);
      EXPECT_EQ(cpu.now_ns(), 200u);
    }
    EXPECT_EQ(cpu.current_thread(), nullptr);
    EXPECT_EQ(ns(), 200u);
  });
  run_us(10);
  EXPECT_EQ(cpu.charged_ps(CpuWork::kSystemCall), 200 * kPsPerNs);
}

TEST_F(CpuTest, OneThreadAtATime) {
  int inside = 0;
  std::vector<std::string> order;
  for (const char* name : {"a", "b", "c"}) {
    cpu.spawn(name, [&, name](CpuThread& thread) {
      for (int i = 0; i < 3; ++i) {
        thread.enter();
        EXPECT_EQ(++inside, 1);
        order.push_back(name);
        cpu.charge_ps(100 * kPsPerNs);
        cpu.settle();  // time passes inside; nobody may come in
        --inside;
        thread.leave();
      }
    });
  }
  run_us(10);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c", "a", "b", "c", "a", "b", "c"}));
  EXPECT_EQ(cpu.busy_ps(), 900 * kPsPerNs);
}

TEST_F(CpuTest, InterruptsWaitForTheHolderAndRunOncePerNumber) {
  std::vector<std::string> order;
  cpu.set_interrupt_dispatch(
      [&](int irq) { order.push_back("irq" + std::to_string(irq) + "@" + std::to_string(ns())); });
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.raise(3);
    cpu.raise(5);
    cpu.raise(3);  // pending already
    cpu.charge_ps(700 * kPsPerNs);
    thread.leave();
    order.push_back("left@" + std::to_string(ns()));
  });
  run_us(10);
  EXPECT_EQ(order, (std::vector<std::string>{"left@700", "irq3@700", "irq5@700"}));
  EXPECT_EQ(cpu.interrupts_handled(), 2u);
}

TEST_F(CpuTest, InterruptsGoBeforeTimersBeforePollsAndThreads) {
  std::vector<std::string> order;
  cpu.set_interrupt_dispatch([&](int) { order.push_back("irq"); });
  const int poll = cpu.poll_register([&] { order.push_back("poll"); return false; });
  const int timer = cpu.timer_register([&] { order.push_back("timer"); });
  cpu.spawn("a", [&](CpuThread& thread) {
    thread.enter();
    cpu.poll_schedule(poll);
    cpu.timer_start(timer, 0);
    cpu.charge_ps(kPsPerUs);
    cpu.settle();
    cpu.raise(1);
    thread.leave();
  });
  run_us(10);
  EXPECT_EQ(order, (std::vector<std::string>{"irq", "timer", "poll"}));
}

TEST_F(CpuTest, PollsThatWantToGoOnAlternateWithThreads) {
  std::vector<std::string> order;
  int left = 4;
  const int poll = cpu.poll_register([&] {
    order.push_back("poll");
    cpu.charge_ps(100 * kPsPerNs);
    return --left > 0;
  });
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.poll_schedule(poll);
    thread.leave();
    for (int i = 0; i < 3; ++i) {
      thread.enter();
      order.push_back("app");
      thread.leave();
    }
  });
  run_us(10);
  EXPECT_EQ(order.size(), 7u);
  EXPECT_EQ(std::count(order.begin(), order.end(), "poll"), 4);
  EXPECT_LT(std::find(order.begin(), order.end(), "app") - order.begin(), 3);  // not starved
}

TEST_F(CpuTest, TimersExpireOnceRestartAndStop) {
  std::vector<uint64_t> fired;
  const int a = cpu.timer_register([&] { fired.push_back(ns()); });
  const int b = cpu.timer_register([&] { fired.push_back(9'999); });
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.timer_start(a, 1000 * kPsPerNs);
    cpu.timer_start(a, 3000 * kPsPerNs);  // replaces
    cpu.timer_start(b, 2000 * kPsPerNs);
    cpu.timer_stop(b);
    thread.leave();
  });
  run_us(10);
  EXPECT_EQ(fired, std::vector<uint64_t>{3000});
}

TEST_F(CpuTest, ATimerStoppedWhileItWaitsForTheCpuDoesNotRun) {
  bool ran = false;
  const int timer = cpu.timer_register([&] { ran = true; });
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.timer_start(timer, 100 * kPsPerNs);
    cpu.charge_ps(kPsPerUs);
    cpu.settle();  // it expires in here
    cpu.timer_stop(timer);
    thread.leave();
  });
  run_us(10);
  EXPECT_FALSE(ran);
}

TEST_F(CpuTest, BlockedThreadsWakeInOrderAndNoWakeIsLost) {
  WaitChannel channel;
  bool ready = false;
  std::vector<std::string> order;
  for (const char* name : {"a", "b"}) {
    cpu.spawn(name, [&, name](CpuThread& thread) {
      thread.enter();
      while (!ready) thread.block(channel);
      order.push_back(name);
      thread.leave();
    });
  }
  cpu.spawn("waker", [&](CpuThread& thread) {
    thread.enter();
    ready = true;
    cpu.wake_all(channel);
    thread.leave();
  });
  run_us(10);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(channel.empty());
}

TEST_F(CpuTest, BlockUntilComesBackAtItsDeadlineOrEarlier) {
  WaitChannel channel;
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    EXPECT_FALSE(thread.block_until(channel, 5 * kPsPerUs));
    EXPECT_EQ(ns(), 5000u);
    EXPECT_TRUE(channel.empty());
    EXPECT_TRUE(thread.block_until(channel, 100 * kPsPerUs));
    EXPECT_EQ(ns(), 8000u);
    thread.leave();
  });
  cpu.spawn("waker", [&](CpuThread& thread) {
    thread.sleep_until(8 * kPsPerUs);
    thread.enter();
    cpu.wake_one(channel);
    thread.leave();
  });
  run_us(50);
  EXPECT_TRUE(cpu.all_threads_finished());
}

// The deadline passes while the thread still pays for what it did before it blocked.
TEST_F(CpuTest, ADeadlineInsideTheChargesIsNotMissed) {
  WaitChannel channel;
  cpu.spawn("app", [&](CpuThread& thread) {
    thread.enter();
    cpu.charge_ps(2 * kPsPerUs);
    EXPECT_FALSE(thread.block_until(channel, kPsPerUs));
    EXPECT_EQ(ns(), 2000u);
    thread.leave();
  });
  run_us(10);
  EXPECT_TRUE(cpu.all_threads_finished());
}

TEST_F(CpuTest, SleepDoesNotUseTheCpu) {
  uint64_t other_ran_at = 0;
  cpu.spawn("sleeper", [&](CpuThread& thread) {
    thread.sleep_ns(3000);
    EXPECT_EQ(ns(), 3000u);
  });
  cpu.spawn("other", [&](CpuThread& thread) {
    thread.enter();
    other_ran_at = ns();
    thread.leave();
  });
  run_us(10);
  EXPECT_EQ(other_ran_at, 0u);
  EXPECT_EQ(cpu.busy_ps(), 0u);
}

TEST(CpuCosts, EveryEntryHasANameAndASource) {
  for (unsigned i = 0; i < static_cast<unsigned>(CpuWork::kCount); ++i) {
    EXPECT_FALSE(CpuCosts::name(static_cast<CpuWork>(i)).empty());
    EXPECT_GT(CpuCosts::source(static_cast<CpuWork>(i)).size(), 10u);
    EXPECT_GT(CpuCosts().of(static_cast<CpuWork>(i)), 0u);
  }
  EXPECT_EQ(from_driver_work(driver::DriverWork::kInterrupt), CpuWork::kInterrupt);
  EXPECT_EQ(from_driver_work(driver::DriverWork::kReclaimPacket), CpuWork::kReclaimPacket);
}

}  // namespace
}  // namespace ringside::testbench
