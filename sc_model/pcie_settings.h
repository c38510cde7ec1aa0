// What software has programmed into the function, as the platform saw it being written; the checkers judge by it.
#ifndef RINGSIDE_SC_MODEL_PCIE_SETTINGS_H_
#define RINGSIDE_SC_MODEL_PCIE_SETTINGS_H_

#include <cstdint>

#include "sc_model/tlp.h"

namespace ringside::sc_model {

struct PcieSettings {
  uint32_t mps_bytes = 128;   // reset values of Device Control (7.5.3.4)
  uint32_t mrrs_bytes = 512;
  uint32_t rcb_bytes = 64;    // of the root port
  bool extended_tags = false;
  // Room for completions that the NIC's PCI Express core has; an endpoint asks for no more than fits (2.6.1).
  uint32_t completion_buffer_bytes = 64 * 512;
  bool relaxed_ordering = false;
  bool no_snoop = false;
  bool bus_master = false;
  uint64_t bar0 = 0;              // where enumeration has placed BAR 0; 0: not yet
  uint64_t bar0_bytes = 0;
  uint16_t pcie_capability = 0;   // offsets in configuration space, 0: the function has none
  uint16_t msi_capability = 0;
  uint16_t msix_capability = 0;
  PciId function;             // id of the function, captured from the last configuration write
};

}  // namespace ringside::sc_model

#endif  // RINGSIDE_SC_MODEL_PCIE_SETTINGS_H_
