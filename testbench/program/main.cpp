// The program `ringside`, with no bugs built in.
#include "testbench/program/program.h"

int main(int argc, char** argv) {
  return ringside::testbench::run_program(argc, argv, nullptr);
}
