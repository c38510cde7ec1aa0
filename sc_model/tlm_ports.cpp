#include "sc_model/tlm_ports.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ringside::sc_model {
namespace {

constexpr uint64_t kMmioStart = 0xE000'0000, kMmioEnd = 0xFEC0'0000;  // where enumeration places BARs
constexpr uint32_t kMostRegisterBytes = 8;

// The largest naturally aligned piece at `address`: what one register access of a CPU can be.
uint32_t register_piece(uint64_t address, uint32_t left) {
  uint32_t bytes = kMostRegisterBytes;
  while (address % bytes != 0 || bytes > left) bytes /= 2;
  return bytes;
}

bool enabled(const tlm::tlm_generic_payload& payload, uint32_t i) {
  const unsigned char* enables = payload.get_byte_enable_ptr();
  return enables == nullptr || enables[i % payload.get_byte_enable_length()] != 0;
}

}  // namespace

// ---------------------------------------------------------------- DMA to a plain memory

TlmMemoryPort::TlmMemoryPort(sc_core::sc_module_name name, HostMachine& host, uint64_t base, uint64_t bytes)
    : sc_module(name), socket("socket"), scheduler_(host.scheduler()), base_(base), bytes_(bytes) {
  if (base % kPageBytes != 0 || bytes % kPageBytes != 0 || base < HostMemory::kHighRamEnd)
    throw std::invalid_argument("the window must be whole pages above RAM");
  sc_core::sc_spawn([this] { run(); }, "run");
  host.root().set_foreign_memory(this);
}

void TlmMemoryPort::access(bool write, uint64_t address, uint8_t* data, uint32_t bytes, uint8_t* enables, Done done) {
  waiting_.push_back({write, address, data, bytes, enables, std::move(done), false});
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void TlmMemoryPort::run() {
  tlm::tlm_generic_payload payload;
  for (;;) {
    while (waiting_.empty()) sc_core::wait(wake_);
    Access access = std::move(waiting_.front());
    waiting_.pop_front();
    payload.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(access.address - base_);
    payload.set_data_ptr(access.data);
    payload.set_data_length(access.bytes);
    payload.set_streaming_width(access.bytes);
    payload.set_byte_enable_ptr(access.enables);
    payload.set_byte_enable_length(access.enables != nullptr ? access.bytes : 0);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(payload, delay);
    sc_core::wait(delay);
    access.ok = payload.is_response_ok();
    over_.push_back(std::move(access));
    scheduler_.at(sim_now_ps(), EventClass::kRootComplex, *this);
  }
}

// In the scheduler, so that what else happens at this instant has its place before it or behind it.
void TlmMemoryPort::fire(uint64_t) {
  const Access access = std::move(over_.front());
  over_.pop_front();
  access.done(access.ok);
}

// ---------------------------------------------------------------- a plain initiator beside the CPU

TlmCpuPort::TlmCpuPort(sc_core::sc_module_name name, HostMachine& host)
    : sc_module(name), socket("socket"), host_(host) {
  socket.register_b_transport(this, &TlmCpuPort::b_transport);
}

void TlmCpuPort::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
  payload.set_dmi_allowed(false);
  payload.set_response_status(transfer(payload));
}

tlm::tlm_response_status TlmCpuPort::transfer(tlm::tlm_generic_payload& payload) {
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  if (payload.get_streaming_width() < payload.get_data_length()) return tlm::TLM_BURST_ERROR_RESPONSE;
  uint64_t address = payload.get_address();
  const uint64_t end = address + payload.get_data_length();
  if (address < kMmioStart || end > kMmioEnd) return memory(payload);
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  uint8_t* data = payload.get_data_ptr();
  while (address < end) {
    const uint32_t bytes = register_piece(address, static_cast<uint32_t>(end - address));
    if (payload.is_write()) register_write(address, data, bytes);
    else if (!register_read(address, data, bytes)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    address += bytes;
    data += bytes;
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status TlmCpuPort::memory(tlm::tlm_generic_payload& payload) {
  uint8_t* data = payload.get_data_ptr();
  for (uint32_t i = 0; i < payload.get_data_length(); ++i) {
    uint8_t* byte = host_.memory().cpu(payload.get_address() + i);
    if (byte == nullptr) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (!enabled(payload, i)) continue;
    if (payload.is_write()) *byte = data[i];
    else data[i] = *byte;
  }
  return tlm::TLM_OK_RESPONSE;
}

void TlmCpuPort::register_write(uint64_t address, const uint8_t* data, uint32_t bytes) {
  host_.root().post_write(sim_now_ps(), address, data, bytes);
}

bool TlmCpuPort::register_read(uint64_t address, uint8_t* data, uint32_t bytes) {
  sc_core::sc_event answered;
  RequestResult result;
  host_.root().read(sim_now_ps(), address, bytes, [&](const RequestResult& answer) {
    result = answer;
    answered.notify(sc_core::SC_ZERO_TIME);
  });
  sc_core::wait(answered);
  for (uint32_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(result.value >> (8 * i));
  return result.status == CplStatus::kSuccess;
}

}  // namespace ringside::sc_model
