/* destination.h - decides where a connection goes that was caught inside: to a nameserver, to a
 * listener inside, or to the outside. */
#ifndef WEDGE_EXEC_DESTINATION_H
#define WEDGE_EXEC_DESTINATION_H

#include "proxy/engine/engine_config.h"
#include "proxy/exec/exec_hosts.h"
#include "proxy/exec/remote_connector.h"

struct destination {
	struct remote_connector *outside;
	const struct exec_hosts *hosts;
	int listening;	   /* listening_open() */
	uint16_t own_port; /* of wedge's listener: a client that dials it wants the host's port */
};

/* A route function (engine_config.h); arg is the struct destination. */
void destination_route(void *arg, const struct addr *client, const struct addr *orig_dst,
		       struct session_route *r);

#endif
