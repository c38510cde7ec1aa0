#include "stack/route_table.h"

#include <algorithm>

namespace ringside::stack {

void RouteTable::add(const Route& route) {
  const auto at = std::upper_bound(entries_.begin(), entries_.end(), route, [](const Route& a, const Route& b) {
    return a.destination.length > b.destination.length;
  });
  entries_.insert(at, route);
}

bool RouteTable::remove(const Ipv4Prefix& destination) {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const Route& route) {
    return route.destination.length == destination.length && route.destination.contains(destination.address);
  });
  if (at == entries_.end()) return false;
  entries_.erase(at);
  return true;
}

const Route* RouteTable::lookup(Ipv4Address destination) const {
  for (const Route& route : entries_) {
    if (route.destination.contains(destination)) return &route;
  }
  return nullptr;
}

}  // namespace ringside::stack
