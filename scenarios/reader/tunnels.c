/* tunnels.c - a UDP datagram is a tunnel's by its destination port and, where the header has one, a
 * mark in it. */
#include "scenarios/reader/tunnels.h"

#include "proxy/base/attrs.h"
#include "proxy/base/byteorder.h"

#include <netinet/in.h>

enum {
	UDP_HEADER = 8,
	PORT_VXLAN = 4789,	 /* RFC 7348 */
	PORT_VXLAN_LINUX = 8472, /* Linux's default, from before the RFC */
	PORT_VXLAN_GPE = 4790,	 /* draft-ietf-nvo3-vxlan-gpe */
	PORT_GENEVE = 6081,	 /* RFC 8926 */

	VXLAN_HEADER = 8,
	VXLAN_HAS_ID = 0x08, /* flags */
	VXLAN_HAS_PROTOCOL = 0x04,

	GRE_HEADER = 4,
	GRE_CHECKSUM = 0x8000, /* RFC 2784 */
	GRE_ROUTING = 0x4000,  /* RFC 1701: nobody uses it */
	GRE_KEY = 0x2000,      /* RFC 2890 */
	GRE_SEQUENCE = 0x1000,
	GRE_ACK = 0x0080, /* RFC 2637, version 1 */
	GRE_VERSION = 0x0007,
	GRE_ERSPAN = 0x88be, /* draft-foschiano-erspan */
	GRE_ERSPAN_III = 0x22eb,
	GRE_PPP = 0x880b, /* RFC 2637 */

	ERSPAN_II_HEADER = 8,
	ERSPAN_III_HEADER = 12,
	ERSPAN_III_SUBHEADER = 8,
};

/* The kinds of a frame in ERSPAN III. */
enum { ERSPAN_FRAME_ETHERNET = 0, ERSPAN_FRAME_IP = 2 };

/* Type I has no header; II and III have the version in theirs. */
static enum layer step_over_erspan(struct layers *l, bool has_header)
{
	const uint8_t *head = l->at;
	unsigned kind;

	l->wraps |= IN_ERSPAN;
	if (!has_header)
		return LAYER_ETHERNET;
	if (l->len < 2)
		return LAYER_END;
	layers_mix_place(l, get_be16(head) & 0x0fff); /* the VLAN */
	switch (head[0] >> 4) {
	case 1:
		return layers_skip(l, ERSPAN_II_HEADER) ? LAYER_ETHERNET : LAYER_END;
	case 2:
		if (!layers_skip(l, ERSPAN_III_HEADER) ||
		    ((head[11] & 1) && !layers_skip(l, ERSPAN_III_SUBHEADER)))
			return LAYER_END;
		kind = get_be16(head + 10) >> 10 & 0x1f;
		return kind == ERSPAN_FRAME_ETHERNET ? LAYER_ETHERNET
		       : kind == ERSPAN_FRAME_IP     ? LAYER_IP
						     : LAYER_END;
	default:
		return LAYER_END;
	}
}

static enum layer step_over_gre(struct layers *l)
{
	unsigned flags, version;
	size_t header = GRE_HEADER;

	if (l->len < GRE_HEADER)
		return LAYER_END;
	flags = get_be16(l->at);
	l->type = get_be16(l->at + 2);
	version = flags & GRE_VERSION;
	if (version > 1 || (flags & GRE_ROUTING))
		return LAYER_END;
	header += flags & GRE_CHECKSUM ? 4 : 0;
	if ((flags & GRE_KEY) && l->len >= header + 4)
		layers_mix_place(l, get_be32(l->at + header));
	header += flags & GRE_KEY ? 4 : 0;
	header += flags & GRE_SEQUENCE ? 4 : 0;
	header += version == 1 && (flags & GRE_ACK) ? 4 : 0;
	if (!layers_skip(l, header))
		return LAYER_END;
	l->wraps |= IN_GRE;
	if (l->type == GRE_PPP)
		return LAYER_PPP;
	if (l->type == GRE_ERSPAN || l->type == GRE_ERSPAN_III)
		return step_over_erspan(l, l->type == GRE_ERSPAN_III || (flags & GRE_SEQUENCE));
	return LAYER_ETHERTYPE;
}

static enum layer step_over_vxlan(struct layers *l, bool gpe)
{
	static const enum layer protocols[] = {LAYER_END, LAYER_IP, LAYER_IP, LAYER_ETHERNET};
	const uint8_t *head = l->at;

	if (!layers_skip(l, VXLAN_HEADER) || !(head[0] & VXLAN_HAS_ID))
		return LAYER_END;
	l->wraps |= IN_VXLAN;
	layers_mix_place(l, get_be32(head + 4) >> 8);
	if (!gpe || !(head[0] & VXLAN_HAS_PROTOCOL))
		return LAYER_ETHERNET;
	return head[3] < ARRAY_LEN(protocols) ? protocols[head[3]] : LAYER_END;
}

static enum layer step_over_geneve(struct layers *l)
{
	const uint8_t *head = l->at;

	if (l->len < 8 || head[0] >> 6 != 0 || !layers_skip(l, 8 + (size_t)(head[0] & 0x3f) * 4))
		return LAYER_END;
	l->wraps |= IN_GENEVE;
	layers_mix_place(l, get_be32(head + 4) >> 8);
	l->type = get_be16(head + 2);
	return LAYER_ETHERTYPE;
}

static enum layer step_over_udp(struct layers *l)
{
	const uint8_t *head = l->at;

	if (!layers_skip(l, UDP_HEADER))
		return LAYER_END;
	switch (get_be16(head + 2)) {
	case PORT_VXLAN:
	case PORT_VXLAN_LINUX:
		return step_over_vxlan(l, false);
	case PORT_VXLAN_GPE:
		return step_over_vxlan(l, true);
	case PORT_GENEVE:
		return step_over_geneve(l);
	default:
		return LAYER_END;
	}
}

enum layer tunnel_step(struct layers *l, uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		l->wraps |= IN_IP;
		return LAYER_IP;
	case IPPROTO_GRE:
		return step_over_gre(l);
	case IPPROTO_UDP:
		return step_over_udp(l);
	default:
		return LAYER_END;
	}
}
