/* remote_connector.h - the inner process's side of the helper: a connector whose connections are
 * opened in the caller's network. */
#ifndef WEDGE_EXEC_REMOTE_CONNECTOR_H
#define WEDGE_EXEC_REMOTE_CONNECTOR_H

#include "proxy/base/loop.h"
#include "proxy/stream/connector.h"

struct remote_connector;

/* Takes the socket to the helper. lost(arg) is called when the helper is gone. */
struct remote_connector *remote_connector_new(struct loop *loop, int fd, void (*lost)(void *arg),
					      void *arg);
void remote_connector_free(
    struct remote_connector *r); /* what was asked for is forgotten; NULL is fine */

/* TCP; mark is not for the other network and isn't looked at. */
struct connector *remote_connector(struct remote_connector *r);

/* As the connector's start, for a connected UDP socket; its cancel is the connector's. */
void remote_connector_start_udp(struct remote_connector *r, struct connect_request *rq);

/* Tells the helper that this process is inside. */
int remote_connector_announce(struct remote_connector *r, struct err *e) WG_MUSTUSE;

#endif
