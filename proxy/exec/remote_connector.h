/* remote_connector.h - the inner process's side of the helper: a connector (connector.h) whose
 * sockets are opened in the caller's network. */
#ifndef WEDGE_EXEC_REMOTE_CONNECTOR_H
#define WEDGE_EXEC_REMOTE_CONNECTOR_H

#include "proxy/base/loop.h"
#include "proxy/stream/connector.h"

struct remote_connector;

/* fd, the socket to the helper, is its own from now on. lost(arg) is called when the helper is
 * gone. NULL with *e when the loop can't watch it. */
struct remote_connector *remote_connector_new(struct loop *loop, int fd, void (*lost)(void *arg),
					      void *arg, struct err *e) WG_MUSTUSE;
/* Open requests are forgotten, without done. NULL is fine. */
void remote_connector_free(struct remote_connector *r);

/* How connections go out. */
struct remote_way {
	unsigned interface; /* the index of the one that they take; 0: any */
	struct addr
	    source; /* the address that they come from, port 0; len 0: as the kernel likes */
};

/* r as a connector of TCP connections that go out so; valid as long as r. It ignores the requests'
 * mark, which is this network's. */
struct connector *remote_connector(struct remote_connector *r, const struct remote_way *how);

/* Asks for a connected UDP socket, as the connector's start does for a TCP connection; the
 * connector's cancel cancels it. */
void remote_connector_start_udp(struct remote_connector *r, struct connect_request *rq);

#endif
