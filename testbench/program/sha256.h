// SHA-256 of bytes that come in pieces (libcrypto).
#ifndef RINGSIDE_TESTBENCH_PROGRAM_SHA256_H_
#define RINGSIDE_TESTBENCH_PROGRAM_SHA256_H_

#include <cstddef>
#include <memory>
#include <string>

struct evp_md_ctx_st;

namespace ringside::testbench {

class Sha256 {
 public:
  Sha256();
  void add(const void* data, size_t bytes);
  std::string value() const;  // of what was added so far; 64 hexadecimal digits

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_SHA256_H_
