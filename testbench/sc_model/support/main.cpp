// main() of the SystemC tests. SystemC's own main is not used; sc_main is there because its library asks for it.
#include <gtest/gtest.h>

#include <systemc>

int sc_main(int, char**) { return 0; }

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  return RUN_ALL_TESTS();
}
