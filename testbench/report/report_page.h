// The report as one HTML page without anything from outside: page.html with style, scripts and the run's data put in.
#ifndef RINGSIDE_TESTBENCH_REPORT_REPORT_PAGE_H_
#define RINGSIDE_TESTBENCH_REPORT_REPORT_PAGE_H_

#include <string>

namespace ringside::testbench {

// `data`: a JSON document. `title`: of the window.
std::string report_page(const std::string& data, const std::string& title);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_REPORT_REPORT_PAGE_H_
