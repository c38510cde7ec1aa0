#include "testbench/program/flight_recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <stdexcept>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

// What a snapshot writes must not come twice, and must not move the parent's positions in its files.
void keep_off_files() {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  DIR* list = ::opendir("/proc/self/fd");
  if (nowhere < 0 || list == nullptr) ::_exit(1);
  while (const dirent* entry = ::readdir(list)) {
    const int fd = std::atoi(entry->d_name);
    const int flags = entry->d_name[0] == '.' || fd == ::dirfd(list) || fd == nowhere ? -1 : ::fcntl(fd, F_GETFL);
    struct stat status;
    const bool socket = ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && fd > 2;
    if (flags >= 0 && !socket && (flags & O_ACCMODE) != O_RDONLY) ::dup2(nowhere, fd);
  }
  ::closedir(list);
}

double cpu_s() {
  struct timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

FlightRecorder::FlightRecorder(TimePs last_ps, Replay replay, Finish finish)
    : last_ps_(last_ps),
      replay_(std::move(replay)),
      finish_(std::move(finish)),
      answer_(static_cast<Answer*>(
          ::mmap(nullptr, sizeof(Answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  if (answer_ == MAP_FAILED) throw std::runtime_error("no memory for the flight recorder");
}

FlightRecorder::~FlightRecorder() {
  while (count_ > 0) drop_oldest();
  ::munmap(answer_, sizeof(Answer));
}

// ---------------------------------------------------------------- taking snapshots

void FlightRecorder::between_slices(TimePs now) {
  if (!due(now)) return;
  const double begin = cpu_s();
  forget_old(now);
  take(now);
  taken_at_s_ = cpu_s();
  fork_s_ = taken_at_s_ - begin;
}

bool FlightRecorder::due(TimePs now) const {
  if (count_ == 0) return true;
  if (now < snapshots_[count_ - 1].at + std::max(last_ps_, kLatePs)) return false;
  return cpu_s() - taken_at_s_ > std::max(kLeastApart, kApart * fork_s_);
}

// The youngest that lies far enough back serves for all that may come; older ones are of no use.
void FlightRecorder::forget_old(TimePs now) {
  while (count_ > 1 && (snapshots_[1].at + last_ps_ + kLatePs <= now || count_ == kMost)) drop_oldest();
}

void FlightRecorder::drop_oldest() {
  ::close(snapshots_[0].socket);  // it ends when nobody can give it an order any more
  wait_for(snapshots_[0].process);
  std::copy(snapshots_.begin() + 1, snapshots_.begin() + static_cast<ptrdiff_t>(count_), snapshots_.begin());
  --count_;
}

void FlightRecorder::take(TimePs now) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return;
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    sleep_as_snapshot(ends[1]);
  }
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    return;
  }
  snapshots_[count_++] = {process, ends[0], now};
}

// ---------------------------------------------------------------- in the snapshot

void FlightRecorder::sleep_as_snapshot(int socket) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_IGN);
  for (size_t i = 0; i < count_; ++i) ::close(snapshots_[i].socket);  // its elders must notice the parent's close()
  FlightOrder order;
  ssize_t got;
  do {
    got = ::recv(socket, &order, sizeof order, 0);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof order) ::_exit(0);
  keep_off_files();
  answer_->error[0] = '\0';
  const pid_t copy = ::fork();
  if (copy == 0) replay_and_exit(order);
  const bool died = copy < 0 || !WIFEXITED(wait_for(copy));
  const std::string error = finish_(died);
  if (answer_->error[0] == '\0') say(error);
  static_cast<void>(::send(socket, "", 1, MSG_NOSIGNAL));
  ::_exit(0);
}

void FlightRecorder::replay_and_exit(const FlightOrder& order) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  count_ = 0;  // a crash in here finds no snapshots
  say(replay_(order));
  ::_exit(0);
}

void FlightRecorder::say(const std::string& error) {
  const size_t length = std::min(error.size(), sizeof answer_->error - 1);
  std::memcpy(answer_->error, error.data(), length);
  answer_->error[length] = '\0';
}

// ---------------------------------------------------------------- orders

const FlightRecorder::Snapshot* FlightRecorder::before(TimePs begin) const {
  const Snapshot* best = count_ > 0 ? &snapshots_[0] : nullptr;
  for (size_t i = 0; i < count_; ++i) {
    if (snapshots_[i].at <= begin) best = &snapshots_[i];
  }
  return best;
}

bool FlightRecorder::wake(const Snapshot& snapshot, const FlightOrder& order) {
  if (::send(snapshot.socket, &order, sizeof order, MSG_NOSIGNAL) != sizeof order) return false;
  char done;
  ssize_t got;
  do {
    got = ::recv(snapshot.socket, &done, 1, 0);
  } while (got < 0 && errno == EINTR);
  return got == 1;
}

std::string FlightRecorder::write(FlightOrder order) {
  const Snapshot* snapshot = before(order.from_ps);
  if (snapshot == nullptr) return "flight recorder: no snapshot could be taken";
  if (order.to_ps <= snapshot->at) return "flight recorder: no snapshot reaches back so far";
  order.from_ps = std::max(order.from_ps, snapshot->at);
  if (!wake(*snapshot, order)) return "flight recorder: the snapshot is gone";
  return answer_->error;
}

void FlightRecorder::write_in_a_crash(FlightOrder order) {
  const Snapshot* snapshot = before(order.from_ps);
  if (snapshot == nullptr) return;
  order.from_ps = std::max(order.from_ps, snapshot->at);
  wake(*snapshot, order);
}

}  // namespace ringside::testbench
