/* proxy_protocol.h - the header of the PROXY protocol, versions 1 and 2, as bytes and as facts
 * (HAProxy's doc/proxy-protocol.txt, edition 2020/03/05). Knows no sockets. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_H
#define WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_H

#include "proxy/base/addr.h"

#include <stddef.h>
#include <stdint.h>

/* A longer one is refused. As much as HAProxy reads at most (its tune.bufsize); certificates in a
 * TLV fit. */
#define PROXY_PROTOCOL_MAX 16384

/* Room for what proxy_protocol_format makes: 16 + 36, and TLVs of at most 3 + 255 and 3 + 5 + (3 +
 * 15) + (3 + 63). */
#define PROXY_PROTOCOL_ROOM 512

enum { PROXY_PROTOCOL_AUTHORITY_MAX = 255 }; /* bytes of a host name (RFC 1035, 2.3.4) */

enum proxy_protocol_version {
	PROXY_PROTOCOL_VERSION_NONE,
	PROXY_PROTOCOL_VERSION_1,
	PROXY_PROTOCOL_VERSION_2
};

struct proxy_protocol_header {
	enum proxy_protocol_version version;
	/* false: LOCAL, UNKNOWN, or no TCP: the connection's own addresses are meant */
	bool relayed;
	struct addr client, target; /* whose connection it is; where it was to go */
	char authority[PROXY_PROTOCOL_AUTHORITY_MAX +
		       1];		      /* the name asked for; "" when it isn't told */
	char tls_version[16], tls_cipher[64]; /* of the client's TLS; made, not read; "": none */
};

enum proxy_protocol_parse_result {
	PROXY_PROTOCOL_PARSE_MORE,
	PROXY_PROTOCOL_PARSE_DONE,
	PROXY_PROTOCOL_PARSE_BAD
};

/* Reads the header that p begins with. MORE: all n bytes belong to one, and more is to come. DONE:
 * the first *len bytes are one that says *h. BAD: none begins so; e says why. What a header has
 * that isn't in *h is skipped, but a checksum (CRC32c) must be right. */
enum proxy_protocol_parse_result proxy_protocol_parse(const void *p, size_t n,
						      struct proxy_protocol_header *h, size_t *len,
						      struct err *e) WG_MUSTUSE;

/* The header that says *h, in its version; returns its bytes. Addresses of two families become
 * IPv6 ones, ::ffff:192.0.2.1, as HAProxy does it. Version 1 says nothing but addresses. */
size_t proxy_protocol_format(const struct proxy_protocol_header *h,
			     uint8_t out[PROXY_PROTOCOL_ROOM]);

/* The bytes that both sides of version 2 know. */
extern const uint8_t proxy_protocol_signature[12];

enum {
	PROXY2_FIXED = 16, /* signature, version and command, family, length */
	PROXY2_VERSION = 0x20,
	PROXY2_LOCAL = 0x0,
	PROXY2_PROXY = 0x1,
	PROXY2_TCP4 = 0x11,
	PROXY2_TCP6 = 0x21,
	PROXY2_ADDR4 = 12, /* bytes of a family's addresses and ports */
	PROXY2_ADDR6 = 36,
	PROXY2_ADDR_UNIX = 216,
	PROXY2_TLV = 3, /* type and length before a value */
	PROXY2_AUTHORITY = 0x02,
	PROXY2_CRC32C = 0x03,
	PROXY2_SSL = 0x20,
	PROXY2_SSL_VERSION = 0x21,
	PROXY2_SSL_CIPHER = 0x23,
	PROXY2_CLIENT_SSL = 0x01, /* in an SSL TLV: the client speaks TLS */
};

#endif
