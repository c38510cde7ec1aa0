// NicDriver: the driver of the Ringside NIC. Reads along rtl/regs/REFERENCE.md:
//
//   bring_up.cpp   sections 8 and 13   probe, PCI, reset, MSI-X, MAC, queues; and taking it all down, mirrored
//   data_path.cpp  sections 9 to 11    transmit, interrupt, poll: reclaim, take, provide, doorbells, re-arm
//   service.cpp    section 12          error and link vector, watchdog, recovery of a ring
//   reset.cpp      section 12          recovery of the whole NIC: soft reset, function level reset
//   settings.cpp                       settings at run time, what is offered to the stack
//   self_test.cpp                      the NIC's counters, self test
//
// The four orderings are marked "Ordering 1..4" where they are kept.
// Ownership: the platform and the pool outlive the driver; a posted packet is the driver's until the NIC is done with
//   it. remove() (or the destructor) gives back every packet, buffer, mapping, interrupt, poll and timer.
// Errors: bad settings: std::invalid_argument from the constructor, Setting at run time. Bring-up: BringUp. The
// world's:
//   counted in statistics().
// Threads: none; interrupt handlers only schedule a poll. bring_up(), remove(), set_ring_sizes(), self_test() must not
//   be called from inside a client's callback. Units: bytes, nanoseconds, entries.
#ifndef RINGSIDE_DRIVER_NIC_DRIVER_H_
#define RINGSIDE_DRIVER_NIC_DRIVER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driver/config.h"
#include "driver/interrupts.h"
#include "driver/nic_regs.h"
#include "driver/observer.h"
#include "driver/pci.h"
#include "driver/platform.h"
#include "driver/registers.h"
#include "driver/rx_ring.h"
#include "driver/statistics.h"
#include "driver/status_block.h"
#include "driver/tx_ring.h"
#include "stack/net_device.h"

namespace ringside::driver {

enum class BringUp : uint8_t {
  kUp,
  kNotFound,    // no such function
  kBadBar,      // BAR missing or too small
  kNotRinging,  // ID or VERSION are not this NIC's
  kResetTimeout,
  kNoVectors,    // no MSI-X with enough vectors, and no MSI
  kNoInterrupt,  // the machine has none left
  kNoMemory,
  kAlreadyUp,
};
const char* to_string(BringUp result);

struct SelfTest {
  bool scratch = false;   // SCRATCH holds patterns
  bool identity = false;  // ID and VERSION
  bool counters = false;  // no counter runs backwards
  bool status = false;    // the status block in memory is the one STATUS_TAG speaks of
  bool loopback = false;  // frames came back through the MAC, unharmed
  bool passed() const { return scratch && identity && counters && status && loopback; }
};

class NicDriver : public stack::NetDevice {
 public:
  // `rx_pool` gives the receive buffers. Touches no hardware.
  NicDriver(Platform& platform, stack::BufferPool& rx_pool, const NicConfig& config);
  ~NicDriver() override;
  NicDriver(const NicDriver&) = delete;
  NicDriver& operator=(const NicDriver&) = delete;

  // From nothing to traffic; when it fails, everything taken is given back and it may be called again.
  BringUp bring_up();
  // From traffic to nothing. Idempotent.
  void remove();

  void set_observer(DriverObserver* observer) { observer_ = observer; }  // before bring_up(); null: nobody

  // stack::NetDevice
  void set_client(stack::NetDeviceClient* client) override { client_ = client; }
  stack::TxResult transmit(stack::Packet& packet, bool more) override;
  void flush() override;
  stack::MacAddress mac_address() const override { return config_.mac; }
  uint32_t mtu() const override { return config_.mtu_bytes; }
  stack::DeviceFeatures features() const override;
  bool link_up() const override { return link_up_; }
  std::string_view name() const override { return config_.name; }

  // Settings at run time; those of a driver that is down are used at its next bring-up.
  Setting set_mac_address(const stack::MacAddress& mac);
  Setting set_mtu(uint32_t bytes);
  Setting set_coalescing(const Coalescing& coalescing);
  Setting set_offloads(const Offloads& offloads);  // refresh_features() of the stack's interface afterwards
  Setting set_rss(const RssSettings& rss);
  Setting set_pause(const PauseSettings& pause);
  Setting set_dma_timeout(uint16_t us);
  Setting set_poll_budget(uint32_t frames);
  Setting set_auto_mask(bool on);
  Setting set_promiscuous(bool on);
  Setting set_all_multicast(bool on);
  Setting set_multicast(const std::vector<stack::MacAddress>& groups);  // hash filter
  Setting set_loopback(bool on);                                        // what is sent is received, and nothing else
  Setting set_index_source(IndexSource source);
  // Packets under way get up to 1 ms to leave, then are given up.
  Setting set_ring_sizes(const RingSizes& sizes);

  // Resets the whole NIC, as the driver does by itself when a ring cannot be recovered; through configuration space
  // when asked to. Rings and settings stay, packets under way are given up.
  Setting reset(bool through_configuration_space);

  const NicConfig& config() const { return config_; }
  bool running() const { return state_ == State::kRunning; }
  bool failed() const { return state_ == State::kFailed; }
  size_t queue_count() const { return queues_.size(); }
  const DriverStatistics& statistics() const { return statistics_; }
  const QueueStatistics& queue_statistics(size_t queue) const { return queues_[queue]->statistics; }
  bool has(regs::Field<regs::Features> feature) const { return nic_features_.test(feature); }  // after bring-up
  bool shares_one_interrupt() const { return interrupts_.shared(); }
  std::array<uint64_t, regs::kNumCounters> nic_counters() const;  // order of regs::kCounters; zeros when down
  SelfTest self_test();
  void force_interrupt(unsigned queue);  // one message, for tests of the vector

