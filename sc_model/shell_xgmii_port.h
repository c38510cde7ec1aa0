// The wire side of the NIC shell: XGMII beats <-> stamped words.
//
// Transmit: the beat that appears after MAC edge t is on the medium from t on, one word after the other.
// Receive: edge e takes the words whose first octet lies in [e - period, e) and puts each in the slot that its time
//   names, so that the receiver's clock phase moves frames between the words of a beat, as a real PCS does.
#ifndef RINGSIDE_SC_MODEL_SHELL_XGMII_PORT_H_
#define RINGSIDE_SC_MODEL_SHELL_XGMII_PORT_H_

#include <cstdint>
#include <deque>

#include "sc_model/nic_model.h"
#include "sc_model/xgmii.h"

namespace ringside::sc_model {

class ShellXgmiiPort {
 public:
  ShellXgmiiPort(const NicModel& model, TimePs mac_period_ps);
  void connect(XgmiiSink* transmit) { transmit_ = transmit; }
  void receive(TimePs first, const XgmiiWord* words, unsigned count);

  // Before and after each MAC edge at `now`.
  void drive_inputs(TimePs now);
  void take_outputs(TimePs now);

  bool quiet(TimePs now) const;
  TimePs earliest_input() const { return words_.empty() ? kNever : words_.front().first; }

 private:
  struct Stamped { TimePs first; XgmiiWord word; };
  static constexpr unsigned kMostWords = 8;
  bool output_idle() const;
  void drive_idle();

  const NicPins& pins_;
  const unsigned words_per_beat_;
  const TimePs period_ps_;
  const TimePs word_ps_;
  XgmiiSink* transmit_ = nullptr;
  std::deque<Stamped> words_;
  bool input_idle_ = false;   // the pins hold idle already
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_SHELL_XGMII_PORT_H_
