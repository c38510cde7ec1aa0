#include "testbench/program/scenario.h"

namespace ringside::testbench {
namespace {

HostParameters demo_host(const char* name, const char* mac, const char* address) {
  HostParameters host;
  host.name = name;
  host.mac = mac;
  host.address = address;
  return host;
}

}  // namespace

Scenario demo_scenario() {
  Scenario scenario;
  scenario.name = "demo";
  scenario.hosts = {demo_host("h0", "02:00:00:00:00:01", "10.0.0.1/24"),
                    demo_host("h1", "02:00:00:00:00:02", "10.0.0.2/24")};
  ApplicationParameters sender;
  sender.kind = "send_file";
  sender.host = "h0";
  sender.to = "10.0.0.2:5001";
  sender.start_us = 10;  // the receiver listens by then
  ApplicationParameters receiver;
  receiver.kind = "receive_file";
  receiver.host = "h1";
  receiver.port = 5001;
  scenario.applications = {sender, receiver};
  return scenario;
}

}  // namespace ringside::testbench
