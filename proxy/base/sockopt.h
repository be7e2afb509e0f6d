/* sockopt.h - the socket options and questions of the stream plane, one small function each. Knows
 * no sessions. */
#ifndef WEDGE_BASE_SOCKOPT_H
#define WEDGE_BASE_SOCKOPT_H

#include "proxy/base/addr.h"
#include "proxy/base/sock.h"

/* A non-blocking TCP socket of that family, without Nagle's delay, urgent bytes in line, marked
 * unless mark is 0; sockets accepted from it inherit all that. -1 with errno on failure. */
int sock_tcp(int family, uint32_t mark) WG_MUSTUSE;

/* The socket may have addresses that aren't this host's (ip(7), IP_TRANSPARENT); needs
 * CAP_NET_ADMIN. -1 with errno. */
int sock_transparent(int fd, int family) WG_MUSTUSE;

/* Only what comes by the loopback interface reaches the socket, and what is accepted from it; for
 * others there seems to be a packet filter. -1 with errno. */
int sock_loopback_only(int fd);

/* An address that a socket of this host could be bound to without being transparent. */
bool sock_is_own(const struct addr *a);

/* The address of this host from which it would send to another; port 0. -1 with errno: there is no
 * way there. */
int sock_source(const struct addr *to, struct addr *from) WG_MUSTUSE;

/* Before listen() or connect(): the peer may send at most so many bytes that aren't read, and the
 * buffer doesn't grow. 0: as the kernel likes. */
void sock_rcvbuf(int fd, size_t bytes);

/* The same on a listener, for what is accepted next; 0 gives the buffer back to the kernel. */
void sock_rcvbuf_change(int fd, size_t bytes);

/* Closes with RST, whatever is queued (SO_LINGER with time 0). */
void sock_close_reset(int fd);

/* Its close sends nothing, as if this host had lost its power (TCP_REPAIR); needs CAP_NET_ADMIN,
 * without which nothing changes. */
void sock_silence(int fd);

/* Bytes written that the peer hasn't acknowledged yet, a FIN counting one (SIOCOUTQ). */
size_t sock_unacked(int fd);

/* The kernel's connection is over: reset, timed out, or both FINs acknowledged. */
bool sock_is_over(int fd);

/* The peer's FIN has come, though there may be bytes before it, and none of ours has been sent. */
bool sock_has_fin(int fd);

void sock_local(int fd, struct addr *a); /* own address; v4-mapped ones unmapped */

/* Where an accepted connection was to go before a rule redirected it here (SO_ORIGINAL_DST); one
 * that nothing has redirected wanted what it reached. */
void sock_original(int fd, struct addr *a);
void sock_peer(int fd, struct addr *a);

#endif
