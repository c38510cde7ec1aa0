// What is known of the frame and the TLP that were told to the observers last, in words for the captures' comments.
#ifndef RINGSIDE_TESTBENCH_PROGRAM_PACKET_NOTES_H_
#define RINGSIDE_TESTBENCH_PROGRAM_PACKET_NOTES_H_

#include <cstddef>
#include <string>

namespace ringside::testbench {

class PacketNotes {
 public:
  virtual ~PacketNotes() = default;
  virtual const std::string& frame_note() const = 0;           // empty: nothing
  virtual const std::string& tlp_note(size_t host) const = 0;  // likewise
};

}  // namespace ringside::testbench

#endif  // RINGSIDE_TESTBENCH_PROGRAM_PACKET_NOTES_H_
