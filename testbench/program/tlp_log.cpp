#include "testbench/program/tlp_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringside::testbench {
namespace {

constexpr uint32_t kShownBytes = 32;

}  // namespace

sc_model::Observer& TlpLog::host(size_t index, const std::string& name) {
  hosts_[index].log = this;
  hosts_[index].name = name;
  return hosts_[index];
}

void TlpLog::HostLog::on_tlp(const sc_model::TlpEvent& event) {
  const sc_model::Tlp& tlp = *event.tlp;
  std::string line = fmt::format("{:>14.3f} {} {} {}", static_cast<double>(event.time_ps) * 1e-3, name,
                                 event.direction == sc_model::TlpDirection::kToDevice ? "->" : "<-", tlp.to_string());
  const uint32_t shown = std::min(tlp.payload_bytes, kShownBytes);
  for (uint32_t i = 0; i < shown; ++i)
    line += fmt::format("{}{:02x}", i == 0 ? "  " : i % 4 == 0 ? " " : "", tlp.payload[i]);
  line += shown < tlp.payload_bytes ? " ...\n" : "\n";
  log->file_.append(line.data(), line.size());
  log->file_.end_record();
}

}  // namespace ringside::testbench
