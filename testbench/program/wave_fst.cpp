#include "testbench/program/wave_fst.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "testbench/program/wave_file.h"
#ifdef RINGSIDE_FST
#include <fstapi.h>
#endif

namespace ringside::testbench {

#ifdef RINGSIDE_FST
namespace {

class Converter {
 public:
  Converter(std::istream& vcd, const std::string& fst_path) : vcd_(vcd), fst_(::fstWriterCreate(fst_path.c_str(), 1)) {}
  ~Converter() { close(); }
  bool opened() const { return fst_ != nullptr; }

  void run() {
    ::fstWriterSetPackType(fst_, FST_WR_PT_LZ4);
    ::fstWriterSetTimescaleFromString(fst_, "1ps");
    ::fstWriterSetVersion(fst_, "Ringside");
    while (std::getline(vcd_, line_) && line_.compare(0, 15, "$enddefinitions") != 0) header_line();
    while (std::getline(vcd_, line_)) {
      if (vcd_.eof()) break;  // a last line without its end
      if (!line_.empty()) value_line();
    }
  }

 private:
  struct Variable {
    ::fstHandle handle = 0;
    unsigned bits = 0;
  };

  void close() {
    if (fst_ != nullptr) ::fstWriterClose(fst_);
    fst_ = nullptr;
  }

  void header_line() {
    std::istringstream words(line_);
    std::string word, kind, bits, code, name, range;
    words >> word;
    if (word == "$scope") {
      words >> kind >> name;
      ::fstWriterSetScope(fst_, FST_ST_VCD_MODULE, name.c_str(), nullptr);
    } else if (word == "$upscope") {
      ::fstWriterSetUpscope(fst_);
    } else if (word == "$var") {
      words >> kind >> bits >> code >> name >> range;
      declare(kind, static_cast<unsigned>(std::stoul(bits)), code, range == "$end" ? name : name + " " + range);
    }
  }

  void declare(const std::string& kind, unsigned bits, const std::string& code, const std::string& name) {
    const bool text = kind == "string";
    const size_t index = slot(code);
    if (variables_.size() <= index) variables_.resize(index + 1024);
    Variable& v = variables_[index];
    const ::fstHandle handle = ::fstWriterCreateVar(fst_,
                                                    text             ? FST_VT_GEN_STRING
                                                    : kind == "real" ? FST_VT_VCD_REAL
                                                                     : FST_VT_VCD_WIRE,
                                                    FST_VD_IMPLICIT, text ? 0 : bits, name.c_str(), v.handle);
    if (v.handle == 0) v = {handle, bits};
  }

  void value_line() {
    switch (line_[0]) {
      case '#':
        return ::fstWriterEmitTimeChange(fst_, std::stoull(line_.substr(1)));
      case 'b':
      case 's':
        return long_value(line_.find(' '));
      case '0':
      case '1':
      case 'x':
      case 'z':
        if (const Variable* v = find(std::string_view(line_).substr(1))) {
          ::fstWriterEmitValueChange(fst_, v->handle, line_.data());
        }
        return;
      default:
        return;
    }
  }

  void long_value(size_t blank) {
    if (blank == std::string::npos) return;
    const Variable* v = find(std::string_view(line_).substr(blank + 1));
    if (v == nullptr) return;
    if (line_[0] == 's') {
      ::fstWriterEmitVariableLengthValueChange(fst_, v->handle, line_.data() + 1, static_cast<uint32_t>(blank - 1));
    } else if (blank - 1 == v->bits) {
      ::fstWriterEmitValueChange(fst_, v->handle, line_.data() + 1);
    } else {  // shortened by the rules of VCD: zeros on the left
      const std::string whole =
          std::string(v->bits - std::min<size_t>(v->bits, blank - 1), '0') + line_.substr(1, blank - 1);
      ::fstWriterEmitValueChange(fst_, v->handle, whole.data());
    }
  }

  // Codes of the model are small numbers; the long ones of the notes go behind them.
  size_t slot(std::string_view code) {
    const size_t number = code_number(code);
    if (number < kModelCodes) return number;
    return kModelCodes + static_cast<size_t>(code.back() - '!');
  }
  const Variable* find(std::string_view code) {
    const size_t index = slot(code);
    return index < variables_.size() && variables_[index].handle != 0 ? &variables_[index] : nullptr;
  }

  static constexpr size_t kModelCodes = size_t{1} << 24;
  std::istream& vcd_;
  void* fst_;
  std::string line_;
  std::vector<Variable> variables_;
};

}  // namespace

bool have_fst() {
  return true;
}

namespace {

// In a process of its own: the writer ends its process when the disk is full.
[[noreturn]] void convert_and_exit(const std::string& vcd_path, const std::string& fst_path) {
  std::ifstream vcd(vcd_path);
  bool opened = vcd.is_open();
  if (opened) {
    Converter converter(vcd, fst_path);
    opened = converter.opened();
    if (opened) converter.run();
  }
  ::_exit(opened ? 0 : 1);
}

// A write that fails goes unnoticed there; a file whose sections end where it ends has them all (fstapi.h: each is a
// byte that names its kind and eight that count the rest).
bool is_whole(const std::string& fst_path) {
  std::ifstream file(fst_path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  std::streamoff at = 0;
  while (file && at < size) {
    unsigned char head[9];
    file.seekg(at);
    if (!file.read(reinterpret_cast<char*>(head), sizeof head) || head[0] == FST_BL_SKIP) return false;
    std::streamoff length = 0;
    for (int i = 1; i < 9; ++i) length = length << 8 | head[i];
    at += 1 + length;
  }
  return at == size && size > 0;
}

}  // namespace

std::string convert_to_fst(const std::string& vcd_path, const std::string& fst_path) {
  const pid_t child = ::fork();
  if (child == 0) convert_and_exit(vcd_path, fst_path);
  int status = 0;
  if (child > 0) {
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_whole(fst_path)) return {};
  }
  std::remove(fst_path.c_str());
  std::remove((fst_path + ".hier").c_str());
  return fmt::format("cannot write {}; the waves are in {}", fst_path, vcd_path);
}
#else
bool have_fst() {
  return false;
}

std::string convert_to_fst(const std::string&, const std::string& fst_path) {
  return fmt::format("cannot write {}: this build has no FST writer", fst_path);
}
#endif

}  // namespace ringside::testbench
