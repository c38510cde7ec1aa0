// Descriptor table: small integers for files, the lowest free one first.
#ifndef RINGSIDE_STACK_DESCRIPTOR_TABLE_H_
#define RINGSIDE_STACK_DESCRIPTOR_TABLE_H_

#include <memory>
#include <vector>

#include "stack/error.h"
#include "stack/file.h"

namespace ringside::stack {

class DescriptorTable {
 public:
  explicit DescriptorTable(size_t max_descriptors) : max_(max_descriptors) {}

  Result add(std::shared_ptr<File> file);  // value: the descriptor
  // The open file, when it is open and open for `access` (0: for anything); else kBadDescriptor.
  std::shared_ptr<File> find(int descriptor, uint8_t access, Error* error) const;
  std::shared_ptr<File> remove(int descriptor);  // empty when it was not open
  size_t open_count() const { return open_; }

 private:
  size_t max_;
  size_t open_ = 0;
  std::vector<std::shared_ptr<File>> files_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_DESCRIPTOR_TABLE_H_
