/* proxy_protocol_format.h - writes the header of the PROXY protocol. Knows no sockets. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_FORMAT_H
#define WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_FORMAT_H

#include "proxy/stream/proxy_protocol/proxy_protocol.h"

/* Room for what proxy_protocol_format makes: 16 + 36, and TLVs of at most 3 + 255 and 3 + 5 + (3 +
 * 15) + (3 + 63). */
#define PROXY_PROTOCOL_ROOM 512

/* Writes the header of h in its version; returns its length in bytes. Where the addresses are of
 * two families the IPv4 one becomes ::ffff:192.0.2.1, as HAProxy does it. Version 1 holds only the
 * addresses. */
size_t proxy_protocol_format(const struct proxy_protocol_header *h,
			     uint8_t out[PROXY_PROTOCOL_ROOM]);

#endif
