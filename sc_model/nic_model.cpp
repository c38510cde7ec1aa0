// The only file of this room that sees verilated headers. Which models there are is decided by the build (RINGSIDE_NIC_<width>[T]).
#include "sc_model/nic_model.h"

#include <stdexcept>

#include "sc_model/nic_model_pins.h"
#include "verilated.h"
#ifdef RINGSIDE_NIC_64
#include "Vnic64.h"
#endif
#ifdef RINGSIDE_NIC_128
#include "Vnic128.h"
#endif
#ifdef RINGSIDE_NIC_256
#include "Vnic256.h"
#endif
#ifdef RINGSIDE_NIC_512
#include "Vnic512.h"
#endif
#ifdef RINGSIDE_NIC_64T
#include "Vnic64t.h"
#endif
#ifdef RINGSIDE_NIC_512T
#include "Vnic512t.h"
#endif
#if defined(RINGSIDE_NIC_64T) || defined(RINGSIDE_NIC_512T)
#define RINGSIDE_NIC_TRACE
#include "verilated_vcd_c.h"
#endif

namespace ringside::sc_model {
namespace {

template <typename Verilated>
class PlainNic final : public NicModel {
 public:
  PlainNic(unsigned width, const std::string& name) : NicModel(width), model_(&context_, name.c_str()) {
    bind_pins(model_, pins_);
  }
  ~PlainNic() override { model_.final(); }
  void eval() override { model_.eval(); }

 private:
  VerilatedContext context_;
  Verilated model_;
};

#ifdef RINGSIDE_NIC_TRACE
// Verilator's own file ends the process when the disk is full; ours hands the text on and never fails.
class SinkFile final : public VerilatedVcdFile {
 public:
  explicit SinkFile(WaveSink& sink) : sink_(sink) {}
  bool open(const std::string&) override { return true; }
  void close() override {}
  ssize_t write(const char* bytes, ssize_t count) override {
    sink_.text(bytes, static_cast<size_t>(count));
    return count;
  }

 private:
  WaveSink& sink_;
};

template <typename Verilated>
class TracedNic final : public NicModel {
 public:
  TracedNic(unsigned width, const std::string& name)
      : NicModel(width), context_(traced_context()), model_(context_.get(), name.c_str()) {
    bind_pins(model_, pins_);
  }
  ~TracedNic() override {
    trace_close();
    model_.final();
  }
  void eval() override { model_.eval(); }

  bool trace_open(WaveSink& sink) override {
    constexpr int kAllLevels = 99;
    if (file_) return false;
    file_ = std::make_unique<SinkFile>(sink);
    vcd_ = std::make_unique<VerilatedVcdC>(file_.get());
    vcd_->set_time_unit("1ps");
    vcd_->set_time_resolution("1ps");
    model_.trace(vcd_.get(), kAllLevels);
    vcd_->open("waves");  // a name that nobody opens
    return vcd_->isOpen();
  }
  void trace_dump(TimePs now) override {
    if (vcd_) vcd_->dump(now);
  }
  void trace_flush() override {
    if (vcd_) vcd_->flush();
  }
  void trace_close() override {
    if (vcd_) vcd_->close();
    vcd_.reset();
  }

 private:
  static std::unique_ptr<VerilatedContext> traced_context() {
    auto context = std::make_unique<VerilatedContext>();
    context->traceEverOn(true);
    return context;
  }
  std::unique_ptr<VerilatedContext> context_;
  Verilated model_;
  std::unique_ptr<SinkFile> file_;
  std::unique_ptr<VerilatedVcdC> vcd_;
};
#endif

using Factory = std::unique_ptr<NicModel> (*)(unsigned width, const std::string& name);

template <typename Nic>
std::unique_ptr<NicModel> make(unsigned width, const std::string& name) {
  return std::make_unique<Nic>(width, name);
}

struct Row {
  unsigned width;
  bool trace;
  Factory factory;
};

const Row kModels[] = {
#ifdef RINGSIDE_NIC_64
    {64, false, &make<PlainNic<Vnic64>>},
#endif
#ifdef RINGSIDE_NIC_128
    {128, false, &make<PlainNic<Vnic128>>},
#endif
#ifdef RINGSIDE_NIC_256
    {256, false, &make<PlainNic<Vnic256>>},
#endif
#ifdef RINGSIDE_NIC_512
    {512, false, &make<PlainNic<Vnic512>>},
#endif
#ifdef RINGSIDE_NIC_64T
    {64, true, &make<TracedNic<Vnic64t>>},
#endif
#ifdef RINGSIDE_NIC_512T
    {512, true, &make<TracedNic<Vnic512t>>},
#endif
    {0, false, nullptr},  // keeps the table legal when a build has none
};

const Row* find(unsigned width, bool trace) {
  for (const Row& row : kModels)
    if (row.factory != nullptr && row.width == width && row.trace == trace) return &row;
  return nullptr;
}

}  // namespace

bool have_nic_model(unsigned width, bool trace) { return find(width, trace) != nullptr; }

std::unique_ptr<NicModel> make_nic_model(unsigned width, bool trace, const std::string& name) {
  const Row* row = find(width, trace);
  if (row == nullptr)
    throw std::invalid_argument("this build has no NIC model of " + std::to_string(width) + " bits" +
                                (trace ? " with trace" : ""));
  return row->factory(width, name);
}

}  // namespace ringside::sc_model
