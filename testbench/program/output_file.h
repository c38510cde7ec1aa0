// A file that stays readable whatever happens: it is written in records, and when the disk is full it is cut back to
// the end of the last whole record. Buffered; the constructor creates the file, so that a wrong path is known at once.
//
// Errors: the constructor throws OutputError. append() never throws: the first failure is kept in error(), what comes
//   after is dropped, and the run loop asks now and then.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_OUTPUT_FILE_H_
#define RINGSIDE_TESTBENCH_PROGRAM_OUTPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ringside::testbench {

class OutputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Sets room aside on the disk, so that a small file can still be written when it is full. Throws OutputError.
  void reserve(size_t bytes);
  void append(const void* data, size_t bytes);
  void end_record();  // what stands here so far is a whole file to a reader
  void flush();
  void close();  // flushes; gives back what was reserved and not used

  // What the file holds after a crash when nothing was written to it. A string literal.
  void set_crash_text(const char* text) { crash_text_ = text; }
  // In the handler of a crash: whole records go to the disk; nothing else of this class is touched, and nothing is
  // allocated. All files that are open, up to a dozen.
  static void save_all_in_a_crash();

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  const std::string& path() const { return path_; }

 private:
  static constexpr size_t kBufferBytes = 256 * 1024;
  void cut_back(size_t written_of_buffer);
  void save_in_a_crash();

  std::string path_;
  const char* crash_text_ = "";
  int fd_;
  bool reserved_ = false;
  uint64_t flushed_bytes_ = 0;  // in the file
  uint64_t whole_bytes_ = 0;    // of those, up to the end of a record
  std::vector<uint8_t> buffer_;
  std::vector<size_t> record_ends_;  // in the buffer
  std::string error_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_OUTPUT_FILE_H_