 private:
  enum class State : uint8_t { kDown, kRunning, kFailed };
  enum class Index : uint8_t { kTx, kReturn };

  struct Queue {
    Queue(Platform& platform, unsigned number_in) : number(number_in), status(platform) {}
    unsigned number;
    StatusBlock status;
    std::unique_ptr<TxRing> tx;
    std::unique_ptr<RxRing> rx;
    int poll = -1;
    QueueStatistics statistics;
    uint32_t tx_floor_tag = 0;  // status blocks up to this one speak of the ring before its reset
    uint32_t rx_floor_tag = 0;
    uint32_t tx_wanted = 0;      // entries the packet that met kBusy needs; 0: the queue is not stopped
    uint64_t tx_moved_ns = 0;    // when the NIC last gave packets back, or the first one was posted
    unsigned stuck = 0;          // resets by the watchdog since then
    uint32_t stamp_id = 0;       // a time of departure is awaited under this number; 0: none
    uint32_t stamp_idx = 0;      // ... of the packet that starts with this entry
    uint64_t last_stamp_ns = 0;  // told last, or left by the ring before
    bool tx_broken = false;      // waits for recovery
    bool rx_broken = false;
    bool ret_broken = false;  // ... because the return ring cannot be believed
  };

  // bring_up.cpp
  bool find_function();
  BringUp identify();
  bool soft_reset();
  BringUp set_up_interrupts();
  void set_up_mac();
  void set_up_queues();
  bool set_up_memory();
  std::unique_ptr<TxRing> new_tx_ring(const RingSizes& sizes);
  std::unique_ptr<RxRing> new_rx_ring(const RingSizes& sizes);
  void set_up_queue(Queue& queue);
  void turn_on_tx(Queue& queue);
  void turn_on_rx(Queue& queue);
  bool stop_tx(Queue& queue);
  bool stop_rx(Queue& queue);
  bool clear_tx(Queue& queue);
  bool clear_rx(Queue& queue);
  void let_traffic_in();
  void quiesce();
  void release_all();
  BringUp bring_up_steps();

  // data_path.cpp
  Queue& tx_queue(const stack::Packet& packet);
  bool sendable(const stack::Packet& packet) const;
  bool segmentable(const stack::Packet& packet, uint32_t longest) const;
  stack::TxResult busy(Queue& queue, uint32_t entries);
  void count_sent(Queue& queue, const stack::Packet& packet, const TxRing::Need& need);
  stack::TxResult drop(stack::Packet& packet, uint64_t& counter);
  bool make_room(Queue& queue, uint32_t entries);
  void ring_tx_doorbell(Queue& queue);
  void on_interrupt(Queue& queue);
  void on_shared_interrupt();
  bool poll(Queue& queue);
  uint32_t read_index(Queue& queue, Index which);
  uint32_t reclaim(Queue& queue);
  void report_stamp(Queue& queue);
  uint32_t receive(Queue& queue);
  void receive_all(Queue& queue);
  void deliver(stack::Packet&& packet, Queue& queue);
  void provide(Queue& queue);
  void ring_rx_doorbells(Queue& queue);
  void wake(Queue& queue);
  void rearm(Queue& queue, uint32_t tag);
  bool more_work(Queue& queue);

  // service.cpp
  void on_service_interrupt();
  bool service();
  void handle_causes(regs::Value<regs::ErrorCause> cause);
  void look_at_errors(Queue& queue);
  void recover(Queue& queue);
  void reset_tx(Queue& queue);
  void reset_rx(Queue& queue);
  void update_link();
  void start_watchdog(uint64_t delay_ns);
  void watch(Queue& queue);
  void fail();

  // reset.cpp
  void reset_nic();
  bool reset_hardware(bool through_configuration_space);
  bool reset_now(bool through_configuration_space);
  void start_again();
  void save_what_is_done();

  // settings.cpp
  void write_mac_address();
  void write_max_frame();
  void write_coalescing(Queue& queue);
  void write_int_control(Queue& queue);
  void write_mac_control();
  void write_pause();
  void write_rss();
  Setting swap_rings(const RingSizes& sizes);
  bool replace_rings(Queue& queue, std::unique_ptr<TxRing> tx, std::unique_ptr<RxRing> rx);
  void drain(Queue& queue);

  // self_test.cpp
  bool test_scratch();
  bool test_status(Queue& queue);
  bool test_loopback();
  bool loop_a_frame(unsigned number);
  bool is_test_frame(const stack::Packet& packet) const;

  Platform& platform_;
  stack::BufferPool& rx_pool_;
  NicConfig config_;
  stack::NetDeviceClient* client_ = nullptr;
  DriverObserver* observer_ = nullptr;
  State state_ = State::kDown;
  PciFunction* function_ = nullptr;
  Registers nic_;
  Interrupts interrupts_{platform_};
  regs::Value<regs::Features> nic_features_;
  std::vector<std::unique_ptr<Queue>> queues_;
  uint64_t multicast_hash_ = 0;
  int service_poll_ = -1;
  int watchdog_ = -1;
  bool watchdog_running_ = false;
  uint64_t watchdog_at_ns_ = 0;
  bool watchdog_expired_ = false;
  bool link_up_ = false;
  bool loopback_ = false;
  bool testing_loopback_ = false;
  std::vector<uint8_t> looped_frame_;  // what came back in the self test
  unsigned resets_in_a_row_ = 0;       // of the whole NIC, with nothing sent or received in between
  DriverStatistics statistics_;
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_NIC_DRIVER_H_
