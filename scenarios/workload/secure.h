/* secure.h - TLS on one connection of a workload, in the words of recv(2) and send(2), and the
 * contexts of both ends. Knows no protocol above it. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_SECURE_H
#define WEDGE_SCENARIOS_WORKLOAD_SECURE_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

struct secure;	       /* of a connection */
struct secure_context; /* of an end: what all its connections share */

/* Makes a client's context: it says what OpenSSL's clients say, speaks TLS 1.2, as the documented
 * years did, and takes any certificate, as who has clicked its warning away. Never fails. */
struct secure_context *secure_client(void);

/* Makes a server's: with a certificate of its own making for that address, as Windows makes one for
 * a server that has none. -1 with *e by NULL. */
struct secure_context *secure_server(const struct addr *address, struct err *e);
void secure_context_free(struct secure_context *c); /* NULL: nothing */

/* Begins TLS on a connected socket, which stays the caller's. */
struct secure *secure_begin(struct secure_context *c, int fd);

/* Goes on with the handshake: 1: it is done; 0: poll for secure_events; -1 with errno, EPROTO when
 * the other end breaks TLS or refuses, 0 when it has ended the connection in good order. */
int secure_handshake(struct secure *s) WG_MUSTUSE;

/* Returns the events to poll for while the handshake isn't done. */
short secure_events(const struct secure *s);

/* recv(2) and send(2) of what is inside; where s is NULL, of fd itself. A whole record is read at
 * once, so that poll tells of all that is left; give secure_recv SECURE_RECORD bytes of room. */
#define SECURE_RECORD 16384
ssize_t secure_recv(struct secure *s, int fd, void *to, size_t room);
ssize_t secure_send(struct secure *s, int fd, const void *data, size_t len);

/* send(2) of both parts, one behind the other, in one record where s isn't NULL. */
ssize_t secure_send_parts(struct secure *s, int fd, const struct iovec parts[2]);

/* Says close_notify, if the connection still takes it, and frees. NULL: nothing. */
void secure_end(struct secure *s);

#endif
