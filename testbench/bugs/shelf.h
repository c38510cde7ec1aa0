// The list of bugs as the program's command line sees it.
#ifndef RINGSIDE_TESTBENCH_BUGS_SHELF_H_
#define RINGSIDE_TESTBENCH_BUGS_SHELF_H_

#include <memory>
#include <string>

#include "testbench/program/bug_shelf.h"

namespace ringside::testbench {

class Shelf : public BugShelf {
 public:
  std::string list() const override;
  std::shared_ptr<SwitchedBug> take(const std::string& id) const override;  // "BUG-007", or 7
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BUGS_SHELF_H_
