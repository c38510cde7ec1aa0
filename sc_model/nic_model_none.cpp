// Stands in for nic_model.cpp in a build without the rtl room: there is no model, and it says so.
#include <stdexcept>

#include "sc_model/nic_model.h"

namespace ringside::sc_model {

bool have_nic_model(unsigned, bool) { return false; }

std::unique_ptr<NicModel> make_nic_model(unsigned, bool, const std::string&) {
  throw std::invalid_argument("this build has no NIC model: the rtl room was left out");
}

}  // namespace ringside::sc_model
