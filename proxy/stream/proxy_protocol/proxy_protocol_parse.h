/* proxy_protocol_parse.h - reads the header of the PROXY protocol out of bytes that anybody may
 * have sent. Knows no sockets. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_PARSE_H
#define WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_PARSE_H

#include "proxy/stream/proxy_protocol/proxy_protocol.h"

/* The longest header in bytes, and the most that HAProxy reads (its tune.bufsize); certificates in
 * a TLV fit. */
#define PROXY_PROTOCOL_MAX 16384

enum proxy_protocol_parse_result {
	PROXY_PROTOCOL_PARSE_MORE,
	PROXY_PROTOCOL_PARSE_DONE,
	PROXY_PROTOCOL_PARSE_BAD
};

/* Reads the header that p begins with. MORE: all n bytes belong to a header, and more is to come.
 * DONE: the first *len bytes are a header, and *h has its facts. BAD: no header begins so; e has
 * the reason. Parts that *h has no room for are skipped, but a checksum (CRC32c) must be right. */
enum proxy_protocol_parse_result proxy_protocol_parse(const void *p, size_t n,
						      struct proxy_protocol_header *h, size_t *len,
						      struct err *e) WG_MUSTUSE;

#endif
