/* open_sockets.h - the connections of this network namespace to one port: which its programs have
 * open, and when each was closed. By sock_diag(7), since it tells of everybody's. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_OPEN_SOCKETS_H
#define WEDGE_SCENARIOS_WORKLOAD_OPEN_SOCKETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct open_socket {
	uint16_t port;	   /* of its own end */
	int state;	   /* of the kernel's TCP_ESTABLISHED etc., as last seen */
	bool seen;	   /* by the look under way */
	int64_t closed_at; /* when a look first found it closed by its program; 0: it is open */
};

struct open_sockets {
	uint16_t peer_port;
	struct open_socket *v;
	size_t n;
	bool asked; /* one of them has sent data, or is over, and may have */
	bool blind; /* the kernel doesn't tell */
};

/* Looks, at that time (nanoseconds of CLOCK_MONOTONIC). */
void open_sockets_look(struct open_sockets *s, int64_t now);

/* [{"port", "open", "closed_at"}]: "open" is whether it was connected and its program hadn't closed
 * it at the last look (ESTABLISHED or CLOSE_WAIT), "closed_at" seconds or null. A new reference. */
json_t *open_sockets_json(const struct open_sockets *s);
void open_sockets_fini(struct open_sockets *s);

#endif
