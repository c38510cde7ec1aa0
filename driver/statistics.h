// Statistics: what the driver counts itself. The NIC's own counters are read by NicDriver::nic_counters().
//
// Every packet the driver does not hand on is counted under a name (is_drop). Written by the driver, read by anybody.
#ifndef RINGSIDE_DRIVER_STATISTICS_H_
#define RINGSIDE_DRIVER_STATISTICS_H_

#include <array>
#include <cstdint>

namespace ringside::driver {

struct DriverStatistics {
  uint64_t tx_packets = 0;  // posted
  uint64_t tx_bytes = 0;
  uint64_t tx_descriptors = 0;
  uint64_t tx_doorbells = 0;
  uint64_t tx_reclaimed = 0;  // packets given back by the NIC
  uint64_t tx_busy = 0;       // transmit() answered kBusy
  uint64_t tx_wakes = 0;
  uint64_t tx_bad_packets = 0;    // dropped: empty, longer than the MTU allows, checksum place outside
  uint64_t tx_too_scattered = 0;  // dropped: more descriptors than a packet or the ring may have
  uint64_t tx_down = 0;           // dropped: the driver is not running
  uint64_t tx_given_up = 0;       // dropped: in the ring when it was reset
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_buffers = 0;  // return entries taken
  uint64_t rx_doorbells = 0;
  uint64_t rx_pool_empty = 0;       // provide() found no buffer
  uint64_t rx_too_scattered = 0;    // dropped: more buffers than a Packet holds
  uint64_t rx_no_client = 0;        // dropped: nobody to give it to
  uint64_t rx_given_up = 0;         // dropped: half a frame in hand when the ring was reset
  uint64_t bad_return_entries = 0;  // the NIC broke its contract: index, opaque or length wrong; the ring is reset
  uint64_t bad_indices = 0;         // the NIC broke its contract: an index outside what is in flight; ignored
  uint64_t interrupts = 0;
  uint64_t polls = 0;
  uint64_t budget_exhausted = 0;
  uint64_t rearms = 0;
  uint64_t found_again = 0;  // the look after the re-arm found work
  uint64_t tx_errors = 0;    // TX queue errors the NIC reported
  uint64_t rx_errors = 0;
  uint64_t watchdog_fired = 0;   // TX without progress
  uint64_t lost_interrupts = 0;  // watchdog found work that no interrupt had told of
  uint64_t tx_resets = 0;
  uint64_t rx_resets = 0;
  uint64_t link_changes = 0;
  uint64_t failures = 0;         // the driver gave the NIC up
  uint64_t reset_timeouts = 0;   // a soft reset did not end
  uint64_t nic_resets = 0;       // the whole NIC was reset, for a ring that could not be
  uint64_t function_resets = 0;  // ... through configuration space, for a soft reset that did not end or not help
  uint64_t tx_segmented = 0;     // packets handed to the NIC to be cut into segments
  uint64_t tx_vlan_inserted = 0;
  uint64_t rx_vlan_stripped = 0;
  uint64_t tx_stamps = 0;          // times of departure told
  uint64_t tx_stamps_skipped = 0;  // not asked for: the queue waits for an earlier one, or the NIC has none
  uint64_t tx_stamps_lost = 0;     // awaited when the ring was reset
};

// Of one queue set; the sums are in DriverStatistics.
struct QueueStatistics {
  uint64_t tx_packets = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_reclaimed = 0;
  uint64_t tx_busy = 0;
  uint64_t tx_resets = 0;
  uint64_t rx_packets = 0;
  uint64_t rx_bytes = 0;
  uint64_t rx_resets = 0;
  uint64_t interrupts = 0;  // messages of this vector; a message that all share counts in none
  uint64_t polls = 0;
};

struct QueueStatisticName {
  const char* name;
  uint64_t QueueStatistics::*value;
};

struct StatisticName {
  const char* name;
  uint64_t DriverStatistics::*value;
  bool is_drop;
};

#define RINGSIDE_STATISTIC(name, drop)   \
  StatisticName {                        \
#name, &DriverStatistics::name, drop \
  }
inline constexpr std::array kStatisticNames = {
    RINGSIDE_STATISTIC(tx_packets, false),
    RINGSIDE_STATISTIC(tx_bytes, false),
    RINGSIDE_STATISTIC(tx_descriptors, false),
    RINGSIDE_STATISTIC(tx_doorbells, false),
    RINGSIDE_STATISTIC(tx_reclaimed, false),
    RINGSIDE_STATISTIC(tx_busy, false),
    RINGSIDE_STATISTIC(tx_wakes, false),
    RINGSIDE_STATISTIC(tx_bad_packets, true),
    RINGSIDE_STATISTIC(tx_too_scattered, true),
    RINGSIDE_STATISTIC(tx_down, true),
    RINGSIDE_STATISTIC(tx_given_up, true),
    RINGSIDE_STATISTIC(rx_packets, false),
    RINGSIDE_STATISTIC(rx_bytes, false),
    RINGSIDE_STATISTIC(rx_buffers, false),
    RINGSIDE_STATISTIC(rx_doorbells, false),
    RINGSIDE_STATISTIC(rx_pool_empty, false),
    RINGSIDE_STATISTIC(rx_too_scattered, true),
    RINGSIDE_STATISTIC(rx_no_client, true),
    RINGSIDE_STATISTIC(rx_given_up, true),
    RINGSIDE_STATISTIC(bad_return_entries, false),
    RINGSIDE_STATISTIC(bad_indices, false),
    RINGSIDE_STATISTIC(interrupts, false),
    RINGSIDE_STATISTIC(polls, false),
    RINGSIDE_STATISTIC(budget_exhausted, false),
    RINGSIDE_STATISTIC(rearms, false),
    RINGSIDE_STATISTIC(found_again, false),
    RINGSIDE_STATISTIC(tx_errors, false),
    RINGSIDE_STATISTIC(rx_errors, false),
    RINGSIDE_STATISTIC(watchdog_fired, false),
    RINGSIDE_STATISTIC(lost_interrupts, false),
    RINGSIDE_STATISTIC(tx_resets, false),
    RINGSIDE_STATISTIC(rx_resets, false),
    RINGSIDE_STATISTIC(link_changes, false),
    RINGSIDE_STATISTIC(failures, false),
    RINGSIDE_STATISTIC(reset_timeouts, false),
    RINGSIDE_STATISTIC(nic_resets, false),
    RINGSIDE_STATISTIC(function_resets, false),
    RINGSIDE_STATISTIC(tx_segmented, false),
    RINGSIDE_STATISTIC(tx_vlan_inserted, false),
    RINGSIDE_STATISTIC(rx_vlan_stripped, false),
    RINGSIDE_STATISTIC(tx_stamps, false),
    RINGSIDE_STATISTIC(tx_stamps_skipped, false),
    RINGSIDE_STATISTIC(tx_stamps_lost, false),
};
#undef RINGSIDE_STATISTIC
static_assert(sizeof(DriverStatistics) == kStatisticNames.size() * sizeof(uint64_t), "a counter without a name");

#define RINGSIDE_STATISTIC(name)  \
  QueueStatisticName {            \
#name, &QueueStatistics::name \
  }
inline constexpr std::array kQueueStatisticNames = {
    RINGSIDE_STATISTIC(tx_packets), RINGSIDE_STATISTIC(tx_bytes),  RINGSIDE_STATISTIC(tx_reclaimed),
    RINGSIDE_STATISTIC(tx_busy),    RINGSIDE_STATISTIC(tx_resets), RINGSIDE_STATISTIC(rx_packets),
    RINGSIDE_STATISTIC(rx_bytes),   RINGSIDE_STATISTIC(rx_resets), RINGSIDE_STATISTIC(interrupts),
    RINGSIDE_STATISTIC(polls),
};
#undef RINGSIDE_STATISTIC
static_assert(sizeof(QueueStatistics) == kQueueStatisticNames.size() * sizeof(uint64_t), "a counter without a name");

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_STATISTICS_H_
