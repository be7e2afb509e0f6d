/* vanish.h - sockets of a host that is off the network: its lid is closed, its cable is out. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_VANISH_H
#define WEDGE_SCENARIOS_WORKLOAD_VANISH_H

/* From now on nothing that comes for the socket is heard, or answered by anything, as long as a
 * process has it open; nor does it send. One that still has bytes on their way a moment later is
 * closed at once, without a segment: TCP_REPAIR, which needs CAP_NET_ADMIN; what comes for it later
 * its kernel answers with RST. -1 with errno. */
int vanish_socket(int fd);

/* Hands all open descriptors but msg_fd to a process of its own, which has them until the lab ends:
 * so the caller may die. -1 with errno. */
int vanish_outlive(int msg_fd);

#endif
