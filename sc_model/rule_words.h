// What each rule asks that the checkers of this project hold: of PCI Express (P), of rings and registers, the driver's
// (R) and the device's (D), of interrupts (I), of Ethernet (E) and of checksums (C). A violation names its rule by id.
#ifndef RINGSIDE_SC_MODEL_RULE_WORDS_H_
#define RINGSIDE_SC_MODEL_RULE_WORDS_H_

#include <string_view>
#include <vector>

namespace ringside::sc_model {

struct RuleWords {
  const char* id;     // "P4"
  const char* words;  // one sentence
};

// All of them, in the order P, R, D, I, E, C, each by number.
const std::vector<RuleWords>& rule_words();
// By its id, capitals as written; null: there is none.
const RuleWords* rule_called(std::string_view id);

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_RULE_WORDS_H_
