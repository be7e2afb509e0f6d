/* unknown_host.h - what the packets of a host are taken to look like as long as none was seen. */
#ifndef WEDGE_PACKET_UNKNOWN_HOST_H
#define WEDGE_PACKET_UNKNOWN_HOST_H

#include "proxy/packet/ip_marks.h"

/* Embed it, zeroed. */
struct unknown_host {
	uint8_t
	    hop_limit[2]; /* of this network namespace, for IPv4 and IPv6; 0: not asked for yet */
};

/* Returns the marks of a Linux host's packet of that family that belongs to no socket. Its hop
 * limit is this host's own: wedge may be in the host that it speaks for. A forwarded packet has at
 * least this hop behind it. */
struct ip_marks unknown_host_marks(struct unknown_host *u, int family, bool forwarded);

#endif
