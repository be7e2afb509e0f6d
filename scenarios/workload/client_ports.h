/* client_ports.h - which source port each connection of a client has: a pure function of the
 * traffic and the connection's place in the client, so that whoever sees the connection knows which
 * one it is, whenever it comes. Opens no socket. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_CLIENT_PORTS_H
#define WEDGE_SCENARIOS_WORKLOAD_CLIENT_PORTS_H

#include <stddef.h>
#include <stdint.h>

/* The dynamic ports of RFC 6335, section 6. The lab's kernels choose theirs below
 * (net.ipv4.ip_local_port_range in lab/sysctl.c). */
#define CLIENT_PORT_FIRST 49152
#define CLIENT_PORT_LAST  65535

struct client_ports {
	uint16_t first, n; /* n of them; 0: the kernel chooses */
};

extern const struct client_ports client_ports_all;

/* Returns part number i of n of whole; the parts are equal and don't overlap. */
struct client_ports client_ports_part(struct client_ports whole, size_t i, size_t n);

/* Returns the port of the connection that a client makes in a slot, or 0 when the kernel chooses. A
 * client begins with slots places for connections that are open together, and may add more; made:
 * connections made in this slot before. After as many as there are ports, they come again. */
uint16_t client_ports_pick(const struct client_ports *p, uint64_t slots, uint64_t slot,
			   uint64_t made);

#endif
