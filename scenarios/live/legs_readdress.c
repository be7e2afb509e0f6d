/* legs_readdress.c - the checksums are computed, not mended: on loopback the kernel leaves them to
 * a card that there isn't. */
#include "scenarios/live/legs_readdress.h"

#include "proxy/packet/checksum.h"
#include "proxy/packet/tcp_view.h"

#include <string.h>

/* Offsets and lengths of addresses in the headers: RFC 791 section 3.1, RFC 8200 section 3. */
enum { V4_SOURCE = 12, V4_BYTES = 4, V6_SOURCE = 8, V6_BYTES = 16 };

void readdress_packet(uint8_t *ip, size_t len, bool down, const struct wire_end *server)
{
	struct tcp_view v;
	size_t bytes, at;

	if (!tcp_view_parse(&v, ip, len) || v.ip_len > len)
		return;
	bytes = v.version == 4 ? V4_BYTES : V6_BYTES;
	at = (v.version == 4 ? V4_SOURCE : V6_SOURCE) + (down ? 0 : bytes);
	memcpy(ip + at, server->ip, bytes);
	memcpy(ip + (v.tcp - v.ip) + (down ? 0 : sizeof(server->port)), server->port,
	       sizeof(server->port));
	if (tcp_view_parse(&v, ip, len))
		checksum_write(&v, ip);
}
