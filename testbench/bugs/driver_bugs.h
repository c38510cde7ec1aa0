// Drivers' bugs: platforms that do wrong what a driver with that bug would do wrong.
#ifndef RINGSIDE_TESTBENCH_BUGS_DRIVER_BUGS_H_
#define RINGSIDE_TESTBENCH_BUGS_DRIVER_BUGS_H_

#include <memory>

#include "driver/platform.h"

namespace ringside::testbench {

// What stands between the driver and the machine when bug `number` is on.
std::unique_ptr<driver::Platform> make_platform_with_bug(unsigned number, driver::Platform& real);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_BUGS_DRIVER_BUGS_H_
