/* ip_layer.c - IPv4 and IPv6 with extension headers, as far as they were captured. */
#include "scenarios/reader/ip_layer.h"

#include "proxy/base/byteorder.h"
#include "scenarios/reader/tunnels.h"

#include <netinet/in.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	EXT_HEADERS_MAX = 8, /* as in proxy/packet/tcp_view.c */
};

static void note_fragment(struct layers *l, unsigned offset, bool more)
{
	l->fragment = offset ? IP_FRAGMENT_LATER : more ? IP_FRAGMENT_FIRST : IP_WHOLE;
	l->fragments = l->fragments || l->fragment != IP_WHOLE;
}

/* Both return the length of the headers; 0: they are malformed or not all there. */
static size_t read_v4(struct layers *l)
{
	const uint8_t *ip = l->ip;
	size_t header = (size_t)(ip[0] & 0x0f) * 4;

	if (l->ip_len < IPV4_HEADER || header < IPV4_HEADER)
		return 0;
	note_fragment(l, get_be16(ip + 6) & 0x1fff, ip[6] & 0x20);
	l->protocol = ip[9];
	return header <= l->ip_len ? header : 0;
}

static size_t read_v6(struct layers *l)
{
	const uint8_t *ip = l->ip;
	size_t at = IPV6_HEADER;
	uint8_t next;

	if (l->ip_len < IPV6_HEADER)
		return 0;
	next = l->protocol = ip[6];
	for (unsigned i = 0; i < EXT_HEADERS_MAX && at + 8 <= l->ip_len; i++) {
		size_t len = ((size_t)ip[at + 1] + 1) * 8;

		if (next == IPPROTO_FRAGMENT) {
			note_fragment(l, get_be16(ip + at + 2) >> 3, ip[at + 3] & 1);
			len = 8;
		} else if (next == IPPROTO_AH) {
			len = ((size_t)ip[at + 1] + 2) * 4;
		} else if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING &&
			   next != IPPROTO_DSTOPTS) {
			break;
		}
		next = l->protocol = ip[at];
		at += len;
		if (l->fragment == IP_FRAGMENT_LATER)
			break;
	}
	return at <= l->ip_len ? at : 0;
}

/* Leaves out what is behind the packet, as Ethernet's padding. */
static void trim_to_length(struct layers *l)
{
	size_t total = *l->ip >> 4 == 4 ? get_be16(l->ip + 2) : get_be16(l->ip + 4);

	/* 0: a segment that is larger than the field, or that the card would have cut. */
	if (!total)
		return;
	if (*l->ip >> 4 == 6)
		total += IPV6_HEADER;
	l->wire = total;
	if (l->len > total)
		l->len = total;
}

enum layer ip_step(struct layers *l)
{
	unsigned version = l->len ? *l->at >> 4 : 0;

	if (version != 4 && version != 6)
		return LAYER_END;
	l->ip = l->at;
	l->ip_len = l->len;
	l->ip_wire = l->wire;
	l->fragment = IP_WHOLE;
	l->protocol = 0;
	l->ip_headers = version == 4 ? read_v4(l) : read_v6(l);
	if (!l->ip_headers || l->protocol == IPPROTO_TCP || l->fragment == IP_FRAGMENT_LATER)
		return LAYER_END;
	trim_to_length(l);
	return layers_skip(l, l->ip_headers) ? tunnel_step(l, l->protocol) : LAYER_END;
}
