// What a connection does by itself when time passes: retransmission (RFC 6298 section 5), window probes, delayed ACK,
// keep-alive, TIME-WAIT. One function per timer.
#ifndef RINGSIDE_STACK_TCP_TIMERS_H_
#define RINGSIDE_STACK_TCP_TIMERS_H_

namespace ringside::stack {

class TcpConnection;

namespace tcp_timers {

void on_retransmit(TcpConnection& connection);
void on_persist(TcpConnection& connection);
void on_delayed_ack(TcpConnection& connection);
void on_keep_alive(TcpConnection& connection);
void on_time_wait(TcpConnection& connection);

}  // namespace tcp_timers
}  // namespace ringside::stack

#endif  // RINGSIDE_STACK_TCP_TIMERS_H_
