// Route table: longest prefix first. Small; entries of equal length keep the order in which they were added.
#ifndef RINGSIDE_STACK_ROUTE_TABLE_H_
#define RINGSIDE_STACK_ROUTE_TABLE_H_

#include <cstddef>
#include <vector>

#include "stack/address.h"

namespace ringside::stack {

struct Route {
  Ipv4Prefix destination;
  Ipv4Address gateway;   // any: the destination itself is on the link
  size_t interface = 0;  // index in order of attachment; 0 is loopback
};

class RouteTable {
 public:
  void add(const Route& route);
  bool remove(const Ipv4Prefix& destination);
  const Route* lookup(Ipv4Address destination) const;  // null: no route
  const std::vector<Route>& entries() const { return entries_; }

 private:
  std::vector<Route> entries_;
};

}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_ROUTE_TABLE_H_
