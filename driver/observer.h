// DriverObserver: who wants to know what the driver does at its rings, packet by packet (traces, tests). Passive: an
// observer never changes what happens. Told with the CPU held, at the CPU's time. None: costs a compare.
#ifndef RINGSIDE_DRIVER_OBSERVER_H_
#define RINGSIDE_DRIVER_OBSERVER_H_

#include <cstdint>

#include "driver/platform.h"
#include "stack/packet_buffer.h"

namespace ringside::driver {

// Where a queue's ring lies from now on, empty and at index 0.
struct TxPlace {
  DmaAddress ring, status;
  uint32_t entries = 0;
};
struct RxPlace {
  DmaAddress ring, return_ring, status;
  uint32_t entries = 0, return_entries = 0;
};

class DriverObserver {
 public:
  virtual ~DriverObserver() = default;
  virtual void on_vector(unsigned vector, const MsiMessage& message) = 0;  // 0: service, 1 + q: queue q
  virtual void on_tx_ring(unsigned queue, const TxPlace& place) = 0;
  virtual void on_rx_ring(unsigned queue, const RxPlace& place) = 0;
  // The packet is in these entries of the TX ring (step T7); the NIC learns of it by the next doorbell.
  virtual void on_posted(unsigned queue, uint32_t first_idx, uint32_t entries, const stack::Packet& packet) = 0;
  virtual void on_tx_doorbell(unsigned queue, uint32_t prod_idx) = 0;
  virtual void on_given_back(unsigned queue, uint32_t cons_idx) = 0;   // entries before it (T10)
  virtual void on_rx_doorbell(unsigned queue, uint32_t prod_idx) = 0;  // buffers before it are the NIC's (R1)
  virtual void on_interrupt(unsigned queue) = 0;                       // its handler runs (R6)
  // A frame was taken; its last entry in the return ring is `ret_idx` (R7). The observer may set its meta.journey.
  virtual void on_taken(unsigned queue, uint32_t ret_idx, stack::Packet& packet) = 0;
};

}  // namespace ringside::driver

#endif  // RINGSIDE_DRIVER_OBSERVER_H_
