// The program `ringside-bugs`: `ringside`, and --bug finds what it names.
#include "testbench/bugs/shelf.h"
#include "testbench/program/program.h"

int main(int argc, char** argv) {
  const ringside::testbench::Shelf shelf;
  return ringside::testbench::run_program(argc, argv, &shelf);
}
