#include "stack/descriptor_table.h"

#include <algorithm>
#include <utility>

namespace ringside::stack {

Result DescriptorTable::add(std::shared_ptr<File> file) {
  auto slot = std::find(files_.begin(), files_.end(), nullptr);
  if (slot == files_.end()) {
    if (files_.size() >= max_) return Result::fail(Error::kTooManyFiles);
    slot = files_.insert(files_.end(), nullptr);
  }
  *slot = std::move(file);
  ++open_;
  return Result::of(slot - files_.begin());
}

// Path step T2: the descriptor table finds the file; open? open for this?
std::shared_ptr<File> DescriptorTable::find(int descriptor, uint8_t access, Error* error) const {
  *error = Error::kBadDescriptor;
  if (descriptor < 0 || static_cast<size_t>(descriptor) >= files_.size()) return {};
  const auto& file = files_[static_cast<size_t>(descriptor)];
  if (!file || (file->access() & access) != access) return {};
  *error = Error::kOk;
  return file;
}

std::shared_ptr<File> DescriptorTable::remove(int descriptor) {
  if (descriptor < 0 || static_cast<size_t>(descriptor) >= files_.size()) return {};
  auto file = std::move(files_[static_cast<size_t>(descriptor)]);
  files_[static_cast<size_t>(descriptor)] = nullptr;
  if (file) --open_;
  return file;
}

}  // namespace ringside::stack
