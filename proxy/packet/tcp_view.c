/* tcp_view.c - lengths are those that the headers give, whatever was captured; only bytes that are
 * there are read. */
#include "proxy/packet/tcp_view.h"

#include "proxy/base/byteorder.h"

#include <string.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	EXT_HEADERS_MAX = 8, /* more than any sane packet carries (RFC 8504 section 5.3) */
};

static void set_v4(struct addr *a, const uint8_t *ip)
{
	a->len = sizeof(a->in);
	a->in.sin_family = AF_INET;
	memcpy(&a->in.sin_addr, ip, 4);
}

static void set_v6(struct addr *a, const uint8_t *ip)
{
	a->len = sizeof(a->in6);
	a->in6.sin6_family = AF_INET6;
	memcpy(&a->in6.sin6_addr, ip, 16);
}

/* Both functions find ip_len and the TCP header's offset; false: there is none. The length field of
 * a captured segment larger than 64 KiB is 0: all that was on the wire belongs to the segment. */
static bool parse_v4(struct tcp_view *v, const uint8_t *data, size_t len, size_t wire,
		     size_t *offset)
{
	size_t header;

	if (len < IPV4_HEADER)
		return false;
	header = (size_t)(data[0] & 0x0f) * 4;
	v->ip_len = get_be16(data + 2);
	if (!v->ip_len)
		v->ip_len = (uint32_t)wire;
	if (header < IPV4_HEADER || header > len || header > v->ip_len || data[9] != IPPROTO_TCP ||
	    (get_be16(data + 6) & 0x1fff))
		return false;
	set_v4(&v->src, data + 12);
	set_v4(&v->dst, data + 16);
	*offset = header;
	return true;
}

static bool parse_v6(struct tcp_view *v, const uint8_t *data, size_t len, size_t wire,
		     size_t *offset)
{
	size_t at = IPV6_HEADER;
	uint8_t next;

	if (len < IPV6_HEADER)
		return false;
	v->ip_len =
	    get_be16(data + 4) ? (uint32_t)IPV6_HEADER + get_be16(data + 4) : (uint32_t)wire;
	set_v6(&v->src, data + 8);
	set_v6(&v->dst, data + 24);
	next = data[6];
	for (unsigned i = 0; i < EXT_HEADERS_MAX && next != IPPROTO_TCP; i++) {
		if (at + 8 > len)
			return false;
		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			next = data[at];
			at += ((size_t)data[at + 1] + 1) * 8;
			break;
		case IPPROTO_AH:
			next = data[at];
			at += ((size_t)data[at + 1] + 2) * 4;
			break;
		case IPPROTO_FRAGMENT:
			if (get_be16(data + at + 2) & 0xfff8)
				return false;
			next = data[at];
			at += 8;
			break;
		default:
			return false;
		}
	}
	*offset = at;
	return next == IPPROTO_TCP && at <= len && at <= v->ip_len;
}

static void parse_sack(struct tcp_view *v, const uint8_t *body, size_t len)
{
	unsigned n = (unsigned)(len / 8);

	v->sack_blocks = n < 4 ? n : 4;
	for (unsigned i = 0; i < v->sack_blocks; i++) {
		v->sack[i][0] = get_be32(body + (size_t)i * 8);
		v->sack[i][1] = get_be32(body + (size_t)i * 8 + 4);
	}
}

static void parse_option(struct tcp_view *v, uint8_t kind, const uint8_t *body, size_t len)
{
	bool syn = v->flags & TCP_SYN;

	if (kind == 2 && len == 2 && syn)
		v->mss = get_be16(body);
	else if (kind == 3 && len == 1 && syn)
		v->wscale = body[0] > 14 ? 14 : body[0]; /* RFC 7323 section 2.3 */
	else if (kind == 4 && len == 0 && syn)
		v->sack_permitted = true;
	else if (kind == 5)
		parse_sack(v, body, len);
	else if (kind == 8 && len == 8) {
		v->has_timestamp = v->has_tsval = true;
		v->tsval = get_be32(body);
		v->tsecr = get_be32(body + 4);
		v->timestamp = body;
	}
}

/* Of an option whose end isn't in the capture: 64 bytes of Ethernet and IPv4 still hold TSval. */
static void parse_cut_option(struct tcp_view *v, uint8_t kind, const uint8_t *body, size_t len,
			     size_t captured)
{
	if (kind != 8 || len != 8 || captured < 4)
		return;
	v->has_tsval = true;
	v->tsval = get_be32(body);
}

static void parse_options(struct tcp_view *v, const uint8_t *p, size_t len)
{
	size_t i = 0;

	while (i < len && p[i] != 0) {
		if (p[i] == 1) {
			i++;
			continue;
		}
		if (i + 1 >= len || p[i + 1] < 2)
			return;
		if (i + p[i + 1] > len) {
			parse_cut_option(v, p[i], p + i + 2, p[i + 1] - 2u, len - i - 2);
			return;
		}
		parse_option(v, p[i], p + i + 2, (size_t)p[i + 1] - 2);
		i += p[i + 1];
	}
}

bool tcp_view_parse(struct tcp_view *v, const uint8_t *data, size_t len)
{
	return tcp_view_parse_cut(v, data, len, len);
}

bool tcp_view_parse_cut(struct tcp_view *v, const uint8_t *data, size_t len, size_t wire)
{
	size_t at, header, captured;

	memset(v, 0, sizeof(*v));
	v->wscale = -1;
	if (!len)
		return false;
	v->ip = data;
	v->version = data[0] >> 4;
	if (v->version == 4 ? !parse_v4(v, data, len, wire, &at)
			    : v->version != 6 || !parse_v6(v, data, len, wire, &at))
		return false;
	if (len > v->ip_len)
		len = v->ip_len; /* link-layer padding */
	if (at + TCP_HEADER > len)
		return false;
	v->tcp = data + at;
	v->tcp_len = v->ip_len - (uint32_t)at;
	header = (size_t)(v->tcp[12] >> 4) * 4;
	if (header < TCP_HEADER || header > v->tcp_len)
		return false;
	captured = len - at;
	addr_set_port(&v->src, get_be16(v->tcp));
	addr_set_port(&v->dst, get_be16(v->tcp + 2));
	v->seq = get_be32(v->tcp + 4);
	v->ack = get_be32(v->tcp + 8);
	v->flags = v->tcp[13] & 0x3f;
	v->window = get_be16(v->tcp + 14);
	v->payload_len = v->tcp_len - (uint32_t)header;
	v->payload = header <= captured ? v->tcp + header : NULL;
	parse_options(v, v->tcp + TCP_HEADER, (header < captured ? header : captured) - TCP_HEADER);
	return true;
}

bool tcp_is_pure_ack(const struct tcp_view *v)
{
	return (v->flags & (TCP_ACK | TCP_SYN | TCP_FIN | TCP_RST)) == TCP_ACK && !v->payload_len;
}

uint32_t tcp_seq_len(const struct tcp_view *v)
{
	return v->payload_len + !!(v->flags & TCP_SYN) + !!(v->flags & TCP_FIN);
}
