/* proxy_protocol_format.c - fixed part, addresses, TLVs: each part returns its length. */
#include "proxy/stream/proxy_protocol/proxy_protocol_format.h"

#include "proxy/base/byteorder.h"

#include <arpa/inet.h>
#include <string.h>

/* 192.0.2.1 becomes ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2). */
static void map_to_ipv6(const struct addr *a, uint8_t out[16])
{
	if (a->sa.sa_family == AF_INET6) {
		memcpy(out, &a->in6.sin6_addr, 16);
		return;
	}
	memset(out, 0, 16);
	out[10] = out[11] = 0xff;
	memcpy(out + 12, &a->in.sin_addr, 4);
}

static bool both_ipv4(const struct proxy_protocol_header *h)
{
	return h->client.sa.sa_family == AF_INET && h->target.sa.sa_family == AF_INET;
}

static size_t format_v1(const struct proxy_protocol_header *h, char *out, size_t room)
{
	char client[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN];
	bool ipv4 = both_ipv4(h);
	uint8_t v6[16];

	if (!h->relayed)
		return (size_t)snprintf(out, room, "PROXY UNKNOWN\r\n");
	if (ipv4) {
		inet_ntop(AF_INET, &h->client.in.sin_addr, client, sizeof(client));
		inet_ntop(AF_INET, &h->target.in.sin_addr, target, sizeof(target));
	} else {
		map_to_ipv6(&h->client, v6);
		inet_ntop(AF_INET6, v6, client, sizeof(client));
		map_to_ipv6(&h->target, v6);
		inet_ntop(AF_INET6, v6, target, sizeof(target));
	}
	return (size_t)snprintf(out, room, "PROXY %s %s %s %u %u\r\n", ipv4 ? "TCP4" : "TCP6",
				client, target, addr_port(&h->client), addr_port(&h->target));
}

static size_t put_tlv(uint8_t *out, uint8_t type, const void *value, size_t n)
{
	out[0] = type;
	put_be16(out + 1, (uint16_t)n);
	memcpy(out + PROXY2_TLV, value, n);
	return PROXY2_TLV + n;
}

/* Section 2.2.6. Nobody asks the client for a certificate, so none was verified: not 0. */
static size_t put_ssl(uint8_t *out, const struct proxy_protocol_header *h)
{
	static const uint8_t begin[] = {PROXY2_SSL, 0, 0, PROXY2_CLIENT_SSL, 0, 0, 0, 1};
	size_t n = sizeof(begin);

	memcpy(out, begin, sizeof(begin));
	n += put_tlv(out + n, PROXY2_SSL_VERSION, h->tls_version, strlen(h->tls_version));
	n += put_tlv(out + n, PROXY2_SSL_CIPHER, h->tls_cipher, strlen(h->tls_cipher));
	put_be16(out + 1, (uint16_t)(n - PROXY2_TLV));
	return n;
}

static size_t put_addresses(uint8_t *out, const struct proxy_protocol_header *h)
{
	bool ipv4 = both_ipv4(h);
	size_t host = ipv4 ? 4 : 16;

	if (ipv4) {
		memcpy(out, &h->client.in.sin_addr, 4);
		memcpy(out + 4, &h->target.in.sin_addr, 4);
	} else {
		map_to_ipv6(&h->client, out);
		map_to_ipv6(&h->target, out + 16);
	}
	put_be16(out + 2 * host, addr_port(&h->client));
	put_be16(out + 2 * host + 2, addr_port(&h->target));
	return 2 * host + 4;
}

static size_t format_v2(const struct proxy_protocol_header *h, uint8_t *out)
{
	size_t n = PROXY2_FIXED;

	memcpy(out, PROXY2_SIGNATURE, PROXY2_SIGNATURE_LEN);
	out[12] = PROXY2_VERSION | (h->relayed ? PROXY2_PROXY : PROXY2_LOCAL);
	out[13] = 0;
	if (h->relayed) {
		out[13] = both_ipv4(h) ? PROXY2_TCP4 : PROXY2_TCP6;
		n += put_addresses(out + n, h);
		if (*h->authority)
			n += put_tlv(out + n, PROXY2_AUTHORITY, h->authority, strlen(h->authority));
		if (*h->tls_version)
			n += put_ssl(out + n, h);
	}
	put_be16(out + 14, (uint16_t)(n - PROXY2_FIXED));
	return n;
}

size_t proxy_protocol_format(const struct proxy_protocol_header *h,
			     uint8_t out[PROXY_PROTOCOL_ROOM])
{
	if (h->version == PROXY_PROTOCOL_VERSION_1)
		return format_v1(h, (char *)out, PROXY_PROTOCOL_ROOM);
	return h->version == PROXY_PROTOCOL_VERSION_2 ? format_v2(h, out) : 0;
}
