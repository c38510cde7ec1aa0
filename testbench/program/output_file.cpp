#include "testbench/program/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ringside::testbench {
namespace {

std::array<OutputFile*, 12> g_open{};  // for crashes

}  // namespace

OutputFile::OutputFile(const std::string& path)
    : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (fd_ < 0) throw OutputError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  buffer_.reserve(kBufferBytes);
  const auto free = std::find(g_open.begin(), g_open.end(), nullptr);
  if (free != g_open.end()) *free = this;
}

OutputFile::~OutputFile() {
  close();
  std::replace(g_open.begin(), g_open.end(), this, static_cast<OutputFile*>(nullptr));
}

void OutputFile::reserve(size_t bytes) {
  const int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes));
  if (error == ENOSPC) throw OutputError(fmt::format("cannot write {}: {}", path_, std::strerror(error)));
  reserved_ = error == 0;  // pipes and some file systems cannot: then it is only not reserved
}

void OutputFile::append(const void* data, size_t bytes) {
  if (failed() || fd_ < 0) return;
  if (buffer_.size() + bytes > kBufferBytes) flush();
  const auto* from = static_cast<const uint8_t*>(data);
  buffer_.insert(buffer_.end(), from, from + bytes);
}

void OutputFile::end_record() {
  record_ends_.push_back(buffer_.size());
}

void OutputFile::flush() {
  size_t done = 0;
  while (!failed() && done < buffer_.size()) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n >= 0) {
      done += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      error_ = fmt::format("cannot write {}: {}", path_, std::strerror(errno));
    }
  }
  if (failed()) cut_back(done);
  if (!record_ends_.empty()) whole_bytes_ = flushed_bytes_ + record_ends_.back();
  flushed_bytes_ += done;
  buffer_.clear();
  record_ends_.clear();
}

void OutputFile::cut_back(size_t written_of_buffer) {
  while (!record_ends_.empty() && record_ends_.back() > written_of_buffer) record_ends_.pop_back();
  const uint64_t keep = record_ends_.empty() ? whole_bytes_ : flushed_bytes_ + record_ends_.back();
  if (::ftruncate(fd_, static_cast<off_t>(keep)) != 0) return;  // a device: nothing to cut
}

void OutputFile::save_all_in_a_crash() {
  for (OutputFile* file : g_open) {
    if (file != nullptr && file->fd_ >= 0 && !file->failed()) file->save_in_a_crash();
  }
}

// A record of which a part is in the file already is cut off, and what the buffer holds of it dropped.
void OutputFile::save_in_a_crash() {
  const size_t whole = record_ends_.empty() ? 0 : record_ends_.back();
  size_t done = 0;
  while (done < whole) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, whole - done);
    if (n < 0 && errno != EINTR) break;
    if (n > 0) done += static_cast<size_t>(n);
  }
  flushed_bytes_ += done;
  if (done == whole && whole > 0) whole_bytes_ = flushed_bytes_;
  const bool torn = whole == 0 && flushed_bytes_ > whole_bytes_;
  if (torn || reserved_) flushed_bytes_ = whole_bytes_;
  if (torn || reserved_) static_cast<void>(!::ftruncate(fd_, static_cast<off_t>(whole_bytes_)));
  if (flushed_bytes_ == 0) static_cast<void>(!::write(fd_, crash_text_, std::strlen(crash_text_)));
  buffer_.erase(buffer_.begin(), torn ? buffer_.end() : buffer_.begin() + static_cast<ptrdiff_t>(done));
  record_ends_.clear();
}

void OutputFile::close() {
  if (fd_ < 0) return;
  flush();
  if (reserved_ && !failed() && ::ftruncate(fd_, static_cast<off_t>(flushed_bytes_)) != 0) {
    error_ = fmt::format("cannot write {}: {}", path_, std::strerror(errno));
  }
  if (::close(fd_) != 0 && !failed()) error_ = fmt::format("cannot write {}: {}", path_, std::strerror(errno));
  fd_ = -1;
}

}  // namespace ringside::testbench
