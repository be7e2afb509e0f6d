/* sock.h - the socket and waiting calls that both ends of a workload share. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SOCK_H
#define WEDGE_SCENARIOS_WORKLOAD_SOCK_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"
#include "proxy/base/sock.h"

#include <poll.h>

/* Opens a non-blocking listening socket; *a gets the port that was bound. -1 with *e. */
int sock_listen(struct addr *a, struct err *e) WG_MUSTUSE;

/* Opens a non-blocking socket on its way to the address; poll for POLLOUT. local, unless NULL, is
 * where it comes from. -1 with *e, and errno. */
int sock_connect(const struct addr *a, const struct addr *local, struct err *e) WG_MUSTUSE;

/* Switches keep-alive probes on: after idle seconds, every interval seconds, dead after probes of
 * them. */
void sock_keepalive(int fd, int idle, int interval, int probes);

/* Waits for an event or until due (nanoseconds of CLOCK_MONOTONIC; INT64_MAX: for ever), exact to
 * the kernel's high-resolution timers. */
void sock_poll_until(struct pollfd *fds, size_t n, int64_t due);

/* Prepares the process, once: a timer slack of 1 ns, so that sock_poll_until is exact, as many
 * descriptors as the hard limit allows, and no SIGPIPE. */
void sock_prepare(void);

#endif
