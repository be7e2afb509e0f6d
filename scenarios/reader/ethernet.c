/* ethernet.c - the numbers are IEEE's Ethertypes. */
#include "scenarios/reader/ethernet.h"

#include "proxy/base/byteorder.h"
#include "scenarios/reader/ppp.h"

#include <string.h>

enum {
	ETHERNET_HEADER = 14,
	ETHERTYPE_MIN = 0x0600, /* below it the field is a length (IEEE 802.3) */
	LLC_SNAP = 8,

	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_ETHERNET = 0x6558, /* transparent Ethernet bridging */
	TYPE_VLAN = 0x8100,	/* IEEE 802.1Q */
	TYPE_QINQ = 0x88a8,	/* IEEE 802.1ad */
	TYPE_QINQ_OLD = 0x9100,
	TYPE_QINQ_OLDER = 0x9200,
	TYPE_VNTAG = 0x8926, /* IEEE 802.1BR's forerunner */
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_PPPOE = 0x8864, /* session stage */
	TYPE_PBB = 0x88e7,   /* IEEE 802.1ah */
};

static uint64_t address_number(const uint8_t *p)
{
	return (uint64_t)get_be16(p) << 32 | get_be32(p + 2);
}

enum layer ethernet_step(struct layers *l)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0}; /* RFC 1042 */
	const uint8_t *frame = l->at;

	if (!layers_skip(l, ETHERNET_HEADER))
		return LAYER_END;
	layers_mix_place(l, address_number(frame) << 16 ^ address_number(frame + 6));
	l->type = get_be16(frame + 12);
	if (l->type >= ETHERTYPE_MIN)
		return LAYER_ETHERTYPE;
	if (l->len < LLC_SNAP || memcmp(l->at, snap, sizeof(snap)) != 0)
		return LAYER_END;
	l->type = get_be16(l->at + sizeof(snap));
	layers_skip(l, LLC_SNAP);
	return LAYER_ETHERTYPE;
}

/* A tag: its bytes, of which the last two are the type of what follows. */
static enum layer step_over_tag(struct layers *l, size_t len)
{
	const uint8_t *tag = l->at;

	if (!layers_skip(l, len))
		return LAYER_END;
	layers_mix_place(l, get_be16(tag) & 0x0fff);
	l->wraps |= IN_VLAN;
	l->type = get_be16(tag + len - 2);
	return LAYER_ETHERTYPE;
}

/* MPLS doesn't say what it carries: IP by its version, else a pseudowire of Ethernet, with a
 * control word (RFC 4385) or without. */
static enum layer step_over_labels(struct layers *l)
{
	bool bottom = false;

	l->wraps |= IN_MPLS;
	while (!bottom) {
		if (l->len < 4)
			return LAYER_END;
		bottom = l->at[2] & 1;
		layers_mix_place(l, get_be32(l->at) >> 12);
		layers_skip(l, 4);
	}
	if (!l->len)
		return LAYER_END;
	if (*l->at >> 4 == 4 || *l->at >> 4 == 6)
		return LAYER_IP;
	if (*l->at >> 4 == 0 && !layers_skip(l, 4))
		return LAYER_END;
	return LAYER_ETHERNET;
}

enum layer ethertype_step(struct layers *l)
{
	switch (l->type) {
	case TYPE_IPV4:
	case TYPE_IPV6:
		return LAYER_IP;
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_QINQ_OLD:
	case TYPE_QINQ_OLDER:
		return step_over_tag(l, 4);
	case TYPE_VNTAG:
		return step_over_tag(l, 6);
	case TYPE_PPPOE:
		return pppoe_step(l);
	case TYPE_MPLS:
	case TYPE_MPLS_MULTICAST:
		return step_over_labels(l);
	case TYPE_PBB:
		return layers_skip(l, 4) ? LAYER_ETHERNET : LAYER_END;
	case TYPE_ETHERNET:
		return LAYER_ETHERNET;
	default:
		return LAYER_END;
	}
}
