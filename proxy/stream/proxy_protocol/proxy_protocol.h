/* proxy_protocol.h - the header of the PROXY protocol, versions 1 and 2: its facts and its numbers
 * (HAProxy's doc/proxy-protocol.txt, edition 2020/03/05). Knows no sockets. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_H
#define WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_H

#include "proxy/base/addr.h"

#include <stddef.h>
#include <stdint.h>

enum { PROXY_PROTOCOL_AUTHORITY_MAX = 255 }; /* bytes of a host name (RFC 1035, 2.3.4) */

enum proxy_protocol_version {
	PROXY_PROTOCOL_VERSION_NONE,
	PROXY_PROTOCOL_VERSION_1,
	PROXY_PROTOCOL_VERSION_2
};

struct proxy_protocol_header {
	enum proxy_protocol_version version;
	/* false (LOCAL, UNKNOWN, or no TCP): the connection's own addresses are meant. */
	bool relayed;
	struct addr client, target; /* the connection's origin and its destination */
	char authority[PROXY_PROTOCOL_AUTHORITY_MAX +
		       1];		      /* the name asked for; "" when it isn't told */
	char tls_version[16], tls_cipher[64]; /* of the client's TLS; made, not read; "": none */
};

/* The bytes that a header of version 2 begins with. */
#define PROXY2_SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

enum {
	PROXY2_SIGNATURE_LEN = 12,
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
