/* listening.h - asks the kernel whether a TCP connection to an address would find a listener, and
 * which interface a connection's socket is bound to, in the network namespace of the socket that
 * asks. */
#ifndef WEDGE_NS_LISTENING_H
#define WEDGE_NS_LISTENING_H

#include "proxy/base/addr.h"

/* Returns a socket for listening_at, of the caller's network namespace, to be closed by the caller;
 * -1 with *e. */
int listening_open(struct err *e) WG_MUSTUSE;

/* Returns whether a SYN to that address would meet a listening socket, by the kernel's own look-up,
 * wildcards included. false also when the kernel can't tell. */
bool listening_at(int fd, const struct addr *a);

/* Returns the index of the interface that the socket of this namespace is bound to that connects
 * from one address to the other; 0: to none, or there is no such socket. */
unsigned listening_bound_to(int fd, const struct addr *from, const struct addr *to);

#endif
