// VCD to FST, the compressed form that GTKWave and Surfer open faster: 10 to 30 times smaller.
//
// Why so and not by a model of its own: Verilator traces a model either as VCD or as FST, decided when it is verilated,
// so both would mean two more models to build (half a minute each). VCD is also the form that stays readable when the
// process dies, and writing FST cycle by cycle is four times slower. So the model writes VCD, and this makes FST of it
// when the window is complete.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_WAVE_FST_H_
#define RINGSIDE_TESTBENCH_PROGRAM_WAVE_FST_H_

#include <string>

namespace ringside::testbench {

// False when the build found no FST writer (it comes with Verilator, and needs zlib).
bool have_fst();

// Reads a VCD of the kind that wave_file.h writes, to its last whole line. Empty, or why it could not be done; the FST
// is removed then.
std::string convert_to_fst(const std::string& vcd_path, const std::string& fst_path);

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_WAVE_FST_H_
