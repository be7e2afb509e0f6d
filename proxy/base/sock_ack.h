/* sock_ack.h - when a TCP socket acknowledges what has come, and when its peer has acknowledged
 * what was sent. Needs no privilege; where the kernel lacks one of these nothing is lost but the
 * timing.
 */
#ifndef WEDGE_BASE_SOCK_ACK_H
#define WEDGE_BASE_SOCK_ACK_H

#include <stdint.h>

/* Lets the kernel acknowledge late: with data, or after its own delay of 40 ms at the least
 * (TCP_ATO_MIN in include/net/tcp.h). The kernel forgets it after losses, so callers say it again
 * after reads. */
void sock_ack_later(int fd);

/* Acknowledges now what has been read, and later what comes next. */
void sock_ack_now(int fd);

/* Makes an error event of the socket (EPOLLERR) whenever the peer has acknowledged the last byte of
 * a write (SOF_TIMESTAMPING_TX_ACK); sock_forget_acked empties the queue that these events are in.
 */
void sock_tell_acked(int fd);
void sock_forget_acked(int fd);

/* Returns the least round trip that the kernel has measured, in ns; 0: none. */
int64_t sock_least_rtt(int fd);

#endif
