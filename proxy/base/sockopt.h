/* sockopt.h - the socket options and questions of the stream plane, one small function each. Knows
 * no sessions. */
#ifndef WEDGE_BASE_SOCKOPT_H
#define WEDGE_BASE_SOCKOPT_H

#include "proxy/base/addr.h"
#include "proxy/base/sock.h"

/* Makes a non-blocking TCP socket of that family, without Nagle's delay, urgent bytes in line,
 * marked unless mark is 0; sockets accepted from it inherit all that. -1 with errno on failure. */
int sock_tcp(int family, uint32_t mark) WG_MUSTUSE;

/* Gives a new socket that mark; 0: leaves it without. -1 with errno. */
int sock_mark(int fd, uint32_t mark) WG_MUSTUSE;

/* Lets the socket have addresses that aren't this host's (ip(7), IP_TRANSPARENT); needs
 * CAP_NET_ADMIN. -1 with errno. */
int sock_transparent(int fd, int family) WG_MUSTUSE;

/* Lets only packets of the loopback interface reach the socket and those accepted from it; to
 * others there seems to be a packet filter. -1 with errno. */
int sock_loopback_only(int fd);

/* Of sockets that listen on one address (SO_REUSEPORT), fd among them: has every new connection
 * come to the one that began first; spreads them again. Where the kernel can't, it goes on
 * spreading. */
void sock_prefer_first(int fd);
void sock_prefer_none(int fd);

/* True when a socket could be bound to the address without being transparent. */
bool sock_is_own(const struct addr *a);

/* Finds the address from which this host would send to the other; *from has port 0. -1 with errno:
 * there is no route. */
int sock_source(const struct addr *to, struct addr *from) WG_MUSTUSE;

/* Returns the hop limit (IPv4: time to live) with which this network namespace's packets of that
 * family begin (ip_default_ttl, hop_limit of ip-sysctl); 0: it can't be known. */
uint8_t sock_hop_limit(int family);

/* Bounds the bytes that the peer may send before they are read; the buffer doesn't grow. 0: as the
 * kernel likes. To be called before listen() or connect(). */
void sock_rcvbuf(int fd, size_t bytes);

/* Sets that bound on a listener for the connections accepted next; 0 gives the buffer back to the
 * kernel. */
void sock_rcvbuf_change(int fd, size_t bytes);

/* Closes with RST, whatever is queued (SO_LINGER with time 0). */
void sock_close_reset(int fd);

/* Makes the socket's close send nothing, as if this host had lost its power (TCP_REPAIR). Needs
 * CAP_NET_ADMIN, without which nothing changes. */
void sock_silence(int fd);

/* Returns the bytes written that the peer hasn't acknowledged yet, a FIN counting one (SIOCOUTQ).
 */
size_t sock_unacked(int fd);

/* True when the next byte to be read is one of urgent data, or will be when it has come
 * (SIOCATMARK, tcp(7)). */
bool sock_at_mark(int fd);

/* True when the kernel's connection is over: reset, timed out, or both FINs acknowledged. */
bool sock_is_over(int fd);

/* True when the peer's FIN has come, maybe behind unread bytes, and ours hasn't been sent. */
bool sock_has_fin(int fd);

/* Read the socket's own address and its peer's, IPv4-mapped ones unmapped; len 0 on failure. */
void sock_local(int fd, struct addr *a);
void sock_peer(int fd, struct addr *a);

/* Reads where an accepted connection was to go before a rule redirected it here (SO_ORIGINAL_DST);
 * for a connection that no rule redirected, the socket's own address. */
void sock_original(int fd, struct addr *a);

/* Returns whether this process may give sockets a mark (SO_MARK): tries it instead of asking for
 * the capability, which may be there and not suffice. */
bool sock_may_mark(void);

#endif
