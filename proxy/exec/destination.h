/* destination.h - where a connection that was caught inside wanted to go, and where it goes so. */
#ifndef WEDGE_EXEC_DESTINATION_H
#define WEDGE_EXEC_DESTINATION_H

#include "proxy/engine/engine.h"
#include "proxy/exec/exec_hosts.h"

struct destination {
	struct connector *outside;
	const struct exec_hosts *names;
	int listening;	   /* listening_open() */
	uint16_t own_port; /* of wedge's listener: whoever asks for that number wants the host's */
};

/* A route function (engine.h) for struct destination. */
void destination_route(void *arg, const struct addr *orig_dst, struct session_route *r);

#endif
