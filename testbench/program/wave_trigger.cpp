#include "testbench/program/wave_trigger.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "driver/nic_regs.h"
#include "testbench/driver/register_table.h"
#include "testbench/program/rules_text.h"
#include "testbench/program/scenario_reader.h"
#include "testbench/program/violation_host.h"
#include "testbench/program/wave_options.h"
#include "testbench/program/words.h"

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

// A frame is told when it has ended, up to so much after it began.
constexpr TimePs kFramePs = 10 * sc_model::kPsPerUs;

[[noreturn]] void wrong(const std::string& text) {
  throw UsageError(fmt::format(
      "--wave-on {}: must be rule, rule=P4, frame=N, descriptor=I (tx0:I, rx1:I), register=NAME or time=T", text));
}

// The whole text is the number.
std::optional<uint64_t> number_of(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

const RegisterWord* register_of(const std::string& name) {
  for (const RegisterWord& word : kRegisterWords) {
    if (name == word.name) return &word;
  }
  return nullptr;
}

}  // namespace

WaveTrigger::WaveTrigger(const std::string& text, const std::array<std::string, 2>& hosts) : names_(hosts) {
  const size_t equals = std::min(text.find('='), text.size());
  const std::string kind = text.substr(0, equals);
  const std::string value = equals < text.size() ? text.substr(equals + 1) : "";
  if (kind == "rule" && (equals == text.size() || !value.empty())) {
    rule_ = value.empty() ? "" : rule_id(value, "--wave-on rule=");
  } else if (kind == "frame" && number_of(value).value_or(0) > 0) {
    kind_ = Kind::kFrame;
    number_ = *number_of(value);
  } else if (kind == "descriptor") {
    parse_descriptor(value);
  } else if (kind == "register") {
    parse_register(value);
  } else if (kind == "time") {
    kind_ = Kind::kTime;
    number_ = parse_time(value, "--wave-on time =");
  } else {
    wrong(text);
  }
}

// "I", "tx0:I", "rx3:I": the doorbell that hands descriptor I of the ring to the NIC.
void WaveTrigger::parse_descriptor(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string ring = colon == std::string::npos ? "tx0" : text.substr(0, colon);
  const auto index = number_of(colon == std::string::npos ? text : text.substr(colon + 1));
  const auto queue = number_of(ring.size() > 2 ? ring.substr(2) : "");
  const std::string way = ring.substr(0, 2);
  const RegisterWord* doorbell = register_of(way == "rx" ? "RX_PROD_IDX" : "TX_PROD_IDX");
  if (!index || *index > UINT32_MAX || !queue || *queue >= doorbell->count || (way != "tx" && way != "rx"))
    wrong("descriptor=" + text);
  kind_ = Kind::kDescriptor;
  number_ = *index;
  register_name_ = fmt::format("{} descriptor {}", ring, *index);
  first_ = doorbell->address + static_cast<uint32_t>(*queue) * doorbell->step;
}

void WaveTrigger::parse_register(const std::string& text) {
  const size_t bracket = text.find('[');
  const std::string name = upper(text.substr(0, bracket));
  const RegisterWord* word = register_of(name);
  if (word == nullptr) throw UsageError(fmt::format("--wave-on register={}: the NIC has no such register", text));
  kind_ = Kind::kRegister;
  register_name_ = name;
  first_ = word->address;
  count_ = word->count;
  step_ = word->step;
  if (bracket == std::string::npos) return;
  const auto index = number_of(text.substr(bracket + 1, text.size() - bracket - 2));
  if (text.back() != ']' || !index || *index >= word->count) wrong("register=" + text);
  first_ += static_cast<uint32_t>(*index) * step_;
  count_ = 1;
  register_name_ += text.substr(bracket);
}

sc_model::Observer& WaveTrigger::host(size_t index) {
  hosts_[index].trigger = this;
  hosts_[index].index = index;
  return hosts_[index];
}

void WaveTrigger::look(size_t host, const sc_model::MmioEvent& event) {
  if (seen_ || !event.write || event.bar != driver::regs::kBar) return;
  if (kind_ != Kind::kRegister && kind_ != Kind::kDescriptor) return;
  if (event.offset < first_ || event.offset >= first_ + count_ * step_ || (event.offset - first_) % step_ != 0) return;
  // Indices run freely: the doorbell names the first descriptor that is not yet handed over.
  const uint32_t beyond = static_cast<uint32_t>(event.value) - static_cast<uint32_t>(number_);
  if (kind_ == Kind::kDescriptor && (beyond == 0 || beyond > INT32_MAX)) return;
  seen_ = WaveMoment{event.time_ps, sc_model::kNever, host,
                     fmt::format("{} written with 0x{:x}", register_name_, event.value)};
  if (kind_ == Kind::kDescriptor) seen_->what = register_name_ + " handed to the NIC";
}

void WaveTrigger::WireWatch::on_frame(const sc_model::FrameEvent& event) {
  if (event.stage == sc_model::FrameStage::kSent) sent[event.sender].push_back(event.time_ps);
}

std::optional<WaveMoment> WaveTrigger::due(TimePs now, const sc_model::ViolationLog& violations) {
  if (kind_ == Kind::kRule) return rule_broken(violations);
  if (kind_ == Kind::kFrame) return now > kFramePs ? frame_sent(now - kFramePs) : std::nullopt;
  return seen_;
}

std::optional<WaveMoment> WaveTrigger::rule_broken(const sc_model::ViolationLog& violations) {
  for (; violations_seen_ < violations.kept().size(); ++violations_seen_) {
    const sc_model::Violation& v = violations.kept()[violations_seen_];
    if (rule_.empty() || rule_ == v.rule) return moment_of(v);
  }
  return std::nullopt;
}

// Events begin with their time in ns.
WaveMoment WaveTrigger::moment_of(const sc_model::Violation& v) const {
  WaveMoment moment;
  moment.at = v.time_ps;
  moment.what = to_string(v);
  moment.host = host_of_violation(v.object, names_);
  for (const std::string& event : v.events) {
    const double ns = std::atof(event.c_str());
    if (ns > 0) moment.since = std::min(moment.since, static_cast<TimePs>(ns * 1e3));
  }
  return moment;
}

// Frame N of capture.pcapng, which counts from 1 in the order of time.
std::optional<WaveMoment> WaveTrigger::frame_sent(TimePs certain_until) const {
  const auto& [a, b] = wire_.sent;
  if (a.size() + b.size() < number_) return std::nullopt;
  size_t i = 0, j = 0;
  for (uint64_t n = 1;; ++n) {
    const bool first = j == b.size() || (i < a.size() && a[i] <= b[j]);
    const TimePs at = first ? a[i++] : b[j++];
    if (at > certain_until) return std::nullopt;
    if (n == number_) return WaveMoment{at, sc_model::kNever, first ? 0 : 1, fmt::format("frame {}", n)};
  }
}

}  // namespace ringside::testbench
