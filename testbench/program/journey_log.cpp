#include "testbench/program/journey_log.h"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

namespace ringside::testbench {
namespace {

using sc_model::TimePs;

std::string in_folder(const std::string& folder, const char* name) {
  return folder.empty() ? "/dev/null" : (std::filesystem::path(folder) / name).string();
}

}  // namespace

std::string journey_columns() {
  std::string line =
      "id\twrite\tgroup\tgroup_size\tfrom\tto\ttx_queue\ttx_idx\trx_queue\tret_idx\tbytes\tpayload\tfate\ttimer\thead";
  for (size_t i = 0; i < kJourneySteps; ++i) {
    line += '\t';
    line += name_of(static_cast<JourneyStep>(i)).column;
  }
  return line;
}

JourneyLog::JourneyLog(const std::string& folder, const std::array<std::string, 2>& hosts, double gigabits_per_s)
    : file_(in_folder(folder, "journeys.tsv")),
      trace_(in_folder(folder, "trace.json"), hosts, gigabits_per_s),
      hosts_(hosts),
      ps_per_octet_(8e3 / gigabits_per_s) {
  const std::string line = journey_columns() + "\n";
  file_.append(line.data(), line.size());
  file_.end_record();
}

uint64_t JourneyLog::begin_write() {
  writes_.emplace_back();
  if (writes_.size() > kMost) {
    writes_.pop_front();
    ++first_write_;
  }
  return first_write_ + writes_.size() - 1;
}

void JourneyLog::mark_write(uint64_t write, JourneyStep step, TimePs now) {
  const auto index = static_cast<size_t>(step);
  if (write - first_write_ < writes_.size() && index < 3) writes_[write - first_write_].at[index] = now;
  if (watch_ != nullptr) watch_->on_write_step(write, step, now);
}

uint64_t JourneyLog::add(unsigned from, uint64_t write, uint32_t frames) {
  const uint64_t group = first_id_ + under_way_.size();
  for (uint32_t i = 0; i < frames; ++i) {
    Journey& journey = under_way_.emplace_back();
    journey.id = group + i;
    journey.group = group;
    journey.group_size = frames;
    journey.from = static_cast<uint8_t>(from);
    journey.write = write;
    if (write - first_write_ < writes_.size()) {
      const Write& times = writes_[write - first_write_];
      std::copy(times.at.begin(), times.at.end(), journey.at.begin());
    }
  }
  while (under_way_.size() > kMost) write_front();
  return group;
}

Journey* JourneyLog::find(uint64_t id) {
  return id - first_id_ < under_way_.size() ? &under_way_[id - first_id_] : nullptr;
}

void JourneyLog::set(Journey& journey, JourneyStep step, TimePs at) {
  journey[step] = at;
  if (watch_ != nullptr && at != 0) watch_->on_step(journey, step, at);
}

void JourneyLog::mark(uint64_t id, JourneyStep step, TimePs now) {
  if (Journey* journey = find(id)) set(*journey, step, now);
}

void JourneyLog::mark_first(uint64_t id, JourneyStep step, TimePs now) {
  Journey* journey = find(id);
  if (journey != nullptr && (*journey)[step] == 0) set(*journey, step, now);
}

void JourneyLog::settle() {
  while (!under_way_.empty() && under_way_.front().complete()) write_front();
}

void JourneyLog::close() {
  while (!under_way_.empty()) write_front();
  file_.close();
  trace_.close();
}

void JourneyLog::write_front() {
  Journey& j = under_way_.front();
  if (j.fate == Fate::kUnderWay && j[JourneyStep::kSent] != 0) {
    if (j[JourneyStep::kArrived] == 0)
      j.fate = Fate::kLostOnWire;
    else if (j[JourneyStep::kStored] == 0)
      j.fate = Fate::kDropped;
  }
  fmt::memory_buffer line;
  const auto out = std::back_inserter(line);
  fmt::format_to(out, "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", j.id, j.write, j.group,
                 j.group_size, hosts_[j.from], hosts_[1u - j.from], j.tx_queue, j.tx_idx, j.rx_queue, j.ret_idx,
                 j.bytes, j.head.payload, to_string(j.fate), j.timer ? 1 : 0, to_string(j.head));
  for (const TimePs at : j.at) {
    if (at == 0)
      line.push_back('\t');
    else
      fmt::format_to(out, "\t{}", at);
  }
  line.push_back('\n');
  file_.append(line.data(), line.size());
  file_.end_record();
  trace_.journey(j);
  if (watch_ != nullptr) watch_->on_closed(j);
  under_way_.pop_front();
  ++first_id_;
}

}  // namespace ringside::testbench
